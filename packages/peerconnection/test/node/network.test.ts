// What the real network does with what cannot be sent, and with names that cannot be asked for.

import { createSocket, type Socket } from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import { resolveMdns } from '../../src/io/mdns.ts';
import { nodeNetwork } from '../../src/io/node-network.ts';

/** Turns of the event loop, in which errors of sockets are told. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

describe('a socket of the real network', () => {
  it.each([
    ['port 0, from which anybody can write', '127.0.0.1', 0],
    ['an address of the other family', '::1', 9],
    ['an address that is nowhere', '0.0.0.0', 9],
    ['a broadcast address', '255.255.255.255', 9],
  ])('loses what is sent to %s, and goes on', async (_, address, port) => {
    const received: number[] = [];
    const socket = await nodeNetwork.bindUdp(
      { address: '127.0.0.1', port: 0 },
      {
        onDatagram: (data) => received.push(data.length),
        onBatchEnd: () => undefined,
        onError: () => undefined,
      },
    );
    socket.send(new Uint8Array(1), { address, port });
    await turns(3);
    socket.send(new Uint8Array(2), socket.local);
    while (received.length === 0) await turns(1);
    expect(received).toEqual([2]);
    socket.close();
  });
});

describe('a name in .local', () => {
  let occupant: Socket | undefined;
  afterEach(() => occupant?.close());

  it("where port 5353 is another program's alone is one that nobody answers to", async () => {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => {
      socket.once('error', () => resolve()); // Then another program has it already.
      socket.bind(5353, () => {
        occupant = socket;
        resolve();
      });
    });
    // The process lives, and can ask again.
    for (let i = 0; i < 2; i++) {
      await expect(resolveMdns('4e1a.local')).rejects.toThrow();
      await turns(10);
    }
  });
});
