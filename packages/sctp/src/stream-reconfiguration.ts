// Changes of streams: our requests, and the answers to the peer's (RFC 6525, https://www.rfc-editor.org/rfc/rfc6525).
import type { ReConfigChunk } from './chunks/re-config.ts';
import type { SctpCounters } from './counters.ts';
import type { SctpEvent } from './events.ts';
import { PARAMETER_TYPE, type Parameter } from './parameters/parameter.ts';
import { decodeReconfigurationResponse } from './parameters/reconfiguration-response.ts';
import { ReconfigurationAnswers } from './reconfiguration-answers.ts';
import { ReconfigurationRequests } from './reconfiguration-requests.ts';
import type { ReassemblyFault } from './rx/reassembly.ts';
import type { Receiver } from './rx/receiver.ts';
import type { StreamCounts } from './stream-counts.ts';
import type { RtoEstimator } from './tx/rto-estimator.ts';
import type { SendQueue } from './tx/send-queue.ts';
import type { Sender } from './tx/sender.ts';

/** What changes of streams need of their association. */
export interface ReconfigurationSurroundings {
  readonly sender: Sender;
  readonly receiver: Receiver;
  readonly queue: SendQueue;
  readonly rto: RtoEstimator;
  readonly streams: StreamCounts;
  readonly counters: SctpCounters;
  emit(event: SctpEvent): void;
}

/** The streams of one association being reset and added, in both directions. */
export class StreamReconfiguration {
  readonly #surroundings: ReconfigurationSurroundings;
  readonly #requests: ReconfigurationRequests;
  readonly #answers: ReconfigurationAnswers;
  #isSuspended = false;
  /** What waits for room in a packet. */
  #due: ReConfigChunk | undefined;

  constructor(
    localInitialTsn: number,
    peerInitialTsn: number,
    surroundings: ReconfigurationSurroundings,
  ) {
    this.#surroundings = surroundings;
    this.#requests = new ReconfigurationRequests(localInitialTsn, surroundings);
    this.#answers = new ReconfigurationAnswers(peerInitialTsn, surroundings, this.#requests);
  }

  /** When a request is sent again. */
  get deadline(): number {
    return this.#requests.deadline;
  }

  /** Streams that we have asked for or will ask for, each way. */
  get streamsToCome(): { readonly outgoing: number; readonly incoming: number } {
    return this.#requests.streamsToCome;
  }

  /** Wants outgoing streams reset (§5.1.2), each when all sent on it has been acknowledged. */
  resetOutgoing(streamIds: readonly number[]): void {
    this.#requests.resetOutgoing(streamIds);
  }

  /** Wants the peer to reset streams that it sends on, or all (§5.1.3). */
  resetIncoming(streamIds: readonly number[]): void {
    this.#requests.resetIncoming(streamIds);
  }

  /** Wants all streams and TSNs of both directions reset (§5.1.4). */
  restart(): void {
    this.#requests.restart();
    this.#updateSuspension();
  }

  /** Wants more streams (§5.1.5, §5.1.6). */
  addStreams(outgoing: number, incoming: number): void {
    this.#requests.addStreams(outgoing, incoming);
  }

  /**
   * The RE-CONFIG to send now, if there is one: the same until it fits into a packet ({@link noteSent}).
   *
   * @param mayBegin whether it may be a request that was not sent before.
   */
  poll(now: number, mayBegin: boolean): ReConfigChunk | undefined {
    this.#due ??= this.#next(now, mayBegin);
    return this.#due;
  }

  /** What {@link poll} gave goes out. */
  noteSent(): void {
    this.#due = undefined;
  }

  #next(now: number, mayBegin: boolean): ReConfigChunk | undefined {
    // A lifetime that is over can settle things too.
    this.handleProgress();
    const answers = this.#answers.poll();
    if (answers.length > 0) return { type: 're-config', parameters: answers };
    if (mayBegin) this.#requests.begin(this.#answers.lastSequence);
    const request = this.#requests.poll(now);
    return request === undefined ? undefined : { type: 're-config', parameters: [request] };
  }

  /**
   * A request may have to be sent again (§5.1.1).
   *
   * @returns whether that counts against the peer.
   */
  handleTimeout(now: number): boolean {
    return this.#requests.handleTimeout(now);
  }

  /** Takes a RE-CONFIG of the peer; what is returned is a fault of data that had waited for it. */
  handleReConfig(chunk: ReConfigChunk): ReassemblyFault | undefined {
    let fault: ReassemblyFault | undefined;
    for (const parameter of chunk.parameters) fault ??= this.#handleParameter(parameter);
    this.#updateSuspension();
    return fault;
  }

  /** Something has arrived or was acknowledged: what is deferred may be due. */
  handleProgress(): void {
    this.#answers.handleProgress();
    this.#updateSuspension();
  }

  /** Ends it; the timer stops. */
  stop(): void {
    this.#due = undefined;
    this.#requests.stop();
    this.#answers.stop();
    this.#updateSuspension();
  }

  #handleParameter(parameter: Parameter): ReassemblyFault | undefined {
    if (parameter.type !== PARAMETER_TYPE.reconfigurationResponse) {
      if (!this.#answers.handleRequest(parameter)) this.#malformed();
      return undefined;
    }
    const response = decodeReconfigurationResponse(parameter.value);
    if (response !== undefined) return this.#requests.handleResponse(response);
    this.#malformed();
    return undefined;
  }

  /** No message is begun while all numbers are about to be reset: its fragments would be of both kinds. */
  #updateSuspension(): void {
    const isWanted = this.#requests.wantsRestart || this.#answers.isRestartDue;
    if (isWanted === this.#isSuspended) return;
    this.#isSuspended = isWanted;
    const { queue } = this.#surroundings;
    if (isWanted) queue.suspend();
    else queue.resume();
  }

  #malformed(): void {
    this.#surroundings.counters.droppedInvalidControl++;
  }
}
