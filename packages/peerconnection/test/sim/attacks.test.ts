// The attacker against the whole stack: on the path, beside it, in signalling, and as the peer itself.

import {
  DATA_CHANNEL_PPID,
  encodeDataChannelOpen,
  type SctpAssociation,
  type SctpOptions,
} from '@kaon/sctp';
import type { Network, RandomSource, TransportAddress, UdpSocketHandler } from '@kaon/wire';
import { describe, expect, it, vi } from 'vitest';
import type { KaonOptions, RTCTransportStats } from '../../src/index.ts';
import { fired, messages, nextChannel, PeerPair, type PeerPairOptions } from '../peer-pair.ts';

/** Every association that was made last with each source of randomness, and what it is made with. */
const sctp = vi.hoisted(() => ({
  made: new Map<unknown, SctpAssociation>(),
  tamper: (options: SctpOptions): SctpOptions => options,
}));

vi.mock(import('@kaon/sctp'), async (importOriginal) => {
  const original = await importOriginal();
  class TamperedAssociation extends original.SctpAssociation {
    constructor(options: SctpOptions) {
      super(sctp.tamper(options));
      sctp.made.set(options.random, this);
    }
  }
  return { ...original, SctpAssociation: TamperedAssociation };
});

/** RFC 6525 §3.1. */
const RE_CONFIG = 130;

interface Arrival {
  readonly data: Uint8Array;
  readonly remote: TransportAddress;
  /** Delivers any bytes as if they had come from `remote`. */
  inject(data: Uint8Array, remote?: TransportAddress): void;
}

/** Someone on Bob's path, who sees each datagram for him and decides what he gets. */
class Interceptor {
  /** All that Bob was sent, oldest first. */
  readonly seen: Arrival[] = [];
  onArrival: (arrival: Arrival) => void = ({ data, inject }) => inject(data);
  #inner: Network | undefined;

  /** Bob's network, with the interceptor in it. */
  readonly network: Network;

