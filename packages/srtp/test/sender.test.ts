// What a sender refuses, and what it costs: nothing.

import { describe, expect, test } from 'vitest';
import {
  dtlsSrtpKeyingMaterialLength,
  SRTP_PROFILES,
  SrtpBatch,
  type SrtpErrorCode,
  SrtpReceiver,
  SrtpSender,
  splitDtlsSrtpKeyingMaterial,
  srtpProfileById,
} from '../src/index.ts';
import { bytes, rtcpPacket, rtpPacket, withRoom } from './bytes.ts';
import {
  masterKey,
  PROFILE_NAMES,
  protectRtcp,
  protectRtp,
  session,
  unprotectRtcp,
  unprotectRtp,
} from './session.ts';

const PROFILE = 'SRTP_AEAD_AES_128_GCM';
const code = (value: SrtpErrorCode) => expect.objectContaining({ name: 'SrtpError', code: value });

describe('an index', () => {
  test.each(PROFILE_NAMES)('is used once, and never again, with %s', (profile) => {
    const { sender } = session(profile, { reorderWindow: 64 });
    const protect = (sequenceNumber: number) => protectRtp(sender, rtpPacket({ sequenceNumber }));
    for (const sequenceNumber of [100, 103, 101, 40]) protect(sequenceNumber);
    for (const sequenceNumber of [103, 101, 100, 40]) {
      expect(() => protect(sequenceNumber)).toThrow(code('SRTP_INDEX_REUSED'));
    }
    expect(() => protect(39)).toThrow(code('SRTP_INDEX_TOO_OLD'));
    protect(102);
  });

  test('is not used by a packet that is refused, and the packet stays as it is', () => {
    const { sender, receiver } = session(PROFILE, { cryptex: true }, { cryptex: 'accept' });
    const plain = rtpPacket({ csrcs: [1], payload: bytes(5) });
    const tight = withRoom(plain, sender.rtpOverhead - 1);
    const before = tight.slice();
    expect(() => sender.protectRtp(tight, 0, plain.length)).toThrow(code('SRTP_NO_ROOM'));
    expect(tight).toEqual(before);
    const sealed = protectRtp(sender, plain);
    expect(receiver.unprotectRtp(sealed.slice(), 0, sealed.length)).toBeGreaterThan(0);
    const again = withRoom(plain, sender.rtpOverhead);
    expect(() => sender.protectRtp(again, 0, plain.length)).toThrow(code('SRTP_INDEX_REUSED'));
    expect(again.subarray(0, plain.length)).toEqual(plain);
  });

  test('before the first of a stream does not exist', () => {
    const { sender } = session(PROFILE);
    protectRtp(sender, rtpPacket({ sequenceNumber: 2 }));
    expect(() => protectRtp(sender, rtpPacket({ sequenceNumber: 65535 }))).toThrow(
      code('SRTP_INDEX_TOO_OLD'),
    );
  });

  test('belongs to its SSRC alone', () => {
    const { sender, receiver } = session(PROFILE);
    for (let ssrc = 0; ssrc < 50; ssrc++) {
      const plain = rtpPacket({ ssrc: (ssrc * 0x0777_7777) >>> 0, sequenceNumber: 9 });
      expect(unprotectRtp(receiver, protectRtp(sender, plain))).toEqual(plain);
    }
  });

  test('of SRTCP begins at 0, rises by one, and may be set forward', () => {
    const { sender, receiver } = session('SRTP_AES128_CM_HMAC_SHA1_80');
    expect(sender.nextSrtcpIndex(5)).toBe(0);
    const first = protectRtcp(sender, rtcpPacket(5));
    expect(first.subarray(-14, -10)).toEqual(Uint8Array.of(0x80, 0, 0, 0));
    const second = protectRtcp(sender, rtcpPacket(5));
    expect(second.subarray(-14, -10)).toEqual(Uint8Array.of(0x80, 0, 0, 1));
    expect(sender.nextSrtcpIndex(5)).toBe(2);
    expect(() => sender.setNextSrtcpIndex(5, 1)).toThrow(code('SRTP_INVALID_STATE'));
    sender.setNextSrtcpIndex(5, 0x7fff_ffff);
    const last = protectRtcp(sender, rtcpPacket(5));
    expect(unprotectRtcp(receiver, last)).toEqual(rtcpPacket(5));
    expect(() => protectRtcp(sender, rtcpPacket(5))).toThrow(code('SRTP_KEY_EXHAUSTED'));
  });
});

