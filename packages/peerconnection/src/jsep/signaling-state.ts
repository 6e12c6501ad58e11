// The states of an offer/answer exchange, and which descriptions they allow.
// https://www.rfc-editor.org/rfc/rfc9429#section-3.2

import type { RTCSdpType } from '../session-description.ts';

export type RTCSignalingState =
  | 'stable'
  | 'have-local-offer'
  | 'have-remote-offer'
  | 'have-local-pranswer'
  | 'have-remote-pranswer'
  | 'closed';

type Transitions = Readonly<Partial<Record<RTCSignalingState, RTCSignalingState>>>;

const LOCAL: Readonly<Record<RTCSdpType, Transitions>> = {
  offer: { stable: 'have-local-offer', 'have-local-offer': 'have-local-offer' },
  pranswer: {
    'have-remote-offer': 'have-local-pranswer',
    'have-local-pranswer': 'have-local-pranswer',
  },
  answer: { 'have-remote-offer': 'stable', 'have-local-pranswer': 'stable' },
  // webrtc-pc §4.4.1.4 forbids what RFC 9429 §4.1.10.2 still allows: rolling back a provisional answer.
  rollback: { 'have-local-offer': 'stable', 'have-remote-offer': 'stable' },
};

const REMOTE: Readonly<Record<RTCSdpType, Transitions>> = {
  offer: { stable: 'have-remote-offer', 'have-remote-offer': 'have-remote-offer' },
  pranswer: {
    'have-local-offer': 'have-remote-pranswer',
    'have-remote-pranswer': 'have-remote-pranswer',
  },
  answer: { 'have-local-offer': 'stable', 'have-remote-pranswer': 'stable' },
  rollback: LOCAL.rollback,
};

/** The state after a description is applied; undefined if the state does not allow it. */
export function nextSignalingState(
  state: RTCSignalingState,
  type: RTCSdpType,
  remote: boolean,
): RTCSignalingState | undefined {
  return (remote ? REMOTE : LOCAL)[type][state];
}
