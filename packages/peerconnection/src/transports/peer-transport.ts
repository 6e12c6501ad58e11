// The transports of a connection: what the machines tell becomes states and events.
// https://www.w3.org/TR/webrtc/#rtcicetransport

import type { DtlsError, DtlsEvent } from '@kaon/dtls';
import {
  formatCandidate,
  type IceCandidate,
  type IceCandidatePair,
  type IceCredentials,
  type IceEvent,
  type IceState,
  type IceStunServer,
  type LocalIceCandidate,
} from '@kaon/ice';
import type { SctpError, SctpEvent } from '@kaon/sctp';
import type { Connection } from '../connection.ts';
import {
  deriveConnectionState,
  deriveIceConnectionState,
  deriveIceGatheringState,
  type TransportStates,
} from '../connection-states.ts';
import { exception } from '../errors.ts';
import { RTCIceCandidate, RTCIceCandidatePair } from '../ice-candidate.ts';
import { Transport, type TransportHandler } from '../io/transport.ts';
import type { DataSection } from '../jsep/data-section.ts';
import {
  RTCPeerConnectionIceErrorEvent,
  RTCPeerConnectionIceEvent,
} from '../peer-connection-events.ts';
import { RTCError, RTCErrorEvent } from '../rtc-error.ts';
import { sctpStats } from '../stats/collect.ts';
import { type DtlsTransportSlots, RTCDtlsTransport } from './dtls-transport.ts';
import { type IceTransportSlots, RTCIceTransport } from './ice-transport.ts';
import { RTCSctpTransport, type SctpTransportSlots } from './sctp-transport.ts';

/** ICE's state and selected pair change in one task. */
interface IceChange {
  pair: { readonly value: IceCandidatePair | undefined } | undefined;
  state: IceState | undefined;
}

/** RFC 8841 §6.1. */
const DEFAULT_MAX_MESSAGE_BYTES = 65536;
/** Deviation: as many of the peer's candidates are shown, and not all; the agent uses no more either. */
const MAX_REMOTE_CANDIDATES = 128;

/** One ICE, DTLS and SCTP transport each; everything that a connection carries is bundled on them. */
export class PeerTransport implements TransportHandler {
  readonly iceSlots: IceTransportSlots = {
    role: 'unknown',
    state: 'new',
    gatheringState: 'new',
    selectedCandidatePair: null,
    localParameters: null,
    remoteParameters: null,
    localCandidates: [],
    remoteCandidates: [],
  };
  readonly dtlsSlots: DtlsTransportSlots = { state: 'new', remoteCertificates: [] };
  readonly sctpSlots: SctpTransportSlots = {
    state: 'connecting',
    maxMessageSize: DEFAULT_MAX_MESSAGE_BYTES,
    maxChannels: null,
    statistics: () => {
      const { sctp } = this.shell;
      return sctp === undefined ? undefined : sctpStats(sctp.stats);
    },
  };
  readonly ice: RTCIceTransport = new RTCIceTransport(this.iceSlots);
  readonly dtls: RTCDtlsTransport = new RTCDtlsTransport(this.dtlsSlots, this.ice);
  readonly sctp: RTCSctpTransport = new RTCSctpTransport(this.sctpSlots, this.dtls);
  readonly shell: Transport;
  /** Candidates that were gathered before the description of their generation was applied. */
  readonly earlyCandidates: LocalIceCandidate[] = [];
  readonly #connection: Connection;
  #iceChange: IceChange | undefined = undefined;
  /** The peer has said goodbye: whatever ICE still believes, it is not connected. */
  #hasPeerLeft = false;

  constructor(
    connection: Connection,
    role: 'controlling' | 'controlled',
    stunServers: readonly IceStunServer[],
  ) {
    this.#connection = connection;
    const { network, crypto, kaon, tasks } = connection;
    this.shell = new Transport({ network, crypto, kaon, tasks, handler: this, role, stunServers });
  }

  get states(): TransportStates {
    return {
      gathering: this.iceSlots.gatheringState,
      ice: this.iceSlots.state,
      dtls: this.dtlsSlots.state,
    };
  }

  get localCredentials(): IceCredentials {
    return this.shell.ice.localCredentials;
  }

  /** "Update the data max message size" (webrtc-pc §6.1.1.2). */
  updateMaxMessageSize(remote: number | undefined): void {
    const remoteMaxMessageSize = remote ?? DEFAULT_MAX_MESSAGE_BYTES;
    const canSendSize = this.#connection.sendBufferSize;
    const { channels } = this.#connection;
    const isUnlimited = remoteMaxMessageSize === 0;
    this.sctpSlots.maxMessageSize = isUnlimited
      ? canSendSize
      : Math.min(remoteMaxMessageSize, canSendSize);
    channels.maxMessageSize = this.sctpSlots.maxMessageSize;
    const { sctp } = this.shell;
    if (sctp !== undefined) sctp.remoteMaxMessageBytes = this.sctpSlots.maxMessageSize;
    // Deviation: the bound on what waits is always our own buffer's, where the specification takes the
    // peer's largest message if that is more: the peer must not decide how much memory we use.
    channels.maxBufferSize = canSendSize;
  }

