// What a packet leaves on the heap: its share of keystream made ahead, and hardly anything else.

import { describe, expect, test } from 'vitest';
import { SrtpBatch, type SrtpProfileName } from '../src/index.ts';
import { allocatedBytesPerCall } from './allocated-bytes.ts';
import { rtcpPacket, rtpPacket, withRoom } from './bytes.ts';
import { session } from './session.ts';

// Node.js 22 and newer copy parts of buffers without a view for each; the rest is the same everywhere.
const IS_NEW_NODE = Number(process.versions.node.split('.')[0]) >= 22;
const PER_PACKET = IS_NEW_NODE ? 80 : 900;

const PROFILES: readonly SrtpProfileName[] = [
  'SRTP_AES128_CM_HMAC_SHA1_80',
  'SRTP_AEAD_AES_128_GCM',
  'SRTP_AEAD_AES_256_GCM',
];

describe.each(PROFILES)('%s', (profile) => {
  test.each([20, 160, 1200])(
    'a packet of %d bytes is protected and unprotected in place',
    (size) => {
      const options = { encryptedHeaderExtensions: [] };
      const { sender, receiver } = session(profile, options, options);
      const plain = rtpPacket({ payload: new Uint8Array(size) });
      const packet = withRoom(plain, sender.rtpOverhead);
      let sequenceNumber = 0;
      let result = 0;
      const perCall = allocatedBytesPerCall(
        () => {
          packet[2] = sequenceNumber >> 8;
          packet[3] = sequenceNumber;
          sequenceNumber = (sequenceNumber + 1) & 0xffff;
          const end = sender.protectRtp(packet, 0, plain.length);
          result |= receiver.unprotectRtp(packet, 0, end) ^ plain.length;
        },
        3000,
        5,
      );
      expect(result).toBe(0);
      expect(perCall).toBeLessThan(2 * PER_PACKET);
    },
  );
});

test('so are packets of RTCP, and those of a batch', () => {
  const { sender, receiver } = session('SRTP_AES128_CM_HMAC_SHA1_80');
  const plain = rtpPacket();
  const packet = withRoom(plain, sender.rtpOverhead);
  const rtcpPlain = rtcpPacket();
  const rtcp = withRoom(rtcpPlain, sender.rtcpOverhead);
  const batch = new SrtpBatch();
  let sequenceNumber = 0;
  let result = 0;
  const perCall = allocatedBytesPerCall(
    () => {
      packet[2] = sequenceNumber >> 8;
      packet[3] = sequenceNumber;
      sequenceNumber = (sequenceNumber + 1) & 0xffff;
      const end = sender.protectRtp(packet, 0, plain.length, batch);
      const rtcpEnd = sender.protectRtcp(rtcp, 0, rtcpPlain.length, batch);
      batch.finish();
      result |= receiver.unprotectRtp(packet, 0, end) ^ plain.length;
      result |= receiver.unprotectRtcp(rtcp, 0, rtcpEnd) ^ rtcpPlain.length;
    },
    3000,
    5,
  );
  expect(result).toBe(0);
  expect(perCall).toBeLessThan(4 * PER_PACKET);
});
