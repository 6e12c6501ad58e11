// Heartbeats on an idle path (RFC 9260 §8.3, https://www.rfc-editor.org/rfc/rfc9260#section-8.3).
import { equalBytes, type RandomSource, Timer } from '@kaon/wire';

const NONCE_BYTES = 8;

/** A HEARTBEAT that is not yet answered. */
interface Probe {
  readonly nonce: Uint8Array;
  readonly sentAt: number;
}

/** Decides when a HEARTBEAT is due and whether it was answered in time. */
export class Heartbeat {
  readonly #random: RandomSource;
  readonly #intervalMs: number;
  readonly #interval: Timer;
  readonly #answer: Timer;
  #probe: Probe | undefined;

  constructor(random: RandomSource, intervalMs: number) {
    this.#random = random;
    this.#intervalMs = intervalMs;
    this.#interval = new Timer({ durationMs: intervalMs, maxExpirations: 1 });
    this.#answer = new Timer({ durationMs: intervalMs, maxExpirations: 1 });
  }

  /** When the next heartbeat is due, or the answer to the last. */
  get deadline(): number {
    return Math.min(this.#interval.deadline, this.#answer.deadline);
  }

  /** The path was used, or the association has begun: the interval starts anew. */
  restart(now: number, rtoMs: number): void {
    if (this.#intervalMs === Number.POSITIVE_INFINITY) return;
    // HB.interval + RTO, jittered by half an RTO to either side.
    const jitter = (this.#random.uint32() / 0x1_0000_0000 - 0.5) * rtoMs;
    this.#interval.durationMs = this.#intervalMs + rtoMs + jitter;
    this.#interval.start(now);
  }

  /** Ends it. */
  stop(): void {
    this.#interval.stop();
    this.#answer.stop();
    this.#probe = undefined;
  }

  /** Whether the interval has passed; {@link restart} begins the next. */
  isDue(now: number): boolean {
    return this.#interval.expire(now);
  }

  /** Whether a HEARTBEAT went without answer for an RTO. */
  isLost(now: number): boolean {
    if (!this.#answer.expire(now)) return false;
    this.#probe = undefined;
    return true;
  }

  /** The info of a HEARTBEAT that is sent now. */
  begin(now: number, rtoMs: number): Uint8Array {
    const nonce = this.#random.fill(new Uint8Array(NONCE_BYTES));
    this.#probe = { nonce, sentAt: now };
    this.#answer.durationMs = rtoMs;
    this.#answer.start(now);
    return nonce;
  }

  /** The round-trip time if `info` answers the last HEARTBEAT; undefined if it does not. */
  finish(info: Uint8Array, now: number): number | undefined {
    const probe = this.#probe;
    if (probe === undefined || !equalBytes(probe.nonce, info)) return undefined;
    this.#probe = undefined;
    this.#answer.stop();
    return now - probe.sentAt;
  }
}
