import { deterministicCrypto } from '@kaon/crypto';
import { describe, expect, it } from 'vitest';
import { RTCPeerConnection, type RTCSessionDescription } from '../../src/index.ts';
import { PeerPair } from '../peer-pair.ts';

/** Alice, Bob, and Carol, who speaks to them too. */
function withCarol(): { pair: PeerPair; carol: RTCPeerConnection } {
  const pair = new PeerPair();
  const { network } = pair.simulation.host('carol');
  return { pair, carol: new RTCPeerConnection({}, { network, crypto: deterministicCrypto }) };
}

/** What a connection describes once it has gathered. */
async function described(pair: PeerPair, pc: RTCPeerConnection): Promise<RTCSessionDescription> {
  await pair.complete(pc.setLocalDescription());
  await pair.simulation.run({ until: pair.simulation.now + 500 });
  return pc.localDescription as RTCSessionDescription;
}

describe('signalling from several peers', () => {
  it('an offer before the one before is answered takes its place (RFC 9429 §5.6)', async () => {
    const { pair, carol } = withCarol();
    const { alice, bob } = pair;
    for (const pc of [alice, carol]) pc.createDataChannel('x');
    await pair.complete(bob.setRemoteDescription(await described(pair, carol)));
    await pair.complete(bob.setRemoteDescription(await described(pair, alice)));
    await pair.complete(alice.setRemoteDescription(await described(pair, bob)));
    await pair.simulation.run({ until: pair.simulation.now + 2000 });
    expect([alice.connectionState, bob.connectionState]).toEqual(['connected', 'connected']);
    expect(bob.sctp?.transport.iceTransport.getRemoteParameters()?.usernameFragment).toBe(
      alice.sctp?.transport.iceTransport.getLocalParameters()?.usernameFragment,
    );
    for (const pc of [alice, bob, carol]) pc.close();
  });

  it('the same offer again changes nothing', async () => {
    const { pair, carol } = withCarol();
    carol.createDataChannel('x');
    const offer = await described(pair, carol);
    await pair.complete(pair.bob.setRemoteDescription(offer));
    const { sctp } = pair.bob;
    await pair.complete(pair.bob.setRemoteDescription(offer));
    expect(pair.bob.sctp).toBe(sctp);
    for (const pc of [pair.bob, carol]) pc.close();
  });

  it('the answer is of whom the provisional one was', async () => {
    const { pair, carol } = withCarol();
    const { alice, bob } = pair;
    alice.createDataChannel('x');
    const offer = await described(pair, alice);
    for (const pc of [bob, carol]) await pair.complete(pc.setRemoteDescription(offer));
    const { sdp } = await described(pair, carol);
    await pair.complete(alice.setRemoteDescription({ type: 'pranswer', sdp }));
    // Carol's certificate is the one that was checked: a description must not say that it is Bob.
    await expect(
      pair.complete(alice.setRemoteDescription(await described(pair, bob))),
    ).rejects.toHaveProperty('name', 'InvalidAccessError');
    expect(alice.signalingState).toBe('have-remote-pranswer');
    await pair.complete(alice.setRemoteDescription({ type: 'answer', sdp }));
    expect([alice.signalingState, alice.connectionState]).toEqual(['stable', 'connected']);
    for (const pc of [alice, bob, carol]) pc.close();
  });

  it('the answer to a restart may be given provisionally first', async () => {
    const pair = new PeerPair();
    const { alice, bob } = pair;
    await pair.open();
    alice.restartIce();
    await pair.complete(bob.setRemoteDescription(await described(pair, alice)));
    const { sdp } = await described(pair, bob);
    for (const type of ['pranswer', 'answer'] as const) {
      await pair.complete(alice.setRemoteDescription({ type, sdp }));
    }
    expect(alice.signalingState).toBe('stable');
    pair.close();
  });
});
