// The events of RTCPeerConnection that carry something.
// https://www.w3.org/TR/webrtc/#rtcpeerconnectioniceevent

import { RTCDataChannel } from './data-channel.ts';
import type { EventOptions } from './event-target.ts';
import { RTCIceCandidate } from './ice-candidate.ts';
import {
  defineInterface,
  toDictionary,
  toDomString,
  toInstance,
  toNullable,
  toUnsignedShort,
  toUsvString,
} from './web-idl.ts';

export interface RTCPeerConnectionIceEventInit extends EventOptions {
  candidate?: RTCIceCandidate | null;
  url?: string | null;
}

/** `icecandidate`: a candidate, the end of candidates (candidate ''), or the end of gathering (null). */
export class RTCPeerConnectionIceEvent extends Event {
  readonly #candidate: RTCIceCandidate | null;
  readonly #url: string | null;

  /** @throws TypeError without a type, or if a member is malformed. */
  constructor(type: string, eventInitDict: RTCPeerConnectionIceEventInit = {}) {
    const init = toDictionary(eventInitDict, 'The event');
    super(requireType(type), init);
    this.#candidate = toNullable(init.candidate, toCandidate);
    this.#url = toNullable(init.url, toUsvString);
  }

  get candidate(): RTCIceCandidate | null {
    return this.#candidate;
  }

  /** The server that a reflexive candidate was gathered from; also in the candidate. */
  get url(): string | null {
    return this.#url;
  }
}

defineInterface(RTCPeerConnectionIceEvent, 'RTCPeerConnectionIceEvent');

function requireType(type: string): string {
  if (type === undefined) throw new TypeError('An event needs a type.');
  return type;
}

function toCandidate(value: unknown): RTCIceCandidate {
  return toInstance(value, RTCIceCandidate, 'candidate');
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
  readonly #address: string | null;
  readonly #port: number | null;
  readonly #url: string;
  readonly #errorCode: number;
  readonly #errorText: string;

  /** @throws TypeError without a type or an error code. */
  constructor(type: string, eventInitDict: RTCPeerConnectionIceErrorEventInit) {
    const init = toDictionary(eventInitDict, 'The event');
    super(requireType(type), init);
    const { address, port, url = '', errorCode, errorText = '' } = init;
    if (errorCode === undefined) throw new TypeError('The event needs an errorCode.');
    this.#address = toNullable(address, toDomString);
    this.#port = toNullable(port, toUnsignedShort);
    this.#url = toUsvString(url);
    this.#errorCode = toUnsignedShort(errorCode);
    this.#errorText = toUsvString(errorText);
  }

  get address(): string | null {
    return this.#address;
  }

  get port(): number | null {
    return this.#port;
  }

  get url(): string {
    return this.#url;
  }

  /** A STUN error code, or 701 if no answer came. */
  get errorCode(): number {
    return this.#errorCode;
  }

  get errorText(): string {
    return this.#errorText;
  }
}

defineInterface(RTCPeerConnectionIceErrorEvent, 'RTCPeerConnectionIceErrorEvent');

export interface RTCDataChannelEventInit extends EventOptions {
  channel: RTCDataChannel;
}

/** `datachannel`: the peer has opened a channel. */
export class RTCDataChannelEvent extends Event {
  readonly #channel: RTCDataChannel;

  /** @throws TypeError if `channel` is missing or no {@link RTCDataChannel}. */
  constructor(type: string, eventInitDict: RTCDataChannelEventInit) {
    super(type, eventInitDict);
    const { channel } = toDictionary(eventInitDict, 'The event');
    this.#channel = toInstance(channel, RTCDataChannel, 'channel');
  }

  get channel(): RTCDataChannel {
    return this.#channel;
  }
}

defineInterface(RTCDataChannelEvent, 'RTCDataChannelEvent');
