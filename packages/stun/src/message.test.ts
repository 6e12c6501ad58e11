// The message codec: layout, protection, and what must be refused (RFC 8489 §5, §6.3, §14).

import { nodeCrypto } from '@kaon/crypto';
import { concatBytes, parseHex, writeUint16 } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attribute,
  decodeMessage,
  encodeMessage,
  hasAttribute,
  isStunMessage,
  type OutgoingMessage,
  PRIORITY,
  readAttribute,
  SOFTWARE,
  type StunClass,
  StunError,
  USE_CANDIDATE,
  USERNAME,
  unknownRequiredAttributes,
  verifyFingerprint,
  verifyIntegrity,
} from './index.ts';

const TRANSACTION_ID = parseHex('0102030405060708090a0b0c') as Uint8Array;
const sha1 = nodeCrypto.createHmac('sha1', parseHex('0123456789') as Uint8Array);
const sha256 = nodeCrypto.createHmac('sha256', parseHex('0123456789') as Uint8Array);
const otherSha1 = nodeCrypto.createHmac('sha1', parseHex('0123456788') as Uint8Array);

function request(...attributes: OutgoingMessage['attributes']): OutgoingMessage {
  return { class: 'request', method: 1, transactionId: TRANSACTION_ID, attributes };
}

const CLASSES: readonly StunClass[] = ['request', 'indication', 'success', 'error'];

