// The sending half: protects RTP and RTCP packets in place. https://www.rfc-editor.org/rfc/rfc3711#section-3.3

import { type CounterEncryptor, type CryptoProvider, defaultCrypto } from '@kaon/crypto';
import { readUint16, readUint32 } from '@kaon/wire';
import type { SrtpBatch } from './batch.ts';
import { CRYPTEX_TEXT_OFFSET, markCryptex, writeEmptyExtension } from './cryptex.ts';
import { checkInteger, checkPacketRange, invalidOption, SrtpError } from './errors.ts';
import {
  type EncryptedIds,
  encryptExtensions,
  encryptedIds,
} from './header-extension-encryption.ts';
import { checkMasterKeys, type SrtpMasterKey } from './master-key.ts';
import { MasterKeyContext } from './master-key-context.ts';
import {
  estimatePacketIndex,
  MAX_PACKET_INDEX,
  MAX_ROLLOVER_COUNTER,
  MAX_SRTCP_INDEX,
  SEQUENCE_NUMBERS,
} from './packet-index.ts';
import {
  RTCP_HEADER_LENGTH,
  type RtcpProtector,
  type RtpProtector,
  SRTCP_INDEX_LENGTH,
} from './packet-transform.ts';
import { type SrtpProfile, type SrtpProfileName, srtpProfileByName } from './profiles.ts';
import { IndexState, MAX_WINDOW_SIZE, ReplayWindow } from './replay-window.ts';
import { EXTENSION_HEADER_LENGTH, RtpLayout, setExtensionBit } from './rtp-layout.ts';

/** How an {@link SrtpSender} is set up. */
export interface SrtpSenderOptions {
  readonly profile: SrtpProfileName;
  /** One master key, or several with MKIs of one length; the first is used until {@link SrtpSender.useKey}. */
  readonly keys: SrtpMasterKey | readonly SrtpMasterKey[];
  /** Default: `defaultCrypto`. */
  readonly crypto?: CryptoProvider;
  /** Identifiers of header extensions that are encrypted one by one (RFC 6904). Default: none. */
  readonly encryptedHeaderExtensions?: Iterable<number>;
  /**
   * Encrypt all header extensions and CSRCs (RFC 9335), to a peer that said `a=cryptex`. It comes before
   * {@link encryptedHeaderExtensions}, which then only concern extensions that are not of RFC 8285. Default:
   * false.
   */
  readonly cryptex?: boolean;
  /** Leave SRTCP authenticated but readable (RFC 3711 §3.4, `UNENCRYPTED_SRTCP` of RFC 4568). Default: false. */
  readonly unencryptedSrtcp?: boolean;
  /**
   * How many indices, with the highest, may come in any order, each once: 1 to 32768. What is further behind
   * is refused. Default: 1024.
   */
  readonly reorderWindow?: number;
  /** The most SSRCs sent from in the life of the sender: 1 to 1048576. Default: 65536. */
  readonly maxSsrcs?: number;
  /** Packets that a master key may protect (RFC 3711 §9.2). Default and most: 2^48. */
  readonly maxRtpPackets?: number;
  /** SRTCP packets that a master key may protect (RFC 3711 §9.2). Default and most: 2^31. */
  readonly maxRtcpPackets?: number;
}

/** What one SSRC sends. */
interface RtpStream {
  readonly id: number;
  readonly window: ReplayWindow;
  /** The rollover counter that the caller set for the next packet; -1 if none. */
  nextRolloverCounter: number;
  context: MasterKeyContext;
  protector: RtpProtector;
  headerEncryptor: CounterEncryptor | undefined;
  /** What belongs to keys that were used before. */
  readonly others: Map<MasterKeyContext, [RtpProtector, CounterEncryptor | undefined]>;
}

/** What one SSRC sends of RTCP. */
interface RtcpStream {
  nextIndex: number;
  readonly protectors: Map<MasterKeyContext, RtcpProtector>;
}

/** Bytes that cryptex adds to a packet with CSRCs and no extension. */
const CRYPTEX_OVERHEAD = EXTENSION_HEADER_LENGTH;
/** A packet can be no longer: what a UDP datagram can hold. */
const MAX_PACKET_LENGTH = 65535;

