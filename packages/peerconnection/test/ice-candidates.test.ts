import { describe, expect, it } from 'vitest';
import type { RTCIceCandidateInit } from '../src/index.ts';
import { CHROMIUM_WITH_MEDIA } from './fixtures/offers.ts';
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

  it('keeps what is for the transport of another section from that of data', async () => {
    const pair = new PeerPair();
    const { bob } = pair;
    // Without max-bundle, each section of a first offer has a transport of its own.
    const sdp = CHROMIUM_WITH_MEDIA.replace('a=ice-ufrag:eP9k', 'a=ice-ufrag:aUd1');
    await pair.complete(bob.setRemoteDescription({ type: 'offer', sdp }));
    const add = (init: RTCIceCandidateInit): Promise<void> =>
      pair.complete(bob.addIceCandidate(init));
    await add({ candidate: LINE, sdpMid: '0' });
    await add({ candidate: '', sdpMid: '0' });
    expect(bob.remoteDescription?.sdp).not.toContain(LINE);
    expect(bob.remoteDescription?.sdp).not.toContain('a=end-of-candidates');
    expect(bob.sctp?.transport.iceTransport.getRemoteCandidates()).toEqual([]);
    // A section that shares the transport of data may speak for it.
    await add({ candidate: LINE, sdpMid: '1' });
    await add({ candidate: '' });
    expect(bob.remoteDescription?.sdp).toContain(`a=${LINE}\r\na=end-of-candidates\r\n`);
    pair.close();
  });

  it('ends no candidates but those of the session as it is', async () => {
    const pair = new PeerPair();
    const { bob } = pair;
    const [media = ''] = CHROMIUM_WITH_MEDIA.replace('BUNDLE 0 1 2', 'BUNDLE 0').split('m=video');
    const answer = async (sdp: string): Promise<void> => {
      await bob.setRemoteDescription({ type: 'offer', sdp });
      await bob.setLocalDescription();
    };
    await pair.complete(answer(media));
    await pair.simulation.run({ until: 100 });
    await pair.complete(bob.addIceCandidate());
    const states: string[] = [];
    bob.oniceconnectionstatechange = () => states.push(bob.iceConnectionState);
    await pair.complete(answer(CHROMIUM_WITH_MEDIA));
    await pair.simulation.run({ until: 30_000 });
    // Data has come since, and its candidates are still to come.
    expect(states).toEqual([]);
    await pair.complete(bob.addIceCandidate({ candidate: LINE, sdpMid: '2' }));
    await pair.simulation.run({ until: 31_000 });
    expect(states).toEqual(['checking']);
    pair.close();
  });
});
