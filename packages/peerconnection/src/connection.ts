// The internal slots of an RTCPeerConnection, which the algorithms of the W3C work on.
// https://www.w3.org/TR/webrtc/#dom-peerconnection

import type { CryptoProvider } from '@kaon/crypto';
import type { Network } from '@kaon/wire';
import {
  type CertificateAlgorithm,
  generateCertificate,
  type RTCCertificate,
} from './certificate.ts';
import type { CompleteConfiguration } from './configuration.ts';
import {
  deriveConnectionState,
  deriveIceConnectionState,
  deriveIceGatheringState,
  type RTCIceConnectionState,
  type RTCIceGatheringState,
  type RTCPeerConnectionState,
} from './connection-states.ts';
import type { Channel } from './data/channel.ts';
import { ChannelTable } from './data/channel-table.ts';
import { stunServersOf } from './ice-server.ts';
import { DEFAULT_MAX_MESSAGE_BYTES, type KaonOptions } from './io/options.ts';
import { TaskQueue } from './io/task-queue.ts';
import type { LastCreated } from './jsep/create.ts';
import type { Description } from './jsep/description.ts';
import { NegotiationNeeded } from './jsep/negotiation-needed.ts';
import { OperationsChain } from './jsep/operations-chain.ts';
import { SessionOrigin } from './jsep/origin.ts';
import type { RTCSignalingState } from './jsep/signaling-state.ts';
import { PeerTransport } from './transports/peer-transport.ts';
import type { RTCSctpTransport } from './transports/sctp-transport.ts';

/** What a connection is made of. */
export interface ConnectionOptions {
  /** The `RTCPeerConnection`, at which events are fired. */
  readonly target: EventTarget;
  readonly network: Network;
  readonly crypto: CryptoProvider;
  readonly kaon: KaonOptions;
  readonly configuration: CompleteConfiguration;
  /** Makes the W3C object of a channel that the peer opened, and tells of it. */
  onChannel(channel: Channel): void;
}

/** What a channel may have waiting to be sent, unless the application says otherwise. */
const DEFAULT_SEND_BUFFER_BYTES = 16 * 1024 * 1024;
const DEFAULT_MAX_REMOTE_CHANNELS = 4096;

/** webrtc-pc §4.9.1: every default set of certificates has one of this kind. */
const DEFAULT_KEY: CertificateAlgorithm = { name: 'ECDSA', namedCurve: 'P-256' };

/** One connection. Its fields are the specification's slots, by the names that they have there. */
export class Connection {
  readonly network: Network;
  readonly crypto: CryptoProvider;
  readonly kaon: KaonOptions;
  readonly tasks: TaskQueue;
  readonly operations: OperationsChain;
  readonly negotiationNeeded: NegotiationNeeded;
  readonly channels: ChannelTable;
  readonly origin: SessionOrigin;
  readonly localMaxMessageSize: number;
  readonly sendBufferSize: number;
  configuration: CompleteConfiguration;
  isClosed = false;
  signalingState: RTCSignalingState = 'stable';
  iceConnectionState: RTCIceConnectionState = 'new';
  iceGatheringState: RTCIceGatheringState = 'new';
  connectionState: RTCPeerConnectionState = 'new';
  pendingLocalDescription: Description | undefined = undefined;
  currentLocalDescription: Description | undefined = undefined;
  pendingRemoteDescription: Description | undefined = undefined;
  currentRemoteDescription: Description | undefined = undefined;
  lastCreatedOffer: LastCreated | undefined = undefined;
  lastCreatedAnswer: LastCreated | undefined = undefined;
  /** The username fragments of [[LocalIceCredentialsToReplace]]. */
  readonly iceCredentialsToReplace: Set<string> = new Set<string>();
  /** Set when what to gather with has changed since there was gathering (RFC 9429 §3.5.1). */
  needsIceRestart = false;
  canTrickleIceCandidates: boolean | null = null;
  sctpTransport: RTCSctpTransport | null = null;
  lastStableStateSctpTransport: RTCSctpTransport | null = null;
  /** ICE, DTLS and SCTP; made in the turn after the constructor, or by what needs them first. */
  transport: PeerTransport | undefined = undefined;
  /** Who begins the DTLS handshake; undefined before it is agreed on. */
  dtlsRole: 'client' | 'server' | undefined = undefined;
  hasSetLocalDescription = false;
  /**
   * What to add to the machines' clock for the times in statistics. They go on steadily when the system's
   * clock is set (webrtc-stats §4, `timestamp`).
   */
  readonly timeOrigin: number;
  /** Makes the ids of statistics unpredictable (webrtc-pc §8.4.1). */
  readonly statsSalt: string;
  readonly #target: EventTarget;
  #certificate: RTCCertificate | undefined = undefined;
  readonly #certificateReady: Promise<RTCCertificate>;

