// A description that has been applied, to which candidates are added while it stands.
// https://www.w3.org/TR/webrtc/#dom-peerconnection-localdesc

import type { IceCandidate } from '@kaon/ice';
import { formatSession } from '../sdp/format.ts';
import type { SdpMedia, SdpSession } from '../sdp/session.ts';
import { type RTCSdpType, RTCSessionDescription } from '../session-description.ts';
import { addCandidate, addEndOfCandidates } from './candidate-lines.ts';
import type { DataSection } from './data-section.ts';

/** The content of a slot such as [[CurrentLocalDescription]]. */
export class Description {
  readonly type: RTCSdpType;
  /** The section that data channels run over; undefined if there is none or it is rejected. */
  readonly data: DataSection | undefined;
  readonly #remote: boolean;
  #session: SdpSession;
  #object: RTCSessionDescription | undefined;

  constructor(
    type: RTCSdpType,
    session: SdpSession,
    data: DataSection | undefined,
    remote: boolean,
  ) {
    this.type = type;
    this.#remote = remote;
    this.data = data;
    this.#session = session;
  }

  get session(): SdpSession {
    return this.#session;
  }

  /** As applications see it; the same object until something is added. */
  get object(): RTCSessionDescription {
    this.#object ??= new RTCSessionDescription({
      type: this.type,
      sdp: formatSession(this.#session),
    });
    return this.#object;
  }

  /** Whether it is of the ICE generation with this username fragment. */
  isGeneration(usernameFragment: string | undefined): boolean {
    return this.data !== undefined && this.data.usernameFragment === usernameFragment;
  }

  addCandidate(candidate: IceCandidate): void {
    this.#replaceData((media) => addCandidate(media, candidate, !this.#remote));
  }

  addEndOfCandidates(): void {
    this.#replaceData(addEndOfCandidates);
  }

  #replaceData(change: (media: SdpMedia) => SdpMedia): void {
    const index = this.data?.index;
    if (index === undefined) return;
    const media = this.#session.media.map((each, i) => (i === index ? change(each) : each));
    this.#session = { lines: this.#session.lines, media };
    this.#object = undefined;
  }
}
