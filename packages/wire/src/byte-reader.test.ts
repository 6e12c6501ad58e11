// The sticky reader: it never throws, and a fault stays.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, readUint16, readUint24, readUint32, readUint48 } from './byte-reader.ts';

const BYTES = Uint8Array.of(1, 2, 3, 4, 5, 6, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0xfa);

describe('ByteReader', () => {
  it('reads big-endian fields one after the other', () => {
    const reader = new ByteReader(BYTES);
    expect(reader.uint8()).toBe(0x01);
    expect(reader.uint16()).toBe(0x0203);
    expect(reader.uint24()).toBe(0x040506);
    expect(reader.uint32()).toBe(0xfffefdfc);
    expect(reader.offset).toBe(10);
    expect(reader.remaining).toBe(2);
    expect(new ByteReader(BYTES, 6).uint48()).toBe(0xfffefdfcfbfa);
    expect(new ByteReader(BYTES, 6).uint24()).toBe(0xfffefd);
    expect(reader.failed).toBe(false);
  });

  it('gives views, not copies', () => {
    const reader = new ByteReader(BYTES, 2);
    const view = reader.view(3);
    expect([...view]).toEqual([3, 4, 5]);
    expect(view.buffer).toBe(BYTES.buffer);
    expect([...reader.rest()]).toEqual([6, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0xfa]);
    expect(reader.rest().length).toBe(0);
    expect(reader.failed).toBe(false);
  });

  it('reads no further than its end', () => {
    const reader = new ByteReader(BYTES, 1, 3);
    expect(reader.uint16()).toBe(0x0203);
    expect(reader.uint8()).toBe(0);
    expect(reader.failed).toBe(true);
  });

  it.each<[string, (reader: ByteReader) => number]>([
    ['uint8', (reader) => reader.uint8()],
    ['uint16', (reader) => reader.uint16()],
    ['uint24', (reader) => reader.uint24()],
    ['uint32', (reader) => reader.uint32()],
    ['uint48', (reader) => reader.uint48()],
  ])('gives 0 past the end and fails for good: %s', (_name, read) => {
    const reader = new ByteReader(new Uint8Array(0));
    expect(read(reader)).toBe(0);
    expect(reader.failed).toBe(true);
    const longer = new ByteReader(BYTES);
    longer.skip(BYTES.length + 1);
    expect(read(longer)).toBe(0);
    expect(longer.uint8()).toBe(0);
    expect(longer.remaining).toBe(0);
    expect(longer.failed).toBe(true);
  });

  it('fails on a start behind the end, and on negative lengths', () => {
    expect(new ByteReader(BYTES, 13).failed).toBe(true);
    expect(new ByteReader(BYTES, 5, 4).failed).toBe(true);
    expect(new ByteReader(BYTES, 12).failed).toBe(false);
    const reader = new ByteReader(BYTES, 5);
    expect(reader.view(-1).length).toBe(0);
    expect(reader.failed).toBe(true);
  });

  it('makes readers over parts, which fail on their own', () => {
    const reader = new ByteReader(BYTES);
    const part = reader.sub(2);
    expect(part.uint32()).toBe(0);
    expect(part.failed).toBe(true);
    expect(reader.failed).toBe(false);
    expect(reader.uint8()).toBe(3);
    expect(reader.sub(100).failed).toBe(true);
    expect(reader.failed).toBe(true);
  });

  it('takes the word of its owner that the contents are malformed', () => {
    const reader = new ByteReader(BYTES);
    reader.fail();
    expect([reader.failed, reader.remaining, reader.uint8()]).toEqual([true, 0, 0]);
  });

  it('never throws and never leaves its range, whatever is asked', () => {
    const operation = fc.tuple(fc.nat(8), fc.integer({ min: -4, max: 40 }));
    const range = fc.tuple(fc.nat(40), fc.nat(40));
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 30 }),
        range,
        fc.array(operation),
        (bytes, at, ops) => {
          let reader = new ByteReader(bytes, ...at);
          let failed = reader.failed;
          for (const [kind, length] of ops) {
            const before = reader.offset;
            const results = [
              () => reader.uint8(),
              () => reader.uint16(),
              () => reader.uint24(),
              () => reader.uint32(),
              () => reader.uint48(),
              () => reader.view(length).length,
              () => reader.rest().length,
              () => reader.skip(length),
              () => {
                reader = reader.sub(length);
                failed = reader.failed;
              },
            ];
            const value = results[kind]?.();
            if (value !== undefined) expect(value).toBeGreaterThanOrEqual(0);
            expect(reader.failed || !failed).toBe(true);
            failed = reader.failed;
            if (kind !== 8) expect(reader.offset).toBeGreaterThanOrEqual(before);
            if (!failed) expect(reader.offset).toBeLessThanOrEqual(reader.end);
            expect(reader.remaining).toBeGreaterThanOrEqual(0);
          }
        },
      ),
    );
  });
});

describe('readUint16 to readUint48', () => {
  it('read unsigned integers at any offset', () => {
    const ones = new Uint8Array(8).fill(0xff);
    expect(readUint16(ones, 1)).toBe(0xffff);
    expect(readUint24(ones, 1)).toBe(0xffffff);
    expect(readUint32(ones, 1)).toBe(0xffffffff);
    expect(readUint48(ones, 1)).toBe(0xffffffffffff);
    expect(readUint32(BYTES, 3)).toBe(0x040506ff);
  });
});