describe('limits', () => {
  test('a master key protects so many packets and no more (RFC 3711 §9.2)', () => {
    const { sender } = session(PROFILE, { maxRtpPackets: 3, maxRtcpPackets: 2 });
    for (let ssrc = 0; ssrc < 3; ssrc++) protectRtp(sender, rtpPacket({ ssrc }));
    expect(() => protectRtp(sender, rtpPacket({ ssrc: 9 }))).toThrow(code('SRTP_KEY_EXHAUSTED'));
    for (let ssrc = 0; ssrc < 2; ssrc++) protectRtcp(sender, rtcpPacket(ssrc));
    expect(() => protectRtcp(sender, rtcpPacket(0))).toThrow(code('SRTP_KEY_EXHAUSTED'));
  });

  test('SSRCs are bounded', () => {
    const { sender } = session(PROFILE, { maxSsrcs: 2 });
    for (const ssrc of [1, 2]) {
      protectRtp(sender, rtpPacket({ ssrc }));
      protectRtcp(sender, rtcpPacket(ssrc));
    }
    expect(() => protectRtp(sender, rtpPacket({ ssrc: 3 }))).toThrow(code('SRTP_TOO_MANY_SSRCS'));
    expect(() => protectRtcp(sender, rtcpPacket(3))).toThrow(code('SRTP_TOO_MANY_SSRCS'));
    protectRtp(sender, rtpPacket({ ssrc: 1, sequenceNumber: 2 }));
  });

  test.each(PROFILE_NAMES)('an SSRC that was released is not used again, with %s', (profile) => {
    const keys = [1, 2].map((n) => masterKey(profile, n, Uint8Array.of(n)));
    const { sender } = session(profile, { keys, encryptedHeaderExtensions: [1], maxSsrcs: 3 });
    sender.releaseSsrc(77);
    for (const ssrc of [1, 2]) {
      protectRtp(sender, rtpPacket({ ssrc }));
      protectRtcp(sender, rtcpPacket(ssrc));
    }
    sender.useKey(Uint8Array.of(2));
    protectRtp(sender, rtpPacket({ ssrc: 1, sequenceNumber: 2 }));
    sender.releaseSsrc(1);
    sender.releaseSsrc(1);
    const released = code('SRTP_INVALID_STATE');
    expect(() => protectRtp(sender, rtpPacket({ ssrc: 1, sequenceNumber: 3 }))).toThrow(released);
    expect(() => protectRtcp(sender, rtcpPacket(1))).toThrow(released);
    expect(() => sender.setRolloverCounter(1, 9)).toThrow(released);
    expect(sender.rolloverCounter(1)).toBeUndefined();
    protectRtp(sender, rtpPacket({ ssrc: 2, sequenceNumber: 2 }));
    protectRtp(sender, rtpPacket({ ssrc: 3 }));
    expect(() => protectRtp(sender, rtpPacket({ ssrc: 4 }))).toThrow(code('SRTP_TOO_MANY_SSRCS'));
  });

  test.each([
    ['profile', { profile: 'SRTP_NULL' as typeof PROFILE }],
    ['key', { keys: { key: bytes(15), salt: bytes(12) } }],
    ['salt', { keys: { key: bytes(16), salt: bytes(14) } }],
    ['keys', { keys: [] }],
    ['keys', { keys: [masterKey(PROFILE, 1), masterKey(PROFILE, 2)] }],
    ['mki', { keys: [1, 1].map((n) => masterKey(PROFILE, n, Uint8Array.of(1))) }],
    ['mki', { keys: [1, 2].map((n) => masterKey(PROFILE, n, new Uint8Array(n))) }],
    ['mki', { keys: masterKey(PROFILE, 1, new Uint8Array(256)) }],
    ['reorderWindow', { reorderWindow: 0 }],
    ['reorderWindow', { reorderWindow: 32769 }],
    ['maxSsrcs', { maxSsrcs: 0 }],
    ['maxRtpPackets', { maxRtpPackets: 2 ** 48 + 1 }],
    ['maxRtcpPackets', { maxRtcpPackets: 1.5 }],
    ['encryptedHeaderExtensions', { encryptedHeaderExtensions: [0] }],
  ])('the option %s is checked and named', (name, options) => {
    const create = () => new SrtpSender({ profile: PROFILE, keys: masterKey(PROFILE), ...options });
    expect(create).toThrow(code('SRTP_INVALID_OPTION'));
    expect(create).toThrow(name);
  });

  test.each([
    ['replayWindow', { replayWindow: 63 }],
    ['maxSsrcs', { maxSsrcs: 65537 }],
    ['cryptex', { cryptex: 'on' as 'off' }],
  ])("a receiver's option %s is checked and named", (name, options) => {
    const create = () =>
      new SrtpReceiver({ profile: PROFILE, keys: masterKey(PROFILE), ...options });
    expect(create).toThrow(code('SRTP_INVALID_OPTION'));
    expect(create).toThrow(name);
  });

  test('what is no packet is not protected', () => {
    const { sender } = session(PROFILE);
    const rtp = rtpPacket({ csrcs: [1, 2], extension: [0xbede, bytes(4)], payload: bytes(0) });
    for (let length = 0; length < rtp.length; length++) {
      const room = withRoom(rtp, 40);
      expect(() => sender.protectRtp(room, 0, length)).toThrow(code('SRTP_MALFORMED_PACKET'));
    }
    const old = withRoom(rtp, 40);
    old[0] = 0x40;
    expect(() => sender.protectRtp(old, 0, rtp.length)).toThrow(code('SRTP_MALFORMED_PACKET'));
    expect(() => sender.protectRtcp(withRoom(rtcpPacket(), 40), 0, 7)).toThrow(
      code('SRTP_MALFORMED_PACKET'),
    );
    const huge = withRoom(rtpPacket({ payload: new Uint8Array(65535) }), 40);
    expect(() => sender.protectRtp(huge, 0, huge.length - 40)).toThrow(
      code('SRTP_MALFORMED_PACKET'),
    );
    for (const [start, end] of [
      [-1, 20],
      [5, 4],
      [0, 1000],
    ] as const) {
      expect(() => sender.protectRtp(old, start, end)).toThrow(RangeError);
      expect(() => sender.protectRtcp(old, start, end)).toThrow(RangeError);
    }
  });
});

