// Spreads packets over the round trip, so that queues on the way need not hold whole windows (RFC 9002 §7.7, https://www.rfc-editor.org/rfc/rfc9002#section-7.7).

/** Timers are coarse, so as much as so many milliseconds' worth may go out at once. */
const BURST_MS = 2;

/** A bucket that fills at the pacing rate and is emptied by what is sent. */
export class Pacer {
  readonly #minBurstBytes: () => number;
  /** Bytes a millisecond. */
  #rate = Number.POSITIVE_INFINITY;
  #tokens = 0;
  #filledAt = Number.NEGATIVE_INFINITY;

  /** `minBurstBytes`: so much may always go out at once after a pause. */
  constructor(minBurstBytes: () => number) {
    this.#minBurstBytes = minBurstBytes;
  }

  /** Bytes a millisecond; Infinity for no pacing. */
  get rate(): number {
    return this.#rate;
  }

  setRate(rate: number, now: number): void {
    this.#fill(now);
    this.#rate = rate;
  }

  /** When the next packet may be sent: `now` or earlier if it may be at once. */
  opensAt(now: number): number {
    if (this.#rate === Number.POSITIVE_INFINITY) return now;
    this.#fill(now);
    // A whole millisecond's worth at a time: waking up costs more than a packet.
    return this.#tokens > 0 ? now : now + Math.max(1, -this.#tokens / this.#rate);
  }

  /** `bytes` are sent; the bucket may be overdrawn by a packet. */
  onSent(bytes: number): void {
    if (this.#rate !== Number.POSITIVE_INFINITY) this.#tokens -= bytes;
  }

  #fill(now: number): void {
    const capacity = Math.max(this.#minBurstBytes(), this.#rate * BURST_MS);
    const elapsed = now - this.#filledAt;
    this.#filledAt = now;
    const isFull = this.#rate === Number.POSITIVE_INFINITY || elapsed === Number.POSITIVE_INFINITY;
    this.#tokens = isFull ? capacity : Math.min(capacity, this.#tokens + elapsed * this.#rate);
  }
}
