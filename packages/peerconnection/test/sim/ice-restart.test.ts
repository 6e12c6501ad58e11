import { describe, expect, it } from 'vitest';
import type { RTCConfiguration, RTCPeerConnection, RTCSctpTransport } from '../../src/index.ts';
import { fired, messages, PeerPair } from '../peer-pair.ts';

const fragmentOf = (pc: RTCPeerConnection): string =>
  /a=ice-ufrag:(.*)/.exec(pc.localDescription?.sdp ?? '')?.[1] ?? '';

describe('an ICE restart', () => {
  it('is asked for by restartIce() and changes the credentials of both (RFC 9429 §5.2.3.1)', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    const before = [fragmentOf(pair.alice), fragmentOf(pair.bob)];
    const states: string[] = [];
    pair.alice.oniceconnectionstatechange = () => states.push(pair.alice.iceConnectionState);
    const needed = fired(pair.alice, 'negotiationneeded');
    pair.alice.restartIce();
    await pair.complete(needed);
    await pair.complete(pair.negotiate());
    expect(fragmentOf(pair.alice)).not.toBe(before[0]);
    expect(fragmentOf(pair.bob)).not.toBe(before[1]);
    const received = messages(bob, 1);
    alice.send('still here');
    expect(await pair.complete(received)).toEqual(['still here']);
    await pair.simulation.run({ until: pair.simulation.now + 2000 });
    expect(pair.alice.iceConnectionState).toBe('completed');
    expect(states).not.toContain('failed');
    expect(states).not.toContain('disconnected');
    pair.close();
  });

  it('brings a failed connection back to life, with what waited to be sent', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    pair.bobHost.link.change({ loss: 1 });
    const received = messages(bob, 1);
    alice.send('from before');
    await pair.simulation.run({ until: pair.simulation.now + 45_000 });
    expect(pair.alice.connectionState).toBe('failed');
    pair.bobHost.link.change({ loss: 0 });
    pair.alice.restartIce();
    await pair.complete(pair.negotiate());
    expect(await pair.complete(received)).toEqual(['from before']);
    expect(pair.alice.connectionState).toBe('connected');
    pair.close();
  });

  it('can be offered with createOffer({ iceRestart }), and not be applied', async () => {
    const pair = new PeerPair();
    await pair.open();
    const before = fragmentOf(pair.alice);
    const offer = await pair.complete(pair.alice.createOffer({ iceRestart: true }));
    expect(offer.sdp).not.toContain(before);
    const again = await pair.complete(pair.alice.createOffer());
    expect(again.sdp).toContain(before);
    pair.close();
  });

  it('that is rolled back leaves the connection as it was', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    const before = fragmentOf(pair.alice);
    const { sdp = '' } = await pair.complete(pair.alice.createOffer({ iceRestart: true }));
    await pair.complete(pair.alice.setLocalDescription({ type: 'offer', sdp }));
    await pair.simulation.run({ until: pair.simulation.now + 1000 });
    await pair.complete(pair.alice.setLocalDescription({ type: 'rollback' }));
    expect(fragmentOf(pair.alice)).toBe(before);
    // A negotiation of the other side's finds the old credentials in use.
    await pair.complete(pair.negotiate(pair.bob));
    expect(fragmentOf(pair.alice)).toBe(before);
    const received = messages(alice, 1);
    bob.send('unharmed');
    expect(await pair.complete(received)).toEqual(['unharmed']);
    await pair.simulation.run({ until: pair.simulation.now + 60_000 });
    expect(pair.alice.connectionState).toBe('connected');
    pair.close();
  });

  it('that is rolled back has lost none of the candidates that came meanwhile', async () => {
    const pair = new PeerPair();
    await pair.open();
    const { iceTransport } = (pair.alice.sctp as RTCSctpTransport).transport;
    const parameters = iceTransport.getLocalParameters();
    const candidates = iceTransport.getLocalCandidates().map(({ candidate }) => candidate);
    const offer = await pair.complete(pair.alice.createOffer({ iceRestart: true }));
    await pair.complete(pair.alice.setLocalDescription(offer));
    await pair.complete(
      pair.alice.addIceCandidate({
        candidate: 'candidate:7 1 udp 2130706431 5.0.0.99 4000 typ host',
        sdpMid: '0',
        usernameFragment: fragmentOf(pair.bob),
      }),
    );
    await pair.complete(pair.alice.setLocalDescription({ type: 'rollback' }));
    expect(iceTransport.getRemoteCandidates().map(({ address }) => address)).toContain('5.0.0.99');
    expect(iceTransport.getLocalParameters()).toEqual(parameters);
    expect(iceTransport.getLocalCandidates().map(({ candidate }) => candidate)).toEqual(candidates);
    pair.close();
  });

  it('changes both credentials: an offer with a new password alone is refused (RFC 8839 §4.4.1.1.1)', async () => {
    const pair = new PeerPair();
    await pair.open();
    const { sdp = '' } = await pair.complete(pair.alice.createOffer());
    const half = sdp.replace(/(a=ice-pwd:).*/, '$1passwordThatIsAnotherOne');
    await expect(
      pair.complete(pair.bob.setRemoteDescription({ type: 'offer', sdp: half })),
    ).rejects.toMatchObject({ name: 'InvalidAccessError' });
    expect(pair.bob.signalingState).toBe('stable');
    await pair.complete(pair.negotiate());
    expect(pair.bob.iceConnectionState).toBe('completed');
    pair.close();
  });

  it('gathers again, with the events of a first time', async () => {
    const pair = new PeerPair();
    await pair.open();
    const events: string[] = [];
    pair.alice.onicegatheringstatechange = () => events.push(pair.alice.iceGatheringState);
    pair.alice.onicecandidate = ({ candidate }) =>
      events.push(candidate === null ? 'null' : candidate.candidate === '' ? 'end' : 'candidate');
    pair.alice.restartIce();
    await pair.complete(pair.negotiate());
    expect(events).toEqual(['gathering', 'candidate', 'end', 'complete', 'null']);
    pair.close();
  });

  it.each<[string, RTCConfiguration]>([
    ['servers', { iceServers: [{ urls: 'stun:5.9.9.9' }] }],
    ['policy', { iceTransportPolicy: 'relay' }],
  ])(
    'comes with the next offer if the ICE %s changed (RFC 9429 §4.1.18)',
    async (_what, change) => {
      const pair = new PeerPair();
      await pair.open();
      const before = fragmentOf(pair.alice);
      pair.alice.setConfiguration({ ...pair.alice.getConfiguration(), ...change });
      const gathering = fired(pair.alice, 'icegatheringstatechange');
      await pair.complete(pair.negotiate());
      await pair.complete(gathering);
      const after = fragmentOf(pair.alice);
      expect(after).not.toBe(before);
      // That was the restart; the next offer is for another reason.
      await pair.complete(pair.negotiate());
      expect(fragmentOf(pair.alice)).toBe(after);
      pair.close();
    },
  );

  it('does not come of a configuration that says the same, or of one before gathering', async () => {
    const pair = new PeerPair();
    const [offer, configuration] = [pair.alice.createOffer(), pair.alice.getConfiguration()];
    const changed = { ...configuration, iceServers: [{ urls: 'stun:5.9.9.9' }] };
    await pair.complete(offer);
    pair.alice.setConfiguration(changed);
    await pair.open();
    const before = fragmentOf(pair.alice);
    pair.alice.setConfiguration(changed);
    await pair.complete(pair.negotiate());
    expect(fragmentOf(pair.alice)).toBe(before);
    pair.close();
  });

  it('of the peer serves a changed configuration too', async () => {
    const pair = new PeerPair();
    await pair.open();
    const changed = { ...pair.alice.getConfiguration(), iceServers: [{ urls: 'stun:5.9.9.9' }] };
    pair.alice.setConfiguration(changed);
    pair.bob.restartIce();
    await pair.complete(pair.negotiate(pair.bob));
    const after = fragmentOf(pair.alice);
    await pair.complete(pair.negotiate());
    expect(fragmentOf(pair.alice)).toBe(after);
    pair.close();
  });
});