describe('keys', () => {
  test.each(PROFILE_NAMES)('of %s come out of DTLS in the order of RFC 5764 §4.2', (name) => {
    const profile = SRTP_PROFILES[name];
    const length = dtlsSrtpKeyingMaterialLength(profile);
    const material = Uint8Array.from({ length }, (_, i) => i);
    const { client, server } = splitDtlsSrtpKeyingMaterial(profile, material);
    const parts = [client.key, server.key, client.salt, server.salt];
    expect(parts.map((part) => part[0])).toEqual([
      0,
      profile.keyLength,
      2 * profile.keyLength,
      2 * profile.keyLength + profile.saltLength,
    ]);
    expect(parts.reduce((sum, part) => sum + part.length, 0)).toBe(length);
    const sender = new SrtpSender({ profile: name, keys: client });
    const receiver = new SrtpReceiver({ profile: name, keys: client });
    const other = new SrtpReceiver({ profile: name, keys: server });
    const sealed = protectRtp(sender, rtpPacket());
    expect(unprotectRtp(other, sealed)).toBeLessThan(0);
    expect(unprotectRtp(receiver, sealed)).toEqual(rtpPacket());
    expect(() => splitDtlsSrtpKeyingMaterial(profile, material.subarray(1))).toThrow(
      code('SRTP_INVALID_OPTION'),
    );
  });

  test('are found by the numbers of use_srtp', () => {
    const names = [1, 2, 7, 8].map((id) => srtpProfileById(id)?.name);
    expect(names).toEqual([
      'SRTP_AES128_CM_HMAC_SHA1_80',
      'SRTP_AES128_CM_HMAC_SHA1_32',
      'SRTP_AEAD_AES_128_GCM',
      'SRTP_AEAD_AES_256_GCM',
    ]);
    expect(srtpProfileById(5)).toBeUndefined();
  });

  test.each(PROFILE_NAMES)('change by MKI while rollover counters go on, with %s', (profile) => {
    const mkis = [Uint8Array.of(1, 2), Uint8Array.of(1, 3), Uint8Array.of(9, 9)];
    const keys = mkis.map((mki, i) => masterKey(profile, i + 1, mki));
    const sender = new SrtpSender({ profile, keys, encryptedHeaderExtensions: [1] });
    const receiver = new SrtpReceiver({ profile, keys, encryptedHeaderExtensions: [1] });
    let index = 65500;
    for (const use of [0, 1, 0, 2, 1, 1, 0]) {
      sender.useKey(mkis[use] as Uint8Array);
      for (let i = 0; i < 20; i++, index++) {
        const extension = [0xbede, Uint8Array.of(0x12, 7, 8, 9)] as const;
        const plain = rtpPacket({ sequenceNumber: index & 0xffff, extension });
        expect(unprotectRtp(receiver, protectRtp(sender, plain))).toEqual(plain);
        expect(unprotectRtcp(receiver, protectRtcp(sender, rtcpPacket()))).toEqual(rtcpPacket());
      }
      expect(receiver.rolloverCounter(0xcafebabe)).toBe(Math.floor((index - 1) / 65536));
    }
    expect(() => sender.useKey(Uint8Array.of(1))).toThrow(code('SRTP_INVALID_OPTION'));
    expect(() => sender.useKey(Uint8Array.of(5, 5))).toThrow(code('SRTP_INVALID_OPTION'));
  });

  test('may be wiped by the caller once handed in', () => {
    const mki = Uint8Array.of(1);
    const keys = masterKey(PROFILE, 1, mki);
    // A Buffer's slice shares its memory.
    for (const copy of [(of: Uint8Array) => of.slice(), (of: Uint8Array) => Buffer.from(of)]) {
      const own = () => ({ key: copy(keys.key), salt: copy(keys.salt), mki: copy(mki) });
      const [sending, receiving] = [own(), own()];
      const sender = new SrtpSender({ profile: PROFILE, keys: sending });
      const receiver = new SrtpReceiver({ profile: PROFILE, keys: receiving });
      for (const part of Object.values(sending)) part.fill(0xff);
      for (const part of Object.values(receiving)) part.fill(0xee);
      expect(unprotectRtp(receiver, protectRtp(sender, rtpPacket()))).toEqual(rtpPacket());
    }
  });

  test.each(PROFILE_NAMES)('are of no use once destroyed, with %s', (profile) => {
    const { sender, receiver } = session(profile);
    const sealed = protectRtp(sender, rtpPacket());
    sender.destroy();
    sender.destroy();
    receiver.destroy();
    receiver.destroy();
    const gone = code('SRTP_INVALID_STATE');
    expect(() => protectRtp(sender, rtpPacket({ sequenceNumber: 2 }))).toThrow(gone);
    expect(() => protectRtcp(sender, rtcpPacket())).toThrow(gone);
    expect(() => unprotectRtp(receiver, sealed)).toThrow(gone);
    expect(() => unprotectRtcp(receiver, sealed)).toThrow(gone);
    expect(() => sender.setRolloverCounter(1, 1)).toThrow(gone);
    expect(() => receiver.setRolloverCounter(1, 1)).toThrow(gone);
  });
});

