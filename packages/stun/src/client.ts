// The Binding client as a machine: asks a server which address it sees (RFC 8489 §6.2, §6.3.3).
// https://www.rfc-editor.org/rfc/rfc8489#section-6.3.3

import type { RandomSource, TransportAddress } from '@kaon/wire';
import { attribute, readAttribute, unknownRequiredAttributes } from './attribute.ts';
import { ALTERNATE_SERVER, MAPPED_ADDRESS, XOR_MAPPED_ADDRESS } from './attributes/address.ts';
import { ERROR_CODE } from './attributes/error-code.ts';
import { NONCE, REALM, SOFTWARE } from './attributes/text.ts';
import { UNKNOWN_ATTRIBUTES } from './attributes/unknown-attributes.ts';
import { StunError } from './errors.ts';
import {
  BINDING_METHOD,
  decodeMessage,
  encodeMessage,
  TRANSACTION_ID_LENGTH,
  verifyFingerprint,
} from './message.ts';
import { StunTransaction, type StunTransactionOptions } from './transaction.ts';

/** What a {@link StunClient} needs. */
export interface StunClientOptions extends StunTransactionOptions {
  /** For the transaction ID: 96 bits that an attacker off the path must not guess (RFC 8489 §5). */
  readonly random: RandomSource;
  /** Sent as SOFTWARE if given. */
  readonly software?: string;
}

/** What came of the question. Exactly one of these is given. */
export type StunClientEvent =
  | {
      readonly type: 'mapped-address';
      /** Our address as the server sees it. */
      readonly address: TransportAddress;
      /** Milliseconds between the latest request and its answer. */
      readonly roundTripTimeMs: number;
    }
  | {
      readonly type: 'failed';
      readonly error: StunError;
      /** Where a 300 response sent us (RFC 8489 §10); undefined for every other failure. */
      readonly alternateServer?: TransportAddress;
    };

const UNDERSTOOD: ReadonlySet<number> = new Set([
  MAPPED_ADDRESS.type,
  XOR_MAPPED_ADDRESS.type,
  ERROR_CODE.type,
  UNKNOWN_ATTRIBUTES.type,
  // With its 401 a server says for which realm it wants credentials (RFC 8489 §9.2.4). We have none.
  REALM.type,
  NONCE.type,
  // RFC 5389 §12.1: RESPONSE-ADDRESS, SOURCE-ADDRESS, CHANGED-ADDRESS and REFLECTED-FROM of old servers.
  0x0002,
  0x0004,
  0x0005,
  0x000b,
]);

/** One Binding request to one server. */
export class StunClient {
  readonly #transaction: StunTransaction;
  #event: StunClientEvent | undefined;
  #isReported = false;

  constructor(options: StunClientOptions) {
    const { random, software } = options;
    const request = encodeMessage(
      {
        class: 'request',
        method: BINDING_METHOD,
        transactionId: random.fill(new Uint8Array(TRANSACTION_ID_LENGTH)),
        attributes: software === undefined ? [] : [attribute(SOFTWARE, software)],
      },
      { fingerprint: true },
    );
    this.#transaction = new StunTransaction(request, options);
  }

  /** When {@link handleTimeout} wants to be called; Infinity if never. */
  get nextTimeout(): number {
    return this.#transaction.nextTimeout;
  }

  /** Sends the request. */
  start(now: number): void {
    this.#transaction.start(now);
  }

  /** Sends the request again or gives up, if it is time. */
  handleTimeout(now: number): void {
    this.#transaction.handleTimeout(now);
    if (this.#transaction.state === 'timed-out' && this.#event === undefined) {
      const sent = this.#transaction.requestsSent;
      this.#fail('STUN_TIMEOUT', `The server did not answer any of ${sent} requests.`);
    }
  }

  /** Takes a datagram, or a message of a stream. What is not the answer is ignored. */
  handleDatagram(datagram: Uint8Array, now: number): void {
    const message = decodeMessage(datagram);
    if (message === undefined || message.method !== BINDING_METHOD) return;
    if (message.class !== 'success' && message.class !== 'error') return;
    if (!this.#transaction.matches(message.transactionId)) return;
    if (message.fingerprintOffset >= 0 && !verifyFingerprint(message)) return;
    this.#transaction.succeed();
    const unknown = unknownRequiredAttributes(message, UNDERSTOOD);
    if (unknown.length > 0) {
      // RFC 8489 §6.3.3, §6.3.4: such a response counts as a failure.
      const types = unknown.map((type) => `0x${type.toString(16)}`).join(', ');
      this.#fail(
        'STUN_MALFORMED_RESPONSE',
        `The response has unknown required attributes: ${types}.`,
      );
      return;
    }
    if (message.class === 'error') {
      const error = readAttribute(message, ERROR_CODE);
      const alternateServer =
        error?.code === 300 ? readAttribute(message, ALTERNATE_SERVER) : undefined;
      this.#fail(
        'STUN_ERROR_RESPONSE',
        `The server answered ${error?.code ?? 'with an error'} ${error?.reason ?? ''}`.trim(),
        error?.code,
        alternateServer,
      );
      return;
    }
    const address =
      readAttribute(message, XOR_MAPPED_ADDRESS) ?? readAttribute(message, MAPPED_ADDRESS);
    if (address === undefined) {
      this.#fail('STUN_MALFORMED_RESPONSE', 'The response says no mapped address.');
      return;
    }
    const roundTripTimeMs = now - this.#transaction.lastSentAt;
    this.#event = { type: 'mapped-address', address, roundTripTimeMs };
  }

  /** The request, when it is due. */
  pollDatagram(): Uint8Array | undefined {
    return this.#transaction.pollRequest();
  }

  /** The outcome, once. */
  pollEvent(): StunClientEvent | undefined {
    if (this.#event === undefined || this.#isReported) return undefined;
    this.#isReported = true;
    return this.#event;
  }

  #fail(
    code: StunError['code'],
    text: string,
    errorCode?: number,
    alternateServer?: TransportAddress,
  ): void {
    const error = new StunError(code, text, errorCode === undefined ? {} : { errorCode });
    this.#event =
      alternateServer === undefined
        ? { type: 'failed', error }
        : { type: 'failed', error, alternateServer };
  }
}
