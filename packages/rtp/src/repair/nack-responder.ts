// Answers NACKs with packets sent before, as RTX or as they were (RFC 4585 §6.2.1, RFC 4588 §4, §6, https://www.rfc-editor.org/rfc/rfc4588#section-6).
import { Queue, type RandomSource, serialAdd16 } from '@kaon/wire';
import { HeaderExtensionCursor } from '../header-extensions/header-extension-cursor.ts';
import { RtpPacket } from '../packet/rtp-packet.ts';
import { RoundTripTime } from '../reports/round-trip-time.ts';
import type { GenericNack } from '../rtcp/generic-nack.ts';
import { PacketHistory, type PacketHistoryOptions } from './packet-history.ts';
import { encapsulateRtx, RTX_HEADER_LENGTH, renameHeaderExtension } from './rtx.ts';

/** The stream of retransmissions that belongs to a sent stream. */
export interface RtxStream {
  readonly ssrc: number;
  /** For each payload type of retransmissions the one that it stands for: the `apt` of RFC 4588 §8.1. */
  readonly apt: ReadonlyMap<number, number>;
  /** Where its first sequence number, which is random (§4, RFC 3550 §5.1), comes from. */
  readonly random: RandomSource;
  /** Local identifier of RtpStreamId; with the next one, a RID becomes a repaired RID. */
  readonly ridExtensionId?: number;
  /** Local identifier of RepairedRtpStreamId. */
  readonly repairedRidExtensionId?: number;
}

/** How NACKs are answered. */
export interface NackResponderOptions {
  /** How retransmissions travel. Without it a packet is sent again as it was, with its own sequence number. */
  readonly rtx?: RtxStream;
  /** How much is kept for sending again. */
  readonly history?: PacketHistoryOptions;
  /** The measured round-trip time; no packet is sent again more often than once in it. By default a new one of 100 ms. */
  readonly roundTrip?: RoundTripTime;
  /**
   * How many bytes are sent again at most for each byte sent, over the time that the history spans; 1 by
   * default. It bounds what a peer that asks for everything can make us send.
   */
  readonly maxRetransmissionRatio?: number;
}

/** What was asked for and sent. */
export interface NackResponderCounters {
  nacksReceived: number;
  packetsRequested: number;
  packetsRetransmitted: number;
  /** Bytes of packets sent again, headers included. */
  bytesRetransmitted: number;
  /** Packets sent again that nobody had asked for, and their bytes. */
  paddingPackets: number;
  paddingBytes: number;
  /** Requests for packets that are no longer, or were never, in the history. */
  packetsUnknown: number;
  /** Requests that came less than a round trip after the packet was sent again. */
  requestsTooSoon: number;
  /** Requests beyond {@link NackResponderOptions.maxRetransmissionRatio}. */
  requestsOverBudget: number;
}

/** Where a payload type has none for its retransmissions. */
const NO_PAYLOAD_TYPE = 0xff;
/** What may be sent again before anything has been sent: some loss at the very beginning. */
const INITIAL_BUDGET_BYTES = 32_768;

/**
 * Keeps the packets of one sent stream and sends again those that a receiver asks for.
 *
 * ```ts
 * responder.handlePacketSent(packet, now);
 * responder.handleNack(nack, now);
 * for (let end; (end = responder.pollRtp(out, 0, now)) > 0; ) send(out.subarray(0, end));
 * ```
 */