describe('the STUN message', () => {
  it('keeps class and method apart in the type field (RFC 8489 §5)', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...CLASSES),
        fc.integer({ min: 0, max: 0xfff }),
        (kind, method) => {
          const bytes = encodeMessage({ ...request(), class: kind, method });
          expect((bytes[0] as number) >> 6).toBe(0);
          expect(decodeMessage(bytes)).toMatchObject({ class: kind, method });
        },
      ),
    );
  });

  it('never throws on any bytes, with or without a good header', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (body, withHeader) => {
        const header = encodeMessage(request());
        writeUint16(header, 2, body.length);
        const message = decodeMessage(withHeader ? concatBytes(header, body) : body);
        if (message === undefined) return;
        verifyIntegrity(message, sha1);
        verifyIntegrity(message, sha256);
        verifyFingerprint(message);
      }),
      { numRuns: 2000 },
    );
  });

  it('verifies its own integrity and fingerprint, and no other key', () => {
    const bytes = encodeMessage(request(attribute(SOFTWARE, 'x')), {
      integrity: sha1,
      integritySha256: sha256,
      fingerprint: true,
    });
    // Node.js hands over datagrams in a Buffer, whose slice shares its memory.
    for (const datagram of [bytes, Buffer.from(bytes)]) {
      const message = decodeMessage(datagram);
      if (message === undefined) throw new Error('not decoded');
      expect(verifyIntegrity(message, sha1)).toBe(true);
      expect(verifyIntegrity(message, sha256)).toBe(true);
      expect(verifyIntegrity(message, otherSha1)).toBe(false);
      expect(verifyFingerprint(message)).toBe(true);
    }
  });

  it('notices any changed bit before the integrity attribute, or in it', () => {
    const bytes = encodeMessage(request(attribute(SOFTWARE, 'kaon'), attribute(PRIORITY, 7)), {
      integrity: sha1,
    });
    fc.assert(
      fc.property(fc.nat(8 * bytes.length - 1), (bit) => {
        const forged = bytes.slice();
        forged[bit >> 3] = (forged[bit >> 3] as number) ^ (1 << (bit & 7));
        const message = decodeMessage(forged);
        expect(message !== undefined && verifyIntegrity(message, sha1)).toBe(false);
      }),
    );
  });

  it('leaves the datagram as it was while verifying', () => {
    const bytes = encodeMessage(request(), { integrity: sha1, fingerprint: true });
    const before = bytes.slice();
    const message = decodeMessage(bytes);
    if (message === undefined) throw new Error('not decoded');
    verifyIntegrity(message, sha1);
    expect(bytes).toEqual(before);
  });

  it('ignores what an attacker puts behind the integrity attribute (RFC 8489 §14.5)', () => {
    const honest = encodeMessage(request(attribute(USERNAME, 'a:b')), { integrity: sha1 });
    const smuggled = concatBytes(honest, parseHex('00250000') as Uint8Array);
    writeUint16(smuggled, 2, smuggled.length - 20);
    const message = decodeMessage(smuggled);
    if (message === undefined) throw new Error('not decoded');
    expect(verifyIntegrity(message, sha1)).toBe(true);
    expect(hasAttribute(message, USE_CANDIDATE)).toBe(false);
  });

  it.each([
    ['MESSAGE-INTEGRITY', 0x0008, [0, 4, 16, 24, 32]],
    ['MESSAGE-INTEGRITY-SHA256', 0x001c, [0, 4, 12, 18, 36]],
  ])('refuses %s of any other length: no code is right because it is short', (_, type, lengths) => {
    for (const length of lengths) {
      const code = new Uint8Array(4 + ((length + 3) & ~3));
      writeUint16(code, 0, type);
      writeUint16(code, 2, length);
      const forged = concatBytes(encodeMessage(request(attribute(USERNAME, 'a:b'))), code);
      writeUint16(forged, 2, forged.length - 20);
      expect(decodeMessage(forged)).toBeUndefined();
    }
  });

  it('refuses anything behind the fingerprint (RFC 8489 §14.7)', () => {
    const bytes = encodeMessage(request(), { fingerprint: true });
    const longer = concatBytes(bytes, parseHex('00250000') as Uint8Array);
    writeUint16(longer, 2, longer.length - 20);
    expect(decodeMessage(longer)).toBeUndefined();
  });

  it.each([
    ['a truncated message', (b: Uint8Array): Uint8Array => b.subarray(0, b.length - 1)],
    ['a message with bytes behind it', (b: Uint8Array): Uint8Array => concatBytes(b, b)],
    ['a wrong magic cookie', (b: Uint8Array): Uint8Array => b.map((v, i) => (i === 4 ? v ^ 1 : v))],
    [
      'a first byte of another protocol',
      (b: Uint8Array): Uint8Array => b.map((v, i) => (i === 0 ? 0x80 : v)),
    ],
    [
      'an attribute longer than the message',
      (b: Uint8Array): Uint8Array => b.map((v, i) => (i === 23 ? 200 : v)),
    ],
    ['nothing', (): Uint8Array => new Uint8Array(0)],
  ])('refuses %s', (_name, spoil) => {
    expect(
      decodeMessage(spoil(encodeMessage(request(attribute(SOFTWARE, 'kaon'))))),
    ).toBeUndefined();
  });

  it('reads the first of two equal attributes (RFC 8489 §14)', () => {
    const bytes = encodeMessage(request(attribute(PRIORITY, 1), attribute(PRIORITY, 2)));
    const message = decodeMessage(bytes);
    expect(message && readAttribute(message, PRIORITY)).toBe(1);
  });

  it('names unknown attributes that must be understood, once each (RFC 8489 §6.3.1)', () => {
    const odd = {
      name: 'ODD',
      type: 0x7001,
      byteLength: (): number => 0,
      encode: (): void => undefined,
    };
    const even = { ...odd, type: 0xf001 };
    const kind = { ...odd, decode: (): true => true };
    const free = { ...even, decode: (): true => true };
    const bytes = encodeMessage(
      request(attribute(kind, true), attribute(kind, true), attribute(free, true)),
    );
    const message = decodeMessage(bytes);
    if (message === undefined) throw new Error('not decoded');
    expect(unknownRequiredAttributes(message, new Set())).toEqual([0x7001]);
  });

  it('tells STUN from DTLS and media by the first bytes (RFC 7983 §7)', () => {
    expect(isStunMessage(encodeMessage(request()))).toBe(true);
    for (const first of [4, 20, 63, 64, 128, 191]) {
      const other = encodeMessage(request());
      other[0] = first;
      expect(isStunMessage(other)).toBe(false);
    }
  });

  it("says what was wrong with a caller's argument", () => {
    const short = { ...request(), transactionId: new Uint8Array(11) };
    expect(() => encodeMessage(short)).toThrow(StunError);
    expect(() => encodeMessage({ ...request(), method: 0x1000 })).toThrow(/method must be/);
    expect(() => encodeMessage(request(attribute(USERNAME, 'x'.repeat(509))))).toThrow(/508 bytes/);
  });
});
