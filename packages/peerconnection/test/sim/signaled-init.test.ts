import { describe, expect, it } from 'vitest';
import { messages, nextChannel, opened, PeerPair, type PeerPairOptions } from '../peer-pair.ts';

const ON = { sctpInitInDescription: true } as const;
const SLOW = (simulation: Parameters<NonNullable<PeerPairOptions['build']>>[0]) =>
  [
    simulation.host('alice', { link: { latencyMs: 100 } }),
    simulation.host('bob', { link: { latencyMs: 100 } }),
  ] as const;

/** Virtual milliseconds until a channel is open on both sides, and whether it works. */
async function openAndEcho(options: PeerPairOptions): Promise<{ ms: number; pair: PeerPair }> {
  const pair = new PeerPair({ build: SLOW, ...options });
  const [alice, bob] = await pair.open();
  const ms = pair.simulation.now;
  bob.onmessage = ({ data }) => bob.send(data);
  const echo = messages(alice, 2);
  alice.send('hello');
  alice.send(new Uint8Array(100_000));
  expect((await pair.complete(echo))[0]).toBe('hello');
  return { ms, pair };
}

describe('INITs in descriptions (draft-hancke-tsvwg-snap)', () => {
  it('open channels two round trips sooner', async () => {
    const fast = await openAndEcho({ alice: ON, bob: ON });
    const slow = await openAndEcho({});
    // A round trip between the hosts is 400 ms: each of them has a link of 100 ms.
    expect(slow.ms - fast.ms).toBeGreaterThanOrEqual(400);
    expect(fast.pair.alice.localDescription?.sdp).toMatch(/a=sctp-init:[\w+/=]+\r\n/);
    expect(fast.pair.bob.localDescription?.sdp).toContain('a=sctp-init:');
    expect(fast.pair.alice.sctp?.statistics).toMatchObject({
      interleaving: true,
      zeroChecksum: true,
    });
    fast.pair.close();
    slow.pair.close();
  });

  it.each([{ alice: ON }, { bob: ON }])(
    'are left alone by a side that does not know them: %j',
    async (options) => {
      const { pair } = await openAndEcho(options);
      expect(pair.bob.localDescription?.sdp).not.toContain('a=sctp-init:');
      pair.close();
    },
  );

  it('are the same in every description, and the association stays', async () => {
    const { pair } = await openAndEcho({ alice: ON, bob: ON });
    const line = (sdp: string | undefined): string | undefined =>
      /a=sctp-init:.*/.exec(sdp ?? '')?.[0];
    const before = line(pair.alice.localDescription?.sdp);
    await pair.complete(pair.negotiate());
    expect(line(pair.alice.localDescription?.sdp)).toBe(before);
    expect(pair.alice.sctp?.state).toBe('connected');
    pair.close();
  });

  it.each([
    ['is no base64', '!!!'],
    ['is no INIT', btoa('hello, world, this is no INIT')],
    ['is empty', ''],
  ])('one that %s is passed over', async (_, value) => {
    const pair = new PeerPair({ alice: ON, bob: ON });
    pair.trickle();
    const channel = pair.alice.createDataChannel('x');
    const opened = new Promise((resolve) => {
      channel.onopen = resolve;
    });
    const change = (sdp: string): string => sdp.replace(/a=sctp-init:.*/, `a=sctp-init:${value}`);
    const negotiate = async (): Promise<void> => {
      await pair.alice.setLocalDescription();
      const offer = pair.alice.localDescription?.sdp ?? '';
      await pair.bob.setRemoteDescription({ type: 'offer', sdp: change(offer) });
      await pair.bob.setLocalDescription();
      const answer = pair.bob.localDescription?.sdp ?? '';
      await pair.alice.setRemoteDescription({ type: 'answer', sdp: change(answer) });
    };
    await pair.complete(Promise.all([negotiate(), opened]));
    pair.close();
  });

  // libdatachannel up to 0.24.5 answers with all attributes of the offer that it does not know.
  it('our own in the answer of a peer that echoes what it does not know is none of its', async () => {
    const pair = new PeerPair({ alice: ON });
    pair.trickle();
    const channel = pair.alice.createDataChannel('x');
    const remote = nextChannel(pair.bob);
    const negotiate = async (): Promise<void> => {
      await pair.alice.setLocalDescription();
      const offer = pair.alice.localDescription?.sdp ?? '';
      const line = /a=sctp-init:.*\r\n/.exec(offer)?.[0] ?? '';
      expect(line).not.toBe('');
      await pair.bob.setRemoteDescription({ type: 'offer', sdp: offer });
      await pair.bob.setLocalDescription();
      const answer = pair.bob.localDescription?.sdp ?? '';
      await pair.alice.setRemoteDescription({ type: 'answer', sdp: `${answer}${line}` });
    };
    await pair.complete(Promise.all([negotiate(), opened(channel)]));
    const bob = await pair.complete(remote);
    bob.onmessage = ({ data }) => bob.send(data);
    const echo = messages(channel, 1);
    channel.send('hello');
    expect(await pair.complete(echo)).toEqual(['hello']);
    pair.close();
  });
});