export class NackResponder {
  readonly counters: Readonly<NackResponderCounters>;
  readonly #counters: NackResponderCounters = {
    nacksReceived: 0,
    packetsRequested: 0,
    packetsRetransmitted: 0,
    bytesRetransmitted: 0,
    paddingPackets: 0,
    paddingBytes: 0,
    packetsUnknown: 0,
    requestsTooSoon: 0,
    requestsOverBudget: 0,
  };
  readonly #history: PacketHistory;
  readonly #roundTrip: RoundTripTime;
  readonly #rtx: RtxStream | undefined;
  // At the index of a payload type that of its retransmissions.
  readonly #rtxPayloadTypes: Uint8Array = new Uint8Array(128).fill(NO_PAYLOAD_TYPE);
  readonly #ratio: number;
  readonly #maxBudgetBytes: number;
  #budgetBytes: number;
  // Sequence numbers; each packet is here at most once, because asking again is too soon.
  readonly #queue: Queue<number> = new Queue();
  readonly #stored: RtpPacket = new RtpPacket();
  readonly #outgoing: RtpPacket = new RtpPacket();
  readonly #cursor: HeaderExtensionCursor = new HeaderExtensionCursor();
  #rtxSequenceNumber = 0;
  /** Of the packet kept last; -1 before the first. */
  #lastSequenceNumber = -1;

  /** @throws RangeError if an option is out of range. */
  constructor(options: NackResponderOptions = {}) {
    const { rtx, history, maxRetransmissionRatio = 1 } = options;
    if (!(maxRetransmissionRatio > 0)) {
      throw new RangeError(
        `maxRetransmissionRatio is ${maxRetransmissionRatio}; expected more than 0`,
      );
    }
    this.counters = this.#counters;
    this.#history = new PacketHistory(history);
    this.#roundTrip = options.roundTrip ?? new RoundTripTime();
    this.#ratio = maxRetransmissionRatio;
    this.#maxBudgetBytes = history?.maxBytes ?? 1024 * 1024;
    this.#budgetBytes = Math.min(INITIAL_BUDGET_BYTES, this.#maxBudgetBytes);
    this.#rtx = rtx;
    if (rtx !== undefined) {
      for (const [payloadType, associated] of rtx.apt) {
        if (!isPayloadType(payloadType) || !isPayloadType(associated)) {
          throw new RangeError(
            `rtx.apt maps ${payloadType} to ${associated}; expected payload types from 0 to 127`,
          );
        }
        this.#rtxPayloadTypes[associated] = payloadType;
      }
      // §4: random as RFC 3550 §5.1 has it; in the lower half, so that a first wrap is not at once.
      this.#rtxSequenceNumber = rtx.random.uint32() & 0x7fff;
    }
  }

  /** How many packets wait to be sent again. */
  get length(): number {
    return this.#queue.length;
  }

  /** Keeps a copy of a packet that is being sent for the first time. */
  handlePacketSent(packet: RtpPacket, now: number): void {
    if (!this.#history.push(packet, now)) return;
    this.#lastSequenceNumber = packet.sequenceNumber;
    this.#budgetBytes = Math.min(
      this.#budgetBytes + packet.length * this.#ratio,
      this.#maxBudgetBytes,
    );
  }

  /** A receiver asks for packets of this stream. */
  handleNack(nack: GenericNack, now: number): void {
    this.#counters.nacksReceived++;
    const { sequenceNumbers } = nack;
    this.#counters.packetsRequested += sequenceNumbers.length;
    for (let i = 0; i < sequenceNumbers.length; i++)
      this.#request(sequenceNumbers[i] as number, now);
  }

  /**
   * Writes the next retransmission at `offset` of `out`.
   *
   * @returns the offset behind it; `offset` itself if there is none, or no room for it: it then waits.
   */
  pollRtp(out: Uint8Array, offset: number, now: number): number {
    for (;;) {
      const sequenceNumber = this.#queue.peek();
      if (sequenceNumber === undefined) return offset;
      const place = this.#history.find(sequenceNumber, now);
      if (place >= 0) {
        const room = out.length - offset - RTX_HEADER_LENGTH;
        if (this.#history.packetLength(place) > room) return offset;
        this.#queue.shift();
        if (this.#history.look(place, this.#stored)) {
          const end = this.#write(out, offset);
          this.#counters.packetsRetransmitted++;
          this.#counters.bytesRetransmitted += end - offset;
          return end;
        }
      } else {
        this.#queue.shift(); // Overrun while it waited.
      }
    }
  }

  /**
   * Writes the packet sent last once more at `offset` of `out`, though nobody asked for it: a receiver can do
   * without it, and so the path may be probed or filled with it.
   *
   * @returns the offset behind it; `offset` itself without RTX, or if nothing is kept, or no room for it.
   */
  pollPadding(out: Uint8Array, offset: number, now: number): number {
    if (this.#rtx === undefined || this.#lastSequenceNumber < 0) return offset;
    const place = this.#history.find(this.#lastSequenceNumber, now);
    if (place < 0 || !this.#history.look(place, this.#stored)) return offset;
    const room = out.length - offset - RTX_HEADER_LENGTH;
    if (this.#stored.length > room) return offset;
    // As it was, it would be a packet received twice: only as RTX does it have a number of its own.
    if (this.#rtxPayloadTypes[this.#stored.payloadType] === NO_PAYLOAD_TYPE) return offset;
    const end = this.#write(out, offset);
    this.#counters.paddingPackets++;
    this.#counters.paddingBytes += end - offset;
    return end;
  }

  #request(sequenceNumber: number, now: number): void {
    const place = this.#history.find(sequenceNumber, now);
    if (place < 0) {
      this.#counters.packetsUnknown++;
      return;
    }
    // §6.3 leaves the pace to the sender: what was sent again is not here sooner than in a round trip.
    if (now - this.#history.resentAt(place) < this.#roundTrip.smoothedMs) {
      this.#counters.requestsTooSoon++;
      return;
    }
    const length = this.#history.packetLength(place);
    if (length > this.#budgetBytes) {
      this.#counters.requestsOverBudget++;
      return;
    }
    this.#budgetBytes -= length;
    this.#history.noteResent(place, now);
    this.#queue.push(sequenceNumber);
  }

  #write(out: Uint8Array, offset: number): number {
    const packet = this.#outgoing;
    const rtx = this.#rtx;
    const payloadType = this.#rtxPayloadTypes[this.#stored.payloadType] as number;
    if (rtx === undefined || payloadType === NO_PAYLOAD_TYPE) {
      this.#stored.copyTo(out, offset, packet);
    } else {
      this.#stored.copyTo(out, offset + RTX_HEADER_LENGTH, packet);
      encapsulateRtx(packet, rtx.ssrc, payloadType, this.#rtxSequenceNumber);
      this.#rtxSequenceNumber = serialAdd16(this.#rtxSequenceNumber, 1);
      if (rtx.ridExtensionId !== undefined && rtx.repairedRidExtensionId !== undefined) {
        renameHeaderExtension(packet, this.#cursor, rtx.ridExtensionId, rtx.repairedRidExtensionId);
      }
    }
    return packet.end;
  }
}

function isPayloadType(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 127;
}
