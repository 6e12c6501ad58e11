import { Readable, Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import type { RTCDataChannel } from '../../src/index.ts';
import { channelToDuplex } from '../../src/node/index.ts';
import { fired, PeerPair } from '../peer-pair.ts';

/** A receive window that a reader who does not read fills soon. */
const SMALL_WINDOW = { maxMessageSize: 65_536, sctp: { receiveWindowBytes: 300_000 } };
const SIZE = 60_000;
const SEEDS = Number(process.env.KAON_SEEDS ?? 5);

/** Resolves when all promise reactions and stream events that are due have run. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function run(pair: PeerPair, milliseconds: number): Promise<void> {
  await pair.complete(pair.simulation.sleep(milliseconds));
  await settled();
}

async function readAll(channel: RTCDataChannel): Promise<unknown[]> {
  const messages: unknown[] = [];
  for await (const message of channel.readable) messages.push(message);
  return messages;
}

/** Writes `count` messages; the promises of all of them. */
function writeMany(writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>, count: number) {
  const writes = Array.from({ length: count }, () => writer.write(new Uint8Array(SIZE)));
  for (const write of writes) write.catch(() => undefined);
  writer.closed.catch(() => undefined);
  return writes;
}

function log(stream: NodeJS.EventEmitter): string[] {
  const events: string[] = [];
  for (const name of ['end', 'finish', 'close']) stream.on(name, () => events.push(name));
  stream.on('error', (error: Error) => events.push(error.message));
  return events;
}

describe('the writable of a channel', () => {
  it('waits for room where the send buffer is small', async () => {
    const pair = new PeerPair({ alice: { sendBufferSize: 100_000 } });
    const [alice, bob] = await pair.open();
    const received = readAll(bob);
    const writer = alice.writable.getWriter();
    let most = 0;
    const sending = (async () => {
      for (let i = 0; i < 20; i++) {
        await writer.write(new Uint8Array(SIZE).fill(i));
        most = Math.max(most, alice.bufferedAmount);
      }
      await writer.close();
    })();
    await pair.complete(sending);
    expect((await pair.complete(received)).map((bytes) => (bytes as Uint8Array)[0])).toEqual(
      Array.from({ length: 20 }, (_, i) => i),
    );
    expect(most).toBeLessThanOrEqual(100_000);
    pair.close();
  });

  it('refuses a message larger than the send buffer at once, as send does', async () => {
    const pair = new PeerPair({ alice: { sendBufferSize: 50_000 } });
    const [alice, bob] = await pair.open();
    expect(pair.alice.sctp?.maxMessageSize).toBe(50_000);
    expect(() => alice.send(new Uint8Array(50_001))).toThrow(TypeError);
    const writer = alice.writable.getWriter();
    writer.closed.catch(() => undefined);
    const closed = fired(bob, 'close');
    await expect(writer.write(new Uint8Array(50_001))).rejects.toThrow('50001');
    await pair.complete(closed);
    pair.close();
  });

  it('is closed when all has arrived and the peer knows the end, and readable goes on until then', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    bob.onmessage = () => {
      for (let i = 0; i < 20; i++) bob.send(`response ${i}`);
    };
    const responses = readAll(alice);
    const writer = alice.writable.getWriter();
    void writer.write('request');
    await pair.complete(writer.close());
    expect(await pair.complete(responses)).toHaveLength(20);
    await run(pair, 1000);
    expect([alice.readyState, bob.readyState]).toEqual(['closed', 'closed']);
    pair.close();
  });

  it('messages that come after close() are dropped, as the W3C has it', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    bob.onmessage = () => bob.send('response');
    const responses = readAll(alice);
    alice.send('request');
    alice.close();
    expect(await pair.complete(responses)).toEqual([]);
    pair.close();
  });

  it('says that the peer has closed, and lets nobody wait', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    const writer = alice.writable.getWriter();
    const closed = expect(writer.closed).rejects.toMatchObject({ name: 'InvalidStateError' });
    await pair.complete(writer.write('before'));
    await run(pair, 100);
    bob.close();
    await pair.complete(closed);
    await expect(writer.write('after')).rejects.toMatchObject({ name: 'InvalidStateError' });
    pair.close();
  });

  it('says so if something was not sent when the peer closed', async () => {
    const pair = new PeerPair({ bob: SMALL_WINDOW });
    const [alice, bob] = await pair.open();
    void bob.readable;
    const writer = alice.writable.getWriter();
    const writes = writeMany(writer, 30);
    await run(pair, 3000);
    bob.close();
    const loss = expect(writer.closed).rejects.toMatchObject({
      name: 'OperationError',
      message: expect.stringMatching(/closed when \d{6} bytes waited to be sent/),
    });
    await pair.complete(loss);
    await expect(writes.at(-1)).rejects.toMatchObject({ name: 'OperationError' });
    pair.close();
  });

  it('abort settles at once behind a write that waits, and closes the channel', async () => {
    const pair = new PeerPair({ bob: SMALL_WINDOW });
    const [alice, bob] = await pair.open();
    void bob.readable;
    const writer = alice.writable.getWriter();
    const writes = writeMany(writer, 60);
    await run(pair, 3000);
    expect(alice.bufferedAmount).toBeGreaterThan(300_000);
    const enough = new Error('enough');
    // Nothing moves on the network meanwhile.
    await writer.abort(enough);
    await expect(writes.at(-1)).rejects.toBe(enough);
    await expect(writer.closed).rejects.toBe(enough);
    await run(pair, 2000);
    expect(alice.bufferedAmount).toBe(0);
    // The peer has not read a thing, and the channel is closed all the same.
    expect([alice.readyState, bob.readyState]).toEqual(['closed', 'closed']);
    pair.close();
  });

  it('abort settles a close that waits', async () => {
    const pair = new PeerPair({ bob: SMALL_WINDOW });
    const [alice, bob] = await pair.open();
    void bob.readable;
    const writer = alice.writable.getWriter();
    writeMany(writer, 10);
    const closing = writer.close();
    closing.catch(() => undefined);
    await run(pair, 3000);
    // By the Streams standard it has the fate of the close that is under way.
    await expect(writer.abort(new Error('enough'))).rejects.toThrow('enough');
    await expect(closing).rejects.toThrow('enough');
    await run(pair, 2000);
    expect(bob.readyState).toBe('closed');
    pair.close();
  });

  it('abort before the channel is open closes it', async () => {
    const pair = new PeerPair();
    const channel = pair.alice.createDataChannel('early');
    const writer = channel.writable.getWriter();
    writer.closed.catch(() => undefined);
    writer.write('never').catch(() => undefined);
    const closed = fired(channel, 'close');
    await writer.abort();
    await pair.complete(closed);
    expect(channel.readyState).toBe('closed');
    pair.close();
  });

  it('abort leaves readable to what the peer still sends', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    const messages = readAll(alice);
    for (let i = 0; i < 20; i++) bob.send(new Uint8Array(SIZE));
    await alice.writable.abort();
    expect(await pair.complete(messages)).toHaveLength(20);
    pair.close();
  });

  it('a message that cannot be sent errors it as send would, and closes the channel', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    const received = readAll(bob);
    const writer = alice.writable.getWriter();
    writer.closed.catch(() => undefined);
    void writer.write('before');
    await expect(pair.complete(writer.write(7 as unknown as string))).rejects.toThrow(TypeError);
    expect(await pair.complete(received)).toEqual(['before']);
    pair.close();
  });

  it('stays open to a peer that has closed its side, if that is allowed', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    bob.allowHalfOpen = true;
    const answers = readAll(alice);
    const requests = readAll(bob);
    const writer = bob.writable.getWriter();
    const request = alice.writable.getWriter();
    void request.write('request');
    await pair.complete(request.close());
    expect(await pair.complete(requests)).toEqual(['request']);
    await run(pair, 5000);
    expect([alice.readyState, bob.readyState]).toEqual(['closing', 'closing']);
    expect(() => bob.send('by the W3C')).toThrow('closing');
    for (let i = 0; i < 50; i++) await pair.complete(writer.write(new Uint8Array(SIZE)));
    await pair.complete(writer.close());
    expect(await pair.complete(answers)).toHaveLength(50);
    await run(pair, 1000);
    expect([alice.readyState, bob.readyState]).toEqual(['closed', 'closed']);
    pair.close();
  });

  it('half open, the side that was closed first can stop to listen', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    bob.allowHalfOpen = true;
    const writer = bob.writable.getWriter();
    const answers = readAll(alice);
    await pair.complete(alice.writable.close());
    await pair.complete(writer.write('heard'));
    await run(pair, 1000);
    alice.close();
    await pair.complete(writer.write('not heard'));
    await pair.complete(writer.close());
    expect(await pair.complete(answers)).toEqual(['heard']);
    pair.close();
  });

  it.each(['close', 'abort', 'a message that cannot be sent'])(
    'half open, it is closed by %s',
    async (how) => {
      const pair = new PeerPair();
      const [alice, bob] = await pair.open();
      bob.allowHalfOpen = true;
      const writer = bob.writable.getWriter();
      writer.closed.catch(() => undefined);
      alice.close();
      await run(pair, 1000);
      expect(alice.readyState).toBe('closing');
      if (how === 'close') bob.close();
      else if (how === 'abort') await writer.abort();
      else await expect(writer.write({} as unknown as string)).rejects.toThrow(TypeError);
      await run(pair, 1000);
      expect([alice.readyState, bob.readyState]).toEqual(['closed', 'closed']);
      pair.close();
    },
  );
});

