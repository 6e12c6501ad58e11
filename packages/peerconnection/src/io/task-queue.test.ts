import { createSimulation } from '@kaon/simnet';
import { describe, expect, it } from 'vitest';
import { TaskQueue } from './task-queue.ts';

describe('TaskQueue', () => {
  it('runs tasks in order, with promise reactions in between', async () => {
    const simulation = createSimulation();
    const tasks = new TaskQueue(simulation.host('host').network);
    const log: string[] = [];
    for (const name of ['a', 'b']) {
      tasks.queue(() => {
        log.push(name);
        void Promise.resolve().then(() => log.push(`after ${name}`));
      });
    }
    expect(log).toEqual([]);
    await simulation.run();
    expect(log).toEqual(['a', 'after a', 'b', 'after b']);
  });

  it('runs at once what an entered turn brings, unless something waits', async () => {
    const simulation = createSimulation();
    const tasks = new TaskQueue(simulation.host('host').network);
    const log: string[] = [];
    tasks.run(() => log.push('queued, because nothing was entered'));
    tasks.enter();
    tasks.run(() => log.push('behind it'));
    tasks.leave();
    expect(log).toEqual([]);
    await simulation.run();
    expect(log).toHaveLength(2);
    tasks.enter();
    tasks.run(() => {
      log.push('at once');
      tasks.run(() => log.push('not inside another task'));
    });
    tasks.leave();
    expect(log).toHaveLength(3);
    await simulation.run();
    expect(log.at(-1)).toBe('not inside another task');
  });

  it('is done with all that waits before what comes later, so that no flood outruns it', async () => {
    const simulation = createSimulation();
    const { network } = simulation.host('host');
    const tasks = new TaskQueue(network);
    let runs = 0;
    for (let n = 0; n < 100; n++) tasks.queue(() => runs++);
    let runsBefore = 0;
    network.setTimer(() => {
      runsBefore = runs;
    }, 0);
    await simulation.run();
    expect(runsBefore).toBe(100);
  });

  it('forgets what it is told to forget', async () => {
    const simulation = createSimulation();
    const tasks = new TaskQueue(simulation.host('host').network);
    let runs = 0;
    tasks.queue(() => runs++);
    tasks.clear();
    expect(await simulation.run()).toBe('idle');
    expect(runs).toBe(0);
  });

  it('goes on after a task that throws', async () => {
    const simulation = createSimulation();
    const tasks = new TaskQueue(simulation.host('host').network);
    let runs = 0;
    tasks.queue(() => {
      throw new RangeError('a fault');
    });
    tasks.queue(() => runs++);
    await expect(simulation.run()).rejects.toThrow('a fault');
    await simulation.run();
    expect(runs).toBe(1);
  });
});
