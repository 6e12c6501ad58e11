// Asks for an acknowledgement when the last packets of a flight may be lost, long before T3-rtx would (RFC 8985 §7, https://www.rfc-editor.org/rfc/rfc8985#section-7).
import { serialDistance32, Timer } from '@kaon/wire';
import type { RtoEstimator } from './rto-estimator.ts';

/** Timers are coarse; a probe that comes sooner than that is no use. */
const MIN_TIMEOUT_MS = 10;

/** When a probe is due; at most one is under way (TLP.end_seq). */
export class TailLossProbe {
  readonly #rto: RtoEstimator;
  readonly #timer: Timer = new Timer({ durationMs: 0, maxExpirations: 1 });
  #isUnderWay = false;
  /** The chunk that was sent again as a probe, and the last TSN sent then (TLP.end_seq). */
  #repair: { readonly tsn: number; readonly endTsn: number } | undefined;

  constructor(rto: RtoEstimator) {
    this.#rto = rto;
  }

  get deadline(): number {
    return this.#timer.deadline;
  }

  /**
   * The flight has changed: data was sent or acknowledged.
   *
   * Deviation: §7.2 waits for TLP.max_ack_delay more where a lone packet is in flight; here the last packet
   * asks to be acknowledged at once (RFC 7053).
   */
  arm(now: number): void {
    const { srttMs } = this.#rto;
    if (this.#isUnderWay || srttMs === undefined) return;
    const timeoutMs = Math.max(2 * srttMs, MIN_TIMEOUT_MS);
    // T3-rtx does the same and more.
    if (timeoutMs >= this.#rto.rtoMs) {
      this.#timer.stop();
      return;
    }
    this.#timer.durationMs = timeoutMs;
    this.#timer.start(now);
  }

  /** Nothing is in flight, or loss is known. */
  stop(): void {
    this.#timer.stop();
  }

  /** Whether a probe is to be sent now; it is under way then. */
  expire(now: number): boolean {
    if (!this.#timer.expire(now)) return false;
    this.#isUnderWay = true;
    return true;
  }

  /** The probe is a chunk sent again, `endTsn` being the last TSN sent so far. */
  onRetransmission(tsn: number, endTsn: number): void {
    this.#repair = { tsn, endTsn };
  }

  /** Whether the probe has made up for loss: more has arrived, and the chunk only once (§7.4.2). */
  takeRepair(cumulativeTsnAck: number, duplicateTsns: readonly number[]): boolean {
    const repair = this.#repair;
    if (repair === undefined) return false;
    const isDuplicate = duplicateTsns.includes(repair.tsn);
    const hasMoreArrived = serialDistance32(cumulativeTsnAck, repair.endTsn) > 0;
    if (!isDuplicate && !hasMoreArrived) return false;
    this.#repair = undefined;
    return !isDuplicate;
  }

  /** T3-rtx or a recovery has dealt with it. */
  forgetRepair(): void {
    this.#repair = undefined;
  }

  /** Something was acknowledged, so the peer is heard: another probe may be sent. */
  onAcked(): void {
    this.#isUnderWay = false;
  }
}
