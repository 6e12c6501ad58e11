// Keystream of many sequences in any order: the right bytes for each packet, and no place lost or given twice.

import { createCipheriv, createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { AesBlocks } from '../../src/kernel/aes-blocks.ts';
import {
  getKernel,
  KEYSTREAM_SLOT_LENGTH,
  KEYSTREAM_SLOTS,
  KernelAddress,
} from '../../src/kernel/kernel.ts';
import { Keystream } from '../../src/kernel/keystream.ts';
import { MAX_PACKET_NUMBER } from '../../src/packet/packet-number.ts';
import { hex, seededRandom } from '../providers.ts';

const SECRET = hex('2b7e151628aed2a6abf7158809cf4f3c');
const SLOTS_END = KernelAddress.keystreamSlots + KEYSTREAM_SLOT_LENGTH * KEYSTREAM_SLOTS;
/** More than have places. */
const SEQUENCES = KEYSTREAM_SLOTS + 150;

/** The first `blocks` blocks of a packet's keystream, by another way. */
function oracle(iv: Uint8Array, number: number, blocks: number): Uint8Array {
  const first = Buffer.alloc(16, 0);
  first.set(iv);
  first.writeUIntBE(number, 6, 6); // The IVs of this test end with zeros.
  first[15] = 1;
  const cipher = createCipheriv('aes-128-ctr', SECRET, first);
  return Uint8Array.from(cipher.update(Buffer.alloc(16 * blocks)));
}

/** Keystream that counts how often any was driven out. */
class CountedKeystream extends Keystream {
  static left = 0;

  override leaveSlot(): void {
    CountedKeystream.left++;
    super.leaveSlot();
  }
}

/** One sequence and what a sender or receiver with it knows. */
class Sequence {
  static #count = 0;
  readonly iv = new Uint8Array(12);
  readonly keystream: Keystream;
  next = 0;

  constructor(aes: AesBlocks) {
    new DataView(this.iv.buffer).setUint32(0, Sequence.#count++);
    this.keystream = new CountedKeystream(aes, this.iv.slice(), 1);
  }

  /** Uses the keystream of a packet as the kernel does. @returns where it was. */
  use(number: number, blocks: number): number {
    const address = this.#load(number, blocks);
    getKernel().memory.fill(0, address, address + 16 * blocks);
    this.keystream.take(number, blocks, address);
    this.next = Math.max(this.next, number + 1);
    return address;
  }

  /** Looks at that of a forged packet. */
  refuse(number: number, blocks: number): void {
    this.keystream.putBack(this.#load(number, blocks), blocks);
  }

  skip(number: number): void {
    this.keystream.skip(number);
    this.next = Math.max(this.next, number + 1);
  }

  #load(number: number, blocks: number): number {
    const address = this.keystream.load(number, blocks);
    const { memory } = getKernel();
    const expected = oracle(this.iv, number, blocks);
    if (Buffer.compare(memory.subarray(address, address + expected.length), expected) !== 0) {
      throw new Error(`Wrong keystream of ${blocks} blocks for packet ${number}.`);
    }
    return address;
  }
}

const aes = new AesBlocks(createSecretKey(SECRET));
const started = new Set<Sequence>();
afterEach(() => {
  for (const each of started) each.keystream.destroy();
  started.clear();
});

function start(): Sequence {
  const sequence = new Sequence(aes);
  started.add(sequence);
  return sequence;
}

function end(sequence: Sequence): void {
  started.delete(sequence);
  sequence.keystream.destroy();
}

/** What the place in the kernel's memory is that an address lies in; -1 for none. */
function slotOf(address: number): number {
  const offset = address - KernelAddress.keystreamSlots;
  return offset < 0 ? -1 : Math.floor(offset / KEYSTREAM_SLOT_LENGTH);
}

/** That all places are free and wiped: so many new sequences as there are get one each. */
function expectAllPlacesFree(): void {
  const { memory } = getKernel();
  const places = memory.subarray(KernelAddress.keystreamSlots, SLOTS_END);
  expect(places.every((byte) => byte === 0)).toBe(true);
  const taken = new Set<number>();
  const sequences = Array.from({ length: KEYSTREAM_SLOTS }, start);
  for (const each of sequences) {
    each.use(0, 1);
    taken.add(slotOf(each.use(1, 1)));
  }
  expect(taken.size).toBe(KEYSTREAM_SLOTS);
  expect(taken.has(-1)).toBe(false);
  for (const each of sequences) end(each);
}

const step = fc.record({
  who: fc.nat(5),
  kind: fc.constantFrom('next', 'next', 'next', 'ahead', 'far', 'late', 'forged', 'skip', 'end'),
  by: fc.nat(70),
  blocks: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 70, max: 80 }), fc.nat(700)),
});

function play(sequence: Sequence, kind: string, by: number, blocks: number): void {
  // The last number may come again and again here: refusing that is for those who call.
  const next = Math.min(sequence.next, MAX_PACKET_NUMBER - 100);
  const size = Math.max(1, blocks);
  if (kind === 'next') sequence.use(next, size);
  else if (kind === 'ahead') sequence.use(next + by, size);
  else if (kind === 'far') sequence.use(Math.min(next + by * 2 ** 36, MAX_PACKET_NUMBER), size);
  else if (kind === 'late') sequence.use(Math.max(0, next - by), size);
  else if (kind === 'forged') sequence.refuse(Math.max(0, next - 35 + by), size);
  else sequence.skip(next + (by % 3));
}

describe('keystream', () => {
  it('is the right one for all packets of all sequences, whatever comes in between', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
        const sequences = Array.from({ length: 6 }, start);
        for (const { who, kind, by, blocks } of steps) {
          const sequence = sequences[who] as Sequence;
          if (kind === 'end') {
            end(sequence);
            sequences[who] = start();
          } else play(sequence, kind, by, blocks);
        }
        for (const each of sequences) end(each);
        const { memory } = getKernel();
        const places = memory.subarray(KernelAddress.keystreamSlots, SLOTS_END);
        expect(places.every((byte) => byte === 0)).toBe(true);
      }),
      { numRuns: 30 },
    );
    expectAllPlacesFree();
  });

  it('stays right where more sequences than there are places drive each other out, and end', () => {
    const random = seededRandom(11);
    const draw = (below: number) => random.uint32() % below;
    const kinds = ['next', 'next', 'far', 'next', 'far', 'ahead', 'late', 'forged', 'skip'];
    const sequences = Array.from({ length: SEQUENCES }, start);
    for (const each of sequences) for (const number of [0, 1]) each.use(number, 2);
    const leftBefore = CountedKeystream.left;
    for (let i = 0; i < 40_000; i++) {
      // Some are busy, others fall silent and come back.
      const who = draw(16) === 0 ? draw(SEQUENCES) : (draw(60) + (i >> 11) * 30) % SEQUENCES;
      const sequence = sequences[who] as Sequence;
      if (draw(4000) === 0) {
        end(sequence);
        sequences[who] = start();
        continue;
      }
      const size = draw(30) === 0 ? 90 : 1 + draw(4);
      play(sequence, kinds[draw(kinds.length)] as string, draw(70), size);
      if (draw(2) === 0) sequence.use(sequence.next, size);
    }
    expect(CountedKeystream.left - leftBefore).toBeGreaterThan(100);
    for (const each of [...started]) end(each);
    expectAllPlacesFree();
  });
});
