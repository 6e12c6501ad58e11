// Encryption and authentication one after the other, where they cannot be had at once (RFC 3711 §3.1).

import type { Hmac } from '../provider.ts';
import type { CounterSequence } from './counter-key.ts';
import { isTag } from './tag.ts';

/** A counter mode sequence that leaves codes to the key for them. */
export abstract class TwoPassSequence implements CounterSequence {
  abstract apply(
    number: number,
    packet: Uint8Array,
    start: number,
    end: number,
    out: Uint8Array,
    offset: number,
  ): void;

  encryptAndAuthenticate(
    number: number,
    packet: Uint8Array,
    start: number,
    textStart: number,
    end: number,
    hmac: Hmac,
    suffix: number,
    code: Uint8Array,
  ): void {
    this.apply(number, packet, textStart, end, packet, textStart);
    code.set(codeOf(hmac, packet, start, end, suffix));
  }

  verifyAndDecrypt(
    number: number,
    packet: Uint8Array,
    start: number,
    textStart: number,
    end: number,
    hmac: Hmac,
    suffix: number,
    tagStart: number,
    tagLength: number,
  ): boolean {
    const code = codeOf(hmac, packet, start, end, suffix);
    if (!isTag(packet, tagStart, tagLength, code, 0)) return false;
    this.apply(number, packet, textStart, end, packet, textStart);
    return true;
  }

  abstract destroy(): void;
}

function codeOf(
  hmac: Hmac,
  packet: Uint8Array,
  start: number,
  end: number,
  suffix: number,
): Uint8Array {
  const behind = Uint8Array.of(suffix >>> 24, suffix >>> 16, suffix >>> 8, suffix);
  return hmac.compute(packet.subarray(start, end), behind);
}
