// AES in counter mode with HMAC-SHA1. https://www.rfc-editor.org/rfc/rfc3711#section-4,
// https://www.rfc-editor.org/rfc/rfc6188
//
//   SRTP:  header | encrypted | MKI | tag         the tag is that of header, encrypted and ROC
//   SRTCP: header | encrypted | E, index | MKI | tag     that of all in front of the MKI

import {
  type CounterDecryptor,
  type CounterEncryptor,
  type CounterKey,
  type CryptoProvider,
  type Hmac,
  isTag,
} from '@kaon/crypto';
import { readUint32, writeUint32 } from '@kaon/wire';
import { type SrtpBatch, writeTag } from './batch.ts';
import { gatherCsrcs, scatterCsrcs } from './cryptex.ts';
import type { SessionKeys } from './key-derivation.ts';
import { SEQUENCE_NUMBERS } from './packet-index.ts';
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

/** Bytes of the rollover counter, which is authenticated but not sent. */
const ROC_LENGTH = 4;
/** Where the SSRC is added to the salt (RFC 3711 §4.1.1: times 2^64 of 128 bits). */
const SSRC_OFFSET = 4;

/** The code computed last, which nobody keeps. */
const code = new Uint8Array(20);

/** What counter mode and HMAC do with packets of one kind under one master key. */
interface Suite {
  readonly key: CounterKey;
  readonly salt: Uint8Array;
  readonly hmac: Hmac;
  readonly mki: Uint8Array;
  readonly tagLength: number;
}

/** One master key with AES-CM and HMAC-SHA1. */
export class AesCmHmac implements SrtpTransform {
  readonly outerRtpTagLength: number;
  readonly outerRtcpTagLength: number;
  readonly rtpHmac: Hmac;
  readonly #rtp: Suite;
  readonly #rtcp: Suite;

  constructor(crypto: CryptoProvider, profile: SrtpProfile, keys: SessionKeys, mki: Uint8Array) {
    this.outerRtpTagLength = profile.rtpTagLength;
    this.outerRtcpTagLength = profile.rtcpTagLength;
    const suite = (kind: 'rtp' | 'rtcp', tagLength: number): Suite => ({
      key: crypto.createCounterKey(keys[kind].encryption),
      salt: keys[kind].salt.slice(),
      hmac: crypto.createHmac('sha1', keys[kind].authentication),
      mki,
      tagLength,
    });
    this.#rtp = suite('rtp', profile.rtpTagLength);
    this.rtpHmac = this.#rtp.hmac;
    this.#rtcp = suite('rtcp', profile.rtcpTagLength);
  }

  createRtpProtector(ssrc: number, lateness: number): RtpProtector {
    return new CmRtpProtector(this.#rtp, ssrc, lateness);
  }

  createRtpUnprotector(ssrc: number): RtpUnprotector {
    return new CmRtpUnprotector(this.#rtp, ssrc);
  }

  createRtcpProtector(ssrc: number): RtcpProtector {
    return new CmRtcpProtector(this.#rtcp, ssrc);
  }

  createRtcpUnprotector(ssrc: number): RtcpUnprotector {
    return new CmRtcpUnprotector(this.#rtcp, ssrc);
  }

  destroy(): void {
    for (const { key, salt, hmac } of [this.#rtp, this.#rtcp]) {
      key.destroy();
      hmac.destroy();
      salt.fill(0);
    }
  }
}

class CmRtpProtector implements RtpProtector {
  readonly #suite: Suite;
  readonly #encryptor: CounterEncryptor;

  constructor(suite: Suite, ssrc: number, lateness: number) {
    this.#suite = suite;
    this.#encryptor = suite.key.createEncryptor(
      saltWithSsrc(suite.salt, SSRC_OFFSET, ssrc),
      lateness,
    );
  }

  protect(
    packet: Uint8Array,
    start: number,
    textStart: number,
    end: number,
    index: number,
    csrcLength: number,
    batch: SrtpBatch | undefined,
  ): number {
    const suite = this.#suite;
    const rolloverCounter = Math.floor(index / SEQUENCE_NUMBERS);
    if (csrcLength === 0 && batch === undefined) {
      this.#encryptor.encryptAndAuthenticate(
        index,
        packet,
        start,
        textStart,
        end,
        suite.hmac,
        rolloverCounter,
        code,
      );
      return writeTag(packet, end, suite.mki, code, 0, suite.tagLength);
    }
    if (csrcLength > 0) gatherCsrcs(packet, start, csrcLength);
    this.#encryptor.encrypt(index, packet, textStart, end, packet, textStart);
    if (csrcLength > 0) scatterCsrcs(packet, start, csrcLength);
    // RFC 3711 §4.2: M is the authenticated portion with the ROC behind it, where MKI and tag are to be.
    writeUint32(packet, end, rolloverCounter);
    return appendTag(suite, packet, start, end + ROC_LENGTH, end, batch);
  }

  destroy(): void {
    this.#encryptor.destroy();
  }
}

class CmRtpUnprotector implements RtpUnprotector {
  readonly #suite: Suite;
  readonly #ssrc: number;
  #decryptor: CounterDecryptor | undefined;

  constructor(suite: Suite, ssrc: number) {
    this.#suite = suite;
    this.#ssrc = ssrc;
  }

  unprotect(
    packet: Uint8Array,
    start: number,
    textStart: number,
    end: number,
    index: number,
    csrcLength: number,
    codes: Uint8Array,
    codeStart: number,
  ): number {
    const { hmac, mki, tagLength } = this.#suite;
    const tagStart = end - tagLength;
    const textEnd = tagStart - mki.length;
    // What was never genuine yet is given no memory.
    if (csrcLength === 0 && codeStart < 0 && this.#decryptor !== undefined) {
      const isGenuine = this.#decryptor.verifyAndDecrypt(
        index,
        packet,
        start,
        textStart,
        textEnd,
        hmac,
        Math.floor(index / SEQUENCE_NUMBERS),
        tagStart,
        tagLength,
      );
      return isGenuine ? textEnd : -1;
    }
    if (codeStart >= 0) {
      if (!isTag(packet, tagStart, tagLength, codes, codeStart)) return -1;
    } else {
      this.#computeCode(packet, start, textEnd, index);
      if (!isTag(packet, tagStart, tagLength, code, 0)) return -1;
    }
    this.#decryptor ??= decryptor(this.#suite, this.#ssrc);
    if (csrcLength > 0) gatherCsrcs(packet, start, csrcLength);
    this.#decryptor.decrypt(index, packet, textStart, textEnd, packet, textStart);
    if (csrcLength > 0) scatterCsrcs(packet, start, csrcLength);
    return textEnd;
  }

  destroy(): void {
    this.#decryptor?.destroy();
  }

  #computeCode(packet: Uint8Array, start: number, textEnd: number, index: number): void {
    // The ROC takes the place of the first bytes behind the text for a moment.
    const behind = readUint32(packet, textEnd);
    writeUint32(packet, textEnd, Math.floor(index / SEQUENCE_NUMBERS));
    this.#suite.hmac.computeInto(packet, start, textEnd + ROC_LENGTH, code, 0);
    writeUint32(packet, textEnd, behind);
  }
}

class CmRtcpProtector implements RtcpProtector {
  readonly #suite: Suite;
  readonly #encryptor: CounterEncryptor;

