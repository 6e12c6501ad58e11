// The kernel against node:crypto: packets of many sequences by turns, and codes of messages of all lengths.

import { describe, expect, it } from 'vitest';
import {
  CryptoError,
  type Hmac,
  kernelCrypto,
  MAX_PACKET_NUMBER,
  nodeCrypto,
} from '../../src/index.ts';
import { getKernel, KEYSTREAM_SLOTS, KernelAddress } from '../../src/kernel/kernel.ts';
import { seededRandom } from '../providers.ts';

/** More than have places for keystream. */
const SEQUENCES = KEYSTREAM_SLOTS + 20;
const LATENESS = 64;
const TAG_LENGTH = 16;

/** One thing by the kernel, and the same by node:crypto. */
interface Both<T> {
  readonly kernel: T;
  readonly node: T;
}

function both<T>(create: (name: keyof Both<T>) => T): Both<T> {
  return { kernel: create('kernel'), node: create('node') };
}

const providers: Both<typeof kernelCrypto> = { kernel: kernelCrypto, node: nodeCrypto };

/** What both give, or the code of the error that both throw. */
function same(run: (name: 'kernel' | 'node') => Buffer): Buffer | string {
  const { kernel, node } = both((name) => {
    try {
      return run(name);
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error;
      return error.code;
    }
  });
  if (typeof kernel === 'string' || typeof node === 'string') expect(kernel).toBe(node);
  else if (!kernel.equals(node)) expect(kernel.toString('hex')).toBe(node.toString('hex'));
  return kernel;
}

/** Leaves nothing of the memory that packets come to at zero: what was there before must not matter. */
function soil(): void {
  const { packet } = KernelAddress;
  getKernel().memory.fill(0xa5, packet - 4096, packet + 0x11000);
}

/** Draws that come again for the same seed. */
class Draws {
  readonly #random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  below(limit: number): number {
    return this.#random.uint32() % limit;
  }

  isOneIn(count: number): boolean {
    return this.below(count) === 0;
  }

  bytes(length: number): Uint8Array {
    return this.#random.fill(new Uint8Array(length));
  }

  /** Mostly the next number, some lost, some late, now and then a jump. */
  number(last: number): number {
    return Math.min(this.#anyNumber(last), MAX_PACKET_NUMBER);
  }

  #anyNumber(last: number): number {
    const kind = this.below(20);
    if (kind < 13) return last + 1;
    if (kind < 16) return last + 1 + this.below(70);
    if (kind < 19) return Math.max(0, last - this.below(LATENESS + 2));
    return last + 1 + this.below(2 ** 31) * (this.isOneIn(4) ? 4096 : 1);
  }

  /** Small ones mostly, some that are longer than any before. */
  length(): number {
    if (this.isOneIn(200)) return this.below(12_000);
    return this.below(this.isOneIn(6) ? 2100 : 120);
  }

  /** `bytes` with one bit of `[start, end)` changed. */
  forge(bytes: Uint8Array, start: number, end: number): Uint8Array {
    const forged = Uint8Array.from(bytes);
    const at = start + this.below(end - start);
    forged[at] = (forged[at] as number) ^ (1 << this.below(8));
    return forged;
  }
}

/** An IV that no other sequence of the key has in front of its packets' numbers. */
function ivOf(sequence: number, length: number): Uint8Array {
  const iv = new Uint8Array(length).fill(0x5c);
  new DataView(iv.buffer).setUint32(0, sequence);
  return iv;
}

/** Where a sequence begins: some close to where numbers end. */
function firstNumber(draws: Draws): number {
  return draws.isOneIn(8) ? MAX_PACKET_NUMBER - draws.below(100) : draws.below(2 ** 31);
}

