// How much keystream is made, for whom, and that none is left behind.

import { createSecretKey } from 'node:crypto';
import { afterEach, expect, it } from 'vitest';
import { AesBlocks } from './aes-blocks.ts';
import { getKernel, KEYSTREAM_SLOTS, KernelAddress } from './kernel.ts';
import { Keystream } from './keystream.ts';

/** Node.js 20 has no way to give memory back. */
const CAN_RELEASE = 'transfer' in ArrayBuffer.prototype;
const KEY = createSecretKey(new Uint8Array(16).fill(7));

/** AES that keeps count, keeps what it made, and looks at what is given back. */
class CountingAes extends AesBlocks {
  calls = 0;
  blocks = 0;
  isFailing = false;
  /** The lengths of all it made. */
  readonly lengths: number[] = [];
  #areAllReleasedWiped = true;
  readonly #made: Uint8Array[] = [];
  readonly #copies: Uint8Array[] = [];

  override encrypt(blocks: Uint8Array): Uint8Array {
    if (this.isFailing) throw new Error('No memory.');
    this.calls++;
    this.blocks += blocks.length / 16;
    const made = super.encrypt(blocks);
    this.lengths.push(made.length);
    this.#watchRelease(made);
    this.#made.push(made);
    this.#copies.push(Uint8Array.from(made));
    return made;
  }

  /** How many of those that it made still have memory. */
  get kept(): number {
    return this.#made.filter(({ byteLength }) => byteLength > 0).length;
  }

  /** Whether nothing of what it made is left, here or in the kernel's memory. */
  get isWiped(): boolean {
    return this.isWipedBut(0);
  }

  /** The same of all but what it made in the last so many calls. */
  isWipedBut(calls: number): boolean {
    const count = this.calls - calls;
    const region = getKernel().memory.subarray(KernelAddress.keystream);
    return (
      this.#areAllReleasedWiped &&
      this.#made.slice(0, count).every((each) => each.byteLength === 0 || isZero(each)) &&
      !this.#copies.slice(0, count).some((each) => hasBlockIn(region, each))
    );
  }

  #watchRelease(made: Uint8Array): void {
    const { transfer } = made.buffer as { transfer?: (length: number) => ArrayBuffer };
    if (transfer === undefined) return;
    const value = (length: number) => {
      this.#areAllReleasedWiped &&= isZero(made);
      return transfer.call(made.buffer, length);
    };
    Object.defineProperty(made.buffer, 'transfer', { value });
  }
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

function hasBlockIn(region: Buffer, keystream: Uint8Array): boolean {
  for (let at = 0; at < keystream.length; at += 76 * 16) {
    if (region.includes(Buffer.from(keystream.subarray(at, at + 16)))) return true;
  }
  return false;
}

/** Uses the keystream of a packet up, as the kernel does. */
function use(keystream: Keystream, number: number, blocks: number): void {
  const address = keystream.load(number, blocks);
  getKernel().memory.fill(0, address, address + 16 * blocks);
  keystream.take(number, blocks, address);
}

/** Looks at it for a packet that turns out to be forged. */
function refuse(keystream: Keystream, number: number, blocks: number): void {
  keystream.putBack(keystream.load(number, blocks), blocks);
}

const started: Keystream[] = [];
afterEach(() => {
  for (const each of started.splice(0)) each.destroy();
});

function start(): { aes: CountingAes; keystream: Keystream; send: (number: number) => void } {
  const aes = new CountingAes(KEY);
  const keystream = new Keystream(aes, new Uint8Array(12), 1);
  started.push(keystream);
  const send = (number: number) => use(keystream, number, 76);
  return { aes, keystream, send };
}

it('makes keystream for one packet at first, then for 2, 4, 8 and 16 at a time', () => {
  const { aes, send } = start();
  const calls: number[] = [];
  for (let number = 0; number < 55; number++) {
    send(number);
    calls.push(aes.calls);
  }
  expect(calls.map((n, i) => n - (calls[i - 1] ?? 0)).join('')).toBe(
    '1101000100000001000000000000000100000000000000010000000',
  );
});

it('wipes what is used at once, and what is lost when it goes on', () => {
  const { aes, send } = start();
  for (let number = 0; number < 15; number++) send(number);
  expect(aes.isWiped).toBe(true);
  send(15);
  expect(aes.isWiped).toBe(false);
  send(40); // 16 to 30 will never come.
  send(41);
  expect(aes.isWiped).toBe(false);
  expect(aes.isWipedBut(1)).toBe(true);
});

it('leaves its place to others that come after a long time, and loses nothing by it', () => {
  const { aes, keystream, send } = start();
  for (let number = 0; number < 9; number++) send(number);
  const { memory } = getKernel();
  const next = () => {
    const address = keystream.load(9, 76);
    return { address, bytes: memory.toString('hex', address, address + 76 * 16) };
  };
  const before = next();
  expect(before.address).toBeGreaterThanOrEqual(KernelAddress.keystreamSlots);
  // More take turns than there are places: those that wait only sometimes get one.
  const others = Array.from({ length: KEYSTREAM_SLOTS + 50 }, () => start());
  for (let number = 0; number < 15 + 16 * 20; number++) {
    for (const other of others) other.send(number);
  }
  const { calls } = aes;
  const after = next();
  expect(after.address).toBe(KernelAddress.keystream);
  expect(after.bytes).toBe(before.bytes);
  for (let number = 9; number < 15; number++) send(number);
  expect(aes.calls).toBe(calls);
  expect(aes.isWiped).toBe(true);
});

