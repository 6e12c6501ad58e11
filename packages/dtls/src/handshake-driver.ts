// Drives a handshake: from fragments to messages to steps, with the clock and what is not to be trusted.
// https://www.rfc-editor.org/rfc/rfc6347#section-4.2
//
// What comes before the keys is not authenticated, and anyone who can send us a datagram can forge it. So
// until then a malformed message, one out of turn or a fatal alert does not end the handshake: it is put
// down as a suspicion, which the next good message of the peer clears. If none comes, the suspicion was
// right, and the handshake fails with it.
// Deviation: RFC 5246 §7.2.2 ends the connection on such a thing at once; TLS runs over a path on which
// others cannot speak, and UDP is none.

import { AlertDescription, AlertLevel, alertName, decodeAlert } from './alert.ts';
import { ClientHandshake } from './client.ts';
import type { DtlsErrorCode } from './errors.ts';
import { Flight } from './flight.ts';
import type { HandshakeFault } from './handshake/handshake-fault.ts';
import {
  decodeHandshakeFragment,
  HANDSHAKE_HEADER_LENGTH,
  type HandshakeFragment,
  type HandshakeMessage,
  HandshakeType,
  handshakeTypeName,
} from './handshake/handshake-message.ts';
import { Reassembler } from './handshake/reassembler.ts';
import { HandshakeContext, type HandshakeResult, type HandshakeRole } from './handshake-context.ts';
import type { DtlsMonitor } from './monitor.ts';
import type { RecordHeader } from './record/record.ts';
import type { RecordReceiver } from './record/record-receiver.ts';
import type { RecordSender } from './record/record-sender.ts';
import { ServerHandshake } from './server.ts';
import type { DtlsSettings } from './settings.ts';

/** How long a suspicion stands before it is believed. */
const SUSPICION_MS = 2000;

/** Why a connection failed. */
export interface DtlsFailure {
  readonly code: DtlsErrorCode;
  readonly reason: string;
  /** The fatal alert to send. */
  readonly sentAlert?: number;
  /** The fatal alert that came. */
  readonly receivedAlert?: number;
}

/** The end of a handshake, one way or the other. */
export type HandshakeEnd =
  | { readonly name: 'done'; readonly result: HandshakeResult }
  | { readonly name: 'failed'; readonly failure: DtlsFailure };

interface Suspicion {
  readonly failure: DtlsFailure;
  readonly deadline: number;
}

/** One handshake, from the first message to the last. */
export class HandshakeDriver {
  /** What we said last. */
  readonly flight: Flight;
  readonly #settings: DtlsSettings;
  readonly #monitor: DtlsMonitor;
  readonly #context: HandshakeContext;
  readonly #role: HandshakeRole;
  readonly #reassembler: Reassembler;
  /** When it has taken too long. */
  #deadline = Number.POSITIVE_INFINITY;
  #suspicion: Suspicion | undefined;

  constructor(settings: DtlsSettings, sender: RecordSender, monitor: DtlsMonitor) {
    const { role, initialRetransmissionMs, maxRetransmissionMs } = settings;
    const isClient = role === 'client';
    this.#settings = settings;
    this.#monitor = monitor;
    this.flight = new Flight(sender, initialRetransmissionMs, maxRetransmissionMs);
    const context = new HandshakeContext(settings, sender, this.flight);
    this.#context = context;
    this.#role = isClient ? new ClientHandshake(context) : new ServerHandshake(context);
    this.#reassembler = new Reassembler(isClient);
  }

  /** Opens what the peer protects; there once the keys are. */
  get receiver(): RecordReceiver | undefined {
    return this.#context.receiver;
  }