describe('a batch', () => {
  test.each(PROFILE_NAMES)('gives the packets that are made one by one, with %s', (profile) => {
    const batch = new SrtpBatch();
    for (const count of [0, 1, 3, 4, 5, 8, 40]) {
      const senders = Array.from({ length: count }, (_, i) => ({
        now: new SrtpSender({ profile, keys: masterKey(profile, i, bytes(i % 3)) }),
        later: new SrtpSender({ profile, keys: masterKey(profile, i, bytes(i % 3)) }),
      }));
      const plain = rtpPacket({ payload: bytes(count * 31) });
      const rtcp = rtcpPacket();
      const waiting: { readonly packet: Uint8Array; readonly expected: Uint8Array }[] = [];
      for (const { now, later } of senders) {
        const packet = withRoom(plain, later.rtpOverhead);
        const end = later.protectRtp(packet, 0, plain.length, batch);
        waiting.push({ packet: packet.subarray(0, end), expected: protectRtp(now, plain) });
        const control = withRoom(rtcp, later.rtcpOverhead);
        const controlEnd = later.protectRtcp(control, 0, rtcp.length, batch);
        const expected = protectRtcp(now, rtcp);
        waiting.push({ packet: control.subarray(0, controlEnd), expected });
      }
      const isCounterMode = SRTP_PROFILES[profile].cipher === 'aes-cm';
      expect(batch.size).toBe(isCounterMode ? 2 * count : 0);
      batch.finish();
      expect(batch.size).toBe(0);
      for (const { packet, expected } of waiting) expect(packet).toEqual(expected);
    }
  });
});
