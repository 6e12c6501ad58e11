import { describe, expect, test } from 'vitest';
import { bytesOf, rtpPacket } from '../../test/rtp-packets.ts';
import { HeaderExtensionWriter } from '../header-extensions/header-extension-writer.ts';
import { encodeSdesItem } from '../header-extensions/sdes-item.ts';
import {
  MID_URI,
  REPAIRED_RTP_STREAM_ID_URI,
  RTP_STREAM_ID_URI,
} from '../header-extensions/uris.ts';
import type { RtpStreamDescription } from '../interceptors/interceptor.ts';
import { writeRtpHeader } from '../packet/rtp-header.ts';
import { RtpPacket } from '../packet/rtp-packet.ts';
import { encapsulateRtx } from './rtx.ts';
import { RtxReceiver } from './rtx-receiver.ts';

const MID = 1;
const RID = 2;
const REPAIRED = 3;
const headerExtensionIds = new Map([
  [MID_URI, MID],
  [RTP_STREAM_ID_URI, RID],
  [REPAIRED_RTP_STREAM_ID_URI, REPAIRED],
]);
const apt = new Map([[97, 96]]);

const stream = (ssrc: number, more: Partial<RtpStreamDescription> = {}): RtpStreamDescription => ({
  ssrc,
  clockRate: 90_000,
  rtx: { apt },
  headerExtensionIds,
  ...more,
});

/** A packet with names in its extension. */
function named(ssrc: number, names: readonly (readonly [number, string])[]): RtpPacket {
  const bytes = new Uint8Array(200);
  const header = { payloadType: 96, sequenceNumber: 5, timestamp: 6, ssrc };
  const writer = new HeaderExtensionWriter();
  writer.begin(bytes, 10, writeRtpHeader(header, bytes, 10));
  for (const [id, text] of names) encodeSdesItem(text, bytes, writer.add(id, text.length));
  const packet = new RtpPacket();
  packet.parse(bytes, 10, writer.finish() + 20);
  return packet;
}

