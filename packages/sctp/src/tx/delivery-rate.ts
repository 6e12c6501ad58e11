// How fast data arrives at the peer, by what each SACK newly acknowledges (draft-ietf-ccwg-bbr §4.1, https://datatracker.ietf.org/doc/html/draft-ietf-ccwg-bbr#section-4.1).
import type { OutstandingChunk } from './outstanding-data.ts';

/** What a SACK says about the rate; one object, filled anew for each. */
export interface RateSample {
  /** Bytes a millisecond; 0 if the SACK allows no sample. */
  rate: number;
  /** Whether the sender had too little to send for this to say what the path can carry. */
  isAppLimited: boolean;
  /** Bytes delivered in all when the chunk was sent that the sample is of. */
  priorDelivered: number;
  /** Bytes in flight when it was sent, itself included. */
  flightAtSend: number;
  /** Bytes lost in all when it was sent. */
  lostAtSend: number;
}

/** Counts what was delivered, and divides it by the time that took. */
export class DeliveryRate {
  /** Bytes of chunks acknowledged in all. */
  delivered = 0;
  /** Bytes of chunks found lost in all. */
  lost = 0;
  /** The latest rate measured, in bytes a millisecond; 0 before the first. */
  latest = 0;
  #deliveredAt = 0;
  #firstSentAt = 0;
  /** While `delivered` is less, samples are limited by the application; 0 if they are not. */
  #appLimitedUntil = 0;
  #priorTime = 0;
  #sendElapsed = 0;
  #hasSample = false;
  readonly #sample: RateSample = {
    rate: 0,
    isAppLimited: false,
    priorDelivered: 0,
    flightAtSend: 0,
    lostAtSend: 0,
  };

  /** The sender has sent all it had, and more would have been allowed. */
  noteAppLimited(flightBytes: number): void {
    this.#appLimitedUntil = Math.max(1, this.delivered + flightBytes);
  }

  /** `chunk` is sent, `flightBytes` being in flight with it. */
  onSent(chunk: OutstandingChunk, bytes: number, flightBytes: number, now: number): void {
    if (flightBytes <= bytes) {
      this.#firstSentAt = now;
      this.#deliveredAt = now;
    }
    chunk.firstSentAt = this.#firstSentAt;
    chunk.deliveredAt = this.#deliveredAt;
    chunk.delivered = this.delivered;
    chunk.isAppLimited = this.#appLimitedUntil !== 0;
    chunk.flightAtSend = flightBytes;
    chunk.lostAtSend = this.lost;
  }

  /** `chunk` is newly acknowledged. */
  onAcked(chunk: OutstandingChunk, bytes: number, now: number): void {
    this.delivered += bytes;
    this.#deliveredAt = now;
    const sample = this.#sample;
    // The one that was sent last tells the most recent rate.
    if (this.#hasSample && chunk.delivered < sample.priorDelivered) return;
    this.#hasSample = true;
    sample.priorDelivered = chunk.delivered;
    sample.isAppLimited = chunk.isAppLimited;
    sample.flightAtSend = chunk.flightAtSend;
    sample.lostAtSend = chunk.lostAtSend;
    this.#priorTime = chunk.deliveredAt;
    this.#sendElapsed = chunk.sentAt - chunk.firstSentAt;
    this.#firstSentAt = chunk.sentAt;
  }

  /** The sample of the SACK that has been worked off; valid until the next. */
  takeSample(now: number, minRttMs: number): RateSample {
    const sample = this.#sample;
    if (this.#appLimitedUntil !== 0 && this.delivered > this.#appLimitedUntil) {
      this.#appLimitedUntil = 0;
    }
    sample.rate = 0;
    if (!this.#hasSample) return sample;
    this.#hasSample = false;
    // Whichever took longer, sending or acknowledging: ACKs that come in a heap must not pass for speed.
    const interval = Math.max(this.#sendElapsed, now - this.#priorTime);
    if (interval > 0 && interval >= minRttMs) {
      sample.rate = (this.delivered - sample.priorDelivered) / interval;
      this.latest = sample.rate;
    }
    return sample;
  }
}
