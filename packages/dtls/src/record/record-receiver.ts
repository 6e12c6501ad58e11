// The receiving half of an epoch: opens genuine records, each once.
// https://www.rfc-editor.org/rfc/rfc6347#section-4.1.2.6

import { packetSlab } from '@kaon/wire';
import { MAX_PLAINTEXT_LENGTH, type RecordHeader } from './record.ts';
import type { RecordOpener } from './record-protection.ts';
import { ReplayWindow } from './replay-window.ts';

/** Why a record was refused. */
export type RecordRefusal = 'malformed-record' | 'replayed' | 'authentication-failed';

/** One epoch of protected records from the peer. */
export class RecordReceiver {
  readonly epoch: number;
  readonly #opener: RecordOpener;
  readonly #window = new ReplayWindow();

  constructor(epoch: number, opener: RecordOpener) {
    this.epoch = epoch;
    this.#opener = opener;
  }

  /** The content of the record at `start`, in packet memory; a reason if it is refused. */
  open(header: RecordHeader, datagram: Uint8Array, start: number): Uint8Array | RecordRefusal {
    const length = this.#opener.contentLength(header);
    if (length < 0 || length > MAX_PLAINTEXT_LENGTH) return 'malformed-record';
    if (!this.#window.isFresh(header.sequenceNumber)) return 'replayed';
    const content = packetSlab.allocate(length);
    if (!this.#opener.open(header, datagram, start, content)) return 'authentication-failed';
    this.#window.add(header.sequenceNumber);
    return content;
  }

  /** Wipes the key. */
  destroy(): void {
    this.#opener.destroy();
  }
}
