// RTCPeerConnection: the W3C's face of a connection. What it does is in connection.ts, jsep/ and data/.
// https://www.w3.org/TR/webrtc/#rtcpeerconnection-interface

import { defaultCrypto } from '@kaon/crypto';
import { encodeUtf8 } from '@kaon/wire';
import {
  type CertificateAlgorithm,
  generateCertificate,
  type RTCCertificate,
} from './certificate.ts';
import {
  type RTCConfiguration,
  rejectExpiredCertificates,
  setConfiguration,
} from './configuration.ts';
import { Connection } from './connection.ts';
import type {
  RTCIceConnectionState,
  RTCIceGatheringState,
  RTCPeerConnectionState,
} from './connection-states.ts';
import type { ChannelParameters } from './data/channel.ts';
import { PRIORITIES } from './data/priority.ts';
import { RTCDataChannel, type RTCDataChannelInit } from './data-channel.ts';
import { exception } from './errors.ts';
import {
  type EventHandler,
  eventHandler,
  type ReadEventHandler,
  setEventHandler,
  TypedEventTarget,
} from './event-target.ts';
import { convertCandidate, type RTCIceCandidateInit } from './ice-candidate.ts';
import { copyIceServer } from './ice-server.ts';
import { nodeNetwork } from './io/node-network.ts';
import { checkOptions, type KaonOptions } from './io/options.ts';
import {
  convertOfferOptions,
  createAnswerFor,
  createOfferFor,
  type RTCAnswerOptions,
  type RTCOfferOptions,
} from './jsep/create.ts';
import { addRemoteCandidate } from './jsep/remote-candidate.ts';
import { setLocalDescription, setRemoteDescription } from './jsep/set-description.ts';
import type { RTCSignalingState } from './jsep/signaling-state.ts';
import {
  RTCDataChannelEvent,
  type RTCPeerConnectionIceErrorEvent,
  type RTCPeerConnectionIceEvent,
} from './peer-connection-events.ts';
import {
  convertDescription,
  convertLocalDescription,
  type RTCLocalSessionDescriptionInit,
  type RTCSessionDescription,
  type RTCSessionDescriptionInit,
} from './session-description.ts';
import { collectStats } from './stats/collect.ts';
import type { RTCStatsReport } from './stats/report.ts';
import type { RTCSctpTransport } from './transports/sctp-transport.ts';
import {
  defineInterface,
  enforceRange,
  requireArguments,
  toDictionary,
  toEnum,
  toUsvString,
} from './web-idl.ts';

export interface RTCPeerConnectionEventMap {
  connectionstatechange: Event;
  datachannel: RTCDataChannelEvent;
  icecandidate: RTCPeerConnectionIceEvent;
  icecandidateerror: RTCPeerConnectionIceErrorEvent;
  iceconnectionstatechange: Event;
  icegatheringstatechange: Event;
  negotiationneeded: Event;
  signalingstatechange: Event;
}

const MAX_NAME_BYTES = 65535;
const MAX_UNSIGNED_SHORT = 65535;

/**
 * A connection to a peer, as browsers have it.
 *
 * ```ts
 * const pc = new RTCPeerConnection({ iceServers: [{ urls: 'stun:stun.example.org' }] });
 * const channel = pc.createDataChannel('chat');
 * channel.onopen = () => channel.send('hello');
 * pc.onicecandidate = ({ candidate }) => signal({ candidate });
 * await pc.setLocalDescription();
 * signal({ description: pc.localDescription });
 * ```
 */
export class RTCPeerConnection extends TypedEventTarget<RTCPeerConnectionEventMap> {
  readonly #connection: Connection;

