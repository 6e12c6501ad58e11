// The receiving half: unprotects RTP and RTCP packets in place. https://www.rfc-editor.org/rfc/rfc3711#section-3.3

import { type CounterDecryptor, type CryptoProvider, defaultCrypto } from '@kaon/crypto';
import { readUint16, readUint32 } from '@kaon/wire';
import { CodesAhead } from './codes-ahead.ts';
import { CRYPTEX_TEXT_OFFSET, isCryptex, unmarkCryptex } from './cryptex.ts';
import { checkInteger, checkPacketRange, invalidOption, SrtpError } from './errors.ts';
import {
  decryptExtensions,
  type EncryptedIds,
  encryptedIds,
} from './header-extension-encryption.ts';
import { checkMasterKeys, type SrtpMasterKey } from './master-key.ts';
import { MasterKeyContext } from './master-key-context.ts';
import {
  estimatePacketIndex,
  MAX_PACKET_INDEX,
  MAX_ROLLOVER_COUNTER,
  SEQUENCE_NUMBERS,
} from './packet-index.ts';
import {
  E_FLAG,
  RTCP_HEADER_LENGTH,
  type RtcpUnprotector,
  type RtpUnprotector,
  SRTCP_INDEX_LENGTH,
} from './packet-transform.ts';
import { type SrtpProfile, type SrtpProfileName, srtpProfileByName } from './profiles.ts';
import { IndexState, MAX_WINDOW_SIZE, MIN_WINDOW_SIZE, ReplayWindow } from './replay-window.ts';
import { RtpLayout } from './rtp-layout.ts';
import {
  createDropCounters,
  SrtpDrop,
  type SrtpDropCounters,
  type SrtpDropReason,
  srtpDropReason,
} from './srtp-drop.ts';

/** How an {@link SrtpReceiver} is set up. */
export interface SrtpReceiverOptions {
  readonly profile: SrtpProfileName;
  /** One master key, or several with MKIs of one length; each packet's MKI says which. */
  readonly keys: SrtpMasterKey | readonly SrtpMasterKey[];
  /** Default: `defaultCrypto`. */
  readonly crypto?: CryptoProvider;
  /** Identifiers of header extensions that are encrypted one by one (RFC 6904). Default: none. */
  readonly encryptedHeaderExtensions?: Iterable<number>;
  /**
   * Whether header extensions and CSRCs may be encrypted (RFC 9335): `accept` takes packets with and without,
   * `require` drops those whose extensions or CSRCs can be read. Default: `off`, since a peer may use it only
   * if we said `a=cryptex`.
   */
  readonly cryptex?: 'off' | 'accept' | 'require';
  /** Take SRTCP packets that are not encrypted (RFC 3711 §3.4) too. Default: false. */
  readonly unencryptedSrtcp?: boolean;
  /** Indices, with the highest, of which each is taken once: 64 to 32768. Default: 1024. */
  readonly replayWindow?: number;
  /**
   * The most SSRCs that are kept in mind, of RTP and RTCP each: 1 to 65536. Another one takes the place of
   * that which was silent for the longest time. Only authentic packets count. Default: 1024.
   */
  readonly maxSsrcs?: number;
}

/** Counters of an {@link SrtpReceiver}. */
export interface SrtpReceiverStats {
  /** Packets unprotected. */
  readonly rtpPackets: number;
  readonly rtcpPackets: number;
  /** Packets dropped, by reason. */
  readonly rtpDropped: Readonly<SrtpDropCounters>;
  readonly rtcpDropped: Readonly<SrtpDropCounters>;
  /** SSRCs in mind. */
  readonly rtpSsrcs: number;
  readonly rtcpSsrcs: number;
  /** SSRCs that had to make room for others. */
  readonly evictedSsrcs: number;
}

/** What is known of one SSRC, of RTP or of RTCP. */
interface Stream<Unprotector> {
  readonly id: number;
  readonly window: ReplayWindow;
  /** The rollover counter that the caller set for the next packet; -1 if none. */
  nextRolloverCounter: number;
  lastUse: number;
  /** One for each master key, as they come into use. */
  readonly unprotectors: (Unprotector | undefined)[];
  readonly headerDecryptors: (CounterDecryptor | undefined)[];
}

/** A packet can be no longer: what a UDP datagram can hold. */
const MAX_PACKET_LENGTH = 65535;

