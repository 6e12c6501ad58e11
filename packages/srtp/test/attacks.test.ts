// The attacker's side: whatever arrives gives a reason, changes nothing, and costs bounded memory.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SrtpDrop, SrtpSender, srtpDropReason } from '../src/index.ts';
import { bytes, rtcpPacket, rtpPacket, seededRandom } from './bytes.ts';
import {
  masterKey,
  PROFILE_NAMES,
  protectRtcp,
  protectRtp,
  session,
  unprotectRtcp,
  unprotectRtp,
} from './session.ts';

const EXTENSION = [0xbede, Uint8Array.of(0x10, 5, 0x22, 1, 2, 3, 0, 0)] as const;

describe.each(PROFILE_NAMES)('%s', (profile) => {
  test('every flipped bit is noticed, and the packet left as it came', () => {
    const { sender, receiver } = session(profile, {}, { unencryptedSrtcp: true });
    const plain = rtpPacket({ csrcs: [7], extension: EXTENSION, payload: bytes(30) });
    for (const kind of ['Rtp', 'Rtcp'] as const) {
      const protect = kind === 'Rtp' ? protectRtp : protectRtcp;
      const sealed = protect(sender, kind === 'Rtp' ? plain : rtcpPacket());
      for (let bit = 0; bit < 8 * sealed.length; bit++) {
        const forged = sealed.slice();
        forged[bit >> 3] = (forged[bit >> 3] as number) ^ (1 << (bit & 7));
        const before = forged.slice();
        expect(receiver[`unprotect${kind}`](forged, 0, forged.length)).toBeLessThan(0);
        expect(forged).toEqual(before);
      }
      expect(receiver[`unprotect${kind}`](sealed, 0, sealed.length)).toBeGreaterThan(0);
    }
    const { rtpDropped, rtcpDropped, rtpSsrcs, rtcpSsrcs } = receiver.stats;
    expect(rtpDropped.notAuthentic).toBeGreaterThan(0);
    expect(rtcpDropped.notAuthentic).toBeGreaterThan(0);
    expect([rtpSsrcs, rtcpSsrcs]).toEqual([1, 1]);
  });

  test('every shorter and longer packet is dropped', () => {
    const { sender, receiver } = session(profile);
    const rtp = protectRtp(sender, rtpPacket({ extension: EXTENSION }));
    const rtcp = protectRtcp(sender, rtcpPacket());
    for (let length = 0; length < rtp.length; length++) {
      expect(unprotectRtp(receiver, rtp.subarray(0, length))).toBeLessThan(0);
    }
    for (let length = 0; length < rtcp.length; length++) {
      expect(unprotectRtcp(receiver, rtcp.subarray(0, length))).toBeLessThan(0);
    }
    for (const extra of [1, 4, 10, 2000, 70_000]) {
      const longer = new Uint8Array(rtp.length + extra);
      longer.set(rtp);
      expect(unprotectRtp(receiver, longer)).toBeLessThan(0);
      longer.set(rtcp);
      expect(unprotectRtcp(receiver, longer)).toBeLessThan(0);
    }
    expect(unprotectRtp(receiver, rtp)).toEqual(rtpPacket({ extension: EXTENSION }));
    expect(unprotectRtcp(receiver, rtcp)).toEqual(rtcpPacket());
  });

  test('no bytes throw, whatever the options', () => {
    const mki = Uint8Array.of(1, 2);
    const options = { keys: [masterKey(profile, 1, mki)], encryptedHeaderExtensions: [1, 2, 200] };
    const { receiver } = session(profile, options, { ...options, cryptex: 'accept' });
    const start = fc.constantFrom([], [0x80], [0x9f], [0x90], [0xb2], [0x80, 200], [0x9f, 96]);
    const run = fc.property(start, fc.uint8Array({ maxLength: 400 }), (prefix, rest) => {
      const packet = Uint8Array.from([...prefix, ...rest]);
      const end = packet.length;
      if (end >= 2) packet.set(mki, end - 2);
      expect(receiver.unprotectRtp(packet, 0, end)).toBeLessThan(0);
      expect(receiver.unprotectRtcp(packet, 0, end)).toBeLessThan(0);
    });
    fc.assert(run, { numRuns: 400 });
    expect(receiver.stats.rtpSsrcs).toBe(0);
  });

  test('extensions with lengths that lie are authenticated, come back as sent, and nothing loops', () => {
    const ids = Array.from({ length: 255 }, (_, i) => i + 1);
    const { sender, receiver } = session(
      profile,
      { encryptedHeaderExtensions: ids, reorderWindow: 1 },
      { encryptedHeaderExtensions: ids },
    );
    const random = seededRandom(profile.length);
    for (let sequenceNumber = 0; sequenceNumber < 500; sequenceNumber++) {
      const content = random.fill(new Uint8Array(4 * (random.uint32() % 12)));
      const tag = [0xbede, 0x1000, 0x100f, 0x1010, 0xbedf][random.uint32() % 5] as number;
      const plain = rtpPacket({ sequenceNumber, extension: [tag, content] });
      expect(unprotectRtp(receiver, protectRtp(sender, plain))).toEqual(plain);
    }
    // A header that claims more than there is is no packet.
    const lie = protectRtp(sender, rtpPacket({ sequenceNumber: 600, extension: EXTENSION }));
    lie[14] = 0xff;
    lie[15] = 0xff;
    expect(unprotectRtp(receiver, lie)).toBe(SrtpDrop.malformed);
    lie[14] = 0;
    lie[0] = 0x9f;
    expect(unprotectRtp(receiver, lie)).toBe(SrtpDrop.malformed);
  });

  test('replays are dropped before any work, and counted', () => {
    const { sender, receiver } = session(profile, {}, { replayWindow: 64 });
    const sent = Array.from({ length: 200 }, (_, sequenceNumber) => ({
      rtp: protectRtp(sender, rtpPacket({ sequenceNumber })),
      rtcp: protectRtcp(sender, rtcpPacket()),
    }));
    for (const { rtp, rtcp } of sent) {
      expect(unprotectRtp(receiver, rtp)).not.toBeTypeOf('number');
      expect(unprotectRtcp(receiver, rtcp)).not.toBeTypeOf('number');
    }
    for (const [i, { rtp, rtcp }] of sent.entries()) {
      const expected = i < 136 ? SrtpDrop.tooOld : SrtpDrop.replayed;
      expect(unprotectRtp(receiver, rtp)).toBe(expected);
      expect(unprotectRtcp(receiver, rtcp)).toBe(expected);
    }
    const { rtpDropped, rtcpDropped } = receiver.stats;
    expect([rtpDropped.replayed, rtpDropped.tooOld]).toEqual([64, 136]);
    expect([rtcpDropped.replayed, rtcpDropped.tooOld]).toEqual([64, 136]);
  });

  test('forged sequence numbers and indices move neither window nor rollover counter', () => {
    const { sender, receiver } = session(profile);
    const random = seededRandom(4);
    let sequenceNumber = 65_000;
    for (let i = 0; i < 1200; i++, sequenceNumber = (sequenceNumber + 1) & 0xffff) {
      const plain = rtpPacket({ sequenceNumber });
      const sealed = protectRtp(sender, plain);
      const forged = sealed.slice();
      forged[2] = random.uint32();
      forged[3] = random.uint32();
      if (forged[2] === sealed[2] && forged[3] === sealed[3]) forged[4] = 0xff;
      expect(unprotectRtp(receiver, forged)).toBeLessThan(0);
      expect(unprotectRtp(receiver, sealed)).toEqual(plain);
      const rtcp = protectRtcp(sender, rtcpPacket());
      const at = rtcp.length - (profile.includes('GCM') ? 4 : 14);
      const forgedRtcp = rtcp.slice();
      forgedRtcp[at] = 0xff;
      expect(unprotectRtcp(receiver, forgedRtcp)).toBe(SrtpDrop.notAuthentic);
      expect(unprotectRtcp(receiver, rtcp)).toEqual(rtcpPacket());
    }
    expect(receiver.rolloverCounter(0xcafebabe)).toBe(1);
  });

  test('a packet for one SSRC, kind, key or profile is none for another', () => {
    const { sender, receiver } = session(profile);
    const sealed = protectRtp(sender, rtpPacket());
    const other = sealed.slice();
    other[11] = 0xbf;
    expect(unprotectRtp(receiver, other)).toBe(SrtpDrop.notAuthentic);
    expect(unprotectRtcp(receiver, sealed)).toBeLessThan(0);
    expect(unprotectRtp(receiver, protectRtcp(sender, rtcpPacket()))).toBeLessThan(0);
    const stranger = new SrtpSender({ profile, keys: masterKey(profile, 99) });
    expect(unprotectRtp(receiver, protectRtp(stranger, rtpPacket()))).toBe(SrtpDrop.notAuthentic);
    expect(receiver.stats.rtpSsrcs).toBe(0);
  });
});

