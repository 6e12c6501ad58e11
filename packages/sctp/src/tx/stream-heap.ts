// Streams by a key, the smallest first; among equals the one that was added first.
import type { OutgoingStream } from './outgoing-message.ts';

interface Entry {
  readonly stream: OutgoingStream;
  readonly key: number;
  readonly order: number;
}

/** A binary heap. */
export class StreamHeap {
  #entries: Entry[] = [];
  #order = 0;

  push(stream: OutgoingStream, key: number): void {
    const entries = this.#entries;
    const entry = { stream, key, order: this.#order++ };
    let at = entries.length;
    entries.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, entries[parent] as Entry)) break;
      entries[at] = entries[parent] as Entry;
      at = parent;
    }
    entries[at] = entry;
  }

  pop(): OutgoingStream | undefined {
    const entries = this.#entries;
    const [first] = entries;
    const last = entries.pop();
    if (first === undefined || last === undefined) return undefined;
    if (entries.length > 0) this.#sink(last);
    return first.stream;
  }

  clear(): void {
    this.#entries = [];
  }

  /** Puts `entry` in place of the first, and then where it belongs. */
  #sink(entry: Entry): void {
    const entries = this.#entries;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= entries.length) break;
      const right = entries[child + 1];
      if (right !== undefined && isBefore(right, entries[child] as Entry)) child++;
      if (!isBefore(entries[child] as Entry, entry)) break;
      entries[at] = entries[child] as Entry;
      at = child;
    }
    entries[at] = entry;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.key < b.key || (a.key === b.key && a.order < b.order);
}
