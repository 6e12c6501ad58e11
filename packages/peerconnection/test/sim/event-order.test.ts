import { describe, expect, it } from 'vitest';
import type { RTCPeerConnection } from '../../src/index.ts';
import { fired, opened, PeerPair } from '../peer-pair.ts';

const CONNECTION_EVENTS = [
  'negotiationneeded',
  'signalingstatechange',
  'icegatheringstatechange',
  'icecandidate',
  'iceconnectionstatechange',
  'connectionstatechange',
  'datachannel',
];

/** Writes down every event of a connection and its transports with the states that it sees. */
function record(pc: RTCPeerConnection, log: string[]): void {
  const note = (entry: string): void => {
    log.push(entry);
  };
  for (const type of CONNECTION_EVENTS) {
    pc.addEventListener(type, (event) => {
      const state: Record<string, string> = {
        signalingstatechange: pc.signalingState,
        icegatheringstatechange: pc.iceGatheringState,
        iceconnectionstatechange: pc.iceConnectionState,
        connectionstatechange: pc.connectionState,
      };
      const { candidate } = event as { candidate?: { candidate: string } | null };
      const what = candidate === null ? 'null' : candidate?.candidate === '' ? 'end' : undefined;
      note(`${type} ${what ?? state[type] ?? ''}`.trim());
    });
  }
  pc.addEventListener('signalingstatechange', () => {
    const { sctp } = pc;
    if (sctp === null || watched.has(sctp)) return;
    watched.add(sctp);
    const { transport: dtls } = sctp;
    const { iceTransport: ice } = dtls;
    sctp.addEventListener('statechange', () => note(`sctp ${sctp.state}`));
    dtls.addEventListener('statechange', () => note(`dtls ${dtls.state}`));
    ice.addEventListener('statechange', () => note(`ice ${ice.state}`));
    ice.addEventListener('gatheringstatechange', () => note(`ice gathering ${ice.gatheringState}`));
    ice.addEventListener('selectedcandidatepairchange', () => note('ice pair'));
  });
}

const watched = new WeakSet<object>();

