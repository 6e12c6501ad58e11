// A flight of handshake messages and its retransmission.
// https://www.rfc-editor.org/rfc/rfc6347#section-4.2.4

import { Timer } from '@kaon/wire';
import { ContentType } from './record/record.ts';
import type { FlightItem, RecordSender } from './record/record-sender.ts';

/**
 * What we said last, kept until the peer's answer is complete. It is said again when the timer expires,
 * and when the peer repeats itself, which shows that it did not hear us.
 */
export class Flight {
  readonly #sender: RecordSender;
  readonly #timer: Timer;
  readonly #quietMs: number;
  #items: FlightItem[] = [];
  #lastSentAt = Number.NEGATIVE_INFINITY;

  constructor(sender: RecordSender, initialRetransmissionMs: number, maxRetransmissionMs: number) {
    this.#sender = sender;
    this.#quietMs = initialRetransmissionMs / 2;
    this.#timer = new Timer({
      durationMs: initialRetransmissionMs,
      backoffFactor: 2,
      maxDurationMs: maxRetransmissionMs,
    });
  }

  /** When it is to be sent again; Infinity if not by the clock. */
  get deadline(): number {
    return this.#timer.deadline;
  }

  /** Starts a new flight: the peer has answered the one before. */
  begin(): void {
    this.#items = [];
    this.#timer.stop();
    this.#lastSentAt = Number.NEGATIVE_INFINITY;
  }

  /** Adds a handshake message, header included, to be sent in `epoch`. */
  addMessage(bytes: Uint8Array, epoch: number): void {
    this.#items.push({ type: ContentType.handshake, epoch, bytes });
  }

  /** Adds a ChangeCipherSpec (RFC 5246 §7.1), which is always the last thing in epoch 0. */
  addChangeCipherSpec(): void {
    this.#items.push({ type: ContentType.changeCipherSpec, epoch: 0, bytes: Uint8Array.of(1) });
  }

  /** Sends it for the first time; `answered` says whether the peer is to answer, and so to be reminded. */
  send(now: number, answered: boolean): void {
    this.#transmit(now);
    if (answered) this.#timer.start(now);
  }

  /** Sends it again if its time has come; whether it had. */
  handleTimeout(now: number): boolean {
    if (!this.#timer.expire(now)) return false;
    this.#transmit(now);
    return true;
  }

  /**
   * Sends it again because the peer repeats itself, but no more often than every half of the first
   * timeout: each of the peer's messages that comes twice would bring a whole flight otherwise.
   */
  repeat(now: number): boolean {
    if (this.#items.length === 0 || now < this.#lastSentAt + this.#quietMs) return false;
    this.#transmit(now);
    return true;
  }

  /** Forgets it. */
  end(): void {
    this.begin();
  }

  #transmit(now: number): void {
    this.#lastSentAt = now;
    this.#sender.sendFlight(this.#items);
  }
}
