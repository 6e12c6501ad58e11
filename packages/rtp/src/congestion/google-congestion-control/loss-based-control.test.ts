import { describe, expect, test } from 'vitest';
import { NO_PROBE_CLUSTER, type PacketResult } from '../packet-result.ts';
import { LossBasedControl } from './loss-based-control.ts';

const PACKET_BYTES = 1000;
const REPORT_MS = 100;
/** What the delay allows, unless a test says otherwise. */
const DELAY_BPS = 2_000_000;
const MIN_BPS = 30_000;

/** Sends at the rate that `control` allows; `lossOf` says which share of it is lost. Returns the rates. */
function play(
  control: LossBasedControl,
  seconds: number,
  lossOf: (rateBps: number) => number,
  delayBps = DELAY_BPS,
  from = 0,
): number[] {
  const rates: number[] = [];
  let sequenceNumber = 0;
  let owedLoss = 0;
  let sendTime = from;
  for (let now = from; now < from + 1000 * seconds; now += REPORT_MS) {
    const rateBps = control.bitrateBps;
    const loss = lossOf(rateBps);
    const packets: PacketResult[] = [];
    for (; sendTime < now + REPORT_MS; sendTime += (8000 * PACKET_BYTES) / rateBps) {
      // Spread as evenly as it goes.
      owedLoss += loss;
      const received = owedLoss < 1;
      if (!received) owedLoss--;
      packets.push({
        sequenceNumber: sequenceNumber++,
        sendTime,
        arrivalTime: sendTime,
        sizeBytes: PACKET_BYTES,
        probeClusterId: NO_PROBE_CLUSTER,
        received,
        wasLost: false,
        ecn: 0,
      });
    }
    control.update(packets, delayBps, rateBps * (1 - loss));
    rates.push(control.bitrateBps);
  }
  return rates;
}

describe('the loss-based controller', () => {
  test('without loss it allows what the delay allows, within two seconds', () => {
    const control = new LossBasedControl(500_000, MIN_BPS);
    expect(play(control, 2, () => 0).at(-1)).toBe(DELAY_BPS);
    expect(control.lossRatio).toBe(0);
  });

  test.each([0.01, 0.03, 0.05])(
    'loss of %f that is there at any rate hardly slows it down',
    (loss) => {
      const control = new LossBasedControl(DELAY_BPS, MIN_BPS);
      const rates = play(control, 60, () => loss);
      expect(Math.min(...rates.slice(300))).toBeGreaterThan(0.85 * DELAY_BPS);
      expect(control.inherentLoss).toBeGreaterThan(0.5 * loss);
    },
  );

  test('loss that comes of sending too much makes it send less', () => {
    const control = new LossBasedControl(DELAY_BPS, MIN_BPS);
    // Of what goes beyond 1 Mbit/s all is lost, and the delay shows nothing.
    const rates = play(control, 30, (rate) => Math.max(0, 1 - 1_000_000 / rate));
    const late = rates.slice(50);
    const mean = late.reduce((sum, each) => sum + each, 0) / late.length;
    expect(mean).toBeGreaterThan(800_000);
    expect(mean).toBeLessThan(1_200_000);
    expect(late.filter((each) => each > 1_400_000).length).toBeLessThan(0.05 * late.length);
  });

  test('above 20% it goes down for good, and comes back when that is over', () => {
    const control = new LossBasedControl(DELAY_BPS, MIN_BPS);
    expect(play(control, 20, () => 0.4).at(-1)).toBe(MIN_BPS);
    expect(play(control, 20, () => 0, DELAY_BPS, 20_000).at(-1)).toBe(DELAY_BPS);
  });

  test('packets that were late and not lost are taken back', () => {
    const control = new LossBasedControl(DELAY_BPS, MIN_BPS);
    const packet = (i: number, late: boolean): PacketResult => ({
      sequenceNumber: i,
      sendTime: 10 * i,
      arrivalTime: late ? 10 * i : Number.NaN,
      sizeBytes: PACKET_BYTES,
      probeClusterId: NO_PROBE_CLUSTER,
      received: late,
      wasLost: late,
      ecn: 0,
    });
    const numbers = Array.from({ length: 25 }, (_, i) => i);
    control.update(
      numbers.map((i) => packet(i, false)),
      DELAY_BPS,
      undefined,
    );
    control.update(
      numbers.map((i) => packet(i, true)),
      DELAY_BPS,
      undefined,
    );
    control.update([packet(30, false)], DELAY_BPS, undefined);
    expect(control.lossRatio).toBeLessThan(0.05);
  });

  test('a bitrate that was decided elsewhere is where it goes on', () => {
    const control = new LossBasedControl(500_000, MIN_BPS);
    control.setBitrate(800_000);
    expect(control.bitrateBps).toBe(800_000);
    expect(play(control, 1, () => 0, 900_000).at(-1)).toBe(900_000);
  });
});
