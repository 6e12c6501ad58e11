// Laws: any packet comes back as it was, under every profile and option, and the same bytes by every provider.

import { kernelCrypto, nodeCrypto } from '@kaon/crypto';
import { nobleCrypto } from '@kaon/crypto/noble';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SrtpReceiver, SrtpSender, type SrtpSenderOptions } from '../src/index.ts';
import { bytes, rtcpPacket, rtpPacket, withRoom } from './bytes.ts';
import { masterKey, PROFILE_NAMES, protectRtcp, protectRtp } from './session.ts';

const words = (max: number) =>
  fc
    .uint8Array({ maxLength: 4 * max })
    .map((content) => content.subarray(0, content.length - (content.length % 4)));

const anyRtp = fc
  .record({
    ssrc: fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff),
    sequenceNumber: fc.nat(0xffff),
    csrcs: fc.array(fc.nat(0xffffffff), { maxLength: 15 }),
    extension: fc.option(
      fc.tuple(
        fc.oneof(fc.constantFrom(0xbede, 0x1000, 0x1003, 0xc0de, 0xc2de), fc.nat(0xffff)),
        words(40),
      ),
      { nil: undefined },
    ),
    payload: fc.uint8Array({ maxLength: 1400 }),
  })
  .map(({ extension, ...fields }) =>
    rtpPacket({ ...fields, ...(extension === undefined ? {} : { extension }) }),
  );

const anyRtcp = fc
  .tuple(fc.constantFrom(0, 1, 0xffffffff), fc.nat(300))
  .map(([ssrc, length]) => rtcpPacket(ssrc, 8 + length));

const anyOptions = fc.record({
  mki: fc.constantFrom(undefined, Uint8Array.of(7), bytes(4), bytes(255)),
  cryptex: fc.boolean(),
  ids: fc.constantFrom(undefined, [], [1, 3, 4], [1, 200, 255]),
  unencryptedSrtcp: fc.boolean(),
  offset: fc.nat(40),
});

describe.each(PROFILE_NAMES)('%s', (profile) => {
  test('any packet comes back as it was', () => {
    const run = fc.property(anyRtp, anyRtcp, anyOptions, (rtp, rtcp, options) => {
      const { mki, cryptex, ids, unencryptedSrtcp, offset } = options;
      const shared = {
        profile,
        keys: masterKey(profile, 3, mki),
        unencryptedSrtcp,
        ...(ids === undefined ? {} : { encryptedHeaderExtensions: ids }),
      };
      const sender = new SrtpSender({ ...shared, cryptex });
      const receiver = new SrtpReceiver({ ...shared, cryptex: cryptex ? 'accept' : 'off' });
      // What cryptex's own tags say in the clear cannot be sent under it: they would be taken for encrypted.
      fc.pre(!(cryptex && hasCryptexTag(rtp)));
      for (const kind of ['Rtp', 'Rtcp'] as const) {
        const plain = kind === 'Rtp' ? rtp : rtcp;
        const overhead = kind === 'Rtp' ? sender.rtpOverhead : sender.rtcpOverhead;
        const memory = new Uint8Array(offset + plain.length + overhead + 9).fill(0xee);
        memory.set(plain, offset);
        const end = sender[`protect${kind}`](memory, offset, offset + plain.length);
        expect(end).toBeLessThanOrEqual(offset + plain.length + overhead);
        expect(memory.subarray(0, offset).every((byte) => byte === 0xee)).toBe(true);
        expect(memory.subarray(offset + plain.length + overhead).every((b) => b === 0xee)).toBe(
          true,
        );
        const textEnd = receiver[`unprotect${kind}`](memory, offset, end);
        const expected = kind === 'Rtp' && cryptex ? withEmptyExtension(plain) : plain;
        expect(memory.subarray(offset, textEnd)).toEqual(expected);
      }
    });
    fc.assert(run, { numRuns: 60 });
  });

  test('the kernel, node:crypto and noble give the same bytes, one by one and in order', () => {
    const packets = fc.array(anyRtp, { maxLength: 12 });
    const run = fc.property(packets, anyOptions, (all, { mki, cryptex, ids }) => {
      const options: SrtpSenderOptions = {
        profile,
        keys: masterKey(profile, 5, mki),
        cryptex,
        ...(ids === undefined ? {} : { encryptedHeaderExtensions: ids }),
      };
      const senders = [kernelCrypto, nodeCrypto, nobleCrypto].map(
        (crypto) => new SrtpSender({ ...options, crypto }),
      );
      for (const [i, packet] of all.entries()) {
        packet[2] = 0;
        packet[3] = i;
        const [kernel, ...others] = senders.map((sender) => protectRtp(sender, packet));
        for (const other of others) expect(other).toEqual(kernel);
        const [rtcp, ...otherRtcp] = senders.map((sender) => protectRtcp(sender, rtcpPacket()));
        for (const other of otherRtcp) expect(other).toEqual(rtcp);
      }
    });
    fc.assert(run, { numRuns: 12 });
  });
});

test('protection hides the payload, and with cryptex extensions and CSRCs', () => {
  const secret = new TextEncoder().encode('nobody may read this');
  const packet = rtpPacket({
    csrcs: [0x6e6f6f6e, 0x65212121],
    extension: [0xbede, secret],
    payload: secret,
  });
  const count = (haystack: Uint8Array) => {
    const text = Buffer.from(haystack);
    const first = text.indexOf(secret.subarray(0, 8));
    return first < 0 ? 0 : text.indexOf(secret.subarray(0, 8), first + 1) < 0 ? 1 : 2;
  };
  for (const profile of PROFILE_NAMES) {
    const keys = masterKey(profile);
    expect(count(withRoom(packet, 0))).toBe(2);
    expect(count(protectRtp(new SrtpSender({ profile, keys }), packet))).toBe(1);
    const hidden = protectRtp(new SrtpSender({ profile, keys, cryptex: true }), packet);
    expect(count(hidden)).toBe(0);
    expect(Buffer.from(hidden).includes('noon')).toBe(false);
  }
});

function extensionAt(packet: Uint8Array): number {
  return 12 + 4 * ((packet[0] as number) & 15);
}

function hasCryptexTag(packet: Uint8Array): boolean {
  const at = extensionAt(packet);
  const hasExtension = ((packet[0] as number) & 0x10) !== 0;
  return hasExtension && (packet[at + 1] as number) === 0xde && packet[at] !== 0xbe;
}

/** RFC 9335 §5.1: with CSRCs and no extension, an empty one is added, and stays. */
function withEmptyExtension(packet: Uint8Array): Uint8Array {
  const first = packet[0] as number;
  if ((first & 0x10) !== 0 || (first & 15) === 0) return packet;
  const at = extensionAt(packet);
  const out = new Uint8Array(packet.length + 4);
  out.set(packet.subarray(0, at));
  out.set([0xbe, 0xde, 0, 0], at);
  out.set(packet.subarray(at), at + 4);
  out[0] = first | 0x10;
  return out;
}
