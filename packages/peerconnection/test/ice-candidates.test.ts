import { describe, expect, it } from 'vitest';
import type { RTCIceCandidateInit } from '../src/index.ts';
import { PeerPair } from './peer-pair.ts';

const LINE = 'candidate:7 1 udp 2130706431 5.0.0.99 4000 typ host';

/** Bob with Alice's offer, and what `addIceCandidate` gives there. */
async function withOffer(): Promise<{
  pair: PeerPair;
  add: (candidate?: RTCIceCandidateInit | null) => Promise<string | undefined>;
  fragment: string;
}> {
  const pair = new PeerPair();
  pair.alice.createDataChannel('x');
  const offer = async (): Promise<void> => {
    await pair.alice.setLocalDescription();
    await pair.deliverDescription(pair.alice, pair.bob);
  };
  await pair.complete(offer());
  const add = (candidate?: RTCIceCandidateInit | null): Promise<string | undefined> =>
    pair.complete(
      pair.bob.addIceCandidate(candidate).then(
        () => undefined,
        (error: Error) => error.name,
      ),
    );
  const fragment = /a=ice-ufrag:(.*)/.exec(pair.bob.remoteDescription?.sdp ?? '')?.[1] ?? '';
  return { pair, add, fragment };
}

describe('addIceCandidate', () => {
  it.each([
    [{ candidate: LINE }, 'TypeError'],
    [{ candidate: LINE, sdpMid: '0' }, undefined],
    [{ candidate: LINE, sdpMLineIndex: 0 }, undefined],
    [{ candidate: LINE, sdpMid: 'unknown' }, 'OperationError'],
    [{ candidate: LINE, sdpMLineIndex: 1 }, 'OperationError'],
    [{ candidate: LINE, sdpMid: '0', sdpMLineIndex: 7 }, undefined],
    [{ candidate: LINE, sdpMid: '0', usernameFragment: 'stranger' }, 'OperationError'],
    [{ candidate: 'nonsense', sdpMid: '0' }, 'OperationError'],
    [{ candidate: '', sdpMid: '0' }, undefined],
    [{ candidate: '', sdpMid: 'unknown' }, 'OperationError'],
    [{ candidate: '' }, undefined],
    [{}, undefined],
    [null, undefined],
    [undefined, undefined],
  ])('(%j) rejects with %s (webrtc-pc §4.4.2)', async (candidate, name) => {
    const { pair, add } = await withOffer();
    expect(await add(candidate)).toBe(name);
    pair.close();
  });

  it('puts candidates and their end into the remote description', async () => {
    const { pair, add, fragment } = await withOffer();
    expect(await add({ candidate: LINE, sdpMid: '0', usernameFragment: fragment })).toBeUndefined();
    expect(pair.bob.remoteDescription?.sdp).toContain(`a=${LINE}\r\n`);
    await add({ candidate: '', sdpMid: '0' });
    expect(pair.bob.remoteDescription?.sdp).toContain('a=end-of-candidates\r\n');
    pair.close();
  });

  it('needs a remote description', async () => {
    const pair = new PeerPair();
    await expect(
      pair.complete(pair.bob.addIceCandidate({ candidate: LINE, sdpMid: '0' })),
    ).rejects.toHaveProperty('name', 'InvalidStateError');
    pair.close();
  });

  it('waits for the description that is being applied', async () => {
    const pair = new PeerPair();
    pair.alice.createDataChannel('x');
    await pair.complete(pair.alice.setLocalDescription());
    const description = pair.alice.localDescription ?? { type: 'offer' };
    const applied = pair.bob.setRemoteDescription(description);
    const added = pair.bob.addIceCandidate({ candidate: LINE, sdpMid: '0' });
    await pair.complete(Promise.all([applied, added]));
    pair.close();
  });

  it('makes a candidate visible in getRemoteCandidates()', async () => {
    const { pair, add } = await withOffer();
    await add({ candidate: LINE, sdpMid: '0' });
    const ice = pair.bob.sctp?.transport.iceTransport;
    expect(ice?.getRemoteCandidates().map(({ address }) => address)).toContain('5.0.0.99');
    expect(ice?.getRemoteParameters()?.usernameFragment).toMatch(/^.{8}$/);
    expect(ice?.role).toBe('controlled');
    pair.close();
  });
});