  constructor() {
    const inner = (): Network => {
      if (this.#inner === undefined) throw new Error('There is no network yet.');
      return this.#inner;
    };
    this.network = {
      get random() {
        return inner().random;
      },
      now: () => inner().now(),
      wallClock: () => inner().wallClock(),
      setTimer: (callback, delayMs) => inner().setTimer(callback, delayMs),
      interfaces: () => inner().interfaces(),
      lookup: (hostname) => inner().lookup(hostname),
      linkMtu: () => undefined,
      bindUdp: (address, handler) => inner().bindUdp(address, this.#tap(handler)),
    };
  }

  pair(options: PeerPairOptions = {}): PeerPair {
    return new PeerPair({
      ...options,
      build: (simulation) => {
        const hosts = [simulation.host('alice'), simulation.host('bob')] as const;
        this.#inner = hosts[1].network;
        return hosts;
      },
      bob: { ...options.bob, network: this.network },
    });
  }

  #tap(handler: UdpSocketHandler): UdpSocketHandler {
    return {
      onDatagram: (bytes, from) => {
        const arrival: Arrival = {
          data: bytes.slice(),
          remote: { ...from },
          inject: (data, remote = { ...from }) => {
            handler.onDatagram(data.slice(), remote);
            handler.onBatchEnd();
          },
        };
        this.seen.push(arrival);
        this.onArrival(arrival);
      },
      onBatchEnd: () => handler.onBatchEnd(),
      onError: (error) => handler.onError(error),
    };
  }
}

/** Why datagrams and records were dropped, counted from the trace. */
function countDrops(): { readonly counts: Map<string, number>; readonly options: KaonOptions } {
  const counts = new Map<string, number>();
  const onTrace: KaonOptions['onTrace'] = ({ layer, event }) => {
    if (event.type !== 'dropped') return;
    const reason = `${layer}: ${event.reason}`;
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  };
  return { counts, options: { onTrace } };
}

async function transportStats(
  pair: PeerPair,
  of: PeerPair['alice'] = pair.bob,
): Promise<RTCTransportStats> {
  const report = await pair.complete(of.getStats());
  const found = [...report.values()].find(({ type }) => type === 'transport');
  return found as RTCTransportStats;
}

async function expectWorking(pair: PeerPair, label = 'proof'): Promise<void> {
  const remote = nextChannel(pair.bob);
  const channel = pair.alice.createDataChannel(label);
  const other = await pair.complete(remote);
  const received = messages(other, 1);
  if (channel.readyState !== 'open') await pair.complete(fired(channel, 'open'));
  channel.send('still here');
  expect(await pair.complete(received)).toEqual(['still here']);
}

/** A copy with one byte changed; the first stays, so that the same machine gets it. */
function damage(data: Uint8Array, random: RandomSource): Uint8Array {
  const damaged = data.slice();
  const at = 1 + (random.uint32() % (damaged.length - 1));
  damaged[at] = (damaged[at] as number) ^ (1 + (random.uint32() % 255));
  return damaged;
}

const isDtls = (data: Uint8Array): boolean => (data[0] ?? 0) >= 20 && (data[0] ?? 0) <= 63;
const isStun = (data: Uint8Array): boolean => (data[0] ?? 255) <= 3;

describe('an attacker on the path', () => {
  it('who replays every datagram, at once and again later, changes nothing', async () => {
    const { counts, options } = countDrops();
    const interceptor = new Interceptor();
    interceptor.onArrival = ({ data, inject }) => {
      inject(data);
      inject(data);
    };
    const pair = interceptor.pair({ bob: options });
    const [alice, bob] = await pair.open();
    let heard = 0;
    bob.onmessage = () => heard++;
    for (let n = 0; n < 100; n++) alice.send(`message ${n}`);
    await pair.simulation.run({ until: pair.simulation.now + 2000 });
    expect(heard).toBe(100);
    const { state } = pair.bob.sctp ?? {};
    for (const { data, inject } of [...interceptor.seen]) inject(data);
    await pair.simulation.run({ until: pair.simulation.now + 1000 });
    expect(heard).toBe(100);
    expect(pair.bob.sctp?.state).toBe(state);
    expect(counts.get('dtls: replayed')).toBeGreaterThan(2);
    interceptor.onArrival = ({ data, inject }) => inject(data);
    await expectWorking(pair);
    pair.close();
  });

  it('who puts a damaged copy, cut or altered, in front of each datagram, is not heard', async () => {
    const { counts, options } = countDrops();
    const interceptor = new Interceptor();
    const pair = interceptor.pair({ bob: options });
    const random = pair.simulation.random.fork('mallory');
    interceptor.onArrival = ({ data, inject }) => {
      // DTLS 1.2 says its hellos in the clear; whoever alters those first can end the handshake.
      if (data[0] !== 22) inject(damage(data, random));
      inject(data.subarray(0, 1 + (random.uint32() % data.length)));
      inject(data);
    };
    const [alice, bob] = await pair.open();
    const received = messages(bob, 50);
    for (let n = 0; n < 50; n++) alice.send(new Uint8Array(1000).fill(n));
    const expected = Array.from({ length: 50 }, (_, n) => new Uint8Array(1000).fill(n).buffer);
    expect(await pair.complete(received)).toEqual(expected);
    expect(counts.get('dtls: authentication-failed')).toBeGreaterThan(20);
    expect(pair.bob.connectionState).toBe('connected');
    pair.close();
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'who alters the handshake in the clear brings about nothing but failure (seed %i)',
    async (seed) => {
      const interceptor = new Interceptor();
      const pair = interceptor.pair({ seed });
      const random = pair.simulation.random.fork('mallory');
      interceptor.onArrival = ({ data, inject }) => {
        if (data[0] === 22) inject(damage(data, random));
        inject(data);
      };
      pair.trickle();
      const channel = pair.alice.createDataChannel('x');
      await pair.complete(pair.negotiate());
      await pair.simulation.run({ until: 120_000 });
      // Either both agree on all that was said, or nothing was.
      const states = [pair.alice.connectionState, pair.bob.connectionState];
      if (channel.readyState === 'open') expect(states).toEqual(['connected', 'connected']);
      else expect(states).toContain('failed');
      pair.close();
    },
  );

  it('who forges alerts and ClientHellos cannot end a connection that has keys', async () => {
    const { counts, options } = countDrops();
    const interceptor = new Interceptor();
    const pair = interceptor.pair({ bob: options });
    await pair.open();
    const last = interceptor.seen.at(-1) as Arrival;
    const hello = interceptor.seen.find(({ data }) => data[0] === 22 && data[13] === 1);
    for (const [level, description] of [
      [1, 0],
      [2, 40],
      [2, 80],
    ] as const) {
      // In the clear; and in epoch 1, which nobody without keys can seal.
      for (const epoch of [0, 1, 2]) {
        const header = [21, 0xfe, 0xfd, 0, epoch, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 2];
        last.inject(Uint8Array.of(...header, level, description));
      }
    }
    if (hello !== undefined) last.inject(hello.data);
    expect(counts.get('dtls: unauthenticated-alert')).toBe(3);
    expect(pair.bob.sctp?.transport.state).toBe('connected');
    await expectWorking(pair);
    pair.close();
  });

  it('who forges a whole first flight before the genuine one delays it at most', async () => {
    const interceptor = new Interceptor();
    const pair = interceptor.pair();
    let forged = 0;
    interceptor.onArrival = ({ data, inject }) => {
      if (data[0] === 22 && forged < 50) {
        forged++;
        // Fragments of a message of 16 MiB, of messages far ahead, and of every type.
        const fragment = [forged % 25, 0xff, 0xff, 0xff, 0, forged % 40, 0, 0, forged, 0, 0, 1, 7];
        inject(
          Uint8Array.of(
            22,
            0xfe,
            0xfd,
            0,
            0,
            0,
            0,
            0,
            0,
            1,
            forged,
            0,
            fragment.length,
            ...fragment,
          ),
        );
      }
      inject(data);
    };
    await pair.open();
    expect(forged).toBeGreaterThan(0);
    await expectWorking(pair);
    pair.close();
  });

  it('who silences the peer and replays its past is found out by consent (RFC 7675 §5.1)', async () => {
    const interceptor = new Interceptor();
    const pair = interceptor.pair();
    await pair.open();
    const past = interceptor.seen.filter(({ data }) => isStun(data)).slice(-20);
    interceptor.onArrival = ({ inject }) => {
      for (const { data } of past) inject(data);
    };
    await pair.simulation.run({ until: pair.simulation.now + 60_000 });
    expect(pair.bob.iceConnectionState).toBe('failed');
    expect(pair.bob.connectionState).toBe('failed');
    const before = await transportStats(pair);
    await pair.simulation.run({ until: pair.simulation.now + 30_000 });
    expect((await transportStats(pair)).packetsSent).toBe(before.packetsSent);
    pair.close();
  });

  it('who sends from other addresses draws no traffic to them', async () => {
    const interceptor = new Interceptor();
    const pair = interceptor.pair();
    const [, bob] = await pair.open();
    const last = interceptor.seen.at(-1) as Arrival;
    const victim = { address: '5.9.9.9', port: 53 };
    const capture = pair.simulation.capture({ host: 'bob' });
    for (const { data } of [...interceptor.seen]) last.inject(data, victim);
    bob.send('to Alice');
    await pair.simulation.run({ until: pair.simulation.now + 20_000 });
    const toVictim = capture.records.filter(
      (record) => record.type === 'send' && record.destination.address === victim.address,
    );
    // Checks may be answered, with about as much as they brought; data never goes there.
    expect(toVictim.filter(({ data }) => isDtls(data))).toEqual([]);
    const sentBytes = toVictim.reduce((sum, { data }) => sum + data.length, 0);
    const broughtBytes = interceptor.seen.reduce((sum, { data }) => sum + data.length, 0);
    expect(sentBytes).toBeLessThan(broughtBytes);
    pair.close();
  });
});

describe('a flood', () => {
  it('of DTLS before the connection is kept in bounded memory, and the connection comes', async () => {
    const interceptor = new Interceptor();
    const pair = interceptor.pair();
    interceptor.onArrival = ({ data, remote, inject }) => {
      if (interceptor.seen.length < 20) {
        for (let n = 0; n < 200; n++) {
          const junk = new Uint8Array(1200).fill(n);
          junk.set([22, 0xfe, 0xfd, 0, n & 1, 0, 0, 0, 0, 0, n, 4, 0xa3]);
          inject(junk, n % 2 === 0 ? remote : { address: '5.9.9.9', port: 1000 + n });
        }
      }
      inject(data);
    };
    await pair.open();
    await expectWorking(pair);
    pair.close();
  });

  it('of records without keys leaves no trace but a counter', async () => {
    const { counts, options } = countDrops();
    const interceptor = new Interceptor();
    const pair = interceptor.pair({ bob: options });
    await pair.open();
    const last = interceptor.seen.at(-1) as Arrival;
    for (let n = 0; n < 5000; n++) {
      const junk = new Uint8Array(64).fill(n);
      junk.set([23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 1, n >> 8, n & 255, 0, 51]);
      last.inject(junk);
    }
    expect(counts.get('dtls: authentication-failed')).toBe(5000);
    // Sequence numbers that nobody has proved do not move the replay window.
    await expectWorking(pair);
    pair.close();
  });
});

/** Alice as an attacker: her association does what the test wants. */
async function hostileAlice(
  options: PeerPairOptions = {},
  hers: Partial<SctpOptions> = {},
): Promise<{
  readonly pair: PeerPair;
  readonly association: SctpAssociation;
  /** A message on any stream, as no API would let her send it. */
  send(streamId: number, ppid: number, data: Uint8Array): void;
  open(streamId: number, label?: string): void;
  run(ms?: number): Promise<unknown>;
}> {
  const pair = new PeerPair(options);
  const { random } = pair.aliceHost.network;
  sctp.tamper = (given) => (given.random === random ? { ...given, ...hers } : given);
  const [channel] = await pair.open();
  const association = sctp.made.get(random);
  if (association === undefined) throw new Error('Alice has no association.');
  const send = (streamId: number, ppid: number, data: Uint8Array): void => {
    association.send({ streamId, ppid, data }, pair.simulation.now);
    channel.send('.'); // So that the shell asks the association what there is to send.
  };
  return {
    pair,
    association,
    send,
    open: (streamId, label = '') => {
      const open = { type: 'data-channel-open', isUnordered: false, priority: 256 } as const;
      const message = encodeDataChannelOpen({ ...open, label, protocol: '' });
      send(streamId, DATA_CHANNEL_PPID.dcep, message);
    },
    run: (ms = 2000) => pair.simulation.run({ until: pair.simulation.now + ms }),
  };
}

describe('a hostile peer', () => {
  it('opens channels on streams of our parity, on 65535 and twice: refused', async () => {
    const { pair, open, run } = await hostileAlice();
    const labels: string[] = [];
    pair.bob.ondatachannel = ({ channel }) => labels.push(channel.label);
    // Bob is the DTLS client, so even streams are his.
    for (const id of [0, 2, 65534]) open(id, `even ${id}`);
    open(5, 'fine');
    open(7, 'x'.repeat(65535));
    await run();
    expect(labels.map((label) => label.slice(0, 4))).toEqual(['fine', 'xxxx']);
    open(5, 'again');
    await run();
    expect(labels).toHaveLength(2);
    await expectWorking(pair);
    pair.close();
  });

  it('opens a channel on a stream that she takes no answer on: refused, not thrown', async () => {
    const { pair, open, run } = await hostileAlice({}, { inboundStreams: 10 });
    let announced = 0;
    pair.bob.ondatachannel = () => announced++;
    open(101);
    await run();
    expect(announced).toBe(0);
    open(9);
    await run();
    expect(announced).toBe(1);
    expect(pair.bob.sctp?.maxChannels).toBe(10);
    const tooFar = { negotiated: true, id: 12 };
    expect(() => pair.bob.createDataChannel('x', tooFar)).toThrow('10 streams only');
    pair.close();
  });

  it('has few streams and adds some: there may be more channels', async () => {
    const { pair, association, run } = await hostileAlice({}, { inboundStreams: 10 });
    // She lets Bob send on more; the wish goes out with what is sent next.
    association.addStreams({ incoming: 5 }, pair.simulation.now);
    association.handleDatagram(new Uint8Array(0), pair.simulation.now);
    await expectWorking(pair);
    await run();
    expect(pair.bob.sctp?.maxChannels).toBe(15);
    const fits = pair.bob.createDataChannel('fits', { negotiated: true, id: 12 });
    expect(fits.id).toBe(12);
    const tooFar = { negotiated: true, id: 16 };
    expect(() => pair.bob.createDataChannel('x', tooFar)).toThrow('15 streams only');
    pair.close();
  });

  it('never agrees that streams are reset: no channel is opened on them, and nothing throws', async () => {
    const { pair, association, open, run } = await hostileAlice();
    let announced = 0;
    pair.bob.ondatachannel = () => announced++;
    const genuine = association.handleDatagram.bind(association);
    association.handleDatagram = (packet, now) => {
      if (packet[12] !== RE_CONFIG) genuine(packet, now);
    };
    for (let round = 0; round < 20; round++) {
      for (const id of [0, 5, 7, 9]) open(id);
      await run(1000);
      association.handleDatagram(new Uint8Array(0), pair.simulation.now);
    }
    expect(announced).toBe(3);
    expect(pair.bob.sctp?.state).toBe('connected');
    pair.close();
  });

  it('shuts the association down: all is closed, at once and for good', async () => {
    const { pair, association, open, run } = await hostileAlice();
    const closed = fired(pair.bob.sctp as EventTarget, 'statechange');
    open(5);
    association.shutdown(pair.simulation.now);
    await run(10_000);
    await pair.complete(closed);
    expect(pair.bob.sctp?.state).toBe('closed');
    pair.close();
  });

  it('sends what is no DCEP message, on all kinds of streams', async () => {
    const { pair, send, run } = await hostileAlice();
    const random = pair.simulation.random.fork('mallory');
    let announced = 0;
    pair.bob.ondatachannel = () => announced++;
    for (let n = 0; n < 500; n++) {
      const junk = random.fill(new Uint8Array(1 + (n % 40)));
      if (n % 2 === 0) junk[0] = 3;
      // Lengths of label and protocol beyond the end.
      if (n % 2 === 0 && junk.length > 9) junk[8] = 0xff;
      send(random.uint32() % 65535, DATA_CHANNEL_PPID.dcep, junk);
      send(random.uint32() % 65535, random.uint32(), junk);
    }
    await run();
    expect(announced).toBe(0);
    await expectWorking(pair);
    pair.close();
  });

  it('opens and abandons channels without end: as many exist as may', async () => {
    const { pair, open, run } = await hostileAlice({ bob: { maxRemoteChannels: 50 } });
    let announced = 0;
    pair.bob.ondatachannel = () => announced++;
    for (let id = 3; id < 2003; id += 2) open(id);
    await run(10_000);
    expect(announced).toBe(49);
    expect(pair.bob.connectionState).toBe('connected');
    const report = await pair.complete(pair.bob.getStats());
    const listed = [...report.values()].filter(({ type }) => type === 'data-channel');
    expect(listed).toHaveLength(50);
    pair.close();
  });

  it('gives her channels the longest labels there are: 64 of them are held', async () => {
    const { pair, open, run } = await hostileAlice();
    const closed: string[] = [];
    let length = 0;
    pair.bob.ondatachannel = ({ channel }) => {
      length += channel.label.length;
      channel.onclose = () => closed.push(channel.label);
    };
    for (let id = 3; id < 203; id += 2) open(id, 'x'.repeat(65535));
    await run(20_000);
    expect(length).toBe(64 * 65535);
    expect(closed).toEqual([]);
    pair.close();
  });

  it('opens, floods and resets in one breath: nothing is left behind', async () => {
    const { pair, association, open, send, run } = await hostileAlice();
    let heard = 0;
    let closed = 0;
    pair.bob.ondatachannel = ({ channel }) => {
      channel.onmessage = () => heard++;
      channel.onclose = () => closed++;
    };
    for (let round = 0; round < 20; round++) {
      for (let id = 3; id < 43; id += 2) {
        open(id);
        for (let n = 0; n < 5; n++) send(id, DATA_CHANNEL_PPID.string, Uint8Array.of(65));
      }
      association.resetStreams(
        Array.from({ length: 20 }, (_, i) => 3 + 2 * i),
        pair.simulation.now,
      );
      await run(3000);
    }
    expect(heard).toBe(20 * 20 * 5);
    expect(closed).toBe(20 * 20);
    await expectWorking(pair);
    pair.close();
  });
});

/** An offer of Alice's, as someone in signalling has changed it, given to Bob. */
async function offerToBob(change: (sdp: string) => string): Promise<PeerPair> {
  const pair = new PeerPair();
  pair.trickle();
  pair.alice.createDataChannel('x');
  const negotiate = async (): Promise<void> => {
    await pair.alice.setLocalDescription();
    const sdp = change(pair.alice.localDescription?.sdp ?? '');
    await pair.bob.setRemoteDescription({ type: 'offer', sdp });
    await pair.bob.setLocalDescription();
    await pair.alice.setRemoteDescription({
      type: 'answer',
      sdp: pair.bob.localDescription?.sdp ?? '',
    });
  };
  await pair.complete(negotiate());
  return pair;
}

describe('hostile signalling', () => {
  const FINGERPRINT = /a=fingerprint:\S+ \S+/;

  it.each([
    ['too short', 'a=fingerprint:sha-256 AA:BB'],
    ['too long', `a=fingerprint:sha-512 ${'AB:'.repeat(80)}AB`],
    ['only of a hash that is broken', `a=fingerprint:sha-1 ${'AB:'.repeat(19)}AB`],
  ])('a fingerprint %s is refused with the description', async (_, line) => {
    await expect(offerToBob((sdp) => sdp.replace(FINGERPRINT, line))).rejects.toMatchObject({
      name: 'InvalidAccessError',
    });
  });

  it('thousands of wrong fingerprints let nobody in', async () => {
    const wrong = Array.from(
      { length: 5000 },
      (_, n) =>
        `a=fingerprint:sha-256 ${n.toString(16).padStart(2, '0').slice(-2)}${':00'.repeat(31)}`,
    );
    const pair = await offerToBob((sdp) => sdp.replace(FINGERPRINT, wrong.join('\r\n')));
    const dtls = pair.bob.sctp?.transport as EventTarget & { readonly state: string };
    await pair.complete(fired(dtls, 'error'));
    expect(dtls.state).toBe('failed');
    pair.close();
  });

  it('a peer that takes no message of more than 5 bytes gets no channel, and nothing throws', async () => {
    const pair = await offerToBob((sdp) =>
      sdp.replace(/a=max-message-size:\d+/, 'a=max-message-size:5'),
    );
    await pair.complete(fired(pair.bob, 'datachannel'));
    const channel = pair.bob.createDataChannel('longer than five bytes');
    await pair.complete(fired(channel, 'error'));
    expect(channel.readyState).toBe('closed');
    pair.close();
  });

  it('a label that no peer takes in one message closes its channel with an error', async () => {
    const pair = new PeerPair({ bob: { maxMessageSize: 1000 } });
    pair.trickle();
    const channel = pair.alice.createDataChannel('x'.repeat(65535));
    const other = pair.alice.createDataChannel('fine');
    await pair.complete(
      Promise.all([pair.negotiate(), fired(channel, 'error'), fired(other, 'open')]),
    );
    expect(channel.readyState).toBe('closed');
    await expectWorking(pair);
    pair.close();
  });

  it('descriptions of megabytes are read in linear time', async () => {
    const pair = new PeerPair();
    const head = 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n';
    const began = performance.now();
    const text = `${head}${'a=x\r\n'.repeat(200_000)}${'m=a 9 b c\r\n'.repeat(20_000)}`;
    await pair.complete(
      pair.bob.setRemoteDescription({ type: 'offer', sdp: text }).then(
        () => pair.bob.createAnswer().then(() => undefined),
        () => undefined,
      ),
    );
    // Lines that a careless expression would go over again and again.
    for (const line of [
      `a=candidate:${'1 '.repeat(200_000)}`,
      `a=ice-options:${'x '.repeat(200_000)} `,
      `a=fingerprint:sha-256 ${'AA:'.repeat(200_000)}`,
      `m=application 9 ${'a/'.repeat(200_000)} `,
      `o=${' '.repeat(400_000)}`,
    ]) {
      const sdp = `${head}${line}\r\n`;
      await expect(
        pair.complete(pair.bob.setRemoteDescription({ type: 'offer', sdp })),
      ).rejects.toBeDefined();
    }
    expect(performance.now() - began).toBeLessThan(10_000);
    pair.close();
  });

  it('thousands of candidates, at once and one by one, are held to the limits', async () => {
    const candidate = (n: number): string =>
      `candidate:${n} 1 udp 2122260223 5.200.${n >> 8}.${n & 255} ${1024 + (n % 60_000)} typ host`;
    const began = performance.now();
    const pair = await offerToBob(
      (sdp) =>
        `${sdp}${Array.from({ length: 20_000 }, (_, n) => `a=${candidate(n)}\r\n`).join('')}`,
    );
    for (let n = 20_000; n < 23_000; n++) {
      await pair.complete(
        pair.bob.addIceCandidate({ candidate: candidate(n), sdpMid: '0' }).catch(() => undefined),
      );
    }
    expect(performance.now() - began).toBeLessThan(20_000);
    expect(pair.bob.sctp?.transport.iceTransport.getRemoteCandidates()).toHaveLength(128);
    const report = await pair.complete(pair.bob.getStats());
    const count = (type: string): number =>
      [...report.values()].filter((entry) => entry.type === type).length;
    expect(count('remote-candidate')).toBeLessThanOrEqual(160);
    expect(count('candidate-pair')).toBeLessThanOrEqual(100);
    pair.close();
  });
});

describe('credentials', () => {
  it('are new for each connection, with more entropy than demanded (RFC 8445 §5.3)', async () => {
    const found = new Set<string>();
    for (let seed = 0; seed < 20; seed++) {
      const pair = new PeerPair({ seed });
      pair.alice.createDataChannel('x');
      await pair.complete(pair.alice.setLocalDescription());
      const { sdp = '' } = pair.alice.localDescription ?? {};
      const ufrag = /a=ice-ufrag:(\S+)/.exec(sdp)?.[1] ?? '';
      const password = /a=ice-pwd:(\S+)/.exec(sdp)?.[1] ?? '';
      expect(ufrag.length * 6).toBeGreaterThanOrEqual(24);
      expect(password.length * 6).toBeGreaterThanOrEqual(128);
      found.add(ufrag).add(password);
      pair.close();
    }
    expect(found.size).toBe(40);
  });
});

describe('a handshake for data alone', () => {
  it('agrees on an SRTP profile all the same, without which Pion and werift end it', async () => {
    const pair = new PeerPair();
    await pair.open();
    for (const connection of [pair.alice, pair.bob]) {
      expect((await transportStats(pair, connection)).srtpCipher).toBe('SRTP_AEAD_AES_128_GCM');
    }
    pair.close();
  });
});