  /**
   * @param configuration as the W3C has it.
   * @param options Kaon's own: the network, the cryptography, limits; see {@link KaonOptions}.
   * @throws TypeError or RangeError for malformed arguments; DOMException `InvalidAccessError` for an
   * expired certificate or a TURN server without credentials, `SyntaxError` for a malformed URL.
   */
  constructor(configuration: RTCConfiguration = {}, options: KaonOptions = {}) {
    super();
    const kaon = checkOptions(options);
    const network = kaon.network ?? nodeNetwork;
    const complete = setConfiguration(configuration, null, false);
    rejectExpiredCertificates(complete.certificates, network.wallClock());
    this.#connection = new Connection({
      target: this,
      network,
      crypto: kaon.crypto ?? defaultCrypto,
      kaon,
      configuration: complete,
      onChannel: (channel) => {
        const object = new RTCDataChannel(channel);
        this.dispatchEvent(new RTCDataChannelEvent('datachannel', { channel: object }));
      },
    });
  }

  /**
   * Makes a certificate that outlives a connection.
   *
   * @param keygenAlgorithm ECDSA with P-256 or P-384, or RSASSA-PKCS1-v1_5, as WebCrypto describes them;
   * `expires`, in milliseconds from now, is 30 days by default and at most 365.
   */
  static generateCertificate(keygenAlgorithm: CertificateAlgorithm): Promise<RTCCertificate> {
    return generateCertificate(keygenAlgorithm, nodeNetwork.wallClock());
  }

  // ── Negotiation ──────────────────────────────────────────────────────────────────────────────────

  createOffer(options: RTCOfferOptions = {}): Promise<RTCSessionDescriptionInit> {
    return this.#chain(() => convertOfferOptions(options), createOfferFor);
  }

  createAnswer(options: RTCAnswerOptions = {}): Promise<RTCSessionDescriptionInit> {
    return this.#chain(() => toDictionary(options, 'The options'), createAnswerFor);
  }

  /**
   * Applies an offer or answer of our own. Without argument, or without SDP, it is made first.
   */
  setLocalDescription(description: RTCLocalSessionDescriptionInit = {}): Promise<void> {
    return this.#chain(() => convertLocalDescription(description), setLocalDescription);
  }

  /** Applies the peer's offer or answer; an offer rolls back one of ours that is pending. */
  setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    return this.#chain(() => convertDescription(description), setRemoteDescription);
  }

  /** Adds a candidate of the peer's; '' or nothing is the end of them. */
  addIceCandidate(candidate: RTCIceCandidateInit | null = {}): Promise<void> {
    return this.#chain(() => {
      const converted = convertCandidate(candidate);
      const { sdpMid, sdpMLineIndex } = converted;
      if (converted.candidate !== '' && sdpMid === null && sdpMLineIndex === null) {
        throw new TypeError('A candidate needs an sdpMid or an sdpMLineIndex.');
      }
      return converted;
    }, addRemoteCandidate);
  }

  /** Makes the next offer restart ICE, and asks for it with `negotiationneeded`. */
  restartIce(): void {
    const connection = this.#connection;
    const { iceCredentialsToReplace, currentLocalDescription, pendingLocalDescription } =
      connection;
    iceCredentialsToReplace.clear();
    for (const description of [currentLocalDescription, pendingLocalDescription]) {
      const usernameFragment = description?.data?.usernameFragment;
      if (usernameFragment !== undefined) iceCredentialsToReplace.add(usernameFragment);
    }
    connection.negotiationNeeded.update();
  }

  get localDescription(): RTCSessionDescription | null {
    return this.#connection.localDescription?.object ?? null;
  }

  get currentLocalDescription(): RTCSessionDescription | null {
    return this.#connection.currentLocalDescription?.object ?? null;
  }

  get pendingLocalDescription(): RTCSessionDescription | null {
    return this.#connection.pendingLocalDescription?.object ?? null;
  }

  get remoteDescription(): RTCSessionDescription | null {
    return this.#connection.remoteDescription?.object ?? null;
  }

  get currentRemoteDescription(): RTCSessionDescription | null {
    return this.#connection.currentRemoteDescription?.object ?? null;
  }

  get pendingRemoteDescription(): RTCSessionDescription | null {
    return this.#connection.pendingRemoteDescription?.object ?? null;
  }

  get signalingState(): RTCSignalingState {
    return this.#connection.signalingState;
  }

  get iceGatheringState(): RTCIceGatheringState {
    return this.#connection.iceGatheringState;
  }

  get iceConnectionState(): RTCIceConnectionState {
    return this.#connection.iceConnectionState;
  }

  get connectionState(): RTCPeerConnectionState {
    return this.#connection.connectionState;
  }

  /** Whether the peer takes candidates one by one; null before a remote description. */
  get canTrickleIceCandidates(): boolean | null {
    return this.#connection.canTrickleIceCandidates;
  }

  // ── Configuration and life ───────────────────────────────────────────────────────────────────────

  getConfiguration(): RTCConfiguration {
    const { iceServers, certificates, ...rest } = this.#connection.configuration;
    return {
      ...rest,
      iceServers: iceServers.map(copyIceServer),
      certificates: [...certificates],
    };
  }

  /** @throws DOMException `InvalidStateError` if closed, and as the constructor. */
  setConfiguration(configuration: RTCConfiguration = {}): void {
    const connection = this.#connection;
    if (connection.isClosed) throw exception('InvalidStateError', 'The connection is closed.');
    connection.setConfiguration(
      setConfiguration(configuration, connection.configuration, connection.hasSetLocalDescription),
    );
  }

  /** Ends the connection and tells the peer. Fires no events but `statechange` at {@link sctp}. */
  close(): void {
    this.#connection.close();
  }

  /**
   * Measurements of the connection.
   *
   * @param selector a track of the connection; there are none yet.
   * @throws as a rejection: DOMException `InvalidAccessError` for a track that is none of them.
   */
  getStats(selector: object | null = null): Promise<RTCStatsReport> {
    if (selector !== null) {
      return Promise.reject(exception('InvalidAccessError', 'The connection has no such track.'));
    }
    const connection = this.#connection;
    const report = collectStats(connection);
    // In a task, as all that is gathered "in parallel": a loop of calls lets everything else go on.
    return new Promise((resolve) => {
      connection.network.setTimer(() => resolve(report), 0);
    });
  }

  // ── Data channels ────────────────────────────────────────────────────────────────────────────────

  get sctp(): RTCSctpTransport | null {
    return this.#connection.sctpTransport;
  }

  /**
   * Makes a channel. The first one makes a negotiation needed.
   *
   * @throws DOMException `InvalidStateError` if closed, `OperationError` if the id is in use or too
   * large; TypeError for a malformed argument.
   */
  createDataChannel(label: string, dataChannelDict: RTCDataChannelInit = {}): RTCDataChannel {
    // biome-ignore lint/complexity/noArguments: there is no other way to count them.
    requireArguments(arguments.length, 1);
    const connection = this.#connection;
    const text = toUsvString(label);
    const options = convertDataChannelInit(dataChannelDict);
    if (connection.isClosed) throw exception('InvalidStateError', 'The connection is closed.');
    if (encodeUtf8(text).length > MAX_NAME_BYTES) {
      throw new TypeError('The label is longer than 65535 bytes.');
    }
    const { id, ...parameters } = options;
    if (encodeUtf8(parameters.protocol).length > MAX_NAME_BYTES) {
      throw new TypeError('The protocol is longer than 65535 bytes.');
    }
    if (parameters.negotiated && id === null) {
      throw new TypeError('A negotiated channel needs an id.');
    }
    if (parameters.maxPacketLifeTime !== null && parameters.maxRetransmits !== null) {
      throw new TypeError('maxPacketLifeTime and maxRetransmits exclude each other.');
    }
    if (id === MAX_UNSIGNED_SHORT) throw new TypeError('65535 is no channel id.');
    const isFirst = !connection.channels.hasCreatedAny;
    const channel = connection.channels.create({ label: text, ...parameters }, id);
    if (isFirst) connection.negotiationNeeded.update();
    return new RTCDataChannel(channel);
  }

  // ── Event handlers ───────────────────────────────────────────────────────────────────────────────

  get onnegotiationneeded(): ReadEventHandler {
    return eventHandler(this, 'negotiationneeded');
  }

  set onnegotiationneeded(handler: EventHandler<Event>) {
    setEventHandler(this, 'negotiationneeded', handler);
  }

  get onicecandidate(): ReadEventHandler {
    return eventHandler(this, 'icecandidate');
  }

  set onicecandidate(handler: EventHandler<RTCPeerConnectionIceEvent>) {
    setEventHandler(this, 'icecandidate', handler);
  }

  get onicecandidateerror(): ReadEventHandler {
    return eventHandler(this, 'icecandidateerror');
  }

  set onicecandidateerror(handler: EventHandler<RTCPeerConnectionIceErrorEvent>) {
    setEventHandler(this, 'icecandidateerror', handler);
  }

  get onsignalingstatechange(): ReadEventHandler {
    return eventHandler(this, 'signalingstatechange');
  }

  set onsignalingstatechange(handler: EventHandler<Event>) {
    setEventHandler(this, 'signalingstatechange', handler);
  }

  get oniceconnectionstatechange(): ReadEventHandler {
    return eventHandler(this, 'iceconnectionstatechange');
  }

  set oniceconnectionstatechange(handler: EventHandler<Event>) {
    setEventHandler(this, 'iceconnectionstatechange', handler);
  }

  get onicegatheringstatechange(): ReadEventHandler {
    return eventHandler(this, 'icegatheringstatechange');
  }

  set onicegatheringstatechange(handler: EventHandler<Event>) {
    setEventHandler(this, 'icegatheringstatechange', handler);
  }

  get onconnectionstatechange(): ReadEventHandler {
    return eventHandler(this, 'connectionstatechange');
  }

  set onconnectionstatechange(handler: EventHandler<Event>) {
    setEventHandler(this, 'connectionstatechange', handler);
  }

  get ondatachannel(): ReadEventHandler {
    return eventHandler(this, 'datachannel');
  }

  set ondatachannel(handler: EventHandler<RTCDataChannelEvent>) {
    setEventHandler(this, 'datachannel', handler);
  }

  // ── Within ───────────────────────────────────────────────────────────────────────────────────────

  /** Converts a method's argument, whose faults reject, and chains its steps. */
  #chain<A, T>(
    convert: () => A,
    steps: (connection: Connection, argument: A) => Promise<T>,
  ): Promise<T> {
    const connection = this.#connection;
    let argument: A;
    try {
      argument = convert();
    } catch (error) {
      return Promise.reject(error);
    }
    return connection.operations.chain(() => steps(connection, argument));
  }
}

