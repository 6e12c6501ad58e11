// Every attribute's value survives writing and reading, and no bytes make a reader throw (RFC 8489 §14).

import { formatIpAddress } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ALTERNATE_DOMAIN,
  ALTERNATE_SERVER,
  type AttributeKind,
  attribute,
  decodeMessage,
  ERROR_CODE,
  encodeMessage,
  ICE_CONTROLLED,
  ICE_CONTROLLING,
  MAPPED_ADDRESS,
  NONCE,
  OTHER_ADDRESS,
  PASSWORD_ALGORITHM,
  PASSWORD_ALGORITHMS,
  PRIORITY,
  REALM,
  RESPONSE_ORIGIN,
  readAttribute,
  SOFTWARE,
  UNKNOWN_ATTRIBUTES,
  USE_CANDIDATE,
  USERHASH,
  USERNAME,
  XOR_MAPPED_ADDRESS,
} from './index.ts';

const address = fc.record({
  address: fc
    .oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
    )
    .map(formatIpAddress),
  port: fc.integer({ min: 0, max: 65535 }),
});
const text = fc.string({ unit: 'grapheme', maxLength: 60 });
const tieBreaker = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
const algorithm = fc.record({
  algorithm: fc.integer({ min: 0, max: 65535 }),
  parameters: fc.uint8Array({ maxLength: 9 }),
});

interface Row<T> {
  readonly kind: AttributeKind<T>;
  readonly values: fc.Arbitrary<T>;
}

/** Keeps the type of `kind` and `values` together in a table of rows of different types. */
function row<T>(kind: AttributeKind<T>, values: fc.Arbitrary<T>): Row<unknown> {
  return { kind, values } as Row<unknown>;
}

const ROWS = [
  row(MAPPED_ADDRESS, address),
  row(XOR_MAPPED_ADDRESS, address),
  row(ALTERNATE_SERVER, address),
  row(RESPONSE_ORIGIN, address),
  row(OTHER_ADDRESS, address),
  row(USERNAME, text),
  row(REALM, text),
  row(NONCE, text),
  row(SOFTWARE, text),
  row(
    ALTERNATE_DOMAIN,
    fc.domain().filter((name) => name.length < 255),
  ),
  row(ERROR_CODE, fc.record({ code: fc.integer({ min: 300, max: 699 }), reason: text })),
  row(UNKNOWN_ATTRIBUTES, fc.array(fc.integer({ min: 0, max: 65535 }), { maxLength: 9 })),
  row(USERHASH, fc.uint8Array({ minLength: 32, maxLength: 32 })),
  row(PASSWORD_ALGORITHM, algorithm),
  row(PASSWORD_ALGORITHMS, fc.array(algorithm, { maxLength: 4 })),
  row(PRIORITY, fc.integer({ min: 0, max: 0xffff_ffff })),
  row(USE_CANDIDATE, fc.constant(true as const)),
  row(ICE_CONTROLLED, tieBreaker),
  row(ICE_CONTROLLING, tieBreaker),
].map((each) => [each.kind.name, each] as const);

const transactionId = fc.uint8Array({ minLength: 12, maxLength: 12 });

describe('attributes', () => {
  it.each(ROWS)('%s reads what it wrote', (_name, { kind, values }) => {
    fc.assert(
      fc.property(values, transactionId, (value, id) => {
        const bytes = encodeMessage({
          class: 'success',
          method: 1,
          transactionId: id,
          attributes: [attribute(kind, value)],
        });
        expect(bytes.length % 4).toBe(0);
        const message = decodeMessage(bytes);
        expect(message && readAttribute(message, kind)).toEqual(value);
        // A Buffer's slice shares its memory: reading it must not change it.
        const datagram = Buffer.from(bytes);
        const received = decodeMessage(datagram);
        expect(received && readAttribute(received, kind)).toBeDefined();
        expect(datagram.equals(bytes)).toBe(true);
      }),
    );
  });

  it.each(ROWS)('%s never throws on any bytes', (_name, { kind }) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), transactionId, (value, id) => {
        kind.decode(value, id);
      }),
    );
  });

  it('has the numbers of the registry (RFC 8489 §18.3, RFC 8445 §20.1)', () => {
    const numbers = Object.fromEntries(ROWS.map(([name, { kind }]) => [name, kind.type]));
    expect(numbers).toMatchObject({
      'MAPPED-ADDRESS': 0x0001,
      USERNAME: 0x0006,
      'ERROR-CODE': 0x0009,
      'UNKNOWN-ATTRIBUTES': 0x000a,
      REALM: 0x0014,
      NONCE: 0x0015,
      'PASSWORD-ALGORITHM': 0x001d,
      USERHASH: 0x001e,
      'XOR-MAPPED-ADDRESS': 0x0020,
      PRIORITY: 0x0024,
      'USE-CANDIDATE': 0x0025,
      'PASSWORD-ALGORITHMS': 0x8002,
      'ALTERNATE-DOMAIN': 0x8003,
      SOFTWARE: 0x8022,
      'ALTERNATE-SERVER': 0x8023,
      'ICE-CONTROLLED': 0x8029,
      'ICE-CONTROLLING': 0x802a,
    });
  });
});
