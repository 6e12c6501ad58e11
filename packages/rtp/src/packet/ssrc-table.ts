// What is kept for each synchronisation source, found without allocating and bounded (RFC 3550 §8, https://www.rfc-editor.org/rfc/rfc3550#section-8).

/**
 * A bounded map from SSRCs to state of one kind.
 *
 * The key is the SSRC as a signed number, which V8 keeps without a box, and the source found last is found
 * again by one comparison, because packets of a source come in runs.
 */
export class SsrcTable<State extends object> {
  readonly #states: Map<number, State> = new Map();
  readonly #maxSources: number;
  #lastKey = 0;
  #last: State | undefined;

  /**
   * @param maxSources How many sources it holds at most.
   * @throws RangeError if that is not a positive integer.
   */
  constructor(maxSources: number) {
    if (!Number.isInteger(maxSources) || maxSources < 1) {
      throw new RangeError(`maxSources is ${maxSources}; expected a positive integer`);
    }
    this.#maxSources = maxSources;
  }

  /** How many sources it holds. */
  get size(): number {
    return this.#states.size;
  }

  /** Whether {@link set} would refuse another source. */
  get isFull(): boolean {
    return this.#states.size >= this.#maxSources;
  }

  /** The state of `ssrc`; undefined if there is none. */
  get(ssrc: number): State | undefined {
    const key = ssrc | 0;
    if (key === this.#lastKey && this.#last !== undefined) return this.#last;
    const state = this.#states.get(key);
    if (state !== undefined) {
      this.#lastKey = key;
      this.#last = state;
    }
    return state;
  }

  /** Puts or replaces the state of `ssrc`; false, and nothing is changed, if there is no room for another source. */
  set(ssrc: number, state: State): boolean {
    const key = ssrc | 0;
    if (this.isFull && !this.#states.has(key)) return false;
    this.#states.set(key, state);
    this.#last = undefined;
    return true;
  }

  /** Forgets `ssrc`; false if it was not there. */
  delete(ssrc: number): boolean {
    this.#last = undefined;
    return this.#states.delete(ssrc | 0);
  }

  /** The states, in the order in which their sources were first put. */
  values(): IterableIterator<State> {
    return this.#states.values();
  }
}
