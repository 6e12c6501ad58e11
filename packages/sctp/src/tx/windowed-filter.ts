// The largest or the smallest value of a sliding window, in constant memory (after Kathleen Nichols' algorithm in draft-ietf-ccwg-bbr §5.5.6 and §5.5.8).

interface Entry {
  value: number;
  at: number;
}

/** Keeps the best three values of three parts of the window. */
export class WindowedFilter {
  readonly #length: number;
  readonly #isBetter: (a: number, b: number) => boolean;
  #entries: [Entry, Entry, Entry] | undefined;

  /** `length` in the unit that `at` has: milliseconds, or round trips. */
  constructor(length: number, best: 'max' | 'min') {
    this.#length = length;
    this.#isBetter = best === 'max' ? (a, b) => a >= b : (a, b) => a <= b;
  }

  /** The best value of the window; undefined before the first. */
  get best(): number | undefined {
    return this.#entries?.[0].value;
  }

  /** Forgets everything. */
  reset(): void {
    this.#entries = undefined;
  }

  /** Takes a value. */
  update(value: number, at: number): void {
    const entries = this.#entries;
    if (
      entries === undefined ||
      this.#isBetter(value, entries[0].value) ||
      at - entries[2].at > this.#length
    ) {
      this.#entries = [
        { value, at },
        { value, at },
        { value, at },
      ];
      return;
    }
    if (this.#isBetter(value, entries[1].value)) {
      set(entries[1], value, at);
      set(entries[2], value, at);
    } else if (this.#isBetter(value, entries[2].value)) {
      set(entries[2], value, at);
    }
    this.#age(entries, value, at);
  }

  #age(entries: [Entry, Entry, Entry], value: number, at: number): void {
    const [first, second, third] = entries;
    if (at - first.at > this.#length) {
      // The best has left the window: the others move up.
      set(first, second.value, second.at);
      set(second, third.value, third.at);
      set(third, value, at);
      if (at - first.at > this.#length) {
        set(first, second.value, second.at);
        set(second, third.value, third.at);
      }
    } else if (second.at === first.at && at - second.at > this.#length / 4) {
      // A quarter has passed without a better second: take one from this quarter.
      set(second, value, at);
      set(third, value, at);
    } else if (third.at === second.at && at - third.at > this.#length / 2) {
      set(third, value, at);
    }
  }
}

function set(entry: Entry, value: number, at: number): void {
  entry.value = value;
  entry.at = at;
}