describe('a connection that ends in mid-transfer', () => {
  const connect = async () => {
    const pair = new PeerPair({ bob: SMALL_WINDOW });
    const [alice, bob] = await pair.open();
    const writer = alice.writable.getWriter();
    const writes = writeMany(writer, 200);
    const reading = readAll(bob);
    reading.catch(() => undefined);
    await run(pair, 45);
    return { pair, writer, writes, reading };
  };

  it.each(['alice', 'bob'] as const)('closed by %s, both sides hear of it', async (who) => {
    const { pair, writer, writes, reading } = await connect();
    pair[who].close();
    await expect(pair.complete(reading)).rejects.toMatchObject({ name: 'OperationError' });
    await expect(pair.complete(writer.closed)).rejects.toMatchObject({ name: 'OperationError' });
    await expect(writes.at(-1)).rejects.toMatchObject({ name: 'OperationError' });
    pair.close();
  });

  it('what had come is read before the error', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    const { readable } = bob;
    for (let i = 0; i < 5; i++) alice.send(`${i}`);
    await run(pair, 1000);
    pair.alice.close();
    await run(pair, 1000);
    const got: unknown[] = [];
    const reading = (async () => {
      for await (const message of readable) got.push(message);
    })();
    await expect(reading).rejects.toMatchObject({ name: 'OperationError' });
    expect(got).toEqual(['0', '1', '2', '3', '4']);
    pair.close();
  });

  it('a close that waits fails', async () => {
    const pair = new PeerPair({ bob: SMALL_WINDOW });
    const [alice, bob] = await pair.open();
    void bob.readable;
    const writer = alice.writable.getWriter();
    writeMany(writer, 10);
    const closing = expect(writer.close()).rejects.toMatchObject({ name: 'OperationError' });
    await run(pair, 3000);
    pair.bob.close();
    await pair.complete(closing);
    pair.close();
  });

  it('a peer that vanishes: the state says it, and closing the connection settles all', async () => {
    const { pair, writer, writes, reading } = await connect();
    const failed = new Promise<void>((resolve) => {
      pair.alice.onconnectionstatechange = () => {
        if (pair.alice.connectionState === 'failed') resolve();
      };
    });
    pair.bobHost.link.change({ loss: 1 });
    await pair.complete(failed, 120_000);
    pair.close();
    await expect(writer.closed).rejects.toMatchObject({ name: 'OperationError' });
    await expect(writes.at(-1)).rejects.toMatchObject({ name: 'OperationError' });
    await expect(reading).rejects.toMatchObject({ name: 'OperationError' });
  });
});

