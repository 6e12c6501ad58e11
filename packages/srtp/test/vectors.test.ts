// Packets and keys as the RFCs and another implementation have them, over every provider.

import { defaultCrypto, kernelCrypto, nodeCrypto } from '@kaon/crypto';
import { nobleCrypto } from '@kaon/crypto/noble';
import { formatHex } from '@kaon/wire';
import { describe, expect, test } from 'vitest';
import { AesGcm } from '../src/aes-gcm.ts';
import { SRTP_PROFILES, SrtpReceiver, SrtpSender } from '../src/index.ts';
import { deriveSessionKeys, type SessionKeys } from '../src/key-derivation.ts';
import { hex, withRoom } from './bytes.ts';
import { CRYPTEX_KEYS, CRYPTEX_VECTORS } from './vectors/cryptex.ts';
import {
  HEADER_KEYS,
  KEY_DERIVATION_VECTORS,
  KEYSTREAM_VECTORS,
  SRTCP_KEYS,
} from './vectors/key-derivation.ts';
import {
  AEAD_SALT,
  AEAD_SRTCP_INDEX,
  AEAD_VECTORS,
  PACKET_VECTORS,
  type PacketVector,
} from './vectors/packets.ts';

const NO_CODES = new Uint8Array(0);

const PROVIDERS = [
  ['kernel', kernelCrypto],
  ['node', nodeCrypto],
  ['noble', nobleCrypto],
] as const;

