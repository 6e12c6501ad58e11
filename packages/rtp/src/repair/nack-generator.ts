// Asks a sender for packets that did not come: when, how often, and when no longer (RFC 4585 §6.2.1, RFC 4588 §6.3, https://www.rfc-editor.org/rfc/rfc4585#section-6.2.1).
import { serialAdd16, unwrapSerial16 } from '@kaon/wire';
import { RoundTripTime } from '../reports/round-trip-time.ts';
import type { GenericNack } from '../rtcp/generic-nack.ts';

/** For which stream packets are asked for, and how stubbornly. */
export interface NackGeneratorOptions {
  /** The SSRC that speaks in the NACKs: one of ours. */
  readonly senderSsrc: number;
  /** The stream that is received. */
  readonly mediaSsrc: number;
  /** The measured round-trip time, by which requests are repeated; by default a new one of 100 ms. */
  readonly roundTrip?: RoundTripTime;
  /** How often a packet is asked for at most; 10 by default. */
  readonly maxRequests?: number;
  /** How long a packet may be missing before it is given up, in milliseconds; 2000 by default. */
  readonly maxAgeMs?: number;
  /**
   * How far back from the highest sequence number packets are asked for: a power of two from 16 to 16384,
   * 1024 by default. A greater jump forward is taken for a new beginning.
   */
  readonly maxSpan?: number;
  /**
   * The most that a packet is waited for before it is first asked for, in milliseconds, once the path has
   * been seen to reorder packets by so much; 50 by default, 0 to ask at once always.
   */
  readonly maxReorderingMs?: number;
}

/** What was asked for and came of it. */
export interface NackGeneratorCounters {
  nacksSent: number;
  /** Requests in them, repeated ones included. */
  packetsRequested: number;
  /** Packets that came after they had been asked for. */
  packetsRecovered: number;
  /** Packets that only came late, unasked or before the answer could be here. */
  packetsReordered: number;
  /** Packets given up: too old, asked for too often, or overrun. */
  packetsAbandoned: number;
  /** Packets that a key frame made needless. */
  packetsMoot: number;
}

/** Requests due within this time go out together. */
const BATCH_MS = 5;
/** So many pairs of PID and BLP at most, four bytes each, are in a NACK: it has to fit a datagram. */
const MAX_PAIRS = 256;
/** Waiting is longer than the reordering seen by this factor (as reo_wnd in RFC 8985 §6.2 grows by steps). */
const REORDERING_MARGIN = 1.25;
/** After so many recoveries without reordering, packets are asked for at once again (RFC 8985 §6.2). */
const REORDERING_PERSIST = 16;

/**
 * Finds the gaps in one received stream and makes NACKs for them.
 *
 * A missing packet is asked for at once, or after as long as the path has lately reordered packets; again
 * each time an answer is overdue; and no longer when it came, when a key frame made it moot, or when it is
 * too old, was asked for too often, or lies too far back. Nothing is allocated for a packet, and one that
 * comes in order costs a comparison.
 *
 * ```ts
 * generator.handlePacket(packet.sequenceNumber, now);
 * const nack = generator.pollNack(now);
 * ```
 */
