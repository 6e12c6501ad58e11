// Our requests to change streams, one after the other (RFC 6525 §5.1, https://www.rfc-editor.org/rfc/rfc6525#section-5.1).
import { serialAdd32, Timer } from '@kaon/wire';
import {
  type AddStreamsRequest,
  encodeAddStreamsRequest,
} from './parameters/add-streams-request.ts';
import type { Parameter } from './parameters/parameter.ts';
import {
  RECONFIGURATION_RESULT,
  type ReconfigurationResponse,
} from './parameters/reconfiguration-response.ts';
import {
  encodeIncomingSsnResetRequest,
  encodeOutgoingSsnResetRequest,
  type IncomingSsnResetRequest,
  type OutgoingSsnResetRequest,
} from './parameters/ssn-reset-request.ts';
import {
  encodeSsnTsnResetRequest,
  type SsnTsnResetRequest,
} from './parameters/ssn-tsn-reset-request.ts';
import type { ReassemblyFault } from './rx/reassembly.ts';
import { countsOf } from './stream-counts.ts';
import type { ReconfigurationSurroundings } from './stream-reconfiguration.ts';

/** As many streams go into one request; the others wait for the next. */
const MAX_STREAMS_PER_REQUEST = 256;

/** So often a request is sent again that the peer seems to have done without an answer. */
const TRIES_WHEN_DONE = 3;

type Request =
  | OutgoingSsnResetRequest
  | IncomingSsnResetRequest
  | SsnTsnResetRequest
  | AddStreamsRequest;

/** A request that the peer has not yet answered for good. */
interface PendingRequest {
  readonly request: Request;
  readonly parameter: Parameter;
  readonly timer: Timer;
  isSendDue: boolean;
  /** The peer said "in progress": silence is no sign that it is gone. */
  isInProgress: boolean;
  /** How often it is sent again at most, if the peer seems to have done what it asks for. */
  remainingTries: number;
}

/** What we want of the peer. Only one request is outstanding at a time (§5.1.1). */
export class ReconfigurationRequests {
  readonly #surroundings: ReconfigurationSurroundings;
  /** Streams to be reset when what was sent on them has been acknowledged. */
  readonly #outgoing = new Set<number>();
  /** Streams that the peer is to reset; empty lists mean all. */
  #incoming: (readonly number[])[] = [];
  #wantsRestart = false;
  /** How many streams are to be added. */
  #moreOutgoing = 0;
  #moreIncoming = 0;
  #pending: PendingRequest | undefined;
  #nextSequence: number;

  /** Request sequence numbers begin with the initial TSN (§5.1). */
  constructor(localInitialTsn: number, surroundings: ReconfigurationSurroundings) {
    this.#surroundings = surroundings;
    this.#nextSequence = localInitialTsn;
  }

  /** When the request is sent again. */
  get deadline(): number {
    return this.#pending?.timer.deadline ?? Number.POSITIVE_INFINITY;
  }

  /** Whether an SSN/TSN reset is wanted, so that no message may be begun (§5.1.4). */
  get wantsRestart(): boolean {
    return this.#wantsRestart || this.isRestarting;
  }

  /** Whether the peer was asked for an SSN/TSN reset and has not answered for good. */
  get isRestarting(): boolean {
    return this.#pending?.request.type === 'ssn-tsn-reset-request';
  }

  /** Streams that we have asked for or will ask for, each way. */
  get streamsToCome(): { readonly outgoing: number; readonly incoming: number } {
    const request = this.#pending?.request;
    const asked = request !== undefined && 'newStreams' in request ? request.newStreams : 0;
    const isOutgoing = request?.type === 'add-outgoing-streams-request';
    return {
      outgoing: this.#moreOutgoing + (isOutgoing ? asked : 0),
      incoming: this.#moreIncoming + (isOutgoing ? 0 : asked),
    };
  }

  /** Wants outgoing streams reset (§5.1.2), each when all sent on it has been acknowledged. */
  resetOutgoing(streamIds: readonly number[]): void {
    for (const id of streamIds) {
      const stream = this.#surroundings.queue.stream(id);
      if (stream.resetProgress !== 'none') continue;
      stream.resetProgress = 'requested';
      this.#outgoing.add(id);
    }
  }

