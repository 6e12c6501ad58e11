// The last packets of a stream, kept to get others back with them.
import { serialDistance16 } from '@kaon/wire';
import { type PacketSlot, PacketSlots } from '../jitter-buffer/packet-slots.ts';
import type { RtpPacket } from '../packet/rtp-packet.ts';

/** How many sequence numbers back packets are kept: twice the longest mask. */
const MEDIA_WINDOW = 256;

/** The packets with the highest 256 sequence numbers of one stream. */
export class MediaWindow {
  readonly ssrc: number;
  readonly #slots: PacketSlots;
  readonly #ring: (PacketSlot | undefined)[] = new Array(MEDIA_WINDOW).fill(undefined);
  #newest = -1;
  // A number far off; the one that follows it confirms that the stream began anew (RFC 3550 §A.1).
  #candidate = -1;

  constructor(ssrc: number, maxBytes: number) {
    this.ssrc = ssrc;
    this.#slots = new PacketSlots(MEDIA_WINDOW, maxBytes);
  }

  /** Bytes of memory for packets. */
  get allocatedBytes(): number {
    return this.#slots.allocatedBytes;
  }

  /** Whether a number is, or soon may be, among those kept. */
  reaches(sequenceNumber: number): boolean {
    if (this.#newest < 0) return false;
    const ahead = serialDistance16(sequenceNumber, this.#newest);
    return ahead > -MEDIA_WINDOW && ahead < MEDIA_WINDOW;
  }

  /** The packet with this number, if it is here. */
  get(sequenceNumber: number): RtpPacket | undefined {
    const packet = this.#ring[sequenceNumber % MEDIA_WINDOW]?.packet;
    return packet?.sequenceNumber === sequenceNumber ? packet : undefined;
  }

  /** Keeps a copy of `packet`; undefined if it is here already, too old, or there is no room. */
  add(packet: RtpPacket): RtpPacket | undefined {
    const { sequenceNumber } = packet;
    if (this.#newest < 0) this.#newest = sequenceNumber;
    else if (!this.reaches(sequenceNumber) && !this.#beginAnew(sequenceNumber)) return undefined;
    const ahead = serialDistance16(sequenceNumber, this.#newest);
    for (let i = 1; i <= ahead; i++) this.#forget((this.#newest + i) % MEDIA_WINDOW);
    if (ahead > 0) this.#newest = sequenceNumber;
    const at = sequenceNumber % MEDIA_WINDOW;
    if (this.#ring[at] !== undefined) return undefined;
    const slot = this.#slots.take(packet);
    this.#ring[at] = slot;
    return slot?.packet;
  }

  #beginAnew(sequenceNumber: number): boolean {
    const isConfirmed = this.#candidate >= 0 && sequenceNumber === ((this.#candidate + 1) & 0xffff);
    this.#candidate = isConfirmed ? -1 : sequenceNumber;
    if (!isConfirmed) return false;
    for (let i = 0; i < MEDIA_WINDOW; i++) this.#forget(i);
    this.#newest = sequenceNumber;
    return true;
  }

  #forget(at: number): void {
    const slot = this.#ring[at];
    if (slot === undefined) return;
    this.#slots.release(slot);
    this.#ring[at] = undefined;
  }
}
