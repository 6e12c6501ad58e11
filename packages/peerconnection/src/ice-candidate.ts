// RTCIceCandidate and RTCIceCandidatePair.
// https://www.w3.org/TR/webrtc/#rtcicecandidate-interface

import { type IceCandidate, parseCandidate } from '@kaon/ice';
import { toDictionary, toDomString } from './web-idl.ts';

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

/** A candidate, local or remote. What its line does not say, or says badly, is null. */
export class RTCIceCandidate {
  readonly #init: ConvertedCandidate;
  readonly #relayProtocol: RTCIceServerTransportProtocol | null;
  readonly #url: string | null;
  /** Read when it is asked for: an application that only hands candidates on never does. */
  #read: { readonly candidate: IceCandidate | undefined } | undefined = undefined;

  /** @throws TypeError if neither `sdpMid` nor `sdpMLineIndex` is given. */
  constructor(candidateInitDict: RTCLocalIceCandidateInit = {}) {
    const init = convertCandidate(candidateInitDict);
    if (init.sdpMid === null && init.sdpMLineIndex === null) {
      throw new TypeError('An RTCIceCandidate needs an sdpMid or an sdpMLineIndex.');
    }
    this.#init = init;
    this.#relayProtocol = candidateInitDict.relayProtocol ?? null;
    this.#url = candidateInitDict.url ?? null;
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
    return this.#init.usernameFragment ?? this.#parsed?.usernameFragment ?? null;
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
    const { candidate, sdpMid, sdpMLineIndex } = this.#init;
    return { candidate, sdpMid, sdpMLineIndex, usernameFragment: this.usernameFragment };
  }
}

/** A local and a remote candidate that belong together. */
export class RTCIceCandidatePair {
  readonly #local: RTCIceCandidate;
  readonly #remote: RTCIceCandidate;

  constructor(local: RTCIceCandidate, remote: RTCIceCandidate) {
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
    sdpMid: sdpMid === undefined || sdpMid === null ? null : toDomString(sdpMid),
    sdpMLineIndex:
      sdpMLineIndex === undefined || sdpMLineIndex === null ? null : toUnsignedShort(sdpMLineIndex),
    usernameFragment:
      usernameFragment === undefined || usernameFragment === null
        ? null
        : toDomString(usernameFragment),
  };
}

/** Web IDL's `unsigned short` without [EnforceRange]: modulo 2^16. */
function toUnsignedShort(value: number): number {
  const number = Math.trunc(Number(value));
  return Number.isFinite(number) ? number & 0xffff : 0;
}
