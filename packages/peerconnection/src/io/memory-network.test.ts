// Two hosts in memory.

import type { Network, TransportAddress, UdpSocket } from '@kaon/wire';
import { describe, expect, it } from 'vitest';
import { createMemoryNetworks } from './memory-network.ts';

/** A turn of the event loop. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A socket on the host's address number `index`, and what it is told. */
async function bind(
  network: Network,
  index = 0,
): Promise<{ readonly socket: UdpSocket; readonly told: unknown[] }> {
  const told: unknown[] = [];
  const address = network.interfaces()[index]?.address ?? '';
  const socket = await network.bindUdp(
    { address, port: 0 },
    {
      onDatagram: (data, remote) => told.push([[...data], remote]),
      onBatchEnd: () => told.push('end'),
      onError: (error) => told.push(error),
    },
  );
  return { socket, told };
}

describe('two hosts in memory', () => {
  it('receive what the other sends, in order, in a later turn, with the end of the batch', async () => {
    const [alice, bob] = createMemoryNetworks();
    for (const index of [0, 1]) {
      const sender = await bind(alice, index);
      const receiver = await bind(bob, index);
      sender.socket.send(Uint8Array.of(1), receiver.socket.local);
      sender.socket.send(Uint8Array.of(2), receiver.socket.local);
      expect(receiver.told).toEqual([]);
      await turn();
      await turn();
      const from = sender.socket.local;
      expect(receiver.told).toEqual([[[1], from], [[2], from], 'end']);
      expect(sender.told).toEqual([]);
    }
  });

  it('have no two sockets with the same address, and none without a port', async () => {
    const [alice, bob] = createMemoryNetworks();
    const all = await Promise.all([bind(alice), bind(alice), bind(alice, 1), bind(bob)]);
    const names = all.map(({ socket: { local } }) => `${local.address} ${local.port}`);
    expect(new Set(names).size).toBe(all.length);
    expect(all.every(({ socket }) => socket.local.port > 0)).toBe(true);
  });

  it('lose what goes to nobody, and to or from a socket that is closed', async () => {
    const [alice, bob] = createMemoryNetworks();
    const sender = await bind(alice);
    const receiver = await bind(bob);
    const nobody: TransportAddress = { ...receiver.socket.local, port: 1 };
    sender.socket.send(Uint8Array.of(1), nobody);
    sender.socket.send(Uint8Array.of(2), receiver.socket.local);
    receiver.socket.close(); // The datagram is on its way.
    sender.socket.send(Uint8Array.of(3), receiver.socket.local);
    sender.socket.close();
    sender.socket.send(Uint8Array.of(4), receiver.socket.local);
    await turn();
    await turn();
    expect(receiver.told).toEqual([]);
  });

  it('are not on one network with other pairs', async () => {
    const [alice] = createMemoryNetworks();
    const [, stranger] = createMemoryNetworks();
    const sender = await bind(alice);
    const receiver = await bind(stranger);
    sender.socket.send(Uint8Array.of(1), receiver.socket.local);
    await turn();
    await turn();
    expect(receiver.told).toEqual([]);
  });
});