it.runIf(CAN_RELEASE)('gives the memory back that keystream came in', () => {
  const { aes, keystream, send } = start();
  for (let number = 0; number < 40; number++) send(number);
  for (let i = 0; i < 10; i++) refuse(keystream, 1000 + i, 5);
  expect(aes.calls).toBeGreaterThan(15);
  // That of a single packet is kept as it came.
  expect(aes.kept).toBeLessThanOrEqual(1);
});

it('wipes what it made ahead when it is destroyed', () => {
  const { aes, keystream, send } = start();
  for (const number of [0, 1, 2, 3, 4, 5, 7, 100, 101]) send(number);
  expect(aes.isWiped).toBe(false);
  keystream.destroy();
  expect(aes.isWiped).toBe(true);
});

it('never takes what was wiped for keystream, even if making more of it fails', () => {
  const { aes, keystream, send } = start();
  for (const number of [0, 1, 2, 3, 4, 5, 6, 7, 14]) send(number);
  aes.isFailing = true;
  expect(() => keystream.load(15, 76)).toThrow('No memory.');
  expect(() => keystream.load(8, 76)).toThrow('No memory.'); // Late, and was there before.
  aes.isFailing = false;
  for (const number of [8, 15]) {
    const address = keystream.load(number, 76);
    const bytes = getKernel().memory.subarray(address, address + 76 * 16);
    expect(bytes.indexOf(Buffer.alloc(16))).toBe(-1);
    use(keystream, number, 76);
  }
});

it('costs one call for a jump', () => {
  const { aes, send } = start();
  for (let number = 0; number < 15; number++) send(number);
  const before = aes.calls;
  send(1_000_000);
  expect(aes.calls).toBe(before + 1);
  for (let number = 1_000_001; number < 1_000_017; number++) send(number);
  expect(aes.calls).toBe(before + 2);
});

it('makes for a forged packet no more than its own keystream, and keeps what it has', () => {
  const { aes, keystream, send } = start();
  for (let number = 0; number < 16; number++) send(number);
  // Genuine packets 16 to 30 have theirs ready. Forged ones, as from anyone who saw the last number:
  const before = { calls: aes.calls, blocks: aes.blocks };
  for (let i = 0; i < 1000; i++) refuse(keystream, 31 + (i % 500), 5);
  for (let i = 0; i < 1000; i++) refuse(keystream, i % 16, 5);
  expect(aes.blocks - before.blocks).toBe(2000 * 5);
  for (let i = 0; i < 1000; i++) refuse(keystream, 16 + (i % 15), 5);
  expect(aes.blocks - before.blocks).toBe(2000 * 5);
  const calls = aes.calls;
  for (let number = 16; number < 31; number++) send(number);
  expect(aes.calls).toBe(calls);
});

it('makes ahead once for the expected packet, however often that is forged, and for its size', () => {
  const { aes, keystream, send } = start();
  for (let number = 0; number < 15; number++) send(number);
  const before = aes.blocks;
  for (let i = 0; i < 1000; i++) refuse(keystream, 15, 2);
  expect(aes.blocks - before).toBe(16 * 76);
  const { calls } = aes;
  for (let number = 15; number < 31; number++) send(number);
  expect(aes.calls).toBe(calls);
});

it('is not led to hold much by a large packet now and then', () => {
  const { aes, keystream } = start();
  const send = (number: number, blocks: number) => use(keystream, number, blocks);
  for (let number = 0; number < 256; number++) send(number, number % 5 === 0 ? 190 : 5);
  const ahead = aes.lengths.filter((length) => length === 64 * 5 * 16).length;
  expect(ahead).toBeGreaterThan(1);
  // Where they are common, all have theirs ready.
  for (let number = 256; number < 352; number++) send(number, number % 2 === 0 ? 76 : 5);
  const { calls } = aes;
  for (let number = 352; number < 359; number++) send(number, number % 2 === 0 ? 76 : 5);
  expect(aes.calls - calls).toBeLessThanOrEqual(1);
});

it('gives its place back when packets become too large for it', () => {
  const { keystream } = start();
  const addressOf = (each: Keystream, number: number, blocks: number) => {
    const address = each.load(number, blocks);
    getKernel().memory.fill(0, address, address + 16 * blocks);
    each.take(number, blocks, address);
    return address;
  };
  for (let number = 0; number < 7; number++) addressOf(keystream, number, 76);
  const place = addressOf(keystream, 7, 76);
  expect(place).toBeGreaterThanOrEqual(KernelAddress.keystreamSlots);
  for (let number = 8; number < 30; number++) addressOf(keystream, number, 800);
  expect(addressOf(keystream, 30, 800)).toBe(KernelAddress.keystream);
  const other = start().keystream;
  addressOf(other, 0, 76);
  expect(addressOf(other, 1, 76)).toBe(place);
});

it('makes keystream for 64 small packets at a time, again and again', () => {
  const { aes, keystream } = start();
  for (let number = 0; number < 63; number++) use(keystream, number, 5);
  const { calls } = aes;
  for (let number = 63; number < 63 + 3 * 64; number++) use(keystream, number, 5);
  expect(aes.calls - calls).toBe(3);
});

it('holds no more than 20 KiB, or one packet', () => {
  const { aes, keystream } = start();
  for (let number = 0; number < 20; number++) {
    use(keystream, number, 1025);
    refuse(keystream, number + 1000, 300);
  }
  expect(Math.max(...aes.lengths)).toBe(1025 * 16);
  for (let number = 20; number < 60; number++) {
    use(keystream, number, 300);
  }
  expect(Math.max(...aes.lengths.slice(-5))).toBe(4 * 300 * 16);
});
