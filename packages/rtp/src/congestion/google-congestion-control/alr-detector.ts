// Notices when the application sends less than it may: the application-limited region (https://webrtc.googlesource.com/src/+/refs/heads/main/modules/congestion_controller/goog_cc/).

/** Of the estimate; what stays below it for long is limited by the application. */
const USAGE_RATIO = 0.65;
const WINDOW_MS = 500;
/** How full the budget of unused bytes is when the region begins, and ends. */
const START_LEVEL = 0.8;
const STOP_LEVEL = 0.5;

/** A budget that time fills and packets use up. */
export class AlrDetector {
  #bytes = 0;
  #bitrateBps = 0;
  #lastUpdate = Number.NaN;
  #since = Number.NaN;

  /** Since when the application is the limit; NaN if it is not. */
  get since(): number {
    return this.#since;
  }

  get isLimited(): boolean {
    return !Number.isNaN(this.#since);
  }

  /** What could be sent. */
  set bitrateBps(value: number) {
    this.#bitrateBps = USAGE_RATIO * value;
  }

  /** Bytes were sent. */
  onPacketSent(sizeBytes: number, now: number): void {
    if (Number.isNaN(this.#lastUpdate)) this.#lastUpdate = now;
    const limit = (this.#bitrateBps * WINDOW_MS) / 8000;
    const earned = (this.#bitrateBps * (now - this.#lastUpdate)) / 8000;
    this.#lastUpdate = now;
    this.#bytes = Math.max(-limit, Math.min(limit, this.#bytes + earned) - sizeBytes);
    const level = limit === 0 ? 0 : this.#bytes / limit;
    if (level > START_LEVEL && !this.isLimited) this.#since = now;
    else if (level < STOP_LEVEL && this.isLimited) this.#since = Number.NaN;
  }
}
