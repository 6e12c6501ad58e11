// Virtual time: it stands still while anything happens, and jumps from one event to the next.

import { SimulationError } from './errors.ts';
import { EventQueue, type ScheduledTask, type Task } from './event-queue.ts';

/** Tasks of one instant after which a simulation is taken to be stuck. */
const MAX_STEPS_PER_INSTANT = 200_000;

/** The clock of a simulation, in fractional milliseconds, and everything that is due on it. */
export class VirtualClock {
  readonly #queue = new EventQueue();
  #now: number;
  #steps = 0;
  #stepsThisInstant = 0;
  #calledOut = true;

  /** Starts at `now`. */
  constructor(now: number) {
    this.#now = now;
  }

  /** Virtual milliseconds. */
  get now(): number {
    return this.#now;
  }

  /** When the next task is due; Infinity if there is none. */
  get nextAt(): number {
    return this.#queue.nextAt;
  }

  /** Tasks run so far. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * Runs `task` at `at`, or as soon as possible if that has passed; never at once, and for Infinity not
   * at all.
   *
   * @throws RangeError if `at` is NaN.
   */
  schedule(at: number, task: Task): ScheduledTask {
    if (Number.isNaN(at)) throw new RangeError('A time is a number of milliseconds, not NaN.');
    return this.#queue.schedule(Math.max(at, this.#now), task);
  }

  /** Runs `task` at the end of this instant, when nothing else is due in it. */
  scheduleLate(task: Task): ScheduledTask {
    return this.#queue.scheduleLate(this.#now, task);
  }

  /** Forgets a task; nothing happens if it has run. */
  cancel(scheduled: ScheduledTask): void {
    this.#queue.cancel(scheduled);
  }

  /** To be said by a task that called user code, whose promises may now have to settle. */
  noteCallOut(): void {
    this.#calledOut = true;
  }

  /** Whether user code was called since this was asked last. */
  takeCallOut(): boolean {
    const calledOut = this.#calledOut;
    this.#calledOut = false;
    return calledOut;
  }

  /**
   * Jumps to the next task and runs it.
   *
   * @throws SimulationError `SIM_LIVELOCK` if so many tasks ran at one instant that time stands still
   * for good: two parties that answer each other without delay, or a deadline that never moves.
   */
  step(): void {
    const at = this.#queue.nextAt;
    const task = this.#queue.shift();
    if (task === undefined) return;
    if (at > this.#now) {
      this.#now = at;
      this.#stepsThisInstant = 0;
    }
    this.#steps++;
    if (++this.#stepsThisInstant > MAX_STEPS_PER_INSTANT) {
      throw new SimulationError(
        'SIM_LIVELOCK',
        `${MAX_STEPS_PER_INSTANT} events happened at ${this.#now} ms and time does not move on: ` +
          'something answers without delay, or reports a deadline that has passed.',
      );
    }
    task.run();
  }

  /** Moves on to `now`, before which nothing is due. */
  advanceTo(now: number): void {
    if (now > this.#now) {
      this.#now = now;
      this.#stepsThisInstant = 0;
    }
  }
}
