import { describe, expect, it } from 'vitest';
import type { RTCPeerConnection, RTCSdpType } from '../src/index.ts';
import { PeerPair } from './peer-pair.ts';

/** Ways into each state. */
const PATHS: Readonly<Record<string, (pair: PeerPair) => Promise<unknown>>> = {
  stable: () => Promise.resolve(),
  'have-local-offer': ({ alice }) => alice.setLocalDescription(),
  'have-remote-offer': async (pair) => offerOfBob(pair),
  'have-local-pranswer': async (pair) => {
    await offerOfBob(pair);
    const { sdp = '' } = await pair.alice.createAnswer();
    await pair.alice.setLocalDescription({ type: 'pranswer', sdp });
  },
  'have-remote-pranswer': async (pair) => {
    await pair.alice.setLocalDescription();
    await pair.alice.setRemoteDescription({ type: 'pranswer', sdp: await answerOfBob(pair) });
  },
};

async function offerOfBob({ alice, bob }: PeerPair): Promise<void> {
  await bob.setLocalDescription();
  await alice.setRemoteDescription(described(bob));
}

async function answerOfBob({ alice, bob }: PeerPair): Promise<string> {
  if (bob.signalingState === 'stable') await bob.setRemoteDescription(described(alice));
  const { sdp = '' } = await bob.createAnswer();
  return sdp;
}

function described(pc: RTCPeerConnection): { type: RTCSdpType; sdp: string } {
  const { type, sdp } = pc.localDescription ?? { type: 'offer', sdp: '' };
  return { type, sdp };
}

/** Operations on Alice, each with descriptions that are good in themselves. */
const OPERATIONS: Readonly<Record<string, (pair: PeerPair) => Promise<unknown>>> = {
  'createOffer()': ({ alice }) => alice.createOffer(),
  'createAnswer()': ({ alice }) => alice.createAnswer(),
  'setLocalDescription()': ({ alice }) => alice.setLocalDescription(),
  'setLocalDescription(offer)': ({ alice }) => alice.setLocalDescription({ type: 'offer' }),
  'setLocalDescription(pranswer)': ({ alice }) => alice.setLocalDescription({ type: 'pranswer' }),
  'setLocalDescription(answer)': ({ alice }) => alice.setLocalDescription({ type: 'answer' }),
  'setLocalDescription(rollback)': ({ alice }) => alice.setLocalDescription({ type: 'rollback' }),
  'setRemoteDescription(offer)': async (pair) => {
    if (pair.bob.signalingState !== 'stable') {
      await pair.bob.setLocalDescription({ type: 'rollback' }).catch(() => undefined);
    }
    await pair.alice.setRemoteDescription(await pair.bob.createOffer());
  },
  'setRemoteDescription(pranswer)': async (pair) =>
    pair.alice.setRemoteDescription({ type: 'pranswer', sdp: await anyAnswer(pair) }),
  'setRemoteDescription(answer)': async (pair) =>
    pair.alice.setRemoteDescription({ type: 'answer', sdp: await anyAnswer(pair) }),
  'setRemoteDescription(rollback)': ({ alice }) => alice.setRemoteDescription({ type: 'rollback' }),
};

/** An answer to what Alice offered, or if she has not, one out of place. */
async function anyAnswer(pair: PeerPair): Promise<string> {
  if (pair.alice.localDescription?.type === 'offer') return answerOfBob(pair);
  return (await pair.bob.createOffer()).sdp?.replace('actpass', 'active') ?? '';
}

const ISE = 'InvalidStateError';

/** The state after the operation, or the exception. */
const TABLE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  stable: {
    'createOffer()': 'stable',
    'createAnswer()': ISE,
    'setLocalDescription()': 'have-local-offer',
    'setLocalDescription(offer)': 'have-local-offer',
    'setLocalDescription(pranswer)': ISE,
    'setLocalDescription(answer)': ISE,
    'setLocalDescription(rollback)': ISE,
    'setRemoteDescription(offer)': 'have-remote-offer',
    'setRemoteDescription(pranswer)': ISE,
    'setRemoteDescription(answer)': ISE,
    'setRemoteDescription(rollback)': ISE,
  },
  'have-local-offer': {
    'createOffer()': 'have-local-offer',
    'createAnswer()': ISE,
    'setLocalDescription()': 'have-local-offer',
    'setLocalDescription(offer)': 'have-local-offer',
    'setLocalDescription(pranswer)': ISE,
    'setLocalDescription(answer)': ISE,
    'setLocalDescription(rollback)': 'stable',
    'setRemoteDescription(offer)': 'have-remote-offer',
    'setRemoteDescription(pranswer)': 'have-remote-pranswer',
    'setRemoteDescription(answer)': 'stable',
    'setRemoteDescription(rollback)': 'stable',
  },
  'have-remote-offer': {
    'createOffer()': ISE,
    'createAnswer()': 'have-remote-offer',
    'setLocalDescription()': 'stable',
    'setLocalDescription(offer)': ISE,
    'setLocalDescription(pranswer)': 'have-local-pranswer',
    'setLocalDescription(answer)': 'stable',
    'setLocalDescription(rollback)': 'stable',
    'setRemoteDescription(offer)': 'have-remote-offer',
    'setRemoteDescription(pranswer)': ISE,
    'setRemoteDescription(answer)': ISE,
    'setRemoteDescription(rollback)': 'stable',
  },
  'have-local-pranswer': {
    'createOffer()': ISE,
    'createAnswer()': 'have-local-pranswer',
    'setLocalDescription()': 'stable',
    'setLocalDescription(offer)': ISE,
    'setLocalDescription(pranswer)': 'have-local-pranswer',
    'setLocalDescription(answer)': 'stable',
    'setLocalDescription(rollback)': ISE,
    'setRemoteDescription(offer)': ISE,
    'setRemoteDescription(pranswer)': ISE,
    'setRemoteDescription(answer)': ISE,
    'setRemoteDescription(rollback)': ISE,
  },
  'have-remote-pranswer': {
    'createOffer()': ISE,
    'createAnswer()': ISE,
    'setLocalDescription()': ISE,
    'setLocalDescription(offer)': ISE,
    'setLocalDescription(pranswer)': ISE,
    'setLocalDescription(answer)': ISE,
    'setLocalDescription(rollback)': ISE,
    'setRemoteDescription(offer)': ISE,
    'setRemoteDescription(pranswer)': 'have-remote-pranswer',
    'setRemoteDescription(answer)': 'stable',
    'setRemoteDescription(rollback)': ISE,
  },
};

describe.each(Object.keys(PATHS))('in state %s', (state) => {
  it.each(Object.entries(TABLE[state] ?? {}))('%s gives %s', async (operation, expected) => {
    const pair = new PeerPair();
    for (const pc of [pair.alice, pair.bob]) pc.createDataChannel('data');
    await pair.complete(PATHS[state]?.(pair) ?? Promise.resolve());
    expect(pair.alice.signalingState).toBe(state);
    const result = await pair.complete(
      (OPERATIONS[operation]?.(pair) ?? Promise.resolve()).then(
        () => pair.alice.signalingState,
        (error: Error) => error.name,
      ),
    );
    expect(result).toBe(expected);
    if (expected === ISE) expect(pair.alice.signalingState).toBe(state);
    pair.close();
  });
});
