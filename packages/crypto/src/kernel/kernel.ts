// The packet kernel: a small WebAssembly module with SIMD, and the memory that it works in.

import { Buffer } from 'node:buffer';
import { KERNEL_MODULE } from './module.generated.ts';

/** What assembly/index.ts exports. */
interface KernelExports {
  readonly memory: WebAssembly.Memory;
  readonly makeTable: (slot: number) => void;
  readonly sealGcm: (
    slot: number,
    additionalLength: number,
    length: number,
    keystream: number,
  ) => void;
  readonly openGcm: (
    slot: number,
    additionalLength: number,
    length: number,
    keystream: number,
  ) => number;
  readonly addKeystream: (packet: number, length: number, keystream: number) => void;
  readonly sealChaCha20Poly1305: (additionalLength: number, length: number) => void;
  readonly openChaCha20Poly1305: (additionalLength: number, length: number) => number;
  readonly makeCounterBlocks: (
    packets: number,
    first: number,
    blocks: number,
    number: number,
    numberAt: number,
  ) => void;
  readonly makeMidstates: () => void;
  readonly hmacSha1: (length: number) => void;
  readonly finishHmacSha1: () => void;
  readonly hmacSha1Lanes: (a: number, b: number, c: number, d: number) => void;
  readonly makeCrcTables: () => void;
  readonly crc32c: (length: number, previous: number) => number;
}

/** Addresses, as assembly/memory-map.ts has them. */
export const KernelAddress = {
  parameters: 0x400,
  scratch: 0x800,
  result: 0x1800,
  ghashTables: 0x10000,
  packet: 0xb0000,
  keystream: 0xc1000,
  keystreamSlots: 0xe0000,
} as const;

/** Bytes of a GHASH table. */
export const GHASH_TABLE_LENGTH = 2048;
/** GHASH tables that there is room for. */
export const GHASH_SLOTS = 256;
/** Bytes of keystream that may be made ahead for the packets of one sequence. */
export const KEYSTREAM_SLOT_LENGTH = 20480;
/** Sequences that there is room for. */
export const KEYSTREAM_SLOTS = 192;
/** Distance of the messages whose codes are computed together. */
export const LANE_LENGTH = 0x4000;

/** An instance of the module. All keys of a thread share one; what is left of a key is wiped with it. */
export interface Kernel {
  readonly exports: KernelExports;
  readonly memory: Buffer;
  /** The same memory by words: a few of them are copied faster one by one than by a call. */
  readonly words: Int32Array;
}

let kernel: Kernel | undefined;

/** The kernel, made at the first call. Only where {@link isKernelSupported}. */
export function getKernel(): Kernel {
  kernel ??= instantiateKernel();
  return kernel;
}

/** A kernel of its own; {@link getKernel} is the one to use. */
export function instantiateKernel(isRelaxed: boolean = isRelaxedSimdSupported()): Kernel {
  const [plain = '', relaxed = plain] = KERNEL_MODULE.split('\n');
  const module = new WebAssembly.Module(Buffer.from(isRelaxed ? relaxed : plain, 'base64'));
  const exports = new WebAssembly.Instance(module).exports as unknown as KernelExports;
  const { buffer } = exports.memory;
  return { exports, memory: Buffer.from(buffer), words: new Int32Array(buffer) };
}

/** A module whose one function gives `i8x16.popcnt` of a vector: valid only where there is SIMD. */
const SIMD_PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0],
  ...[10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11],
);

/** Whether this runtime has WebAssembly with SIMD. */
export function isKernelSupported(): boolean {
  return typeof WebAssembly === 'object' && WebAssembly.validate(SIMD_PROBE);
}

/** One whose function gives `i8x16.relaxed_swizzle`: valid only where there is relaxed SIMD, as in Node.js 22. */
const RELAXED_PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0],
  ...[10, 15, 1, 13, 0, 65, 0, 253, 15, 65, 0, 253, 15, 253, 128, 2, 11],
);

/** Whether this runtime has relaxed SIMD, which takes an instruction off each table look-up of GHASH. */
export function isRelaxedSimdSupported(): boolean {
  return WebAssembly.validate(RELAXED_PROBE);
}

/** Below this length a loop is faster than a call. */
const MAX_LOOP_LENGTH = 20;

/** Copies `source[start..end)` to `target` at `offset`; Node.js 22 and newer make no view for it. */
export function copyBytes(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  offset: number,
): void {
  if (end - start > MAX_LOOP_LENGTH) copy.call(source as Buffer, target, offset, start, end);
  else for (let i = start; i < end; i++, offset++) target[offset] = source[i] as number;
}

const { copy } = Buffer.prototype;
const { set } = Uint8Array.prototype;

/** So much around a packet is copied with it, rather than make the engine find its part. */
const MAX_AROUND = 256;

/**
 * Copies `packet[start..end)` to `address` in the kernel's memory. Up to {@link MAX_AROUND} bytes in front of
 * it and behind may be overwritten: a copy of all there is takes half as long as one of a part.
 */
export function loadPacket(packet: Uint8Array, start: number, end: number, address: number): void {
  const { memory } = getKernel();
  if (packet.length - (end - start) <= MAX_AROUND) set.call(memory, packet, address - start);
  else copyBytes(packet, start, end, memory, address);
}

/** Views of packets in the kernel's memory by their lengths are kept up to this one: 0.2 MB at most. */
const MAX_VIEW_LENGTH = 1600;

/** Copies `length` bytes from where packets are in the kernel's memory to `out` at `offset`. */
export function storePacket(length: number, out: Uint8Array, offset: number): void {
  const { memory } = getKernel();
  const { packet } = KernelAddress;
  if (length > MAX_VIEW_LENGTH) {
    copyBytes(memory, packet, packet + length, out, offset);
    return;
  }
  let view = packetViews[length];
  if (view === undefined) {
    view = new Uint8Array(memory.buffer, packet, length);
    packetViews[length] = view;
  }
  set.call(out, view, offset);
}

const packetViews = new Array<Uint8Array | undefined>(MAX_VIEW_LENGTH + 1).fill(undefined);

/** Copies all words to `address`, a multiple of four, in the kernel's memory. */
export function loadWords(source: Int32Array, address: number): void {
  const { words } = getKernel();
  const first = address >> 2;
  for (let i = 0; i < source.length; i++) words[first + i] = source[i] as number;
}
