// Records that came before their time, in bounded memory. https://www.rfc-editor.org/rfc/rfc6347#section-4.1

import type { RecordHeader } from './record/record.ts';

const MAX_RECORDS = 32;
const MAX_BYTES = 32768;

/** A record that waits. */
export interface EarlyRecord {
  readonly header: RecordHeader;
  readonly bytes: Uint8Array;
}

/** Keeps the first records that come, as many as fit; the peer sends again what is dropped. */
export class EarlyRecords {
  #records: EarlyRecord[] = [];
  #bytes = 0;

  /** Keeps `bytes`, which must be ours to keep; false if there is no room. */
  add(header: RecordHeader, bytes: Uint8Array): boolean {
    if (!this.hasRoomFor(bytes.length)) return false;
    this.#records.push({ header, bytes });
    this.#bytes += bytes.length;
    return true;
  }

  /** Whether a record of `length` bytes fits. */
  hasRoomFor(length: number): boolean {
    return this.#records.length < MAX_RECORDS && this.#bytes + length <= MAX_BYTES;
  }

  /** All of them, in the order in which they came; none are left. */
  take(): readonly EarlyRecord[] {
    const records = this.#records;
    this.#records = [];
    this.#bytes = 0;
    return records;
  }
}
