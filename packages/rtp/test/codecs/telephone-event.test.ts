import { formatHex, parseHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  dtmfDigit,
  dtmfEvent,
  type OutgoingTelephoneEvent,
  TelephoneEventPacketizer,
  TelephoneEventReceiver,
} from '../../src/index.ts';

const hex = (text: string): Uint8Array => parseHex(text) as Uint8Array;

interface Report {
  readonly payload: Uint8Array;
  readonly marker: boolean;
  readonly timestampOffset: number;
  readonly sendOffset: number;
}

function reportsOf(event: OutgoingTelephoneEvent, intervalTicks = 400): Report[] {
  const packetizer = new TelephoneEventPacketizer({ intervalTicks });
  packetizer.start(event);
  const reports: Report[] = [];
  for (;;) {
    const payload = new Uint8Array(4);
    if (packetizer.writePayload(payload, 0) === 0) return reports;
    const { marker, timestampOffset, sendOffset } = packetizer;
    reports.push({ payload, marker, timestampOffset, sendOffset });
  }
}

function events(receiver: TelephoneEventReceiver): unknown[] {
  const list: unknown[] = [];
  for (let event = receiver.pollEvent(); event; event = receiver.pollEvent()) {
    const { type, ...rest } = event;
    list.push(type === 'started' ? [type, rest.event, rest.timestamp] : [type, rest]);
  }
  return list;
}

describe('telephone events sent (RFC 4733 §2.5.1)', () => {
  test('a start with marker, updates, and the end three times', () => {
    const reports = reportsOf({ event: 9, volume: 7, durationTicks: 1000 });
    expect(reports.map(({ payload }) => formatHex(payload))).toEqual([
      '09070190',
      '09070320',
      '098703e8',
      '098703e8',
      '098703e8',
    ]);
    expect(reports.map(({ marker }) => marker)).toEqual([true, false, false, false, false]);
    expect(reports.map(({ sendOffset }) => sendOffset)).toEqual([400, 800, 1000, 1400, 1800]);
    expect(reports.every(({ timestampOffset }) => timestampOffset === 0)).toBe(true);
  });

  test('a long event is cut into segments of 0xffff (§2.5.1.3)', () => {
    const reports = reportsOf({ event: 1, durationTicks: 0xffff + 500 }, 40_000);
    expect(
      reports.map(({ payload, timestampOffset }) => [formatHex(payload), timestampOffset]),
    ).toEqual([
      ['010a9c40', 0],
      ['010affff', 0],
      ['018a01f4', 0xffff],
      ['018a01f4', 0xffff],
      ['018a01f4', 0xffff],
    ]);
  });

  test.each([
    [{ event: 256, durationTicks: 1 }, /frame.event is 256/],
    [{ event: 1, durationTicks: 0 }, /frame.durationTicks is 0/],
    [{ event: 1, durationTicks: 1, volume: 64 }, /frame.volume is 64/],
  ])('%j is refused', (event, message) => {
    expect(() => new TelephoneEventPacketizer().start(event)).toThrow(message);
  });

  test('DTMF digits have the numbers of §3.2', () => {
    expect([...'0123456789*#ABCD'].map(dtmfEvent)).toEqual(Array.from({ length: 16 }, (_, i) => i));
    expect(dtmfEvent('d')).toBe(15);
    expect(dtmfDigit(10)).toBe('*');
    expect([dtmfEvent('x'), dtmfEvent(''), dtmfEvent('12'), dtmfDigit(16)]).toEqual(
      Array.from({ length: 4 }, () => undefined),
    );
  });
});

describe('telephone events received (RFC 4733 §2.5.2)', () => {
  test('whatever reports are lost but one of the last three, each event comes once with its duration', () => {
    const outgoing = fc.record({
      event: fc.nat(255),
      volume: fc.nat(63),
      durationTicks: fc.integer({ min: 1, max: 200_000 }),
    });
    const interval = fc.integer({ min: 200, max: 0xffff });
    fc.assert(
      fc.property(outgoing, interval, fc.array(fc.boolean()), (event, intervalTicks, drops) => {
        const receiver = new TelephoneEventReceiver();
        const reports = reportsOf(event, intervalTicks);
        // One report of each segment has to arrive for the segments to join up.
        const kept = new Set<number>();
        for (const [i, { payload, timestampOffset }] of reports.entries()) {
          const isNeeded = !kept.has(timestampOffset) || i === reports.length - 1;
          if (drops[i] === true && !isNeeded) continue;
          kept.add(timestampOffset);
          receiver.handlePayload(payload, (0xffff_fff0 + timestampOffset) >>> 0);
        }
        const { event: number, volume, durationTicks } = event;
        const timestamp = 0xffff_fff0;
        expect(events(receiver)).toEqual([
          ['started', number, timestamp],
          ['ended', { event: number, volume, timestamp, durationTicks, reported: true }],
        ]);
      }),
    );
  });

  test('a new event ends the one before, whose end was lost', () => {
    const receiver = new TelephoneEventReceiver();
    receiver.handlePayload(hex('010a0190'), 100);
    receiver.handlePayload(hex('010a0320'), 100);
    receiver.handlePayload(hex('018a0190'), 5000);
    // Late, of the first event.
    receiver.handlePayload(hex('018a03e8'), 100);
    expect(events(receiver)).toEqual([
      ['started', 1, 100],
      ['ended', { event: 1, volume: 10, timestamp: 100, durationTicks: 800, reported: false }],
      ['started', 1, 5000],
      ['ended', { event: 1, volume: 10, timestamp: 5000, durationTicks: 400, reported: true }],
    ]);
    expect(receiver.counters.eventsReceived).toBe(2);
  });

  test('a digit is a new event however long ago the last one was', () => {
    for (const hours of [1, 13, 24.8, 25]) {
      const receiver = new TelephoneEventReceiver();
      const later = (100 + hours * 3600 * 48_000) % 2 ** 32;
      receiver.handlePayload(hex('018a0190'), 100);
      receiver.handlePayload(hex('028a0190'), later);
      // The end is reported three times.
      receiver.handlePayload(hex('028a0190'), later);
      expect(receiver.counters.eventsReceived).toBe(2);
    }
  });

  test('several events in a payload begin one after the other (§2.5.1.5)', () => {
    const receiver = new TelephoneEventReceiver();
    receiver.handlePayload(hex('018a0190 028a0320 030a0010'), 1000);
    receiver.endEvent();
    receiver.endEvent();
    const ended = { volume: 10, reported: true };
    expect(events(receiver)).toEqual([
      ['started', 1, 1000],
      ['ended', { ...ended, event: 1, timestamp: 1000, durationTicks: 400 }],
      ['started', 2, 1400],
      ['ended', { ...ended, event: 2, timestamp: 1400, durationTicks: 800 }],
      ['started', 3, 2200],
      ['ended', { ...ended, event: 3, timestamp: 2200, durationTicks: 16, reported: false }],
    ]);
  });

  test('no bytes make the receiver throw, and other lengths are counted', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.uint8Array({ maxLength: 13, size: 'max' }), fc.nat(9))),
        (payloads) => {
          const receiver = new TelephoneEventReceiver();
          let malformed = 0;
          for (const [payload, timestamp] of payloads) {
            receiver.handlePayload(payload, timestamp);
            if (payload.length === 0 || payload.length % 4 !== 0) malformed++;
          }
          expect(receiver.counters.payloadsMalformed).toBe(malformed);
        },
      ),
    );
  });
});
