import { describe, expect, it } from 'vitest';
import { RTCErrorEvent } from '../../src/index.ts';
import { fired, messages, nextChannel, PeerPair } from '../peer-pair.ts';

/** Negotiates with a change to the SDP that one side is given. */
async function negotiateWith(
  pair: PeerPair,
  changeOffer: (sdp: string) => string,
  changeAnswer: (sdp: string) => string = (sdp) => sdp,
): Promise<void> {
  await pair.alice.setLocalDescription();
  const offer = pair.alice.localDescription?.sdp ?? '';
  await pair.bob.setRemoteDescription({ type: 'offer', sdp: changeOffer(offer) });
  await pair.bob.setLocalDescription();
  const answer = pair.bob.localDescription?.sdp ?? '';
  await pair.alice.setRemoteDescription({ type: 'answer', sdp: changeAnswer(answer) });
}

const forgeFingerprint = (sdp: string): string =>
  sdp.replace(/(a=fingerprint:sha-256 )../, (_, name: string) => `${name}00`);

describe('a peer with another certificate than signalled', () => {
  it.each([
    ['the answerer sees', forgeFingerprint, (sdp: string) => sdp],
    ['the offerer sees', (sdp: string) => sdp, forgeFingerprint],
  ])('fails the connection, and no byte passes: %s it', async (who, changeOffer, changeAnswer) => {
    const pair = new PeerPair();
    pair.trickle();
    const channel = pair.alice.createDataChannel('x');
    let announced = 0;
    pair.bob.ondatachannel = () => announced++;
    await pair.complete(negotiateWith(pair, changeOffer, changeAnswer));
    const victim = who.startsWith('the answerer') ? pair.bob : pair.alice;
    const dtls = victim.sctp?.transport;
    expect(dtls).toBeDefined();
    const error = fired(dtls as EventTarget, 'error');
    const event = (await pair.complete(error)) as RTCErrorEvent;
    expect(event).toBeInstanceOf(RTCErrorEvent);
    expect(event.error.errorDetail).toBe('fingerprint-failure');
    await pair.simulation.run({ until: pair.simulation.now + 10_000 });
    expect(dtls?.state).toBe('failed');
    expect(victim.connectionState).toBe('failed');
    expect(channel.readyState).not.toBe('open');
    expect(announced).toBe(0);
    pair.close();
  });
});

describe('datagrams of strangers', () => {
  it('of every kind are dropped without effect', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    const mallory = pair.simulation.host('mallory');
    const socket = await pair.complete(
      mallory.network.bindUdp(
        { address: mallory.address, port: 666 },
        { onDatagram: () => undefined, onBatchEnd: () => undefined, onError: () => undefined },
      ),
    );
    const target = { address: pair.bobHost.address, port: 49152 };
    const random = pair.simulation.random.fork('mallory');
    for (let n = 0; n < 500; n++) {
      const datagram = random.fill(new Uint8Array(1 + (n % 200)));
      // Each protocol's first bytes in turn, and none at all.
      datagram[0] = [0, 1, 20, 22, 23, 63, 128, 255][n % 8] as number;
      socket.send(datagram, target);
    }
    socket.send(new Uint8Array(0), target);
    const received = messages(bob, 1);
    alice.send('undisturbed');
    expect(await pair.complete(received)).toEqual(['undisturbed']);
    expect(pair.bob.connectionState).toBe('connected');
    pair.close();
  });
});

describe('a peer that breaks the rules of data channels', () => {
  it('cannot open more channels than allowed; those are closed', async () => {
    const pair = new PeerPair({ bob: { maxRemoteChannels: 3 } });
    await pair.open();
    let count = 1;
    pair.bob.ondatachannel = () => count++;
    const channels = Array.from({ length: 5 }, () => pair.alice.createDataChannel('x'));
    const refused = channels.slice(2).map((channel) => fired(channel, 'close'));
    await pair.complete(Promise.all(refused));
    expect(count).toBe(3);
    expect(channels.map(({ readyState }) => readyState)).toEqual([
      'open',
      'open',
      'closed',
      'closed',
      'closed',
    ]);
    pair.close();
  });

  it('cannot take a stream that is in use: both channels on it are closed (RFC 8832 §6)', async () => {
    const pair = new PeerPair();
    await pair.open();
    // Bob's own channel on the stream that Alice will take next.
    const squatter = pair.bob.createDataChannel('squatter', { negotiated: true, id: 3 });
    const channel = pair.alice.createDataChannel('x');
    expect(channel.id).toBe(3);
    await pair.complete(Promise.all([fired(squatter, 'close'), fired(channel, 'close')]));
    pair.close();
  });

  it('gets nowhere with data on streams without a channel', async () => {
    const pair = new PeerPair();
    const [, bob] = await pair.open();
    let heard = 0;
    bob.onmessage = () => heard++;
    const lost = pair.alice.createDataChannel('nowhere', { negotiated: true, id: 50 });
    await pair.complete(fired(lost, 'open'));
    lost.send('into the void');
    await pair.simulation.run({ until: pair.simulation.now + 500 });
    expect(heard).toBe(0);
    const remote = nextChannel(pair.bob);
    pair.alice.createDataChannel('fine');
    expect((await pair.complete(remote)).label).toBe('fine');
    pair.close();
  });
});
