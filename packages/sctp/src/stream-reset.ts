// Resetting streams: our requests and the answers to the peer's (RFC 6525 §5, https://www.rfc-editor.org/rfc/rfc6525#section-5).
import { readUint32, serialAdd32, serialDistance32, Timer } from '@kaon/wire';
import type { ReConfigChunk } from './chunks/re-config.ts';
import type { SctpCounters } from './counters.ts';
import type { SctpEvent } from './events.ts';
import { PARAMETER_TYPE, type Parameter } from './parameters/parameter.ts';
import {
  decodeReconfigurationResponse,
  encodeReconfigurationResponse,
  RECONFIGURATION_RESULT,
  type ReconfigurationResponse,
} from './parameters/reconfiguration-response.ts';
import {
  decodeIncomingSsnResetRequest,
  decodeOutgoingSsnResetRequest,
  encodeOutgoingSsnResetRequest,
  type IncomingSsnResetRequest,
  type OutgoingSsnResetRequest,
} from './parameters/ssn-reset-request.ts';
import type { Receiver } from './rx/receiver.ts';
import type { RtoEstimator } from './tx/rto-estimator.ts';
import type { SendQueue } from './tx/send-queue.ts';
import type { Sender } from './tx/sender.ts';

/** As many streams go into one request; the others wait for the next. */
const MAX_STREAMS_PER_REQUEST = 256;

/** What a reset needs of its association. */
export interface StreamResetSurroundings {
  readonly sender: Sender;
  readonly receiver: Receiver;
  readonly queue: SendQueue;
  readonly rto: RtoEstimator;
  readonly counters: SctpCounters;
  emit(event: SctpEvent): void;
}

/** Our request that the peer has not yet answered for good. */
interface PendingRequest {
  readonly request: OutgoingSsnResetRequest;
  readonly timer: Timer;
  isSendDue: boolean;
  /** The peer said "in progress": silence is no sign that it is gone. */
  isInProgress: boolean;
}

/** The streams of one association being reset, in both directions. */
export class StreamReset {
  readonly #surroundings: StreamResetSurroundings;
  /** Streams to be reset when what was sent on them has been acknowledged. */
  readonly #waiting = new Set<number>();
  #pending: PendingRequest | undefined;
  #nextRequest: number;
  /** The last request of the peer, and our answer to it. */
  #lastPeerRequest: number;
  #lastResult: number = RECONFIGURATION_RESULT.successNothingToDo;
  /** The peer's request that waits for its last TSN to arrive (RFC 6525 §5.2.2 E2). */
  #deferred: OutgoingSsnResetRequest | undefined;
  #responses: Parameter[] = [];

  /** Request sequence numbers begin with the initial TSNs (RFC 6525 §5.1). */
  constructor(
    localInitialTsn: number,
    peerInitialTsn: number,
    surroundings: StreamResetSurroundings,
  ) {
    this.#surroundings = surroundings;
    this.#nextRequest = localInitialTsn;
    this.#lastPeerRequest = serialAdd32(peerInitialTsn, -1);
  }

  /** When the request is sent again. */
  get deadline(): number {
    return this.#pending?.timer.deadline ?? Number.POSITIVE_INFINITY;
  }

  /** Wants outgoing streams reset (RFC 6525 §5.1.2), each when all sent on it has been acknowledged. */
  request(streamIds: readonly number[]): void {
    for (const id of streamIds) {
      const stream = this.#surroundings.queue.stream(id);
      if (stream.resetProgress !== 'none') continue;
      stream.resetProgress = 'requested';
      this.#waiting.add(id);
    }
  }

