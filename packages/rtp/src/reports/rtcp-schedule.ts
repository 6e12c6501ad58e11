// When to send reports: randomised intervals by bandwidth and members, reconsidered (RFC 3550 §6.2, §6.3, §A.7, https://www.rfc-editor.org/rfc/rfc3550#section-6.3).
import type { RandomSource } from '@kaon/wire';

/** What an interval depends on. */
export interface RtcpIntervalInput {
  /** Everybody in the session, ourselves included. */
  readonly members: number;
  /** Those of them that send. */
  readonly senders: number;
  /** Whether we are one of those. */
  readonly weSent: boolean;
  /** Bits a second that all RTCP together may take. */
  readonly rtcpBandwidthBps: number;
  /** Mean size of RTCP datagrams, with the headers below them. */
  readonly averageBytes: number;
  /** The shortest interval before it is randomised. */
  readonly minIntervalMs: number;
  /** Whether nothing was sent yet: the minimum is then halved. */
  readonly isInitial: boolean;
}

/** §6.2: a quarter of the bandwidth is for senders, while they are no more than a quarter of the members. */
const SENDER_FRACTION = 0.25;
/** §6.3.1: e - 3/2, which makes up for reconsideration leading to less than the bandwidth meant. */
const COMPENSATION = Math.E - 1.5;
/** UDP over IPv4, which §6.2 counts. */
const LOWER_LAYER_BYTES = 28;

/**
 * The interval between reports in milliseconds (§6.3.1).
 *
 * @param fraction From 0 to 1, random: the result is a half to one and a half of the deterministic interval,
 * divided by 1.21828.
 */
export function rtcpIntervalMs(input: RtcpIntervalInput, fraction: number): number {
  let bandwidth = input.rtcpBandwidthBps / 8;
  let n = input.members;
  if (input.senders <= input.members * SENDER_FRACTION) {
    if (input.weSent) {
      bandwidth *= SENDER_FRACTION;
      n = input.senders;
    } else {
      bandwidth *= 1 - SENDER_FRACTION;
      n -= input.senders;
    }
  }
  const minimum = input.isInitial ? input.minIntervalMs / 2 : input.minIntervalMs;
  const interval = Math.max((1000 * input.averageBytes * n) / bandwidth, minimum);
  return (interval * (fraction + 0.5)) / COMPENSATION;
}

/** How reports are paced. */
export interface RtcpScheduleOptions {
  readonly random: RandomSource;
  /**
   * The shortest interval before it is randomised, in milliseconds; 1000 by default, which is what AVPF
   * allows as `trr-int` (RFC 4585 §3.4, §4.2). RFC 3550's is 5000, its reduced minimum 360 s over the
   * session's kilobits a second, and with 0 the bandwidth alone decides (RFC 8108 §7).
   */
  readonly minIntervalMs?: number;
  /** Bits a second that all RTCP together may take: 5% of the session (RFC 3550 §6.2). 50000 by default. */
  readonly rtcpBandwidthBps?: number;
}

/** The timer of §6.3 with its timer reconsideration, as a value: it is asked and never calls. */
export class RtcpSchedule {
  readonly #random: RandomSource;
  readonly #minIntervalMs: number;
  #rtcpBandwidthBps: number;
  // The names of §6.3.
  #tp = 0;
  #tn = Number.POSITIVE_INFINITY;
  #members = 1;
  #pmembers = 1;
  #senders = 0;
  #weSent = false;
  #avgRtcpSize = 128;
  #isInitial = true;

  /** @throws RangeError if an option is out of range. */
  constructor(options: RtcpScheduleOptions) {
    const { minIntervalMs = 1000, rtcpBandwidthBps = 50_000 } = options;
    if (!(minIntervalMs >= 0 && minIntervalMs < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`minIntervalMs is ${minIntervalMs}; expected 0 or more`);
    }
    this.#random = options.random;
    this.#minIntervalMs = minIntervalMs;
    this.#rtcpBandwidthBps = checkBandwidth(rtcpBandwidthBps);
  }

  /** Bits a second that all RTCP together may take; a change counts from the next interval. */
  get rtcpBandwidthBps(): number {
    return this.#rtcpBandwidthBps;
  }

  set rtcpBandwidthBps(bitsPerSecond: number) {
    this.#rtcpBandwidthBps = checkBandwidth(bitsPerSecond);
  }

  /** When a report may be due; Infinity before {@link start}. */
  get nextTimeout(): number {
    return this.#tn;
  }

  /** The session begins (§6.3.2); nothing happens if it has begun. */
  start(now: number): void {
    if (this.#tn !== Number.POSITIVE_INFINITY) return;
    this.#tp = now;
    this.#tn = now + this.#intervalMs();
  }

  /** The session ends: nothing is due any more. */
  stop(): void {
    this.#tn = Number.POSITIVE_INFINITY;
  }

  /** Who takes part at present; when fewer do, the report comes sooner (§6.3.4). */
  setParties(members: number, senders: number, weSent: boolean, now: number): void {
    this.#senders = senders;
    this.#weSent = weSent;
    this.#members = Math.max(members, 1);
    if (this.#members < this.#pmembers) {
      const share = this.#members / this.#pmembers;
      if (this.#tn !== Number.POSITIVE_INFINITY) this.#tn = now + share * (this.#tn - now);
      this.#tp = now - share * (now - this.#tp);
      this.#pmembers = this.#members;
    }
  }

  /**
   * Whether a report is due at `now`. When {@link nextTimeout} has come and yet it is not, because there are
   * more members than when the time was set, it is put off (§6.3.6).
   */
  expire(now: number): boolean {
    if (now < this.#tn) return false;
    const tn = this.#tp + this.#intervalMs();
    if (tn <= now) return true;
    this.#tn = tn;
    return false;
  }

  /** A report of so many bytes is sent: the next interval begins. */
  noteSent(bytes: number, now: number): void {
    this.noteSize(bytes);
    this.#isInitial = false;
    this.#tp = now;
    this.#tn = now + this.#intervalMs();
    this.#pmembers = this.#members;
  }

  /** An RTCP datagram of so many bytes was sent or came: the mean moves by a sixteenth (§6.3.3). */
  noteSize(bytes: number): void {
    this.#avgRtcpSize += (bytes + LOWER_LAYER_BYTES - this.#avgRtcpSize) / 16;
  }

  #intervalMs(): number {
    return rtcpIntervalMs(
      {
        members: this.#members,
        senders: this.#senders,
        weSent: this.#weSent,
        rtcpBandwidthBps: this.#rtcpBandwidthBps,
        averageBytes: this.#avgRtcpSize,
        minIntervalMs: this.#minIntervalMs,
        isInitial: this.#isInitial,
      },
      this.#random.uint32() / 0x1_0000_0000,
    );
  }
}

function checkBandwidth(bitsPerSecond: number): number {
  if (!(bitsPerSecond > 0)) {
    throw new RangeError(`rtcpBandwidthBps is ${bitsPerSecond}; expected more than 0`);
  }
  return bitsPerSecond;
}