  /** When {@link handleTimeout} is to be called. */
  get nextTimeout(): number {
    const suspicion = this.#suspicion?.deadline ?? Number.POSITIVE_INFINITY;
    return Math.min(this.#deadline, this.flight.deadline, suspicion);
  }

  /** Makes ahead what any peer will need. */
  prepare(): void {
    this.#context.prepareKeyAgreement();
    this.#role.prepare();
  }

  /** A client speaks; a server waits. */
  start(now: number): void {
    if (this.#settings.role === 'client') this.#begin(now);
    this.#role.start(now);
  }

  /** Does what is due at `now`. */
  handleTimeout(now: number): HandshakeEnd | undefined {
    if (this.#suspicion !== undefined && now >= this.#suspicion.deadline) {
      return { name: 'failed', failure: this.#suspicion.failure };
    }
    if (now >= this.#deadline) {
      const seconds = this.#settings.handshakeTimeoutMs / 1000;
      const reason = `The handshake was not done within ${seconds} s.`;
      return { name: 'failed', failure: { code: 'DTLS_HANDSHAKE_TIMEOUT', reason } };
    }
    if (this.flight.handleTimeout(now)) this.#monitor.retransmitted('timeout');
    return undefined;
  }

  /** Takes the content of a record of handshake messages, whole or in fragments. */
  handleContent(header: RecordHeader, content: Uint8Array, now: number): HandshakeEnd | undefined {
    let start = 0;
    do {
      const fragment = decodeHandshakeFragment(content, start);
      if (fragment === undefined) {
        this.#monitor.drop('malformed-handshake');
        return undefined;
      }
      start += HANDSHAKE_HEADER_LENGTH + fragment.fragment.length;
      // Finished is the one message that is protected, and only what is protected counts as Finished.
      if ((fragment.type === HandshakeType.finished) !== (header.epoch === 1)) {
        this.#monitor.drop('unexpected-handshake');
        continue;
      }
      const verdict = this.#reassembler.insert(fragment, header.epoch);
      if (verdict === 'over-limit') {
        this.#monitor.drop('handshake-over-limit');
      } else if (verdict === 'old') {
        this.#handleRepeated(fragment, header, now);
      } else {
        const end = this.#handleMessages(header, now);
        if (end !== undefined) return end;
      }
    } while (start < content.length);
    return undefined;
  }

  /** It comes to nothing: wipes the keys that it made. */
  destroy(): void {
    this.#context.destroy();
  }

  /** Takes an alert that anyone may have sent. */
  suspectAlert(content: Uint8Array, now: number): void {
    const alert = decodeAlert(content);
    if (alert === undefined) {
      this.#monitor.drop('malformed-record');
      return;
    }
    const { level, description } = alert;
    this.#monitor.alert('alert-received', level, description);
    if (level !== AlertLevel.fatal && description !== AlertDescription.closeNotify) return;
    this.#suspect(now, {
      code: 'DTLS_ALERT_RECEIVED',
      reason: `The peer sent ${alertName(description)} during the handshake.`,
      receivedAlert: description,
    });
  }

  #handleRepeated(fragment: HandshakeFragment, header: RecordHeader, now: number): void {
    if (this.#role.handleRepeated(fragment, header.sequenceNumber, now)) return;
    // RFC 6347 §4.2.4: the peer repeats its flight, so it has not heard ours.
    if (this.flight.repeat(now)) this.#monitor.retransmitted('peer-repeats');
  }

  #handleMessages(header: RecordHeader, now: number): HandshakeEnd | undefined {
    const reassembler = this.#reassembler;
    for (let message = reassembler.poll(); message; message = reassembler.poll()) {
      this.#traceMessage(message);
      if (this.#settings.role === 'server' && message.type === HandshakeType.clientHello) {
        this.#context.continueRecordNumbers(header.sequenceNumber);
      }
      const verdict = this.#role.handleMessage(message, now);
      if (verdict === 'repeatable') continue;
      if (verdict !== 'accepted') {
        const end = this.#handleFault(verdict, message, now);
        if (end !== undefined) return end;
        continue;
      }
      reassembler.accept(message);
      this.#suspicion = undefined;
      if (!this.#hasBegun) this.#begin(now);
      const { result } = this.#role;
      if (result !== undefined) return { name: 'done', result };
    }
    return undefined;
  }

  #handleFault(
    fault: HandshakeFault,
    message: HandshakeMessage,
    now: number,
  ): HandshakeEnd | undefined {
    const { code, reason, alert } = fault;
    const failure = { code, reason, sentAlert: alert };
    if (fault.isFatal || message.epoch > 0) return { name: 'failed', failure };
    const isMalformed = alert === AlertDescription.decodeError;
    this.#monitor.drop(isMalformed ? 'malformed-handshake' : 'unexpected-handshake');
    this.#suspect(now, failure);
    return undefined;
  }

  /** A server has begun when it took a ClientHello: what comes before takes nothing from it, nor time. */
  get #hasBegun(): boolean {
    return this.#deadline !== Number.POSITIVE_INFINITY;
  }

  #begin(now: number): void {
    this.#deadline = now + this.#settings.handshakeTimeoutMs;
  }

  /** The first suspicion sets the deadline, and the last one the reason. */
  #suspect(now: number, failure: DtlsFailure): void {
    if (!this.#hasBegun) return;
    const deadline = this.#suspicion?.deadline ?? now + SUSPICION_MS;
    this.#suspicion = { failure, deadline };
  }

  #traceMessage({ type, messageSeq, body }: HandshakeMessage): void {
    this.#monitor.trace?.({
      type: 'handshake-received',
      message: handshakeTypeName(type),
      messageSeq,
      length: body.length,
    });
  }
}