  /** The RE-CONFIG to send now, if there is one; it counts as sent. */
  poll(now: number): ReConfigChunk | undefined {
    if (this.#responses.length > 0) {
      const parameters = this.#responses.splice(0, 2);
      return { type: 're-config', parameters };
    }
    if (this.#pending === undefined) this.#begin();
    const pending = this.#pending;
    if (pending === undefined || !pending.isSendDue) return undefined;
    pending.isSendDue = false;
    pending.timer.durationMs = this.#surroundings.rto.rtoMs;
    pending.timer.start(now);
    return { type: 're-config', parameters: [encodeOutgoingSsnResetRequest(pending.request)] };
  }

  /**
   * The request may have to be sent again (RFC 6525 §5.1.1).
   *
   * @returns whether that counts against the peer.
   */
  handleTimeout(now: number): boolean {
    const pending = this.#pending;
    if (pending === undefined || !pending.timer.expire(now)) return false;
    pending.isSendDue = true;
    if (pending.isInProgress) {
      pending.isInProgress = false;
      pending.timer.durationMs = this.#surroundings.rto.rtoMs;
      return false;
    }
    this.#surroundings.rto.backOff();
    return true;
  }

  /** Ends it; the timer stops. */
  stop(): void {
    this.#pending = undefined;
    this.#waiting.clear();
    this.#deferred = undefined;
    this.#responses = [];
  }

  /** Takes a RE-CONFIG of the peer. */
  handleReConfig(chunk: ReConfigChunk): void {
    for (const parameter of chunk.parameters) this.#handleParameter(parameter);
  }

  /** The cumulative TSN has moved: a deferred reset may be due. */
  handleProgress(): void {
    const { receiver } = this.#surroundings;
    const deferred = this.#deferred;
    if (deferred === undefined) return;
    if (serialDistance32(deferred.lastAssignedTsn, receiver.cumulativeTsn) > 0) return;
    this.#perform(deferred);
    // Unasked, because the peer would otherwise learn of it only when it asks again.
    this.#respond(deferred.requestSequenceNumber, RECONFIGURATION_RESULT.successPerformed);
  }

  #handleParameter({ type, value }: Parameter): void {
    switch (type) {
      case PARAMETER_TYPE.outgoingSsnResetRequest: {
        const request = decodeOutgoingSsnResetRequest(value);
        if (request === undefined) this.#malformed();
        else this.#handleOutgoing(request);
        return;
      }
      case PARAMETER_TYPE.incomingSsnResetRequest: {
        const request = decodeIncomingSsnResetRequest(value);
        if (request === undefined) this.#malformed();
        else this.#handleIncoming(request);
        return;
      }
      case PARAMETER_TYPE.reconfigurationResponse: {
        const response = decodeReconfigurationResponse(value);
        if (response === undefined) this.#malformed();
        else this.#handleResponse(response);
        return;
      }
      case PARAMETER_TYPE.ssnTsnResetRequest:
      case PARAMETER_TYPE.addOutgoingStreamsRequest:
      case PARAMETER_TYPE.addIncomingStreamsRequest:
        this.#deny(value);
        return;
      default:
        this.#malformed();
    }
  }

  /** RFC 6525 §5.2.2 */
  #handleOutgoing(request: OutgoingSsnResetRequest): void {
    const { requestSequenceNumber: sequence } = request;
    if (!this.#isNew(sequence)) return;
    // An outgoing request answers the incoming one that asked for it (§5.2.3); Kaon sends none of those.
    const { receiver } = this.#surroundings;
    const isEarly = serialDistance32(request.lastAssignedTsn, receiver.cumulativeTsn) > 0;
    if (isEarly) {
      this.#deferred = request;
      this.#respond(sequence, RECONFIGURATION_RESULT.inProgress);
      return;
    }
    this.#perform(request);
    this.#respond(sequence, RECONFIGURATION_RESULT.successPerformed);
  }

  /** RFC 6525 §5.2.3: the peer wants streams reset that we send on. */
  #handleIncoming(request: IncomingSsnResetRequest): void {
    const { requestSequenceNumber: sequence, streamIds } = request;
    if (!this.#isNew(sequence)) return;
    const { queue } = this.#surroundings;
    const wanted = streamIds.length > 0 ? streamIds : queue.streamIds;
    const known = wanted.filter((id) => queue.find(id) !== undefined);
    if (known.length === 0) {
      this.#respond(sequence, RECONFIGURATION_RESULT.successNothingToDo);
      return;
    }
    this.request(known);
    this.#respond(sequence, RECONFIGURATION_RESULT.successPerformed);
  }

