// Renumbers one run of running numbers so that those taken out leave no gap, whatever order they come in (RFC 3550 §5.1, https://www.rfc-editor.org/rfc/rfc3550#section-5.1).

const UNSEEN = 0;
const KEPT = 1;
const DROPPED = 2;

/** What {@link ContinuousNumbers.map} gives for a number that has no place. */
export const NO_NUMBER = -1;

/**
 * Maps extended numbers of one source to numbers of one output, one to one and in the same order.
 *
 * A number that is dropped before any behind it was seen leaves no gap: those behind move up. A number that
 * was not seen leaves one, which it fills if it comes late. For that the last `span` numbers are remembered;
 * what is older has no place any more.
 */
export class ContinuousNumbers {
  readonly #span: number;
  readonly #fates: Uint8Array;
  /** Output minus input, for each number remembered. */
  readonly #shifts: Float64Array;
  #shift = 0;
  #first = 0;
  #highest = -1;
  #isSealed = false;

  /** @param span How many numbers are remembered: a power of two. */
  constructor(span: number) {
    this.#span = span;
    this.#fates = new Uint8Array(span);
    this.#shifts = new Float64Array(span);
  }

  /** The highest number seen. */
  get highest(): number {
    return this.#highest;
  }

  /** How many numbers are remembered. */
  get span(): number {
    return this.#span;
  }

  /** The lowest output that was neither given nor left for one that may come late. */
  get nextOutput(): number {
    return this.#highest + 1 + this.#shift;
  }

  /** Begins a run: `first` will become `output`, and nothing before it has a place. */
  begin(first: number, output: number): void {
    this.#first = first;
    this.#highest = first - 1;
    this.#shift = output - first;
    this.#isSealed = false;
  }

  /** Ends the run: what may come late still does, but nothing new. */
  seal(): void {
    this.#isSealed = true;
  }

  /** Whether `number` was mapped before. */
  isKept(number: number): boolean {
    return this.#isRemembered(number) && this.#fates[number & (this.#span - 1)] === KEPT;
  }

  /** Whether `number` lies before all that is remembered. */
  isForgotten(number: number): boolean {
    return number <= this.#highest && !this.#isRemembered(number);
  }

  /** Whether {@link map} will give an output for `number`. */
  hasPlace(number: number): boolean {
    if (number > this.#highest) return !this.#isSealed;
    return this.#isRemembered(number) && this.#fates[number & (this.#span - 1)] !== DROPPED;
  }

  /** The output for `number`, the same each time; {@link NO_NUMBER} if it was dropped or has no place. */
  map(number: number): number {
    if (!this.hasPlace(number)) return NO_NUMBER;
    const slot = number & (this.#span - 1);
    if (number > this.#highest) this.#advance(number);
    this.#fates[slot] = KEPT;
    return number + (this.#shifts[slot] as number);
  }

  /** Takes `number` out, unless it was mapped before. */
  drop(number: number): void {
    const slot = number & (this.#span - 1);
    if (number > this.#highest) {
      if (this.#isSealed) return;
      this.#advance(number);
      this.#fates[slot] = DROPPED;
      this.#shift--;
    } else if (this.#isRemembered(number) && this.#fates[slot] === UNSEEN) {
      // Those behind it have their places: its own stays empty.
      this.#fates[slot] = DROPPED;
    }
  }

  #isRemembered(number: number): boolean {
    return number <= this.#highest && number > this.#highest - this.#span && number >= this.#first;
  }

  #advance(number: number): void {
    const from = Math.max(this.#highest + 1, number - this.#span + 1);
    for (let each = from; each <= number; each++) {
      const slot = each & (this.#span - 1);
      this.#fates[slot] = UNSEEN;
      this.#shifts[slot] = this.#shift;
    }
    this.#highest = number;
  }
}
