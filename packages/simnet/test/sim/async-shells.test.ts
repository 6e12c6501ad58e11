// Two shells written with promises, as applications are, in virtual time.

import type { Network, TransportAddress, UdpSocket } from '@kaon/wire';
import { expect, test } from 'vitest';
import { createSimulation } from '../../src/index.ts';

/** Asks `remote` again and again, a second apart, until it answers; gives the seconds it took. */
async function ask(network: Network, hostname: string): Promise<number> {
  const [address] = await network.lookup(hostname);
  const remote = { address: address as string, port: 7 };
  const start = network.now();
  let socket: UdpSocket | undefined;
  return await new Promise<number>((resolve, reject) => {
    const attempt = (): void => {
      socket?.send(network.random.fill(new Uint8Array(8)), remote);
      socket?.flush();
      timer = network.setTimer(attempt, 1000);
    };
    let timer = network.setTimer(attempt, 0);
    network
      .bindUdp(
        { address: '0.0.0.0', port: 0 },
        {
          onDatagram: () => {
            timer.cancel();
            resolve((network.now() - start) / 1000);
          },
          onBatchEnd: () => undefined,
          onError: reject,
        },
      )
      .then((bound) => {
        socket = bound;
      }, reject);
  });
}

async function serve(network: Network, address: string): Promise<void> {
  const waiting: TransportAddress[] = [];
  const socket = await network.bindUdp(
    { address, port: 7 },
    {
      onDatagram: (_data, remote) => waiting.push(remote),
      onBatchEnd: () => {
        for (const remote of waiting.splice(0)) socket.send(Uint8Array.of(1), remote);
        socket.flush();
      },
      onError: () => undefined,
    },
  );
}

async function scenario(seed: number): Promise<{ seconds: number; digest: string }> {
  const simulation = createSimulation({ seed });
  const server = simulation.host('server', { link: { loss: 0.5, jitterMs: 30 } });
  const home = simulation.nat('home', { type: 'symmetric' });
  const client = simulation.host('client', { behind: home });
  simulation.register('server.example', [server.address], 25);
  simulation.at(0, () => client.link.takeDown(3600_000));
  const work = serve(server.network, server.address).then(() =>
    ask(client.network, 'server.example'),
  );
  const seconds = await simulation.complete(work);
  return { seconds, digest: simulation.traceDigest };
}

test('an hour of outage passes in no time, and every seed tells its story twice', async () => {
  const digests = new Set<string>();
  for (let seed = 0; seed < 10; seed++) {
    const first = await scenario(seed);
    expect(first.seconds).toBeGreaterThan(3599);
    expect(first.seconds).toBeLessThan(3660);
    expect(await scenario(seed)).toEqual(first);
    digests.add(first.digest);
  }
  expect(digests.size).toBe(10);
});
