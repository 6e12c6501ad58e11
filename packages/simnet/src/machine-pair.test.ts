import { Queue } from '@kaon/wire';
import { describe, expect, test } from 'vitest';
import { createSimulation, type Machine, machinePair, SimulationError } from './index.ts';

/** Stop-and-wait: sends numbered letters again every 100 ms until each is acknowledged. */
class Courier implements Machine<Uint8Array, string> {
  nextTimeout: number = Number.POSITIVE_INFINITY;
  readonly calls: string[] = [];
  readonly #datagrams = new Queue<Uint8Array>();
  readonly #events = new Queue<string>();
  readonly #letters: number[] = [];
  #received = 0;

  post(letter: number, now: number): void {
    this.#letters.push(letter);
    if (this.#letters.length === 1) this.#sendFirst(now);
  }

  handleDatagram(datagram: Uint8Array, now: number): void {
    this.calls.push('handleDatagram');
    const [kind, letter] = datagram as unknown as [number, number];
    if (kind === 0) {
      this.#datagrams.push(Uint8Array.of(1, letter));
      if (letter !== this.#received + 1) return;
      this.#received = letter;
      this.#events.push(`letter ${letter}`);
    } else if (letter === this.#letters[0]) {
      this.#letters.shift();
      this.nextTimeout = Number.POSITIVE_INFINITY;
      if (this.#letters.length > 0) this.#sendFirst(now);
      else this.#events.push('all delivered');
    }
  }

  handleTimeout(now: number): void {
    this.calls.push('handleTimeout');
    this.#sendFirst(now);
  }

  pollDatagram(): Uint8Array | undefined {
    this.calls.push('pollDatagram');
    return this.#datagrams.shift();
  }

  pollEvent(): string | undefined {
    this.calls.push('pollEvent');
    return this.#events.shift();
  }

  #sendFirst(now: number): void {
    this.#datagrams.push(Uint8Array.of(0, this.#letters[0] as number));
    this.nextTimeout = now + 100;
  }
}

describe('machinePair', () => {
  test('runs two machines over a link that loses, duplicates and reorders', () => {
    for (let seed = 0; seed < 50; seed++) {
      const simulation = createSimulation({ seed });
      const [a, b] = [new Courier(), new Courier()];
      const atB: string[] = [];
      let isDone = false;
      const link = { latencyMs: 20, loss: 0.3, duplication: 0.2, reordering: 0.2 };
      const pair = machinePair(simulation, a, b, link, {
        onEventA: (event) => {
          isDone = event === 'all delivered';
        },
        onEventB: (event) => atB.push(event),
      });
      for (let letter = 1; letter <= 20; letter++) a.post(letter, simulation.now);
      expect(pair.run({ until: () => isDone, timeoutMs: 60_000 })).toBe('done');
      expect(atB).toEqual(Array.from({ length: 20 }, (_, i) => `letter ${i + 1}`));
    }
  });

  test('wakes a machine exactly at its deadline, also one that has passed', () => {
    const simulation = createSimulation();
    const a = new Courier();
    const pair = machinePair(simulation, a, new Courier(), { loss: 1 });
    a.post(1, 0);
    pair.run({ until: 1000 });
    expect(pair.link.outbound.counters.packets).toBe(11);
    a.nextTimeout = 5;
    pair.run({ until: 1000 });
    expect(pair.link.outbound.counters.packets).toBe(12);
  });

  test('keeps the order: one input, datagrams, events, deadline', () => {
    const simulation = createSimulation();
    const [a, b] = [new Courier(), new Courier()];
    const pair = machinePair(simulation, a, b, { latencyMs: 1 });
    a.post(1, 0);
    pair.run({ until: 0 });
    b.calls.length = 0;
    pair.run({ until: 1 });
    expect(b.calls.slice(-7).join(' ')).toBe(
      'handleDatagram pollDatagram pollDatagram pollEvent pollEvent pollDatagram pollEvent',
    );
  });

  test('lets a handler call both machines, and sends what they then have', () => {
    const simulation = createSimulation();
    const [a, b] = [new Courier(), new Courier()];
    const log: string[] = [];
    const pair = machinePair(
      simulation,
      a,
      b,
      { latencyMs: 10 },
      {
        onEventA: (event, now) => {
          log.push(`a ${event} at ${now}`);
          if (event === 'all delivered' && now < 30) a.post(2, now);
        },
        onEventB: (event, now) => {
          log.push(`b ${event} at ${now}`);
          if (event === 'letter 1') b.post(1, now);
        },
      },
    );
    a.post(1, 0);
    expect(pair.run()).toBe('idle');
    expect(log).toEqual([
      'b letter 1 at 10',
      'a all delivered at 20',
      'a letter 1 at 20',
      'b letter 2 at 30',
      'b all delivered at 30',
      'a all delivered at 40',
    ]);
  });

  test('calls a stopped machine no more', () => {
    const simulation = createSimulation();
    const [a, b] = [new Courier(), new Courier()];
    const pair = machinePair(simulation, a, b, { latencyMs: 10 });
    a.post(1, 0);
    pair.run({ until: 0 });
    pair.b.stop();
    const callsBefore = b.calls.length;
    pair.run({ until: 250 });
    pair.a.stop();
    expect(pair.run()).toBe('idle');
    expect(b.calls).toHaveLength(callsBefore);
    expect(pair.link.outbound.counters.packets).toBe(3);
  });

  test('stops a machine that never falls silent, or whose deadline never moves', () => {
    const code = expect.objectContaining({ code: 'SIM_LIVELOCK' });
    const talker = new Courier();
    talker.pollEvent = () => 'and another thing';
    const quiet = new Courier();
    expect(() => machinePair(createSimulation(), talker, quiet).run()).toThrow(code);

    const sleepless = new Courier();
    sleepless.nextTimeout = 5;
    sleepless.handleTimeout = () => undefined;
    expect(() => machinePair(createSimulation(), sleepless, quiet).run()).toThrow(SimulationError);

    const lost = new Courier();
    lost.nextTimeout = Number.NaN;
    expect(() => machinePair(createSimulation(), lost, quiet).run()).toThrow(RangeError);
  });
});