describe('a Duplex of a channel', () => {
  it('ends without an error when the peer closes in order', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    const duplex = channelToDuplex(bob);
    const events = log(duplex);
    duplex.resume();
    alice.send('x');
    alice.close();
    await run(pair, 2000);
    expect(events).toEqual(['end', 'finish', 'close']);
    pair.close();
  });

  it('errors when it is written to after that', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    const duplex = channelToDuplex(bob);
    const events = log(duplex);
    alice.close();
    await run(pair, 2000);
    duplex.write('too late');
    await run(pair, 10);
    expect(events).toEqual(['The channel has been closed.', 'close']);
    pair.close();
  });

  it('errors when the peer closes and not all was sent', async () => {
    const pair = new PeerPair({ bob: SMALL_WINDOW });
    const [alice, bob] = await pair.open();
    void bob.readable;
    const duplex = channelToDuplex(alice);
    const events = log(duplex);
    duplex.resume();
    duplex.end(new Uint8Array(800_000));
    await run(pair, 3000);
    bob.close();
    await run(pair, 3000);
    expect(events).toEqual([
      expect.stringMatching(/closed when \d{6} bytes waited to be sent/),
      'close',
    ]);
    pair.close();
  });

  it('gets the response to what it has ended with', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    const duplex = channelToDuplex(alice);
    const events = log(duplex);
    let bytes = 0;
    duplex.on('data', ({ length }: Uint8Array) => {
      bytes += length;
    });
    bob.onmessage = () => {
      for (let i = 0; i < 20; i++) bob.send(new Uint8Array(10_000));
    };
    duplex.end('request');
    await run(pair, 3000);
    expect(bytes).toBe(200_000);
    expect(events.toSorted()).toEqual(['close', 'end', 'finish']);
    expect(events.at(-1)).toBe('close');
    pair.close();
  });

  it('half open, answers when the request has ended', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    const server = channelToDuplex(bob, { allowHalfOpen: true });
    let request = '';
    server.on('data', (chunk: Buffer) => {
      request += chunk;
    });
    server.on('end', () => {
      void pair.simulation.sleep(2000).then(() => server.end(request.toUpperCase()));
    });
    const client = channelToDuplex(alice);
    client.end('a long way to go '.repeat(50_000));
    const answer = (async () => {
      let text = '';
      for await (const chunk of client) text += chunk;
      return text;
    })();
    expect(await pair.complete(answer)).toBe('A LONG WAY TO GO '.repeat(50_000));
    await pair.complete(Promise.all([finished(client), finished(server)]));
    await run(pair, 1000);
    expect([alice.readyState, bob.readyState]).toEqual(['closed', 'closed']);
    pair.close();
  });

  it('is done without an error when the peer closes the connection after the answer', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    const server = channelToDuplex(bob, { allowHalfOpen: true });
    const events = log(server);
    server.resume();
    server.on('end', () => server.end('answer'));
    const client = channelToDuplex(alice);
    client.end('question');
    // She does so in the turn in which the answer has come to its end, and tells Bob that she has it.
    client.resume();
    client.on('end', () => pair.alice.close());
    await run(pair, 5000);
    expect(events).toEqual(['end', 'finish', 'close']);
    pair.close();
  });

  it('destroyed, it closes the channel at once and says why', async () => {
    const pair = new PeerPair({ bob: SMALL_WINDOW });
    const [alice, bob] = await pair.open();
    void bob.readable;
    const duplex = channelToDuplex(alice);
    duplex.write(new Uint8Array(5_000_000));
    await run(pair, 2000);
    const failure = expect(finished(duplex)).rejects.toThrow('enough');
    duplex.destroy(new Error('enough'));
    await failure;
    await run(pair, 2000);
    expect([alice.readyState, bob.readyState]).toEqual(['closed', 'closed']);
    pair.close();
  });

  it('a write that fails destroys it and closes the channel', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    const duplex = channelToDuplex(alice, { objectMode: true });
    const failure = expect(finished(duplex)).rejects.toThrow(TypeError);
    duplex.write({ bad: 1 });
    await pair.complete(failure);
    await run(pair, 2000);
    expect([alice.readyState, bob.readyState]).toEqual(['closed', 'closed']);
    pair.close();
  });

  it.each(['alice', 'bob'] as const)(
    'pipelines of both sides fail when %s closes the connection',
    async (who) => {
      const pair = new PeerPair({ bob: SMALL_WINDOW });
      const [alice, bob] = await pair.open();
      const sink = new Writable({
        write: (_chunk, _encoding, done) => void pair.simulation.sleep(50).then(() => done()),
      });
      const source = Readable.from(
        (function* () {
          while (true) yield new Uint8Array(SIZE);
        })(),
      );
      const sending = pipeline(source, channelToDuplex(alice));
      const receiving = pipeline(channelToDuplex(bob), sink);
      const failures = [sending, receiving].map((each) =>
        expect(each).rejects.toMatchObject({ name: 'OperationError' }),
      );
      await run(pair, 500);
      pair[who].close();
      await pair.complete(Promise.all(failures));
      pair.close();
    },
  );

  it('a source that fails closes the channel', async () => {
    const pair = new PeerPair();
    const [alice, bob] = await pair.open();
    const received = readAll(bob);
    const source = Readable.from(
      (async function* () {
        yield 'first';
        await pair.simulation.sleep(100);
        throw new Error('no more');
      })(),
    );
    await expect(pair.complete(pipeline(source, channelToDuplex(alice)))).rejects.toThrow(
      'no more',
    );
    expect((await pair.complete(received)).length).toBeLessThanOrEqual(1);
    pair.close();
  });
});

