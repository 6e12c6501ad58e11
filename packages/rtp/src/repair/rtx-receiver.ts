// Tells which received stream a retransmission belongs to, and turns it back (RFC 4588 §5.3, RFC 8852 §3, https://www.rfc-editor.org/rfc/rfc4588#section-5.3).
import { HeaderExtensionCursor } from '../header-extensions/header-extension-cursor.ts';
import {
  MID_URI,
  REPAIRED_RTP_STREAM_ID_URI,
  RTP_STREAM_ID_URI,
} from '../header-extensions/uris.ts';
import type { RtpStreamDescription } from '../interceptors/interceptor.ts';
import type { RtpPacket } from '../packet/rtp-packet.ts';
import { SsrcTable } from '../packet/ssrc-table.ts';
import { renameHeaderExtension, restoreRtx } from './rtx.ts';

/** How many streams there may be. */
export interface RtxReceiverOptions {
  /** Streams with retransmission at most; 256 by default. */
  readonly maxStreams?: number;
}

/** What came as retransmission. */
export interface RtxReceiverCounters {
  packetsRestored: number;
  /** Packets without an original: probes for bandwidth. */
  paddingPackets: number;
  /** Packets of which nobody knows whose retransmissions they are. */
  packetsUnknown: number;
}

/** What a packet was. */
export type RtxVerdict =
  /** No retransmission; it was not touched. */
  | 'media'
  /** A retransmission, which now is the original. */
  | 'restored'
  /** A retransmission that is of no use. */
  | 'dropped';

interface RepairedStream {
  readonly ssrc: number;
  /** At the index of a payload type of retransmissions that of the original; 0xff where there is none. */
  readonly apt: Uint8Array;
  readonly mid: Uint8Array | undefined;
  readonly rid: Uint8Array | undefined;
  readonly midExtensionId: number;
  readonly ridExtensionId: number;
  readonly repairedRidExtensionId: number;
  /** undefined until it is learnt. */
  rtxSsrc: number | undefined;
}

/**
 * Restores the retransmissions of many received streams.
 *
 * The stream of a retransmission is known by its SSRC. Where that was not announced it is learnt from the
 * first packet, by its RepairedRtpStreamId (and MID), or, without one, if only one stream that it could
 * belong to is still without retransmissions.
 */