describe.each(PROVIDERS)('by %s', (_name, crypto) => {
  test.each(KEYSTREAM_VECTORS)('keystream is that of $source', ({ key, iv, keystream }) => {
    const out = new Uint8Array(48);
    crypto.createCounterKey(hex(key)).createEncryptor(hex(iv)).encrypt(0, out, 0, 48, out, 0);
    expect(formatHex(out)).toBe(keystream);
  });

  test.each(KEY_DERIVATION_VECTORS)('session keys are those of $source', (vector) => {
    const master = { key: hex(vector.key), salt: hex(vector.salt) };
    const { rtp } = deriveSessionKeys(crypto, SRTP_PROFILES[vector.profile], master);
    expect(formatHex(rtp.encryption)).toBe(vector.encryption);
    expect(formatHex(rtp.salt)).toBe(vector.sessionSalt);
    expect(formatHex(rtp.authentication)).toBe(vector.authentication);
  });

  test.each(AEAD_VECTORS)('session keys of $source give its packet, and take it', (vector) => {
    const transform = aeadTransform(vector.keyLength);
    const plain = hex(vector.plain);
    const packet = withRoom(plain, 20);
    if (vector.kind === 'rtp') {
      const protector = transform.createRtpProtector(0x5501a0b2, 0);
      const end = protector.protect(packet, 0, 12, plain.length, 0xf17b, 0, undefined);
      expect(formatHex(packet.subarray(0, end))).toBe(vector.protected);
      const unprotector = transform.createRtpUnprotector(0x5501a0b2);
      expect(unprotector.unprotect(packet, 0, 12, end, 0xf17b, 0, NO_CODES, -1)).toBe(plain.length);
    } else {
      const ssrc = 0x4d617273;
      const protector = transform.createRtcpProtector(ssrc);
      const end = protector.protect(packet, 0, plain.length, AEAD_SRTCP_INDEX, true, undefined);
      expect(formatHex(packet.subarray(0, end))).toBe(vector.protected);
      const unprotector = transform.createRtcpUnprotector(ssrc);
      const index = AEAD_SRTCP_INDEX;
      expect(unprotector.unprotect(packet, 0, end, end - 4, index, true)).toBe(plain.length);
    }
    expect(formatHex(packet.subarray(0, plain.length))).toBe(vector.plain);
  });

  test.each(PACKET_VECTORS)('packets are those of $source, both ways', (vector) => {
    const options = { ...optionsOf(vector), crypto };
    const sender = new SrtpSender(options);
    const receiver = new SrtpReceiver(options);
    const plain = hex(vector.rtp);
    const packet = withRoom(plain, sender.rtpOverhead);
    const end = sender.protectRtp(packet, 0, plain.length);
    expect(formatHex(packet.subarray(0, end))).toBe(vector.srtp);
    expect(receiver.unprotectRtp(packet, 0, end)).toBe(plain.length);
    expect(formatHex(packet.subarray(0, plain.length))).toBe(vector.rtp);
    if (vector.rtcp === undefined) return;
    const plainRtcp = hex(vector.rtcp);
    const rtcp = withRoom(plainRtcp, sender.rtcpOverhead);
    sender.setNextSrtcpIndex(0xcafebabe, 1);
    const rtcpEnd = sender.protectRtcp(rtcp, 0, plainRtcp.length);
    expect(formatHex(rtcp.subarray(0, rtcpEnd))).toBe(vector.srtcp);
    expect(receiver.unprotectRtcp(rtcp, 0, rtcpEnd)).toBe(plainRtcp.length);
    expect(formatHex(rtcp.subarray(0, plainRtcp.length))).toBe(vector.rtcp);
  });

  test.each(CRYPTEX_VECTORS)('cryptex is that of RFC 9335 $section: $what', (vector) => {
    const { key, salt } = CRYPTEX_KEYS[vector.profile];
    const options = { profile: vector.profile, keys: { key: hex(key), salt: hex(salt) }, crypto };
    const sender = new SrtpSender({ ...options, cryptex: true });
    const receiver = new SrtpReceiver({ ...options, cryptex: 'require' });
    const plain = hex(vector.plain);
    const packet = withRoom(plain, sender.rtpOverhead);
    const end = sender.protectRtp(packet, 0, plain.length);
    expect(formatHex(packet.subarray(0, end))).toBe(vector.encrypted);
    expect(receiver.unprotectRtp(packet, 0, end)).toBe(plain.length);
    expect(formatHex(packet.subarray(0, plain.length))).toBe(vector.plain);
  });

  function aeadTransform(keyLength: 16 | 32): AesGcm {
    const profile =
      SRTP_PROFILES[keyLength === 16 ? 'SRTP_AEAD_AES_128_GCM' : 'SRTP_AEAD_AES_256_GCM'];
    const keys = {
      encryption: Uint8Array.from({ length: keyLength }, (_, i) => i),
      salt: hex(AEAD_SALT),
      authentication: new Uint8Array(0),
    };
    const session: SessionKeys = { rtp: keys, rtcp: keys, header: keys };
    return new AesGcm(crypto, profile, session, new Uint8Array(0));
  }
});

test('keys for SRTCP and for header extensions have their own labels (RFC 3711 §4.3.2, RFC 6904)', () => {
  const { SRTP_AES128_CM_HMAC_SHA1_80: profile } = SRTP_PROFILES;
  const { key, salt } = CRYPTEX_KEYS.SRTP_AES128_CM_HMAC_SHA1_80; // Those of RFC 3711 Appendix B.3.
  const master = { key: hex(key), salt: hex(salt) };
  const { rtcp, header } = deriveSessionKeys(defaultCrypto, profile, master);
  expect(formatHex(rtcp.encryption)).toBe(SRTCP_KEYS.encryption);
  expect(formatHex(rtcp.authentication)).toBe(SRTCP_KEYS.authentication);
  expect(formatHex(rtcp.salt)).toBe(SRTCP_KEYS.salt);
  expect(formatHex(header.encryption)).toBe(HEADER_KEYS.encryption);
  expect(formatHex(header.salt)).toBe(HEADER_KEYS.salt);
});

function optionsOf(vector: PacketVector) {
  const { profile, key, salt, mki, encryptedHeaderExtensions } = vector;
  const keys = { key: hex(key), salt: hex(salt), ...(mki === undefined ? {} : { mki: hex(mki) }) };
  return {
    profile,
    keys,
    ...(encryptedHeaderExtensions === undefined ? {} : { encryptedHeaderExtensions }),
  };
}
