// Timers as values.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Timer } from './timer.ts';

describe('Timer', () => {
  it('does not run until it is started', () => {
    const timer = new Timer({ durationMs: 100 });
    expect([timer.isRunning, timer.deadline, timer.expirations]).toEqual([false, Infinity, 0]);
    expect(timer.expire(1e12)).toBe(false);
  });

  it('expires at its deadline, not before, and runs again', () => {
    const timer = new Timer({ durationMs: 100 });
    timer.start(1000);
    expect(timer.deadline).toBe(1100);
    expect(timer.expire(1099.9)).toBe(false);
    expect(timer.expire(1100)).toBe(true);
    expect([timer.expirations, timer.deadline]).toEqual([1, 1200]);
    expect(timer.expire(1150)).toBe(false);
  });

  it('counts the next round from when the expiry was taken, not from when it was due', () => {
    const timer = new Timer({ durationMs: 100 });
    timer.start(0);
    expect(timer.expire(450)).toBe(true);
    expect(timer.deadline).toBe(550);
  });

  it('backs off up to its longest duration (RFC 9260 §6.3.3 E2)', () => {
    const timer = new Timer({ durationMs: 1000, backoffFactor: 2, maxDurationMs: 5000 });
    timer.start(0);
    const rounds: number[] = [];
    for (let now = 0; rounds.length < 6; ) {
      rounds.push(timer.deadline - now);
      now = timer.deadline;
      expect(timer.expire(now)).toBe(true);
    }
    expect(rounds).toEqual([1000, 2000, 4000, 5000, 5000, 5000]);
  });

  it('stops by itself after its last expiry', () => {
    const timer = new Timer({ durationMs: 10, maxExpirations: 2 });
    timer.start(0);
    expect([timer.expire(10), timer.isRunning]).toEqual([true, true]);
    expect([timer.expire(20), timer.isRunning]).toEqual([true, false]);
    expect([timer.expire(1000), timer.expirations]).toEqual([false, 2]);
  });

  it('starts anew without expiries and backoff', () => {
    const timer = new Timer({ durationMs: 10, backoffFactor: 3, maxExpirations: 2 });
    timer.start(0);
    timer.expire(10);
    expect(timer.deadline).toBe(40);
    timer.start(20);
    expect([timer.deadline, timer.expirations]).toEqual([30, 0]);
  });

  it('stops', () => {
    const timer = new Timer({ durationMs: 10 });
    timer.start(0);
    timer.stop();
    expect([timer.isRunning, timer.expire(100)]).toEqual([false, false]);
  });

  it('takes a changed duration from the next start', () => {
    const timer = new Timer({ durationMs: 10, maxDurationMs: 50 });
    timer.start(0);
    timer.durationMs = 200;
    expect([timer.deadline, timer.durationMs]).toEqual([10, 200]);
    timer.start(0);
    expect(timer.deadline).toBe(50);
  });

  it('always has its next deadline ahead, and never a longer round than allowed', () => {
    const options = fc.record({
      durationMs: fc.integer({ min: 1, max: 10_000 }),
      backoffFactor: fc.constantFrom(1, 1.5, 2),
      maxDurationMs: fc.integer({ min: 1, max: 60_000 }),
    });
    fc.assert(
      fc.property(options, fc.array(fc.nat(100_000), { maxLength: 50 }), (settings, steps) => {
        const timer = new Timer(settings);
        let now = 0;
        timer.start(now);
        for (const step of steps) {
          now += step;
          const due = now >= timer.deadline;
          expect(timer.expire(now)).toBe(due);
          expect(timer.deadline).toBeGreaterThan(now);
          expect(timer.deadline - now).toBeLessThanOrEqual(settings.maxDurationMs);
        }
      }),
    );
  });
});