export class RtxReceiver {
  readonly counters: Readonly<RtxReceiverCounters>;
  readonly #counters: RtxReceiverCounters = {
    packetsRestored: 0,
    paddingPackets: 0,
    packetsUnknown: 0,
  };
  readonly #media: SsrcTable<RepairedStream>;
  readonly #retransmissions: SsrcTable<RepairedStream>;
  // At the index of a payload type: how many streams have retransmissions by it.
  readonly #rtxPayloadTypes: Uint16Array = new Uint16Array(128);
  readonly #cursor: HeaderExtensionCursor = new HeaderExtensionCursor();

  /** @throws RangeError if the limit is not a positive integer. */
  constructor(options: RtxReceiverOptions = {}) {
    const { maxStreams = 256 } = options;
    this.counters = this.#counters;
    this.#media = new SsrcTable(maxStreams);
    this.#retransmissions = new SsrcTable(maxStreams);
  }

  /** Announces a stream that will be received; without `rtx` it is none of ours. */
  addStream(stream: RtpStreamDescription): void {
    const { rtx, headerExtensionIds } = stream;
    if (rtx === undefined) return;
    const apt = new Uint8Array(128).fill(0xff);
    for (const [payloadType, associated] of rtx.apt) apt[payloadType & 0x7f] = associated & 0x7f;
    const repaired: RepairedStream = {
      ssrc: stream.ssrc,
      apt,
      mid: asciiBytes(stream.mid),
      rid: asciiBytes(stream.rid),
      midExtensionId: headerExtensionIds?.get(MID_URI) ?? 0,
      ridExtensionId: headerExtensionIds?.get(RTP_STREAM_ID_URI) ?? 0,
      repairedRidExtensionId: headerExtensionIds?.get(REPAIRED_RTP_STREAM_ID_URI) ?? 0,
      rtxSsrc: rtx.ssrc,
    };
    this.removeStream(stream.ssrc);
    if (!this.#media.set(stream.ssrc, repaired)) return;
    this.#count(apt, 1);
    if (rtx.ssrc === undefined) return;
    // Another stream may have been taken for its owner before it was announced.
    const learnt = this.#retransmissions.get(rtx.ssrc);
    if (learnt !== undefined) learnt.rtxSsrc = undefined;
    this.#retransmissions.set(rtx.ssrc, repaired);
  }

  /** Forgets a stream and whose retransmissions belong to it. */
  removeStream(ssrc: number): void {
    const repaired = this.#media.get(ssrc);
    if (repaired === undefined) return;
    this.#media.delete(ssrc);
    this.#count(repaired.apt, -1);
    if (repaired.rtxSsrc !== undefined) this.#retransmissions.delete(repaired.rtxSsrc);
  }

  /** Restores `packet` in place if it is a retransmission. */
  handlePacket(packet: RtpPacket): RtxVerdict {
    const { payloadType } = packet;
    if (this.#rtxPayloadTypes[payloadType] === 0) return 'media';
    const stream = this.#retransmissions.get(packet.ssrc) ?? this.#learn(packet);
    const original = stream === undefined ? 0xff : (stream.apt[payloadType] as number);
    if (stream === undefined || original === 0xff) {
      // A payload type may be one of media in another stream (RFC 9143 §9.1.1 forbids it in one bundle).
      if (this.#media.get(packet.ssrc) !== undefined) return 'media';
      this.#counters.packetsUnknown++;
      return 'dropped';
    }
    if (!restoreRtx(packet, stream.ssrc, original)) {
      this.#counters.paddingPackets++;
      return 'dropped';
    }
    if (stream.ridExtensionId > 0 && stream.repairedRidExtensionId > 0) {
      renameHeaderExtension(
        packet,
        this.#cursor,
        stream.repairedRidExtensionId,
        stream.ridExtensionId,
      );
    }
    packet.isRestored = true;
    this.#counters.packetsRestored++;
    return 'restored';
  }

  #count(apt: Uint8Array, change: number): void {
    for (let i = 0; i < apt.length; i++) {
      if (apt[i] !== 0xff) this.#rtxPayloadTypes[i] = (this.#rtxPayloadTypes[i] as number) + change;
    }
  }

  // §5.3, with what RFC 8852 §3 adds: the repaired RID says it, else there must be one candidate only.
  #learn(packet: RtpPacket): RepairedStream | undefined {
    if (this.#media.get(packet.ssrc) !== undefined) return undefined;
    let candidate: RepairedStream | undefined;
    let candidates = 0;
    for (const stream of this.#media.values()) {
      if (stream.apt[packet.payloadType] === 0xff) continue;
      const byName = this.#isNamed(stream, packet);
      if (byName === false) continue;
      if (byName === true) return this.#bind(packet.ssrc, stream);
      if (stream.rtxSsrc !== undefined) continue;
      candidate = stream;
      candidates++;
    }
    return candidates === 1 ? this.#bind(packet.ssrc, candidate as RepairedStream) : undefined;
  }

  /** Whether the packet names `stream` as the repaired one; undefined if it does not say. */
  #isNamed(stream: RepairedStream, packet: RtpPacket): boolean | undefined {
    const cursor = this.#cursor;
    const { mid, midExtensionId, rid, repairedRidExtensionId } = stream;
    if (mid !== undefined && midExtensionId > 0 && cursor.find(packet, midExtensionId)) {
      if (!holds(cursor, mid)) return false;
    }
    if (repairedRidExtensionId === 0 || !cursor.find(packet, repairedRidExtensionId)) {
      return undefined;
    }
    return rid !== undefined && holds(cursor, rid);
  }

  #bind(rtxSsrc: number, stream: RepairedStream): RepairedStream | undefined {
    // A stream has one SSRC of retransmissions; a new one, after a collision, replaces it (RFC 3550 §8.2).
    if (stream.rtxSsrc !== undefined) this.#retransmissions.delete(stream.rtxSsrc);
    if (!this.#retransmissions.set(rtxSsrc, stream)) return undefined;
    stream.rtxSsrc = rtxSsrc;
    return stream;
  }
}

function asciiBytes(text: string | undefined): Uint8Array | undefined {
  if (text === undefined) return undefined;
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function holds(cursor: HeaderExtensionCursor, text: Uint8Array): boolean {
  if (cursor.end - cursor.start !== text.length) return false;
  for (let i = 0; i < text.length; i++) {
    if (cursor.bytes[cursor.start + i] !== text[i]) return false;
  }
  return true;
}
