// What a family of profiles brings: the cryptography of one master key, cut by direction and kind of packet.

import type { Hmac } from '@kaon/crypto';
import type { SrtpBatch } from './batch.ts';

/**
 * One master key's cryptography. A trailer begins behind the text: for counter mode it is MKI and tag, for
 * GCM tag and MKI, and SRTCP's index stands in front of the MKI (RFC 3711 §3.1, §3.4; RFC 7714 §8, §9).
 */
export interface SrtpTransform {
  /** Bytes of the tag that stands behind the MKI. */
  readonly outerRtpTagLength: number;
  readonly outerRtcpTagLength: number;
  /** What makes the code of an RTP packet, of header, text and rollover counter; undefined with GCM. */
  readonly rtpHmac: Hmac | undefined;
  createRtpProtector(ssrc: number, lateness: number): RtpProtector;
  createRtpUnprotector(ssrc: number): RtpUnprotector;
  createRtcpProtector(ssrc: number): RtcpProtector;
  createRtcpUnprotector(ssrc: number): RtcpUnprotector;
  /** Wipes all keys. */
  destroy(): void;
}

/** Protects the RTP packets of one SSRC. */
export interface RtpProtector {
  /**
   * Protects `packet[start..end)` in place, with the text from `textStart` on. With `csrcLength` there are so
   * many bytes of CSRC identifiers in front of the extension's header which belong to the text
   * ({@link gatherCsrcs}).
   *
   * @returns the offset behind the trailer.
   */
  protect(
    packet: Uint8Array,
    start: number,
    textStart: number,
    end: number,
    index: number,
    csrcLength: number,
    batch: SrtpBatch | undefined,
  ): number;
  /** Wipes keystream made ahead. */
  destroy(): void;
}

/** Unprotects the RTP packets of one SSRC. */
export interface RtpUnprotector {
  /**
   * The reverse, of a packet that is long enough for its trailer. With {@link SrtpTransform.rtpHmac}, the
   * packet's code may be computed already: it is in `codes` then, from `codeStart` on, which else is -1.
   *
   * @returns the offset behind the text; -1 if the packet is not authentic, and untouched then.
   */
  unprotect(
    packet: Uint8Array,
    start: number,
    textStart: number,
    end: number,
    index: number,
    csrcLength: number,
    codes: Uint8Array,
    codeStart: number,
  ): number;
  destroy(): void;
}

/** Protects the RTCP packets of one SSRC. */
export interface RtcpProtector {
  /** Protects `packet[start..end)` in place. @returns the offset behind the trailer. */
  protect(
    packet: Uint8Array,
    start: number,
    end: number,
    index: number,
    isEncrypted: boolean,
    batch: SrtpBatch | undefined,
  ): number;
  destroy(): void;
}

/** Unprotects the RTCP packets of one SSRC. */
export interface RtcpUnprotector {
  /**
   * The reverse, of a packet that is long enough for its trailer, with its index at `indexStart`.
   *
   * @returns the offset behind the text; -1 if the packet is not authentic, and untouched then.
   */
  unprotect(
    packet: Uint8Array,
    start: number,
    end: number,
    indexStart: number,
    index: number,
    isEncrypted: boolean,
  ): number;
  destroy(): void;
}

/** Bytes at the beginning of an RTCP packet that are never encrypted (RFC 3711 §3.4). */
export const RTCP_HEADER_LENGTH = 8;
/** Bytes of E flag and SRTCP index. */
export const SRTCP_INDEX_LENGTH = 4;
/** The flag in front of the SRTCP index that says that the packet is encrypted. */
export const E_FLAG = 0x8000_0000;

/** A salt with the SSRC added (exclusive or) at `offset`: what an IV is made of. */
export function saltWithSsrc(salt: Uint8Array, offset: number, ssrc: number): Uint8Array {
  const iv = new Uint8Array(salt);
  for (let i = 0; i < 4; i++) {
    iv[offset + i] = (iv[offset + i] as number) ^ ((ssrc >>> (24 - 8 * i)) & 0xff);
  }
  return iv;
}
