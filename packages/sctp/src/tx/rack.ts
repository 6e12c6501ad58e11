// Which chunks are lost, by the time that has passed since later ones were acknowledged (RFC 8985 §6, https://www.rfc-editor.org/rfc/rfc8985#section-6).
import { Timer } from '@kaon/wire';
import type { OutstandingChunk } from './outstanding-data.ts';
import type { RtoEstimator } from './rto-estimator.ts';

/** As many chunks reported beyond a gap are enough, where packets keep their order (RFC 9260 §7.2.4). */
const MISS_INDICATIONS = 3;
/** The window for reordering grows by a quarter of the round trip at a time (RFC 8985 §6.2 step 4). */
const WINDOW_SHARE = 1 / 4;
/** It shrinks again when so many recoveries went by without a spurious retransmission. */
const PERSIST_RECOVERIES = 16;

/** Remembers the chunk sent last of those acknowledged, and how far packets may be out of order. */
export class Rack {
  readonly #rto: RtoEstimator;
  readonly #timer: Timer = new Timer({ durationMs: 0, maxExpirations: 1 });
  /** RACK.xmit_ts, as the order of sending: chunks of one packet have the same time. */
  #sendIndex = -1;
  /** RACK.rtt */
  #rttMs = 0;
  #hasReordering = false;
  #windowFactor = 1;
  #persist = 0;
  /** A duplicate widens the window once a round trip: not before a chunk sent later is acknowledged. */
  #widenedAtIndex = -1;

  constructor(rto: RtoEstimator) {
    this.#rto = rto;
  }

  /** When chunks may have to be declared lost that are now given time to arrive out of order. */
  get deadline(): number {
    return this.#timer.deadline;
  }

  /** Takes note of a newly acknowledged chunk (§6.2 steps 1 to 3). */
  onAcked(chunk: OutstandingChunk, isBelowHighest: boolean, now: number): void {
    const rttMs = now - chunk.sentAt;
    if (chunk.transmissions > 1) {
      // Too soon for the retransmission: the original has arrived.
      if (rttMs < this.#rto.minRttMs) {
        this.#hasReordering = true;
        return;
      }
    } else if (isBelowHighest) {
      this.#hasReordering = true;
    }
    if (chunk.sendIndex <= this.#sendIndex) return;
    this.#sendIndex = chunk.sendIndex;
    this.#rttMs = rttMs;
  }

  /** The peer has a chunk twice that was sent again: packets were only late (§6.2 step 4). */
  onSpurious(nextSendIndex: number): void {
    this.#hasReordering = true;
    if (this.#sendIndex <= this.#widenedAtIndex) return;
    this.#windowFactor++;
    this.#persist = PERSIST_RECOVERIES;
    this.#widenedAtIndex = nextSendIndex;
  }

  /** A recovery has ended. */
  onRecoveryEnd(): void {
    if (this.#persist > 0) this.#persist--;
    if (this.#persist === 0) this.#windowFactor = 1;
  }

  /**
   * How long after the chunk acknowledged last a chunk may arrive (§6.2 step 4).
   *
   * @param hasProof whether loss is as good as certain where packets keep their order: in recovery, or
   * with as many chunks reported beyond the gap as RFC 9260 §7.2.4 asks for.
   */
  window(isInRecovery: boolean, gapAckedChunks: number): number {
    if (!this.#hasReordering && (isInRecovery || gapAckedChunks >= MISS_INDICATIONS)) return 0;
    const srttMs = this.#rto.srttMs ?? this.#rttMs;
    return Math.min(this.#windowFactor * WINDOW_SHARE * this.#rto.minRttMs, srttMs);
  }

  /** Milliseconds until `chunk`, sent before the newest acknowledged, counts as lost; 0 or less: it does. */
  remaining(chunk: OutstandingChunk, windowMs: number, now: number): number {
    return chunk.sentAt + this.#rttMs + windowMs - now;
  }

  /** Whether `chunk` was sent before the one acknowledged that was sent last. */
  isOlder(chunk: OutstandingChunk): boolean {
    return chunk.sendIndex < this.#sendIndex;
  }

  /** Comes back in so many milliseconds, or not at all. */
  arm(remainingMs: number, now: number): void {
    if (remainingMs <= 0) {
      this.#timer.stop();
      return;
    }
    this.#timer.durationMs = remainingMs;
    this.#timer.start(now);
  }

  /** Whether it is time to look again. */
  expire(now: number): boolean {
    return this.#timer.expire(now);
  }

  stop(): void {
    this.#timer.stop();
  }
}
