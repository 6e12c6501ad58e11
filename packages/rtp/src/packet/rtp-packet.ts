// A received or built RTP packet as a view on somebody's memory, read and rewritten in place (RFC 3550 §5.1, https://www.rfc-editor.org/rfc/rfc3550#section-5.1).
import { readUint16, readUint32, writeUint16, writeUint32 } from '@kaon/wire';
import {
  EXTENSION_HEADER_LENGTH,
  RTP_FIXED_HEADER_LENGTH,
  RTP_VERSION,
  type RtpHeader,
  rtpHeaderLength,
  writeRtpHeader,
} from './rtp-header.ts';

const NOTHING = new Uint8Array(0);

/**
 * A reusable view of one RTP packet.
 *
 * {@link parse} checks a packet once and keeps where its parts begin; fields are read from the bytes and,
 * when they are set, written to them. Who changes the header's bytes behind its back parses again. An
 * object is made once and used for every packet: nothing here allocates except {@link payload}.
 *
 * The memory stays the caller's, and so does the room in front of {@link start} and behind {@link end},
 * where headers of a transport or an authentication tag may go.
 *
 * ```ts
 * const packet = new RtpPacket();
 * if (packet.parse(datagram)) packet.ssrc = subscriberSsrc;
 * ```
 */
export class RtpPacket {
  #bytes: Uint8Array = NOTHING;
  #start = 0;
  #end = 0;
  // Behind the contributing sources: where an extension begins, if there is one.
  #extensionStart = 0;
  #payloadStart = 0;
  #payloadEnd = 0;
  // The 32-bit fields stand here too: a getter that only loads a field is always inlined, whereas one that
  // computes such a number may return it in a box.
  #timestamp = 0;
  #ssrc = 0;
  // The view that the last copy was made from: it serves the next one too while packets lie in one place
  // and have one length, as those of one packet for many subscribers do.
  #view: Uint8Array = NOTHING;
  #viewed: Uint8Array = NOTHING;
  #viewStart = 0;

  /**
   * Whether the packet came as a retransmission (RFC 4588), in place of which it stands now: its arrival says
   * nothing about the path's delay. False after {@link parse}; set by whoever restores it.
   */
  isRestored = false;

  /** The memory that the packet lies in. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Index in {@link bytes} of the packet's first byte. */
  get start(): number {
    return this.#start;
  }

  /** Index in {@link bytes} behind the packet's last byte, padding included. */
  get end(): number {
    return this.#end;
  }

  /** Bytes of the whole packet. */
  get length(): number {
    return this.#end - this.#start;
  }

  /**
   * Looks at the packet in `bytes[start..end)`.
   *
   * @returns false if it is not a well-formed RTP packet; the view is empty then. Never throws.
   */
  parse(bytes: Uint8Array, start = 0, end: number = bytes.length): boolean {
    this.isRestored = false;
    if (!this.#locate(bytes, start, end)) {
      this.clear();
      return false;
    }
    return true;
  }

  /** Forgets the packet and its memory; every part is then empty, and no field may be read. */
  clear(): void {
    this.#bytes = NOTHING;
    this.#start = 0;
    this.#end = 0;
    this.#extensionStart = 0;
    this.#payloadStart = 0;
    this.#payloadEnd = 0;
    this.#timestamp = 0;
    this.#ssrc = 0;
    this.#view = NOTHING;
    this.#viewed = NOTHING;
  }

