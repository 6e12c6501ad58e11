// RTCIceTransport.
// https://www.w3.org/TR/webrtc/#rtcicetransport

import {
  type EventHandler,
  eventHandler,
  type ReadEventHandler,
  setEventHandler,
  TypedEventTarget,
} from '../event-target.ts';
import type { RTCIceCandidate, RTCIceCandidatePair, RTCIceComponent } from '../ice-candidate.ts';
import { defineInterface } from '../web-idl.ts';

export type RTCIceRole = 'unknown' | 'controlling' | 'controlled';
export type RTCIceTransportState =
  | 'closed'
  | 'failed'
  | 'disconnected'
  | 'new'
  | 'checking'
  | 'completed'
  | 'connected';
export type RTCIceGathererState = 'new' | 'gathering' | 'complete';

export interface RTCIceParameters {
  usernameFragment: string;
  password: string;
}

export interface RTCIceTransportEventMap {
  statechange: Event;
  gatheringstatechange: Event;
  selectedcandidatepairchange: Event;
}

/** The internal slots, which the connection changes. */
export interface IceTransportSlots {
  role: RTCIceRole;
  state: RTCIceTransportState;
  gatheringState: RTCIceGathererState;
  selectedCandidatePair: RTCIceCandidatePair | null;
  localParameters: RTCIceParameters | null;
  remoteParameters: RTCIceParameters | null;
  readonly localCandidates: RTCIceCandidate[];
  readonly remoteCandidates: RTCIceCandidate[];
}

/** The way between two peers, as ICE finds it. */
export class RTCIceTransport extends TypedEventTarget<RTCIceTransportEventMap> {
  readonly #slots: IceTransportSlots;

  /** Not for applications. */
  constructor(slots: IceTransportSlots) {
    super();
    if (slots === undefined) throw new TypeError('Illegal constructor.');
    this.#slots = slots;
  }

  get role(): RTCIceRole {
    return this.#slots.role;
  }

  /** `rtp`: everything shares one component. */
  get component(): RTCIceComponent {
    return 'rtp';
  }

  get state(): RTCIceTransportState {
    return this.#slots.state;
  }

  get gatheringState(): RTCIceGathererState {
    return this.#slots.gatheringState;
  }

  /** Those that `icecandidate` events have told of. */
  getLocalCandidates(): RTCIceCandidate[] {
    return [...this.#slots.localCandidates];
  }

  /** Those that came by signalling. */
  getRemoteCandidates(): RTCIceCandidate[] {
    return [...this.#slots.remoteCandidates];
  }

  getSelectedCandidatePair(): RTCIceCandidatePair | null {
    const { state, selectedCandidatePair } = this.#slots;
    return state === 'new' || state === 'closed' ? null : selectedCandidatePair;
  }

  getLocalParameters(): RTCIceParameters | null {
    const { localParameters } = this.#slots;
    return localParameters === null ? null : { ...localParameters };
  }

  getRemoteParameters(): RTCIceParameters | null {
    const { remoteParameters } = this.#slots;
    return remoteParameters === null ? null : { ...remoteParameters };
  }

  get onstatechange(): ReadEventHandler {
    return eventHandler(this, 'statechange');
  }

  set onstatechange(handler: EventHandler<Event>) {
    setEventHandler(this, 'statechange', handler);
  }

  get ongatheringstatechange(): ReadEventHandler {
    return eventHandler(this, 'gatheringstatechange');
  }

  set ongatheringstatechange(handler: EventHandler<Event>) {
    setEventHandler(this, 'gatheringstatechange', handler);
  }

  get onselectedcandidatepairchange(): ReadEventHandler {
    return eventHandler(this, 'selectedcandidatepairchange');
  }

  set onselectedcandidatepairchange(handler: EventHandler<Event>) {
    setEventHandler(this, 'selectedcandidatepairchange', handler);
  }
}

defineInterface(RTCIceTransport, 'RTCIceTransport');