  /** RFC 6525 §5.2.7 */
  #handleResponse(response: ReconfigurationResponse): void {
    const pending = this.#pending;
    const sequence = pending?.request.requestSequenceNumber;
    if (pending === undefined || response.responseSequenceNumber !== sequence) return;
    if (response.result === RECONFIGURATION_RESULT.inProgress) {
      pending.isInProgress = true;
      return;
    }
    const isDone =
      response.result === RECONFIGURATION_RESULT.successPerformed ||
      response.result === RECONFIGURATION_RESULT.successNothingToDo;
    this.#pending = undefined;
    const { queue, emit } = this.#surroundings;
    const { streamIds } = pending.request;
    for (const id of streamIds) {
      const stream = queue.find(id);
      if (stream !== undefined) queue.release(stream, isDone);
    }
    emit({ type: isDone ? 'streams-reset-done' : 'streams-reset-failed', streamIds });
  }

  /** Requests that data channels have no use for (RFC 6525 §5.2.4 to §5.2.6). */
  #deny(value: Uint8Array): void {
    if (value.length < 4) {
      this.#malformed();
      return;
    }
    const sequence = readUint32(value, 0);
    if (this.#isNew(sequence)) this.#respond(sequence, RECONFIGURATION_RESULT.denied);
  }

  /** Whether a request is the next one; if not it is answered here (RFC 6525 §5.2.1). */
  #isNew(sequence: number): boolean {
    if (sequence === serialAdd32(this.#lastPeerRequest, 1)) {
      // A request that comes while the last is deferred is a fault: only one may be outstanding.
      if (this.#deferred === undefined) return true;
      this.#answer(sequence, RECONFIGURATION_RESULT.errorRequestAlreadyInProgress);
      return false;
    }
    const isAgain = sequence === this.#lastPeerRequest;
    this.#answer(
      sequence,
      isAgain ? this.#lastResult : RECONFIGURATION_RESULT.errorBadSequenceNumber,
    );
    return false;
  }

  #perform(request: OutgoingSsnResetRequest): void {
    this.#deferred = undefined;
    const { receiver, emit } = this.#surroundings;
    const streamIds = receiver.resetStreams(request.streamIds);
    emit({ type: 'streams-reset', streamIds });
  }

  #respond(sequence: number, result: number): void {
    this.#lastPeerRequest = sequence;
    this.#lastResult = result;
    this.#answer(sequence, result);
  }

  #answer(sequence: number, result: number): void {
    const { counters } = this.#surroundings;
    if (this.#responses.length >= 4) {
      counters.droppedAnswers++;
      return;
    }
    this.#responses.push(
      encodeReconfigurationResponse({
        type: 'reconfiguration-response',
        responseSequenceNumber: sequence,
        result,
      }),
    );
  }

  #malformed(): void {
    this.#surroundings.counters.droppedInvalidControl++;
  }

  /** Begins a request for all streams that are ready. */
  #begin(): void {
    if (this.#waiting.size === 0) return;
    const { queue, sender, rto } = this.#surroundings;
    const ready: number[] = [];
    for (const id of this.#waiting) {
      const stream = queue.stream(id);
      if (stream.queue.length > 0 || stream.outstandingChunks > 0) continue;
      ready.push(id);
      if (ready.length === MAX_STREAMS_PER_REQUEST) break;
    }
    if (ready.length === 0) return;
    for (const id of ready) {
      this.#waiting.delete(id);
      queue.stream(id).resetProgress = 'sent';
    }
    const sequence = this.#nextRequest;
    this.#nextRequest = serialAdd32(sequence, 1);
    this.#pending = {
      request: {
        type: 'outgoing-ssn-reset-request',
        requestSequenceNumber: sequence,
        responseSequenceNumber: this.#lastPeerRequest,
        lastAssignedTsn: serialAdd32(sender.nextTsn, -1),
        streamIds: ready,
      },
      timer: new Timer({ durationMs: rto.rtoMs }),
      isSendDue: true,
      isInProgress: false,
    };
  }
}
