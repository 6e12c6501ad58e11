// Compares the trend of the delay with a threshold that adapts itself (draft-ietf-rmcat-gcc-02 §5.4, https://datatracker.ietf.org/doc/html/draft-ietf-rmcat-gcc-02#section-5.4).

/** §5.4: del_var_th(0). */
const FIRST_THRESHOLD_MS = 12.5;
const MIN_THRESHOLD_MS = 6;
const MAX_THRESHOLD_MS = 600;
/** §5.4: overuse has lasted for as long before it is signalled. */
const OVERUSE_TIME_MS = 10;
/** §5.4: a single spike beyond the threshold by more than this does not move it. */
const MAX_DEVIATION_MS = 15;
// Deviation: the draft has K_u = 0.01 and K_d = 0.00018, libwebrtc 0.0087 and 0.039. With libwebrtc's the
// threshold falls back within a group or two, and a flow of TCP that fills the queue by and by is overuse each
// time: it starves the call. With the draft's it takes six seconds, in which a queue of one's own goes unseen.
// This one takes a second: about the time between two sawteeth of TCP, and shorter than a queue takes to hurt.
const GAIN_UP = 0.0087;
const GAIN_DOWN = 0.001;
const MAX_STEP_MS = 100;

/** What the delay says of the path. */
export type BandwidthUsage = 'normal' | 'overusing' | 'underusing';

/** The detector and its threshold. */
export class OveruseDetector {
  #state: BandwidthUsage = 'normal';
  #thresholdMs = FIRST_THRESHOLD_MS;
  #lastUpdate = Number.NaN;
  /** How long the trend has been above the threshold; -1 if it is not. */
  #overusingForMs = -1;
  #overusingGroups = 0;
  #previousTrend = 0;

  get state(): BandwidthUsage {
    return this.#state;
  }

  get thresholdMs(): number {
    return this.#thresholdMs;
  }

  /**
   * @param modifiedTrend as {@link TrendlineEstimator} gives it
   * @param sendDeltaMs between the last two groups
   * @param groups that the trend is made of
   */
  update(modifiedTrend: number, sendDeltaMs: number, groups: number, now: number): BandwidthUsage {
    if (groups < 2) {
      this.#state = 'normal';
      return this.#state;
    }
    if (modifiedTrend > this.#thresholdMs) {
      this.#overusingForMs =
        this.#overusingForMs < 0 ? sendDeltaMs / 2 : this.#overusingForMs + sendDeltaMs;
      this.#overusingGroups++;
      if (
        this.#overusingForMs > OVERUSE_TIME_MS &&
        this.#overusingGroups > 1 &&
        modifiedTrend >= this.#previousTrend
      ) {
        this.#overusingForMs = 0;
        this.#overusingGroups = 0;
        this.#state = 'overusing';
      }
    } else {
      this.#overusingForMs = -1;
      this.#overusingGroups = 0;
      this.#state = modifiedTrend < -this.#thresholdMs ? 'underusing' : 'normal';
    }
    this.#previousTrend = modifiedTrend;
    this.#adapt(Math.abs(modifiedTrend), now);
    return this.#state;
  }

  /** Begins anew. */
  reset(): void {
    this.#state = 'normal';
    this.#overusingForMs = -1;
    this.#overusingGroups = 0;
    this.#previousTrend = 0;
  }

  // §5.4: a threshold that never rose would starve the flow beside one that fills the queue.
  #adapt(trend: number, now: number): void {
    const elapsed = Number.isNaN(this.#lastUpdate)
      ? 0
      : Math.min(now - this.#lastUpdate, MAX_STEP_MS);
    this.#lastUpdate = now;
    if (trend > this.#thresholdMs + MAX_DEVIATION_MS) return;
    const gain = trend < this.#thresholdMs ? GAIN_DOWN : GAIN_UP;
    this.#thresholdMs += gain * (trend - this.#thresholdMs) * elapsed;
    this.#thresholdMs = Math.min(MAX_THRESHOLD_MS, Math.max(MIN_THRESHOLD_MS, this.#thresholdMs));
  }
}
