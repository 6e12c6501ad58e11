// All extensions: tables, and the laws that hold for each.

import { ByteReader, ByteWriter, parseHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeEcPointFormats, encodeEcPointFormats } from './ec-point-formats.ts';
import { decodeExtensions, encodeExtensions } from './extension.ts';
import { decodeRecordSizeLimit, encodeRecordSizeLimit } from './record-size-limit.ts';
import { decodeRenegotiationInfo, encodeRenegotiationInfo } from './renegotiation-info.ts';
import { decodeSignatureAlgorithms, encodeSignatureAlgorithms } from './signature-algorithms.ts';
import { decodeSupportedGroups, encodeSupportedGroups } from './supported-groups.ts';
import { decodeSupportedVersions, encodeSupportedVersions } from './supported-versions.ts';
import { decodeUseSrtp, encodeUseSrtp } from './use-srtp.ts';

const lists = [
  ['supported_groups', encodeSupportedGroups, decodeSupportedGroups],
  ['signature_algorithms', encodeSignatureAlgorithms, decodeSignatureAlgorithms],
  ['supported_versions', encodeSupportedVersions, decodeSupportedVersions],
] as const;

describe.each(lists)('%s', (_, encode, decode) => {
  test('reads what it wrote', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff), { minLength: 1, maxLength: 100 }), (values) => {
        expect(decode(encode(values))).toEqual(values);
      }),
    );
  });

  test('refuses an empty list, an odd length and a byte too many', () => {
    const good = encode([0x001d]);
    expect(decode(encode([]))).toBeUndefined();
    expect(decode(Uint8Array.of(...good, 0))).toBeUndefined();
    const odd = Uint8Array.of(...good, 0);
    odd[good.length - 3] = 3;
    expect(decode(odd)).toBeUndefined();
  });
});

test('use_srtp is as RFC 5764 §4.1.1 draws it', () => {
  const bytes = encodeUseSrtp({ profiles: [7, 1], mki: Uint8Array.of(5) });
  expect(bytes).toEqual(parseHex('0004 0007 0001 01 05'));
  expect(decodeUseSrtp(bytes)).toEqual({ profiles: [7, 1], mki: Uint8Array.of(5) });
});

test('use_srtp reads what it wrote', () => {
  const profiles = fc.array(fc.nat(0xffff), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(profiles, fc.uint8Array({ maxLength: 255 }), (each, mki) => {
      expect(decodeUseSrtp(encodeUseSrtp({ profiles: each, mki }))).toEqual({
        profiles: each,
        mki,
      });
    }),
  );
});

test('ec_point_formats needs the uncompressed form (RFC 8422 §5.1.2)', () => {
  expect(decodeEcPointFormats(encodeEcPointFormats())).toEqual({ uncompressed: true });
  expect(decodeEcPointFormats(Uint8Array.of(2, 1, 2))).toEqual({ uncompressed: false });
  expect(decodeEcPointFormats(Uint8Array.of(0))).toBeUndefined();
});

test('renegotiation_info is empty in a first handshake (RFC 5746 §3.4)', () => {
  expect(decodeRenegotiationInfo(encodeRenegotiationInfo())).toEqual(new Uint8Array(0));
  expect(decodeRenegotiationInfo(Uint8Array.of(2, 7, 7))).toEqual(Uint8Array.of(7, 7));
  expect(decodeRenegotiationInfo(Uint8Array.of(2, 7))).toBeUndefined();
});

test('no bytes make any decoder throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (data) => {
      for (const [, , decode] of lists) decode(data);
      decodeUseSrtp(data);
      decodeEcPointFormats(data);
      decodeRenegotiationInfo(data);
      decodeExtensions(new ByteReader(data));
    }),
  );
});

test('the list of extensions keeps those that nobody knows', () => {
  const extensions = [
    { type: 0x3a3a, data: Uint8Array.of(1, 2) },
    { type: 23, data: new Uint8Array(0) },
  ];
  const writer = new ByteWriter();
  encodeExtensions(writer, extensions);
  expect(decodeExtensions(new ByteReader(writer.finish()))).toEqual(extensions);
});

test('record_size_limit is two bytes, and 64 at least (RFC 8449 §4)', () => {
  expect(encodeRecordSizeLimit(16_384)).toEqual(parseHex('4000'));
  expect(decodeRecordSizeLimit(Uint8Array.of(0, 64))).toBe(64);
  expect(decodeRecordSizeLimit(Uint8Array.of(0, 63))).toBeUndefined();
  expect(decodeRecordSizeLimit(Uint8Array.of(64))).toBeUndefined();
  expect(decodeRecordSizeLimit(Uint8Array.of(0, 64, 0))).toBeUndefined();
});
