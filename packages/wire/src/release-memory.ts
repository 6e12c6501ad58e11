// Gives memory back at once that would otherwise wait for the garbage collector.

/** An ArrayBuffer as Node.js 22 and newer have it (ECMAScript 2024, ArrayBuffer.prototype.transfer). */
interface TransferableBuffer {
  readonly transfer?: (newLength: number) => ArrayBuffer;
}

/**
 * Frees the memory of `bytes`, which nobody needs any more: whoever still has a view of it sees it empty. For
 * what comes in fresh memory all the time, datagrams from a socket or ciphertext from node:crypto: the next
 * finds the same memory, still in the processor's cache.
 *
 * Nothing happens if `bytes` is only a part of its ArrayBuffer, which may be others' too, or on Node.js 20.
 *
 * @throws TypeError for memory that cannot be given back, as that of WebAssembly.
 */
export function releaseMemory(bytes: Uint8Array): void {
  const { buffer, byteLength } = bytes;
  // What was given back has no bytes.
  if (byteLength === 0 || byteLength !== buffer.byteLength) return;
  (buffer as TransferableBuffer).transfer?.(0);
}
