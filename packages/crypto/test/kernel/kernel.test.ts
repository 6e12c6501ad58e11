// The packet kernel's own promises: bounded memory, no allocation, nothing secret left, the same bytes.

import { createCipheriv } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { buildKernel } from '../../scripts/kernel-build.ts';
import { defaultCrypto, kernelCrypto, nodeCrypto } from '../../src/index.ts';
import {
  GHASH_SLOTS,
  GHASH_TABLE_LENGTH,
  getKernel,
  instantiateKernel,
  isRelaxedSimdSupported,
  KernelAddress,
  loadPacket,
} from '../../src/kernel/kernel.ts';
import { KERNEL_MODULE } from '../../src/kernel/module.generated.ts';
import { hex, seededRandom } from '../providers.ts';

const AAD = new Uint8Array(13).fill(1);
const IV = hex('000102030405060708090a0b');

describe('the module', () => {
  it('is the same bytes whenever it is built', { timeout: 60_000 }, async () => {
    const built = [await buildKernel(false), await buildKernel(true)];
    const texts = built.map((bytes) => Buffer.from(bytes).toString('base64'));
    expect(texts.join('\n')).toBe(KERNEL_MODULE);
  });

  it('is small, imports nothing and cannot grow', () => {
    const modules = KERNEL_MODULE.split('\n');
    expect(modules).toHaveLength(2);
    for (const module of isRelaxedSimdSupported() ? modules : modules.slice(0, 1)) {
      const bytes = Buffer.from(module, 'base64');
      expect(bytes.length).toBeLessThan(16 * 1024);
      expect(WebAssembly.Module.imports(new WebAssembly.Module(bytes))).toEqual([]);
    }
    const { exports, memory } = instantiateKernel();
    expect(memory.length).toBe(74 * 65536);
    expect(() => exports.memory.grow(1)).toThrow(RangeError);
  });

  it('brings constants that end where working memory begins', () => {
    const { memory } = instantiateKernel();
    const used = [...memory.keys()].filter((address) => memory[address] !== 0);
    expect(used[0]).toBeGreaterThanOrEqual(0x100);
    expect(used.at(-1)).toBeLessThan(KernelAddress.parameters);
  });

  it.runIf(isRelaxedSimdSupported())('computes the same with relaxed SIMD and without', () => {
    const kernels = [instantiateKernel(false), instantiateKernel(true)];
    const random = seededRandom(9);
    for (let length = 0; length < 1400; length += 13) {
      const bytes = random.fill(new Uint8Array(16 + 32 + 2 * length + 32));
      const sealed = kernels.map(({ exports, memory }) => {
        memory.set(bytes.subarray(0, 16), KernelAddress.scratch);
        exports.makeTable(length % GHASH_SLOTS);
        memory.set(bytes.subarray(16, 48), KernelAddress.packet - 32);
        memory.set(bytes.subarray(48, 48 + length), KernelAddress.packet);
        memory.set(bytes.subarray(48 + length), KernelAddress.keystream);
        exports.sealGcm(length % GHASH_SLOTS, 32, length, KernelAddress.keystream);
        const end = KernelAddress.packet + length + 16;
        return Buffer.from(memory.subarray(KernelAddress.packet, end)).toString('hex');
      });
      expect(sealed[1]).toBe(sealed[0]);
    }
  });

  it('is what defaultCrypto uses here', () => {
    expect(defaultCrypto).toBe(kernelCrypto);
    expect([kernelCrypto.packetKernel, nodeCrypto.packetKernel]).toEqual(['wasm-simd', 'node']);
  });
});

