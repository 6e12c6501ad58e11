import { describe, expect, test } from 'vitest';
import { rtpPacket } from '../../test/rtp-packets.ts';
import type { CongestionControl } from '../congestion/congestion-control.ts';
import { GoogleCongestionControl } from '../congestion/google-congestion-control/google-congestion-control.ts';
import { HeaderExtensionCursor } from '../header-extensions/header-extension-cursor.ts';
import { HeaderExtensionWriter } from '../header-extensions/header-extension-writer.ts';
import { encodeTransportFeedbackRequest } from '../header-extensions/transport-sequence-number.ts';
import { TRANSPORT_WIDE_CC_02_URI, TRANSPORT_WIDE_CC_URI } from '../header-extensions/uris.ts';
import { writeRtpHeader } from '../packet/rtp-header.ts';
import { RtpPacket } from '../packet/rtp-packet.ts';
import { PacedSender, type PacedSenderOptions } from './paced-sender.ts';
import { TransportFeedbackResponder } from './transport-feedback-responder.ts';

const SSRC = 2;

function sender(options: Partial<PacedSenderOptions> = {}): PacedSender {
  const control: CongestionControl = new GoogleCongestionControl({ startBitrateBps: 1_000_000 });
  return new PacedSender({ control, ...options });
}

/** What it has to send at `now`: SSRC, sequence number, and transport-wide number under identifier 5. */
function poll(paced: PacedSender, now: number): [number, number, number | undefined][] {
  const sent: [number, number, number | undefined][] = [];
  const out = new Uint8Array(1500);
  const packet = new RtpPacket();
  const cursor = new HeaderExtensionCursor();
  for (let end = paced.pollRtp(out, 10, now); end > 10; end = paced.pollRtp(out, 10, now)) {
    expect(packet.parse(out, 10, end)).toBe(true);
    const number = cursor.find(packet, 5)
      ? 256 * (out[cursor.start] as number) + (out[cursor.start + 1] as number)
      : undefined;
    sent.push([packet.ssrc, packet.sequenceNumber, number]);
  }
  return sent;
}

describe('the paced sender', () => {
  const headerExtensionIds = new Map([[TRANSPORT_WIDE_CC_URI, 5]]);

  test('numbers packets in the order in which they leave', () => {
    const paced = sender();
    paced.addLocalStream({ ssrc: SSRC, clockRate: 90_000, headerExtensionIds });
    paced.addLocalStream({ ssrc: 7, kind: 'audio', clockRate: 48_000, headerExtensionIds });
    expect(paced.handleOutgoingRtp(rtpPacket({ ssrc: SSRC, sequenceNumber: 30 }), 0)).toBe(false);
    paced.handleOutgoingRtp(rtpPacket({ ssrc: 7, sequenceNumber: 40 }), 0);
    expect(poll(paced, 0)).toEqual([
      [7, 40, 1],
      [SSRC, 30, 2],
    ]);
  });

  test('without the header extension packets leave as they came', () => {
    const paced = sender();
    paced.addLocalStream({ ssrc: SSRC, clockRate: 90_000 });
    paced.handleOutgoingRtp(rtpPacket(), 0);
    expect(poll(paced, 0)).toEqual([[SSRC, 0, undefined]]);
  });

  test('a packet waits until there is room for it', () => {
    const paced = sender();
    paced.handleOutgoingRtp(rtpPacket({}, new Uint8Array(1000)), 0);
    expect(paced.pollRtp(new Uint8Array(500), 0, 0)).toBe(0);
    expect(poll(paced, 0)).toHaveLength(1);
  });

  test('a stream that ends leaves no packets behind, nor its retransmissions', () => {
    const paced = sender();
    const rtx = { ssrc: 3, apt: new Map([[97, 96]]) };
    paced.addLocalStream({ ssrc: SSRC, clockRate: 90_000, rtx });
    for (const ssrc of [SSRC, 3, 4]) paced.handleOutgoingRtp(rtpPacket({ ssrc }), 0);
    paced.removeLocalStream(SSRC);
    expect(poll(paced, 0)).toEqual([[4, 0, undefined]]);
  });

  test('tells the newest target, and takes what the receiver allows', () => {
    const paced = sender();
    paced.handleTimeout(0);
    expect(paced.pollEvent()?.targetBitrateBps).toBe(1_000_000);
    expect(paced.pollEvent()).toBeUndefined();
    for (const bitrateBps of [500_000, 400_000]) {
      paced.handleIncomingRtcp(
        { type: 'remb', senderSsrc: 1, mediaSsrc: 0, bitrateBps, ssrcs: [2] },
        0,
      );
    }
    expect(paced.pollEvent()).toMatchObject({ targetBitrateBps: 400_000 });
  });

  test("an overhead that is negative is the caller's fault", () => {
    expect(() => sender({ overheadBytes: -1 })).toThrow(/overheadBytes: 0 or more, not -1/);
  });
});

describe('the responder', () => {
  test('is silent as long as the header extension was not announced', () => {
    const responder = new TransportFeedbackResponder({ senderSsrc: 1 });
    responder.handleIncomingRtp(packetWith(5, 77), 0);
    expect(responder.nextTimeout).toBe(Number.POSITIVE_INFINITY);
  });

  test('reports the packets of all streams, also of those that nobody announced', () => {
    const responder = new TransportFeedbackResponder({ senderSsrc: 1 });
    const headerExtensionIds = new Map([[TRANSPORT_WIDE_CC_URI, 5]]);
    responder.addRemoteStream({ ssrc: SSRC, clockRate: 90_000, headerExtensionIds });
    for (const [number, ssrc] of [
      [77, SSRC],
      [78, 99],
    ] as const) {
      expect(responder.handleIncomingRtp(packetWith(5, number, ssrc), 10)).toBe(true);
    }
    responder.handleTimeout(responder.nextTimeout);
    expect(responder.pollRtcp()).toMatchObject({ baseSequenceNumber: 77, offsets: [0, 1] });
    expect(responder.pollRtcp()).toBeUndefined();
  });

  test('with version 02 it reports when a packet asks for it', () => {
    const responder = new TransportFeedbackResponder({ senderSsrc: 1 });
    const headerExtensionIds = new Map([[TRANSPORT_WIDE_CC_02_URI, 5]]);
    responder.addRemoteStream({ ssrc: SSRC, clockRate: 90_000, headerExtensionIds });
    responder.handleIncomingRtp(packetWith(5, 77), 10);
    expect(responder.nextTimeout).toBe(Number.POSITIVE_INFINITY);
    responder.handleIncomingRtp(packetWith(5, 78, SSRC, 2), 10);
    expect(responder.pollRtcp()).toMatchObject({ baseSequenceNumber: 77, offsets: [0, 1] });
  });
});

/** A packet with a transport-wide sequence number, and perhaps a request for so many reports. */
function packetWith(id: number, number: number, ssrc = SSRC, sequenceCount = 0): RtpPacket {
  const bytes = new Uint8Array(100);
  const writer = new HeaderExtensionWriter();
  const header = { payloadType: 96, sequenceNumber: 0, timestamp: 0, ssrc };
  writer.begin(bytes, 0, writeRtpHeader(header, bytes, 0));
  const at = writer.add(id, sequenceCount > 0 ? 4 : 2);
  encodeTransportFeedbackRequest(number, { includeTimestamps: true, sequenceCount }, bytes, at);
  if (sequenceCount === 0) bytes.fill(0, at + 2, at + 4);
  const packet = new RtpPacket();
  packet.parse(bytes, 0, writer.finish() + 10);
  return packet;
}
