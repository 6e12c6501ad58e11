// All handshake messages: tables, and the laws that hold for each.

import { concatBytes, parseHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCertificateChain, encodeCertificateChain } from './certificate-chain.ts';
import { decodeCertificateRequest, encodeCertificateRequest } from './certificate-request.ts';
import { decodeCertificateVerify, encodeCertificateVerify } from './certificate-verify.ts';
import { type ClientHello, decodeClientHello, encodeClientHello } from './client-hello.ts';
import { decodeClientKeyExchange, encodeClientKeyExchange } from './client-key-exchange.ts';
import { decodeHandshakeFragment, encodeHandshakeMessage } from './handshake-message.ts';
import { decodeHelloVerifyRequest, encodeHelloVerifyRequest } from './hello-verify-request.ts';
import { decodeServerHello, encodeServerHello } from './server-hello.ts';
import { decodeServerKeyExchange, encodeServerKeyExchange } from './server-key-exchange.ts';

const uint8 = fc.nat(255);
const uint16 = fc.nat(0xffff);
const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength });
const extensions = fc.uniqueArray(fc.record({ type: uint16, data: bytes(0, 40) }), {
  selector: ({ type }) => type,
  maxLength: 8,
});

function hex(text: string): Uint8Array {
  const parsed = parseHex(text);
  if (parsed === undefined) throw new Error(`Not hexadecimal: ${text}`);
  return parsed;
}

/** `decode(encode(x))` is `x`; no bytes make `decode` throw; no true prefix or longer form is taken. */
function laws<Message>(
  name: string,
  arbitrary: fc.Arbitrary<Message>,
  encode: (message: Message) => Uint8Array,
  decode: (body: Uint8Array) => Message | undefined,
): void {
  describe(name, () => {
    test('reads what it wrote', () => {
      fc.assert(
        fc.property(arbitrary, (message) => {
          expect(decode(encode(message))).toEqual(message);
        }),
      );
    });
    test('refuses a byte too many', () => {
      fc.assert(
        fc.property(arbitrary, (message) => {
          expect(decode(concatBytes(encode(message), Uint8Array.of(0)))).toBeUndefined();
        }),
      );
    });
    test('never throws, on any bytes or on damaged messages', () => {
      fc.assert(fc.property(bytes(0, 200), (body) => void decode(body)));
      fc.assert(
        fc.property(arbitrary, fc.nat(), uint8, fc.nat(), (message, at, value, cut) => {
          const body = encode(message);
          body[at % body.length] = value;
          decode(body);
          decode(body.subarray(0, cut % (body.length + 1)));
        }),
      );
    });
  });
}

laws(
  'ClientHello',
  fc.record({
    version: uint16,
    random: bytes(32, 32),
    sessionId: bytes(0, 32),
    cookie: bytes(0, 255),
    cipherSuites: fc.array(uint16, { minLength: 1, maxLength: 30 }),
    compressionMethods: bytes(1, 3),
    extensions,
  }),
  encodeClientHello,
  decodeClientHello,
);
laws(
  'ServerHello',
  fc.record({
    version: uint16,
    random: bytes(32, 32),
    sessionId: bytes(0, 32),
    cipherSuite: uint16,
    compressionMethod: uint8,
    extensions,
  }),
  encodeServerHello,
  decodeServerHello,
);
laws(
  'HelloVerifyRequest',
  fc.record({ version: uint16, cookie: bytes(0, 255) }),
  encodeHelloVerifyRequest,
  decodeHelloVerifyRequest,
);
laws(
  'Certificate',
  fc.array(bytes(1, 300), { maxLength: 16 }),
  encodeCertificateChain,
  decodeCertificateChain as (body: Uint8Array) => Uint8Array[] | undefined,
);
laws(
  'ServerKeyExchange',
  fc.record({ group: uint16, publicKey: bytes(1, 133), scheme: uint16, signature: bytes(0, 300) }),
  encodeServerKeyExchange,
  decodeServerKeyExchange,
);
laws(
  'CertificateRequest',
  fc.record({
    certificateTypes: fc.array(uint8, { maxLength: 5 }),
    schemes: fc.array(uint16, { maxLength: 20 }),
  }),
  encodeCertificateRequest,
  decodeCertificateRequest as (
    body: Uint8Array,
  ) => { certificateTypes: number[]; schemes: number[] } | undefined,
);
laws('ClientKeyExchange', bytes(1, 255), encodeClientKeyExchange, decodeClientKeyExchange);
laws(
  'CertificateVerify',
  fc.record({ scheme: uint16, signature: bytes(0, 512) }),
  encodeCertificateVerify,
  decodeCertificateVerify,
);