  constructor(options: ConnectionOptions) {
    const { target, network, crypto, kaon, configuration } = options;
    this.#target = target;
    this.network = network;
    this.crypto = crypto;
    this.kaon = kaon;
    this.configuration = configuration;
    this.localMaxMessageSize = kaon.maxMessageSize ?? DEFAULT_MAX_MESSAGE_BYTES;
    this.sendBufferSize = kaon.sendBufferSize ?? DEFAULT_SEND_BUFFER_BYTES;
    this.timeOrigin = network.wallClock() - network.now();
    this.statsSalt = network.random.uint32().toString(16);
    this.tasks = new TaskQueue(network);
    this.origin = new SessionOrigin(network.random);
    this.negotiationNeeded = new NegotiationNeeded(this);
    this.operations = new OperationsChain(
      () => this.isClosed,
      () => this.negotiationNeeded.chainIsEmpty(),
    );
    this.channels = new ChannelTable({
      tasks: this.tasks,
      sendBufferSize: this.sendBufferSize,
      maxRemoteChannels: kaon.maxRemoteChannels ?? DEFAULT_MAX_REMOTE_CHANNELS,
      association: () => this.transport?.shell.sctp,
      now: () => network.now(),
      onOutgoing: () => this.transport?.shell.scheduleFlush(),
      onChannel: options.onChannel,
    });
    const [certificate] = configuration.certificates;
    this.#certificate = certificate;
    // Begun at once, so that it is ready, or nearly, when the first description needs it.
    this.#certificateReady =
      certificate === undefined
        ? generateCertificate(DEFAULT_KEY, network.wallClock(), crypto)
        : Promise.resolve(certificate);
    // A failure is told by createOffer() and createAnswer(), which wait for it.
    this.#certificateReady.then(
      (ready) => {
        this.#certificate = ready;
      },
      () => undefined,
    );
    this.fillCandidatePool();
    // Almost every connection needs them: they are made before the first description has to wait for them.
    network.setTimer(() => {
      if (!this.isClosed) this.ensureTransport('controlling');
    }, 0);
  }

  /** The certificate, once {@link waitForCertificate} has resolved. */
  get certificate(): RTCCertificate | undefined {
    return this.#certificate;
  }

  /** The description that counts on our side. */
  get localDescription(): Description | undefined {
    return this.pendingLocalDescription ?? this.currentLocalDescription;
  }

  /** The description that counts on the peer's side. */
  get remoteDescription(): Description | undefined {
    return this.pendingRemoteDescription ?? this.currentRemoteDescription;
  }

  /** Resolves when there is a certificate. */
  async waitForCertificate(): Promise<void> {
    if (this.#certificate === undefined) await this.#certificateReady;
  }

  fire(event: Event): void {
    this.#target.dispatchEvent(event);
  }

  /** ICE, DTLS and SCTP, which are made if they are not there yet. */
  ensureTransport(role: 'controlling' | 'controlled'): PeerTransport {
    if (this.transport === undefined) {
      const { iceServers } = this.configuration;
      this.transport = new PeerTransport(this, role, stunServersOf(iceServers));
    }
    return this.transport;
  }

  /** Stores a configuration that has been validated. */
  setConfiguration(configuration: CompleteConfiguration): void {
    const hasGathered =
      this.transport !== undefined && this.transport.iceSlots.localParameters !== null;
    if (hasGathered && changesGathering(configuration, this.configuration)) {
      this.needsIceRestart = true;
    }
    this.configuration = configuration;
    this.transport?.shell.ice.setStunServers(stunServersOf(configuration.iceServers));
    this.fillCandidatePool();
  }

  /**
   * Binds sockets before a description needs them, if a pool is wanted.
   *
   * Deviation: RFC 9429 §3.5.4 would also ask the STUN servers ahead; what a pool is mostly for, in Node,
   * is ports that are open early.
   */
  fillCandidatePool(): void {
    if (this.configuration.iceCandidatePoolSize === 0 || this.hasSetLocalDescription) return;
    this.ensureTransport('controlling').shell.prepare();
  }

  /** Gives up what a description that was rolled back, or that has ended data, had made. */
  discardTransport(): void {
    const { iceGatheringState, iceConnectionState, connectionState } = this;
    this.transport?.close();
    this.transport = undefined;
    this.dtlsRole = undefined;
    this.needsIceRestart = false;
    this.channels.detach();
    this.iceGatheringState = deriveIceGatheringState(undefined);
    this.iceConnectionState = deriveIceConnectionState(this.isClosed, undefined);
    this.connectionState = deriveConnectionState(this.isClosed, undefined);
    const changes: readonly [string, boolean][] = [
      ['icegatheringstatechange', iceGatheringState !== this.iceGatheringState],
      ['iceconnectionstatechange', iceConnectionState !== this.iceConnectionState],
      ['connectionstatechange', connectionState !== this.connectionState],
    ];
    for (const [type, hasChanged] of changes) {
      if (hasChanged) this.tasks.queue(() => this.fire(new Event(type)));
    }
  }

  /** "Update the connection state" (webrtc-pc §4.4.1.3). */
  updateConnectionState(): void {
    if (this.isClosed) return;
    const state = deriveConnectionState(false, this.transport?.states);
    if (this.connectionState === state) return;
    this.connectionState = state;
    this.fire(new Event('connectionstatechange'));
  }

  /** "Close the connection" (webrtc-pc §4.4.2). */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.signalingState = 'closed';
    this.operations.clear();
    this.tasks.clear();
    this.channels.closeSilently();
    this.transport?.close();
    this.iceConnectionState = 'closed';
    this.connectionState = 'closed';
  }
}

/** Whether candidates gathered with one configuration would be others with the next. */
function changesGathering(next: CompleteConfiguration, previous: CompleteConfiguration): boolean {
  return (
    next.iceTransportPolicy !== previous.iceTransportPolicy ||
    JSON.stringify(next.iceServers) !== JSON.stringify(previous.iceServers)
  );
}
