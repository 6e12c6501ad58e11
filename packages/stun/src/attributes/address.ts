// Attributes that hold a transport address, plain or XORed (RFC 8489 §14.1, §14.2, §14.15; RFC 5780 §7).
// https://www.rfc-editor.org/rfc/rfc8489#section-14.1

import {
  formatIpAddress,
  parseIpAddress,
  readUint16,
  type TransportAddress,
  writeUint16,
} from '@kaon/wire';
import type { AttributeKind } from '../attribute.ts';
import { StunError } from '../errors.ts';

//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |0 0 0 0 0 0 0 0|    Family     |           Port                |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                 Address (32 bits or 128 bits)                 |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

const FAMILY_IPV4 = 0x01;
const FAMILY_IPV6 = 0x02;
const COOKIE_BYTES = [0x21, 0x12, 0xa4, 0x42] as const;

/** The address a request came from, as old servers say it (RFC 8489 §14.1). */
export const MAPPED_ADDRESS: AttributeKind<TransportAddress> = addressKind(
  'MAPPED-ADDRESS',
  0x0001,
  false,
);
/** The address a request came from, hidden from NATs that rewrite payloads (RFC 8489 §14.2). */
export const XOR_MAPPED_ADDRESS: AttributeKind<TransportAddress> = addressKind(
  'XOR-MAPPED-ADDRESS',
  0x0020,
  true,
);
/** Another server to turn to, in a 300 response (RFC 8489 §14.15). */
export const ALTERNATE_SERVER: AttributeKind<TransportAddress> = addressKind(
  'ALTERNATE-SERVER',
  0x8023,
  false,
);
/** Where the response was sent from (RFC 5780 §7.3). */
export const RESPONSE_ORIGIN: AttributeKind<TransportAddress> = addressKind(
  'RESPONSE-ORIGIN',
  0x802b,
  false,
);
/** Where the server's other address is (RFC 5780 §7.4). */
export const OTHER_ADDRESS: AttributeKind<TransportAddress> = addressKind(
  'OTHER-ADDRESS',
  0x802c,
  false,
);

/** An attribute of this layout; TURN has two more of them (RFC 8656 §18.3, §18.5). */
export function addressKind(
  name: string,
  type: number,
  isXored: boolean,
): AttributeKind<TransportAddress> {
  return {
    name,
    type,
    byteLength: ({ address }) => (address.includes(':') ? 20 : 8),
    encode(value, out, offset, transactionId) {
      const bytes = parseIpAddress(value.address);
      if (bytes === undefined) {
        throw new StunError(
          'STUN_INVALID_ARGUMENT',
          `${name} takes a literal IP address, not "${value.address}".`,
        );
      }
      out[offset] = 0;
      out[offset + 1] = bytes.length === 4 ? FAMILY_IPV4 : FAMILY_IPV6;
      writeUint16(out, offset + 2, isXored ? value.port ^ 0x2112 : value.port);
      if (isXored) xorAddress(bytes, transactionId);
      out.set(bytes, offset + 4);
    },
    decode(value, transactionId) {
      const family = value[1];
      const length = family === FAMILY_IPV4 ? 8 : family === FAMILY_IPV6 ? 20 : -1;
      if (value.length !== length) return undefined;
      const bytes = new Uint8Array(value.subarray(4)); // A copy, of a Buffer too: XORed in place below.
      if (isXored) xorAddress(bytes, transactionId);
      const port = readUint16(value, 2);
      return { address: formatIpAddress(bytes), port: isXored ? port ^ 0x2112 : port };
    },
  };
}

/** XORs with the magic cookie and, past 4 bytes, the transaction ID (RFC 8489 §14.2). */
function xorAddress(bytes: Uint8Array, transactionId: Uint8Array): void {
  for (let i = 0; i < bytes.length; i++) {
    const mask = i < 4 ? (COOKIE_BYTES[i] as number) : (transactionId[i - 4] as number);
    bytes[i] = (bytes[i] as number) ^ mask;
  }
}
