// AES-GCM. https://www.rfc-editor.org/rfc/rfc7714
//
//   SRTP:  header | encrypted | tag | MKI                 additional data: header
//   SRTCP: header | encrypted | tag | E, index | MKI      additional data: header, and E with index

import type { CryptoProvider, Hmac, PacketKey, PacketOpener, PacketSealer } from '@kaon/crypto';
import { readUint32, writeUint32 } from '@kaon/wire';
import { gatherCsrcs, scatterCsrcs } from './cryptex.ts';
import type { SessionKeys } from './key-derivation.ts';
import {
  E_FLAG,
  RTCP_HEADER_LENGTH,
  type RtcpProtector,
  type RtcpUnprotector,
  type RtpProtector,
  type RtpUnprotector,
  SRTCP_INDEX_LENGTH,
  type SrtpTransform,
  saltWithSsrc,
} from './packet-transform.ts';
import type { SrtpProfile } from './profiles.ts';

/** Bytes of the tag (RFC 7714 §13). */
const TAG_LENGTH = 16;
/** Where the SSRC is added to the salt (RFC 7714 §8.1, §9.1). */
const SSRC_OFFSET = 2;

/** Header and index of the SRTCP packet at hand, which do not lie side by side. */
const rtcpAdditionalData = new Uint8Array(RTCP_HEADER_LENGTH + SRTCP_INDEX_LENGTH);
/** The tag of the SRTCP packet at hand if it is not encrypted. */
const lonelyTag = new Uint8Array(TAG_LENGTH);

/** What GCM does with packets of one kind under one master key. */
interface Suite {
  readonly key: PacketKey;
  readonly salt: Uint8Array;
  readonly mki: Uint8Array;
}

/** One master key with AES-GCM. */
export class AesGcm implements SrtpTransform {
  readonly outerRtpTagLength: number = 0;
  readonly outerRtcpTagLength: number = 0;
  readonly rtpHmac: Hmac | undefined = undefined;
  readonly #rtp: Suite;
  readonly #rtcp: Suite;

  constructor(crypto: CryptoProvider, profile: SrtpProfile, keys: SessionKeys, mki: Uint8Array) {
    const algorithm = profile.keyLength === 16 ? 'aes-128-gcm' : 'aes-256-gcm';
    const suite = (kind: 'rtp' | 'rtcp'): Suite => ({
      key: crypto.createPacketKey(algorithm, keys[kind].encryption),
      salt: keys[kind].salt.slice(),
      mki,
    });
    this.#rtp = suite('rtp');
    this.#rtcp = suite('rtcp');
  }