/**
 * Unprotects one direction of a session: any SSRCs under one profile and its master keys.
 *
 * Whatever the network brings gives an offset or a reason ({@link SrtpDrop}), never an exception. A packet
 * that is not authentic changes nothing: no window, no rollover counter, no memory.
 */
export class SrtpReceiver {
  readonly profile: SrtpProfile;
  readonly #contexts: readonly MasterKeyContext[];
  readonly #mkiLength: number;
  readonly #encryptedIds: EncryptedIds | undefined;
  readonly #cryptex: 'off' | 'accept' | 'require';
  readonly #acceptsReadableRtcp: boolean;
  readonly #replayWindow: number;
  readonly #maxSsrcs: number;
  readonly #layout = new RtpLayout();
  readonly #ahead: CodesAhead;
  /** Which code each packet of a batch has; -1 for none. */
  readonly #places = new Int32Array(CodesAhead.CAPACITY);
  readonly #rtpStreams = new Map<number, Stream<RtpUnprotector>>();
  readonly #rtcpStreams = new Map<number, Stream<RtcpUnprotector>>();
  #lastRtpStream: Stream<RtpUnprotector> | undefined;
  #now = 0;
  #rtpPackets = 0;
  #rtcpPackets = 0;
  #evictedSsrcs = 0;
  readonly #rtpDropped = createDropCounters();
  readonly #rtcpDropped = createDropCounters();
  #isDestroyed = false;

