import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HeaderExtensionCursor } from '../header-extensions/header-extension-cursor.ts';
import { HeaderExtensionWriter } from '../header-extensions/header-extension-writer.ts';
import { writeRtpHeader } from '../packet/rtp-header.ts';
import { RtpPacket, writeRtpPadding } from '../packet/rtp-packet.ts';
import { NO_ROOM, SequenceNumberRoom } from './sequence-number-room.ts';

/** A packet with elements of these identifiers and lengths, at an offset of its memory. */
function packetOf(
  elements: readonly (readonly [number, number])[],
  payload: Uint8Array,
  padding = 0,
  csrcs: readonly number[] = [],
): RtpPacket {
  const bytes = new Uint8Array(4096);
  const writer = new HeaderExtensionWriter();
  const header = { payloadType: 96, sequenceNumber: 7, timestamp: 8, ssrc: 9, marker: true, csrcs };
  writer.begin(bytes, 3, writeRtpHeader(header, bytes, 3));
  for (const [id, length] of elements) {
    const at = writer.add(id, length);
    bytes.fill(id, at, at + length);
  }
  let end = writer.finish();
  bytes.set(payload, end);
  end += payload.length;
  if (padding > 0) end = writeRtpPadding(padding, bytes, 3, end);
  const packet = new RtpPacket();
  expect(packet.parse(bytes, 3, end)).toBe(true);
  return packet;
}

function elementsOf(packet: RtpPacket): [number, number[]][] {
  const cursor = new HeaderExtensionCursor();
  const elements: [number, number[]][] = [];
  cursor.rewind(packet);
  while (cursor.next()) {
    elements.push([cursor.id, [...cursor.bytes.subarray(cursor.start, cursor.end)]]);
  }
  return elements;
}

describe('room for a transport-wide sequence number', () => {
  test('is the element that is there', () => {
    const packet = packetOf([[5, 2]], Uint8Array.of(1, 2));
    const room = new SequenceNumberRoom();
    const copy = room.copy(packet, 5);
    expect(copy).toHaveLength(packet.length);
    expect(copy[room.numberAt]).toBe(5);
  });

  test('is made in any packet, which is otherwise as it was', () => {
    const lists = fc.uniqueArray(
      fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 30 })),
      { selector: ([id]) => id, maxLength: 8 },
    );
    fc.assert(
      fc.property(
        lists,
        fc.uint8Array({ minLength: 1, maxLength: 1200 }),
        fc.nat(20),
        fc.array(fc.nat(), { maxLength: 15 }),
        fc.constantFrom(14, 200),
        (elements, payload, padding, csrcs, id) => {
          const others = elements.filter(([each]) => each !== id);
          const packet = packetOf(others, payload, padding, csrcs);
          const room = new SequenceNumberRoom();
          const bytes = room.copy(packet, id);
          expect(room.numberAt).not.toBe(NO_ROOM);
          bytes[room.numberAt] = 0xab;
          bytes[room.numberAt + 1] = 0xcd;
          const copy = new RtpPacket();
          expect(copy.parse(bytes)).toBe(true);
          expect(elementsOf(copy)).toEqual([...elementsOf(packet), [id, [0xab, 0xcd]]]);
          expect(copy.payload).toEqual(packet.payload);
          expect(copy.paddingLength).toBe(padding);
          expect(copy.csrcCount).toBe(csrcs.length);
          expect([copy.marker, copy.sequenceNumber, copy.ssrc]).toEqual([true, 7, 9]);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('is nowhere if it was not agreed on, or the extension is of another kind', () => {
    const room = new SequenceNumberRoom();
    const packet = packetOf([[3, 2]], Uint8Array.of(1));
    expect(room.copy(packet, 0)).toHaveLength(packet.length);
    expect(room.numberAt).toBe(NO_ROOM);
    packet.bytes.fill(0x77, packet.extensionStart - 4, packet.extensionStart - 2);
    expect(room.copy(packet, 5)).toHaveLength(packet.length);
    expect(room.numberAt).toBe(NO_ROOM);
  });
});
