// A stream of RTP packets between our two ends: made by a packetizer, taken by a depacketizer.
import type { AssembledFrame, Depacketizer } from '@kaon/rtp';
import type { MediaFormat } from './formats.ts';
import { RTP_HEADER_LENGTH, type RtpPacket, writeRtpHeader } from './rtp-header.ts';

/** All RTP packets of `frames`, and how many of them each frame takes. */
export function packetsOf(
  format: MediaFormat,
  frames: readonly Uint8Array[],
): { packets: Uint8Array[]; perFrame: number[] } {
  const packetizer = format.packetizer();
  const packets: Uint8Array[] = [];
  const perFrame: number[] = [];
  for (const [i, data] of frames.entries()) {
    const before = packets.length;
    packetizer.start({ data });
    for (;;) {
      const packet = new Uint8Array(RTP_HEADER_LENGTH + packetizer.maxPayloadBytes);
      const end = packetizer.writePayload(packet, RTP_HEADER_LENGTH);
      if (end === RTP_HEADER_LENGTH) break;
      writeRtpHeader(packet, {
        payloadType: format.payloadType,
        marker: packetizer.marker,
        sequenceNumber: packets.length,
        timestamp: format.frameTicks * i + packetizer.timestampOffset,
      });
      packets.push(packet.subarray(0, end));
    }
    perFrame.push(packets.length - before);
  }
  return { packets, perFrame };
}

/** The frames that `packets` carry. @throws if one is missing, damaged or dropped. */
export function framesOf(
  depacketizer: Depacketizer<AssembledFrame>,
  packets: readonly RtpPacket[],
): AssembledFrame[] {
  const frames: AssembledFrame[] = [];
  let next: number | undefined;
  for (const { payload, timestamp, marker, sequenceNumber } of packets) {
    if (sequenceNumber !== (next ?? sequenceNumber)) {
      throw new Error(`packet ${next} is missing, ${sequenceNumber} came`);
    }
    next = (sequenceNumber + 1) & 0xffff;
    depacketizer.handlePayload(payload, timestamp, marker);
    for (let frame = depacketizer.pollFrame(); frame; frame = depacketizer.pollFrame()) {
      frames.push(frame);
    }
  }
  const { framesDropped, payloadsMalformed } = depacketizer.counters;
  if (framesDropped + payloadsMalformed > 0) {
    throw new Error(`${framesDropped} frames dropped, ${payloadsMalformed} payloads malformed`);
  }
  return frames;
}

/** @throws unless both hold the same bytes. */
export function expectEqualFrames(
  actual: readonly Uint8Array[],
  expected: readonly Uint8Array[],
): void {
  if (actual.length !== expected.length) {
    throw new Error(`${actual.length} frames instead of ${expected.length}`);
  }
  for (const [i, frame] of actual.entries()) {
    if (Buffer.compare(frame, expected[i]!) !== 0) {
      throw new Error(`frame ${i} differs: ${frame.length} bytes, ${expected[i]!.length} expected`);
    }
  }
}
