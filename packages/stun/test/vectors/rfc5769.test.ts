// The four sample messages of RFC 5769, and USERHASH's of RFC 8489 Appendix B.
// https://www.rfc-editor.org/rfc/rfc5769, https://www.rfc-editor.org/rfc/rfc8489#appendix-B

import { nodeCrypto } from '@kaon/crypto';
import { formatHex, parseHex } from '@kaon/wire';
import { describe, expect, it } from 'vitest';
import {
  attribute,
  decodeMessage,
  encodeMessage,
  ICE_CONTROLLED,
  longTermKey,
  NONCE,
  PRIORITY,
  REALM,
  readAttribute,
  SOFTWARE,
  type StunMessage,
  shortTermIntegrity,
  USERNAME,
  userhash,
  verifyFingerprint,
  verifyIntegrity,
  XOR_MAPPED_ADDRESS,
} from '../../src/index.ts';

const PASSWORD = 'VOkJxbRl1RmTxUk/WvJxBt';
const REQUEST = `000100582112a442b7e7a701bc34d686fa87dfae
  802200105354554e207465737420636c69656e74 002400046e0001ff 80290008932ff9b151263b36
  000600096576746a3a68367659202020 000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2
  80280004e57a3bcf`;
const RESPONSE_IPV4 = `0101003c2112a442b7e7a701bc34d686fa87dfae
  8022000b7465737420766563746f7220 002000080001a147e112a643
  000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7 80280004c07d4c96`;
const RESPONSE_IPV6 = `010100482112a442b7e7a701bc34d686fa87dfae
  8022000b7465737420766563746f7220 002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9
  00080014a382954e4be67bf11784c97c8292c275bfe3ed41 80280004c8fb0b4c`;
const REQUEST_LONG_TERM = `000100602112a44278ad3433c6ad72c029da412e
  00060012e3839ee38388e383aae38383e382afe382b90000
  0015001c662f2f3439396b3935346436 4f4c33346f4c394653547679363473 41
  0014000b6578616d706c652e6f726700 00080014f67024656dd64a3e02b8e0712e85c9a28ca89666`;
function decode(hex: string): StunMessage {
  const message = decodeMessage(parseHex(hex) as Uint8Array);
  if (message === undefined) throw new Error('The vector is not a STUN message.');
  return message;
}

describe('RFC 5769', () => {
  const integrity = shortTermIntegrity(nodeCrypto, PASSWORD);

  it('reads the sample request (§2.1)', () => {
    const message = decode(REQUEST);
    expect(message).toMatchObject({ class: 'request', method: 1 });
    expect(formatHex(message.transactionId)).toBe('b7e7a701bc34d686fa87dfae');
    expect(readAttribute(message, SOFTWARE)).toBe('STUN test client');
    expect(readAttribute(message, PRIORITY)).toBe(0x6e0001ff);
    expect(readAttribute(message, ICE_CONTROLLED)).toBe(0x932ff9b151263b36n);
    expect(readAttribute(message, USERNAME)).toBe('evtj:h6vY');
    expect(verifyIntegrity(message, integrity)).toBe(true);
    expect(verifyFingerprint(message)).toBe(true);
  });

  it.each([
    ['IPv4 (§2.2)', RESPONSE_IPV4, '192.0.2.1'],
    ['IPv6 (§2.3)', RESPONSE_IPV6, '2001:db8:1234:5678:11:2233:4455:6677'],
  ])('reads the sample response with %s', (_name, hex, address) => {
    const message = decode(hex);
    expect(message).toMatchObject({ class: 'success', method: 1 });
    expect(readAttribute(message, SOFTWARE)).toBe('test vector');
    expect(readAttribute(message, XOR_MAPPED_ADDRESS)).toEqual({ address, port: 32853 });
    expect(verifyIntegrity(message, integrity)).toBe(true);
    expect(verifyFingerprint(message)).toBe(true);
  });

  it('reads and writes the sample request with long-term credentials (§2.4)', () => {
    const username = 'マトリックス'; // "Matrix" in katakana
    const key = longTermKey(nodeCrypto, 'md5', username, 'example.org', 'TheMatrIX');
    const hmac = nodeCrypto.createHmac('sha1', key);
    const message = decode(REQUEST_LONG_TERM);
    expect(readAttribute(message, USERNAME)).toBe(username);
    expect(readAttribute(message, NONCE)).toBe('f//499k954d6OL34oL9FSTvy64sA');
    expect(readAttribute(message, REALM)).toBe('example.org');
    expect(verifyIntegrity(message, hmac)).toBe(true);
    const written = encodeMessage(
      {
        class: 'request',
        method: 1,
        transactionId: message.transactionId,
        attributes: [
          attribute(USERNAME, username),
          attribute(NONCE, 'f//499k954d6OL34oL9FSTvy64sA'),
          attribute(REALM, 'example.org'),
        ],
      },
      { integrity: hmac },
    );
    expect(formatHex(written)).toBe(REQUEST_LONG_TERM.replace(/\s/g, ''));
  });
});

describe('RFC 8489 Appendix B', () => {
  it('makes the sample USERHASH (B.1)', () => {
    expect(formatHex(userhash(nodeCrypto, 'マトリックス', 'example.org'))).toBe(
      '4a3cf38fef6992bda952c6780417da0f24819415569e60b205c46e41407f1704',
    );
  });
});
