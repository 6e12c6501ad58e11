// "Queue a task": what an algorithm of the W3C does later, in order, each time with a stack of its own.
// https://html.spec.whatwg.org/multipage/webappapis.html#queue-a-task

import { type Network, type NetworkTimer, Queue } from '@kaon/wire';

/** The tasks of one connection. Between two of them all promise reactions run. */
export class TaskQueue {
  readonly #network: Network;
  readonly #tasks = new Queue<() => void>();
  readonly #timers = new Queue<NetworkTimer>();
  #isEntered = false;
  #isRunning = false;

  constructor(network: Network) {
    this.#network = network;
  }

  /**
   * Whether something may happen at once: a turn of the event loop has been {@link enter}ed for it, and
   * no task waits that would have to come before.
   */
  get isReady(): boolean {
    return this.#isEntered && this.#tasks.length === 0 && !this.#isRunning;
  }

  /** A datagram or a timer has begun a turn of the event loop; what follows from it needs no other. */
  enter(): void {
    this.#isEntered = true;
  }

  /** That turn ends. */
  leave(): void {
    this.#isEntered = false;
  }

  /** Runs `task` in a turn of the event loop of its own. */
  queue(task: () => void): void {
    this.#tasks.push(task);
    // Each task has its own timer, so that all that wait are done before more datagrams are read: one
    // after the other would fall behind a peer that sends faster, and what it sends would pile up here.
    this.#timers.push(this.#network.setTimer(this.#runNext, 0));
  }

  /** Runs `task` at once if it {@link isReady}, otherwise in its turn. */
  run(task: () => void): void {
    if (this.isReady) this.#execute(task);
    else this.queue(task);
  }

  /** Forgets all tasks. */
  clear(): void {
    this.#tasks.clear();
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  readonly #runNext = (): void => {
    this.#timers.shift();
    const task = this.#tasks.shift();
    if (task !== undefined) this.#execute(task);
  };

  #execute(task: () => void): void {
    this.#isRunning = true;
    try {
      task();
    } finally {
      this.#isRunning = false;
    }
  }
}