/**
 * Protects one direction of a session: any number of SSRCs under one profile and its master keys.
 *
 * Each packet index is used once. A packet that is to be sent again goes out as it was protected the first
 * time; protecting it again throws, because two packets that differ in a bit under one index give away what
 * they have in common, and with AES-GCM the key that authenticates.
 */
export class SrtpSender {
  readonly profile: SrtpProfile;
  /** Bytes that there must be room for behind an RTP packet. */
  readonly rtpOverhead: number;
  /** Bytes that there must be room for behind an RTCP packet. */
  readonly rtcpOverhead: number;
  readonly #contexts: readonly MasterKeyContext[];
  #context: MasterKeyContext;
  readonly #encryptedIds: EncryptedIds | undefined;
  readonly #cryptex: boolean;
  readonly #encryptsRtcp: boolean;
  readonly #reorderWindow: number;
  readonly #maxSsrcs: number;
  readonly #maxRtpPackets: number;
  readonly #maxRtcpPackets: number;
  readonly #layout = new RtpLayout();
  readonly #rtpStreams = new Map<number, RtpStream>();
  readonly #rtcpStreams = new Map<number, RtcpStream>();
  /** SSRCs that were released, of RTP or RTCP. Their IVs stay used. */
  readonly #released = new Set<number>();
  #lastRtpStream: RtpStream | undefined;
  #isDestroyed = false;

