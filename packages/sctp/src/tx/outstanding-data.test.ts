import { describe, expect, test, vi } from 'vitest';
import type { GapAckBlock } from '../chunks/sack.ts';
import {
  createOutgoingMessage,
  createOutgoingStream,
  type OutgoingMessage,
} from './outgoing-message.ts';
import { OutstandingData } from './outstanding-data.ts';
import { Rack } from './rack.ts';
import { RtoEstimator } from './rto-estimator.ts';

const CHUNKS = 5000;
const RTT_MS = 100;
const always = (): boolean => true;

function message(): OutgoingMessage {
  return createOutgoingMessage(createOutgoingStream(0, 256), 0, 53, new Uint8Array(100 * CHUNKS));
}

/** A flight of many chunks, one sent in each hundredth of a millisecond from time 0 on. */
function flight(): {
  data: OutstandingData;
  rack: Rack;
  acknowledge(cumulative: number, blocks: readonly GapAckBlock[], now: number): number;
} {
  const data = new OutstandingData(1, 16);
  const rto = new RtoEstimator({ rtoInitialMs: 500, rtoMinMs: 400, rtoMaxMs: 5000 });
  rto.observe(RTT_MS, 0);
  rto.addMeasurement(RTT_MS);
  const rack = new Rack(rto);
  const sent = message();
  for (let i = 0; i < CHUNKS; i++) data.add(sent, 100 * i, 100 * (i + 1), 0, 'in-flight', i / 100);
  return {
    data,
    rack,
    acknowledge: (cumulative, blocks, now) =>
      data.acknowledge(cumulative, blocks, {
        onAcked: (chunk, _bytes, isBelowHighest) => rack.onAcked(chunk, isBelowHighest, now),
      }).ackedBytes,
  };
}

describe('the work that a SACK makes', () => {
  test('is that of what it newly acknowledges and of what is lost, however much is in flight', () => {
    const { acknowledge, data, rack } = flight();
    const looked = vi.spyOn(data, 'chunk');
    const compared = vi.spyOn(rack, 'isOlder');
    let lost = 0;
    for (let newest = 3; newest < CHUNKS; newest++) {
      // TSN 1 is missing, and with it every tenth.
      if (newest % 10 === 1) continue;
      const blocks: GapAckBlock[] = [];
      for (let start = 2; start <= newest; start += 10) {
        blocks.push({ start, end: Math.min(start + 8, newest) });
      }
      const now = newest / 100 + RTT_MS;
      looked.mockClear();
      compared.mockClear();
      acknowledge(0, blocks, now);
      const before = data.lostCount;
      data.detectLoss(rack, 0, now, always);
      const newlyLost = data.lostCount - before;
      lost += newlyLost;
      expect(looked.mock.calls.length).toBeLessThanOrEqual(4);
      expect(compared.mock.calls.length).toBeLessThanOrEqual(newlyLost + 1);
    }
    expect(lost).toBe(CHUNKS / 10);
  });

  test('comes to the same as if every SACK were worked on anew, in whatever order they come', () => {
    const { acknowledge, data } = flight();
    const chunk = 116;
    expect(acknowledge(0, [{ start: 3, end: 5 }], 200)).toBe(3 * chunk);
    expect(acknowledge(0, [{ start: 3, end: 7 }], 200)).toBe(2 * chunk);
    // Below, between and above what is known, overlapping it and each other.
    const blocks = [
      { start: 2, end: 4 },
      { start: 4, end: 9 },
      { start: 12, end: 12 },
    ];
    expect(acknowledge(0, blocks, 200)).toBe(4 * chunk);
    expect(data.gapAckedCount).toBe(9);
    // The first is found, so that offsets move.
    expect(acknowledge(4, [{ start: 8, end: 9 }], 200)).toBe(2 * chunk);
    expect(data.gapAckedCount).toBe(7);
    expect(acknowledge(4, [{ start: 1, end: 9 }], 200)).toBe(2 * chunk);
    // An older one, out of order: nothing is new, and nothing is forgotten.
    expect(acknowledge(4, [{ start: 8, end: 8 }], 200)).toBe(0);
    expect(acknowledge(4, [{ start: 1, end: 10 }], 200)).toBe(chunk);
    expect(data.gapAckedCount).toBe(10);
    expect(data.flightBytes).toBe((CHUNKS - 14) * chunk);
  });

  test('what was acknowledged and is taken back counts again, and can be lost (RFC 9260 §6.2.1 D)', () => {
    const { acknowledge, data, rack } = flight();
    acknowledge(0, [{ start: 2, end: 100 }], 200);
    for (let i = 0; i < 3; i++) acknowledge(0, [{ start: 50, end: 60 }], 200);
    expect(data.gapAckedCount).toBe(11);
    expect(data.flightBytes).toBe((CHUNKS - 11) * 116);
    data.detectLoss(rack, 0, 500, always);
    // Sent before the 100th, which was acknowledged once: 1 to 49, and 61 to 99.
    expect(data.lostCount).toBe(49 + 39);
    expect(data.firstLost()).toBe(1);
    // Known blocks were forgotten with it.
    expect(acknowledge(0, [{ start: 2, end: 100 }], 500)).toBe(88 * 116);
  });
});
