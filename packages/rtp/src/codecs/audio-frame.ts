// Frames of audio formats, each of which fills a payload of its own.
import { Queue } from '@kaon/wire';
import { type AssembledFrame, type DepacketizerCounters, zeroCounters } from './payload-format.ts';

/** A frame to send. */
export interface OutgoingAudioFrame {
  readonly data: Uint8Array;
  /** Whether the frame is the first after silence: sets the marker (RFC 3551 §4.1). */
  readonly startOfTalkspurt?: boolean;
}

/** A frame received. */
export interface AudioFrame extends AssembledFrame {
  /** How long it lasts, in units of the RTP timestamp. */
  readonly durationTicks: number;
  /** Whether its sender marked it as the first after silence. */
  readonly startOfTalkspurt: boolean;
}

/** Frames that wait to be polled, and their counters. */
export class AudioFrameQueue<Frame extends AssembledFrame> {
  readonly counters: DepacketizerCounters = zeroCounters();
  readonly #frames = new Queue<Frame>();

  push(frame: Frame): void {
    this.counters.framesAssembled++;
    this.#frames.push(frame);
  }

  /** Counts a payload that the format does not allow. */
  dropMalformed(): void {
    this.counters.payloadsMalformed++;
    this.counters.framesDropped++;
  }

  poll(): Frame | undefined {
    return this.#frames.shift();
  }

  clear(): void {
    this.#frames.clear();
  }
}
