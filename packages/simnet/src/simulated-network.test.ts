import { describe, expect, test } from 'vitest';
import { createSimulation } from './index.ts';

describe('timers', () => {
  test('fire in order of their deadlines, and of their setting where those are equal', async () => {
    const simulation = createSimulation();
    const { network } = simulation.host('host');
    const fired: string[] = [];
    for (const [name, delayMs] of [
      ['d', 10],
      ['b', 5],
      ['c', 5],
      ['a', -1],
      ['e', 10],
    ] as const) {
      network.setTimer(() => fired.push(`${name}${network.now()}`), delayMs);
    }
    expect(fired).toEqual([]);
    await simulation.run();
    expect(fired).toEqual(['a0', 'b5', 'c5', 'd10', 'e10']);
  });

  test('do not fire when cancelled, and may be cancelled after they fired', () => {
    const simulation = createSimulation();
    const { network } = simulation.host('host');
    let fired = 0;
    const first = network.setTimer(() => fired++, 1);
    const second = network.setTimer(() => fired++, 2);
    simulation.runSync({ until: 1 });
    first.cancel();
    second.cancel();
    simulation.runSync();
    expect(fired).toBe(1);
    expect(simulation.now).toBe(1);
  });

  test('of infinite length never fire and keep nothing running; others must have a length', () => {
    const simulation = createSimulation();
    const { network } = simulation.host('host');
    network.setTimer(() => expect.unreachable(), Number.POSITIVE_INFINITY);
    expect(simulation.runSync()).toBe('idle');
    expect(() => network.setTimer(() => undefined, Number.NaN)).toThrow(RangeError);
  });
});

describe('clocks', () => {
  test('go together: the wall clock is virtual too', () => {
    const simulation = createSimulation({ startTimeMs: 50, epochMs: 1000 });
    const { network } = simulation.host('host');
    simulation.runSync({ until: 60.5 });
    expect(network.now()).toBe(60.5);
    expect(network.wallClock()).toBe(1060.5);
    const { network: other } = createSimulation().host('host');
    expect(new Date(other.wallClock()).toISOString()).toBe('2026-01-01T00:00:00.000Z');
  });
});

describe('randomness', () => {
  test('follows from the seed and the name of the host', () => {
    const draw = (seed: number, name: string): number =>
      createSimulation({ seed }).host(name).network.random.uint32();
    expect(draw(1, 'alice')).toBe(draw(1, 'alice'));
    expect(draw(1, 'alice')).not.toBe(draw(1, 'bob'));
    expect(draw(1, 'alice')).not.toBe(draw(2, 'alice'));
  });
});

describe('lookup', () => {
  test('knows registered names, in any case and in .local, and literal addresses', async () => {
    const simulation = createSimulation();
    const { network } = simulation.host('host');
    simulation.register('Stun.Example', ['5.0.0.9', '2A00::0009']);
    simulation.register('1f4712db.local', ['10.0.0.3']);
    expect(await network.lookup('stun.example')).toEqual(['5.0.0.9', '2a00::9']);
    expect(await network.lookup('1F4712DB.local')).toEqual(['10.0.0.3']);
    expect(await network.lookup('192.0.2.1')).toEqual(['192.0.2.1']);
  });

  test('rejects other names as the system does', async () => {
    const simulation = createSimulation();
    const { network } = simulation.host('host');
    const notFound = expect.objectContaining({ code: 'ENOTFOUND' });
    await expect(network.lookup('nowhere.example')).rejects.toEqual(notFound);
    simulation.register('gone.example', ['5.0.0.9']);
    simulation.register('gone.example', []);
    await expect(network.lookup('gone.example')).rejects.toEqual(notFound);
  });

  test('takes the time it is said to take', async () => {
    const simulation = createSimulation();
    const { network } = simulation.host('host');
    simulation.register('slow.example', ['5.0.0.9'], 40);
    await simulation.complete(network.lookup('slow.example'));
    expect(simulation.now).toBe(40);
  });
});