describe('the memory', () => {
  it('of a packet takes no more of what is around it than fits between those of four', () => {
    const whole = seededRandom(11).fill(new Uint8Array(0x9000));
    const { memory } = getKernel();
    const { packet } = KernelAddress;
    memory.fill(0xa5, packet - 0x1000, packet + 0xa000);
    for (const start of [0, 100, 0x1000, 0x8000]) {
      loadPacket(whole, start, start + 1000, packet);
      const loaded = memory.subarray(packet, packet + 1000);
      expect(loaded.equals(whole.subarray(start, start + 1000))).toBe(true);
      loadPacket(whole.subarray(0, start + 1256), start, start + 1000, packet);
      expect(loaded.equals(whole.subarray(start, start + 1000))).toBe(true);
    }
    const around = [
      memory.subarray(packet - 0x1000, packet - 256),
      memory.subarray(packet + 1256, packet + 0xa000),
    ];
    for (const each of around) expect(each.every((byte) => byte === 0xa5)).toBe(true);
  });

  it('serves more keys than there are places, in any order, without growing', () => {
    const count = 3 * GHASH_SLOTS;
    const text = new Uint8Array(40).fill(9);
    const out = new Uint8Array(56);
    const keys = Array.from({ length: count }, (_, i) => {
      const secret = new Uint8Array(16).fill(i).fill(i >> 8, 0, 8);
      const key = kernelCrypto.createPacketKey('aes-128-gcm', secret);
      const expected = new Uint8Array(56);
      nodeCrypto
        .createPacketKey('aes-128-gcm', secret)
        .createSealer(IV)
        .seal(8, AAD, text, expected, 0);
      return { key, sealer: key.createSealer(IV), expected };
    });
    for (let number = 0; number < 9; number++) {
      for (const { sealer, expected } of keys) {
        sealer.seal(number, AAD, text, out, 0);
        if (number === 8) expect(out).toEqual(expected);
      }
    }
    for (const { key } of keys) key.destroy();
    const { memory } = getKernel();
    expect(memory.length).toBe(74 * 65536);
    const { ghashTables } = KernelAddress;
    const end = ghashTables + GHASH_SLOTS * GHASH_TABLE_LENGTH;
    expect(memory.subarray(ghashTables, end).every((byte) => byte === 0)).toBe(true);
  });

  it.each(['aes-128-gcm', 'aes-256-gcm', 'chacha20-poly1305'] as const)(
    'keeps no keystream of %s after a packet was sealed, opened or refused',
    (algorithm) => {
      const secret = new Uint8Array(algorithm === 'aes-128-gcm' ? 16 : 32).fill(5);
      const sealer = kernelCrypto.createPacketKey(algorithm, secret).createSealer(IV);
      const opener = kernelCrypto.createPacketKey(algorithm, secret).createOpener(IV);
      const { memory } = getKernel();
      // Zeros are sealed, so that the ciphertext is the keystream; the counter blocks that it is made of are no
      // secret. What is made ahead for a packet may wait for it in a place of its own, until it has come.
      const isIn = (region: Buffer, keystream: Uint8Array) => {
        for (let at = 0; at + 8 <= keystream.length; at += 16) {
          if (region.includes(Buffer.from(keystream.subarray(at, at + 8)))) return true;
        }
        return memory.subarray(0, KernelAddress.result).includes(Buffer.from(secret));
      };
      const { keystream: first, keystreamSlots } = KernelAddress;
      const tagMask = (number: number) => {
        const block = Buffer.from([...IV, 0, 0, 0, 1]);
        block[11] = (block[11] as number) ^ number;
        const cipher = createCipheriv(`aes-${8 * secret.length}-ecb`, secret, null);
        return cipher.update(block);
      };
      for (const [number, length] of [1200, 40, 300, 1200, 4000].entries()) {
        const packet = new Uint8Array(length + 16);
        sealer.seal(number, AAD, packet.subarray(0, length), packet, 0);
        const text = packet.slice(0, length);
        const mask = algorithm === 'chacha20-poly1305' ? text : tagMask(number);
        const isClean = (end?: number) =>
          !isIn(memory.subarray(first, end), text) && !isIn(memory.subarray(first, end), mask);
        expect(isClean(keystreamSlots)).toBe(true);
        const out = new Uint8Array(length);
        const last = packet.length - 1;
        const forged = packet.with(last, (packet[last] as number) ^ 1);
        expect(opener.open(number, AAD, forged, 0, forged.length, out, 0)).toBe(-1);
        expect(isClean(keystreamSlots)).toBe(true);
        expect(opener.open(number, AAD, packet, 0, packet.length, out, 0)).toBe(length);
        expect(isClean()).toBe(true);
      }
    },
  );

  it('has nothing of a key for HMAC once that is destroyed', () => {
    const secret = Buffer.from('a key of twenty byte');
    const { memory } = getKernel();
    // The hash works on words, which have the other order of bytes there.
    const traces = [0, 0x36, 0x5c].flatMap((pad) => {
      const block = Buffer.from(secret.map((byte) => byte ^ pad));
      return [block, Buffer.from(block).swap32()];
    });
    const isClean = () => !traces.some((trace) => memory.includes(trace));
    for (const length of [40, 400, 4000]) {
      const message = new Uint8Array(length);
      const hmac = kernelCrypto.createHmac('sha1', secret);
      hmac.compute(message);
      const midstates = Buffer.from(memory.subarray(KernelAddress.parameters).subarray(0, 20));
      hmac.destroy();
      expect(isClean() && !memory.includes(midstates)).toBe(true);
    }
    kernelCrypto.createHmac('sha1', secret).destroy();
    expect(isClean()).toBe(true);
  });

  it('keeps no keystream of a packet that turned out to be none', () => {
    const secret = new Uint8Array(16).fill(6);
    const sealer = kernelCrypto.createPacketKey('aes-128-gcm', secret).createSealer(IV);
    const zeros = new Uint8Array(1200);
    const out = new Uint8Array(1216);
    for (let number = 0; number < 2; number++) sealer.seal(number, AAD, zeros, out, 0);
    const data = 'as long as bytes, but none'.repeat(2) as unknown as Uint8Array;
    expect(() => sealer.seal(2, data, zeros, out, 0)).toThrow(TypeError);
    sealer.destroy();
    const other = nodeCrypto.createPacketKey('aes-128-gcm', secret).createSealer(IV);
    other.seal(2, AAD, zeros, out, 0);
    // Zeros encrypted are the keystream.
    expect(getKernel().memory.includes(Buffer.from(out.subarray(600, 632)))).toBe(false);
  });

  it('has no plaintext of a forged packet', () => {
    const secret = new Uint8Array(32).fill(5);
    const text = Buffer.from('nobody may read this before it is known to be genuine');
    for (const algorithm of ['aes-256-gcm', 'chacha20-poly1305'] as const) {
      const packet = new Uint8Array(text.length + 16);
      nodeCrypto.createPacketKey(algorithm, secret).createSealer(IV).seal(0, AAD, text, packet, 0);
      const { memory } = getKernel();
      memory.fill(0, KernelAddress.packet, KernelAddress.keystream);
      const opener = kernelCrypto.createPacketKey(algorithm, secret).createOpener(IV);
      packet[packet.length - 1] = (packet[packet.length - 1] as number) ^ 0x80;
      expect(opener.open(0, AAD, packet, 0, packet.length, packet, 0)).toBe(-1);
      expect(memory.includes(text.subarray(0, 8))).toBe(false);
    }
  });
});