  /** @throws SrtpError with code `SRTP_INVALID_OPTION` that names what is wrong. */
  constructor(options: SrtpSenderOptions) {
    const {
      crypto = defaultCrypto,
      cryptex = false,
      unencryptedSrtcp = false,
      reorderWindow = 1024,
      maxSsrcs = 65536,
      maxRtpPackets = 2 ** 48,
      maxRtcpPackets = 2 ** 31,
    } = options;
    const keys = 'key' in options.keys ? [options.keys] : options.keys;
    this.profile = srtpProfileByName(options.profile);
    const mkiLength = checkMasterKeys(this.profile, keys);
    checkInteger('reorderWindow', reorderWindow, 1, MAX_WINDOW_SIZE);
    checkInteger('maxSsrcs', maxSsrcs, 1, 2 ** 20);
    checkInteger('maxRtpPackets', maxRtpPackets, 1, 2 ** 48);
    checkInteger('maxRtcpPackets', maxRtcpPackets, 1, 2 ** 31);
    const ids = options.encryptedHeaderExtensions;
    this.#encryptedIds = ids === undefined ? undefined : encryptedIds(ids);
    this.#contexts = keys.map(
      (key) => new MasterKeyContext(crypto, this.profile, key, ids !== undefined),
    );
    this.#context = this.#contexts[0] as MasterKeyContext;
    this.rtpOverhead = this.profile.rtpTagLength + mkiLength + (cryptex ? CRYPTEX_OVERHEAD : 0);
    this.rtcpOverhead = this.profile.rtcpTagLength + mkiLength + SRTCP_INDEX_LENGTH;
    this.#cryptex = cryptex;
    this.#encryptsRtcp = !unencryptedSrtcp;
    this.#reorderWindow = reorderWindow;
    this.#maxSsrcs = maxSsrcs;
    this.#maxRtpPackets = maxRtpPackets;
    this.#maxRtcpPackets = maxRtcpPackets;
  }

  /**
   * Protects the RTP packet `packet[start..end)` in place; {@link rtpOverhead} bytes behind it must be free.
   *
   * @param batch takes the tag's computation (RFC 3711 profiles): the packet is ready when it is finished.
   * @returns the offset behind the protected packet.
   * @throws SrtpError with code `SRTP_MALFORMED_PACKET`, `SRTP_NO_ROOM`, `SRTP_INDEX_REUSED`,
   * `SRTP_INDEX_TOO_OLD`, `SRTP_KEY_EXHAUSTED`, `SRTP_TOO_MANY_SSRCS` or `SRTP_INVALID_STATE`; RangeError if
   * the range lies outside. The packet is as it was then, and its index not used.
   */
  protectRtp(packet: Uint8Array, start: number, end: number, batch?: SrtpBatch): number {
    this.#checkAlive();
    checkPacketRange(packet, start, end);
    const layout = this.#layout;
    if (end - start > MAX_PACKET_LENGTH || !layout.parse(packet, start, end)) {
      throw malformed('RTP', end - start);
    }
    if (end + this.rtpOverhead > packet.length) throw noRoom(packet, end, this.rtpOverhead);
    const context = this.#context;
    if (context.rtpPackets >= this.#maxRtpPackets) throw exhausted('SRTP', context.rtpPackets);
    const stream = this.#rtpStream(readUint32(packet, start + 8));
    const index = nextIndex(stream, readUint16(packet, start + 2));
    if (stream.context !== context) this.#rekey(stream, context);
    stream.window.use(index);
    stream.nextRolloverCounter = -1;
    context.rtpPackets++;
    if (this.#cryptex && (layout.hasExtension || layout.csrcLength > 0)) {
      const cryptexEnd = protectWithCryptex(stream, layout, packet, start, end, index, batch);
      if (cryptexEnd > 0) return cryptexEnd;
    }
    const { payloadStart, extensionStart } = layout;
    if (layout.hasExtension && stream.headerEncryptor !== undefined) {
      const ids = this.#encryptedIds as EncryptedIds;
      encryptExtensions(stream.headerEncryptor, index, packet, extensionStart, payloadStart, ids);
    }
    return stream.protector.protect(packet, start, payloadStart, end, index, 0, batch);
  }

  /**
   * Protects the RTCP packet, compound or not, `packet[start..end)` in place; {@link rtcpOverhead} bytes
   * behind it must be free. The index is that of the SSRC in its header: 0 for the first packet, and one more
   * for each (RFC 3711 §3.4).
   *
   * @param batch as in {@link protectRtp}.
   * @returns the offset behind the protected packet.
   * @throws SrtpError with code `SRTP_MALFORMED_PACKET`, `SRTP_NO_ROOM`, `SRTP_KEY_EXHAUSTED`,
   * `SRTP_TOO_MANY_SSRCS` or `SRTP_INVALID_STATE`; RangeError if the range lies outside.
   */
  protectRtcp(packet: Uint8Array, start: number, end: number, batch?: SrtpBatch): number {
    this.#checkAlive();
    checkPacketRange(packet, start, end);
    const { length } = packet;
    const isRtcp = end - start >= RTCP_HEADER_LENGTH && (packet[start] as number) >> 6 === 2;
    if (!isRtcp || end - start > MAX_PACKET_LENGTH) throw malformed('RTCP', end - start);
    if (end + this.rtcpOverhead > length) throw noRoom(packet, end, this.rtcpOverhead);
    const context = this.#context;
    if (context.rtcpPackets >= this.#maxRtcpPackets) throw exhausted('SRTCP', context.rtcpPackets);
    const ssrc = readUint32(packet, start + 4);
    const stream = this.#rtcpStream(ssrc);
    const index = stream.nextIndex;
    if (index > MAX_SRTCP_INDEX) throw exhausted('SRTCP', index);
    let protector = stream.protectors.get(context);
    if (protector === undefined) {
      protector = context.transform.createRtcpProtector(ssrc);
      stream.protectors.set(context, protector);
    }
    stream.nextIndex++;
    context.rtcpPackets++;
    return protector.protect(packet, start, end, index, this.#encryptsRtcp, batch);
  }

  /**
   * Protects with another of the master keys from now on. Rollover counters and indices go on (RFC 3711
   * §3.3.1).
   *
   * @throws SrtpError with code `SRTP_INVALID_OPTION` if no key has that MKI.
   */
  useKey(mki: Uint8Array): void {
    const context = this.#contexts.find(
      (each) => each.mki.length === mki.length && each.hasMki(mki, 0),
    );
    this.#context = context ?? invalidOption('mki', `[${mki.join()}]`, "the MKI of one of 'keys'");
  }

  /** The rollover counter of the latest packet from `ssrc`; undefined before the first. */
  rolloverCounter(ssrc: number): number | undefined {
    const stream = this.#rtpStreams.get(ssrc | 0);
    if (stream === undefined) return undefined;
    if (stream.nextRolloverCounter >= 0) return stream.nextRolloverCounter;
    const { highest } = stream.window;
    return highest < 0 ? undefined : Math.floor(highest / SEQUENCE_NUMBERS);
  }

  /**
   * Says which rollover counter the next packet from `ssrc` has, for a stream that another sender began.
   *
   * @throws SrtpError with code `SRTP_INVALID_STATE` if it was higher before; `SRTP_INVALID_OPTION` if it is
   * no 32-bit number.
   */
  setRolloverCounter(ssrc: number, rolloverCounter: number): void {
    this.#checkAlive();
    checkInteger('ssrc', ssrc, 0, 0xffff_ffff);
    checkInteger('rolloverCounter', rolloverCounter, 0, MAX_ROLLOVER_COUNTER);
    const stream = this.#rtpStream(ssrc);
    const current = Math.floor(stream.window.highest / SEQUENCE_NUMBERS);
    if (rolloverCounter < current) throw backwards(ssrc, current, rolloverCounter);
    stream.nextRolloverCounter = rolloverCounter > current ? rolloverCounter : -1;
  }

  /** The index that the next SRTCP packet from `ssrc` has. */
  nextSrtcpIndex(ssrc: number): number {
    return this.#rtcpStreams.get(ssrc | 0)?.nextIndex ?? 0;
  }

  /**
   * Sets the index of the next SRTCP packet from `ssrc`, for a stream that another sender began.
   *
   * @throws SrtpError with code `SRTP_INVALID_STATE` if it was higher before; `SRTP_INVALID_OPTION` if it has
   * more than 31 bits.
   */
  setNextSrtcpIndex(ssrc: number, index: number): void {
    this.#checkAlive();
    checkInteger('ssrc', ssrc, 0, 0xffff_ffff);
    checkInteger('index', index, 0, MAX_SRTCP_INDEX);
    const stream = this.#rtcpStream(ssrc);
    if (index < stream.nextIndex) throw backwards(ssrc, stream.nextIndex, index);
    stream.nextIndex = index;
  }

  /**
   * Frees the memory that `ssrc` takes, up to twenty kilobytes of keystream made ahead above all, when nothing
   * more is to be sent from it. Its indices must stay used: it counts against `maxSsrcs` for ever, and
   * protecting for it again throws `SRTP_INVALID_STATE`.
   */
  releaseSsrc(ssrc: number): void {
    const id = ssrc | 0;
    const rtp = this.#rtpStreams.get(id);
    const rtcp = this.#rtcpStreams.get(id);
    if (rtp === undefined && rtcp === undefined) return;
    this.#released.add(id);
    this.#rtpStreams.delete(id);
    this.#rtcpStreams.delete(id);
    if (this.#lastRtpStream === rtp) this.#lastRtpStream = undefined;
    for (const protector of rtcp?.protectors.values() ?? []) protector.destroy();
    if (rtp === undefined) return;
    rtp.others.set(rtp.context, [rtp.protector, rtp.headerEncryptor]);
    for (const [protector, headerEncryptor] of rtp.others.values()) {
      protector.destroy();
      headerEncryptor?.destroy();
    }
  }

  /** Wipes all keys and keystream. Nothing can be protected after that. */
  destroy(): void {
    this.#isDestroyed = true;
    for (const context of this.#contexts) context.destroy();
    this.#rtpStreams.clear();
    this.#rtcpStreams.clear();
    this.#released.clear();
    this.#lastRtpStream = undefined;
  }

  #rtpStream(ssrc: number): RtpStream {
    // As a signed number an SSRC is never an object on the heap.
    const id = ssrc | 0;
    if (this.#lastRtpStream?.id === id) return this.#lastRtpStream;
    let stream = this.#rtpStreams.get(id);
    if (stream === undefined) {
      this.#checkNewSsrc(id, this.#rtpStreams.size);
      const context = this.#context;
      const lateness = this.#reorderWindow - 1;
      stream = {
        id,
        window: new ReplayWindow(this.#reorderWindow),
        nextRolloverCounter: -1,
        context,
        protector: context.transform.createRtpProtector(ssrc, lateness),
        headerEncryptor: context.headerKey?.createEncryptor(ssrc, lateness),
        others: new Map(),
      };
      this.#rtpStreams.set(id, stream);
    }
    this.#lastRtpStream = stream;
    return stream;
  }

  #rtcpStream(ssrc: number): RtcpStream {
    const id = ssrc | 0;
    let stream = this.#rtcpStreams.get(id);
    if (stream === undefined) {
      this.#checkNewSsrc(id, this.#rtcpStreams.size);
      stream = { nextIndex: 0, protectors: new Map() };
      this.#rtcpStreams.set(id, stream);
    }
    return stream;
  }

  #rekey(stream: RtpStream, context: MasterKeyContext): void {
    stream.others.set(stream.context, [stream.protector, stream.headerEncryptor]);
    const ssrc = stream.id >>> 0;
    const lateness = this.#reorderWindow - 1;
    const [protector, headerEncryptor] = stream.others.get(context) ?? [
      context.transform.createRtpProtector(ssrc, lateness),
      context.headerKey?.createEncryptor(ssrc, lateness),
    ];
    stream.context = context;
    stream.protector = protector;
    stream.headerEncryptor = headerEncryptor;
  }

  #checkNewSsrc(id: number, alive: number): void {
    if (this.#released.has(id)) {
      throw new SrtpError('SRTP_INVALID_STATE', `SSRC ${id >>> 0} was released.`);
    }
    const count = alive + this.#released.size;
    if (count < this.#maxSsrcs) return;
    const message = `There were ${count} SSRCs already, and maxSsrcs is ${this.#maxSsrcs}.`;
    throw new SrtpError('SRTP_TOO_MANY_SSRCS', message);
  }

  #checkAlive(): void {
    if (this.#isDestroyed) throw new SrtpError('SRTP_INVALID_STATE', 'The sender was destroyed.');
  }
}

/** The index of the packet with that sequence number, which has not been used. */
function nextIndex(stream: RtpStream, sequenceNumber: number): number {
  const { window, nextRolloverCounter } = stream;
  let index = sequenceNumber;
  if (nextRolloverCounter >= 0) index += nextRolloverCounter * SEQUENCE_NUMBERS;
  else if (window.highest >= 0) index = estimatePacketIndex(sequenceNumber, window.highest);
  // RFC 3711 §3.3.1: at the end of the last rollover counter the master key must be replaced.
  if (index > MAX_PACKET_INDEX) throw exhausted('SRTP', index);
  const state = index < 0 ? IndexState.tooOld : window.check(index);
  if (state === IndexState.fresh) return index;
  const ssrc = stream.id >>> 0;
  const what = `Sequence number ${sequenceNumber} of SSRC ${ssrc}`;
  throw state === IndexState.used
    ? new SrtpError('SRTP_INDEX_REUSED', `${what} was protected already.`)
    : new SrtpError('SRTP_INDEX_TOO_OLD', `${what} is too far behind index ${window.highest}.`);
}

/** RFC 9335 §5.1, §6.2. @returns the offset behind the packet, or 0 if its extension is not of RFC 8285. */
function protectWithCryptex(
  stream: RtpStream,
  layout: RtpLayout,
  packet: Uint8Array,
  start: number,
  end: number,
  index: number,
  batch: SrtpBatch | undefined,
): number {
  const { extensionStart, csrcLength } = layout;
  let newEnd = end;
  if (!layout.hasExtension) {
    packet.copyWithin(extensionStart + EXTENSION_HEADER_LENGTH, extensionStart, end);
    writeEmptyExtension(packet, extensionStart);
    setExtensionBit(packet, start);
    newEnd += EXTENSION_HEADER_LENGTH;
  }
  if (!markCryptex(packet, extensionStart)) return 0;
  const textStart = start + CRYPTEX_TEXT_OFFSET;
  return stream.protector.protect(packet, start, textStart, newEnd, index, csrcLength, batch);
}

function malformed(kind: string, length: number): SrtpError {
  const message = `The ${length} bytes to protect are no ${kind} packet.`;
  return new SrtpError('SRTP_MALFORMED_PACKET', message);
}

function noRoom(packet: Uint8Array, end: number, overhead: number): SrtpError {
  const free = packet.length - end;
  const message = `Behind the packet ${free} bytes are free; expected ${overhead}.`;
  return new SrtpError('SRTP_NO_ROOM', message);
}

function exhausted(kind: string, packets: number): SrtpError {
  const message = `The master key cannot protect more ${kind} packets than ${packets}; it must be replaced.`;
  return new SrtpError('SRTP_KEY_EXHAUSTED', message);
}

function backwards(ssrc: number, current: number, wanted: number): SrtpError {
  const message = `The counter of SSRC ${ssrc} is ${current}; it cannot go back to ${wanted}.`;
  return new SrtpError('SRTP_INVALID_STATE', message);
}