  #locate(bytes: Uint8Array, start: number, end: number): boolean {
    if (start < 0 || end > bytes.length || end - start < RTP_FIXED_HEADER_LENGTH) return false;
    const first = bytes[start] as number;
    if (first >> 6 !== RTP_VERSION) return false;
    const extensionStart = start + RTP_FIXED_HEADER_LENGTH + 4 * (first & 0x0f);
    let payloadStart = extensionStart;
    if ((first & 0x10) !== 0) {
      if (extensionStart + EXTENSION_HEADER_LENGTH > end) return false;
      // §5.3.1: the length counts 32-bit words without the four bytes of its own header.
      payloadStart += EXTENSION_HEADER_LENGTH + 4 * readUint16(bytes, extensionStart + 2);
    }
    let payloadEnd = end;
    if ((first & 0x20) !== 0) {
      // §5.1: the last byte counts the padding, itself included, so it is never 0.
      const padding = bytes[end - 1] as number;
      if (padding === 0) return false;
      payloadEnd -= padding;
    }
    if (payloadStart > payloadEnd) return false;
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    this.#extensionStart = extensionStart;
    this.#payloadStart = payloadStart;
    this.#payloadEnd = payloadEnd;
    this.#timestamp = readUint32(bytes, start + 4);
    this.#ssrc = readUint32(bytes, start + 8);
    return true;
  }

  /** Whether it is the last packet of a frame, or whatever else its payload format says. */
  get marker(): boolean {
    return ((this.#bytes[this.#start + 1] as number) & 0x80) !== 0;
  }

  set marker(marker: boolean) {
    const rest = (this.#bytes[this.#start + 1] as number) & 0x7f;
    this.#bytes[this.#start + 1] = marker ? rest | 0x80 : rest;
  }

  /** Which payload format it has: 7 bits. */
  get payloadType(): number {
    return (this.#bytes[this.#start + 1] as number) & 0x7f;
  }

  set payloadType(payloadType: number) {
    const marker = (this.#bytes[this.#start + 1] as number) & 0x80;
    this.#bytes[this.#start + 1] = marker | (payloadType & 0x7f);
  }

  /** 16 bits. */
  get sequenceNumber(): number {
    return readUint16(this.#bytes, this.#start + 2);
  }

  set sequenceNumber(sequenceNumber: number) {
    writeUint16(this.#bytes, this.#start + 2, sequenceNumber);
  }

  /** 32 bits, in units of the payload's clock. */
  get timestamp(): number {
    return this.#timestamp;
  }

  set timestamp(timestamp: number) {
    this.#timestamp = timestamp >>> 0;
    writeUint32(this.#bytes, this.#start + 4, timestamp);
  }

  /** The synchronisation source: 32 bits. */
  get ssrc(): number {
    return this.#ssrc;
  }

  set ssrc(ssrc: number) {
    this.#ssrc = ssrc >>> 0;
    writeUint32(this.#bytes, this.#start + 8, ssrc);
  }

  /** How many contributing sources it names: 0 to 15. */
  get csrcCount(): number {
    return (this.#bytes[this.#start] as number) & 0x0f;
  }

  /** The contributing source at `index`, which is below {@link csrcCount}. */
  csrc(index: number): number {
    return readUint32(this.#bytes, this.#start + RTP_FIXED_HEADER_LENGTH + 4 * index);
  }

  /** Whether it has a header extension. */
  get hasExtension(): boolean {
    return ((this.#bytes[this.#start] as number) & 0x10) !== 0;
  }

  /** The 16 bits "defined by profile", which tell the kind of extension (RFC 8285 §4.2, §4.3); 0 if there is none. */
  get extensionProfile(): number {
    return this.hasExtension ? readUint16(this.#bytes, this.#extensionStart) : 0;
  }

  /** Index in {@link bytes} of the extension's elements, or of the payload if there is no extension. */
  get extensionStart(): number {
    return this.hasExtension
      ? this.#extensionStart + EXTENSION_HEADER_LENGTH
      : this.#extensionStart;
  }

  /** Index in {@link bytes} behind the extension's elements. */
  get extensionEnd(): number {
    return this.#payloadStart;
  }

  /** Index in {@link bytes} of the first byte of payload. */
  get payloadStart(): number {
    return this.#payloadStart;
  }

  /** Index in {@link bytes} behind the last byte of payload, where padding begins. */
  get payloadEnd(): number {
    return this.#payloadEnd;
  }

  /** Bytes of payload, without padding. */
  get payloadLength(): number {
    return this.#payloadEnd - this.#payloadStart;
  }

  /** Bytes of header: everything before the payload. */
  get headerLength(): number {
    return this.#payloadStart - this.#start;
  }

  /** Bytes of padding, the count of it included: 0 to 255. */
  get paddingLength(): number {
    return this.#end - this.#payloadEnd;
  }

  /** A new view of the payload; where each allocation counts, use the offsets. */
  get payload(): Uint8Array {
    return this.#bytes.subarray(this.#payloadStart, this.#payloadEnd);
  }

  /**
   * Copies the packet to `offset` of `out` and looks at the copy.
   *
   * @throws RangeError if there is no room.
   */
  copyTo(out: Uint8Array, offset: number, copy: RtpPacket): void {
    const end = offset + this.length;
    if (offset < 0 || end > out.length) {
      throw new RangeError(`out: the packet ends at ${end}, the memory at ${out.length}.`);
    }
    const shift = offset - this.#start;
    this.#copyBytes(out, offset);
    copy.#bytes = out;
    copy.#start = offset;
    copy.#end = end;
    copy.#extensionStart = this.#extensionStart + shift;
    copy.#payloadStart = this.#payloadStart + shift;
    copy.#payloadEnd = this.#payloadEnd + shift;
    copy.#timestamp = this.#timestamp;
    copy.#ssrc = this.#ssrc;
    copy.isRestored = this.isRestored;
  }

  #copyBytes(out: Uint8Array, offset: number): void {
    const bytes = this.#bytes;
    const start = this.#start;
    const length = this.#end - start;
    if (out === bytes) {
      out.copyWithin(offset, start, this.#end);
    } else if (length < 64) {
      // Short packets are copied by a loop in less time than a native call takes.
      const shift = offset - start;
      for (let i = start; i < this.#end; i++) out[i + shift] = bytes[i] as number;
    } else {
      if (this.#viewed !== bytes || this.#viewStart !== start || this.#view.length !== length) {
        this.#viewed = bytes;
        this.#viewStart = start;
        this.#view = bytes.subarray(start, this.#end);
      }
      out.set(this.#view, offset);
    }
  }
}

/** Bytes of a packet with `header` and a payload of `payloadLength` bytes, without extension. */
export function rtpPacketLength(header: RtpHeader, payloadLength: number): number {
  return rtpHeaderLength(header) + payloadLength;
}

/**
 * Writes a packet without extension and padding at `offset` of `out`; returns the offset behind it.
 *
 * @throws RangeError if there is no room.
 */
export function writeRtpPacket(
  header: RtpHeader,
  payload: Uint8Array,
  out: Uint8Array,
  offset: number,
): number {
  const at = writeRtpHeader(header, out, offset);
  if (at + payload.length > out.length) {
    throw new RangeError(
      `out: the packet ends at ${at + payload.length}, the memory at ${out.length}.`,
    );
  }
  out.set(payload, at);
  return at + payload.length;
}

/**
 * Fills `length` bytes with padding from `offset` of `out` and sets the padding bit of the packet that
 * begins at `packetStart`; returns the offset behind the padding.
 *
 * @throws RangeError if `length` is not 1 to 255 or there is no room.
 */
export function writeRtpPadding(
  length: number,
  out: Uint8Array,
  packetStart: number,
  offset: number,
): number {
  if (!(length >= 1 && length <= 255)) {
    throw new RangeError(`length: padding is 1 to 255 bytes, not ${length}.`);
  }
  const end = offset + length;
  if (end > out.length) {
    throw new RangeError(`out: the padding ends at ${end}, the memory at ${out.length}.`);
  }
  out.fill(0, offset, end - 1);
  out[end - 1] = length;
  out[packetStart] = (out[packetStart] as number) | 0x20;
  return end;
}