describe('SSRCs', () => {
  test('of a hundred thousand forged packets leave nothing behind', () => {
    const { sender, receiver } = session('SRTP_AEAD_AES_128_GCM');
    const packet = protectRtp(sender, rtpPacket({ payload: bytes(4) }));
    for (let ssrc = 1; ssrc <= 50_000; ssrc++) {
      packet[8] = ssrc >> 24;
      packet[9] = ssrc >> 16;
      packet[10] = ssrc >> 8;
      packet[11] = ssrc;
      if (receiver.unprotectRtp(packet, 0, packet.length) !== SrtpDrop.notAuthentic) break;
      packet.copyWithin(4, 8, 12);
      packet[1] = 200;
      packet[packet.length - 4] = (packet[packet.length - 4] as number) | 0x80;
      if (receiver.unprotectRtcp(packet, 0, packet.length) !== SrtpDrop.notAuthentic) break;
    }
    const { rtpSsrcs, rtcpSsrcs, rtpDropped, rtcpDropped } = receiver.stats;
    expect([rtpSsrcs, rtcpSsrcs]).toEqual([0, 0]);
    expect([rtpDropped.notAuthentic, rtcpDropped.notAuthentic]).toEqual([50_000, 50_000]);
  });

  test.each(['SRTP_AES128_CM_HMAC_SHA1_80', 'SRTP_AEAD_AES_128_GCM'] as const)(
    'of authentic packets are bounded: the one silent for longest goes, with %s',
    (profile) => {
      const ids = { encryptedHeaderExtensions: [1] };
      const { sender, receiver } = session(profile, ids, { ...ids, maxSsrcs: 100 });
      const send = (ssrc: number, sequenceNumber: number) => {
        const sealed = protectRtp(
          sender,
          rtpPacket({ ssrc, sequenceNumber, extension: EXTENSION }),
        );
        const rtcp = protectRtcp(sender, rtcpPacket(ssrc));
        expect(unprotectRtp(receiver, sealed)).not.toBeTypeOf('number');
        expect(unprotectRtcp(receiver, rtcp)).not.toBeTypeOf('number');
      };
      for (let ssrc = 1; ssrc <= 1000; ssrc++) {
        send(ssrc, 1);
        send(0xffff_ffff, ssrc); // Never silent, never forgotten.
      }
      const { rtpSsrcs, rtcpSsrcs, evictedSsrcs } = receiver.stats;
      expect([rtpSsrcs, rtcpSsrcs, evictedSsrcs]).toEqual([100, 100, 2 * 901]);
      expect(receiver.rolloverCounter(0xffff_ffff)).toBe(0);
      expect(receiver.rolloverCounter(901)).toBeUndefined();
      expect(receiver.rolloverCounter(902)).toBe(0);
    },
  );
});

