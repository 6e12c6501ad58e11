// When to hand a frame on: how long the receiver holds back what came early (RFC 3550 §6.4.1 for the jitter; delay histogram in the manner of NetEQ, https://webrtc.googlesource.com/src/+/refs/heads/main/modules/audio_coding/neteq/g3doc/index.md).
import type { RtpPacket } from '../packet/rtp-packet.ts';
import { TimestampUnwrapper } from '../timing/unwrapper.ts';
import { DelayHistogram } from './delay-histogram.ts';

/** The share of frames that shall be there in time. */
const QUANTILE = 0.97;
/** Until so many frames came, the delay is at least START_DELAY_MS and four times the jitter. */
const WARM_UP_FRAMES = 50;
const START_DELAY_MS = 80;

/** The shortest transit is looked for in the last two seconds, in pieces. */
const WINDOW_PIECES = 8;
const WINDOW_PIECE_MS = 250;

/** A packet that much earlier, or later, than all others: its sender's clock jumped. */
const EARLY_JUMP_MS = 500;
const LATE_JUMP_MS = 10_000;

/** How fast the delay changes while frames are played: so much that nobody hears it. */
const SLEW = 0.1;

/** When a packet was made and when it came, each by its own clock. */
export interface TimedPacket {
  /** Its timestamp, extended, in milliseconds. */
  readonly mediaMs: number;
  /** In milliseconds on the receiver's clock. */
  readonly arrival: number;
}

/**
 * Learns how evenly frames come and says when each is to be played.
 *
 * A packet's *transit* is the time from its timestamp to its arrival, on two clocks that have nothing to
 * do with each other; the shortest transit of the last two seconds stands for a packet that was not held
 * up, and follows the drift between the clocks. What a frame's last packet took longer goes into a
 * histogram that forgets. Its 97 % quantile is the target: a mean, as RTCP's jitter is one, says nothing
 * of the tail, which is what makes frames come too late; the jitter serves until there are enough frames.
 */
export class PlayoutTiming {
  readonly #msPerTick: number;
  readonly #timestamps = new TimestampUnwrapper();
  readonly #histogram = new DelayHistogram();
  // The shortest transit in each piece of the window.
  readonly #shortest = new Float64Array(WINDOW_PIECES).fill(Number.POSITIVE_INFINITY);
  #piece = 0;
  #shortestTransitMs = Number.POSITIVE_INFINITY;
  // The frame with the highest timestamp, and the longest transit of its packets.
  #frameMediaMs = Number.NEGATIVE_INFINITY;
  #frameTransitMs = 0;
  // A frame is played at its timestamp and this; Infinity if nothing is known yet.
  #playoutOffsetMs = Number.POSITIVE_INFINITY;
  #updated = 0;
  #jitterMs = 0;
  #previousTransitMs = Number.NaN;
  // Of the packet at hand; as arguments such numbers may cost memory.
  #mediaMs = 0;
  #arrival = 0;
  #transitMs = 0;
  #minDelayMs = 0;
  #maxDelayMs = Number.POSITIVE_INFINITY;

  constructor(clockRate: number) {
    this.#msPerTick = 1000 / clockRate;
  }

  /** RTCP's interarrival jitter, in milliseconds. */
  get jitterMs(): number {
    return this.#jitterMs;
  }

