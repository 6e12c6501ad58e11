// Memory for packets, cut from large blocks so that a packet costs a view and not an allocation.

const BLOCK_BYTES = 65536;
const ALIGNMENT = 8;

/**
 * Hands out packet memory from blocks of 64 KiB.
 *
 * Memory handed out is never handed out again: a packet belongs to whoever received it for as long as
 * they like, and the garbage collector takes a block when no packet in it is left. Contents are whatever
 * the block holds (zeros); the caller writes every byte it will send.
 */
export class PacketSlab {
  #block: ArrayBuffer = new ArrayBuffer(0);
  #offset = 0;

  /** `length` bytes, zeroed, aligned to 8 bytes. */
  allocate(length: number): Uint8Array {
    if (length > BLOCK_BYTES / 4) return new Uint8Array(length);
    if (this.#offset + length > this.#block.byteLength) {
      this.#block = new ArrayBuffer(BLOCK_BYTES);
      this.#offset = 0;
    }
    const packet = new Uint8Array(this.#block, this.#offset, length);
    this.#offset = (this.#offset + length + ALIGNMENT - 1) & -ALIGNMENT;
    return packet;
  }

  /** A copy of `bytes` in packet memory. */
  copy(bytes: Uint8Array): Uint8Array {
    const packet = this.allocate(bytes.length);
    packet.set(bytes);
    return packet;
  }
}

/**
 * The slab that all machines of a process share, so that an idle connection holds no block of its own.
 * It holds no state that a machine could observe.
 */
export const packetSlab: PacketSlab = new PacketSlab();