  /** Puts the candidates that came by signalling among those that scripts can see. */
  noteRemoteCandidates(data: DataSection): void {
    const known = this.iceSlots.remoteCandidates;
    for (const candidate of data.candidates) {
      if (known.length >= MAX_REMOTE_CANDIDATES) return;
      const object = this.#toRtcCandidate({
        ...candidate,
        ...(data.usernameFragment === undefined ? {} : { usernameFragment: data.usernameFragment }),
      });
      if (!known.some((each) => each.candidate === object.candidate)) known.push(object);
    }
  }

  /** Our side of the generation that a restart, now undone, had taken the place of. */
  restoreLocalIce(): void {
    const { localCandidates } = this.iceSlots;
    this.iceSlots.localParameters = { ...this.localCredentials };
    localCandidates.length = 0;
    for (const candidate of this.shell.ice.localCandidates) {
      localCandidates.push(this.#toRtcCandidate(candidate, candidate.url));
    }
  }

  /** Ends everything; no event is fired but that of SCTP, whose state is said to change in a task. */
  close(): void {
    this.shell.close();
    const wasOpen = this.sctpSlots.state !== 'closed';
    this.sctpSlots.state = 'closed';
    this.dtlsSlots.state = 'closed';
    this.iceSlots.state = 'closed';
    if (!wasOpen) return;
    this.#connection.tasks.queue(() => this.sctp.dispatchEvent(new Event('statechange')));
  }

  /** Whether tasks that were queued before come too late: the connection is closed, or has given this up. */
  get #isOver(): boolean {
    return this.#connection.isClosed || this.#connection.transport !== this;
  }

  // ── ICE ──────────────────────────────────────────────────────────────────────────────────────────

  onIceEvent(event: Exclude<IceEvent, { type: 'lookup' }>): void {
    const { tasks } = this.#connection;
    switch (event.type) {
      case 'candidate':
        tasks.run(() => this.#candidateAvailable(event.candidate));
        break;
      case 'server-unreachable':
        tasks.run(() => this.#serverUnreachable(event.url));
        break;
      case 'gathering-state':
        if (event.state === 'gathering') tasks.run(() => this.#gatheringBegan());
        if (event.state === 'complete') this.#gatheringFinished();
        break;
      case 'role-changed':
        tasks.run(() => {
          this.iceSlots.role = event.role;
        });
        break;
      case 'selected-pair':
        this.#iceChange ??= { pair: undefined, state: undefined };
        this.#iceChange.pair = { value: event.pair };
        break;
      case 'state':
        if (this.#iceChange?.state !== undefined) this.onIceEventsEnd();
        this.#iceChange ??= { pair: undefined, state: undefined };
        this.#iceChange.state = event.state;
    }
  }

  onIceEventsEnd(): void {
    const change = this.#iceChange;
    if (change === undefined) return;
    this.#iceChange = undefined;
    this.#connection.tasks.run(() => this.#changePairAndState(change));
  }

  /** Surfaces the candidates that waited for their description. */
  releaseEarlyCandidates(): void {
    for (const candidate of this.earlyCandidates.splice(0)) {
      this.#connection.tasks.queue(() => this.#candidateAvailable(candidate));
    }
  }

  #candidateAvailable(candidate: LocalIceCandidate): void {
    if (this.#isOver) return;
    const { pendingLocalDescription, currentLocalDescription } = this.#connection;
    const descriptions = [pendingLocalDescription, currentLocalDescription].filter((each) =>
      each?.isGeneration(candidate.usernameFragment),
    );
    if (descriptions.length === 0) {
      this.earlyCandidates.push(candidate);
      return;
    }
    // "Surface a candidate."
    for (const description of descriptions) description?.addCandidate(candidate);
    const object = this.#toRtcCandidate(candidate, candidate.url);
    this.iceSlots.localCandidates.push(object);
    const init = { candidate: object, url: candidate.url ?? null };
    this.#connection.fire(new RTCPeerConnectionIceEvent('icecandidate', init));
  }

  /** webrtc-pc §4.8.3: 701 is no STUN error code, but "no host candidate can reach the server". */
  #serverUnreachable(url: string): void {
    if (this.#isOver) return;
    const init = { url, errorCode: 701, errorText: 'The server did not answer.' };
    this.#connection.fire(new RTCPeerConnectionIceErrorEvent('icecandidateerror', init));
  }

  #gatheringBegan(): void {
    if (this.#isOver) return;
    this.iceSlots.gatheringState = 'gathering';
    this.#updateGatheringState();
  }

  #gatheringFinished(): void {
    const connection = this.#connection;
    const { usernameFragment } = this.localCredentials;
    connection.tasks.run(() => {
      if (this.#isOver) return;
      const { pendingLocalDescription, currentLocalDescription } = connection;
      for (const description of [pendingLocalDescription, currentLocalDescription]) {
        if (description?.isGeneration(usernameFragment)) description.addEndOfCandidates();
      }
      const candidate = new RTCIceCandidate({
        candidate: '',
        ...this.#section(),
        usernameFragment,
      });
      connection.fire(new RTCPeerConnectionIceEvent('icecandidate', { candidate }));
    });
    connection.tasks.queue(() => {
      if (this.#isOver || this.shell.ice.gatheringState !== 'complete') return;
      this.iceSlots.gatheringState = 'complete';
      this.#updateGatheringState();
      connection.fire(new RTCPeerConnectionIceEvent('icecandidate', { candidate: null }));
    });
  }

  #updateGatheringState(): void {
    const connection = this.#connection;
    const state = deriveIceGatheringState(this.states);
    const hasChanged = connection.iceGatheringState !== state;
    connection.iceGatheringState = state;
    this.ice.dispatchEvent(new Event('gatheringstatechange'));
    if (hasChanged) connection.fire(new Event('icegatheringstatechange'));
  }

  /** "Change the selected candidate pair and state." */
  #changePairAndState({ pair, state }: IceChange): void {
    const connection = this.#connection;
    if (this.#isOver) return;
    if (pair !== undefined) this.iceSlots.selectedCandidatePair = this.#toRtcPair(pair.value);
    const newState = state === undefined ? this.iceSlots.state : this.#visibleState(state);
    const hasStateChanged = newState !== this.iceSlots.state;
    let hasIceConnectionStateChanged = false;
    let hasConnectionStateChanged = false;
    if (hasStateChanged) {
      this.iceSlots.state = newState;
      const iceConnectionState = deriveIceConnectionState(false, this.states);
      hasIceConnectionStateChanged = connection.iceConnectionState !== iceConnectionState;
      connection.iceConnectionState = iceConnectionState;
      const connectionState = deriveConnectionState(false, this.states);
      hasConnectionStateChanged = connection.connectionState !== connectionState;
      connection.connectionState = connectionState;
    }
    if (pair !== undefined) this.ice.dispatchEvent(new Event('selectedcandidatepairchange'));
    if (hasStateChanged) this.ice.dispatchEvent(new Event('statechange'));
    if (hasIceConnectionStateChanged) connection.fire(new Event('iceconnectionstatechange'));
    if (hasConnectionStateChanged) connection.fire(new Event('connectionstatechange'));
  }

  #visibleState(state: IceState): IceState {
    const isUp = state === 'connected' || state === 'completed' || state === 'checking';
    return this.#hasPeerLeft && isUp ? 'disconnected' : state;
  }

  #toRtcPair(pair: IceCandidatePair | undefined): RTCIceCandidatePair | null {
    if (pair === undefined) return null;
    const local = this.#toRtcCandidate(pair.local, pair.local.url);
    return new RTCIceCandidatePair(local, this.#toRtcCandidate(pair.remote));
  }

  #toRtcCandidate(candidate: IceCandidate, url?: string): RTCIceCandidate {
    return new RTCIceCandidate({
      candidate: formatCandidate(candidate),
      ...this.#section(),
      usernameFragment: candidate.usernameFragment ?? null,
      url: url ?? null,
    });
  }

  /** Which media section candidates belong to. */
  #section(): { readonly sdpMid: string; readonly sdpMLineIndex: number } {
    const data = this.#connection.localDescription?.data;
    return { sdpMid: data?.mid ?? '', sdpMLineIndex: data?.index ?? 0 };
  }

  // ── DTLS ─────────────────────────────────────────────────────────────────────────────────────────

  onDtlsStarted(): void {
    this.#changeDtlsState('connecting');
  }

  onDtlsEvent(event: Exclude<DtlsEvent, { type: 'data' }>): void {
    switch (event.type) {
      case 'connected':
        this.dtlsSlots.remoteCertificates = event.info.remoteCertificates;
        this.#changeDtlsState('connected');
        break;
      case 'closed':
        this.#changeDtlsState('closed');
        this.#closeSctp(undefined, exception('OperationError', 'The peer closed the connection.'));
        this.#peerLeft();
        break;
      case 'failed':
        this.#dtlsFailed(event.error);
        this.#closeSctp(dtlsError(event.error));
    }
  }

  #changeDtlsState(state: 'connecting' | 'connected' | 'closed'): void {
    const connection = this.#connection;
    connection.tasks.run(() => {
      if (this.#isOver) return;
      this.dtlsSlots.state = state;
      this.dtls.dispatchEvent(new Event('statechange'));
    });
    connection.tasks.run(() => connection.updateConnectionState());
  }

  #dtlsFailed(error: DtlsError): void {
    const connection = this.#connection;
    connection.tasks.run(() => {
      if (this.#isOver || this.dtlsSlots.state === 'failed') return;
      this.dtlsSlots.state = 'failed';
      this.dtls.dispatchEvent(new RTCErrorEvent('error', { error: dtlsError(error) }));
      this.dtls.dispatchEvent(new Event('statechange'));
    });
    connection.tasks.run(() => connection.updateConnectionState());
  }

  /**
   * A close_notify is the surest sign that connectivity is lost, so ICE is `disconnected` at once and not
   * after the silence that the agent waits for (webrtc-pc §5.6.2: "implementation dependent").
   */
  #peerLeft(): void {
    this.#hasPeerLeft = true;
    const { state } = this.shell.ice;
    this.#connection.tasks.run(() => this.#changePairAndState({ pair: undefined, state }));
  }

  // ── SCTP ─────────────────────────────────────────────────────────────────────────────────────────

  onSctpStarted(): void {
    this.#connection.channels.associating();
  }

  onSctpEvent(event: SctpEvent): void {
    const { channels } = this.#connection;
    switch (event.type) {
      case 'message':
        channels.handleMessage(event);
        break;
      case 'buffered-amount':
        channels.handleBufferedAmount(event.streamId);
        break;
      case 'connected':
        this.#sctpConnected(Math.min(event.outboundStreams, event.inboundStreams));
        break;
      case 'streams-reset':
        channels.handleIncomingReset(event.streamIds);
        break;
      case 'streams-reset-done':
        channels.handleOutgoingReset(event.streamIds);
        break;
      case 'streams-reset-failed':
        channels.handleResetFailed(event.streamIds);
        break;
      case 'streams-added':
        this.#streamsAdded(Math.min(event.outboundStreams, event.inboundStreams));
        break;
      case 'restarted':
        this.#sctpRestarted();
        break;
      case 'closed':
        this.#closeSctp();
        break;
      case 'failed':
        this.#closeSctp(sctpError(event.error));
    }
  }

  /** "Connected procedure" (webrtc-pc §6.1.1.3). */
  #sctpConnected(maxChannels: number): void {
    const connection = this.#connection;
    connection.tasks.run(() => {
      if (this.#isOver) return;
      this.sctpSlots.state = 'connected';
      this.sctpSlots.maxChannels = maxChannels;
      connection.channels.connected(maxChannels);
      this.sctp.dispatchEvent(new Event('statechange'));
    });
  }

  /** The peer has made room for more channels (RFC 6525 §5.2.5). */
  #streamsAdded(maxChannels: number): void {
    const connection = this.#connection;
    connection.tasks.run(() => {
      if (this.#isOver || this.sctpSlots.state !== 'connected') return;
      this.sctpSlots.maxChannels = maxChannels;
      connection.channels.setMaxChannels(maxChannels);
    });
  }

  /** The peer lost its state and began anew: the channels of before are gone, new ones may be opened. */
  #sctpRestarted(): void {
    const connection = this.#connection;
    connection.tasks.run(() => {
      if (this.#isOver) return;
      const error = new RTCError(
        { errorDetail: 'sctp-failure' },
        'The peer restarted the SCTP association.',
      );
      connection.channels.disconnected(error);
      connection.channels.connected(this.sctpSlots.maxChannels ?? 0);
    });
  }

  /** @param lost what the channels' streams end with if that was not in order. */
  #closeSctp(error?: RTCError, lost: Error | undefined = error): void {
    const connection = this.#connection;
    connection.tasks.run(() => {
      if (this.#isOver || this.sctpSlots.state === 'closed') return;
      this.sctpSlots.state = 'closed';
      this.sctp.dispatchEvent(new Event('statechange'));
      connection.channels.disconnected(error, lost);
    });
  }
}

function dtlsError(error: DtlsError): RTCError {
  const errorDetail =
    error.code === 'DTLS_FINGERPRINT_MISMATCH' ? 'fingerprint-failure' : 'dtls-failure';
  const { receivedAlert, sentAlert } = error;
  return new RTCError(
    {
      errorDetail,
      ...(receivedAlert === undefined ? {} : { receivedAlert }),
      ...(sentAlert === undefined ? {} : { sentAlert }),
    },
    error.message,
  );
}

function sctpError(error: SctpError): RTCError {
  const { causeCode } = error;
  return new RTCError(
    {
      errorDetail: 'sctp-failure',
      ...(causeCode === undefined ? {} : { sctpCauseCode: causeCode }),
    },
    error.message,
  );
}
