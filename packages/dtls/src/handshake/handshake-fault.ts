// What can be wrong with a peer's handshake message, as data.
// https://www.rfc-editor.org/rfc/rfc5246#section-7.2.2

import { AlertDescription } from '../alert.ts';
import type { DtlsErrorCode } from '../errors.ts';
import { handshakeTypeName } from './handshake-message.ts';

/** A fault and the alert that answers it. */
export interface HandshakeFault {
  /** The description of the fatal alert. */
  readonly alert: number;
  readonly code: DtlsErrorCode;
  readonly reason: string;
  /**
   * Whether it ends the handshake at once. A message that is malformed or out of turn does not, if it
   * came unauthenticated: anyone can send such a thing. It is thrown away, and only if nothing better
   * comes in its place does the handshake end.
   */
  readonly isFatal: boolean;
}

/** A fault that ends the handshake. */
export function fatalFault(
  alert: keyof typeof AlertDescription,
  reason: string,
  code: DtlsErrorCode = 'DTLS_HANDSHAKE_FAILED',
): HandshakeFault {
  return { alert: AlertDescription[alert], code, reason, isFatal: true };
}

/** The message does not follow its format. */
export function malformedMessage(type: number): HandshakeFault {
  return {
    alert: AlertDescription.decodeError,
    code: 'DTLS_HANDSHAKE_FAILED',
    reason: `The peer's ${handshakeTypeName(type)} is malformed.`,
    isFatal: false,
  };
}

/** The message comes where another one belongs. */
export function unexpectedMessage(type: number, expected: string): HandshakeFault {
  return {
    alert: AlertDescription.unexpectedMessage,
    code: 'DTLS_HANDSHAKE_FAILED',
    reason: `The peer sent ${handshakeTypeName(type)} where ${expected} belongs.`,
    isFatal: false,
  };
}