  constructor(suite: Suite, ssrc: number) {
    this.#suite = suite;
    this.#encryptor = suite.key.createEncryptor(saltWithSsrc(suite.salt, SSRC_OFFSET, ssrc));
  }

  protect(
    packet: Uint8Array,
    start: number,
    end: number,
    index: number,
    isEncrypted: boolean,
    batch: SrtpBatch | undefined,
  ): number {
    if (isEncrypted) {
      const textStart = start + RTCP_HEADER_LENGTH;
      this.#encryptor.encrypt(index, packet, textStart, end, packet, textStart);
    }
    writeUint32(packet, end, isEncrypted ? index + E_FLAG : index);
    const place = end + SRTCP_INDEX_LENGTH;
    return appendTag(this.#suite, packet, start, place, place, batch);
  }

  destroy(): void {
    this.#encryptor.destroy();
  }
}

class CmRtcpUnprotector implements RtcpUnprotector {
  readonly #suite: Suite;
  readonly #ssrc: number;
  #decryptor: CounterDecryptor | undefined;

  constructor(suite: Suite, ssrc: number) {
    this.#suite = suite;
    this.#ssrc = ssrc;
  }

  unprotect(
    packet: Uint8Array,
    start: number,
    end: number,
    indexStart: number,
    index: number,
    isEncrypted: boolean,
  ): number {
    const { hmac, tagLength } = this.#suite;
    hmac.computeInto(packet, start, indexStart + SRTCP_INDEX_LENGTH, code, 0);
    if (!isTag(packet, end - tagLength, tagLength, code, 0)) return -1;
    if (isEncrypted) {
      this.#decryptor ??= decryptor(this.#suite, this.#ssrc);
      const textStart = start + RTCP_HEADER_LENGTH;
      this.#decryptor.decrypt(index, packet, textStart, indexStart, packet, textStart);
    }
    return indexStart;
  }

  destroy(): void {
    this.#decryptor?.destroy();
  }
}

function decryptor(suite: Suite, ssrc: number): CounterDecryptor {
  return suite.key.createDecryptor(saltWithSsrc(suite.salt, SSRC_OFFSET, ssrc));
}

/** Writes MKI and the tag of `packet[start..end)` to `place`, now or with the batch. */
function appendTag(
  suite: Suite,
  packet: Uint8Array,
  start: number,
  end: number,
  place: number,
  batch: SrtpBatch | undefined,
): number {
  const { hmac, mki, tagLength } = suite;
  if (batch !== undefined) {
    batch.defer(hmac, packet, start, end, place, mki, tagLength);
    return place + mki.length + tagLength;
  }
  hmac.computeInto(packet, start, end, code, 0);
  return writeTag(packet, place, mki, code, 0, tagLength);
}
