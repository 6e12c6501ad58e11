// CUBIC: a window that grows by the time since the last loss, and not by round trips (RFC 9438, https://www.rfc-editor.org/rfc/rfc9438).
import type {
  Acknowledgement,
  CongestionController,
  CongestionOptions,
} from './congestion-controller.ts';
import { SlowStartExit } from './slow-start-exit.ts';
import { windowPacingRate } from './window-pacing.ts';

const BETA = 0.7; // §4.6
const C = 0.4; // §5.1, packets per second cubed
/** α of §4.3: as fast as Reno, given that CUBIC backs off less. */
const RENO_ALPHA = (3 * (1 - BETA)) / (1 + BETA);
/** A window may grow by half in a round trip (§4.2). */
const MAX_TARGET_GAIN = 1.5;
const MIN_SSTHRESH_PACKETS = 2;

/** Where congestion avoidance stands since the last congestion event; windows in packets. */
interface Epoch {
  beganAt: number;
  readonly wMax: number;
  /** K: seconds until the window is at wMax again. */
  readonly k: number;
  wEst: number;
}

/** The state that a congestion event changes. */
interface Recovered {
  readonly cwnd: number;
  readonly ssthresh: number;
  readonly wMax: number;
  readonly cwndPrior: number;
  readonly epoch: Epoch | undefined;
}

/** The algorithm. */
export class Cubic implements CongestionController {
  readonly name = 'cubic';
  #packetBytes: number;
  #cwnd: number;
  #ssthresh = Number.POSITIVE_INFINITY;
  #pacingRate = Number.POSITIVE_INFINITY;
  #wMax = 0;
  /** The window at the last congestion event, in packets. */
  #cwndPrior = 0;
  #epoch: Epoch | undefined;
  /** What a needless recovery gives back. */
  #beforeRecovery: Recovered | undefined;
  readonly #exit = new SlowStartExit();

  constructor({ packetBytes, initialCwndBytes }: CongestionOptions) {
    this.#packetBytes = packetBytes;
    this.#cwnd = initialCwndBytes;
  }

  get cwnd(): number {
    return Math.floor(this.#cwnd);
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
    const { priorFlightBytes, isInRecovery, srttMs } = acknowledgement;
    const isFullyUsed = priorFlightBytes + this.#packetBytes >= this.#cwnd;
    const isSlowStart = this.#cwnd < this.#ssthresh;
    if (!isInRecovery && isFullyUsed) {
      if (isSlowStart) this.#slowStart(acknowledgement);
      else this.#avoidCongestion(acknowledgement);
    } else if (!isFullyUsed && this.#epoch !== undefined) {
      // §5.8: time in which the window was not used does not count.
      this.#epoch = undefined;
    }
    this.#pacingRate = windowPacingRate(this.#cwnd, srttMs, isSlowStart);
  }

  onFastRetransmit(): void {
    this.#beforeRecovery = {
      cwnd: this.#cwnd,
      ssthresh: this.#ssthresh,
      wMax: this.#wMax,
      cwndPrior: this.#cwndPrior,
      epoch: this.#epoch,
    };
    this.#reduce();
    this.#cwnd = this.#ssthresh;
  }

  onSpuriousRecovery(): void {
    // §4.9.2
    const before = this.#beforeRecovery;
    this.#beforeRecovery = undefined;
    if (before === undefined || this.#cwnd >= before.cwnd) return;
    this.#cwnd = before.cwnd;
    this.#ssthresh = before.ssthresh;
    this.#wMax = before.wMax;
    this.#cwndPrior = before.cwndPrior;
    this.#epoch = before.epoch;
  }

  onRetransmissionTimeout(): void {
    this.#beforeRecovery = undefined;
    if (this.#cwnd > this.#packetBytes) this.#reduce();
    this.#cwnd = this.#packetBytes;
  }

  onIdle(idleMs: number, rtoMs: number): void {
    this.#epoch = undefined;
    // RFC 9260 §7.2.1
    const floor = 4 * this.#packetBytes;
    for (let rest = idleMs; rest >= rtoMs && this.#cwnd > floor; rest -= rtoMs) {
      this.#cwnd = Math.max(this.#cwnd / 2, floor);
    }
  }

  #slowStart(acknowledgement: Acknowledgement): void {
    // HyStart++ is for the first slow start only (RFC 9406 §4.3).
    const isFirst = this.#ssthresh === Number.POSITIVE_INFINITY;
    const growth = isFirst ? this.#exit.growth(acknowledgement) : 1;
    if (growth === 0) this.#ssthresh = this.#cwnd;
    else this.#cwnd += growth * acknowledgement.ackedBytes;
  }

  #avoidCongestion({ ackedBytes, now, srttMs = 0 }: Acknowledgement): void {
    const cwnd = this.#cwnd / this.#packetBytes;
    const epoch = this.#currentEpoch(cwnd, now);
    const acked = ackedBytes / this.#packetBytes;
    // §4.3
    epoch.wEst += (epoch.wEst >= this.#cwndPrior ? 1 : RENO_ALPHA) * (acked / cwnd);
    const elapsed = (now - epoch.beganAt) / 1000;
    if (cubic(epoch, elapsed) < epoch.wEst) {
      this.#cwnd = Math.max(cwnd, epoch.wEst) * this.#packetBytes;
      return;
    }
    // §4.2, §4.4, §4.5
    const target = Math.min(
      Math.max(cubic(epoch, elapsed + srttMs / 1000), cwnd),
      MAX_TARGET_GAIN * cwnd,
    );
    this.#cwnd += ((target - cwnd) / cwnd) * acked * this.#packetBytes;
  }

  #currentEpoch(cwnd: number, now: number): Epoch {
    if (this.#epoch !== undefined) return this.#epoch;
    // §4.2: after slow start without loss, and above the old maximum, the plateau is where we are.
    const wMax = Math.max(this.#wMax, cwnd);
    const k = Math.cbrt((wMax - cwnd) / C);
    this.#epoch = { beganAt: now, wMax, k, wEst: cwnd };
    return this.#epoch;
  }

  #reduce(): void {
    const cwnd = this.#cwnd / this.#packetBytes;
    this.#cwndPrior = cwnd;
    // §4.7: fast convergence leaves room for new flows.
    this.#wMax = cwnd < this.#wMax ? (cwnd * (1 + BETA)) / 2 : cwnd;
    this.#ssthresh = Math.max(
      Math.floor(this.#cwnd * BETA),
      MIN_SSTHRESH_PACKETS * this.#packetBytes,
    );
    this.#epoch = undefined;
  }
}

/** W_cubic(t) of §4.2, in packets. */
function cubic({ k, wMax }: Epoch, seconds: number): number {
  return C * (seconds - k) ** 3 + wMax;
}
