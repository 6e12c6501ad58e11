import { describe, expect, it } from 'vitest';
import { RTCDataChannel, type RTCDataChannelInit, RTCPeerConnection } from '../src/index.ts';
import { messages, PeerPair } from './peer-pair.ts';

const create = (label: string, init?: unknown): string | undefined => {
  const pc = new RTCPeerConnection();
  try {
    pc.createDataChannel(label, init as RTCDataChannelInit);
  } catch (error) {
    return (error as Error).name;
  } finally {
    pc.close();
  }
  return undefined;
};

describe('createDataChannel', () => {
  it.each([
    ['x', undefined, undefined],
    ['x', null, undefined],
    ['x'.repeat(65535), {}, undefined],
    ['x'.repeat(65536), {}, 'TypeError'],
    ['é'.repeat(32768), {}, 'TypeError'],
    ['x', { protocol: 'é'.repeat(32768) }, 'TypeError'],
    ['x', { maxRetransmits: 1, maxPacketLifeTime: 1 }, 'TypeError'],
    ['x', { maxRetransmits: 65535 }, undefined],
    ['x', { maxRetransmits: 65536 }, 'TypeError'],
    ['x', { maxRetransmits: -1 }, 'TypeError'],
    ['x', { maxPacketLifeTime: Number.NaN }, 'TypeError'],
    ['x', { negotiated: true }, 'TypeError'],
    ['x', { negotiated: true, id: 65534 }, undefined],
    ['x', { negotiated: true, id: 65535 }, 'TypeError'],
    ['x', { negotiated: true, id: 65536 }, 'TypeError'],
    ['x', { id: 65535 }, undefined],
    ['x', 5, 'TypeError'],
  ])('(%.10s…, %j) throws %s (webrtc-pc §6.1)', (label, init, name) => {
    expect(create(label, init)).toBe(name);
  });

  it('needs a label, which may be anything (Web IDL)', () => {
    const pc = new RTCPeerConnection();
    expect(pc.createDataChannel).toHaveLength(1);
    expect(() => Reflect.apply(pc.createDataChannel, pc, [])).toThrow(TypeError);
    const labels = [undefined, null, 5].map((label) => pc.createDataChannel(label as never).label);
    expect(labels).toEqual(['undefined', 'null', '5']);
    pc.close();
  });

  it.each([
    [undefined, true],
    [true, true],
    [false, false],
    [null, false],
    [0, false],
    ['no', true],
  ])('takes ordered %j for %j (Web IDL)', (ordered, expected) => {
    const pc = new RTCPeerConnection();
    const init = { ordered } as RTCDataChannelInit;
    expect(pc.createDataChannel('x', init).ordered).toBe(expected);
    pc.close();
  });

  it('ignores the id of a channel that is negotiated in-band', () => {
    const pc = new RTCPeerConnection();
    expect(pc.createDataChannel('x', { id: 5 }).id).toBeNull();
    pc.close();
  });

  it('refuses an id that is in use', () => {
    const pc = new RTCPeerConnection();
    pc.createDataChannel('x', { negotiated: true, id: 5 });
    expect(() => pc.createDataChannel('y', { negotiated: true, id: 5 })).toThrow(
      expect.objectContaining({ name: 'OperationError' }),
    );
    pc.close();
    expect(() => pc.createDataChannel('z')).toThrow(
      expect.objectContaining({ name: 'InvalidStateError' }),
    );
  });

  it('replaces lone surrogates, as USVString does', () => {
    const pc = new RTCPeerConnection();
    expect(pc.createDataChannel('a\ud800b').label).toBe('a\ufffdb');
    pc.close();
  });

  it('gives each DTLS role its identifiers once the answer is applied', async () => {
    const pair = new PeerPair();
    const channels = [1, 2].map(() => pair.alice.createDataChannel('x'));
    await pair.complete(pair.negotiate());
    expect(channels.map(({ id }) => id)).toEqual([1, 3]);
    pair.close();
  });
});

describe('RTCDataChannel', () => {
  it('has the initial values of the specification', () => {
    const pc = new RTCPeerConnection();
    expect(pc.createDataChannel('label')).toMatchObject({
      label: 'label',
      ordered: true,
      maxPacketLifeTime: null,
      maxRetransmits: null,
      protocol: '',
      negotiated: false,
      id: null,
      readyState: 'connecting',
      bufferedAmount: 0,
      bufferedAmountLowThreshold: 0,
      binaryType: 'arraybuffer',
    });
    pc.close();
  });

  it('cannot be constructed by applications', () => {
    expect(() => Reflect.construct(RTCDataChannel, [])).toThrow(TypeError);
  });

  it('ignores an unknown binaryType and refuses a malformed threshold', () => {
    const pc = new RTCPeerConnection();
    const channel = pc.createDataChannel('x');
    Object.assign(channel, { binaryType: 'text' });
    expect(channel.binaryType).toBe('arraybuffer');
    channel.bufferedAmountLowThreshold = 2 ** 32 - 1;
    expect(() => Object.assign(channel, { bufferedAmountLowThreshold: -1 })).toThrow(TypeError);
    expect(channel.bufferedAmountLowThreshold).toBe(2 ** 32 - 1);
    pc.close();
  });

  it('sends only while open, only what can be sent, and only as much as may wait', async () => {
    const pair = new PeerPair({ alice: { sendBufferSize: 1000 } });
    const early = pair.alice.createDataChannel('early');
    expect(() => early.send('x')).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
    const [channel] = await pair.open();
    const send = (data: unknown) => (): void => channel.send(data as string);
    for (const data of [Symbol('x'), new Uint8Array(new SharedArrayBuffer(4))]) {
      expect(send(data)).toThrow(TypeError);
    }
    expect(() => Reflect.apply(channel.send, channel, [])).toThrow(TypeError);
    expect(pair.alice.sctp?.maxMessageSize).toBe(1000);
    expect(send(new ArrayBuffer(1001))).toThrow(TypeError);
    channel.send(new ArrayBuffer(600));
    expect(send(new ArrayBuffer(600))).toThrow(expect.objectContaining({ name: 'OperationError' }));
    expect(channel.bufferedAmount).toBe(600);
    await pair.simulation.run({ until: pair.simulation.now + 100 });
    expect(channel.bufferedAmount).toBe(0);
    channel.send(new DataView(new ArrayBuffer(600)));
    pair.close();
    expect(send('x')).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
  });

  it('sends what is neither bytes nor a Blob as text (Web IDL)', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    const received = messages(bob, 5);
    for (const data of [undefined, null, 5, ['a', 'b'], 'x\ud800']) alice.send(data as string);
    expect(await pair.complete(received)).toEqual(['undefined', 'null', '5', 'a,b', 'x\ufffd']);
    pair.close();
  });
});
