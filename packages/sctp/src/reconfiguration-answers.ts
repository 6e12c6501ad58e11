// Our answers to the peer's requests to change streams (RFC 6525 §5.2, https://www.rfc-editor.org/rfc/rfc6525#section-5.2).
import { readUint32, serialAdd32, serialDistance32 } from '@kaon/wire';
import {
  type AddStreamsRequest,
  decodeAddStreamsRequest,
} from './parameters/add-streams-request.ts';
import { PARAMETER_TYPE, type Parameter } from './parameters/parameter.ts';
import {
  encodeReconfigurationResponse,
  type NextTsns,
  RECONFIGURATION_RESULT,
} from './parameters/reconfiguration-response.ts';
import {
  decodeIncomingSsnResetRequest,
  decodeOutgoingSsnResetRequest,
  type IncomingSsnResetRequest,
  type OutgoingSsnResetRequest,
} from './parameters/ssn-reset-request.ts';
import {
  decodeSsnTsnResetRequest,
  type SsnTsnResetRequest,
} from './parameters/ssn-tsn-reset-request.ts';
import { isSettled, type ReconfigurationRequests } from './reconfiguration-requests.ts';
import { countsOf, MAX_STREAMS } from './stream-counts.ts';
import type { ReconfigurationSurroundings } from './stream-reconfiguration.ts';

/** So many answers wait to be sent; a flood of requests gets no more. */
const MAX_WAITING_ANSWERS = 4;
/** §5.2.4 G1: TSNs that are so far ahead cannot be taken for one that is still on its way. */
const TSN_JUMP = 0x8000_0000;

/** An answer that was given, to be repeated when the request is. */
interface GivenAnswer {
  readonly sequence: number;
  readonly parameter: Parameter;
}

/** A request that cannot be performed yet: its answer so far is "in progress". */
type DeferredRequest = OutgoingSsnResetRequest | SsnTsnResetRequest;

/** Performs what the peer asks for, each request once and in order. */
export class ReconfigurationAnswers {
  readonly #surroundings: ReconfigurationSurroundings;
  readonly #requests: ReconfigurationRequests;
  #lastSequence: number;
  /** The answers to the last two requests: a RE-CONFIG, which may come again, holds no more (§3.1). */
  #given: readonly GivenAnswer[] = [];
  #deferred: DeferredRequest | undefined;
  #waiting: Parameter[] = [];

  /** Request sequence numbers begin with the initial TSN (§5.1). */
  constructor(
    peerInitialTsn: number,
    surroundings: ReconfigurationSurroundings,
    requests: ReconfigurationRequests,
  ) {
    this.#surroundings = surroundings;
    this.#requests = requests;
    this.#lastSequence = serialAdd32(peerInitialTsn, -1);
  }

  /** The last request of the peer that was worked on. */
  get lastSequence(): number {
    return this.#lastSequence;
  }

  /** Whether the peer waits for an SSN/TSN reset, so that no message may be begun. */
  get isRestartDue(): boolean {
    return this.#deferred?.type === 'ssn-tsn-reset-request';
  }

  /** The answers to send now, two at most; they count as sent. */
  poll(): Parameter[] {
    return this.#waiting.length === 0 ? [] : this.#waiting.splice(0, 2);
  }

