// A datagram's memory is given back when the handler has read it (@kaon/wire, UdpSocketHandler).

import { expect, test } from 'vitest';
import { nodeNetwork } from '../../src/io/node-network.ts';

const LOOPBACK = { address: '127.0.0.1', port: 0 };
const SILENT = {
  onDatagram: () => undefined,
  onBatchEnd: () => undefined,
  onError: () => undefined,
};

test('what came is intact for the handler, and nothing of it is left for the garbage collector', async () => {
  const read: string[] = [];
  const kept: Uint8Array[] = [];
  const sender = await nodeNetwork.bindUdp(LOOPBACK, SILENT);
  const receiver = await new Promise<{ close(): void }>((resolve, reject) => {
    const bound = nodeNetwork.bindUdp(LOOPBACK, {
      onDatagram: (data) => {
        read.push(Buffer.from(data).toString());
        kept.push(data);
      },
      onBatchEnd: () => {
        if (read.length === 2) bound.then(resolve, reject);
      },
      onError: reject,
    });
    bound.then((socket) => {
      sender.send(Buffer.from('one'), socket.local);
      sender.send(Buffer.from('another'), socket.local);
    }, reject);
  });
  receiver.close();
  sender.close();
  expect(read).toEqual(['one', 'another']);
  const isReleased = 'transfer' in ArrayBuffer.prototype;
  expect(kept.map(({ length }) => length)).toEqual(isReleased ? [0, 0] : [3, 7]);
});
