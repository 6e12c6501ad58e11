// When packets arrived, by extended transport-wide sequence number, as far back as a report may reach.

const FIRST_CAPACITY = 256;
/** Half of the 16-bit numbers: what lies further apart cannot be told apart. */
const MAX_CAPACITY = 0x8000;

/**
 * A ring of arrival times over a range of sequence numbers, with gaps. The range spans as many numbers as it
 * is given, or 32768: what would stretch it further pushes the oldest out.
 */
export class ArrivalWindow {
  readonly #maxCapacity: number;
  #times = new Float64Array(FIRST_CAPACITY).fill(Number.NaN);
  #first = 0;
  #end = 0;

  /** @param maxCapacity numbers at the most, a power of two from 256 to 32768. */
  constructor(maxCapacity: number = MAX_CAPACITY) {
    this.#maxCapacity = maxCapacity;
  }

  /** Bytes of memory. */
  get allocatedBytes(): number {
    return this.#times.byteLength;
  }

  /** The first sequence number of the range. */
  get first(): number {
    return this.#first;
  }

  /** The sequence number behind the range. */
  get end(): number {
    return this.#end;
  }

  /** When the packet arrived; NaN if it did not, or is out of the range. */
  arrivalTime(sequenceNumber: number): number {
    if (sequenceNumber < this.#first || sequenceNumber >= this.#end) return Number.NaN;
    return this.#times[sequenceNumber & (this.#times.length - 1)] as number;
  }

  /** Notes an arrival; false if it was noted before, or lies too far back. */
  add(sequenceNumber: number, time: number): boolean {
    if (this.#first === this.#end) {
      this.#first = sequenceNumber;
      this.#end = sequenceNumber;
    }
    if (sequenceNumber < this.#first) {
      if (this.#end - sequenceNumber > this.#maxCapacity) return false;
      this.#reserve(this.#end - sequenceNumber);
      this.#first = sequenceNumber; // What lies between is NaN: slots are wiped when they are left.
    } else if (sequenceNumber >= this.#end) {
      this.forgetBefore(sequenceNumber + 1 - this.#maxCapacity);
      if (this.#first === this.#end) this.#first = sequenceNumber;
      this.#reserve(sequenceNumber + 1 - this.#first);
      this.#end = sequenceNumber + 1;
    }
    const slot = sequenceNumber & (this.#times.length - 1);
    if (!Number.isNaN(this.#times[slot] as number)) return false;
    this.#times[slot] = time;
    return true;
  }

  /** Forgets all packets before `sequenceNumber`. */
  forgetBefore(sequenceNumber: number): void {
    const until = Math.min(sequenceNumber, this.#end);
    const mask = this.#times.length - 1;
    for (let at = this.#first; at < until; at++) this.#times[at & mask] = Number.NaN;
    if (until > this.#first) this.#first = until;
  }

  /** Forgets the packets at the front that arrived before `time`, up to `sequenceNumber`, and gaps there. */
  forgetOlder(time: number, sequenceNumber: number): void {
    const until = Math.min(sequenceNumber, this.#end);
    const mask = this.#times.length - 1;
    while (this.#first < until && !((this.#times[this.#first & mask] as number) >= time)) {
      this.#times[this.#first & mask] = Number.NaN;
      this.#first++;
    }
  }

  #reserve(count: number): void {
    const from = this.#times.length - 1;
    if (count <= this.#times.length) return;
    let capacity = this.#times.length;
    while (capacity < count) capacity *= 2;
    const times = new Float64Array(capacity).fill(Number.NaN);
    for (let at = this.#first; at < this.#end; at++) {
      times[at & (capacity - 1)] = this.#times[at & from] as number;
    }
    this.#times = times;
  }
}
