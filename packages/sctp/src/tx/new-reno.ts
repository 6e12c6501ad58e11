// Slow start, congestion avoidance and the answers to loss of the RFC (RFC 9260 §7.2, https://www.rfc-editor.org/rfc/rfc9260#section-7.2).
import type {
  Acknowledgement,
  CongestionController,
  CongestionOptions,
} from './congestion-controller.ts';
import { windowPacingRate } from './window-pacing.ts';

/**
 * L of RFC 9260 §7.2.1: how many full packets one SACK may add to the window in slow start. The RFC allows
 * more than 1, and a receiver that acknowledges whole bursts at once needs it; RFC 9002 has no such bound.
 */
const SLOW_START_PACKETS_PER_SACK = 16;

/** The algorithm of RFC 9260, counting bytes. */
export class NewReno implements CongestionController {
  readonly name = 'newreno';
  #packetBytes: number;
  #cwnd: number;
  #ssthresh = Number.POSITIVE_INFINITY;
  #partialBytesAcked = 0;
  #pacingRate = Number.POSITIVE_INFINITY;
  /** What a needless recovery gives back. */
  #beforeRecovery: { readonly cwnd: number; readonly ssthresh: number } | undefined;

  constructor({ packetBytes, initialCwndBytes }: CongestionOptions) {
    this.#packetBytes = packetBytes;
    this.#cwnd = initialCwndBytes;
  }

  get cwnd(): number {
    return this.#cwnd;
  }

  get ssthresh(): number {
    return this.#ssthresh;
  }

  get pacingRate(): number {
    return this.#pacingRate;
  }

  setPacketBytes(packetBytes: number): void {
    this.#packetBytes = packetBytes;
  }

  onAcknowledgement(acknowledgement: Acknowledgement): void {
    this.#grow(acknowledgement);
    const isSlowStart = this.#cwnd <= this.#ssthresh;
    this.#pacingRate = windowPacingRate(this.#cwnd, acknowledgement.srttMs, isSlowStart);
  }

  #grow({ ackedBytes, priorFlightBytes, isCumulative, isInRecovery }: Acknowledgement): void {
    // Deviation: RFC 9260 §7.2 asks for cwnd or more in flight; here less than a packet short of it is full
    // too, as in libwebrtc, because packets are not cut to fit the window.
    const isFullyUsed = priorFlightBytes + this.#packetBytes >= this.#cwnd;
    if (this.#cwnd <= this.#ssthresh) {
      // §7.2.1
      if (!isCumulative || !isFullyUsed || isInRecovery) return;
      this.#cwnd += Math.min(ackedBytes, SLOW_START_PACKETS_PER_SACK * this.#packetBytes);
      return;
    }
    // §7.2.2
    this.#partialBytesAcked += ackedBytes;
    if (this.#partialBytesAcked < this.#cwnd) return;
    if (isFullyUsed && !isInRecovery) {
      this.#partialBytesAcked -= this.#cwnd;
      this.#cwnd += this.#packetBytes;
    } else {
      this.#partialBytesAcked = this.#cwnd;
    }
  }

  onFastRetransmit(): void {
    this.#beforeRecovery = { cwnd: this.#cwnd, ssthresh: this.#ssthresh };
    // §7.2.3
    this.#ssthresh = Math.max(Math.floor(this.#cwnd / 2), 4 * this.#packetBytes);
    this.#cwnd = this.#ssthresh;
    this.#partialBytesAcked = 0;
  }

  onSpuriousRecovery(): void {
    if (this.#beforeRecovery === undefined) return;
    this.#cwnd = Math.max(this.#cwnd, this.#beforeRecovery.cwnd);
    this.#ssthresh = Math.max(this.#ssthresh, this.#beforeRecovery.ssthresh);
    this.#beforeRecovery = undefined;
  }

  onRetransmissionTimeout(): void {
    this.#beforeRecovery = undefined;
    // §7.2.3, §6.3.3 E1. A second expiry in a row must not halve a window that was never refilled.
    if (this.#cwnd > this.#packetBytes) {
      this.#ssthresh = Math.max(Math.floor(this.#cwnd / 2), 4 * this.#packetBytes);
    }
    this.#cwnd = this.#packetBytes;
    this.#partialBytesAcked = 0;
  }

  onIdle(idleMs: number, rtoMs: number): void {
    // §7.2.1: halved for each RTO without data, down to 4 packets.
    const floor = 4 * this.#packetBytes;
    for (let rest = idleMs; rest >= rtoMs && this.#cwnd > floor; rest -= rtoMs) {
      this.#cwnd = Math.max(Math.floor(this.#cwnd / 2), floor);
    }
  }
}
