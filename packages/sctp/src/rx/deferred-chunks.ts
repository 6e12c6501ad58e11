// Chunks that have arrived and wait until it is known which numbering they belong to (RFC 6525 §5.1.4, https://www.rfc-editor.org/rfc/rfc6525#section-5.1.4).
import { serialDistance32 } from '@kaon/wire';
import type { ForwardTsnChunk } from '../chunks/forward-tsn.ts';
import type { IForwardTsnChunk } from '../chunks/i-forward-tsn.ts';

/** A chunk that waits: DATA or I-DATA as it came, or what gives messages up. */
export type DeferredChunk =
  | { readonly tsn: number; readonly data: Uint8Array; readonly payloadBytes: number }
  | {
      readonly tsn: number;
      readonly forward: ForwardTsnChunk | IForwardTsnChunk;
      readonly payloadBytes: number;
      /** Before it came. */
      readonly cumulativeTsn: number;
    };

/** Chunks in the order of their arrival. The receive window bounds them. */
export class DeferredChunks {
  readonly #chunks: DeferredChunk[] = [];
  #bytes = 0;

  /** Bytes of user data, and of what FORWARD TSNs list. */
  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#chunks.length;
  }

  push(chunk: DeferredChunk): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.payloadBytes;
  }

  /** Those before `firstNewTsn` and the others; all are before it if there is none. */
  split(firstNewTsn: number | undefined): [old: DeferredChunk[], young: DeferredChunk[]] {
    if (firstNewTsn === undefined) return [this.#chunks, []];
    const old: DeferredChunk[] = [];
    const young: DeferredChunk[] = [];
    for (const chunk of this.#chunks) {
      (serialDistance32(chunk.tsn, firstNewTsn) < 0 ? old : young).push(chunk);
    }
    return [old, young];
  }
}
