// One request and its retransmissions until an answer or the end of patience (RFC 8489 §6.2).
// https://www.rfc-editor.org/rfc/rfc8489#section-6.2.1

import { equalBytes } from '@kaon/wire';

/** RTO: milliseconds from the first request to the second (RFC 8489 §6.2.1). */
export const DEFAULT_RTO_MS = 500;
/** Rc: how many requests are sent in all (RFC 8489 §6.2.1). */
export const DEFAULT_REQUEST_COUNT = 7;
/** Rm: how many RTOs to wait behind the last request (RFC 8489 §6.2.1). */
export const DEFAULT_LAST_WAIT_FACTOR = 16;
/** Ti: milliseconds to wait over TCP or TLS, where nothing is sent again (RFC 8489 §6.2.2). */
export const DEFAULT_RELIABLE_TIMEOUT_MS = 39_500;

/** How patient a {@link StunTransaction} is. */
export interface StunTransactionOptions {
  /** Default {@link DEFAULT_RTO_MS}. */
  readonly rtoMs?: number;
  /** Default {@link DEFAULT_REQUEST_COUNT}. */
  readonly requestCount?: number;
  /** Default {@link DEFAULT_LAST_WAIT_FACTOR}. */
  readonly lastWaitFactor?: number;
  /**
   * Over a reliable transport the request is sent once, and waited for this long: Ti. As long is waited for the
   * connection, where there has to be one first.
   */
  readonly reliableTimeoutMs?: number;
}

/**
 * The client's side of one transaction, as a machine: start it, send what {@link pollRequest} gives, call
 * {@link handleTimeout} at {@link nextTimeout}.
 *
 * Whether an answer is genuine is for the owner to say: it calls {@link succeed} only for a response with
 * the right integrity, so that a forged one does not end the wait (RFC 8489 §9.1.4).
 */
export class StunTransaction {
  /** The 12 bytes that an answer must carry. */
  readonly transactionId: Uint8Array;
  readonly #request: Uint8Array;
  readonly #rtoMs: number;
  readonly #requestCount: number;
  readonly #lastWaitFactor: number;
  readonly #reliableTimeoutMs: number | undefined;
  #sentAt = 0;
  #sent = 0;
  #deadline = Number.POSITIVE_INFINITY;
  #isDue = false;
  #state: 'new' | 'waiting' | 'succeeded' | 'timed-out' = 'new';

  /** @param request the encoded request, which the transaction keeps. */
  constructor(request: Uint8Array, options: StunTransactionOptions = {}) {
    this.transactionId = request.subarray(8, 20);
    this.#request = request;
    this.#rtoMs = options.rtoMs ?? DEFAULT_RTO_MS;
    this.#requestCount = options.requestCount ?? DEFAULT_REQUEST_COUNT;
    this.#lastWaitFactor = options.lastWaitFactor ?? DEFAULT_LAST_WAIT_FACTOR;
    this.#reliableTimeoutMs = options.reliableTimeoutMs;
  }

  /** Where it stands; `succeeded` and `timed-out` are final. */
  get state(): 'new' | 'waiting' | 'succeeded' | 'timed-out' {
    return this.#state;
  }

  /** How many requests went out. */
  get requestsSent(): number {
    return this.#sent;
  }

  /** When the latest request went out. */
  get lastSentAt(): number {
    return this.#sentAt;
  }

  /** When {@link handleTimeout} wants to be called; Infinity if never. */
  get nextTimeout(): number {
    return this.#deadline;
  }

  /** Sends the first request. */
  start(now: number): void {
    if (this.#state !== 'new') return;
    this.#state = 'waiting';
    this.#sendAt(now);
  }

  /** Sends the request again, or gives up, if it is time. */
  handleTimeout(now: number): void {
    if (now < this.#deadline) return;
    if (this.#sent < this.#requestCount && this.#reliableTimeoutMs === undefined) {
      this.#sendAt(now);
    } else {
      this.#deadline = Number.POSITIVE_INFINITY;
      this.#state = 'timed-out';
    }
  }

  /** The request, if it is due. The same memory each time: it must not be written to. */
  pollRequest(): Uint8Array | undefined {
    if (!this.#isDue) return undefined;
    this.#isDue = false;
    return this.#request;
  }

  /** Whether a response belongs to this transaction. */
  matches(transactionId: Uint8Array): boolean {
    return this.#state === 'waiting' && equalBytes(transactionId, this.transactionId);
  }

  /** Ends the transaction: its answer came. */
  succeed(): void {
    this.#state = 'succeeded';
    this.#deadline = Number.POSITIVE_INFINITY;
    this.#isDue = false;
  }

  #sendAt(now: number): void {
    this.#sent++;
    this.#sentAt = now;
    this.#isDue = true;
    if (this.#reliableTimeoutMs !== undefined) {
      this.#deadline = now + this.#reliableTimeoutMs;
    } else if (this.#sent < this.#requestCount) {
      this.#deadline = now + this.#rtoMs * 2 ** (this.#sent - 1);
    } else {
      this.#deadline = now + this.#rtoMs * this.#lastWaitFactor; // §6.2.1: Rm * RTO behind the last
    }
  }
}