  /** Wants the peer to reset streams that it sends on, or all (§5.1.3). */
  resetIncoming(streamIds: readonly number[]): void {
    if (streamIds.length === 0) this.#incoming.push([]);
    for (let at = 0; at < streamIds.length; at += MAX_STREAMS_PER_REQUEST) {
      this.#incoming.push(streamIds.slice(at, at + MAX_STREAMS_PER_REQUEST));
    }
  }

  /** Wants all streams and TSNs of both directions reset (§5.1.4), when all that was sent is acknowledged. */
  restart(): void {
    this.#wantsRestart = true;
  }

  /** Wants more streams (§5.1.5, §5.1.6). */
  addStreams(outgoing: number, incoming: number): void {
    this.#moreOutgoing += outgoing;
    this.#moreIncoming += incoming;
  }

  /** Begins the next request that can be sent, if none is under way. */
  begin(lastPeerRequest: number): void {
    if (this.#pending !== undefined) return;
    const requestSequenceNumber = this.#nextSequence;
    const request = this.#next(requestSequenceNumber, lastPeerRequest);
    if (request === undefined) return;
    this.#nextSequence = serialAdd32(requestSequenceNumber, 1);
    this.#pending = {
      request,
      parameter: encodeRequest(request),
      timer: new Timer({ durationMs: this.#surroundings.rto.rtoMs }),
      isSendDue: true,
      isInProgress: false,
      remainingTries: Number.POSITIVE_INFINITY,
    };
  }

  /** The request to send now, if there is one; it counts as sent. */
  poll(now: number): Parameter | undefined {
    const pending = this.#pending;
    if (pending === undefined || !pending.isSendDue) return undefined;
    pending.isSendDue = false;
    pending.timer.durationMs = this.#surroundings.rto.rtoMs;
    pending.timer.start(now);
    return pending.parameter;
  }

  /**
   * The request may have to be sent again (§5.1.1).
   *
   * @returns whether that counts against the peer.
   */
  handleTimeout(now: number): boolean {
    const pending = this.#pending;
    if (pending === undefined || !pending.timer.expire(now)) return false;
    if (pending.remainingTries === 0) {
      this.#pending = undefined;
      return false;
    }
    pending.isSendDue = true;
    if (pending.remainingTries < Number.POSITIVE_INFINITY) {
      pending.remainingTries--;
      return false;
    }
    if (pending.isInProgress) {
      pending.isInProgress = false;
      pending.timer.durationMs = this.#surroundings.rto.rtoMs;
      return false;
    }
    this.#surroundings.rto.backOff();
    return true;
  }

  /** Takes an answer (§5.2.7). */
  handleResponse(response: ReconfigurationResponse): ReassemblyFault | undefined {
    const pending = this.#pending;
    if (response.responseSequenceNumber !== pending?.request.requestSequenceNumber)
      return undefined;
    if (response.result === RECONFIGURATION_RESULT.inProgress) {
      pending.isInProgress = true;
      return undefined;
    }
    this.#pending = undefined;
    const isDone =
      response.result === RECONFIGURATION_RESULT.successPerformed ||
      response.result === RECONFIGURATION_RESULT.successNothingToDo;
    return this.#conclude(pending.request, isDone, response);
  }

  /** The peer's Outgoing SSN Reset Request says which of ours it answers (§5.2.3). */
  handleOutgoingReset(responseSequenceNumber: number): void {
    const request = this.#pending?.request;
    if (request?.type !== 'incoming-ssn-reset-request') return;
    if (request.requestSequenceNumber === responseSequenceNumber) this.#pending = undefined;
  }

  /**
   * The peer adds streams to send on. That may be its only answer to our wish for them (§5.2.6), or a wish of its
   * own before ours has arrived, which it does not tell apart.
   */
  handleAddedStreams(newStreams: number): void {
    const pending = this.#pending;
    if (pending?.request.type !== 'add-incoming-streams-request') return;
    if (pending.request.newStreams !== newStreams) return;
    pending.remainingTries = Math.min(pending.remainingTries, TRIES_WHEN_DONE);
  }

  /** Forgets all; the timer stops. */
  stop(): void {
    this.#pending = undefined;
    this.#outgoing.clear();
    this.#incoming = [];
    this.#wantsRestart = false;
    this.#moreOutgoing = 0;
    this.#moreIncoming = 0;
  }

  #conclude(
    request: Request,
    isDone: boolean,
    { next }: ReconfigurationResponse,
  ): ReassemblyFault | undefined {
    const { emit, queue, receiver, sender, streams } = this.#surroundings;
    switch (request.type) {
      case 'outgoing-ssn-reset-request': {
        const { streamIds } = request;
        for (const id of streamIds) {
          const stream = queue.find(id);
          if (stream !== undefined) queue.release(stream, isDone);
        }
        emit({ type: isDone ? 'streams-reset-done' : 'streams-reset-failed', streamIds });
        return undefined;
      }
      case 'incoming-ssn-reset-request':
        // If it agrees, its own request will follow.
        if (!isDone) emit({ type: 'incoming-reset-failed', streamIds: request.streamIds });
        return undefined;
      case 'ssn-tsn-reset-request': {
        if (!isDone || next === undefined) {
          emit({ type: 'association-reset-failed' });
          return receiver.endDeferral();
        }
        sender.restart(next.receiversNextTsn);
        const onRestart = (): void => emit({ type: 'association-reset' });
        return receiver.endDeferral({ firstNewTsn: next.sendersNextTsn, onRestart });
      }
      case 'add-outgoing-streams-request':
        if (isDone) {
          streams.outbound += request.newStreams;
          emit({ type: 'streams-added', ...countsOf(streams) });
        } else {
          emit({ type: 'streams-refused', outgoing: request.newStreams, incoming: 0 });
        }
        return undefined;
      case 'add-incoming-streams-request':
        // The same: they are there when it adds them.
        if (!isDone) emit({ type: 'streams-refused', outgoing: 0, incoming: request.newStreams });
        return undefined;
    }
  }

  #next(requestSequenceNumber: number, lastPeerRequest: number): Request | undefined {
    const { receiver, sender } = this.#surroundings;
    if (this.#wantsRestart && isSettled(this.#surroundings)) {
      this.#wantsRestart = false;
      // From here on the peer may number anew, and only its answer says since when.
      receiver.beginDeferral();
      return { type: 'ssn-tsn-reset-request', requestSequenceNumber };
    }
    const ready = this.#takeReady();
    if (ready.length > 0) {
      return {
        type: 'outgoing-ssn-reset-request',
        requestSequenceNumber,
        responseSequenceNumber: lastPeerRequest,
        // Deviation: §4.1 has the last TSN assigned on any stream. All of these is acknowledged, so the peer need
        // not wait for others; libwebrtc, when it did, has long said "in progress" for ever after.
        lastAssignedTsn: sender.cumulativeTsnAck,
        streamIds: ready,
      };
    }
    const streamIds = this.#incoming.shift();
    if (streamIds !== undefined) {
      return { type: 'incoming-ssn-reset-request', requestSequenceNumber, streamIds };
    }
    if (this.#moreOutgoing > 0) {
      const newStreams = this.#moreOutgoing;
      this.#moreOutgoing = 0;
      return { type: 'add-outgoing-streams-request', requestSequenceNumber, newStreams };
    }
    if (this.#moreIncoming > 0) {
      const newStreams = this.#moreIncoming;
      this.#moreIncoming = 0;
      return { type: 'add-incoming-streams-request', requestSequenceNumber, newStreams };
    }
    return undefined;
  }

