// What the real network does with what cannot be sent, and with names that cannot be asked for.

import { createSocket, Socket } from 'node:dgram';
import { afterEach, describe, expect, it, vi } from 'vitest';
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

/** A multicast DNS response that has one address of a name (RFC 6762 §18, RFC 1035 §4.1). */
function mdnsResponse(name: string, address: readonly number[], ttl: number, bytes = 0): Buffer {
  const labels = name.split('.').map((label) => `${String.fromCharCode(label.length)}${label}`);
  const record = Buffer.from([0, 1, 0x80, 1, 0, 0, 0, ttl, 0, 4, ...address]);
  const header = Buffer.from([0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
  const response = Buffer.concat([header, Buffer.from(`${labels.join('')}\0`, 'latin1'), record]);
  return Buffer.concat([response, Buffer.alloc(Math.max(0, bytes - response.length))]);
}

async function bound(port: number, address: string): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  await new Promise<void>((resolve) => socket.bind(port, address, resolve));
  return socket;
}

describe('a name in .local', () => {
  let occupant: Socket | undefined;
  afterEach(() => {
    occupant?.close();
    occupant = undefined;
  });

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

  // On Linux a host has all addresses of 127/8.
  it.runIf(process.platform === 'linux')('is told by a responder only (RFC 6762 §6)', async () => {
    const name = '7c3f.local';
    // The question stays on this machine.
    const { setMulticastInterface } = Socket.prototype;
    const choice = vi.spyOn(Socket.prototype, 'setMulticastInterface');
    choice.mockImplementation(function (this: Socket) {
      setMulticastInterface.call(this, '127.0.0.1');
    });
    const responder = await bound(5353, '127.0.0.2');
    const stranger = await bound(0, '127.0.0.3');
    const answer = resolveMdns(name);
    const send = (from: Socket, data: Buffer): void => from.send(data, 5353, '127.0.0.1');
    for (let i = 0; i < 10; i++) {
      await turns(10);
      send(stranger, mdnsResponse(name, [192, 0, 2, 1], 120)); // not from port 5353
      send(responder, mdnsResponse(name, [192, 0, 2, 2], 0)); // a goodbye (§10.1)
      send(responder, mdnsResponse(name, [192, 0, 2, 3], 120, 9001)); // larger than any may be (§17)
      send(responder, mdnsResponse('other.local', [192, 0, 2, 4], 120));
    }
    await turns(10);
    let addresses: readonly string[] | undefined;
    const isAnswered = answer.then((found) => {
      addresses = found;
    });
    while (addresses === undefined) {
      send(responder, mdnsResponse(name.toUpperCase(), [192, 0, 2, 5], 120));
      await Promise.race([isAnswered, turns(1)]); // which rejects if nothing is heard
    }
    expect(addresses).toEqual(['192.0.2.5']);
    expect(choice).toHaveBeenCalled();
    choice.mockRestore();
    responder.close();
    stranger.close();
  });
});