  /**
   * Takes a request.
   *
   * @returns false if it is malformed, or none.
   */
  handleRequest({ type, value }: Parameter): boolean {
    switch (type) {
      case PARAMETER_TYPE.outgoingSsnResetRequest: {
        const request = decodeOutgoingSsnResetRequest(value);
        if (request !== undefined && this.#isNew(value, request.type)) this.#resetIncoming(request);
        return request !== undefined;
      }
      case PARAMETER_TYPE.incomingSsnResetRequest: {
        const request = decodeIncomingSsnResetRequest(value);
        if (request !== undefined && this.#isNew(value)) this.#resetOutgoing(request);
        return request !== undefined;
      }
      case PARAMETER_TYPE.ssnTsnResetRequest: {
        const request = decodeSsnTsnResetRequest(value);
        if (request !== undefined && this.#isNew(value, request.type)) this.#restart(request);
        return request !== undefined;
      }
      case PARAMETER_TYPE.addOutgoingStreamsRequest: {
        const request = decodeAddStreamsRequest('add-outgoing-streams-request', value);
        if (request !== undefined && this.#isNew(value)) this.#addInbound(request);
        return request !== undefined;
      }
      case PARAMETER_TYPE.addIncomingStreamsRequest: {
        const request = decodeAddStreamsRequest('add-incoming-streams-request', value);
        if (request !== undefined && this.#isNew(value)) this.#addOutbound(request);
        return request !== undefined;
      }
      default:
        return false;
    }
  }

  /** Something has arrived or was acknowledged: what is deferred may be due. */
  handleProgress(): void {
    const request = this.#deferred;
    if (request === undefined || !this.#canPerform(request)) return;
    this.#deferred = undefined;
    // Unasked, because the peer would otherwise learn of it only when it asks again.
    this.#perform(request);
  }

  /** Forgets all. */
  stop(): void {
    this.#deferred = undefined;
    this.#waiting = [];
  }

  /** §5.2.2: the peer resets streams that it sends on. */
  #resetIncoming(request: OutgoingSsnResetRequest): void {
    this.#requests.handleOutgoingReset(request.responseSequenceNumber);
    const { streams } = this.#surroundings;
    if (request.streamIds.some((id) => id >= streams.inbound)) {
      this.#answer(request, RECONFIGURATION_RESULT.errorWrongSsn);
      return;
    }
    this.#performOrDefer(request);
  }

  /** §5.2.3: the peer wants streams reset that we send on. */
  #resetOutgoing(request: IncomingSsnResetRequest): void {
    const { queue, streams } = this.#surroundings;
    const { streamIds } = request;
    if (streamIds.some((id) => id >= streams.outbound)) {
      this.#answer(request, RECONFIGURATION_RESULT.errorWrongSsn);
      return;
    }
    const wanted = streamIds.length > 0 ? streamIds : queue.streamIds;
    const known = wanted.filter((id) => queue.find(id) !== undefined);
    this.#requests.resetOutgoing(known);
    this.#answer(
      request,
      known.length === 0
        ? RECONFIGURATION_RESULT.successNothingToDo
        : RECONFIGURATION_RESULT.successPerformed,
    );
  }

  /** §5.2.4: all streams and TSNs of both directions start anew. */
  #restart(request: SsnTsnResetRequest): void {
    // Each side would go by the other's answer, and none by its own.
    if (this.#requests.isRestarting) {
      this.#answer(request, RECONFIGURATION_RESULT.errorRequestAlreadyInProgress);
      return;
    }
    this.#performOrDefer(request);
  }

  /** §5.2.5: the peer wants to send on more streams. */
  #addInbound(request: AddStreamsRequest): void {
    const { emit, streams } = this.#surroundings;
    const { newStreams } = request;
    if (newStreams === 0) {
      this.#answer(request, RECONFIGURATION_RESULT.successNothingToDo);
    } else if (streams.inbound + newStreams > streams.inboundLimit) {
      this.#answer(request, RECONFIGURATION_RESULT.denied);
    } else {
      this.#requests.handleAddedStreams(newStreams);
      streams.inbound += newStreams;
      this.#answer(request, RECONFIGURATION_RESULT.successPerformed);
      emit({ type: 'streams-added', ...countsOf(streams) });
    }
  }

  /**
   * §5.2.6: the peer wants us to send on more streams, which we then ask for ourselves. Deviation: it gets a
   * response too, because a request for streams does not say what it answers.
   */
  #addOutbound(request: AddStreamsRequest): void {
    const { newStreams } = request;
    const total = this.#surroundings.streams.outbound + this.#requests.streamsToCome.outgoing;
    if (newStreams === 0) {
      this.#answer(request, RECONFIGURATION_RESULT.successNothingToDo);
    } else if (total + newStreams > MAX_STREAMS) {
      this.#answer(request, RECONFIGURATION_RESULT.denied);
    } else {
      this.#requests.addStreams(newStreams, 0);
      this.#answer(request, RECONFIGURATION_RESULT.successPerformed);
    }
  }

