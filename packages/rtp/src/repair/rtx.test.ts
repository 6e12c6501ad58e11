import { formatHex, parseHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOf, patterned, rtpPacket } from '../../test/rtp-packets.ts';
import { HeaderExtensionCursor } from '../header-extensions/header-extension-cursor.ts';
import { HeaderExtensionWriter } from '../header-extensions/header-extension-writer.ts';
import { writeRtpHeader } from '../packet/rtp-header.ts';
import { RtpPacket, writeRtpPadding } from '../packet/rtp-packet.ts';
import { encapsulateRtx, renameHeaderExtension, restoreRtx } from './rtx.ts';

const hex = (text: string): Uint8Array => parseHex(text) as Uint8Array;

describe('retransmission packets (RFC 4588 §4)', () => {
  test('the original sequence number stands before the payload; marker, timestamp, CSRCs and extension stay', () => {
    const original = `91e0 1234 deadbeef cafebabe 00000001 bede0001 10aa0000 010203`;
    const bytes = new Uint8Array(40);
    bytes.set(hex(original), 2);
    const packet = new RtpPacket();
    packet.parse(bytes, 2, 2 + hex(original).length);
    encapsulateRtx(packet, 0x0bad_f00d, 97, 7);
    expect(packet.start).toBe(0);
    expect(formatHex(bytesOf(packet))).toBe(
      formatHex(hex(`91e1 0007 deadbeef 0badf00d 00000001 bede0001 10aa0000 1234 010203`)),
    );
    expect(restoreRtx(packet, 0xcafe_babe, 96)).toBe(true);
    expect(formatHex(bytesOf(packet))).toBe(formatHex(hex(original)));
  });

  test('what was made into a retransmission and restored is what it was, without padding', () => {
    fc.assert(
      fc.property(
        fc.record({
          marker: fc.boolean(),
          payloadType: fc.nat(127),
          sequenceNumber: fc.nat(0xffff),
          timestamp: fc.nat(0xffff_ffff),
          ssrc: fc.nat(0xffff_ffff),
          csrcs: fc.array(fc.nat(0xffff_ffff), { maxLength: 15 }),
        }),
        fc.nat(200),
        fc.nat(40),
        (header, length, padding) => {
          const packet = rtpPacket(header, patterned(length, 3));
          const before = bytesOf(packet);
          if (padding > 0) {
            const end = packet.end;
            writeRtpPadding(
              Math.min(padding, packet.bytes.length - end),
              packet.bytes,
              packet.start,
              end,
            );
            packet.parse(
              packet.bytes,
              packet.start,
              end + Math.min(padding, packet.bytes.length - end),
            );
          }
          encapsulateRtx(packet, 1, 2, 3);
          expect([packet.ssrc, packet.payloadType, packet.sequenceNumber]).toEqual([1, 2, 3]);
          expect(packet.length).toBe(before.length + 2);
          expect(restoreRtx(packet, header.ssrc, header.payloadType)).toBe(true);
          expect(bytesOf(packet)).toEqual(before);
        },
      ),
    );
  });

  test('a packet without an original is not restored: it probes the path', () => {
    for (const length of [0, 1]) {
      const packet = rtpPacket({}, new Uint8Array(length));
      const before = bytesOf(packet);
      expect(restoreRtx(packet, 1, 2)).toBe(false);
      expect(bytesOf(packet)).toEqual(before);
    }
    const padded = rtpPacket({}, new Uint8Array(0));
    padded.parse(padded.bytes, padded.start, writeRtpPadding(20, padded.bytes, 16, padded.end));
    expect(restoreRtx(padded, 1, 2)).toBe(false);
  });

  test('needs room for two bytes in front', () => {
    const packet = rtpPacket();
    packet.parse(bytesOf(packet));
    expect(() => encapsulateRtx(packet, 1, 2, 3)).toThrow(/begins at 0/);
  });

  test('a RID becomes a repaired RID and the reverse, in both forms of extension', () => {
    const cursor = new HeaderExtensionCursor();
    for (const [rid, repaired, fits] of [
      [4, 9, true],
      [200, 201, true],
      [4, 15, false],
    ] as const) {
      const bytes = new Uint8Array(80);
      const writer = new HeaderExtensionWriter();
      writer.begin(
        bytes,
        0,
        writeRtpHeader({ payloadType: 1, sequenceNumber: 2, timestamp: 3, ssrc: 4 }, bytes, 0),
      );
      bytes[writer.add(rid, 1)] = 0x68;
      const packet = new RtpPacket();
      packet.parse(bytes, 0, writer.finish());
      const before = bytesOf(packet);
      expect(renameHeaderExtension(packet, cursor, rid, repaired)).toBe(fits);
      expect(cursor.find(packet, repaired)).toBe(fits);
      expect(renameHeaderExtension(packet, cursor, repaired, rid)).toBe(fits);
      expect(bytesOf(packet)).toEqual(before);
    }
  });
});