describe('events', () => {
  it('come in the order of the specification at the offerer', async () => {
    const pair = new PeerPair();
    const log: string[] = [];
    record(pair.alice, log);
    pair.trickle();
    const channel = pair.alice.createDataChannel('x');
    channel.onopen = () => log.push('open');
    await pair.complete(fired(pair.alice, 'negotiationneeded'));
    await pair.complete(Promise.all([pair.negotiate(), opened(channel)]));
    expect(log).toEqual([
      'negotiationneeded',
      'signalingstatechange have-local-offer',
      'ice gathering gathering',
      'icegatheringstatechange gathering',
      'icecandidate',
      'icecandidate end',
      'ice gathering complete',
      'icegatheringstatechange complete',
      'icecandidate null',
      'signalingstatechange stable',
      'ice checking',
      'iceconnectionstatechange checking',
      'connectionstatechange connecting',
      'ice pair',
      'ice connected',
      'iceconnectionstatechange connected',
      'dtls connecting',
      'dtls connected',
      'connectionstatechange connected',
      // The nomination goes out behind the server's flight, so its answer comes behind the client's.
      'ice completed',
      'iceconnectionstatechange completed',
      'sctp connected',
      'open',
    ]);
    pair.close();
  });

  it('come in the order of the specification at the answerer', async () => {
    const pair = new PeerPair();
    const log: string[] = [];
    record(pair.bob, log);
    pair.trickle();
    pair.bob.addEventListener('datachannel', ({ channel }) => {
      log.push(`channel ${channel.readyState}`);
      channel.onopen = () => log.push('open');
      channel.onmessage = ({ data }) => log.push(`message ${data}`);
    });
    const channel = pair.alice.createDataChannel('x');
    channel.onopen = () => channel.send('first');
    await pair.complete(Promise.all([pair.negotiate(), opened(channel)]));
    await pair.simulation.run({ until: pair.simulation.now + 500 });
    expect(log).toEqual([
      'signalingstatechange have-remote-offer',
      'signalingstatechange stable',
      'ice gathering gathering',
      'icegatheringstatechange gathering',
      'icecandidate',
      'icecandidate end',
      'ice gathering complete',
      'icegatheringstatechange complete',
      'icecandidate null',
      'ice checking',
      'iceconnectionstatechange checking',
      'connectionstatechange connecting',
      'ice pair',
      'ice connected',
      'iceconnectionstatechange connected',
      'dtls connecting',
      'ice completed',
      'iceconnectionstatechange completed',
      'dtls connected',
      'connectionstatechange connected',
      'sctp connected',
      'datachannel',
      'channel open',
      'open',
      'message first',
    ]);
    pair.close();
  });

  it('see all slots changed at once (webrtc-pc §4.4.1)', async () => {
    const pair = new PeerPair();
    const { alice, bob } = pair;
    alice.createDataChannel('x');
    const seen: unknown[] = [];
    alice.onsignalingstatechange = () =>
      seen.push([
        alice.signalingState,
        alice.pendingLocalDescription?.type,
        alice.currentLocalDescription?.type,
        alice.currentRemoteDescription?.type,
      ]);
    await pair.complete(pair.negotiate());
    expect(seen).toEqual([
      ['have-local-offer', 'offer', undefined, undefined],
      ['stable', undefined, 'offer', 'answer'],
    ]);
    expect(alice.localDescription).toBe(alice.currentLocalDescription);
    expect(bob.remoteDescription?.type).toBe('offer');
    pair.close();
  });

  it('bufferedamountlow comes when the amount falls to the threshold', async () => {
    const pair = new PeerPair();
    const [alice] = await pair.open();
    alice.bufferedAmountLowThreshold = 50_000;
    for (let n = 0; n < 20; n++) alice.send(new ArrayBuffer(10_000));
    expect(alice.bufferedAmount).toBe(200_000);
    await pair.complete(fired(alice, 'bufferedamountlow'));
    expect(alice.bufferedAmount).toBeLessThanOrEqual(50_000);
    expect(alice.bufferedAmount).toBeGreaterThan(0);
    await pair.simulation.run({ until: pair.simulation.now + 5000 });
    expect(alice.bufferedAmount).toBe(0);
    pair.close();
  });

  it('the amount falls as soon as what was sent has left (webrtc-pc §6.2)', async () => {
    const pair = new PeerPair();
    const [alice] = await pair.open();
    const seen: number[] = [];
    alice.onbufferedamountlow = () => seen.push(-1);
    alice.send('12345');
    await pair.complete(
      new Promise<void>((resolve) => {
        // What comes next from outside: it sees the amount changed.
        pair.aliceHost.network.setTimer(() => {
          seen.push(alice.bufferedAmount);
          resolve();
        }, 0);
        void Promise.resolve()
          .then(() => undefined)
          .then(() => seen.push(alice.bufferedAmount));
      }),
    );
    expect(seen).toEqual([5, -1, 0]);
    pair.close();
  });

  it('messages of one datagram have a task each (webrtc-pc §6.2)', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    const sent = ['one', 'two', '', 'four'];
    /** Takes messages as promises do: the next handler is set some promise reactions after an event. */
    const next = async (): Promise<unknown> => {
      const { data } = await new Promise<MessageEvent>((resolve) => {
        bob.onmessage = resolve;
      });
      return data;
    };
    const reading = (async () => {
      const received: unknown[] = [];
      while (received.length < sent.length) received.push(await next());
      return received;
    })();
    for (const message of sent) alice.send(message);
    expect(await pair.complete(reading)).toEqual(sent);
    pair.close();
  });

  it('what on… is set to keeps its place among listeners (HTML §8.1.8.1)', () => {
    const pair = new PeerPair();
    const channel = pair.alice.createDataChannel('x');
    const calls: string[] = [];
    channel.onopen = () => calls.push('first handler');
    channel.addEventListener('open', () => calls.push('listener'));
    const handler = function (this: unknown): void {
      calls.push(this === channel ? 'handler' : 'wrong this');
    };
    channel.onopen = handler;
    expect(channel.onopen).toBe(handler);
    channel.dispatchEvent(new Event('open'));
    channel.onopen = null;
    expect(channel.onopen).toBeNull();
    channel.dispatchEvent(new Event('open'));
    expect(calls).toEqual(['handler', 'listener', 'listener']);
    pair.close();
  });
});
