import { Readable, Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import type { RTCDataChannel } from '../../src/index.ts';
import { channelToDuplex } from '../../src/node/index.ts';
import { fired, PeerPair } from '../peer-pair.ts';

const LARGE = 65_536;

async function collect(channel: RTCDataChannel): Promise<(string | Uint8Array)[]> {
  const messages: (string | Uint8Array)[] = [];
  for await (const message of channel.readable) messages.push(message);
  return messages;
}

describe('the streams of a channel', () => {
  it('keep messages, text and bytes, empty ones too, and end with the channel', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    const received = collect(bob);
    const writer = alice.writable.getWriter();
    const sent = ['one', Uint8Array.of(1, 2), '', new Uint8Array(0), '☃'.repeat(10_000)];
    for (const message of sent) void writer.write(message);
    const closed = [alice, bob].map((channel) => fired(channel, 'close'));
    await pair.complete(writer.close());
    expect(await pair.complete(received)).toEqual(sent);
    await pair.complete(Promise.all(closed));
    expect(alice.readyState).toBe('closed');
    expect(bob.readyState).toBe('closed');
    pair.close();
  });

  it('take the messages away from the events', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    let events = 0;
    bob.onmessage = () => events++;
    const reader = bob.readable.getReader();
    alice.send('to the stream');
    expect(await pair.complete(reader.read())).toEqual({ done: false, value: 'to the stream' });
    expect(events).toBe(0);
    pair.close();
  });

  it('a reader that pauses stops the sender, and nothing is lost', async () => {
    const pair = new PeerPair({ bob: { sctp: { receiveWindowBytes: 1024 * 1024 } } });
    const [alice, bob] = await pair.open();
    const reader = bob.readable.getReader();
    const writer = alice.writable.getWriter();
    const count = 200;
    const sending = (async () => {
      for (let i = 0; i < count; i++) {
        await writer.ready;
        await writer.write(new Uint8Array(LARGE).fill(i));
      }
      await writer.close();
    })();
    await pair.complete(pair.simulation.sleep(10_000));
    // What is on its way is bounded: the receive window, and what a writer may have waiting.
    expect(alice.bufferedAmount).toBeLessThan(1024 * 1024 + 2 * LARGE);
    expect(bob.readyState).toBe('open');
    const read: number[] = [];
    const reading = (async () => {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        expect(value).toHaveLength(LARGE);
        read.push((value as Uint8Array)[0] as number);
        if (read.length % 50 === 0) await pair.simulation.sleep(3000);
      }
    })();
    await pair.complete(Promise.all([sending, reading]), 600_000);
    expect(read).toEqual(Array.from({ length: count }, (_, i) => i & 0xff));
    pair.close();
  });

  it('small messages are held back too', async () => {
    const pair = new PeerPair({
      bob: { maxMessageSize: LARGE, sctp: { receiveWindowBytes: 300_000 } },
    });
    const [alice, bob] = await pair.open();
    void bob.readable;
    for (let i = 0; i < 20_000; i++) alice.send('x');
    await pair.complete(pair.simulation.sleep(5000));
    // 300,000 bytes of window are some 2300 messages of one byte, with what they cost beside it.
    expect(alice.bufferedAmount).toBeGreaterThan(10_000);
    const reader = bob.readable.getReader();
    const readAll = async (): Promise<void> => {
      for (let i = 0; i < 20_000; i++) await reader.read();
    };
    await pair.complete(readAll(), 600_000);
    expect(alice.bufferedAmount).toBe(0);
    pair.close();
  });

  it('what had come before the channel closed can still be read', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    const { readable } = bob;
    for (let i = 0; i < 10; i++) alice.send(`${i}`);
    alice.close();
    await pair.complete(pair.simulation.sleep(1000));
    expect(bob.readyState).toBe('closed');
    const messages: unknown[] = [];
    for await (const message of readable) messages.push(message);
    expect(messages).toHaveLength(10);
    pair.close();
  });

  it('cancelling drops what comes, and gives its room back', async () => {
    const pair = new PeerPair({
      bob: { maxMessageSize: LARGE, sctp: { receiveWindowBytes: 300_000 } },
    });
    const [alice, bob] = await pair.open();
    const { readable } = bob;
    for (let i = 0; i < 30; i++) alice.send(new Uint8Array(LARGE));
    await pair.complete(pair.simulation.sleep(2000));
    expect(alice.bufferedAmount).toBeGreaterThan(0);
    await readable.cancel();
    await pair.complete(pair.simulation.sleep(5000));
    expect(alice.bufferedAmount).toBe(0);
    pair.close();
  });

  it('a writer may begin before the channel is open', async () => {
    const pair = new PeerPair();
    pair.trickle();
    const channel = pair.alice.createDataChannel('early');
    const writer = channel.writable.getWriter();
    const written = writer.write('first');
    const received = new Promise<unknown>((resolve) => {
      pair.bob.ondatachannel = async ({ channel: remote }) => {
        resolve((await remote.readable.getReader().read()).value);
      };
    });
    await pair.complete(Promise.all([pair.negotiate(), written]));
    expect(await pair.complete(received)).toBe('first');
    pair.close();
  });
});

describe('a channel as a Duplex', () => {
  it('carries bytes through pipelines, cut to messages and joined again', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    const bytes = new Uint8Array(1_000_000).map((_, i) => i * 7);
    const got: Uint8Array[] = [];
    const sink = new Writable({
      write(chunk: Uint8Array, _encoding, callback) {
        got.push(chunk);
        // A slow sink.
        void pair.simulation.sleep(1).then(() => callback());
      },
    });
    const source = Readable.from([bytes.subarray(0, 300_000), bytes.subarray(300_000)]);
    await pair.complete(
      Promise.all([
        pipeline(source, channelToDuplex(alice, { messageBytes: 10_000 })),
        pipeline(channelToDuplex(bob), sink),
      ]),
    );
    expect(Math.max(...got.map(({ length }) => length))).toBe(10_000);
    expect(Buffer.concat(got).equals(bytes)).toBe(true);
    pair.close();
  });

  it('keeps messages in object mode', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    const out = channelToDuplex(alice, { objectMode: true });
    const received: unknown[] = [];
    const reading = (async () => {
      for await (const message of channelToDuplex(bob, { objectMode: true }))
        received.push(message);
    })();
    out.write('text');
    out.write(Uint8Array.of(1, 2, 3));
    out.end();
    await pair.complete(Promise.all([finished(out, { readable: false }), reading]));
    expect(received).toEqual(['text', Uint8Array.of(1, 2, 3)]);
    pair.close();
  });

  it.each([0, -1, 1.5])('messages of %s bytes are refused', async (messageBytes) => {
    const pair = new PeerPair();
    const [alice] = await pair.open();
    expect(() => channelToDuplex(alice, { messageBytes })).toThrow(RangeError);
    pair.close();
  });
});
