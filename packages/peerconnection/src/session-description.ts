// RTCSessionDescription and its dictionaries.
// https://www.w3.org/TR/webrtc/#session-description-model

import { defineInterface, toDictionary, toDomString, toEnum } from './web-idl.ts';

/** What a description is in the exchange. */
export type RTCSdpType = 'offer' | 'pranswer' | 'answer' | 'rollback';

export const SDP_TYPES: readonly RTCSdpType[] = ['offer', 'pranswer', 'answer', 'rollback'];

export interface RTCSessionDescriptionInit {
  type: RTCSdpType;
  sdp?: string;
}

export interface RTCLocalSessionDescriptionInit {
  type?: RTCSdpType;
  sdp?: string;
}

/** A description as the connection's attributes show it. */
export class RTCSessionDescription {
  readonly #type: RTCSdpType;
  readonly #sdp: string;

  /** @throws TypeError if `type` is missing or unknown. */
  constructor(descriptionInitDict: RTCSessionDescriptionInit) {
    const { type, sdp } = convertDescription(descriptionInitDict);
    this.#type = type;
    this.#sdp = sdp;
  }

  get type(): RTCSdpType {
    return this.#type;
  }

  get sdp(): string {
    return this.#sdp;
  }

  toJSON(): RTCSessionDescriptionInit {
    return { type: this.#type, sdp: this.#sdp };
  }
}

defineInterface(RTCSessionDescription, 'RTCSessionDescription');

/**
 * The dictionary `RTCSessionDescriptionInit`, converted.
 *
 * @throws TypeError if `type` is missing or unknown.
 */
export function convertDescription(
  init: RTCSessionDescriptionInit,
): Required<RTCSessionDescriptionInit> {
  const { type, sdp } = convertLocalDescription(init);
  if (type === undefined) throw new TypeError('A session description needs a type.');
  return { type, sdp };
}

/**
 * The dictionary `RTCLocalSessionDescriptionInit`, converted.
 *
 * @throws TypeError if `type` is unknown.
 */
export function convertLocalDescription(init: RTCLocalSessionDescriptionInit | undefined): {
  readonly type: RTCSdpType | undefined;
  readonly sdp: string;
} {
  const { type, sdp } = toDictionary(init, 'The session description');
  return {
    type: type === undefined ? undefined : toEnum(type, SDP_TYPES, 'type'),
    sdp: sdp === undefined ? '' : toDomString(sdp),
  };
}