  createRtpProtector(ssrc: number, lateness: number): RtpProtector {
    return new GcmRtpProtector(this.#rtp, ssrc, lateness);
  }

  createRtpUnprotector(ssrc: number): RtpUnprotector {
    return new GcmRtpUnprotector(this.#rtp, ssrc);
  }

  createRtcpProtector(ssrc: number): RtcpProtector {
    return new GcmRtcpProtector(this.#rtcp, ssrc);
  }

  createRtcpUnprotector(ssrc: number): RtcpUnprotector {
    return new GcmRtcpUnprotector(this.#rtcp, ssrc);
  }

  destroy(): void {
    for (const { key, salt } of [this.#rtp, this.#rtcp]) {
      key.destroy();
      salt.fill(0);
    }
  }
}

class GcmRtpProtector implements RtpProtector {
  readonly #sealer: PacketSealer;
  readonly #mki: Uint8Array;

  constructor(suite: Suite, ssrc: number, lateness: number) {
    this.#sealer = suite.key.createSealer(saltWithSsrc(suite.salt, SSRC_OFFSET, ssrc), lateness);
    this.#mki = suite.mki;
  }

  protect(
    packet: Uint8Array,
    start: number,
    textStart: number,
    end: number,
    index: number,
    csrcLength: number,
  ): number {
    if (csrcLength > 0) gatherCsrcs(packet, start, csrcLength);
    const tagEnd = this.#sealer.sealInPlace(
      index,
      packet,
      start,
      textStart,
      packet,
      textStart,
      end,
    );
    if (csrcLength > 0) scatterCsrcs(packet, start, csrcLength);
    return writeMki(packet, tagEnd, this.#mki);
  }

  destroy(): void {
    this.#sealer.destroy();
  }
}

class GcmRtpUnprotector implements RtpUnprotector {
  readonly #opener: PacketOpener;
  readonly #mkiLength: number;

  constructor(suite: Suite, ssrc: number) {
    this.#opener = suite.key.createOpener(saltWithSsrc(suite.salt, SSRC_OFFSET, ssrc));
    this.#mkiLength = suite.mki.length;
  }

  unprotect(
    packet: Uint8Array,
    start: number,
    textStart: number,
    end: number,
    index: number,
    csrcLength: number,
  ): number {
    const tagEnd = end - this.#mkiLength;
    if (csrcLength > 0) gatherCsrcs(packet, start, csrcLength);
    const textEnd = this.#opener.openInPlace(
      index,
      packet,
      start,
      textStart,
      packet,
      textStart,
      tagEnd,
    );
    if (csrcLength > 0) scatterCsrcs(packet, start, csrcLength);
    return textEnd;
  }

  destroy(): void {
    this.#opener.destroy();
  }
}

class GcmRtcpProtector implements RtcpProtector {
  readonly #sealer: PacketSealer;
  readonly #mki: Uint8Array;

  constructor(suite: Suite, ssrc: number) {
    this.#sealer = suite.key.createSealer(saltWithSsrc(suite.salt, SSRC_OFFSET, ssrc));
    this.#mki = suite.mki;
  }

  protect(
    packet: Uint8Array,
    start: number,
    end: number,
    index: number,
    isEncrypted: boolean,
  ): number {
    const word = isEncrypted ? index + E_FLAG : index;
    if (isEncrypted) {
      loadAdditionalData(packet, start, word);
      const { length } = rtcpAdditionalData;
      const textStart = start + RTCP_HEADER_LENGTH;
      this.#sealer.sealInPlace(index, rtcpAdditionalData, 0, length, packet, textStart, end);
    } else {
      // RFC 7714 §9.3: all of the packet is additional data. The index stands for a moment where the tag goes.
      writeUint32(packet, end, word);
      const additionalEnd = end + SRTCP_INDEX_LENGTH;
      this.#sealer.sealInPlace(index, packet, start, additionalEnd, packet, end, end);
    }
    writeUint32(packet, end + TAG_LENGTH, word);
    return writeMki(packet, end + TAG_LENGTH + SRTCP_INDEX_LENGTH, this.#mki);
  }

  destroy(): void {
    this.#sealer.destroy();
  }
}

class GcmRtcpUnprotector implements RtcpUnprotector {
  readonly #opener: PacketOpener;

  constructor(suite: Suite, ssrc: number) {
    this.#opener = suite.key.createOpener(saltWithSsrc(suite.salt, SSRC_OFFSET, ssrc));
  }

  unprotect(
    packet: Uint8Array,
    start: number,
    _end: number,
    indexStart: number,
    index: number,
    isEncrypted: boolean,
  ): number {
    if (isEncrypted) {
      loadAdditionalData(packet, start, index + E_FLAG);
      const { length } = rtcpAdditionalData;
      const textStart = start + RTCP_HEADER_LENGTH;
      return this.#opener.openInPlace(
        index,
        rtcpAdditionalData,
        0,
        length,
        packet,
        textStart,
        indexStart,
      );
    }
    const textEnd = indexStart - TAG_LENGTH;
    for (let i = 0; i < TAG_LENGTH; i++) lonelyTag[i] = packet[textEnd + i] as number;
    const behind = readUint32(packet, textEnd);
    writeUint32(packet, textEnd, index);
    const result = this.#opener.openInPlace(
      index,
      packet,
      start,
      textEnd + SRTCP_INDEX_LENGTH,
      lonelyTag,
      0,
      TAG_LENGTH,
    );
    writeUint32(packet, textEnd, behind);
    return result < 0 ? -1 : textEnd;
  }

  destroy(): void {
    this.#opener.destroy();
  }
}

function loadAdditionalData(packet: Uint8Array, start: number, word: number): void {
  for (let i = 0; i < RTCP_HEADER_LENGTH; i++) rtcpAdditionalData[i] = packet[start + i] as number;
  writeUint32(rtcpAdditionalData, RTCP_HEADER_LENGTH, word);
}

function writeMki(packet: Uint8Array, place: number, mki: Uint8Array): number {
  const { length } = mki;
  for (let i = 0; i < length; i++) packet[place + i] = mki[i] as number;
  return place + length;
}
