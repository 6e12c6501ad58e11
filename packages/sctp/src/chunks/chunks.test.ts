import { formatHex, parseHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeCause, ERROR_CAUSE, textCause } from '../causes/error-cause.ts';
import { paddedLength } from './chunk-header.ts';
import { CHUNK_TYPE, unknownChunkRule, unknownParameterRule } from './chunk-type.ts';
import { cookieEchoLength, decodeCookieEcho, encodeCookieEcho } from './cookie-echo.ts';
import { DATA_FLAG, dataLength, decodeData, encodeData } from './data.ts';
import { decodeError, encodeError, errorLength } from './error.ts';
import { decodeForwardTsn, encodeForwardTsn, forwardTsnLength } from './forward-tsn.ts';
import { decodeHeartbeat, encodeHeartbeat, heartbeatLength } from './heartbeat.ts';
import { decodeInit, encodeInit, initLength } from './init.ts';
import { decodeReConfig, encodeReConfig, reConfigLength } from './re-config.ts';
import { decodeShutdown, encodeShutdown } from './shutdown.ts';

interface Codec {
  readonly name: string;
  decode(bytes: Uint8Array, start: number, end: number): unknown;
}

interface Example<T> {
  readonly name: string;
  readonly hex: string;
  readonly chunk: T;
  decode(bytes: Uint8Array, start: number, end: number): T | undefined;
  length(chunk: T): number;
  encode(chunk: T, out: Uint8Array, offset: number): number;
}

// Each row keeps its own type by going through this function.
function example<T>(row: Example<T>): Example<unknown> {
  return row as unknown as Example<unknown>;
}

const EXAMPLES: readonly Example<unknown>[] = [
  example({
    name: 'INIT (§3.3.2)',
    hex: '01000020 12345678 00100000 ffff0400 00000001 c0000004 80080006 82c00000',
    chunk: {
      type: 'init',
      initiateTag: 0x12345678,
      aRwnd: 0x100000,
      outboundStreams: 0xffff,
      inboundStreams: 0x400,
      initialTsn: 1,
      parameters: [
        { type: 0xc000, value: new Uint8Array(0) },
        { type: 0x8008, value: Uint8Array.of(130, 192) },
      ],
    },
    decode: decodeInit,
    length: initLength,
    encode: encodeInit,
  }),
  example({
    name: 'INIT ACK (§3.3.3)',
    hex: '0200001c 12345678 00100000 ffff0400 00000001 00070008 01020304',
    chunk: {
      type: 'init-ack',
      initiateTag: 0x12345678,
      aRwnd: 0x100000,
      outboundStreams: 0xffff,
      inboundStreams: 0x400,
      initialTsn: 1,
      parameters: [{ type: 7, value: Uint8Array.of(1, 2, 3, 4) }],
    },
    decode: decodeInit,
    length: initLength,
    encode: encodeInit,
  }),
  example({
    name: 'HEARTBEAT (§3.3.5)',
    hex: '04000010 0001000c 0102030405060708',
    chunk: { type: 'heartbeat', info: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
    decode: decodeHeartbeat,
    length: heartbeatLength,
    encode: encodeHeartbeat,
  }),
  example({
    name: 'HEARTBEAT ACK (§3.3.6)',
    hex: '0500000c 00010008 01020304',
    chunk: { type: 'heartbeat-ack', info: Uint8Array.of(1, 2, 3, 4) },
    decode: decodeHeartbeat,
    length: heartbeatLength,
    encode: encodeHeartbeat,
  }),
  example({
    name: 'ABORT with the T bit (§3.3.7)',
    hex: '06010010 000c000b 656e6f756768 2100',
    chunk: {
      type: 'abort',
      tagReflected: true,
      causes: [textCause(ERROR_CAUSE.userInitiatedAbort, 'enough!')],
    },
    decode: decodeError,
    length: errorLength,
    encode: encodeError,
  }),
  example({
    name: 'ERROR (§3.3.10)',
    hex: '0900000c 00010008 00070000',
    chunk: {
      type: 'error',
      tagReflected: false,
      causes: [{ type: 1, value: Uint8Array.of(0, 7, 0, 0) }],
    },
    decode: decodeError,
    length: errorLength,
    encode: encodeError,
  }),
  example({
    name: 'SHUTDOWN (§3.3.8)',
    hex: '07000008 fffffffe',
    chunk: { type: 'shutdown', cumulativeTsnAck: 0xffff_fffe },
    decode: decodeShutdown,
    length: () => 8,
    encode: encodeShutdown,
  }),
  example({
    name: 'COOKIE ECHO (§3.3.11)',
    hex: '0a000008 01020304',
    chunk: { type: 'cookie-echo', cookie: Uint8Array.of(1, 2, 3, 4) },
    decode: decodeCookieEcho,
    length: cookieEchoLength,
    encode: encodeCookieEcho,
  }),
  example({
    name: 'FORWARD TSN (RFC 3758 §3.2)',
    hex: 'c0000010 00000005 00010002 ffff0003',
    chunk: {
      type: 'forward-tsn',
      newCumulativeTsn: 5,
      skippedStreams: [
        { streamId: 1, ssn: 2 },
        { streamId: 0xffff, ssn: 3 },
      ],
    },
    decode: decodeForwardTsn,
    length: forwardTsnLength,
    encode: encodeForwardTsn,
  }),
  example({
    name: 'RE-CONFIG (RFC 6525 §3.1)',
    hex: '82000010 0010000c 00000001 00000006',
    chunk: {
      type: 're-config',
      parameters: [{ type: 16, value: Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 6) }],
    },
    decode: decodeReConfig,
    length: reConfigLength,
    encode: encodeReConfig,
  }),
];

