// Packet memory: nothing is handed out twice.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PacketSlab } from './packet-slab.ts';

const length = fc.oneof(
  fc.nat(1500),
  fc.constantFrom(0, 1, 7, 8, 9, 16383, 16384, 16385, 65535, 65536, 100_000),
);

describe('PacketSlab', () => {
  it('hands out zeroed memory of the length asked for, aligned, that never overlaps', () => {
    fc.assert(
      fc.property(fc.array(length, { maxLength: 120 }), (lengths) => {
        const slab = new PacketSlab();
        const packets = lengths.map((n, i) => {
          const packet = slab.allocate(n);
          expect(packet.length).toBe(n);
          expect(packet.byteOffset % 8).toBe(0);
          expect(packet.every((byte) => byte === 0)).toBe(true);
          return packet.fill((i % 255) + 1);
        });
        for (const [i, packet] of packets.entries()) {
          expect(packet.every((byte) => byte === (i % 255) + 1)).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('cuts packets from shared blocks, and gives large ones memory of their own', () => {
    const slab = new PacketSlab();
    expect(slab.allocate(100).buffer).toBe(slab.allocate(100).buffer);
    const large = slab.allocate(20_000);
    expect(large.buffer.byteLength).toBe(20_000);
  });

  it('copies', () => {
    const source = Uint8Array.of(1, 2, 3);
    const copy = new PacketSlab().copy(source);
    source.fill(0);
    expect([...copy]).toEqual([1, 2, 3]);
  });
});
