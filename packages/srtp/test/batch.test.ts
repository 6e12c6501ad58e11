// Packets unprotected together, against the same packets unprotected one by one.

import { kernelCrypto, nodeCrypto } from '@kaon/crypto';
import { describe, expect, test } from 'vitest';
import { type SrtpProfileName, SrtpReceiver, type SrtpReceiverOptions } from '../src/index.ts';
import { allocatedBytesPerCall } from './allocated-bytes.ts';
import { bytes, rtpPacket, seededRandom, withRoom } from './bytes.ts';
import { masterKey, PROFILE_NAMES, protectRtp, session } from './session.ts';

const SEEDS = 12;
const SSRCS = [0xcafebabe, 7, 0x8000_0001];

/** Packets of several SSRCs around a wrap, lost, repeated, out of order, forged and cut short. */
function arrivals(profile: SrtpProfileName, seed: number): Uint8Array[] {
  const random = seededRandom(seed);
  const mki = seed % 3 === 0 ? bytes(4, seed) : undefined;
  const { sender } = session(profile, { keys: masterKey(profile, 1, mki) });
  const next = SSRCS.map(() => 65_500 + (random.uint32() % 30));
  for (const ssrc of SSRCS) sender.setRolloverCounter(ssrc, 3);
  const out: Uint8Array[] = [];
  for (let i = 0; i < 150; i++) {
    const which = random.uint32() % SSRCS.length;
    const sequenceNumber = (next[which] as number) & 0xffff;
    next[which] = (next[which] as number) + 1;
    const payload = bytes(random.uint32() % 5 === 0 ? 1100 : random.uint32() % 200, i);
    const plain = rtpPacket({ ssrc: SSRCS[which] as number, sequenceNumber, payload });
    const packet = protectRtp(sender, plain);
    const fate = random.uint32() % 12;
    if (fate === 0) continue;
    if (fate === 1) {
      const at = random.uint32() % packet.length;
      packet[at] = (packet[at] as number) ^ 0x40;
    }
    out.push(fate === 2 ? packet.subarray(0, random.uint32() % packet.length) : packet);
    if (fate === 3) out.push(packet);
    if (fate === 4 && out.length > 9) out.splice(-8, 0, out.pop() as Uint8Array);
  }
  return out;
}

describe.each(PROFILE_NAMES)('%s', (profile) => {
  test.each([
    ['kernel', kernelCrypto],
    ['node', nodeCrypto],
  ] as const)(
    `a batch is as good as its packets one by one, with %s (${SEEDS} seeds)`,
    (_name, crypto) => {
      for (let seed = 1; seed <= SEEDS; seed++) {
        const packets = arrivals(profile, seed);
        const mki = seed % 3 === 0 ? bytes(4, seed) : undefined;
        const options: SrtpReceiverOptions = {
          profile,
          keys: masterKey(profile, 1, mki),
          crypto,
          replayWindow: 64,
          maxSsrcs: 2,
        };
        const one = new SrtpReceiver(options);
        const many = new SrtpReceiver(options);
        for (const receiver of [one, many]) {
          for (const ssrc of SSRCS.slice(0, 2)) receiver.setRolloverCounter(ssrc, 3);
        }
        const expected = packets.map((packet) => packet.slice());
        const expectedResults = expected.map((packet) =>
          one.unprotectRtp(packet, 0, packet.length),
        );
        const actual = packets.map((packet) => packet.slice());
        const results = new Int32Array(actual.length);
        many.unprotectRtpBatch(actual, results);
        expect([...results]).toEqual(expectedResults);
        expect(actual).toEqual(expected);
        expect(many.stats).toEqual(one.stats);
        expect(expectedResults.filter((result) => result > 0).length).toBeGreaterThan(30);
      }
    },
  );
});

test('only so many packets as are asked for', () => {
  const { sender, receiver } = session('SRTP_AES128_CM_HMAC_SHA1_80');
  const packets = [1, 2, 3].map((sequenceNumber) =>
    protectRtp(sender, rtpPacket({ sequenceNumber })),
  );
  const results = new Int32Array(3);
  receiver.unprotectRtpBatch(packets, results, 2);
  expect([...results]).toEqual([32, 32, 0]);
  expect(() => receiver.unprotectRtpBatch(packets, results, 4)).toThrow(RangeError);
  expect(() => receiver.unprotectRtpBatch(packets, new Int32Array(2))).toThrow(
    'There are 3 packets and 2 results; expected 3 of each.',
  );
  receiver.destroy();
  expect(() => receiver.unprotectRtpBatch(packets, results)).toThrow('destroyed');
});

test('a batch with something in it that is no packet throws, and leaves the others as they were', () => {
  const { sender, receiver } = session('SRTP_AES128_CM_HMAC_SHA1_80');
  const packets = [1, 2].map((sequenceNumber) => protectRtp(sender, rtpPacket({ sequenceNumber })));
  const before = packets.map((packet) => packet.slice());
  const hole = [...packets, undefined as unknown as Uint8Array];
  expect(() => receiver.unprotectRtpBatch(hole, new Int32Array(3))).toThrow(TypeError);
  expect(packets).toEqual(before);
  const results = new Int32Array(2);
  receiver.unprotectRtpBatch(packets, results);
  expect([...results]).toEqual([32, 32]);
});

test('a batch leaves nothing on the heap', () => {
  const profile = 'SRTP_AES128_CM_HMAC_SHA1_80';
  const { sender, receiver } = session(profile);
  const plain = rtpPacket({ payload: bytes(100) });
  const packets = Array.from({ length: 8 }, () => withRoom(plain, sender.rtpOverhead));
  const results = new Int32Array(packets.length);
  let sequenceNumber = 0;
  const perCall = allocatedBytesPerCall(
    () => {
      for (const packet of packets) {
        packet[2] = sequenceNumber >> 8;
        packet[3] = sequenceNumber;
        sequenceNumber = (sequenceNumber + 1) & 0xffff;
        sender.protectRtp(packet, 0, plain.length);
      }
      receiver.unprotectRtpBatch(packets, results);
    },
    1000,
    5,
  );
  expect(results.every((result) => result === plain.length)).toBe(true);
  const perPacket = Number(process.versions.node.split('.')[0]) >= 22 ? 160 : 1800;
  expect(perCall).toBeLessThan(packets.length * perPacket);
});
