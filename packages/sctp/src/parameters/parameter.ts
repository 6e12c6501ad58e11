// Parameters: the optional fields of INIT, INIT ACK, HEARTBEAT and RE-CONFIG (RFC 9260 §3.2.1, https://www.rfc-editor.org/rfc/rfc9260#section-3.2.1).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |        Parameter Type         |       Parameter Length        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// \                       Parameter Value                         \
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// Error causes (RFC 9260 §3.3.10) have the same layout and use the same functions.
import { readUint16, writeUint16 } from '@kaon/wire';
import { paddedLength, writePadding } from '../chunks/chunk-header.ts';

/** Bytes of type and length. */
const PARAMETER_HEADER_LENGTH = 4;

/** The parameter types that Kaon knows. */
export const PARAMETER_TYPE = {
  heartbeatInfo: 1,
  ipv4Address: 5,
  ipv6Address: 6,
  stateCookie: 7,
  unrecognizedParameter: 8,
  cookiePreservative: 9,
  hostNameAddress: 11,
  supportedAddressTypes: 12,
  /** RFC 6525 §4 */
  outgoingSsnResetRequest: 13,
  incomingSsnResetRequest: 14,
  ssnTsnResetRequest: 15,
  reconfigurationResponse: 16,
  addOutgoingStreamsRequest: 17,
  addIncomingStreamsRequest: 18,
  /** RFC 9653 §4 */
  zeroChecksumAcceptable: 0x8001,
  /** RFC 5061 §4.2.7 */
  supportedExtensions: 0x8008,
  /** RFC 3758 §3.1 */
  forwardTsnSupported: 0xc000,
} as const;

/** A parameter whose value is not yet looked into. */
export interface Parameter {
  /** One of {@link PARAMETER_TYPE}, or unknown. */
  readonly type: number;
  /** What stands behind the length, without padding; a view into what was decoded. */
  readonly value: Uint8Array;
}

/**
 * The parameters in `bytes[start..end)`, in their order.
 *
 * @returns undefined if a length is impossible. The last parameter's padding may be missing, because
 * `end` is that of the chunk's length field, which leaves it out (RFC 9260 §3.2).
 */
export function decodeParameters(
  bytes: Uint8Array,
  start: number,
  end: number,
): Parameter[] | undefined {
  const parameters: Parameter[] = [];
  let at = start;
  while (end - at >= PARAMETER_HEADER_LENGTH) {
    const length = readUint16(bytes, at + 2);
    if (length < PARAMETER_HEADER_LENGTH || length > end - at) return undefined;
    parameters.push({
      type: readUint16(bytes, at),
      value: bytes.subarray(at + PARAMETER_HEADER_LENGTH, at + length),
    });
    at += paddedLength(length);
  }
  return at >= end ? parameters : undefined;
}

/** Bytes that {@link encodeParameters} writes. */
export function parametersLength(parameters: readonly Parameter[]): number {
  let length = 0;
  for (const parameter of parameters) {
    length += paddedLength(PARAMETER_HEADER_LENGTH + parameter.value.length);
  }
  return length;
}

/** Writes `parameters`, each padded, from `offset` on; returns the offset behind them. */
export function encodeParameters(
  parameters: readonly Parameter[],
  out: Uint8Array,
  offset: number,
): number {
  let at = offset;
  for (const { type, value } of parameters) {
    const length = PARAMETER_HEADER_LENGTH + value.length;
    writeUint16(out, at, type);
    writeUint16(out, at + 2, length);
    out.set(value, at + PARAMETER_HEADER_LENGTH);
    at = writePadding(out, at, at + length);
  }
  return at;
}
