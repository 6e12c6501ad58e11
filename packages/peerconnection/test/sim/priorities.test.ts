import { describe, expect, it } from 'vitest';
import type { RTCDataChannel, RTCPriorityType, RTCTransportStats } from '../../src/index.ts';
import { nextChannel, opened, PeerPair } from '../peer-pair.ts';

/** Bytes that have come on a channel. */
function counter(channel: RTCDataChannel): () => number {
  let bytes = 0;
  channel.onmessage = ({ data }) => {
    bytes += (data as ArrayBuffer).byteLength;
  };
  return () => bytes;
}

async function channelWith(pair: PeerPair, priority: RTCPriorityType): Promise<RTCDataChannel[]> {
  const remote = nextChannel(pair.bob);
  const channel = pair.alice.createDataChannel(priority, { priority });
  await pair.complete(Promise.all([opened(channel), remote]));
  return [channel, await remote];
}

function slowPair(): PeerPair {
  return new PeerPair({
    build: (simulation) => [
      simulation.host('alice', { link: { latencyMs: 5, outbound: { rateBps: 10e6 } } }),
      simulation.host('bob', { link: { latencyMs: 5 } }),
    ],
  });
}

describe('priorities of channels (webrtc-priority, RFC 8831 §6.4)', () => {
  it('are low unless said otherwise, and the peer is told', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    expect([alice.priority, bob.priority]).toEqual(['low', 'low']);
    for (const priority of ['very-low', 'low', 'medium', 'high'] as const) {
      const [local, remote] = (await channelWith(pair, priority)) as [
        RTCDataChannel,
        RTCDataChannel,
      ];
      expect([local.priority, remote.priority]).toEqual([priority, priority]);
    }
    pair.close();
  });

  it('are refused if they are none', () => {
    const pair = new PeerPair();
    const priority = 'urgent' as 'high';
    expect(() => pair.alice.createDataChannel('x', { priority })).toThrow(TypeError);
    pair.close();
  });

  it('divide what can be sent: high gets four times as much as low', async () => {
    const pair = slowPair();
    await pair.open();
    const [low, lowAtBob] = (await channelWith(pair, 'low')) as [RTCDataChannel, RTCDataChannel];
    const [high, highAtBob] = (await channelWith(pair, 'high')) as [RTCDataChannel, RTCDataChannel];
    const [lowBytes, highBytes] = [counter(lowAtBob), counter(highAtBob)];
    for (let i = 0; i < 200; i++)
      for (const channel of [low, high]) channel.send(new Uint8Array(16_000));
    await pair.complete(pair.simulation.sleep(2000));
    expect(highBytes() / lowBytes()).toBeGreaterThan(3.5);
    expect(highBytes() / lowBytes()).toBeLessThan(4.5);
    pair.close();
  });

  it('a message of megabytes does not hold up a small one on another channel (RFC 8260)', async () => {
    const pair = slowPair();
    const [large] = await pair.open();
    const [small, smallAtBob] = (await channelWith(pair, 'low')) as [
      RTCDataChannel,
      RTCDataChannel,
    ];
    large.send(new Uint8Array(256_000));
    large.send(new Uint8Array(256_000));
    await pair.complete(pair.simulation.sleep(50));
    const start = pair.simulation.now;
    const arrived = new Promise<number>((resolve) => {
      smallAtBob.onmessage = () => resolve(pair.simulation.now);
    });
    small.send('now');
    expect((await pair.complete(arrived)) - start).toBeLessThan(60);
    pair.close();
  });
});

describe('what SCTP has agreed on', () => {
  it.each([true, false])('is in the statistics: interleaving and no checksums %s', async (on) => {
    const sctp = { interleaving: on, zeroChecksum: on, congestionControl: 'cubic' } as const;
    const pair = new PeerPair({ alice: { sctp } });
    const [alice] = await pair.open();
    alice.send(new Uint8Array(1000));
    await pair.complete(pair.simulation.sleep(500));
    const report = await pair.complete(pair.alice.getStats());
    const transport = [...report.values()].find(
      (each): each is RTCTransportStats => each.type === 'transport',
    );
    const expected = { interleaving: on, zeroChecksum: on, congestionControl: 'cubic', mtu: 1160 };
    expect(transport?.sctp).toMatchObject(expected);
    expect(pair.alice.sctp?.statistics).toMatchObject(expected);
    expect(pair.alice.sctp?.statistics?.smoothedRoundTripTime).toBeGreaterThan(0);
    pair.close();
  });

  it('options that are out of range are refused at once', () => {
    const congestionControl = 'vegas' as 'bbr';
    expect(() => new PeerPair({ alice: { sctp: { congestionControl } } })).toThrow(RangeError);
  });
});