defineInterface(RTCPeerConnection, 'RTCPeerConnection');

function convertDataChannelInit(
  init: RTCDataChannelInit,
): Omit<ChannelParameters, 'label'> & { readonly id: number | null } {
  const dictionary = toDictionary(init, 'The data channel options');
  const { ordered, maxPacketLifeTime, maxRetransmits, protocol, negotiated, id } = dictionary;
  const { priority = 'low' } = dictionary;
  const number = (value: number | undefined, what: string): number | null =>
    value === undefined ? null : enforceRange(value, MAX_UNSIGNED_SHORT, what);
  const isNegotiated = Boolean(negotiated);
  const convertedId = number(id, 'id');
  return {
    // Only undefined is the default: null is false, as anything else that is falsy.
    ordered: ordered === undefined || Boolean(ordered),
    maxPacketLifeTime: number(maxPacketLifeTime, 'maxPacketLifeTime'),
    maxRetransmits: number(maxRetransmits, 'maxRetransmits'),
    protocol: protocol === undefined ? '' : toUsvString(protocol),
    negotiated: isNegotiated,
    priority: toEnum(priority, PRIORITIES, 'priority'),
    // "The id member will be ignored if the channel is negotiated in-band."
    id: isNegotiated ? convertedId : null,
  };
}