export class NackGenerator {
  readonly counters: Readonly<NackGeneratorCounters>;
  readonly #counters: NackGeneratorCounters = {
    nacksSent: 0,
    packetsRequested: 0,
    packetsRecovered: 0,
    packetsReordered: 0,
    packetsAbandoned: 0,
    packetsMoot: 0,
  };
  readonly #senderSsrc: number;
  readonly #mediaSsrc: number;
  readonly #roundTrip: RoundTripTime;
  readonly #maxRequests: number;
  readonly #maxAgeMs: number;
  readonly #maxReorderingMs: number;
  readonly #span: number;
  // A ring over the last #span extended sequence numbers. Of each: 0 if it is not missing, else one more
  // than how often it was asked for; since when it is missing; when it was and will be asked for.
  readonly #requests: Uint8Array;
  readonly #missingSince: Float64Array;
  readonly #requestedAt: Float64Array;
  readonly #dueAt: Float64Array;
  #highest = -1;
  // No number below this is missing.
  #lowest = 0;
  #missing = 0;
  #nextAt = Number.POSITIVE_INFINITY;
  #reorderingMs = 0;
  #recoveriesSinceReordering = 0;
  // RFC 3550 §A.1, bad_seq: the number that would make two packets from far back a new beginning.
  #restartAt = -1;

  /** @throws RangeError if an option is out of range. */
  constructor(options: NackGeneratorOptions) {
    const { maxRequests = 10, maxAgeMs = 2000, maxSpan = 1024, maxReorderingMs = 50 } = options;
    if (!(Number.isInteger(maxRequests) && maxRequests >= 1 && maxRequests <= 254)) {
      throw new RangeError(`maxRequests is ${maxRequests}; expected an integer from 1 to 254`);
    }
    if (!(maxAgeMs > 0)) throw new RangeError(`maxAgeMs is ${maxAgeMs}; expected more than 0`);
    if (!(maxSpan >= 16 && maxSpan <= 16384 && (maxSpan & (maxSpan - 1)) === 0)) {
      throw new RangeError(`maxSpan is ${maxSpan}; expected a power of two from 16 to 16384`);
    }
    if (!(maxReorderingMs >= 0)) {
      throw new RangeError(`maxReorderingMs is ${maxReorderingMs}; expected 0 or more`);
    }
    this.counters = this.#counters;
    this.#senderSsrc = options.senderSsrc;
    this.#mediaSsrc = options.mediaSsrc;
    this.#roundTrip = options.roundTrip ?? new RoundTripTime();
    this.#maxRequests = maxRequests;
    this.#maxAgeMs = maxAgeMs;
    this.#maxReorderingMs = maxReorderingMs;
    this.#span = maxSpan;
    this.#requests = new Uint8Array(maxSpan);
    this.#missingSince = new Float64Array(maxSpan);
    this.#requestedAt = new Float64Array(maxSpan);
    this.#dueAt = new Float64Array(maxSpan);
  }

  /** How many packets are missing and not given up. */
  get missing(): number {
    return this.#missing;
  }

  /** How long a missing packet is waited for at present before it is asked for, in milliseconds. */
  get reorderingMs(): number {
    return this.#reorderingMs;
  }

  /** When {@link pollNack} will have something; Infinity if nothing is missing. */
  get nextTimeout(): number {
    return this.#nextAt;
  }

  /**
   * A packet of the stream came.
   *
   * @param isRetransmission Whether it is known to be one, because it came as RTX.
   */
  handlePacket(sequenceNumber: number, now: number, isRetransmission = false): void {
    if (this.#highest < 0) {
      this.#restart(sequenceNumber);
      return;
    }
    const extended = unwrapSerial16(sequenceNumber, this.#highest);
    if (extended === this.#highest + 1 && this.#missing === 0) {
      this.#highest = extended;
    } else if (extended > this.#highest) {
      this.#advance(extended, now);
    } else if (extended > this.#highest - this.#span) {
      this.#fill(extended, now, isRetransmission);
    } else if (isRetransmission) {
      return; // Of long ago: what is sent again to fill the path begins nothing.
    } else if (sequenceNumber === this.#restartAt) {
      this.#abandonAll();
      this.#restart(sequenceNumber);
    } else {
      this.#restartAt = serialAdd16(sequenceNumber, 1);
    }
  }

  /** A key frame that begins with this packet is whole: nothing before it is needed. */
  handleKeyFrame(sequenceNumber: number): void {
    if (this.#missing === 0) return;
    const end = Math.min(unwrapSerial16(sequenceNumber, this.#highest), this.#highest);
    for (let each = this.#lowest; each < end && this.#missing > 0; each++) {
      if (this.#clear(each)) this.#counters.packetsMoot++;
    }
    this.#lowest = Math.max(this.#lowest, end);
  }

  /** The requests that are due, if any; what is asked for in it is due again when the answer is overdue. */
  pollNack(now: number): GenericNack | undefined {
    if (now < this.#nextAt) return undefined;
    const sequenceNumbers: number[] = [];
    const overdueMs = this.#roundTrip.overdueMs;
    let nextAt = Number.POSITIVE_INFINITY;
    let lowest = -1;
    // Of PID and BLP, and up to which number the last one reaches.
    let pairs = 0;
    let pairEnd = -1;
    for (let each = this.#lowest; each <= this.#highest && this.#missing > 0; each++) {
      const slot = each & (this.#span - 1);
      const requests = (this.#requests[slot] as number) - 1;
      if (requests < 0) continue;
      if ((this.#dueAt[slot] as number) <= now + BATCH_MS) {
        const age = now - (this.#missingSince[slot] as number);
        if (requests >= this.#maxRequests || age > this.#maxAgeMs) {
          this.#clear(each);
          this.#counters.packetsAbandoned++;
          continue;
        }
        if (each > pairEnd) {
          if (++pairs > MAX_PAIRS) {
            nextAt = now;
            if (lowest < 0) lowest = each;
            break;
          }
          pairEnd = each + 16;
        }
        sequenceNumbers.push(each & 0xffff);
        this.#requests[slot] = requests + 2;
        this.#requestedAt[slot] = now;
        this.#dueAt[slot] = now + overdueMs;
      }
      nextAt = Math.min(nextAt, this.#dueAt[slot] as number);
      if (lowest < 0) lowest = each;
    }
    this.#lowest = lowest < 0 ? this.#highest : lowest;
    this.#nextAt = nextAt;
    if (sequenceNumbers.length === 0) return undefined;
    this.#counters.nacksSent++;
    this.#counters.packetsRequested += sequenceNumbers.length;
    return {
      type: 'generic-nack',
      senderSsrc: this.#senderSsrc,
      mediaSsrc: this.#mediaSsrc,
      sequenceNumbers,
    };
  }

  #advance(extended: number, now: number): void {
    this.#restartAt = -1;
    if (extended - this.#highest >= this.#span) {
      this.#abandonAll();
      this.#highest = extended;
      return;
    }
    const dueAt = now + this.#reorderingMs;
    for (let each = this.#highest + 1; each <= extended; each++) {
      // The slot may still hold the number one span before.
      if (this.#clear(each)) this.#counters.packetsAbandoned++;
      if (each === extended) break;
      const slot = each & (this.#span - 1);
      this.#requests[slot] = 1;
      this.#missingSince[slot] = now;
      this.#dueAt[slot] = dueAt;
      if (this.#missing++ === 0) {
        this.#lowest = each;
        this.#nextAt = dueAt;
      }
    }
    // Where reordering has just been found to be over, those that came last are due first.
    if (this.#missing > 0) this.#nextAt = Math.min(this.#nextAt, dueAt);
    this.#highest = extended;
    this.#lowest = Math.max(this.#lowest, extended - this.#span + 1);
  }

  #fill(extended: number, now: number, isRetransmission: boolean): void {
    const slot = extended & (this.#span - 1);
    const requests = (this.#requests[slot] as number) - 1;
    if (requests < 0) return; // A duplicate, or given up.
    this.#clear(extended);
    const sinceRequest = now - (this.#requestedAt[slot] as number);
    if (requests > 0) this.#counters.packetsRecovered++;
    else this.#counters.packetsReordered++;
    // What comes in less than half a round trip after it was asked for is no answer.
    const isLate =
      requests === 0 || (requests === 1 && sinceRequest < this.#roundTrip.smoothedMs / 2);
    if (!isRetransmission && isLate) {
      const lateMs = now - (this.#missingSince[slot] as number);
      const wanted = Math.min(lateMs * REORDERING_MARGIN, this.#maxReorderingMs);
      this.#reorderingMs = Math.max(this.#reorderingMs, wanted);
      this.#recoveriesSinceReordering = 0;
    } else if (++this.#recoveriesSinceReordering >= REORDERING_PERSIST) {
      this.#reorderingMs = 0;
    }
  }

  /** Takes a number off the missing ones; whether it was one. */
  #clear(extended: number): boolean {
    const slot = extended & (this.#span - 1);
    if (this.#requests[slot] === 0) return false;
    this.#requests[slot] = 0;
    if (--this.#missing === 0) this.#nextAt = Number.POSITIVE_INFINITY;
    return true;
  }

  #abandonAll(): void {
    this.#counters.packetsAbandoned += this.#missing;
    this.#requests.fill(0);
    this.#missing = 0;
    this.#nextAt = Number.POSITIVE_INFINITY;
  }

  #restart(sequenceNumber: number): void {
    // One cycle up, so that numbers from before the first are not negative.
    this.#highest = 0x1_0000 + sequenceNumber;
    this.#restartAt = -1;
  }
}