describe('half-open channels on a bad line', () => {
  it('bring every byte and every end, each way, whoever ends first', async () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const pair = new PeerPair({
        seed,
        build: (simulation) => {
          const link = { latencyMs: 20, jitterMs: 10, loss: 0.03, duplication: 0.02 };
          return [simulation.host('alice', { link }), simulation.host('bob', { link })];
        },
      });
      const [first] = await pair.open('first');
      const transfers = new Map<string, Promise<[number, number]>>();
      const transfer = (channel: RTCDataChannel, who: number): Promise<[number, number]> => {
        const duplex = channelToDuplex(channel, { allowHalfOpen: true });
        const size = 1 + ((seed * 7919 + who * 104_729 + Number(channel.label) * 31) % 150_000);
        const sending = pipeline(Readable.from([new Uint8Array(size).fill(who)]), duplex);
        const receiving = (async () => {
          let received = 0;
          for await (const chunk of duplex.iterator({ destroyOnReturn: false })) {
            expect((chunk as Uint8Array).every((byte) => byte === 3 - who)).toBe(true);
            received += (chunk as Uint8Array).length;
          }
          return received;
        })();
        return Promise.all([sending, receiving]).then(([, received]) => [size, received]);
      };
      pair.bob.ondatachannel = ({ channel }) => {
        transfers.set(`bob ${channel.label}`, transfer(channel, 2));
      };
      const channels = Array.from({ length: 6 }, (_, i) => pair.alice.createDataChannel(`${i}`));
      const closed = channels.map((channel) => fired(channel, 'close'));
      for (const channel of channels) {
        transfers.set(`alice ${channel.label}`, transfer(channel, 1));
      }
      await pair.complete(Promise.all(closed), 600_000);
      for (const { label } of channels) {
        const [alice, bob] = await pair.complete(
          Promise.all([transfers.get(`alice ${label}`), transfers.get(`bob ${label}`)]),
        );
        expect(bob?.[1]).toBe(alice?.[0]);
        expect(alice?.[1]).toBe(bob?.[0]);
      }
      expect(first.readyState).toBe('open');
      pair.close();
    }
  });
});