  #performOrDefer(request: DeferredRequest): void {
    if (this.#canPerform(request)) {
      this.#perform(request);
      return;
    }
    // §5.2.2 E2. What arrives meanwhile need not be held: the sender gives these streams no TSNs until it
    // has its answer (§5.1.2 A1).
    this.#deferred = request;
    this.#answer(request, RECONFIGURATION_RESULT.inProgress);
  }

  #canPerform(request: DeferredRequest): boolean {
    const { receiver } = this.#surroundings;
    // What was sent before the reset may be among what is held back.
    if (request.type === 'outgoing-ssn-reset-request') {
      const missing = serialDistance32(request.lastAssignedTsn, receiver.cumulativeTsn);
      return missing <= 0 && !receiver.isDeferring;
    }
    // Deviation: §5.2.4 G3 takes what is unacknowledged for acknowledged, lost or not; here the peer waits.
    return isSettled(this.#surroundings);
  }

  #perform(request: DeferredRequest): void {
    const { emit, receiver, sender } = this.#surroundings;
    if (request.type === 'outgoing-ssn-reset-request') {
      const streamIds = receiver.resetStreams(request.streamIds);
      this.#answer(request, RECONFIGURATION_RESULT.successPerformed);
      emit({ type: 'streams-reset', streamIds });
      return;
    }
    // G1, G2
    const next: NextTsns = {
      receiversNextTsn: (receiver.cumulativeTsn + 1 + TSN_JUMP) >>> 0,
      sendersNextTsn: sender.nextTsn,
    };
    // G3 to G5
    sender.restart(next.sendersNextTsn);
    receiver.restart(next.receiversNextTsn);
    this.#answer(request, RECONFIGURATION_RESULT.successPerformed, next);
    emit({ type: 'association-reset' });
  }

  /**
   * Whether a request is the next one, and can be worked on; if not it is answered here (§5.2.1).
   *
   * @param deferrable what it is, if it may have to be deferred.
   */
  #isNew(value: Uint8Array, deferrable?: DeferredRequest['type']): boolean {
    const sequence = readUint32(value, 0);
    if (sequence === serialAdd32(this.#lastSequence, 1)) {
      // §5.1.1: one at a time, so the peer has given up the one that is deferred. libwebrtc has long asked again
      // under a new number for what is "in progress".
      const isRepeated =
        deferrable === 'outgoing-ssn-reset-request' && this.#deferred?.type === deferrable;
      if (isRepeated) this.#deferred = undefined;
      // The second request of a RE-CONFIG may come while the first is deferred (§3.1).
      if (this.#deferred === undefined || deferrable === undefined) {
        this.#lastSequence = sequence;
        return true;
      }
      this.#send(sequence, RECONFIGURATION_RESULT.errorRequestAlreadyInProgress);
      return false;
    }
    const given = this.#given.find((answer) => answer.sequence === sequence);
    if (given === undefined) this.#send(sequence, RECONFIGURATION_RESULT.errorBadSequenceNumber);
    else this.#push(given.parameter);
    return false;
  }

  /** Answers for the first time, or for good. */
  #answer(
    { requestSequenceNumber: sequence }: { readonly requestSequenceNumber: number },
    result: number,
    next?: NextTsns,
  ): void {
    const parameter = this.#send(sequence, result, next);
    const others = this.#given.filter((answer) => answer.sequence !== sequence);
    this.#given = [...others.slice(-1), { sequence, parameter }];
  }

  #send(sequence: number, result: number, next?: NextTsns): Parameter {
    const parameter = encodeReconfigurationResponse({
      type: 'reconfiguration-response',
      responseSequenceNumber: sequence,
      result,
      ...(next === undefined ? {} : { next }),
    });
    this.#push(parameter);
    return parameter;
  }

  #push(parameter: Parameter): void {
    if (this.#waiting.length < MAX_WAITING_ANSWERS) this.#waiting.push(parameter);
    else this.#surroundings.counters.droppedAnswers++;
  }
}
