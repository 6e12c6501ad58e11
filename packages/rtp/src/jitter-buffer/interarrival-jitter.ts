// How unevenly packets come: the interarrival jitter of RTCP (RFC 3550 §6.4.1 and §A.8, https://www.rfc-editor.org/rfc/rfc3550#appendix-A.8).

/** The running mean of the difference in transit time between neighbours, in milliseconds. */
export class InterarrivalJitter {
  #transitMs = Number.NaN;
  #jitterMs = 0;

  /** Milliseconds. */
  get jitterMs(): number {
    return this.#jitterMs;
  }

  /** Notes a packet by the milliseconds from its (extended) timestamp to its arrival. */
  observe(transitMs: number): void {
    const difference = Math.abs(transitMs - this.#transitMs);
    this.#transitMs = transitMs;
    // J += (|D| - J) / 16; not a number before the second packet.
    if (difference >= 0) this.#jitterMs += (difference - this.#jitterMs) / 16;
  }

  /** Forgets where the last packet was, as after a jump of the timestamp; what was learnt stays. */
  rebase(): void {
    this.#transitMs = Number.NaN;
  }
}
