import { describe, expect, test } from 'vitest';
import { Inbox } from '../test/inbox.ts';
import { createSimulation, type SimulationErrorCode } from './index.ts';

const withCode = (code: SimulationErrorCode): unknown => expect.objectContaining({ code });

describe('run', () => {
  test('jumps from event to event until nothing is left', async () => {
    const simulation = createSimulation({ startTimeMs: 1000 });
    const ran: number[] = [];
    for (const time of [3000, 2000.25, 5]) simulation.at(time, () => ran.push(simulation.now));
    expect(await simulation.run()).toBe('idle');
    expect(ran).toEqual([1000, 2000.25, 3000]);
    expect(simulation.now).toBe(3000);
  });

  test('runs up to a time and all that is due at it, and stands there', async () => {
    const simulation = createSimulation();
    const ran: number[] = [];
    for (const time of [10, 20, 30]) simulation.at(time, () => ran.push(time));
    expect(await simulation.run({ until: 20 })).toBe('done');
    expect(simulation.runSync({ until: 25 })).toBe('done');
    expect(ran).toEqual([10, 20]);
    expect(simulation.now).toBe(25);
    expect(simulation.runSync({ until: 1000 })).toBe('done');
    expect(simulation.now).toBe(1000);
  });

  test('runs until a condition holds, or says why it does not', async () => {
    const simulation = createSimulation();
    let count = 0;
    for (let i = 1; i <= 10; i++) simulation.at(i, () => count++);
    expect(await simulation.run({ until: () => count === 4 })).toBe('done');
    expect(simulation.now).toBe(4);
    expect(await simulation.run({ until: () => count === 99, timeoutMs: 3.5 })).toBe('timeout');
    expect(simulation.now).toBe(7.5);
    expect(simulation.runSync({ until: () => count === 99, timeoutMs: 1000 })).toBe('idle');
    expect(simulation.runSync({ until: 50, timeoutMs: 10 })).toBe('idle');
    simulation.at(100, () => undefined);
    expect(simulation.runSync({ until: 50, timeoutMs: 10 })).toBe('timeout');
  });

  test('lets chains of promises of any length settle at one virtual instant', async () => {
    const simulation = createSimulation();
    const chain = async (): Promise<number> => {
      for (let i = 0; i < 1000; i++) await Promise.resolve();
      await new Promise<void>((resolve) => process.nextTick(resolve));
      for (let i = 0; i < 10; i++) await Promise.resolve();
      return simulation.now;
    };
    const times: number[] = [];
    simulation.at(10, () => void chain().then((time) => times.push(time)));
    simulation.at(10.001, () => void chain().then((time) => times.push(time)));
    simulation.at(10.002, () => undefined);
    await simulation.run();
    expect(times).toEqual([10, 10.001]);
  });

  test('settles promises between two events of one instant', async () => {
    const simulation = createSimulation();
    const order: string[] = [];
    for (const name of ['a', 'b']) {
      simulation.at(1, () => {
        order.push(name);
        void Promise.resolve().then(() => order.push(`${name} continued`));
      });
    }
    await simulation.run();
    expect(order).toEqual(['a', 'a continued', 'b', 'b continued']);
  });

  test('goes on with what was awaited before it, and stops only when all that is done', async () => {
    const simulation = createSimulation();
    const times: number[] = [];
    const scenario = async (): Promise<void> => {
      for (let i = 0; i < 3; i++) {
        await simulation.sleep(100);
        times.push(simulation.now);
      }
    };
    void scenario();
    expect(await simulation.run()).toBe('idle');
    expect(times).toEqual([100, 200, 300]);
  });

  test('cannot be called by what it calls', async () => {
    const simulation = createSimulation();
    simulation.at(1, () => simulation.runSync());
    expect(() => simulation.runSync()).toThrow(withCode('SIM_RUNNING') as Error);
    simulation.at(2, () => void 0);
    expect(await simulation.run()).toBe('idle');
  });

  test('passes on what a callback throws, and can go on after', () => {
    const simulation = createSimulation();
    simulation.at(1, () => {
      throw new RangeError('from the callback');
    });
    expect(() => simulation.runSync()).toThrow('from the callback');
    expect(simulation.runSync()).toBe('idle');
  });

  test('stops a run that does not end', async () => {
    const simulation = createSimulation({ maxSteps: 1000 });
    const again = (): void => simulation.at(simulation.now + 1, again);
    again();
    expect(() => simulation.runSync()).toThrow(withCode('SIM_STEP_LIMIT') as Error);
    await expect(simulation.run()).rejects.toEqual(withCode('SIM_STEP_LIMIT'));
    expect(simulation.now).toBe(2000);
  });

  test('stops time that stands still', () => {
    const simulation = createSimulation();
    const [alice, bob] = simulation.connect('alice', 'bob', {});
    const [a, b] = [new Inbox(alice), new Inbox(bob)];
    a.onReceive = () => a.send(1, b.local);
    b.onReceive = () => b.send(1, a.local);
    a.send(1, b.local);
    expect(() => simulation.runSync()).toThrow(withCode('SIM_LIVELOCK') as Error);
    expect(simulation.now).toBe(0);
  });
});

describe('complete', () => {
  test('runs until work is done, and gives its result or its error', async () => {
    const simulation = createSimulation();
    simulation.at(500, () => undefined);
    const work = async (): Promise<number> => {
      await simulation.sleep(100);
      return simulation.now;
    };
    expect(await simulation.complete(work())).toBe(100);
    expect(simulation.now).toBe(100);
    const failure = simulation.sleep(1).then(() => {
      throw new RangeError('from the work');
    });
    await expect(simulation.complete(failure)).rejects.toThrow('from the work');
  });

  test('says when there is nothing left to wait for, or no time', async () => {
    const simulation = createSimulation();
    const never = new Promise<void>(() => undefined);
    await expect(simulation.complete(never)).rejects.toEqual(withCode('SIM_IDLE'));
    simulation.at(1000, () => undefined);
    await expect(simulation.complete(never, { timeoutMs: 10 })).rejects.toEqual(
      withCode('SIM_TIMEOUT'),
    );
    expect(simulation.now).toBe(10);
  });
});

describe('hold', () => {
  test('keeps virtual time where it is until real work is done', async () => {
    const simulation = createSimulation();
    const times: number[] = [];
    const work = async (): Promise<void> => {
      const key = crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
        'sign',
      ]);
      await simulation.hold(key);
      times.push(simulation.now);
    };
    simulation.at(5, () => void work());
    simulation.at(6, () => times.push(simulation.now));
    await simulation.run();
    expect(times).toEqual([5, 6]);
  });

  test('ends when the work fails, too', async () => {
    const simulation = createSimulation();
    simulation.at(1, () => {
      simulation.hold(Promise.reject(new RangeError('no key'))).catch(() => undefined);
    });
    expect(await simulation.run()).toBe('idle');
  });
});
