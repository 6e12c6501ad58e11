import { NAT_TYPES, type Simulation } from '@kaon/simnet';
import { answerBinding } from '@kaon/stun';
import { describe, expect, it } from 'vitest';
import type { RTCPeerConnectionIceErrorEvent } from '../../src/index.ts';
import { fired, PeerPair } from '../peer-pair.ts';

type NatType = keyof typeof NAT_TYPES;

const TYPES = Object.keys(NAT_TYPES) as NatType[];

/** A symmetric translator gives an address that others cannot know; who filters by port needs it. */
function canConnect(a: NatType, b: NatType): boolean {
  const needsExactAddress = (type: NatType): boolean =>
    type === 'port-restricted' || type === 'symmetric';
  return !(
    (a === 'symmetric' && needsExactAddress(b)) ||
    (b === 'symmetric' && needsExactAddress(a))
  );
}

async function serveStun(simulation: Simulation): Promise<string> {
  const host = simulation.host('stun');
  const socket = await host.network.bindUdp(
    { address: host.address, port: 3478 },
    {
      onDatagram: (data, remote) => {
        const answer = answerBinding(data, remote);
        if (answer !== undefined) socket.send(answer, remote);
      },
      onBatchEnd: () => socket.flush(),
      onError: () => undefined,
    },
  );
  return `stun:${host.address}:3478`;
}

describe('behind translators', () => {
  const pairs = TYPES.flatMap((a) => TYPES.map((b) => ({ a, b, connects: canConnect(a, b) })));

  it.each(pairs)('$a with $b: connects $connects', async ({ a, b, connects }) => {
    const pair = new PeerPair({
      seed: `${a} ${b}`,
      build: (simulation) => [
        simulation.host('alice', { behind: simulation.nat('nat a', { type: a }) }),
        simulation.host('bob', { behind: simulation.nat('nat b', { type: b }) }),
      ],
    });
    const urls = await pair.complete(serveStun(pair.simulation));
    for (const pc of [pair.alice, pair.bob]) {
      pc.setConfiguration({ ...pc.getConfiguration(), iceServers: [{ urls }] });
    }
    pair.trickle();
    pair.alice.createDataChannel('x');
    const settled = new Promise<string>((resolve) => {
      pair.alice.onconnectionstatechange = () => {
        const { connectionState } = pair.alice;
        if (connectionState === 'connected' || connectionState === 'failed')
          resolve(connectionState);
      };
    });
    await pair.complete(pair.negotiate());
    expect(await pair.complete(settled)).toBe(connects ? 'connected' : 'failed');
    pair.close();
  });

  it('a server-reflexive candidate names the server that told it', async () => {
    const pair = new PeerPair({
      build: (simulation) => [
        simulation.host('alice', { behind: simulation.nat('nat') }),
        simulation.host('bob'),
      ],
    });
    const urls = await pair.complete(serveStun(pair.simulation));
    pair.alice.setConfiguration({ ...pair.alice.getConfiguration(), iceServers: [{ urls }] });
    pair.alice.createDataChannel('x');
    const reflexive = new Promise<string | null>((resolve) => {
      pair.alice.onicecandidate = ({ candidate }) => {
        if (candidate?.type === 'srflx') resolve(candidate.url);
      };
    });
    await pair.complete(pair.alice.setLocalDescription());
    expect(await pair.complete(reflexive)).toBe(urls);
    pair.close();
  });

  it('what is gathered after an offer was created joins it when it is applied', async () => {
    const pair = new PeerPair({
      build: (simulation) => [
        simulation.host('alice', { behind: simulation.nat('nat', { type: 'full-cone' }) }),
        simulation.host('bob'),
      ],
    });
    const { alice } = pair;
    const urls = await pair.complete(serveStun(pair.simulation));
    alice.setConfiguration({ ...alice.getConfiguration(), iceServers: [{ urls }] });
    alice.createDataChannel('x');
    await pair.complete(alice.setLocalDescription());
    const offer = await pair.complete(alice.createOffer());
    expect(offer.sdp).not.toContain('typ srflx');
    while (alice.iceGatheringState !== 'complete') {
      await pair.complete(fired(alice, 'icegatheringstatechange'));
    }
    await pair.complete(alice.setLocalDescription(offer));
    expect(alice.localDescription?.sdp).toMatch(/a=candidate:.* typ srflx/);
    expect(alice.localDescription?.sdp).toContain('a=end-of-candidates');
    pair.close();
  });

  it('a server that does not answer is told of once (webrtc-pc §4.8.3)', async () => {
    const urls = ['stun:5.9.9.9', 'stun:nobody.example:3479'];
    const pair = new PeerPair({ configuration: { iceServers: [{ urls }] } });
    const errors: RTCPeerConnectionIceErrorEvent[] = [];
    pair.alice.onicecandidateerror = (event) => errors.push(event);
    pair.alice.createDataChannel('x');
    await pair.complete(pair.alice.setLocalDescription());
    await pair.simulation.run({ until: 30_000 });
    expect(pair.alice.iceGatheringState).toBe('complete');
    expect(errors.map(({ url, errorCode, address }) => [url, errorCode, address])).toEqual(
      urls.map((url) => [url, 701, null]),
    );
    pair.close();
  });

  it('policy relay looks no name up (webrtc-pc §4.4.2: administratively prohibited)', async () => {
    const pair = new PeerPair({ configuration: { iceTransportPolicy: 'relay' } });
    const { alice, bob } = pair;
    const names: string[] = [];
    pair.bobHost.network.lookup = (name) => {
      names.push(name);
      return Promise.resolve([]);
    };
    alice.createDataChannel('x');
    await pair.complete(alice.setLocalDescription());
    const line = (name: string): string => `candidate:1 1 udp 1 ${name} 4000 typ host`;
    const { sdp = '' } = alice.localDescription ?? {};
    const offer = `${sdp}a=${line('one.local')}\r\n`;
    await pair.complete(bob.setRemoteDescription({ type: 'offer', sdp: offer }));
    await pair.complete(bob.setLocalDescription());
    for (const name of ['two.local', 'three.example']) {
      await pair.complete(bob.addIceCandidate({ candidate: line(name), sdpMid: '0' }));
    }
    await pair.simulation.run({ until: 5000 });
    expect(names).toEqual([]);
    expect(bob.remoteDescription?.sdp).toContain('two.local');
    pair.close();
  });

  it('policy relay gathers nothing as long as there are no relays', async () => {
    const pair = new PeerPair({ configuration: { iceTransportPolicy: 'relay' } });
    pair.alice.createDataChannel('x');
    const complete = fired(pair.alice, 'icegatheringstatechange').then(() =>
      fired(pair.alice, 'icegatheringstatechange'),
    );
    await pair.complete(Promise.all([pair.alice.setLocalDescription(), complete]));
    expect(pair.alice.iceGatheringState).toBe('complete');
    expect(pair.alice.localDescription?.sdp).not.toContain('a=candidate');
    pair.close();
  });
});
