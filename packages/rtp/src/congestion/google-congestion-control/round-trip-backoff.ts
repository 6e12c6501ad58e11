// Backs off when packets are sent and no feedback comes, or comes very late (https://webrtc.googlesource.com/src/+/refs/heads/main/modules/congestion_controller/goog_cc/).

const LIMIT_MS = 3000;
const BACKOFF = 0.8;
const INTERVAL_MS = 1000;
const FLOOR_BPS = 5000;

/** Watches the round trip, and how long nothing has been heard while packets were sent. */
export class RoundTripBackoff {
  #roundTripMs = 0;
  #lastFeedback = Number.NaN;
  #lastSent = Number.NaN;
  #lastBackoff = Number.NEGATIVE_INFINITY;

  /** Feedback came, of a packet sent `roundTripMs` ago. */
  onFeedback(roundTripMs: number, now: number): void {
    this.#roundTripMs = roundTripMs;
    this.#lastFeedback = now;
  }

  /**
   * A packet is sent.
   *
   * @returns the bitrate to go on with: `bitrateBps`, or less.
   */
  onPacketSent(bitrateBps: number, now: number): number {
    // Before the first packet, and in a pause, there was nothing to be heard of.
    const isPauseOver = now - this.#lastSent > LIMIT_MS;
    if (isPauseOver || Number.isNaN(this.#lastFeedback)) this.#lastFeedback = now;
    this.#lastSent = now;
    const roundTripMs = this.#roundTripMs + (now - this.#lastFeedback);
    if (roundTripMs <= LIMIT_MS || now - this.#lastBackoff < INTERVAL_MS) return bitrateBps;
    this.#lastBackoff = now;
    return Math.min(bitrateBps, Math.max(FLOOR_BPS, BACKOFF * bitrateBps));
  }
}
