// The example of the README, and what it says that it prints.

import type { Network, TransportAddress } from '@kaon/wire';
import { expect, test } from 'vitest';
import { createSimulation } from '../../src/index.ts';

const ignore = (): void => undefined;

/** Says hello to `server` every `intervalMs`; counts what the server pushes. */
async function listen(
  network: Network,
  server: TransportAddress,
  intervalMs: number,
): Promise<{ received: number }> {
  const counts = { received: 0 };
  const onDatagram = (): void => {
    counts.received++;
  };
  const handler = { onDatagram, onBatchEnd: ignore, onError: ignore };
  const socket = await network.bindUdp({ address: '0.0.0.0', port: 0 }, handler);
  const hello = (): void => {
    socket.send(Uint8Array.of(1), server);
    socket.flush();
    network.setTimer(hello, intervalMs);
  };
  hello();
  return counts;
}

/** Pushes a message every second to whoever said hello last. */
async function serve(network: Network, address: string): Promise<TransportAddress> {
  let last: TransportAddress | undefined;
  const onDatagram = (_data: Uint8Array, remote: TransportAddress): void => {
    last = remote;
  };
  const handler = { onDatagram, onBatchEnd: ignore, onError: ignore };
  const socket = await network.bindUdp({ address, port: 4000 }, handler);
  const push = (): void => {
    if (last !== undefined) socket.send(Uint8Array.of(2), last);
    socket.flush();
    network.setTimer(push, 1000);
  };
  push();
  return socket.local;
}

interface Outcome {
  readonly received: number;
  readonly unmapped: number;
  readonly digest: string;
}

async function hour(intervalMs: number): Promise<Outcome> {
  const sim = createSimulation({ seed: 7 });
  const home = sim.nat('home', { type: 'port-restricted', mappingTimeoutMs: 30_000 });
  const wifi = { latencyMs: 3, jitterMs: 40, loss: 0.02 };
  const laptop = sim.host('laptop', { behind: home, link: wifi });
  const cloud = sim.host('cloud');

  const server = await serve(cloud.network, cloud.address);
  const counts = await listen(laptop.network, server, intervalMs);
  await sim.run({ until: 3_600_000 });

  return {
    received: counts.received,
    unmapped: sim.trace.drops('nat-unmapped'),
    digest: sim.traceDigest,
  };
}

test('a hello every 45 s is too few for a router that forgets after 30 s', async () => {
  const often = await hour(20_000);
  const seldom = await hour(45_000);
  expect(often).toMatchObject({ received: 3490, unmapped: 41 });
  expect(seldom).toMatchObject({ received: 2234, unmapped: 1322 });
  expect(await hour(45_000)).toEqual(seldom);
});
