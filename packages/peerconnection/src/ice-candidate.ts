// RTCIceCandidate and RTCIceCandidatePair.
// https://www.w3.org/TR/webrtc/#rtcicecandidate-interface

import { type IceCandidate, parseCandidate } from '@kaon/ice';
import {
  defineInterface,
  toDictionary,
  toDomString,
  toEnum,
  toNullable,
  toUnsignedShort,
  toUsvString,
} from './web-idl.ts';

export type RTCIceComponent = 'rtp' | 'rtcp';
export type RTCIceProtocol = 'udp' | 'tcp';
export type RTCIceCandidateType = 'host' | 'srflx' | 'prflx' | 'relay';
export type RTCIceTcpCandidateType = 'active' | 'passive' | 'so';
export type RTCIceServerTransportProtocol = 'udp' | 'tcp' | 'tls';

export interface RTCIceCandidateInit {
  /** `candidate:…`; '' is the end of candidates. */
  candidate?: string;
  sdpMid?: string | null;
  sdpMLineIndex?: number | null;
  usernameFragment?: string | null;
}

export interface RTCLocalIceCandidateInit extends RTCIceCandidateInit {
  relayProtocol?: RTCIceServerTransportProtocol | null;
  url?: string | null;
}

const RELAY_PROTOCOLS: readonly RTCIceServerTransportProtocol[] = ['udp', 'tcp', 'tls'];

/** A candidate, local or remote. What its line does not say, or says badly, is null. */
export class RTCIceCandidate {
  readonly #init: ConvertedCandidate;
  readonly #relayProtocol: RTCIceServerTransportProtocol | null;
  readonly #url: string | null;
  /** Read when it is asked for: an application that only hands candidates on never does. */
  #read: { readonly candidate: IceCandidate | undefined } | undefined = undefined;

  /** @throws TypeError if neither `sdpMid` nor `sdpMLineIndex` is given, or a member is malformed. */
  constructor(candidateInitDict: RTCLocalIceCandidateInit = {}) {
    const init = convertCandidate(candidateInitDict);
    const { relayProtocol, url } = toDictionary(candidateInitDict, 'The candidate');
    if (init.sdpMid === null && init.sdpMLineIndex === null) {
      throw new TypeError('An RTCIceCandidate needs an sdpMid or an sdpMLineIndex.');
    }
    this.#init = init;
    this.#relayProtocol = toNullable(relayProtocol, (value) =>
      toEnum(value, RELAY_PROTOCOLS, 'relayProtocol'),
    );
    this.#url = toNullable(url, toUsvString);
  }

  get candidate(): string {
    return this.#init.candidate;
  }

  get sdpMid(): string | null {
    return this.#init.sdpMid;
  }

  get sdpMLineIndex(): number | null {
    return this.#init.sdpMLineIndex;
  }

  get foundation(): string | null {
    return this.#parsed?.foundation ?? null;
  }

  get component(): RTCIceComponent | null {
    if (this.#parsed === undefined) return null;
    return this.#parsed.component === 2 ? 'rtcp' : 'rtp';
  }

  get priority(): number | null {
    return this.#parsed?.priority ?? null;
  }

  get address(): string | null {
    return this.#parsed?.address ?? null;
  }

  get protocol(): RTCIceProtocol | null {
    return this.#parsed?.protocol ?? null;
  }

  get port(): number | null {
    return this.#parsed?.port ?? null;
  }

  get type(): RTCIceCandidateType | null {
    return this.#parsed?.type ?? null;
  }

  get tcpType(): RTCIceTcpCandidateType | null {
    return this.#parsed?.tcpType ?? null;
  }

  get relatedAddress(): string | null {
    return this.#parsed?.relatedAddress ?? null;
  }

  get relatedPort(): number | null {
    return this.#parsed?.relatedPort ?? null;
  }

  get usernameFragment(): string | null {
    return this.#init.usernameFragment;
  }

  get relayProtocol(): RTCIceServerTransportProtocol | null {
    return this.#relayProtocol;
  }

  get url(): string | null {
    return this.#url;
  }

  get #parsed(): IceCandidate | undefined {
    const { candidate } = this.#init;
    this.#read ??= { candidate: candidate === '' ? undefined : parseCandidate(candidate) };
    return this.#read.candidate;
  }

  toJSON(): RTCIceCandidateInit {
    return { ...this.#init };
  }
}

defineInterface(RTCIceCandidate, 'RTCIceCandidate');

/** A local and a remote candidate that belong together. */
export class RTCIceCandidatePair {
  readonly #local: RTCIceCandidate;
  readonly #remote: RTCIceCandidate;

  /** Not for applications. */
  constructor(local: RTCIceCandidate, remote: RTCIceCandidate) {
    if (local === undefined) throw new TypeError('Illegal constructor.');
    this.#local = local;
    this.#remote = remote;
  }

  get local(): RTCIceCandidate {
    return this.#local;
  }

  get remote(): RTCIceCandidate {
    return this.#remote;
  }
}

defineInterface(RTCIceCandidatePair, 'RTCIceCandidatePair');

/** `RTCIceCandidateInit` with its defaults filled in. */
export interface ConvertedCandidate {
  readonly candidate: string;
  readonly sdpMid: string | null;
  readonly sdpMLineIndex: number | null;
  readonly usernameFragment: string | null;
}

/** The dictionary `RTCIceCandidateInit`, converted; null is an empty one. */
export function convertCandidate(init: RTCIceCandidateInit | null | undefined): ConvertedCandidate {
  const { candidate, sdpMid, sdpMLineIndex, usernameFragment } = toDictionary(
    init,
    'The candidate',
  );
  return {
    candidate: candidate === undefined ? '' : toDomString(candidate),
    sdpMid: toNullable(sdpMid, toDomString),
    sdpMLineIndex: toNullable(sdpMLineIndex, toUnsignedShort),
    usernameFragment: toNullable(usernameFragment, toDomString),
  };
}
