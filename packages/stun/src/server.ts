// The smallest useful server: it answers Binding requests with the address they came from (RFC 8489 §6.3).
// https://www.rfc-editor.org/rfc/rfc8489#section-6.3

import type { TransportAddress } from '@kaon/wire';
import { attribute, type OutgoingAttribute, unknownRequiredAttributes } from './attribute.ts';
import { XOR_MAPPED_ADDRESS } from './attributes/address.ts';
import { ERROR_CODE, REASON_PHRASES } from './attributes/error-code.ts';
import { SOFTWARE, USERNAME } from './attributes/text.ts';
import { UNKNOWN_ATTRIBUTES } from './attributes/unknown-attributes.ts';
import {
  BINDING_METHOD,
  decodeMessage,
  encodeMessage,
  type MessageProtection,
  type StunMessage,
  verifyFingerprint,
} from './message.ts';

/** What {@link answerBinding} may be told. */
export interface BindingServerOptions {
  /** Sent as SOFTWARE if given. */
  readonly software?: string;
}

// A server without credentials ignores USERNAME and integrity (RFC 8489 §9.1.3 does not apply to it).
const UNDERSTOOD: ReadonlySet<number> = new Set([USERNAME.type]);

/**
 * The answer of a STUN server without credentials to one datagram.
 *
 * Keeps no state, so a flood costs it no memory, and answers are hardly larger than requests.
 *
 * @param source where the datagram came from.
 * @returns the datagram to send back, or undefined if nothing is to be said.
 */
export function answerBinding(
  datagram: Uint8Array,
  source: TransportAddress,
  options: BindingServerOptions = {},
): Uint8Array | undefined {
  const request = decodeMessage(datagram);
  if (request === undefined) return undefined;
  if (request.class !== 'request' || request.method !== BINDING_METHOD) return undefined;
  if (request.fingerprintOffset >= 0 && !verifyFingerprint(request)) return undefined;
  const extra = options.software === undefined ? [] : [attribute(SOFTWARE, options.software)];
  const protection = { fingerprint: request.fingerprintOffset >= 0 };
  const unknown = unknownRequiredAttributes(request, UNDERSTOOD);
  if (unknown.length > 0) {
    const details = [attribute(UNKNOWN_ATTRIBUTES, unknown), ...extra];
    return encodeErrorResponse(request, 420, details, protection);
  }
  return encodeMessage(
    {
      class: 'success',
      method: BINDING_METHOD,
      transactionId: request.transactionId,
      attributes: [attribute(XOR_MAPPED_ADDRESS, source), ...extra],
    },
    protection,
  );
}

/** An error response to `request` with ERROR-CODE `code` and further attributes (RFC 8489 §6.3.1). */
export function encodeErrorResponse(
  request: StunMessage,
  code: number,
  attributes: readonly OutgoingAttribute[] = [],
  protection: MessageProtection = {},
): Uint8Array {
  const reason = REASON_PHRASES[code] ?? '';
  return encodeMessage(
    {
      class: 'error',
      method: request.method,
      transactionId: request.transactionId,
      attributes: [attribute(ERROR_CODE, { code, reason }), ...attributes],
    },
    protection,
  );
}
