import { describe, expect, it } from 'vitest';
import type { RTCDataChannel, RTCErrorEvent } from '../../src/index.ts';
import { fired, messages, opened, PeerPair } from '../peer-pair.ts';

/** Writes down the events of a channel. */
function record(channel: RTCDataChannel): string[] {
  const events: string[] = [];
  for (const type of ['open', 'message', 'closing', 'error', 'close']) {
    channel.addEventListener(type, () => events.push(`${type} ${channel.readyState}`));
  }
  return events;
}

describe('a channel', () => {
  it.each(['alice', 'bob'] as const)('closed by %s closes on both sides', async (side) => {
    const pair = new PeerPair();
    const ends = await pair.open();
    const [near, far] = side === 'alice' ? ends : (ends.toReversed() as typeof ends);
    const [nearEvents, farEvents] = [record(near), record(far)];
    near.send('last words');
    near.close();
    expect(near.readyState).toBe('closing');
    expect(() => near.send('too late')).toThrow(
      expect.objectContaining({ name: 'InvalidStateError' }),
    );
    await pair.complete(Promise.all([fired(near, 'close'), fired(far, 'close')]));
    expect(nearEvents).toEqual(['close closed']);
    expect(farEvents).toEqual(['message open', 'closing closing', 'close closed']);
    expect(pair.alice.connectionState).toBe('connected');
    pair.close();
  });

  it('closed by both at once is closed once on each', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    const [aliceEvents, bobEvents] = [record(alice), record(bob)];
    alice.close();
    bob.close();
    await pair.complete(Promise.all([fired(alice, 'close'), fired(bob, 'close')]));
    await pair.simulation.run({ until: pair.simulation.now + 5000 });
    expect([aliceEvents, bobEvents]).toEqual([['close closed'], ['close closed']]);
    pair.close();
  });

  it('can be opened again on the stream of one that was closed', async () => {
    const pair = new PeerPair();
    const [first, far] = await pair.open();
    const { id } = first;
    first.close();
    await pair.complete(Promise.all([fired(first, 'close'), fired(far, 'close')]));
    const options = { negotiated: true, id: id ?? 0 };
    const [alice, bob] = [pair.alice, pair.bob].map((pc) =>
      pc.createDataChannel('again', options),
    ) as [RTCDataChannel, RTCDataChannel];
    await pair.complete(Promise.all([opened(alice), opened(bob)]));
    const received = messages(bob, 2);
    alice.send('one');
    alice.send('two');
    expect(await pair.complete(received)).toEqual(['one', 'two']);
    pair.close();
  });

  it('closed before it was open never opens', async () => {
    const pair = new PeerPair();
    pair.trickle();
    const kept = pair.alice.createDataChannel('kept');
    const closed = pair.alice.createDataChannel('closed');
    const events = record(closed);
    closed.close();
    await pair.complete(Promise.all([pair.negotiate(), opened(kept)]));
    expect(events).toEqual(['close closed']);
    pair.close();
  });

  it('sends all that was accepted before it closes', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    const received = messages(bob, 300);
    for (let n = 0; n < 300; n++) alice.send(new ArrayBuffer(2000));
    alice.close();
    expect(await pair.complete(received)).toHaveLength(300);
    await pair.complete(fired(alice, 'close'));
    pair.close();
  });
});

describe('a connection', () => {
  it('that is closed tells the peer at once, and says nothing itself', async () => {
    const pair = new PeerPair();
    const [near, far] = await pair.open();
    const nearEvents = record(near);
    const farEvents = record(far);
    let cause: number | null | undefined;
    far.onerror = ({ error }: RTCErrorEvent) => {
      expect(error.errorDetail).toBe('sctp-failure');
      cause = error.sctpCauseCode;
    };
    const changed = fired(pair.bob, 'connectionstatechange');
    const { now } = pair.simulation;
    pair.alice.close();
    expect(near.readyState).toBe('closed');
    expect(pair.alice.signalingState).toBe('closed');
    expect(pair.alice.connectionState).toBe('closed');
    expect(pair.alice.iceConnectionState).toBe('closed');
    await pair.complete(Promise.all([changed, fired(far, 'close')]));
    expect(pair.simulation.now - now).toBeLessThan(50);
    expect(nearEvents).toEqual([]);
    expect(farEvents).toEqual(['error closed', 'close closed']);
    expect(cause).toBe(12); // User-Initiated Abort (RFC 9260 §3.3.10.12)
    expect(pair.bob.connectionState).toBe('disconnected');
    expect(pair.bob.sctp?.state).toBe('closed');
    expect(pair.bob.sctp?.transport.state).toBe('closed');
    pair.close();
  });

  it('that is closed tells of its SCTP transport in a task (webrtc-pc §6.1.1.1)', async () => {
    const pair = new PeerPair();
    await pair.open();
    const { sctp } = pair.alice;
    const states: (string | undefined)[] = [];
    sctp?.addEventListener('statechange', () => states.push(sctp.state));
    pair.alice.close();
    expect([sctp?.state, states]).toEqual(['closed', []]);
    await pair.simulation.run({ until: pair.simulation.now + 100 });
    expect(states).toEqual(['closed']);
    pair.close();
  });

  it('whose peer vanishes is disconnected, then failed (RFC 7675 §5.1)', async () => {
    const pair = new PeerPair();
    await pair.open();
    const states: string[] = [];
    pair.alice.onconnectionstatechange = () => states.push(pair.alice.connectionState);
    pair.bobHost.link.change({ loss: 1 });
    await pair.simulation.run({ until: pair.simulation.now + 60_000 });
    expect(states).toEqual(['disconnected', 'failed']);
    pair.close();
  });

  it('that loses its path for a while goes on', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    pair.bobHost.link.change({ loss: 1 });
    const received = messages(bob, 1);
    alice.send('patience');
    await pair.simulation.run({ until: pair.simulation.now + 15_000 });
    expect(pair.alice.connectionState).toBe('disconnected');
    pair.bobHost.link.change({ loss: 0 });
    expect(await pair.complete(received)).toEqual(['patience']);
    await pair.simulation.run({ until: pair.simulation.now + 10_000 });
    expect(pair.alice.connectionState).toBe('connected');
    pair.close();
  });

  it('that is closed leaves nothing running', async () => {
    const pair = new PeerPair();
    await pair.open();
    pair.close();
    await pair.simulation.run({ until: pair.simulation.now + 1000 });
    const { now } = pair.simulation;
    expect(await pair.simulation.run()).toBe('idle');
    expect(pair.simulation.now).toBe(now);
  });

  it('settles no promise of an operation that was going on when it was closed', async () => {
    const pair = new PeerPair();
    let settled = false;
    const note = (): void => {
      settled = true;
    };
    pair.alice.createOffer().then(note, note);
    pair.alice.close();
    await pair.simulation.run({ until: 1000 });
    expect(settled).toBe(false);
    await expect(pair.alice.createOffer()).rejects.toHaveProperty('name', 'InvalidStateError');
    pair.bob.close();
  });

  it('hears of no channel after it was closed', async () => {
    const pair = new PeerPair();
    await pair.open();
    let heard = 0;
    pair.bob.ondatachannel = () => heard++;
    pair.alice.createDataChannel('late');
    await pair.simulation.run({ until: pair.simulation.now + 5 });
    pair.bob.close();
    await pair.simulation.run({ until: pair.simulation.now + 5000 });
    expect(heard).toBe(0);
    expect(() => pair.bob.createDataChannel('x')).toThrow(
      expect.objectContaining({ name: 'InvalidStateError' }),
    );
    pair.close();
  });
});
