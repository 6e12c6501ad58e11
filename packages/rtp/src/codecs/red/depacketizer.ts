// Fills gaps in an audio stream from the redundancy that it carries (RFC 2198 §4, https://www.rfc-editor.org/rfc/rfc2198#section-4).
import { serialLess32 } from '@kaon/wire';
import { AudioFrameQueue } from '../audio-frame.ts';
import type { AssembledFrame, Depacketizer, DepacketizerCounters } from '../payload-format.ts';
import { decodeRed } from './red.ts';

/** A frame, or the copy of one that was lost. */
export interface RedFrame extends AssembledFrame {
  readonly payloadType: number;
  /** Whether it is a copy that stands in for a lost packet. */
  readonly redundant: boolean;
}

/** Payloads with redundancy in; each frame once, in the order of their timestamps, out. */
export class RedDepacketizer implements Depacketizer<RedFrame> {
  readonly #queue = new AudioFrameQueue<RedFrame>();
  #newestTimestamp: number | undefined;

  get counters(): Readonly<DepacketizerCounters> {
    return this.#queue.counters;
  }

  handlePayload(payload: Uint8Array, timestamp: number): void {
    if (payload.length === 0) return;
    const blocks = decodeRed(payload, timestamp);
    if (blocks === undefined) {
      this.#queue.dropMalformed();
      return;
    }
    for (const { data, payloadType, redundant, timestamp: own } of blocks) {
      // A copy of a frame that is here already, or older than one that is. Packets come in order, so that
      // a primary block is always new, even where the sender's clock jumps.
      const newest = this.#newestTimestamp;
      const isOld = redundant && newest !== undefined && !serialLess32(newest, own);
      if (isOld || data.length === 0) continue;
      this.#newestTimestamp = own;
      this.#queue.push({
        // The payload's memory is lent; the frame's is the caller's.
        data: new Uint8Array(data),
        timestamp: own,
        key: true,
        startUncertain: false,
        payloadType,
        redundant,
      });
    }
  }

  pollFrame(): RedFrame | undefined {
    return this.#queue.poll();
  }

  reset(): void {
    this.#queue.clear();
    this.#newestTimestamp = undefined;
  }
}
