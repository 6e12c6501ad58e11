// ERROR-CODE: why a request was refused (RFC 8489 §14.8).
// https://www.rfc-editor.org/rfc/rfc8489#section-14.8

import { decodeUtf8, encodeUtf8 } from '@kaon/wire';
import type { AttributeKind } from '../attribute.ts';
import { StunError } from '../errors.ts';

//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |           Reserved, should be 0         |Class|     Number    |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |      Reason Phrase (variable)                                ..
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

const MAX_REASON_BYTES = 763;

/** A refusal. */
export interface ErrorCode {
  /** 300 to 699. */
  readonly code: number;
  /** For people; at most 763 bytes of UTF-8. */
  readonly reason: string;
}

/** The reason phrases that the RFCs recommend (RFC 8489 §14.8, RFC 8445 §7.3.1.1). */
export const REASON_PHRASES: Readonly<Record<number, string>> = {
  300: 'Try Alternate',
  400: 'Bad Request',
  401: 'Unauthenticated',
  420: 'Unknown Attribute',
  438: 'Stale Nonce',
  487: 'Role Conflict',
  500: 'Server Error',
};

/** Why a request was refused. */
export const ERROR_CODE: AttributeKind<ErrorCode> = {
  name: 'ERROR-CODE',
  type: 0x0009,
  byteLength: ({ reason }) => 4 + encodeUtf8(reason).length,
  encode({ code, reason }, out, offset) {
    if (!Number.isInteger(code) || code < 300 || code > 699) {
      throw new StunError('STUN_INVALID_ARGUMENT', `An error code is 300 to 699, not ${code}.`);
    }
    const phrase = encodeUtf8(reason);
    if (phrase.length > MAX_REASON_BYTES) {
      throw new StunError(
        'STUN_ATTRIBUTE_TOO_LONG',
        `A reason phrase takes at most ${MAX_REASON_BYTES} bytes, not ${phrase.length}.`,
      );
    }
    out[offset] = 0;
    out[offset + 1] = 0;
    out[offset + 2] = Math.floor(code / 100);
    out[offset + 3] = code % 100;
    out.set(phrase, offset + 4);
  },
  decode(value) {
    if (value.length < 4) return undefined;
    const hundreds = (value[2] as number) & 0x07;
    const number = value[3] as number;
    if (hundreds < 3 || hundreds > 6 || number > 99) return undefined;
    return { code: 100 * hundreds + number, reason: decodeUtf8(value.subarray(4)) };
  },
};
