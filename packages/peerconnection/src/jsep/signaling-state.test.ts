import { describe, expect, it } from 'vitest';
import { SDP_TYPES } from '../session-description.ts';
import { nextSignalingState, type RTCSignalingState } from './signaling-state.ts';

const STATES: readonly RTCSignalingState[] = [
  'stable',
  'have-local-offer',
  'have-remote-offer',
  'have-local-pranswer',
  'have-remote-pranswer',
  'closed',
];

/** RFC 9429 §5.5 and §5.6, webrtc-pc §4.4.1.4: what is not in here is an InvalidStateError. */
const TABLE: Readonly<Record<string, RTCSignalingState>> = {
  'stable local offer': 'have-local-offer',
  'stable remote offer': 'have-remote-offer',
  'have-local-offer local offer': 'have-local-offer',
  'have-local-offer remote pranswer': 'have-remote-pranswer',
  'have-local-offer remote answer': 'stable',
  'have-local-offer local rollback': 'stable',
  'have-local-offer remote rollback': 'stable',
  'have-remote-offer remote offer': 'have-remote-offer',
  'have-remote-offer local pranswer': 'have-local-pranswer',
  'have-remote-offer local answer': 'stable',
  'have-remote-offer local rollback': 'stable',
  'have-remote-offer remote rollback': 'stable',
  'have-local-pranswer local pranswer': 'have-local-pranswer',
  'have-local-pranswer local answer': 'stable',
  'have-remote-pranswer remote pranswer': 'have-remote-pranswer',
  'have-remote-pranswer remote answer': 'stable',
};

describe('nextSignalingState', () => {
  const rows = STATES.flatMap((state) =>
    [false, true].flatMap((remote) =>
      SDP_TYPES.map((type) => {
        const key = `${state} ${remote ? 'remote' : 'local'} ${type}`;
        return { key, state, remote, type, next: TABLE[key] };
      }),
    ),
  );

  it.each(rows)('$key leads to $next', ({ state, type, remote, next }) => {
    expect(nextSignalingState(state, type, remote)).toBe(next);
  });
});
