import { formatHex, parseHex } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeRtpHeader } from '../packet/rtp-header.ts';
import { RtpPacket } from '../packet/rtp-packet.ts';
import { HeaderExtensionCursor } from './header-extension-cursor.ts';
import { headerExtensionIdMap, rewriteHeaderExtensionIds } from './header-extension-ids.ts';
import { HeaderExtensionWriter } from './header-extension-writer.ts';

interface Element {
  readonly id: number;
  readonly data: Uint8Array;
}

const HEADER = { payloadType: 96, sequenceNumber: 1, timestamp: 2, ssrc: 3 };
const cursor = new HeaderExtensionCursor();
const writer = new HeaderExtensionWriter();

function packetWith(extension: string): RtpPacket {
  const bytes = parseHex(`9060000100000002 00000003 ${extension}`) as Uint8Array;
  const packet = new RtpPacket();
  expect(packet.parse(bytes)).toBe(true);
  return packet;
}

function elementsOf(packet: RtpPacket): { id: number; hex: string }[] {
  const elements: { id: number; hex: string }[] = [];
  cursor.rewind(packet);
  while (cursor.next()) {
    elements.push({
      id: cursor.id,
      hex: formatHex(cursor.bytes.subarray(cursor.start, cursor.end)),
    });
  }
  return elements;
}

function write(elements: readonly Element[], isTwoByte = false): RtpPacket {
  const out = new Uint8Array(4000);
  writer.begin(out, 8, writeRtpHeader(HEADER, out, 8), isTwoByte);
  for (const { id, data } of elements) out.set(data, writer.add(id, data.length));
  const end = writer.finish();
  out[end] = 0x55;
  const packet = new RtpPacket();
  expect(packet.parse(out, 8, end + 1)).toBe(true);
  expect(formatHex(packet.payload)).toBe('55');
  return packet;
}

