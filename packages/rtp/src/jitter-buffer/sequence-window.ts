// Which packets of a stretch of sequence numbers are here, were handed on, or are missing (RFC 3550 §A.1, https://www.rfc-editor.org/rfc/rfc3550#appendix-A.1).

const MISSING = -1;
const PASSED = -2;

/**
 * A ring over the extended sequence numbers (highest - capacity, highest], with the number of a slot for
 * each packet held. Between {@link next}, the number to hand on next, and {@link highest} lie packets
 * held and gaps.
 */
export class SequenceWindow {
  readonly capacity: number;
  readonly #ring: Int16Array;
  #next = -1;
  #highest = -1;
  #lowest = -1;
  // The lowest number held; above the highest if none is.
  #firstHeld = 0;
  // Gaps in order, also those that were filled: number behind the gap, and when it was noticed. A ring.
  #gapEnds = new Float64Array(16);
  #gapTimes = new Float64Array(16);
  #firstGap = 0;
  #gapCount = 0;

  /** @param capacity a power of two, at most 32768. */
  constructor(capacity: number) {
    this.capacity = capacity;
    this.#ring = new Int16Array(capacity).fill(MISSING);
  }

  /** The number to hand on next; -1 before the first packet. */
  get next(): number {
    return this.#next;
  }

  /** The highest number so far; -1 before the first packet. */
  get highest(): number {
    return this.#highest;
  }

  /** The lowest number held; above {@link highest} if none is. */
  get firstHeld(): number {
    return this.#firstHeld;
  }

  /** Numbers from {@link next} to {@link highest}. */
  get span(): number {
    return this.#highest + 1 - this.#next;
  }

  /** Forgets everything; the stream begins with `sequence`. */
  start(sequence: number): void {
    this.#ring.fill(MISSING);
    this.#next = sequence;
    this.#lowest = sequence;
    this.#highest = sequence - 1;
    this.#firstHeld = sequence;
    this.#gapCount = 0;
  }

  /**
   * Lets the stream begin with an earlier number, of which nothing is known yet; `since` is when the first
   * packet after it came.
   */
  startEarlier(sequence: number, since: number): void {
    for (let each = sequence; each < this.#next; each++) this.#set(each, MISSING);
    this.#noteGap(this.#next, since, true);
    this.#next = sequence;
    this.#lowest = sequence;
  }

  /** Whether the number lies in the ring, or would after the ring moved on to it. */
  fits(sequence: number): boolean {
    return sequence - this.#next < this.capacity && this.#highest - sequence < this.capacity;
  }

  /** The slot of a number in the ring; below 0 if it is not held. */
  slotOf(sequence: number): number {
    return this.#ring[sequence & (this.capacity - 1)] as number;
  }

  /** Whether a packet with a number before {@link next} was here once, as far as is remembered. */
  wasHere(sequence: number): boolean {
    return (
      sequence >= this.#lowest &&
      this.#highest - sequence < this.capacity &&
      this.slotOf(sequence) === PASSED
    );
  }

  /** Notes that the packet lies in a slot. */
  hold(sequence: number, slot: number, now: number): void {
    if (sequence > this.#highest) {
      for (let each = this.#highest + 1; each < sequence; each++) this.#set(each, MISSING);
      if (sequence > this.#highest + 1) this.#noteGap(sequence, now, false);
      const wasEmpty = this.#firstHeld > this.#highest;
      this.#highest = sequence;
      if (wasEmpty) this.#firstHeld = sequence;
    } else if (sequence < this.#firstHeld) {
      this.#firstHeld = sequence;
    }
    this.#set(sequence, slot);
  }

  /**
   * When the first gap that is not passed was noticed, which is when the packet behind it came. Whatever
   * fills a gap came later than that. Infinity if there is no gap.
   */
  get gapSince(): number {
    return this.#gapCount > 0
      ? (this.#gapTimes[this.#firstGap] as number)
      : Number.POSITIVE_INFINITY;
  }

  /** Takes the first packet held, and gives up what is missing before it; returns its slot. */
  takeFirst(): number {
    const sequence = this.#firstHeld;
    const slot = this.slotOf(sequence);
    this.#set(sequence, PASSED);
    this.#next = sequence + 1;
    let first = this.#next;
    while (first <= this.#highest && this.slotOf(first) < 0) first++;
    this.#firstHeld = first;
    this.#forgetGaps();
    return slot;
  }

  #set(sequence: number, state: number): void {
    this.#ring[sequence & (this.capacity - 1)] = state;
  }

  #noteGap(end: number, now: number, inFront: boolean): void {
    if (this.#gapCount === this.#gapEnds.length) this.#growGaps();
    const mask = this.#gapEnds.length - 1;
    if (inFront) this.#firstGap = (this.#firstGap - 1) & mask;
    const at = (this.#firstGap + (inFront ? 0 : this.#gapCount)) & mask;
    this.#gapEnds[at] = end;
    this.#gapTimes[at] = now;
    this.#gapCount++;
  }

  #forgetGaps(): void {
    const mask = this.#gapEnds.length - 1;
    while (this.#gapCount > 0 && (this.#gapEnds[this.#firstGap] as number) <= this.#next) {
      this.#firstGap = (this.#firstGap + 1) & mask;
      this.#gapCount--;
    }
  }

  /** Each gap ends at a packet held, or at one handed on before its gap is forgotten: they are bounded too. */
  #growGaps(): void {
    const count = this.#gapCount;
    const ends = new Float64Array(2 * count);
    const times = new Float64Array(2 * count);
    for (let i = 0; i < count; i++) {
      const at = (this.#firstGap + i) & (count - 1);
      ends[i] = this.#gapEnds[at] as number;
      times[i] = this.#gapTimes[at] as number;
    }
    this.#gapEnds = ends;
    this.#gapTimes = times;
    this.#firstGap = 0;
  }
}
