import { describe, expect, test } from 'vitest';
import { QueueDelay } from './queue-delay.ts';
import { QueueDrain } from './queue-drain.ts';

describe('the queueing delay that stands', () => {
  /** A packet every 5 ms from `from` on, for `ms`; `delayMs` says how long each is on its way. */
  function send(
    queue: QueueDelay,
    from: number,
    ms: number,
    delayMs: (at: number) => number,
  ): number {
    for (let at = from; at < from + ms; at += 5) queue.add(at, at + delayMs(at));
    return queue.standingMs;
  }

  test('is none on an empty path, however far the clocks are apart', () => {
    for (const offset of [-1e9, 0, 1e9]) {
      expect(send(new QueueDelay(), 0, 1000, () => 25 + offset)).toBe(0);
    }
    expect(new QueueDelay().standingMs).toBe(0);
  });

  test('is none of bursts that are gone before the next, and none of jitter', () => {
    expect(send(new QueueDelay(), 0, 1000, (at) => 25 + (at % 30) * 2)).toBeLessThan(5);
  });

  test('is what every packet of late has waited', () => {
    const queue = new QueueDelay();
    send(queue, 0, 1000, () => 25);
    expect(send(queue, 1000, 500, (at) => 125 + (at % 30))).toBeCloseTo(100);
    expect(send(queue, 1500, 500, () => 25)).toBe(0);
  });

  test('is not misled by a clock that was set, back or on', () => {
    const queue = new QueueDelay();
    send(queue, 1e6, 1000, () => 25);
    expect(send(queue, 1e6 + 1000, 1000, () => 25 - 5e5)).toBe(0);
    expect(send(queue, 1e6 + 2000, 1000, () => 75 - 5e5)).toBe(50);
    expect(send(queue, 1e6 + 3000, 1000, () => 75)).toBe(0);
  });

  test('is none again half a minute after the path has got longer', () => {
    const queue = new QueueDelay();
    send(queue, 0, 20_000, () => 25);
    expect(send(queue, 20_000, 5000, () => 75)).toBe(50);
    expect(send(queue, 25_000, 30_000, () => 75)).toBe(0);
  });
});

describe('draining a queue', () => {
  /** What is sent arrives. */
  const ALL = 1;

  /** The bitrate goes down for a queue of this length. */
  function decrease(drain: QueueDrain, standingMs: number, now: number): void {
    drain.update(standingMs, ALL, now);
    drain.onDecrease(now);
  }

  test('begins when the bitrate goes down for one of 100 ms, the more the longer it is', () => {
    const drain = new QueueDrain();
    decrease(drain, 99, 0);
    expect(drain).toMatchObject({ isDraining: false, share: 1 });
    decrease(drain, 180, 0);
    expect(drain).toMatchObject({ isDraining: true, share: 0.8 });
    drain.update(450, ALL, 100);
    expect(drain.share).toBe(0.5);
    drain.update(280, ALL, 200);
    expect(drain.share).toBe(0.5);
    drain.update(5000, ALL, 300);
    expect(drain.share).toBe(0.35);
  });

  test('ends when the queue is short', () => {
    const drain = new QueueDrain();
    decrease(drain, 350, 0);
    drain.update(50, ALL, 900);
    expect(drain.isDraining).toBe(true);
    drain.update(49, ALL, 1000);
    expect(drain).toMatchObject({ isDraining: false, share: 1 });
    decrease(drain, 350, 1100);
    expect(drain.isDraining).toBe(true);
  });

  test('asks once for a lower bitrate if the queue stays', () => {
    const drain = new QueueDrain();
    decrease(drain, 200, 0);
    decrease(drain, 200, 300);
    drain.update(190, ALL, 699);
    expect(drain.isWithoutEffect(699)).toBe(false);
    expect(drain.isWithoutEffect(700)).toBe(true);
    drain.onDecrease(700);
    expect(drain.isWithoutEffect(1500)).toBe(false);
  });

  test('asks for none if the queue becomes shorter half as fast as it should', () => {
    const drain = new QueueDrain();
    decrease(drain, 270, 0); // A share of 0.7: 30 ms for each 100 after the 270 that it takes to be seen.
    drain.update(145, ALL, 1070);
    expect(drain.isWithoutEffect(1070)).toBe(false);
    drain.update(155, ALL, 1070);
    expect(drain.isWithoutEffect(1070)).toBe(true);
  });

  test('ends when the delay is still and what is sent arrives: it is not that of a queue', () => {
    const drained = (standingMs: (at: number) => number, arrivingShare: number): QueueDrain => {
      const drain = new QueueDrain();
      decrease(drain, 180, 0); // A share of 0.8, four fifths of which are 0.64.
      for (let at = 100; at <= 1000; at += 100) drain.update(standingMs(at), arrivingShare, at);
      return drain;
    };
    const moving = (ms: number) => (at: number) => 150 + ms * ((at / 100) % 2);
    for (const [standingMs, arrivingShare] of [
      [moving(2), 0.65],
      [(at: number) => (at < 500 ? 180 : 150), 0.65],
    ] as const) {
      const drain = drained(standingMs, arrivingShare);
      expect(drain).toMatchObject({ isDraining: false, share: 1 });
      expect(drain.isWithoutEffect(1000)).toBe(false);
      decrease(drain, 150, 1100); // Nor does another begin before the delay has been short.
      expect(drain.isDraining).toBe(false);
    }
    for (const [standingMs, arrivingShare] of [
      [moving(2), 0.63],
      [moving(2), Number.NaN],
      [moving(3), 0.65],
      [(at: number) => (at < 600 ? 180 : 150), 0.65],
    ] as const) {
      const drain = drained(standingMs, arrivingShare);
      expect(drain.isDraining).toBe(true);
      expect(drain.isWithoutEffect(1000)).toBe(true);
    }
  });

  test('does not end for a still delay before less that is sent could have made it shorter', () => {
    const drain = new QueueDrain();
    for (let at = 0; at < 1000; at += 100) drain.update(200, ALL, at);
    decrease(drain, 200, 1000);
    for (let at = 1100; at < 1700; at += 100) drain.update(200, ALL, at);
    expect(drain.isDraining).toBe(true);
    drain.update(200, ALL, 1700);
    expect(drain.isDraining).toBe(false);
  });

  test('is given up when the queue stands nevertheless, until it has been short', () => {
    const drain = new QueueDrain();
    decrease(drain, 350, 0);
    drain.update(340, ALL, 2000);
    expect(drain.isDraining).toBe(true);
    drain.update(350, ALL, 2001);
    expect(drain).toMatchObject({ isDraining: false, share: 1 });
    decrease(drain, 350, 3000);
    expect(drain.isDraining).toBe(false);
    drain.update(40, ALL, 4000);
    decrease(drain, 350, 5000);
    expect(drain.isDraining).toBe(true);
  });
});
