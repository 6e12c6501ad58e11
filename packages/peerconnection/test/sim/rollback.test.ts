import { describe, expect, it } from 'vitest';
import type { RTCPeerConnection } from '../../src/index.ts';
import { fired, PeerPair } from '../peer-pair.ts';

/** Writes down each state that an event tells of. */
function record(pc: RTCPeerConnection): string[] {
  const log: string[] = [];
  pc.addEventListener('icegatheringstatechange', () => log.push(pc.iceGatheringState));
  pc.addEventListener('iceconnectionstatechange', () => log.push(`ice ${pc.iceConnectionState}`));
  pc.addEventListener('connectionstatechange', () => log.push(`all ${pc.connectionState}`));
  pc.addEventListener('icecandidate', ({ candidate }) =>
    log.push(`candidate ${candidate === null ? 'null' : candidate.candidate === '' ? 'end' : ''}`),
  );
  return log;
}

describe('the first offer rolled back', () => {
  it('tells that nothing is gathered any more (webrtc-pc §4.3.2)', async () => {
    const pair = new PeerPair();
    const { alice } = pair;
    alice.createDataChannel('x');
    await pair.complete(alice.setLocalDescription());
    while (alice.iceGatheringState !== 'complete') {
      await pair.complete(fired(alice, 'icegatheringstatechange'));
    }
    const log = record(alice);
    const { sctp } = alice;
    await pair.complete(alice.setLocalDescription({ type: 'rollback' }));
    await pair.simulation.run({ until: pair.simulation.now + 100 });
    expect(log).toEqual(['new']);
    expect(alice.sctp).toBeNull();
    expect(sctp?.state).toBe('closed');
    pair.close();
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
    'after %i turns of gathering leaves nothing of it behind',
    async (turns) => {
      const pair = new PeerPair();
      const { alice } = pair;
      alice.createDataChannel('x');
      await pair.complete(alice.setLocalDescription());
      const { network } = pair.aliceHost;
      for (let turn = 0; turn < turns; turn++) {
        await pair.complete(new Promise<void>((resolve) => network.setTimer(resolve, 0)));
      }
      const log = record(alice);
      await pair.complete(alice.setLocalDescription({ type: 'rollback' }));
      expect(alice.iceGatheringState).toBe('new');
      await pair.simulation.run({ until: pair.simulation.now + 1000 });
      expect(log.slice(log.indexOf('new') + 1)).toEqual([]);
      expect(alice.iceGatheringState).toBe('new');
      const [channel] = await pair.open();
      expect(channel.readyState).toBe('open');
      pair.close();
    },
  );
});

describe('data that the answer rejects', () => {
  it('ends what ran over it, and tells so (RFC 8841 §10.3)', async () => {
    const pair = new PeerPair();
    await pair.open();
    const { alice, bob } = pair;
    const log = record(alice);
    const { sctp } = alice;
    const closed = fired(sctp as EventTarget, 'statechange');
    await pair.complete(alice.setLocalDescription());
    const offer = alice.localDescription?.sdp ?? '';
    await pair.complete(bob.setRemoteDescription({ type: 'offer', sdp: offer }));
    const { sdp = '' } = await pair.complete(bob.createAnswer());
    const rejection = sdp
      .replace(/m=application \d+/, 'm=application 0')
      .replace(/a=group.*\r\n/, '');
    await pair.complete(alice.setRemoteDescription({ type: 'answer', sdp: rejection }));
    await pair.complete(closed);
    await pair.simulation.run({ until: pair.simulation.now + 100 });
    expect(log).toEqual(['new', 'ice new', 'all new']);
    expect(sctp?.state).toBe('closed');
    expect(alice.sctp).toBeNull();
    pair.close();
  });
});