describe('a packet', () => {
  // Node.js 22 and newer copy parts of buffers without a view for each; the rest is the same everywhere.
  const perPacket = Number(process.versions.node.split('.')[0]) >= 22 ? 60 : 400;

  it.each(['aes-128-gcm', 'chacha20-poly1305'] as const)(
    'of %s is sealed and opened without allocation: a batch of keystream for several is all there is',
    (algorithm) => {
      const secret = new Uint8Array(algorithm === 'aes-128-gcm' ? 16 : 32).fill(5);
      const sealer = kernelCrypto.createPacketKey(algorithm, secret).createSealer(IV);
      const opener = kernelCrypto.createPacketKey(algorithm, secret).createOpener(IV);
      const text = new Uint8Array(1200);
      const packet = new Uint8Array(1216);
      const out = new Uint8Array(1200);
      let number = 0;
      const run = (packets: number): void => {
        for (const end = number + packets; number < end; number++) {
          sealer.seal(number, AAD, text, packet, 0);
          opener.open(number, AAD, packet, 0, 1216, out, 0);
        }
      };
      // Until the code is compiled for good its numbers are objects; a collection hides what came before.
      // Three rounds in a row without either show what a packet costs.
      let inBudget = 0;
      for (let round = 0; round < 400 && inBudget < 3; round++) {
        const before = process.memoryUsage().heapUsed;
        run(500);
        const grown = (process.memoryUsage().heapUsed - before) / 1000;
        inBudget = grown >= 0 && grown < perPacket ? inBudget + 1 : 0;
      }
      expect(inBudget).toBe(3);
    },
  );
});
