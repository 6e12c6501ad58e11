// Which TSNs have arrived: the cumulative one, what came beyond gaps, and duplicates (RFC 9260 §6.2, https://www.rfc-editor.org/rfc/rfc9260#section-6.2).
import { serialDistance32 } from '@kaon/wire';
import type { GapAckBlock } from '../chunks/sack.ts';

/** Gap ack blocks count in 16 bits, so nothing further ahead could be acknowledged. */
const MAX_AHEAD = 0xffff;
const INITIAL_WORDS = 32;
/** As many duplicates are reported in one SACK; the RFC leaves the number open. */
const MAX_DUPLICATES = 16;

/** How a TSN stands to what has arrived before. */
export type TsnClass = 'next' | 'ahead' | 'duplicate' | 'too-far';

/**
 * Remembers arrivals beyond the cumulative TSN as bits in a ring of at most 8 KiB, which is not there
 * before the first gap.
 */
export class TsnTracker {
  #cumulative: number;
  #highest: number;
  /** Bit `tsn % (32 * words)`; bits outside of (cumulative, highest] are 0. */
  #bits: Int32Array = new Int32Array(0);
  #duplicates: number[] = [];

  /** Nothing has arrived; `initialTsn` will be the first. */
  constructor(initialTsn: number) {
    this.#cumulative = (initialTsn - 1) >>> 0;
    this.#highest = this.#cumulative;
  }

  /** The last TSN before the first gap. */
  get cumulativeTsn(): number {
    return this.#cumulative;
  }

  /** The highest TSN that has arrived; the cumulative one if there is no gap. */
  get highestTsn(): number {
    return this.#highest;
  }

  /** Whether something has arrived beyond a gap. */
  get hasGaps(): boolean {
    return this.#highest !== this.#cumulative;
  }

  /** Whether duplicates wait to be reported. */
  get hasDuplicates(): boolean {
    return this.#duplicates.length > 0;
  }

  /** Tells what `tsn` would be; changes nothing. */
  classify(tsn: number): TsnClass {
    const ahead = serialDistance32(tsn, this.#cumulative);
    if (ahead === 1) return 'next';
    if (ahead <= 0) return 'duplicate';
    if (ahead > MAX_AHEAD) return 'too-far';
    if (serialDistance32(tsn, this.#highest) > 0) return 'ahead';
    return this.#isSet(tsn) ? 'duplicate' : 'ahead';
  }

  /** Takes note of the arrival of `tsn`, which was classified `next` or `ahead`. */
  add(tsn: number): void {
    if (tsn !== (this.#cumulative + 1) >>> 0) {
      this.#set(tsn);
      return;
    }
    if (this.#highest === this.#cumulative) this.#highest = tsn;
    this.#cumulative = tsn;
    if (this.#highest !== tsn) this.#advance();
  }

  /** Takes note that `tsn` came again. */
  addDuplicate(tsn: number): void {
    if (this.#duplicates.length < MAX_DUPLICATES) this.#duplicates.push(tsn);
  }

  /** The duplicates since the last call. */
  takeDuplicates(): readonly number[] {
    const duplicates = this.#duplicates;
    if (duplicates.length > 0) this.#duplicates = [];
    return duplicates;
  }

  /**
   * Treats all TSNs up to `tsn` as arrived (RFC 3758 §3.6).
   *
   * @returns false if that is nothing new.
   */
  forward(tsn: number): boolean {
    if (serialDistance32(tsn, this.#cumulative) <= 0) return false;
    if (serialDistance32(tsn, this.#highest) >= 0) {
      if (this.hasGaps) this.#bits.fill(0);
      this.#cumulative = tsn;
      this.#highest = tsn;
      return true;
    }
    while (this.#cumulative !== tsn) {
      this.#cumulative = (this.#cumulative + 1) >>> 0;
      this.#clear(this.#cumulative);
    }
    this.#advance();
    return true;
  }

  /** The first `limit` gap ack blocks, ascending. */
  gapAckBlocks(limit: number): GapAckBlock[] {
    const blocks: GapAckBlock[] = [];
    const end = serialDistance32(this.#highest, this.#cumulative);
    // Offset 1 is the missing TSN that makes the gap.
    let at = 2;
    while (at <= end && blocks.length < limit) {
      const start = this.#find(at, end, true);
      if (start > end) break;
      at = this.#find(start + 1, end, false);
      blocks.push({ start, end: at - 1 });
    }
    return blocks;
  }

  /** The first offset from `from` on whose bit is set (or clear); `end` + 1 if there is none up to `end`. */
  #find(from: number, end: number, wanted: boolean): number {
    const skip = wanted ? 0 : -1;
    let offset = from;
    while (offset <= end) {
      const index = this.#cumulative + offset;
      const word = this.#bits[(index >>> 5) & (this.#bits.length - 1)] as number;
      if (word === skip) {
        offset += 32 - (index & 31);
      } else if (((word >>> (index & 31)) & 1) === (wanted ? 1 : 0)) {
        return offset;
      } else {
        offset++;
      }
    }
    return end + 1;
  }

  /** Moves the cumulative TSN over all that follows without a gap. */
  #advance(): void {
    let next = (this.#cumulative + 1) >>> 0;
    while (this.#cumulative !== this.#highest && this.#isSet(next)) {
      this.#clear(next);
      this.#cumulative = next;
      next = (next + 1) >>> 0;
    }
  }

  #set(tsn: number): void {
    const ahead = serialDistance32(tsn, this.#cumulative);
    if (ahead >= 32 * this.#bits.length) this.#grow(ahead);
    const words = this.#bits.length;
    const word = (tsn >>> 5) & (words - 1);
    this.#bits[word] = (this.#bits[word] as number) | (1 << (tsn & 31));
    if (serialDistance32(tsn, this.#highest) > 0) this.#highest = tsn;
  }

  #clear(tsn: number): void {
    const word = (tsn >>> 5) & (this.#bits.length - 1);
    if (this.#bits.length > 0) {
      this.#bits[word] = (this.#bits[word] as number) & ~(1 << (tsn & 31));
    }
  }

  #isSet(tsn: number): boolean {
    const words = this.#bits.length;
    if (words === 0) return false;
    return (((this.#bits[(tsn >>> 5) & (words - 1)] as number) >>> (tsn & 31)) & 1) === 1;
  }

  #grow(ahead: number): void {
    const old = this.#bits;
    let words = Math.max(INITIAL_WORDS, old.length);
    while (ahead >= 32 * words) words *= 2;
    this.#bits = new Int32Array(words);
    const end = serialDistance32(this.#highest, this.#cumulative);
    for (let offset = 1; offset <= end; offset++) {
      const tsn = (this.#cumulative + offset) >>> 0;
      if (((old[(tsn >>> 5) & (old.length - 1)] as number) >>> (tsn & 31)) & 1) this.#set(tsn);
    }
  }
}
