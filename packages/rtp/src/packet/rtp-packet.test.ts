import { formatHex, parseHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRtcp, isRtp, isRtpOrRtcp } from './classification.ts';
import { type RtpHeader, rtpHeaderLength, writeRtpHeader } from './rtp-header.ts';
import { RtpPacket, rtpPacketLength, writeRtpPacket, writeRtpPadding } from './rtp-packet.ts';

const hex = (text: string): Uint8Array => parseHex(text) as Uint8Array;

const headers: fc.Arbitrary<Required<RtpHeader>> = fc.record({
  marker: fc.boolean(),
  payloadType: fc.nat(127),
  sequenceNumber: fc.nat(0xffff),
  timestamp: fc.nat(0xffff_ffff),
  ssrc: fc.nat(0xffff_ffff),
  csrcs: fc.array(fc.nat(0xffff_ffff), { maxLength: 15 }),
});

describe('RTP packets (RFC 3550 §5.1)', () => {
  test('reads every field, the extension and the padding', () => {
    // V=2 P=1 X=1 CC=2, M=1 PT=96; extension of one word; payload 01 02 03; three bytes of padding.
    const bytes = hex(
      `b2e0 1234 deadbeef cafebabe 00000001 fffffffe bede0001 10aa0000 010203 000003`,
    );
    const packet = new RtpPacket();
    expect(packet.parse(bytes)).toBe(true);
    expect(packet.marker).toBe(true);
    expect(packet.payloadType).toBe(96);
    expect(packet.sequenceNumber).toBe(0x1234);
    expect(packet.timestamp).toBe(0xdeadbeef);
    expect(packet.ssrc).toBe(0xcafebabe);
    expect(packet.csrcCount).toBe(2);
    expect([packet.csrc(0), packet.csrc(1)]).toEqual([1, 0xffff_fffe]);
    expect(packet.extensionProfile).toBe(0xbede);
    expect([packet.extensionStart, packet.extensionEnd]).toEqual([24, 28]);
    expect([packet.headerLength, packet.payloadLength, packet.paddingLength]).toEqual([28, 3, 3]);
    expect(formatHex(packet.payload)).toBe('010203');
  });

  test.each([
    ['is shorter than the fixed header', '8060 0001 00000000 000000'],
    ['has version 1', '4060 0001 00000000 00000001'],
    ['ends within its contributing sources', '8260 0001 00000000 00000001 00000002'],
    ['ends within the header of its extension', '9060 0001 00000000 00000001 bede'],
    ['ends within its extension', '9060 0001 00000000 00000001 bede0002 00000000'],
    ['counts no padding', 'a060 0001 00000000 00000001 00000000'],
    ['counts more padding than there is', 'a060 0001 00000000 00000001 00000005'],
  ])('drops what %s', (_, text) => {
    const packet = new RtpPacket();
    expect(packet.parse(hex(text))).toBe(false);
    expect(packet.length).toBe(0);
  });

  test('never throws, and its parts always lie in order within the packet', () => {
    const packet = new RtpPacket();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(10), fc.nat(90), (bytes, start, end) => {
        if (bytes.length > start) bytes[start] = 0x80 | ((bytes[start] as number) & 0x3f);
        if (!packet.parse(bytes, start, end)) return;
        const parts = [
          start,
          packet.extensionStart,
          packet.extensionEnd,
          packet.payloadStart,
          packet.payloadEnd,
          packet.end,
        ];
        expect(parts).toEqual(parts.toSorted((a, b) => a - b));
        expect(packet.end).toBe(end);
        expect(end).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });

  test('reads what was written, wherever in the memory it stands', () => {
    const packet = new RtpPacket();
    fc.assert(
      fc.property(
        headers,
        fc.uint8Array({ maxLength: 100 }),
        fc.nat(40),
        fc.nat(255),
        (header, payload, front, padding) => {
          const out = new Uint8Array(front + rtpPacketLength(header, payload.length) + 255 + 16);
          let end = writeRtpPacket(header, payload, out, front);
          expect(end).toBe(front + rtpPacketLength(header, payload.length));
          if (padding > 0) end = writeRtpPadding(padding, out, front, end);
          expect(packet.parse(out, front, end)).toBe(true);
          expect({
            marker: packet.marker,
            payloadType: packet.payloadType,
            sequenceNumber: packet.sequenceNumber,
            timestamp: packet.timestamp,
            ssrc: packet.ssrc,
            csrcs: Array.from({ length: packet.csrcCount }, (_, i) => packet.csrc(i)),
          }).toEqual(header);
          expect(packet.payload).toEqual(payload);
          expect(packet.paddingLength).toBe(padding);
        },
      ),
    );
  });

  test('rewrites a field and nothing else', () => {
    const packet = new RtpPacket();
    fc.assert(
      fc.property(headers, headers, fc.uint8Array({ maxLength: 40 }), (before, after, payload) => {
        const out = new Uint8Array(rtpPacketLength(before, payload.length));
        writeRtpPacket(before, payload, out, 0);
        packet.parse(out);
        packet.marker = after.marker;
        packet.payloadType = after.payloadType;
        packet.sequenceNumber = after.sequenceNumber;
        packet.timestamp = after.timestamp;
        packet.ssrc = after.ssrc;
        const expected = new Uint8Array(out.length);
        writeRtpPacket({ ...after, csrcs: before.csrcs }, payload, expected, 0);
        expect(out).toEqual(expected);
      }),
    );
  });

  test('copies a packet to another place, with room in front and behind', () => {
    const packet = new RtpPacket();
    const copy = new RtpPacket();
    for (const length of [10, 400]) {
      const bytes = new Uint8Array(12 + length).fill(7);
      writeRtpHeader({ payloadType: 1, sequenceNumber: 2, timestamp: 3, ssrc: 4 }, bytes, 0);
      packet.parse(bytes);
      const out = new Uint8Array(length + 60);
      packet.copyTo(out, 20, copy);
      copy.ssrc = 5;
      expect([packet.ssrc, copy.ssrc, copy.sequenceNumber]).toEqual([4, 5, 2]);
      expect(copy.payload).toEqual(packet.payload);
      expect(() => packet.copyTo(out, 50, copy)).toThrow(RangeError);
    }
  });

  test("names the caller's fault when there is no room or too much", () => {
    const header = { payloadType: 0, sequenceNumber: 0, timestamp: 0, ssrc: 0 };
    expect(() => writeRtpHeader(header, new Uint8Array(11), 0)).toThrow(/ends at 12/);
    expect(() => rtpHeaderLength({ ...header, csrcs: [] })).not.toThrow();
    expect(() =>
      writeRtpHeader({ ...header, csrcs: new Array(16).fill(0) }, new Uint8Array(200), 0),
    ).toThrow(/csrcs/);
    expect(() => writeRtpPacket(header, new Uint8Array(9), new Uint8Array(20), 0)).toThrow(/out/);
    expect(() => writeRtpPadding(0, new Uint8Array(20), 0, 12)).toThrow(/padding is 1 to 255/);
  });
});

describe('one port for all (RFC 5761 §4, RFC 7983 §7)', () => {
  const datagram = (first: number, second: number): Uint8Array => {
    const bytes = new Uint8Array(12);
    bytes[0] = first;
    bytes[1] = second;
    return bytes;
  };

  test.each([
    ['RTP, payload type 0', 0x80, 0, true, false],
    ['RTP, payload type 127 with marker', 0x80, 0xff, true, false],
    ['RTP, payload type 63 with marker', 0xbf, 63 | 0x80, true, false],
    ['RTCP SR', 0x80, 200, false, true],
    ['RTCP XR', 0x81, 207, false, true],
    ['the first and last RTCP packet types', 0x81, 223, false, true],
    ['STUN', 0x00, 1, false, false],
    ['DTLS', 22, 254, false, false],
    ['TURN channel data', 0x40, 0, false, false],
  ])('%s', (_, first, second, rtp, rtcp) => {
    const bytes = datagram(first, second);
    expect(isRtp(bytes)).toBe(rtp);
    expect(isRtcp(bytes)).toBe(rtcp);
    expect(isRtpOrRtcp(bytes)).toBe(rtp || rtcp);
  });

  test('nothing shorter than an RTCP packet with an SSRC is either', () => {
    expect(isRtpOrRtcp(datagram(0x80, 200), 0, 7)).toBe(false);
    expect(isRtpOrRtcp(new Uint8Array(0))).toBe(false);
  });
});
