import { describe, expect, it } from 'vitest';
import type { RTCPeerConnection, RTCSessionDescriptionInit } from '../../src/index.ts';
import { nextChannel, opened, PeerPair } from '../peer-pair.ts';

/** The pattern of webrtc-pc §10.7, with signalling that takes its time and keeps its order. */
function negotiatePerfectly(pair: PeerPair): void {
  for (const [pc, other, polite] of [
    [pair.alice, pair.bob, true],
    [pair.bob, pair.alice, false],
  ] as const) {
    let makingOffer = false;
    let ignoreOffer = false;
    pc.onnegotiationneeded = async () => {
      makingOffer = true;
      await pc.setLocalDescription();
      send(pc, other);
      makingOffer = false;
    };
    pc.onicecandidate = async ({ candidate }) => {
      await pair.signaling();
      try {
        await other.addIceCandidate(candidate);
      } catch (error) {
        if (!ignored.get(other)) throw error;
      }
    };
    receivers.set(pc, async (description) => {
      const isCollision =
        description.type === 'offer' && (makingOffer || pc.signalingState !== 'stable');
      ignoreOffer = !polite && isCollision;
      ignored.set(pc, ignoreOffer);
      if (ignoreOffer) return;
      await pc.setRemoteDescription(description);
      if (description.type !== 'offer') return;
      await pc.setLocalDescription();
      send(pc, other);
    });
  }
  async function send(from: RTCPeerConnection, to: RTCPeerConnection): Promise<void> {
    const description = from.localDescription?.toJSON();
    await pair.signaling();
    if (description !== undefined) await receivers.get(to)?.(description);
  }
}

const receivers = new WeakMap<
  RTCPeerConnection,
  (description: RTCSessionDescriptionInit) => Promise<void>
>();
const ignored = new WeakMap<RTCPeerConnection, boolean>();

describe('perfect negotiation', () => {
  it('connects when both sides begin at the same moment', async () => {
    const pair = new PeerPair();
    negotiatePerfectly(pair);
    const [ofBob, ofAlice] = [nextChannel(pair.alice), nextChannel(pair.bob)];
    const alice = pair.alice.createDataChannel('of alice');
    const bob = pair.bob.createDataChannel('of bob');
    const all = Promise.all([ofBob, ofAlice, opened(alice), opened(bob)]);
    const [atAlice, atBob] = await pair.complete(all);
    expect([atAlice.label, atBob.label]).toEqual(['of bob', 'of alice']);
    expect([pair.alice.signalingState, pair.bob.signalingState]).toEqual(['stable', 'stable']);
    pair.close();
  });

  it('survives restarts from both sides at the same moment, again and again', async () => {
    const pair = new PeerPair();
    negotiatePerfectly(pair);
    const channel = pair.alice.createDataChannel('x');
    await pair.complete(opened(channel));
    for (let round = 0; round < 5; round++) {
      pair.alice.restartIce();
      await pair.simulation.run({ until: pair.simulation.now + round * 7 });
      pair.bob.restartIce();
      await pair.simulation.run({ until: pair.simulation.now + 3000 });
      expect([pair.alice.signalingState, pair.bob.signalingState]).toEqual(['stable', 'stable']);
      expect([pair.alice.connectionState, pair.bob.connectionState]).toEqual([
        'connected',
        'connected',
      ]);
    }
    expect(channel.readyState).toBe('open');
    pair.close();
  });

  it('fires negotiationneeded once for many channels, and not again when all is negotiated', async () => {
    const pair = new PeerPair();
    let count = 0;
    pair.alice.addEventListener('negotiationneeded', () => count++);
    negotiatePerfectly(pair);
    const channels = Array.from({ length: 5 }, () => pair.alice.createDataChannel('x'));
    await pair.complete(Promise.all(channels.map(opened)));
    pair.alice.createDataChannel('later');
    await pair.simulation.run({ until: pair.simulation.now + 1000 });
    expect(count).toBe(1);
    pair.close();
  });
});
