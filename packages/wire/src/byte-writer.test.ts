// Writing, and that what was written reads back the same.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, readUint16, readUint24, readUint32, readUint48 } from './byte-reader.ts';
import { ByteWriter, writeUint16, writeUint24, writeUint32, writeUint48 } from './byte-writer.ts';
import { formatHex } from './bytes.ts';

const CODECS = [
  ['16', 2, writeUint16, readUint16],
  ['24', 3, writeUint24, readUint24],
  ['32', 4, writeUint32, readUint32],
  ['48', 6, writeUint48, readUint48],
] as const;

describe.each(CODECS)('writeUint%s', (_name, length, write, read) => {
  it('returns the offset behind, writes its bytes only, and reads back', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat(5), (number, offset) => {
        const value = number % 2 ** (8 * length);
        const out = new Uint8Array(16).fill(0xee);
        expect(write(out, offset, value)).toBe(offset + length);
        expect(read(out, offset)).toBe(value);
        const around = [...out.subarray(0, offset), ...out.subarray(offset + length)];
        expect(around.every((byte) => byte === 0xee)).toBe(true);
      }),
    );
    const largest = 2 ** (8 * length) - 1;
    const out = new Uint8Array(length);
    write(out, 0, largest);
    expect(read(out, 0)).toBe(largest);
  });
});

type Field = readonly [8 | 16 | 24 | 32 | 48, number] | readonly ['bytes', Uint8Array];

const field: fc.Arbitrary<Field> = fc.oneof(
  fc
    .tuple(fc.constantFrom(8, 16, 24, 32, 48), fc.maxSafeNat())
    .map(([bits, number]) => [bits, number % 2 ** bits] as Field),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => ['bytes', bytes] as const),
);

describe('ByteWriter', () => {
  it('appends big-endian fields and gives a copy of them', () => {
    const writer = new ByteWriter();
    writer.uint8(1).uint16(0x0203).uint24(0x040506).uint32(0x0708090a).uint48(0x0b0c0d0e0f10);
    writer.append(Uint8Array.of(0x11, 0x12));
    expect(writer.length).toBe(18);
    const bytes = writer.finish();
    expect(formatHex(bytes)).toBe('0102030405060708090a0b0c0d0e0f101112');
    writer.uint8(0xff);
    expect(bytes.length).toBe(18);
    expect(writer.finish().length).toBe(19);
  });

  it('grows from any capacity, and everything reads back', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.array(field, { maxLength: 30 }), (capacity, fields) => {
        const writer = new ByteWriter(capacity);
        for (const [kind, value] of fields) {
          if (kind === 'bytes') writer.append(value);
          else if (kind === 8) writer.uint8(value);
          else if (kind === 16) writer.uint16(value);
          else if (kind === 24) writer.uint24(value);
          else if (kind === 32) writer.uint32(value);
          else writer.uint48(value);
        }
        const reader = new ByteReader(writer.finish());
        for (const [kind, value] of fields) {
          if (kind === 'bytes') expect(reader.view(value.length)).toEqual(value);
          else if (kind === 8) expect(reader.uint8()).toBe(value);
          else if (kind === 16) expect(reader.uint16()).toBe(value);
          else if (kind === 24) expect(reader.uint24()).toBe(value);
          else if (kind === 32) expect(reader.uint32()).toBe(value);
          else expect(reader.uint48()).toBe(value);
        }
        expect([reader.failed, reader.remaining]).toEqual([false, 0]);
      }),
    );
  });

  it('puts lengths in front of vectors, nested ones too (RFC 8446 §3.4)', () => {
    const writer = new ByteWriter(1);
    writer.vector(2, (outer) => {
      outer.uint8(0xaa).vector(1, (inner) => inner.uint16(0xbbbb));
      outer.vector(3, () => undefined);
    });
    expect(formatHex(writer.finish())).toBe('0007aa02bbbb000000');
  });

  it('refuses vectors longer than their length can say', () => {
    const fill = (length: number) => (writer: ByteWriter) => {
      writer.append(new Uint8Array(length));
    };
    expect(() => new ByteWriter().vector(1, fill(256))).toThrow(RangeError);
    expect(() => new ByteWriter().vector(2, fill(65536))).toThrow(RangeError);
    expect(new ByteWriter().vector(1, fill(255)).length).toBe(256);
  });
});
