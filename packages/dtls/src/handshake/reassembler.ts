// Puts fragments of handshake messages together, in bounded memory.
// https://www.rfc-editor.org/rfc/rfc6347#section-4.2.3
//
// Fragments come in any size and order, several times, and overlapping; those in epoch 0 may be forged by
// anyone who can reach us. So memory and gaps are limited, what is needed first pushes out what is needed
// later, and a fragment that contradicts its message's header starts the message anew: a forgery can delay
// a handshake until the next retransmission, and not block it.

import {
  encodeHandshakeHeader,
  HANDSHAKE_HEADER_LENGTH,
  type HandshakeFragment,
  type HandshakeMessage,
} from './handshake-message.ts';

/** How many messages ahead of the next one are kept. */
const WINDOW = 16;
/** Bytes of all messages being put together. */
const MAX_BYTES = 65536;
/** Separate ranges of one message. */
const MAX_RANGES = 128;

/** What became of a fragment. */
export type FragmentVerdict =
  | 'accepted'
  /** Of a message that was handled before: the peer repeats itself. */
  | 'old'
  /** Too far ahead, too large, or in too many pieces. */
  | 'over-limit';

interface Assembly {
  readonly type: number;
  readonly messageSeq: number;
  readonly epoch: number;
  readonly bytes: Uint8Array;
  /** Received parts of the body as sorted, disjoint pairs: start, end, start, end, … */
  ranges: number[];
}

/** Collects fragments and gives whole messages in order. */
export class Reassembler {
  readonly #assemblies = new Map<number, Assembly>();
  #next = 0;
  #ordered: boolean;
  #bytes = 0;

  /**
   * @param ordered false for a server that awaits its ClientHello, which it may see with sequence 0 or 1
   * and again and again (RFC 6347 §4.2.1), until it is {@link accept}ed.
   */
  constructor(ordered: boolean) {
    this.#ordered = ordered;
  }

  /** The sequence number of the message that comes next. */
  get next(): number {
    return this.#next;
  }

  /** Takes in a fragment, copying it. */
  insert(fragment: HandshakeFragment, epoch: number): FragmentVerdict {
    const { messageSeq, length } = fragment;
    if (messageSeq < this.#next) return 'old';
    if (messageSeq >= this.#next + (this.#ordered ? WINDOW : 2)) return 'over-limit';
    let assembly = this.#assemblies.get(messageSeq);
    if (assembly !== undefined && !belongs(assembly, fragment, epoch)) {
      this.#remove(messageSeq);
      assembly = undefined;
    }
    if (assembly === undefined) {
      if (!this.#makeRoom(messageSeq, HANDSHAKE_HEADER_LENGTH + length)) return 'over-limit';
      assembly = createAssembly(fragment, epoch);
      this.#assemblies.set(messageSeq, assembly);
    }
    const start = fragment.fragmentOffset;
    const ranges = addRange(assembly.ranges, start, start + fragment.fragment.length);
    if (ranges.length > 2 * MAX_RANGES) return 'over-limit';
    assembly.ranges = ranges;
    assembly.bytes.set(fragment.fragment, HANDSHAKE_HEADER_LENGTH + start);
    return 'accepted';
  }

  /** Takes the next message if it is complete; it counts as handled only after {@link accept}. */
  poll(): HandshakeMessage | undefined {
    const last = this.#ordered ? this.#next : this.#next + 1;
    for (let messageSeq = this.#next; messageSeq <= last; messageSeq++) {
      const assembly = this.#assemblies.get(messageSeq);
      if (assembly === undefined || !isComplete(assembly)) continue;
      this.#remove(messageSeq);
      const { type, epoch, bytes } = assembly;
      return { type, messageSeq, epoch, bytes, body: bytes.subarray(HANDSHAKE_HEADER_LENGTH) };
    }
    return undefined;
  }

  /** Says that `message` was right: from here on the ones behind it come, in order. */
  accept(message: HandshakeMessage): void {
    this.#next = message.messageSeq + 1;
    this.#ordered = true;
    for (const messageSeq of [...this.#assemblies.keys()]) {
      if (messageSeq < this.#next) this.#remove(messageSeq);
    }
  }

  /** Frees memory of messages behind `messageSeq` until `length` bytes fit. */
  #makeRoom(messageSeq: number, length: number): boolean {
    if (length > MAX_BYTES) return false;
    while (this.#bytes + length > MAX_BYTES) {
      const furthest = Math.max(...this.#assemblies.keys());
      if (furthest < messageSeq) return false;
      this.#remove(furthest);
    }
    this.#bytes += length;
    return true;
  }

  #remove(messageSeq: number): void {
    const assembly = this.#assemblies.get(messageSeq);
    if (assembly === undefined) return;
    this.#assemblies.delete(messageSeq);
    this.#bytes -= assembly.bytes.length;
  }
}

function createAssembly(fragment: HandshakeFragment, epoch: number): Assembly {
  const { type, length, messageSeq } = fragment;
  const bytes = new Uint8Array(HANDSHAKE_HEADER_LENGTH + length);
  encodeHandshakeHeader(bytes, 0, type, length, messageSeq, 0, length);
  return { type, messageSeq, epoch, bytes, ranges: [] };
}

function belongs(assembly: Assembly, fragment: HandshakeFragment, epoch: number): boolean {
  return (
    assembly.type === fragment.type &&
    assembly.epoch === epoch &&
    assembly.bytes.length === HANDSHAKE_HEADER_LENGTH + fragment.length
  );
}

function isComplete(assembly: Assembly): boolean {
  const length = assembly.bytes.length - HANDSHAKE_HEADER_LENGTH;
  return length === 0 || (assembly.ranges[0] === 0 && assembly.ranges[1] === length);
}

/** `ranges` with `[start, end)` merged in. */
function addRange(ranges: readonly number[], start: number, end: number): number[] {
  const merged: number[] = [];
  let from = start;
  let to = end;
  let i = 0;
  for (; i < ranges.length && (ranges[i + 1] as number) < start; i += 2) {
    merged.push(ranges[i] as number, ranges[i + 1] as number);
  }
  for (; i < ranges.length && (ranges[i] as number) <= end; i += 2) {
    from = Math.min(from, ranges[i] as number);
    to = Math.max(to, ranges[i + 1] as number);
  }
  if (to > from) merged.push(from, to);
  for (; i < ranges.length; i++) merged.push(ranges[i] as number);
  return merged;
}
