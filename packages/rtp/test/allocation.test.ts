import { describe, expect, test } from 'vitest';
import { HeaderExtensionCursor } from '../src/header-extensions/header-extension-cursor.ts';
import {
  headerExtensionIdMap,
  rewriteHeaderExtensionIds,
} from '../src/header-extensions/header-extension-ids.ts';
import { HeaderExtensionWriter } from '../src/header-extensions/header-extension-writer.ts';
import {
  decodeTransportSequenceNumber,
  encodeTransportSequenceNumber,
} from '../src/header-extensions/transport-sequence-number.ts';
import { JitterBuffer } from '../src/jitter-buffer/jitter-buffer.ts';
import { writeRtpHeader } from '../src/packet/rtp-header.ts';
import { RtpPacket } from '../src/packet/rtp-packet.ts';
import { allocatedBytesPerCall } from './allocated-bytes.ts';

// What measuring itself leaves behind, spread over the calls of a round.
const NOTHING = 1;

function datagram(): Uint8Array {
  const bytes = new Uint8Array(1200);
  const writer = new HeaderExtensionWriter();
  const header = { payloadType: 96, sequenceNumber: 1, timestamp: 0xf000_0000, ssrc: 0xcafe_babe };
  writer.begin(bytes, 0, writeRtpHeader(header, bytes, 0));
  encodeTransportSequenceNumber(77, bytes, writer.add(5, 2));
  bytes[writer.add(4, 1)] = 0x30;
  writer.finish();
  return bytes;
}

describe('packet paths allocate nothing', () => {
  test('the measure sees what is allocated', () => {
    const kept: Uint8Array[] = [];
    const perCall = allocatedBytesPerCall(() => {
      kept[0] = new Uint8Array(16);
    });
    expect(perCall).toBeGreaterThan(16);
  });

  test('parsing, reading all fields and finding an extension', () => {
    const bytes = datagram();
    const packet = new RtpPacket();
    const cursor = new HeaderExtensionCursor();
    let sum = 0;
    const perCall = allocatedBytesPerCall(() => {
      if (!packet.parse(bytes)) throw new Error('not parsed');
      if (!cursor.find(packet, 5)) throw new Error('not found');
      const sequenceNumber = decodeTransportSequenceNumber(bytes, cursor.start, cursor.end) ?? 0;
      sum = (sum + sequenceNumber + packet.payloadType + packet.payloadLength) | 0;
      sum ^= packet.ssrc ^ packet.timestamp ^ packet.sequenceNumber ^ packet.csrcCount;
    });
    expect(sum).not.toBe(0);
    expect(perCall).toBeLessThan(NOTHING);
  });

  test('rewriting fields and identifiers in place', () => {
    const packet = new RtpPacket();
    packet.parse(datagram());
    const cursor = new HeaderExtensionCursor();
    const there = headerExtensionIdMap([
      [4, 1],
      [5, 2],
    ]);
    const back = headerExtensionIdMap([
      [1, 4],
      [2, 5],
    ]);
    const perCall = allocatedBytesPerCall(() => {
      packet.ssrc = 0xfeed_beef;
      packet.timestamp = (packet.timestamp + 3000) >>> 0;
      packet.sequenceNumber = (packet.sequenceNumber + 1) & 0xffff;
      packet.marker = !packet.marker;
      rewriteHeaderExtensionIds(packet, there, cursor);
      rewriteHeaderExtensionIds(packet, back, cursor);
    });
    expect(packet.ssrc).toBe(0xfeed_beef);
    expect(perCall).toBeLessThan(NOTHING);
  });

  test('writing a packet with extensions for a subscriber', () => {
    const source = new RtpPacket();
    source.parse(datagram());
    const out = new Uint8Array(1500);
    const copy = new RtpPacket();
    const cursor = new HeaderExtensionCursor();
    const writer = new HeaderExtensionWriter();
    const ids = headerExtensionIdMap([[4, 1]]);
    const header = { payloadType: 100, sequenceNumber: 9, timestamp: 1, ssrc: 2 };
    const perCall = allocatedBytesPerCall(() => {
      writer.begin(out, 16, writeRtpHeader(header, out, 16));
      writer.addMapped(source, ids, cursor);
      encodeTransportSequenceNumber(3, out, writer.add(2, 2));
      copy.parse(out, 16, writer.finish() + 20);
    });
    expect(copy.payloadLength).toBe(20);
    expect(perCall).toBeLessThan(NOTHING);
  });

  for (const [name, kind, bytes] of [
    ['audio', 'audio', 140],
    ['video', 'video', 1200],
  ] as const) {
    test(`${name} through a jitter buffer, with a packet in ten out of order and one in fifty lost`, () => {
      const buffer = new JitterBuffer({ kind, clockRate: 48_000, repairWaitMs: 40 });
      const memory = new Uint8Array(bytes);
      writeRtpHeader({ payloadType: 96, sequenceNumber: 0, timestamp: 0, ssrc: 1 }, memory, 0);
      const packet = new RtpPacket();
      packet.parse(memory);
      let n = 0;
      let released = 0;
      const perCall = allocatedBytesPerCall(() => {
        n++;
        if (n % 50 === 7) return;
        // Neighbours change places.
        const number = n % 10 === 1 ? n + 1 : n % 10 === 2 ? n - 1 : n;
        packet.sequenceNumber = number & 0xffff;
        packet.timestamp = (number * 960) >>> 0;
        buffer.handlePacket(packet, n * 20);
        while (buffer.pollPacket() !== undefined) released++;
      });
      expect(released).toBeGreaterThan(0.9 * n);
      expect(perCall).toBeLessThan(NOTHING);
    });
  }
});