describe('the kernel and node:crypto give the same', () => {
  it('in counter mode, for more sequences than have places', () => {
    const draws = new Draws(3);
    const secret = draws.bytes(16);
    const macKey = draws.bytes(20);
    const keys = both((name) => providers[name].createCounterKey(secret));
    const hmacs = both((name) => providers[name].createHmac('sha1', macKey));
    let count = 0;
    const create = () => {
      const iv = ivOf(count++, 14);
      return {
        senders: both((name) => keys[name].createEncryptor(iv, LATENESS)),
        receivers: both((name) => keys[name].createDecryptor(iv)),
        last: firstNumber(draws) - 1,
      };
    };
    const sequences = Array.from({ length: SEQUENCES }, create);
    let opened = 0;
    for (let i = 0; i < 10_000; i++) {
      const who = draws.below(draws.isOneIn(3) ? SEQUENCES : 20);
      const sequence = sequences[who] as ReturnType<typeof create>;
      const { senders, receivers, last } = sequence;
      if (draws.isOneIn(300)) {
        both((name) => senders[name].destroy());
        both((name) => receivers[name].destroy());
        sequences[who] = create();
        continue;
      }
      const number = draws.number(last);
      if (draws.isOneIn(50)) soil();
      const start = draws.below(5);
      const textStart = 5 + 4 * draws.below(6);
      const end = textStart + draws.length();
      const suffix = draws.below(2 ** 32);
      const original = draws.bytes(end + 24);
      const isTogether = draws.isOneIn(2);
      const sealed = same((name) => {
        const packet = Buffer.from(original);
        if (!isTogether) {
          senders[name].encrypt(number, packet, textStart, end, packet, textStart);
          return packet;
        }
        const code = new Uint8Array(20);
        const hmac = hmacs[name];
        senders[name].encryptAndAuthenticate(
          number,
          packet,
          start,
          textStart,
          end,
          hmac,
          suffix,
          code,
        );
        packet.set(code.subarray(0, 10), end + 2);
        return packet;
      });
      if (typeof sealed === 'string') continue;
      sequence.last = Math.max(last, number);
      if (!isTogether || draws.isOneIn(5)) continue;
      const open = (claimed: number, packet: Uint8Array) =>
        same((name) => {
          const copy = Buffer.from(packet);
          const isGenuine = receivers[name].verifyAndDecrypt(
            claimed,
            copy,
            start,
            textStart,
            end,
            hmacs[name],
            suffix,
            end + 2,
            10,
          );
          return isGenuine ? copy : Buffer.alloc(0);
        });
      for (let forgeries = draws.below(3); forgeries > 0; forgeries--) {
        const claimed = draws.number(last);
        const forged = draws.forge(sealed, end + 2, end + 12);
        expect(open(claimed, forged)).toHaveLength(0);
      }
      const text = open(number, sealed) as Buffer;
      expect(text.subarray(0, end).equals(original.subarray(0, end))).toBe(true);
      opened++;
    }
    expect(opened).toBeGreaterThan(3000);
    both((name) => keys[name].destroy());
  });

  it('by AES-GCM, for more sequences than have places', () => {
    const draws = new Draws(4);
    const secret = draws.bytes(32);
    const keys = both((name) => providers[name].createPacketKey('aes-256-gcm', secret));
    let count = 0;
    const create = () => {
      const iv = ivOf(count++, 12);
      return {
        sealers: both((name) => keys[name].createSealer(iv, LATENESS)),
        openers: both((name) => keys[name].createOpener(iv)),
        last: firstNumber(draws) - 1,
      };
    };
    const sequences = Array.from({ length: SEQUENCES }, create);
    let opened = 0;
    for (let i = 0; i < 8000; i++) {
      const who = draws.below(draws.isOneIn(3) ? SEQUENCES : 20);
      const sequence = sequences[who] as ReturnType<typeof create>;
      const { sealers, openers, last } = sequence;
      if (draws.isOneIn(300)) {
        both((name) => sealers[name].destroy());
        both((name) => openers[name].destroy());
        sequences[who] = create();
        continue;
      }
      const number = draws.number(last);
      if (draws.isOneIn(50)) soil();
      const textStart = draws.below(draws.isOneIn(40) ? 600 : 40);
      const end = textStart + draws.length();
      const original = draws.bytes(end + TAG_LENGTH + 8);
      const sealed = same((name) => {
        const packet = Buffer.from(original);
        sealers[name].sealInPlace(number, packet, 0, textStart, packet, textStart, end);
        return packet;
      });
      if (typeof sealed === 'string') continue;
      sequence.last = Math.max(last, number);
      if (draws.isOneIn(5)) continue;
      const open = (claimed: number, packet: Uint8Array, by: number) =>
        same((name) => {
          const copy = Buffer.from(packet);
          const textEnd = openers[name].openInPlace(
            claimed,
            copy,
            0,
            textStart,
            copy,
            textStart,
            end + TAG_LENGTH - by,
          );
          if (textEnd < 0 && !copy.equals(packet)) throw new Error('A forged packet was changed.');
          return textEnd < 0 ? Buffer.alloc(0) : copy;
        });
      for (let forgeries = draws.below(4); forgeries > 0; forgeries--) {
        const claimed = draws.number(last);
        const forged = draws.forge(sealed, 0, end + TAG_LENGTH);
        expect(open(claimed, forged, draws.below(end - textStart + 1))).toHaveLength(0);
      }
      const text = open(number, sealed, 0) as Buffer;
      expect(text.subarray(0, end).equals(original.subarray(0, end))).toBe(true);
      opened++;
    }
    expect(opened).toBeGreaterThan(3000);
    both((name) => keys[name].destroy());
  });

  it('codes of messages of every length, whatever was in the memory before', () => {
    const draws = new Draws(5);
    const hmacs = both((name) => providers[name].createHmac('sha1', new Uint8Array(20).fill(7)));
    const key = new Uint8Array(16);
    const encryptors = both((name) =>
      providers[name].createCounterKey(key).createEncryptor(new Uint8Array(14)),
    );
    const message = draws.bytes(2200);
    for (let length = 0; length < 2100; length++) {
      if (length % 16 === 0) soil();
      const start = length % 7;
      same((name) => {
        const codes = Buffer.alloc(60);
        hmacs[name].computeInto(message, start, start + length, codes, 0);
        const half = start + (length >> 1);
        codes.set(
          hmacs[name].compute(
            message.subarray(start, half),
            message.subarray(half, start + length),
          ),
          20,
        );
        const packet = message.slice();
        encryptors[name].encryptAndAuthenticate(
          length,
          packet,
          start,
          start + Math.min(length, 12),
          start + length,
          hmacs[name],
          ~length >>> 0,
          codes.subarray(40),
        );
        return Buffer.concat([codes, packet]);
      });
    }
  });

  it('codes of messages of any lengths side by side', () => {
    const draws = new Draws(6);
    const keys = Array.from({ length: 9 }, (_, i) => draws.bytes(i === 8 ? 80 : 20));
    const hmacs = both((name) => keys.map((key): Hmac => providers[name].createHmac('sha1', key)));
    for (let round = 0; round < 600; round++) {
      if (round % 8 === 0) soil();
      const count = draws.below(10);
      const order = Array.from({ length: count }, () => draws.below(9));
      // Both sides of where another block begins, and of what the lanes take.
      const lengths = order.map(() =>
        draws.isOneIn(3)
          ? 64 * draws.below(25) + draws.below(3) + 54
          : draws.below(draws.isOneIn(4) ? 2100 : 1505),
      );
      const ranges = new Uint32Array(2 * count);
      const messages = lengths.map((length, i) => {
        const start = draws.below(20);
        ranges.set([start, start + length], 2 * i);
        return draws.bytes(start + length + 5);
      });
      same((name) => {
        const codes = Buffer.alloc(20 * count + 3, 0xee);
        const used = order.map((index) => hmacs[name][index] as Hmac);
        providers[name].computeHmacs(count, used, messages, ranges, codes);
        return codes;
      });
    }
  });
});