  /** How long a frame that was not held up on its way shall wait, in milliseconds. */
  get targetDelayMs(): number {
    let delayMs = this.#histogram.count > 0 ? this.#histogram.quantile(QUANTILE) : 0;
    if (this.#histogram.count < WARM_UP_FRAMES) {
      delayMs = Math.max(delayMs, START_DELAY_MS, 4 * this.#jitterMs);
    }
    return Math.min(Math.max(delayMs, this.#minDelayMs), this.#maxDelayMs);
  }

  /** How long such a frame does wait now, on the way to the target. */
  get delayMs(): number {
    return this.#playoutOffsetMs === Number.POSITIVE_INFINITY
      ? this.targetDelayMs
      : this.#playoutOffsetMs - this.#shortestTransitMs;
  }

  /** Between which bounds the delay has to lie; the upper bound wins. */
  setBounds(minDelayMs: number, maxDelayMs: number): void {
    this.#minDelayMs = minDelayMs;
    this.#maxDelayMs = maxDelayMs;
  }

  /** Sets `mediaMs` by the packet's timestamp. As argument or result such numbers may cost memory. */
  stamp(timed: { mediaMs: number; readonly packet: RtpPacket }): void {
    timed.mediaMs = this.#timestamps.unwrap(timed.packet.timestamp) * this.#msPerTick;
  }

  /** When a packet is to be played, in milliseconds on the receiver's clock. */
  playoutTime(packet: TimedPacket): number {
    return packet.mediaMs + this.#playoutOffsetMs;
  }

  /**
   * Notes a packet that came on its own, not by repair.
   *
   * @param mayJump whether nothing is being played, so that the delay can change at once.
   */
  observe(packet: TimedPacket, mayJump: boolean): void {
    this.#mediaMs = packet.mediaMs;
    this.#arrival = packet.arrival;
    this.#transitMs = packet.arrival - packet.mediaMs;
    const lateMs = this.#transitMs - this.#shortestTransitMs;
    if (lateMs < -EARLY_JUMP_MS || lateMs > LATE_JUMP_MS) this.rebase();
    this.#noteJitter();
    const isLone = this.#noteTransit();
    this.#noteFrame();
    this.#follow(mayJump || isLone);
  }

  /** Forgets where the sender's clock stood; what was learnt of the path stays. */
  rebase(): void {
    this.#shortest.fill(Number.POSITIVE_INFINITY);
    this.#shortestTransitMs = Number.POSITIVE_INFINITY;
    this.#frameMediaMs = Number.NEGATIVE_INFINITY;
    this.#playoutOffsetMs = Number.POSITIVE_INFINITY;
    this.#previousTransitMs = Number.NaN;
  }

  /** RFC 3550 §A.8: J += (|D| - J) / 16. */
  #noteJitter(): void {
    const difference = Math.abs(this.#transitMs - this.#previousTransitMs);
    this.#previousTransitMs = this.#transitMs;
    // Not a number before the second packet.
    if (difference >= 0) this.#jitterMs += (difference - this.#jitterMs) / 16;
  }

  /** Whether nothing has come for as long as transits are remembered: nothing is being played then. */
  #noteTransit(): boolean {
    const transitMs = this.#transitMs;
    const piece = Math.floor(this.#arrival / WINDOW_PIECE_MS);
    const passed = piece - this.#piece;
    if (passed > 0) {
      for (let i = Math.max(1, passed - WINDOW_PIECES + 1); i <= passed; i++) {
        this.#shortest[(this.#piece + i) % WINDOW_PIECES] = Number.POSITIVE_INFINITY;
      }
      this.#piece = piece;
      this.#shortestTransitMs = transitMs;
      for (let i = 0; i < WINDOW_PIECES; i++) {
        const shortest = this.#shortest[i] as number;
        if (shortest < this.#shortestTransitMs) this.#shortestTransitMs = shortest;
      }
    }
    const at = this.#piece % WINDOW_PIECES;
    if (transitMs < (this.#shortest[at] as number)) this.#shortest[at] = transitMs;
    if (transitMs < this.#shortestTransitMs) this.#shortestTransitMs = transitMs;
    return passed >= WINDOW_PIECES;
  }

  #noteFrame(): void {
    const transitMs = this.#transitMs;
    if (this.#mediaMs === this.#frameMediaMs) {
      if (transitMs > this.#frameTransitMs) this.#frameTransitMs = transitMs;
    } else if (this.#mediaMs > this.#frameMediaMs) {
      // The frame before is as late as its last packet.
      if (this.#frameMediaMs !== Number.NEGATIVE_INFINITY) {
        this.#histogram.add(Math.floor(this.#frameTransitMs - this.#shortestTransitMs));
      }
      this.#frameMediaMs = this.#mediaMs;
      this.#frameTransitMs = transitMs;
    } else {
      this.#histogram.add(Math.floor(transitMs - this.#shortestTransitMs));
    }
  }

  #follow(mayJump: boolean): void {
    const wanted = this.#shortestTransitMs + this.targetDelayMs;
    const difference = wanted - this.#playoutOffsetMs;
    const most = (this.#arrival - this.#updated) * SLEW;
    this.#updated = this.#arrival;
    if (mayJump || !Number.isFinite(difference)) this.#playoutOffsetMs = wanted;
    else this.#playoutOffsetMs += Math.min(Math.max(difference, -most), most);
  }
}
