// The chain that lets one asynchronous operation of a connection run at a time.
// https://www.w3.org/TR/webrtc/#dfn-operations-chain

import { exception } from '../errors.ts';

/** The internal slot [[Operations]] and the algorithm "chain an operation". */
export class OperationsChain {
  readonly #operations: (() => void)[] = [];
  readonly #isClosed: () => boolean;
  readonly #onEmpty: () => void;

  /**
   * @param onEmpty called each time the last operation has settled: the negotiation-needed flag may
   * have to be updated.
   */
  constructor(isClosed: () => boolean, onEmpty: () => void) {
    this.#isClosed = isClosed;
    this.#onEmpty = onEmpty;
  }

  /** How many operations run or wait. */
  get length(): number {
    return this.#operations.length;
  }

  /**
   * Runs `operation` when all before it have settled. The promise stays pending for ever if the
   * connection is closed meanwhile.
   *
   * @throws as a rejection: DOMException `InvalidStateError` if the connection is closed.
   */
  chain<T>(operation: () => Promise<T>): Promise<T> {
    if (this.#isClosed()) {
      return Promise.reject(exception('InvalidStateError', 'The connection is closed.'));
    }
    const promise = new Promise<T>((resolve, reject) => {
      const execute = (): void => {
        operation().then(
          (value) => {
            if (!this.#isClosed()) resolve(value);
          },
          (error: unknown) => {
            if (!this.#isClosed()) reject(error);
          },
        );
      };
      this.#operations.push(execute);
      if (this.#operations.length === 1) execute();
    });
    // The first reaction to the promise, before any of the application's.
    const next = (): void => this.#next();
    promise.then(next, next);
    return promise;
  }

  /** Forgets what waits; called when the connection closes. */
  clear(): void {
    this.#operations.length = 0;
  }

  #next(): void {
    if (this.#isClosed()) return;
    this.#operations.shift();
    const operation = this.#operations[0];
    if (operation === undefined) this.#onEmpty();
    else operation();
  }
}
