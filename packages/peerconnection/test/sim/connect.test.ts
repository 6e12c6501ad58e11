import { describe, expect, it } from 'vitest';
import type { RTCDataChannel, RTCTransportStats } from '../../src/index.ts';
import { fired, messages, nextChannel, opened, PeerPair } from '../peer-pair.ts';

describe('two peer connections', () => {
  it('connect and echo text and bytes', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open('échange');
    expect(bob.label).toBe('échange');
    bob.onmessage = ({ data }) => bob.send(data);
    const echo = messages(alice, 4);
    alice.send('hello ☃');
    alice.send('');
    alice.send(Uint8Array.of(1, 2, 3));
    alice.send(new ArrayBuffer(0));
    expect(await pair.complete(echo)).toEqual([
      'hello ☃',
      '',
      Uint8Array.of(1, 2, 3).buffer,
      new ArrayBuffer(0),
    ]);
    expect(pair.alice.connectionState).toBe('connected');
    expect(pair.bob.sctp?.state).toBe('connected');
    pair.close();
  });

  it('send what the memory held at the call, a Buffer too', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    const received = messages(bob, 2);
    for (const bytes of [new Uint8Array(40_000).fill(1), Buffer.alloc(40_000, 2)]) {
      alice.send(bytes);
      bytes.fill(9);
    }
    expect(await pair.complete(received)).toEqual([
      new Uint8Array(40_000).fill(1).buffer,
      new Uint8Array(40_000).fill(2).buffer,
    ]);
    pair.close();
  });

  it('connect without trickling, with all candidates in the descriptions', async () => {
    const pair = new PeerPair();
    const channel = pair.alice.createDataChannel('x');
    const gathered = (pc: EventTarget & { iceGatheringState: string }): Promise<unknown> =>
      pc.iceGatheringState === 'complete'
        ? Promise.resolve()
        : fired(pc, 'icegatheringstatechange').then(() => gathered(pc));
    const negotiate = async (): Promise<void> => {
      await pair.alice.setLocalDescription();
      await gathered(pair.alice);
      expect(pair.alice.localDescription?.sdp).toContain('a=end-of-candidates');
      await pair.deliverDescription(pair.alice, pair.bob);
      await pair.bob.setLocalDescription();
      await gathered(pair.bob);
      await pair.deliverDescription(pair.bob, pair.alice);
    };
    await pair.complete(Promise.all([negotiate(), opened(channel)]));
    expect(pair.alice.iceConnectionState).toBe('completed');
    pair.close();
  });

  it('use the identifiers of their DTLS roles: the client even, the server odd (RFC 8832 §6)', async () => {
    const pair = new PeerPair();
    const [first] = await pair.open();
    expect(first.id).toBe(1);
    const remote = nextChannel(pair.alice);
    const channel = pair.bob.createDataChannel('of bob');
    expect(channel.id).toBe(0);
    expect(pair.alice.createDataChannel('second').id).toBe(3);
    expect((await pair.complete(remote)).id).toBe(0);
    pair.close();
  });

  it('tell each other what a channel is like', async () => {
    const pair = new PeerPair();
    await pair.open();
    for (const options of [
      { ordered: false, maxRetransmits: 0, protocol: 'chat' },
      { ordered: true, maxPacketLifeTime: 500 },
      { ordered: false },
    ]) {
      const remote = nextChannel(pair.bob);
      pair.alice.createDataChannel('x', options);
      expect(await pair.complete(remote)).toMatchObject({
        label: 'x',
        protocol: '',
        maxRetransmits: null,
        maxPacketLifeTime: null,
        negotiated: false,
        ...options,
      });
    }
    pair.close();
  });

  it('open negotiated channels on both sides, without a word', async () => {
    const pair = new PeerPair();
    pair.trickle();
    const options = { negotiated: true, id: 100 };
    const alice = pair.alice.createDataChannel('a', options);
    const bob = pair.bob.createDataChannel('b', options);
    let announced = 0;
    pair.bob.ondatachannel = () => announced++;
    await pair.complete(Promise.all([pair.negotiate(), opened(alice), opened(bob)]));
    const received = messages(bob, 1);
    alice.send('direct');
    expect(await pair.complete(received)).toEqual(['direct']);
    expect([alice.id, bob.id, announced]).toEqual([100, 100, 0]);
    pair.close();
  });

  it('open 50 channels at once, each of which echoes', async () => {
    const pair = new PeerPair();
    pair.trickle();
    pair.bob.ondatachannel = ({ channel }) => {
      channel.onmessage = ({ data }) => channel.send(data);
    };
    const channels = Array.from({ length: 50 }, (_, i) => pair.alice.createDataChannel(`${i}`));
    const echo = async (channel: RTCDataChannel): Promise<unknown> => {
      await opened(channel);
      const received = messages(channel, 1);
      channel.send(`from ${channel.label}`);
      return (await received)[0];
    };
    const echoes = Promise.all(channels.map(echo));
    await pair.complete(Promise.all([pair.negotiate(), echoes]));
    expect(await echoes).toEqual(channels.map(({ label }) => `from ${label}`));
    expect(new Set(channels.map(({ id }) => id)).size).toBe(50);
    pair.close();
  });

  it('carry a message of the largest size the peer takes', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    const size = pair.alice.sctp?.maxMessageSize ?? 0;
    expect(size).toBe(1048576);
    expect(() => alice.send(new ArrayBuffer(size + 1))).toThrow(TypeError);
    const data = Uint8Array.from({ length: size }, (_, i) => i * 7);
    const received = messages(bob, 1);
    alice.send(data);
    data.fill(0); // it was copied
    const [buffer] = await pair.complete(received);
    const bytes = new Uint8Array(buffer as ArrayBuffer);
    expect(bytes.length).toBe(size);
    expect(bytes.every((byte, i) => byte === ((i * 7) & 255))).toBe(true);
    pair.close();
  });

  it('lose nothing that an unordered channel without retransmissions was not given to lose', async () => {
    const pair = new PeerPair({ seed: 5 });
    await pair.open();
    const remote = nextChannel(pair.bob);
    const channel = pair.alice.createDataChannel('lossy', { ordered: false, maxRetransmits: 0 });
    const other = await pair.complete(Promise.all([remote, opened(channel)]).then(([c]) => c));
    const received: unknown[] = [];
    other.onmessage = ({ data }) => received.push(data);
    pair.aliceHost.link.change({ loss: 0.3 });
    for (let n = 0; n < 200; n++) {
      channel.send(`message ${n}`.padEnd(800));
      await pair.simulation.run({ until: pair.simulation.now + 10 });
    }
    await pair.simulation.run({ until: pair.simulation.now + 40_000 });
    expect(received.length).toBeGreaterThan(100);
    expect(received.length).toBeLessThan(190);
    expect(new Set(received).size).toBe(received.length);
    expect(channel.bufferedAmount).toBe(0);
    pair.close();
  });

  it('send blobs in the order of the calls', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    const received = messages(bob, 4);
    const blob = new Blob(['blob ', 'one']);
    const pending = pair.simulation.hold(blob.arrayBuffer());
    alice.send('first');
    alice.send(blob);
    alice.send('third');
    alice.send(new Blob([]));
    expect(alice.bufferedAmount).toBe(18);
    await pair.complete(pending);
    const [first, second, third, fourth] = await pair.complete(received);
    expect([first, third]).toEqual(['first', 'third']);
    expect(new TextDecoder().decode(second as ArrayBuffer)).toBe('blob one');
    expect(fourth).toEqual(new ArrayBuffer(0));
    pair.close();
  });

  it('hand over blobs where they are asked for', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    expect(bob.binaryType).toBe('arraybuffer');
    bob.binaryType = 'blob';
    const received = messages(bob, 1);
    alice.send(Uint8Array.of(1, 2));
    const [blob] = (await pair.complete(received)) as [Blob];
    expect(blob).toBeInstanceOf(Blob);
    expect(new Uint8Array(await blob.arrayBuffer())).toEqual(Uint8Array.of(1, 2));
    pair.close();
  });

  it('answer an offer that has media too, and reject the media', async () => {
    const pair = new PeerPair();
    pair.alice.createDataChannel('x');
    await pair.complete(pair.alice.setLocalDescription());
    const sdp = pair.alice.localDescription?.sdp ?? '';
    const media = [
      'm=audio 9 UDP/TLS/RTP/SAVPF 111',
      'c=IN IP4 0.0.0.0',
      'a=mid:a',
      'a=rtcp-mux',
      ...(sdp.match(/a=(ice-ufrag|ice-pwd|fingerprint|setup):.*/g) ?? []),
      '',
    ].join('\r\n');
    const offer = sdp
      .replace('BUNDLE 0', 'BUNDLE a 0')
      .replace('m=application', `${media}m=application`);
    await pair.complete(pair.bob.setRemoteDescription({ type: 'offer', sdp: offer }));
    await pair.complete(pair.bob.setLocalDescription());
    expect(pair.bob.localDescription?.sdp).toMatch(/m=audio 0 .*\r\n(.*\r\n)*m=application [^0]/);
    expect(pair.bob.localDescription?.sdp).toContain('a=group:BUNDLE 0\r\n');
    pair.close();
  });

  it('are ready when the answer comes, though the handshake began before it', async () => {
    // Bob's ClientHello is there long before his answer.
    const pair = new PeerPair({ signalingMs: 400 });
    pair.trickle();
    const channel = pair.alice.createDataChannel('x');
    await pair.complete(pair.negotiate());
    const answeredAt = pair.simulation.now;
    await pair.complete(opened(channel));
    // ICE, DTLS and SCTP take some round trips of 40 ms, and no retransmission.
    expect(pair.simulation.now - answeredAt).toBeLessThan(600);
    pair.close();
  });

  it('put what is sent in one turn into full packets', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    await pair.simulation.run({ until: pair.simulation.now + 1000 });
    const packetsOf = async (): Promise<number> => {
      const report = await pair.complete(pair.alice.getStats());
      const transport = [...report.values()].find(({ type }) => type === 'transport');
      return (transport as RTCTransportStats).packetsSent;
    };
    const before = await packetsOf();
    const received = messages(bob, 1000);
    for (let n = 0; n < 1000; n++) alice.send('0123456789');
    await pair.complete(received);
    // 28 bytes with the chunk's header: 40 fit into a packet of 1160.
    expect((await packetsOf()) - before).toBeLessThan(40);
    pair.close();
  });
});
