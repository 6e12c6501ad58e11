// "Queue a task": what an algorithm of the W3C does later, in order, each time with a stack of its own.
// https://html.spec.whatwg.org/multipage/webappapis.html#queue-a-task

import { type Network, type NetworkTimer, Queue } from '@kaon/wire';

/** The tasks of one connection. Between two of them all promise reactions run. */
export class TaskQueue {
  readonly #network: Network;
  readonly #tasks = new Queue<() => void>();
  #timer: NetworkTimer | undefined = undefined;
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
    this.#arm();
  }

  /** Runs `task` at once if it {@link isReady}, otherwise in its turn. */
  run(task: () => void): void {
    if (this.isReady) this.#execute(task);
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
