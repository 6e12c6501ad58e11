// "Queue a task": what an algorithm of the W3C does later, in order, each time with a stack of its own.
// https://html.spec.whatwg.org/multipage/webappapis.html#queue-a-task

import { type Network, type NetworkTimer, Queue } from '@kaon/wire';

/** The tasks of one connection. Between two of them all promise reactions run. */
export class TaskQueue {
  readonly #network: Network;
  readonly #tasks = new Queue<() => void>();
  #timer: NetworkTimer | undefined = undefined;
  #isRunning = false;

  constructor(network: Network) {
    this.#network = network;
  }

  /** Whether no task waits and none runs: what happens now comes after all that was queued. */
  get isIdle(): boolean {
    return this.#tasks.length === 0 && !this.#isRunning;
  }

  /** Runs `task` in a turn of the event loop of its own. */
  queue(task: () => void): void {
    this.#tasks.push(task);
    this.#arm();
  }

  /**
   * Runs `task` now if it may be: for what a datagram or timer has caused, which have turns of their
   * own already. Otherwise in its turn.
   */
  run(task: () => void): void {
    if (this.isIdle) this.#execute(task);
    else this.queue(task);
  }

  /** Forgets all tasks. */
  clear(): void {
    this.#tasks.clear();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    this.#timer ??= this.#network.setTimer(() => {
      this.#timer = undefined;
      const task = this.#tasks.shift();
      if (task !== undefined) this.#execute(task);
    }, 0);
  }

  #execute(task: () => void): void {
    this.#isRunning = true;
    try {
      task();
    } finally {
      this.#isRunning = false;
      if (this.#tasks.length > 0) this.#arm();
    }
  }
}
