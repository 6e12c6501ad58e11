import { describe, expect, test } from 'vitest';
import { EventQueue, type ScheduledTask } from './event-queue.ts';
import { SeededRandom } from './seeded-random.ts';

function runAll(queue: EventQueue): void {
  for (let task = queue.shift(); task !== undefined; task = queue.shift()) task.run();
}

describe('EventQueue', () => {
  test('gives tasks in order of time, and those of one instant in order of scheduling', () => {
    const queue = new EventQueue();
    const ran: string[] = [];
    for (const [at, name] of [
      [5, 'c'],
      [1, 'a'],
      [5, 'd'],
      [3, 'b'],
      [5, 'e'],
    ] as const) {
      queue.schedule(at, { run: () => ran.push(name) });
    }
    expect(queue.nextAt).toBe(1);
    runAll(queue);
    expect(ran.join('')).toBe('abcde');
    expect(queue.nextAt).toBe(Number.POSITIVE_INFINITY);
  });

  test('puts late tasks behind all others of their instant, also those scheduled after', () => {
    const queue = new EventQueue();
    const ran: string[] = [];
    queue.scheduleLate(2, { run: () => ran.push('late') });
    queue.schedule(2, { run: () => ran.push('on time') });
    queue.schedule(3, { run: () => ran.push('next') });
    runAll(queue);
    expect(ran).toEqual(['on time', 'late', 'next']);
  });

  test('forgets what is cancelled, once, and ignores what has left', () => {
    const queue = new EventQueue();
    const task = { run: () => undefined };
    const entries = [1, 2, 3].map((at) => queue.schedule(at, task));
    queue.cancel(entries[1] as ScheduledTask);
    queue.cancel(entries[1] as ScheduledTask);
    expect(queue.length).toBe(2);
    queue.shift();
    queue.cancel(entries[0] as ScheduledTask);
    expect(queue.length).toBe(1);
    expect(queue.nextAt).toBe(3);
  });

  test('stays sorted under any mix of scheduling and cancelling', () => {
    const random = new SeededRandom('heap');
    for (let round = 0; round < 50; round++) {
      const queue = new EventQueue();
      const kept = new Map<ScheduledTask, number>();
      const ran: number[] = [];
      for (let i = 0; i < 300; i++) {
        const at = random.below(40);
        kept.set(queue.schedule(at, { run: () => ran.push(1000 * at + i) }), 1000 * at + i);
        if (random.chance(0.4)) {
          const victim = [...kept.keys()][random.below(kept.size)] as ScheduledTask;
          queue.cancel(victim);
          kept.delete(victim);
        }
      }
      expect(queue.length).toBe(kept.size);
      runAll(queue);
      expect(ran).toEqual([...kept.values()].sort((a, b) => a - b));
    }
  });
});