  /** @throws SrtpError with code `SRTP_INVALID_OPTION` that names what is wrong. */
  constructor(options: SrtpReceiverOptions) {
    const {
      crypto = defaultCrypto,
      cryptex = 'off',
      unencryptedSrtcp = false,
      replayWindow = 1024,
      maxSsrcs = 1024,
    } = options;
    const keys = 'key' in options.keys ? [options.keys] : options.keys;
    this.profile = srtpProfileByName(options.profile);
    this.#mkiLength = checkMasterKeys(this.profile, keys);
    checkInteger('replayWindow', replayWindow, MIN_WINDOW_SIZE, MAX_WINDOW_SIZE);
    checkInteger('maxSsrcs', maxSsrcs, 1, 65536);
    if (!['off', 'accept', 'require'].includes(cryptex)) {
      invalidOption('cryptex', cryptex, 'off, accept or require');
    }
    const ids = options.encryptedHeaderExtensions;
    this.#encryptedIds = ids === undefined ? undefined : encryptedIds(ids);
    this.#contexts = keys.map(
      (key) => new MasterKeyContext(crypto, this.profile, key, ids !== undefined),
    );
    this.#ahead = new CodesAhead(crypto);
    this.#cryptex = cryptex;
    this.#acceptsReadableRtcp = unencryptedSrtcp;
    this.#replayWindow = replayWindow;
    this.#maxSsrcs = maxSsrcs;
  }

  /** Packets and SSRCs so far. */
  get stats(): SrtpReceiverStats {
    return {
      rtpPackets: this.#rtpPackets,
      rtcpPackets: this.#rtcpPackets,
      rtpDropped: { ...this.#rtpDropped },
      rtcpDropped: { ...this.#rtcpDropped },
      rtpSsrcs: this.#rtpStreams.size,
      rtcpSsrcs: this.#rtcpStreams.size,
      evictedSsrcs: this.#evictedSsrcs,
    };
  }

  /**
   * Unprotects the SRTP packet `packet[start..end)` in place.
   *
   * @returns the offset behind the RTP packet, or a negative reason ({@link SrtpDrop}); the packet is as it
   * was then.
   * @throws RangeError if the range lies outside; SrtpError with code `SRTP_INVALID_STATE` once destroyed.
   */
  unprotectRtp(packet: Uint8Array, start: number, end: number): number {
    this.#checkAlive();
    checkPacketRange(packet, start, end);
    return this.#unprotectRtp(packet, start, end, -1);
  }

  /**
   * Unprotects SRTP packets that have arrived together in place, one after the other, as
   * {@link unprotectRtp} would. With HMAC-SHA1 the codes are computed four at a time, which takes up to a
   * quarter less time; with AES-GCM it makes no difference.
   *
   * @param packets each of them whole; they must not overlap.
   * @param results gets the length of each RTP packet, or a negative reason ({@link SrtpDrop}).
   * @param count how many of them; default: all.
   * @throws RangeError if `packets` or `results` has less than `count`; SrtpError with code
   * `SRTP_INVALID_STATE` once destroyed.
   */
  unprotectRtpBatch(
    packets: readonly Uint8Array[],
    results: Int32Array,
    count: number = packets.length,
  ): void {
    this.#checkAlive();
    if (!(count >= 0 && count <= packets.length && count <= results.length)) {
      const message = `There are ${packets.length} packets and ${results.length} results; expected ${count} of each.`;
      throw new RangeError(message);
    }
    for (let first = 0; first < count; first += CodesAhead.CAPACITY) {
      const size = Math.min(CodesAhead.CAPACITY, count - first);
      try {
        for (let i = 0; i < size; i++) {
          this.#places[i] = this.#computeAhead(packets[first + i] as Uint8Array);
        }
      } finally {
        // Even if something is no packet: the others must be what they were again.
        this.#ahead.compute();
      }
      for (let i = 0; i < size; i++) {
        const packet = packets[first + i] as Uint8Array;
        const place = this.#places[i] as number;
        results[first + i] = this.#unprotectRtp(packet, 0, packet.length, place);
      }
    }
  }

  /**
   * Unprotects the SRTCP packet `packet[start..end)` in place.
   *
   * @returns the offset behind the RTCP packet, or a negative reason ({@link SrtpDrop}); the packet is as it
   * was then.
   * @throws RangeError if the range lies outside; SrtpError with code `SRTP_INVALID_STATE` once destroyed.
   */
  unprotectRtcp(packet: Uint8Array, start: number, end: number): number {
    this.#checkAlive();
    checkPacketRange(packet, start, end);
    const result = this.#unprotectRtcp(packet, start, end);
    if (result >= 0) this.#rtcpPackets++;
    else this.#rtcpDropped[srtpDropReason(result) as SrtpDropReason]++;
    return result;
  }

  /** The rollover counter of the highest packet from `ssrc`; undefined if nothing is known of it. */
  rolloverCounter(ssrc: number): number | undefined {
    const stream = this.#rtpStreams.get(ssrc | 0);
    if (stream === undefined) return undefined;
    if (stream.nextRolloverCounter >= 0) return stream.nextRolloverCounter;
    const { highest } = stream.window;
    return highest < 0 ? undefined : Math.floor(highest / SEQUENCE_NUMBERS);
  }

  /**
   * Says which rollover counter the next packet from `ssrc` has, for a stream that is joined late (RFC 3711
   * §3.3.1).
   *
   * @throws SrtpError with code `SRTP_INVALID_STATE` if it was higher before; `SRTP_INVALID_OPTION` if it is
   * no 32-bit number.
   */
  setRolloverCounter(ssrc: number, rolloverCounter: number): void {
    this.#checkAlive();
    checkInteger('ssrc', ssrc, 0, 0xffff_ffff);
    checkInteger('rolloverCounter', rolloverCounter, 0, MAX_ROLLOVER_COUNTER);
    const stream = this.#rtpStreams.get(ssrc | 0) ?? this.#keep(this.#rtpStreams, ssrc);
    const current = Math.floor(stream.window.highest / SEQUENCE_NUMBERS);
    if (rolloverCounter < current) {
      const message = `The rollover counter of SSRC ${ssrc} is ${current}; it cannot go back to ${rolloverCounter}.`;
      throw new SrtpError('SRTP_INVALID_STATE', message);
    }
    stream.nextRolloverCounter = rolloverCounter > current ? rolloverCounter : -1;
  }

  /** Wipes all keys and keystream. Nothing can be unprotected after that. */
  destroy(): void {
    this.#isDestroyed = true;
    for (const context of this.#contexts) context.destroy();
    this.#rtpStreams.clear();
    this.#rtcpStreams.clear();
    this.#lastRtpStream = undefined;
  }

  #unprotectRtp(packet: Uint8Array, start: number, end: number, place: number): number {
    const result = this.#openRtp(packet, start, end, place);
    if (result >= 0) this.#rtpPackets++;
    else this.#rtpDropped[srtpDropReason(result) as SrtpDropReason]++;
    return result;
  }

  /**
   * Has the code of the packet computed with those of others, for the index that it has by what is known now.
   *
   * @returns which of the codes it is; -1 if there is none, because the packet will be dropped, or needs none.
   */
  #computeAhead(packet: Uint8Array): number {
    const { length } = packet;
    const trailer = this.profile.rtpTagLength + this.#mkiLength;
    if (length > MAX_PACKET_LENGTH || !this.#layout.parse(packet, 0, length - trailer)) return -1;
    const keyIndex = this.#keyIndex(packet, length, true);
    if (keyIndex < 0) return -1;
    const hmac = (this.#contexts[keyIndex] as MasterKeyContext).transform.rtpHmac;
    if (hmac === undefined) return -1;
    const known = this.#rtpStream(readUint32(packet, 8));
    const sequenceNumber = readUint16(packet, 2);
    const index = known === undefined ? sequenceNumber : packetIndex(known, sequenceNumber);
    if (index < 0 || index > MAX_PACKET_INDEX) return -1;
    if (known !== undefined && known.window.check(index) !== IndexState.fresh) return -1;
    return this.#ahead.add(hmac, packet, 0, length - trailer, index);
  }

  #openRtp(packet: Uint8Array, start: number, end: number, place: number): number {
    const layout = this.#layout;
    const { rtpTagLength } = this.profile;
    const trailer = rtpTagLength + this.#mkiLength;
    if (end - start > MAX_PACKET_LENGTH) return SrtpDrop.malformed;
    if (!layout.parse(packet, start, end - trailer)) return SrtpDrop.malformed;
    const { csrcLength, hasExtension, extensionStart, payloadStart } = layout;
    const isHidden = hasExtension && this.#cryptex !== 'off' && isCryptex(packet, extensionStart);
    if (this.#cryptex === 'require' && !isHidden && (hasExtension || csrcLength > 0)) {
      return SrtpDrop.unencrypted;
    }
    const keyIndex = this.#keyIndex(packet, end, true);
    if (keyIndex < 0) return SrtpDrop.unknownMki;
    const ssrc = readUint32(packet, start + 8);
    const sequenceNumber = readUint16(packet, start + 2);
    const known = this.#rtpStream(ssrc);
    const index = known === undefined ? sequenceNumber : packetIndex(known, sequenceNumber);
    if (index < 0 || index > MAX_PACKET_INDEX) return SrtpDrop.tooOld;
    if (known !== undefined) {
      const state = known.window.check(index);
      if (state !== IndexState.fresh) return dropOf(state);
    }
    const context = this.#contexts[keyIndex] as MasterKeyContext;
    const unprotector =
      known?.unprotectors[keyIndex] ?? context.transform.createRtpUnprotector(ssrc);
    const textStart = isHidden ? start + CRYPTEX_TEXT_OFFSET : payloadStart;
    const hiddenCsrcs = isHidden ? csrcLength : 0;
    const textEnd = unprotector.unprotect(
      packet,
      start,
      textStart,
      end,
      index,
      hiddenCsrcs,
      this.#ahead.codes,
      this.#ahead.startOf(place, index),
    );
    if (textEnd < 0) {
      if (known?.unprotectors[keyIndex] === undefined) unprotector.destroy();
      return SrtpDrop.notAuthentic;
    }
    const stream = known ?? this.#keep(this.#rtpStreams, ssrc);
    stream.unprotectors[keyIndex] = unprotector;
    stream.window.use(index);
    stream.nextRolloverCounter = -1;
    stream.lastUse = ++this.#now;
    this.#lastRtpStream = stream;
    if (isHidden) unmarkCryptex(packet, extensionStart);
    else if (hasExtension && context.headerKey !== undefined) {
      const decryptor =
        stream.headerDecryptors[keyIndex] ?? context.headerKey.createDecryptor(ssrc);
      stream.headerDecryptors[keyIndex] = decryptor;
      const ids = this.#encryptedIds as EncryptedIds;
      decryptExtensions(decryptor, index, packet, extensionStart, payloadStart, ids);
    }
    return textEnd;
  }

  #unprotectRtcp(packet: Uint8Array, start: number, end: number): number {
    const { rtcpTagLength } = this.profile;
    const trailer = rtcpTagLength + this.#mkiLength + SRTCP_INDEX_LENGTH;
    if (end - start < RTCP_HEADER_LENGTH + trailer) return SrtpDrop.malformed;
    if (end - start > MAX_PACKET_LENGTH) return SrtpDrop.malformed;
    if ((packet[start] as number) >> 6 !== 2) return SrtpDrop.malformed;
    const keyIndex = this.#keyIndex(packet, end, false);
    if (keyIndex < 0) return SrtpDrop.unknownMki;
    const context = this.#contexts[keyIndex] as MasterKeyContext;
    const { outerRtcpTagLength } = context.transform;
    const indexStart = end - outerRtcpTagLength - this.#mkiLength - SRTCP_INDEX_LENGTH;
    const word = readUint32(packet, indexStart);
    const isEncrypted = word >= E_FLAG;
    const index = isEncrypted ? word - E_FLAG : word;
    // Deviation: RFC 3711 §3.4 lets the sender choose packet by packet; here it must have been agreed on, because
    // what was to be secret should not come readable.
    if (!isEncrypted && !this.#acceptsReadableRtcp) return SrtpDrop.unencrypted;
    const ssrc = readUint32(packet, start + 4);
    const known = this.#rtcpStreams.get(ssrc | 0);
    if (known !== undefined) {
      const state = known.window.check(index);
      if (state !== IndexState.fresh) return dropOf(state);
    }
    const unprotector =
      known?.unprotectors[keyIndex] ?? context.transform.createRtcpUnprotector(ssrc);
    const textEnd = unprotector.unprotect(packet, start, end, indexStart, index, isEncrypted);
    if (textEnd < 0) {
      if (known?.unprotectors[keyIndex] === undefined) unprotector.destroy();
      return SrtpDrop.notAuthentic;
    }
    const stream = known ?? this.#keep(this.#rtcpStreams, ssrc);
    stream.unprotectors[keyIndex] = unprotector;
    stream.window.use(index);
    stream.lastUse = ++this.#now;
    return textEnd;
  }

  /** Which master key the packet's MKI says; -1 if none. */
  #keyIndex(packet: Uint8Array, end: number, isRtp: boolean): number {
    if (this.#mkiLength === 0) return 0;
    const contexts = this.#contexts;
    const { outerRtpTagLength, outerRtcpTagLength } = (contexts[0] as MasterKeyContext).transform;
    const mkiStart = end - this.#mkiLength - (isRtp ? outerRtpTagLength : outerRtcpTagLength);
    for (let i = 0; i < contexts.length; i++) {
      if ((contexts[i] as MasterKeyContext).hasMki(packet, mkiStart)) return i;
    }
    return -1;
  }

  #rtpStream(ssrc: number): Stream<RtpUnprotector> | undefined {
    // As a signed number an SSRC is never an object on the heap.
    const id = ssrc | 0;
    return this.#lastRtpStream?.id === id ? this.#lastRtpStream : this.#rtpStreams.get(id);
  }

  /** Keeps a new SSRC in mind, and forgets the one that was silent for the longest time if there is no room. */
  #keep<Unprotector extends { destroy(): void }>(
    streams: Map<number, Stream<Unprotector>>,
    ssrc: number,
  ): Stream<Unprotector> {
    if (streams.size >= this.#maxSsrcs) this.#forgetOldest(streams);
    const stream: Stream<Unprotector> = {
      id: ssrc | 0,
      window: new ReplayWindow(this.#replayWindow),
      nextRolloverCounter: -1,
      lastUse: ++this.#now,
      unprotectors: [],
      headerDecryptors: [],
    };
    streams.set(stream.id, stream);
    return stream;
  }

  // Deviation: RFC 3711 §3.2.3 has a context for each SSRC; here the number is bounded, because memory is.
  #forgetOldest(streams: Map<number, Stream<{ destroy(): void }>>): void {
    let oldest: Stream<{ destroy(): void }> | undefined;
    for (const each of streams.values()) {
      if (oldest === undefined || each.lastUse < oldest.lastUse) oldest = each;
    }
    if (oldest === undefined) return;
    streams.delete(oldest.id);
    for (const each of oldest.unprotectors) each?.destroy();
    for (const each of oldest.headerDecryptors) each?.destroy();
    if (this.#lastRtpStream === oldest) this.#lastRtpStream = undefined;
    this.#evictedSsrcs++;
  }

  #checkAlive(): void {
    if (this.#isDestroyed) throw new SrtpError('SRTP_INVALID_STATE', 'The receiver was destroyed.');
  }
}

function packetIndex(stream: Stream<RtpUnprotector>, sequenceNumber: number): number {
  const { nextRolloverCounter, window } = stream;
  if (nextRolloverCounter >= 0) return nextRolloverCounter * SEQUENCE_NUMBERS + sequenceNumber;
  return window.highest < 0 ? sequenceNumber : estimatePacketIndex(sequenceNumber, window.highest);
}

function dropOf(state: IndexState): number {
  return state === IndexState.used ? SrtpDrop.replayed : SrtpDrop.tooOld;
}