  /** Takes the streams whose data has all been acknowledged; what may be sent on them waits (§5.1.2 A1). */
  #takeReady(): number[] {
    const { queue } = this.#surroundings;
    const ready: number[] = [];
    for (const id of this.#outgoing) {
      const stream = queue.stream(id);
      if (stream.queue.length > 0 || stream.outstandingChunks > 0) continue;
      ready.push(id);
      if (ready.length === MAX_STREAMS_PER_REQUEST) break;
    }
    for (const id of ready) {
      this.#outgoing.delete(id);
      queue.stream(id).resetProgress = 'sent';
    }
    return ready;
  }
}

/** Whether nothing is under way, so that TSNs may go on elsewhere. */
export function isSettled({ queue, sender }: ReconfigurationSurroundings): boolean {
  return sender.isAllAcknowledged && !queue.hasBegun;
}

function encodeRequest(request: Request): Parameter {
  switch (request.type) {
    case 'outgoing-ssn-reset-request':
      return encodeOutgoingSsnResetRequest(request);
    case 'incoming-ssn-reset-request':
      return encodeIncomingSsnResetRequest(request);
    case 'ssn-tsn-reset-request':
      return encodeSsnTsnResetRequest(request);
    default:
      return encodeAddStreamsRequest(request);
  }
}
