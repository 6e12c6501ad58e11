// Runs a simulation: event by event, with promises settled in between, until a goal is reached.

import { SimulationError } from './errors.ts';
import { settle } from './settle.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** How far to run. */
export interface RunOptions {
  /**
   * A time on the virtual clock, up to and including which everything is run; or a condition that is
   * asked after every event. Without it the run goes on until nothing is left to do.
   */
  readonly until?: number | (() => boolean);
  /** Virtual milliseconds from now after which to give up; Infinity by default. */
  readonly timeoutMs?: number;
}

/**
 * Why a run ended: the goal was reached (`done`), nothing was left to do before it was (`idle`), or time
 * ran out (`timeout`).
 */
export type RunResult = 'done' | 'idle' | 'timeout';

interface Goal {
  readonly reached: (() => boolean) | undefined;
  readonly deadline: number;
  /** What it means that the deadline has come. */
  readonly atDeadline: RunResult;
  readonly lastStep: number;
}

/**
 * The loop of a simulation. Its rule: virtual time stands still while code runs, so all that user code
 * does before it awaits something of the simulation happens at one virtual instant.
 */
export class EventLoop {
  readonly #clock: VirtualClock;
  readonly #maxSteps: number;
  #isRunning = false;
  #holds = 0;
  #released: (() => void) | undefined;

  constructor(clock: VirtualClock, maxSteps: number) {
    this.#clock = clock;
    this.#maxSteps = maxSteps;
  }

  /** Runs, settling promises after every event that called user code. */
  async run(options: RunOptions): Promise<RunResult> {
    const goal = this.#start(options);
    this.#clock.noteCallOut(); // Whatever the caller did before may be waiting to continue.
    try {
      for (;;) {
        if (this.#clock.takeCallOut()) await this.#settle();
        const result = this.#resultSoFar(goal);
        if (result !== undefined) return result;
        this.#step(goal);
      }
    } finally {
      this.#isRunning = false;
    }
  }

  /** Runs without turning the real event loop: for code that uses no promises. */
  runSync(options: RunOptions): RunResult {
    const goal = this.#start(options);
    try {
      for (;;) {
        const result = this.#resultSoFar(goal);
        if (result !== undefined) return result;
        this.#step(goal);
      }
    } finally {
      this.#isRunning = false;
    }
  }

  /** Runs until `work` has settled; gives what it gives. */
  async complete<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
    let isSettled = false;
    const note = (): void => {
      isSettled = true;
    };
    work.then(note, note);
    const result = await this.run({ until: () => isSettled, timeoutMs });
    if (result === 'done') return work;
    const { now } = this.#clock;
    throw result === 'idle'
      ? new SimulationError('SIM_IDLE', `At ${now} ms nothing is left to do, and work still waits.`)
      : new SimulationError(
          'SIM_TIMEOUT',
          `At ${now} ms, after ${timeoutMs} ms, work still waits.`,
        );
  }

  /** Stops virtual time until `work`, which is done outside the simulation, has settled. */
  hold<T>(work: Promise<T>): Promise<T> {
    this.#holds++;
    this.#clock.noteCallOut();
    const release = (): void => {
      if (--this.#holds === 0) this.#released?.();
    };
    work.then(release, release);
    return work;
  }

  async #settle(): Promise<void> {
    await settle();
    while (this.#holds > 0) {
      await new Promise<void>((resolve) => {
        this.#released = resolve;
      });
      await settle();
    }
  }

  #start({ until, timeoutMs = Number.POSITIVE_INFINITY }: RunOptions): Goal {
    if (this.#isRunning) {
      throw new SimulationError(
        'SIM_RUNNING',
        'The simulation runs already; what is called by it cannot run it.',
      );
    }
    this.#isRunning = true;
    const timeout = this.#clock.now + timeoutMs;
    const end = typeof until === 'number' ? until : Number.POSITIVE_INFINITY;
    return {
      reached: typeof until === 'function' ? until : undefined,
      deadline: Math.min(end, timeout),
      atDeadline: end <= timeout ? 'done' : 'timeout',
      lastStep: this.#clock.steps + this.#maxSteps,
    };
  }

  #resultSoFar({ reached, deadline, atDeadline }: Goal): RunResult | undefined {
    if (reached?.() === true) return 'done';
    const { nextAt } = this.#clock;
    if (nextAt === Number.POSITIVE_INFINITY && (deadline === nextAt || atDeadline === 'timeout')) {
      return 'idle';
    }
    if (nextAt <= deadline) return undefined;
    this.#clock.advanceTo(deadline);
    return atDeadline;
  }

  #step({ lastStep }: Goal): void {
    if (this.#clock.steps >= lastStep) {
      throw new SimulationError(
        'SIM_STEP_LIMIT',
        `${this.#maxSteps} events were run by ${this.#clock.now} ms without an end (maxSteps).`,
      );
    }
    this.#clock.step();
  }
}