describe('whose retransmission it is (RFC 4588 §5.3, RFC 8852 §3)', () => {
  test('by its SSRC, where that was announced', () => {
    const receiver = new RtxReceiver();
    receiver.addStream(stream(1, { rtx: { ssrc: 11, apt } }));
    receiver.addStream(stream(2, { rtx: { ssrc: 12, apt } }));
    const packet = rtpPacket({ ssrc: 2, sequenceNumber: 77 });
    const original = bytesOf(packet);
    expect([receiver.handlePacket(packet), packet.isRestored]).toEqual(['media', false]);
    encapsulateRtx(packet, 12, 97, 500);
    expect([receiver.handlePacket(packet), packet.isRestored]).toEqual(['restored', true]);
    expect(bytesOf(packet)).toEqual(original);
    const copy = new RtpPacket();
    packet.copyTo(new Uint8Array(2000), 0, copy);
    expect(copy.isRestored).toBe(true);
    copy.parse(copy.bytes, 0, copy.end);
    expect(copy.isRestored).toBe(false);
  });

  test('by MID and repaired RID, which is a RID again afterwards; then by its SSRC alone', () => {
    const receiver = new RtxReceiver();
    receiver.addStream(stream(1, { mid: 'v', rid: 'h' }));
    receiver.addStream(stream(2, { mid: 'v', rid: 'l' }));
    receiver.addStream(stream(3, { mid: 'w', rid: 'l' }));
    const sent = named(3, [
      [MID, 'w'],
      [RID, 'l'],
    ]);
    const packet = named(3, [
      [MID, 'w'],
      [REPAIRED, 'l'],
    ]);
    encapsulateRtx(packet, 13, 97, 500);
    expect(receiver.handlePacket(packet)).toBe('restored');
    expect(bytesOf(packet)).toEqual(bytesOf(sent));
    const bare = rtpPacket({ ssrc: 3 });
    encapsulateRtx(bare, 13, 97, 501);
    expect([receiver.handlePacket(bare), bare.ssrc]).toEqual(['restored', 3]);
  });

  test('without names: if there is one stream only that it can belong to', () => {
    const receiver = new RtxReceiver();
    receiver.addStream(stream(1, { rtx: { ssrc: 11, apt } }));
    receiver.addStream(stream(2));
    const packet = rtpPacket({ ssrc: 2 });
    encapsulateRtx(packet, 12, 97, 500);
    expect([receiver.handlePacket(packet), packet.ssrc]).toEqual(['restored', 2]);

    const undecided = new RtxReceiver();
    undecided.addStream(stream(1));
    undecided.addStream(stream(2));
    encapsulateRtx(packet, 12, 97, 500);
    expect(undecided.handlePacket(packet)).toBe('dropped');
    expect(undecided.counters.packetsUnknown).toBe(1);
  });

  test('what was learnt gives way to what is announced', () => {
    const receiver = new RtxReceiver();
    receiver.addStream(stream(1));
    const packet = rtpPacket({ ssrc: 2 });
    encapsulateRtx(packet, 12, 97, 500);
    // Of a stream that is not announced yet; it could be the only one's that is.
    expect([receiver.handlePacket(packet), packet.ssrc]).toEqual(['restored', 1]);
    receiver.addStream(stream(2, { rtx: { ssrc: 12, apt } }));
    const next = rtpPacket({ ssrc: 1 });
    encapsulateRtx(next, 11, 97, 1);
    expect([receiver.handlePacket(next), next.ssrc]).toEqual(['restored', 1]);
    receiver.removeStream(1);
    const other = rtpPacket({ ssrc: 2 });
    encapsulateRtx(other, 12, 97, 501);
    expect([receiver.handlePacket(other), other.ssrc]).toEqual(['restored', 2]);
  });

  test('a name that nobody has, or a payload type of another stream, is nobody’s', () => {
    const receiver = new RtxReceiver();
    receiver.addStream(stream(1, { rid: 'h' }));
    const packet = named(1, [[REPAIRED, 'x']]);
    encapsulateRtx(packet, 13, 97, 500);
    expect(receiver.handlePacket(packet)).toBe('dropped');
    receiver.addStream(stream(2, { rtx: { ssrc: 12, apt: new Map([[99, 98]]) } }));
    const other = rtpPacket();
    encapsulateRtx(other, 12, 97, 500);
    expect(receiver.handlePacket(other)).toBe('dropped');
  });

  test('probes are dropped and counted; removed streams are forgotten', () => {
    const receiver = new RtxReceiver();
    receiver.addStream(stream(1, { rtx: { ssrc: 11, apt } }));
    expect(receiver.handlePacket(rtpPacket({ ssrc: 11, payloadType: 97 }, new Uint8Array(0)))).toBe(
      'dropped',
    );
    expect(receiver.counters.paddingPackets).toBe(1);
    receiver.removeStream(1);
    receiver.removeStream(1);
    expect(receiver.handlePacket(rtpPacket({ ssrc: 11, payloadType: 97 }))).toBe('media');
  });

  test('10,000 unknown SSRCs take no memory and steal no stream (attack)', () => {
    const receiver = new RtxReceiver({ maxStreams: 4 });
    for (let ssrc = 1; ssrc <= 10; ssrc++) {
      receiver.addStream(stream(ssrc, { rtx: { ssrc: 100 + ssrc, apt } }));
    }
    for (let ssrc = 1000; ssrc < 11_000; ssrc++) {
      expect(receiver.handlePacket(rtpPacket({ ssrc, payloadType: 97 }))).toBe('dropped');
    }
    const packet = rtpPacket({ ssrc: 4 });
    encapsulateRtx(packet, 104, 97, 500);
    expect([receiver.handlePacket(packet), packet.ssrc]).toEqual(['restored', 4]);
  });
});