describe('tables', () => {
  const random = '00112233445566778899aabbccddeeff'.repeat(2);

  test('a ClientHello with GREASE in every list (RFC 8701) is read', () => {
    const hello = decodeClientHello(
      hex(
        `fefd ${random} 00 02 c00c 0006 0a0a c02b 00ff 01 00` +
          '0016 2a2a 0000 0017 0000 000a 0006 0004 1a1a 001d fafa 0000',
      ),
    );
    expect(hello?.cipherSuites).toEqual([0x0a0a, 0xc02b, 0x00ff]);
    expect(hello?.cookie).toEqual(hex('c00c'));
    expect(hello?.extensions.map(({ type }) => type)).toEqual([0x2a2a, 23, 10, 0xfafa]);
  });

  test('a ClientHello without extensions is read (RFC 5246 §7.4.1.2)', () => {
    const hello = decodeClientHello(hex(`feff ${random} 00 00 0002 c02b 01 00`)) as ClientHello;
    expect(hello.extensions).toEqual([]);
    expect(encodeClientHello(hello)).toEqual(hex(`feff ${random} 00 00 0002 c02b 01 00`));
  });

  test.each([
    [
      'an extension twice (RFC 5246 §7.4.1.4)',
      `fefd ${random} 00 00 0002 c02b 01 00 0008 00170000 00170000`,
    ],
    ['an odd length of suites', `fefd ${random} 00 00 0003 c02bc0 01 00`],
    ['no suites', `fefd ${random} 00 00 0000 01 00`],
    ['no compression methods', `fefd ${random} 00 00 0002 c02b 00`],
    ['a session identifier of 33 bytes', `fefd ${random} 21 ${'00'.repeat(33)} 00 0002 c02b 01 00`],
    ['an extension past the end', `fefd ${random} 00 00 0002 c02b 01 00 0004 0017 0001`],
  ])('a ClientHello with %s is refused', (_, text) => {
    expect(decodeClientHello(hex(text))).toBeUndefined();
  });

  test('a ServerKeyExchange with a curve spelt out is refused (RFC 8422 §5.4)', () => {
    expect(decodeServerKeyExchange(hex('01 001d 01 aa 0403 0000'))).toBeUndefined();
    expect(decodeServerKeyExchange(hex('03 001d 01 aa 0403 0000'))?.group).toBe(29);
  });

  test('names of authorities in a CertificateRequest are passed over', () => {
    expect(decodeCertificateRequest(hex('02 0140 0004 0403 0804 0005 0003 aabbcc'))).toEqual({
      certificateTypes: [1, 64],
      schemes: [0x0403, 0x0804],
    });
  });

  test('a chain of 17 certificates, or with an empty one, is refused', () => {
    const chain = Array.from({ length: 17 }, () => Uint8Array.of(1));
    expect(decodeCertificateChain(encodeCertificateChain(chain))).toBeUndefined();
    expect(decodeCertificateChain(hex('000003 000000'))).toBeUndefined();
  });
});

describe('fragments', () => {
  test('a header says what follows (RFC 6347 §4.2.2)', () => {
    expect(decodeHandshakeFragment(hex('0b 000010 0002 000004 000003 aabbcc'), 0)).toEqual({
      type: 11,
      length: 16,
      messageSeq: 2,
      fragmentOffset: 4,
      fragment: hex('aabbcc'),
    });
  });

  test.each([
    ['cut short', '0b 000010 0002 000004 000004 aabbcc'],
    ['past the end of its message', '0b 000006 0002 000004 000003 aabbcc'],
    ['without a whole header', '0b 000006 0002 000004 0000'],
  ])('a fragment %s is refused', (_, text) => {
    expect(decodeHandshakeFragment(hex(text), 0)).toBeUndefined();
  });

  test('a whole message is one fragment', () => {
    fc.assert(
      fc.property(uint8, uint16, bytes(0, 300), (type, messageSeq, body) => {
        expect(decodeHandshakeFragment(encodeHandshakeMessage(type, messageSeq, body), 0)).toEqual({
          type,
          length: body.length,
          messageSeq,
          fragmentOffset: 0,
          fragment: body,
        });
      }),
    );
  });

  test('no bytes make the decoder throw', () => {
    fc.assert(
      fc.property(bytes(0, 60), fc.nat(70), (content, start) => {
        decodeHandshakeFragment(content, start);
      }),
    );
  });
});
