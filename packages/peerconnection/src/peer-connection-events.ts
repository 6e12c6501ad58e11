// The events of RTCPeerConnection that carry something.
// https://www.w3.org/TR/webrtc/#rtcpeerconnectioniceevent

import type { RTCDataChannel } from './data-channel.ts';
import type { EventOptions } from './event-target.ts';
import type { RTCIceCandidate } from './ice-candidate.ts';

export interface RTCPeerConnectionIceEventInit extends EventOptions {
  candidate?: RTCIceCandidate | null;
  url?: string | null;
}

/** `icecandidate`: a candidate, the end of candidates (candidate ''), or the end of gathering (null). */
export class RTCPeerConnectionIceEvent extends Event {
  readonly candidate: RTCIceCandidate | null;
  /** The server that a reflexive candidate was gathered from; also in the candidate. */
  readonly url: string | null;

  constructor(type: string, eventInitDict: RTCPeerConnectionIceEventInit = {}) {
    super(type, eventInitDict);
    this.candidate = eventInitDict.candidate ?? null;
    this.url = eventInitDict.url ?? null;
  }
}

export interface RTCPeerConnectionIceErrorEventInit extends EventOptions {
  address?: string | null;
  port?: number | null;
  url?: string;
  errorCode: number;
  errorText?: string;
}

/** `icecandidateerror`: a server could not be asked, or refused. */
export class RTCPeerConnectionIceErrorEvent extends Event {
  readonly address: string | null;
  readonly port: number | null;
  readonly url: string;
  /** A STUN error code, or 701 if no answer came. */
  readonly errorCode: number;
  readonly errorText: string;

  constructor(type: string, eventInitDict: RTCPeerConnectionIceErrorEventInit) {
    super(type, eventInitDict);
    this.address = eventInitDict.address ?? null;
    this.port = eventInitDict.port ?? null;
    this.url = eventInitDict.url ?? '';
    this.errorCode = eventInitDict.errorCode;
    this.errorText = eventInitDict.errorText ?? '';
  }
}

export interface RTCDataChannelEventInit extends EventOptions {
  channel: RTCDataChannel;
}

/** `datachannel`: the peer has opened a channel. */
export class RTCDataChannelEvent extends Event {
  readonly channel: RTCDataChannel;

  constructor(type: string, eventInitDict: RTCDataChannelEventInit) {
    super(type, eventInitDict);
    this.channel = eventInitDict.channel;
  }
}