describe('header extensions (RFC 8285 §4)', () => {
  test('reads the one-byte example of §4.2', () => {
    // Three elements with L = 0, 1 and 3, padding between the second and the third.
    const packet = packetWith('bede0003 10aa 21bbbb 0000 33cccccccc');
    expect(elementsOf(packet)).toEqual([
      { id: 1, hex: 'aa' },
      { id: 2, hex: 'bbbb' },
      { id: 3, hex: 'cccccccc' },
    ]);
  });

  test('reads the two-byte example of §4.3', () => {
    // Elements with lengths 0, 1 and 4, padding in between, appbits set.
    const packet = packetWith('100a0003 0100 0201bb 00 0304cccccccc');
    expect(elementsOf(packet)).toEqual([
      { id: 1, hex: '' },
      { id: 2, hex: 'bb' },
      { id: 3, hex: 'cccccccc' },
    ]);
  });

  test.each([
    [
      'an element with identifier 15 ends the one-byte form (§4.2)',
      'bede0002 10aa f0bb 20cc0000',
      1,
    ],
    ['a 0 with a length ends the one-byte form (§4.2)', 'bede0002 10aa 01bb 20cc0000', 1],
    ['an element that overruns ends it', 'bede0001 10aa 2fbb', 1],
    ['a two-byte header cut in half ends it', '10000001 01 01 aa 02', 1],
    ['an unknown profile has no elements', 'abcd0001 10aa0000', 0],
    ['an empty extension has no elements', 'bede0000', 0],
  ])('%s', (_, extension, count) => {
    expect(elementsOf(packetWith(extension))).toHaveLength(count);
  });

  test('finds an element by its identifier', () => {
    const packet = packetWith('bede0002 10aa 21bbbb 30cc 00');
    expect(cursor.find(packet, 2)).toBe(true);
    expect([cursor.start, cursor.end]).toEqual([19, 21]);
    expect(cursor.find(packet, 4)).toBe(false);
    const bare = new RtpPacket();
    bare.parse(parseHex('8060000100000002 00000003 aabb') as Uint8Array);
    expect(cursor.find(bare, 1)).toBe(false);
  });

  test('walks any bytes to their end', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('bede', '1000', '100f', '1234'),
        fc.uint8Array({ minLength: 0, maxLength: 64 }),
        (profile, data) => {
          const padded = new Uint8Array((data.length + 3) & ~3);
          padded.set(data);
          const words = (padded.length / 4).toString(16).padStart(4, '0');
          const packet = packetWith(`${profile}${words}${formatHex(padded)}`);
          let last = packet.extensionStart;
          cursor.rewind(packet);
          while (cursor.next()) {
            expect(cursor.start).toBeGreaterThan(last - 1);
            expect(cursor.end).toBeGreaterThanOrEqual(cursor.start);
            expect(cursor.end).toBeLessThanOrEqual(packet.extensionEnd);
            last = cursor.end;
          }
        },
      ),
    );
  });

  const oneByte = fc.record({
    id: fc.integer({ min: 1, max: 14 }),
    data: fc.uint8Array({ minLength: 1, maxLength: 16 }),
  });
  const twoByte = fc.record({
    id: fc.integer({ min: 1, max: 255 }),
    data: fc.uint8Array({ maxLength: 255 }),
  });

  test('reads what was written, and the one-byte form is taken where it will do', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 5, arbitrary: oneByte }, twoByte), { maxLength: 12 }),
        fc.boolean(),
        (elements, isTwoByte) => {
          const packet = write(elements, isTwoByte);
          expect(elementsOf(packet)).toEqual(
            elements.map(({ id, data }) => ({ id, hex: formatHex(data) })),
          );
          const fits = elements.every(
            ({ id, data }) => id <= 14 && data.length >= 1 && data.length <= 16,
          );
          const profile = fits && !isTwoByte ? 0xbede : 0x1000;
          expect(packet.extensionProfile).toBe(elements.length === 0 ? 0 : profile);
        },
      ),
    );
  });

  test('writes anew under other identifiers, without those that are not mapped', () => {
    const source = packetWith('bede0003 10aa 21bbbb 0000 33cccccccc');
    const out = new Uint8Array(100);
    writer.begin(out, 0, writeRtpHeader(HEADER, out, 0));
    writer.addMapped(
      source,
      headerExtensionIdMap([
        [1, 20],
        [3, 1],
      ]),
      cursor,
    );
    const packet = new RtpPacket();
    packet.parse(out, 0, writer.finish());
    expect(elementsOf(packet)).toEqual([
      { id: 20, hex: 'aa' },
      { id: 1, hex: 'cccccccc' },
    ]);
  });

  test('rewrites identifiers in place; what is not mapped becomes padding', () => {
    for (const extension of [
      'bede0003 10aa 21bbbb 0000 33cccccccc',
      '10000003 0101aa 0202bbbb 0300 000000',
    ]) {
      const packet = packetWith(extension);
      const before = elementsOf(packet);
      const ids = headerExtensionIdMap([
        [1, 3],
        [3, 14],
      ]);
      expect(rewriteHeaderExtensionIds(packet, ids, cursor)).toBe(true);
      expect(elementsOf(packet)).toEqual([
        { ...before[0], id: 3 },
        { ...before[2], id: 14 },
      ]);
    }
  });

  test('leaves the packet alone if a new identifier does not fit its form', () => {
    const packet = packetWith('bede0001 10aa 20bb');
    const ids = headerExtensionIdMap([
      [1, 2],
      [2, 15],
    ]);
    expect(rewriteHeaderExtensionIds(packet, ids, cursor)).toBe(false);
    expect(elementsOf(packet)).toEqual([
      { id: 1, hex: 'aa' },
      { id: 2, hex: 'bb' },
    ]);
    expect(rewriteHeaderExtensionIds(packetWith('10000001 0101aa 00'), ids, cursor)).toBe(true);
  });

  test("names the caller's faults", () => {
    const out = new Uint8Array(20);
    writer.begin(out, 0, 12);
    expect(() => writer.add(0, 1)).toThrow(/1 to 255, not 0/);
    expect(() => writer.add(1, 256)).toThrow(/0 to 255 bytes, not 256/);
    expect(() => writer.add(1, 4)).toThrow(/ends at 21/);
    expect(() => headerExtensionIdMap([[1, 256]])).toThrow(/256/);
  });
});