describe('agreements', () => {
  test('SRTCP in the clear is dropped unless it was agreed on, and authenticated if it was', () => {
    for (const profile of PROFILE_NAMES) {
      const { sender, receiver } = session(profile, { unencryptedSrtcp: true });
      const { receiver: lenient } = session(profile, {}, { unencryptedSrtcp: true });
      const plain = rtcpPacket();
      const sealed = protectRtcp(sender, plain);
      expect(sealed.subarray(0, plain.length)).toEqual(plain);
      expect(unprotectRtcp(receiver, sealed)).toBe(SrtpDrop.unencrypted);
      for (let i = 0; i < sealed.length; i++) {
        const forged = sealed.slice();
        forged[i] = (forged[i] as number) ^ 0x40;
        expect(unprotectRtcp(lenient, forged)).toBeLessThan(0);
      }
      expect(unprotectRtcp(lenient, sealed)).toEqual(plain);
      expect(unprotectRtcp(lenient, sealed)).toBe(SrtpDrop.replayed);
    }
  });

  test('where cryptex is required, readable extensions and CSRCs are dropped (RFC 9335 §5.2)', () => {
    for (const profile of PROFILE_NAMES) {
      const { sender } = session(profile);
      const { sender: hiding, receiver } = session(
        profile,
        { cryptex: true },
        { cryptex: 'require' },
      );
      const bare = rtpPacket({ sequenceNumber: 1 });
      expect(unprotectRtp(receiver, protectRtp(sender, bare))).toEqual(bare);
      const extended = rtpPacket({ sequenceNumber: 2, extension: EXTENSION });
      expect(unprotectRtp(receiver, protectRtp(sender, extended))).toBe(SrtpDrop.unencrypted);
      const mixed = rtpPacket({ sequenceNumber: 3, csrcs: [1] });
      expect(unprotectRtp(receiver, protectRtp(sender, mixed))).toBe(SrtpDrop.unencrypted);
      expect(unprotectRtp(receiver, protectRtp(hiding, extended))).toEqual(extended);
      expect(receiver.stats.rtpDropped.unencrypted).toBe(2);
    }
  });

  test('cryptex and RFC 6904 are never applied to one packet (RFC 9335 §4)', () => {
    const ids = { encryptedHeaderExtensions: [1, 2] };
    const profile = 'SRTP_AES128_CM_HMAC_SHA1_80';
    const both = session(profile, { ...ids, cryptex: true }, { ...ids, cryptex: 'accept' });
    const hidden = session(profile, { cryptex: true }, { cryptex: 'accept' });
    const chosen = session(profile, ids, ids);
    const plain = rtpPacket({ extension: EXTENSION });
    const sealed = protectRtp(both.sender, plain);
    expect(sealed).toEqual(protectRtp(hidden.sender, plain));
    expect(unprotectRtp(both.receiver, sealed)).toEqual(plain);
    // An extension that cryptex is not for goes readable but for what is encrypted one by one.
    const other = rtpPacket({ sequenceNumber: 2, extension: [0x1005, Uint8Array.of(1, 1, 9, 0)] });
    const sealedOther = protectRtp(both.sender, other);
    expect(sealedOther).toEqual(protectRtp(chosen.sender, other));
    expect(unprotectRtp(both.receiver, sealedOther)).toEqual(other);
    expect(unprotectRtp(chosen.receiver, sealedOther)).toEqual(other);
  });

  test('an unknown MKI is dropped, whatever it is', () => {
    const profile = 'SRTP_AEAD_AES_128_GCM';
    const mki = Uint8Array.of(1, 2, 3);
    const { receiver } = session(profile, {}, { keys: masterKey(profile, 1, mki) });
    const keys = masterKey(profile, 1, Uint8Array.of(1, 2, 4));
    const sender = new SrtpSender({ profile, keys });
    expect(unprotectRtp(receiver, protectRtp(sender, rtpPacket()))).toBe(SrtpDrop.unknownMki);
    expect(unprotectRtcp(receiver, protectRtcp(sender, rtcpPacket()))).toBe(SrtpDrop.unknownMki);
    expect(receiver.stats.rtpDropped.unknownMki).toBe(1);
  });

  test('each reason has a name', () => {
    expect(Object.values(SrtpDrop).map(srtpDropReason)).toEqual(Object.keys(SrtpDrop));
    expect(srtpDropReason(12)).toBeUndefined();
  });
});