const CODECS: readonly Codec[] = [
  { name: 'DATA', decode: decodeData },
  { name: 'INIT', decode: decodeInit },
  { name: 'HEARTBEAT', decode: decodeHeartbeat },
  { name: 'ERROR', decode: decodeError },
  { name: 'SHUTDOWN', decode: decodeShutdown },
  { name: 'COOKIE ECHO', decode: decodeCookieEcho },
  { name: 'FORWARD TSN', decode: decodeForwardTsn },
  { name: 'RE-CONFIG', decode: decodeReConfig },
];

describe('chunks (RFC 9260 §3.3)', () => {
  test.each(EXAMPLES)('decodes and encodes $name', ({ hex, chunk, decode, length, encode }) => {
    const bytes = parseHex(hex)!;
    const end = (bytes[2]! << 8) | bytes[3]!;
    expect(decode(bytes, 0, end)).toEqual(chunk);
    expect(paddedLength(length(chunk))).toBe(bytes.length);
    // Memory with something in it: padding must be written too.
    const out = new Uint8Array(bytes.length + 8).fill(0xee);
    expect(encode(chunk, out, 4)).toBe(bytes.length + 4);
    const written = out.subarray(4, bytes.length + 4);
    // The length field of variable chunks may count the padding of their last parameter or not.
    expect(decode(written, 0, (written[2]! << 8) | written[3]!)).toEqual(chunk);
    expect(formatHex(written.subarray(4))).toBe(formatHex(bytes.subarray(4)));
    expect(formatHex(out.subarray(0, 4))).toBe('eeeeeeee');
  });

  test('encodes DATA with padding and decodes it (§3.3.1)', () => {
    const header = {
      flags: DATA_FLAG.beginning | DATA_FLAG.end | DATA_FLAG.unordered,
      tsn: 0xffff_ffff,
      streamId: 1,
      ssn: 2,
      ppid: 51,
    };
    const message = Uint8Array.of(9, 1, 2, 3, 4, 5, 9);
    const out = new Uint8Array(64).fill(0xee);
    const end = encodeData(header, message, 1, 6, out, 4);
    expect(end - 4).toBe(dataLength(5));
    expect(formatHex(out.subarray(4, end))).toBe(
      '00070015ffffffff00010002000000330102030405000000',
    );
    expect(decodeData(out, 4, 4 + 21)).toEqual({
      type: 'data',
      ...header,
      userData: message.subarray(1, 6),
    });
  });

  test.each(EXAMPLES)('does not decode a truncated $name', ({ hex, decode }) => {
    const bytes = parseHex(hex)!;
    const end = (bytes[2]! << 8) | bytes[3]!;
    const isList = bytes[0] === CHUNK_TYPE.abort || bytes[0] === CHUNK_TYPE.error;
    for (let length = 0; length < 8 && length < end; length++) {
      // A list of causes may be empty; a cookie is opaque.
      if (length >= 4 && (isList || bytes[0] === CHUNK_TYPE.cookieEcho)) continue;
      if (bytes[0] === CHUNK_TYPE.init && length >= 20) continue;
      expect(decode(bytes, 0, length)).toBeUndefined();
    }
  });

  test.each(CODECS)('$name: decoding never throws on any bytes', ({ decode }) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(10), (bytes, start) => {
        if (start <= bytes.length) decode(bytes, start, bytes.length);
      }),
      { numRuns: 300 },
    );
  });

  test('the upper bits of an unknown type decide what becomes of it (§3.2, §3.2.1)', () => {
    expect([0x3f, 0x7f, 0xbf, 0xff].map(unknownChunkRule)).toEqual([
      { stop: true, report: false },
      { stop: true, report: true },
      { stop: false, report: false },
      { stop: false, report: true },
    ]);
    expect([0x3fff, 0x7fff, 0xbfff, 0xffff].map(unknownParameterRule)).toEqual(
      [0x3f, 0x7f, 0xbf, 0xff].map(unknownChunkRule),
    );
  });

  test('causes are told in words, with the text the peer gave (§3.3.10)', () => {
    expect(describeCause(textCause(ERROR_CAUSE.protocolViolation, 'no'))).toBe(
      'protocol violation (no)',
    );
    expect(describeCause({ type: 3, value: new Uint8Array(4) })).toBe('stale cookie');
    expect(describeCause({ type: 999, value: new Uint8Array(0) })).toBe('cause 999');
  });
});
