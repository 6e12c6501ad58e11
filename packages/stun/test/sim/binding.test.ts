// A client behind a router asks a server on a bad network which address it has (RFC 8489 §6.2.1).

import { createSimulation, type LinkOptions, type NatOptions } from '@kaon/simnet';
import type { Network, TransportAddress, UdpSocket } from '@kaon/wire';
import { describe, expect, it } from 'vitest';
import { answerBinding, StunClient, type StunClientEvent } from '../../src/index.ts';

const SERVER_PORT = 3478;

/** The minimal server on a simulated host. */
async function serve(network: Network, address: string): Promise<TransportAddress> {
  const socket: UdpSocket = await network.bindUdp(
    { address, port: SERVER_PORT },
    {
      onDatagram(data, remote) {
        const answer = answerBinding(data, remote);
        if (answer !== undefined) socket.send(answer, remote);
      },
      onBatchEnd: () => socket.flush(),
      onError: () => undefined,
    },
  );
  return socket.local;
}

/** Asks once; how it ended, and how many requests that took. */
function ask(
  network: Network,
  address: string,
  server: TransportAddress,
): Promise<{ event: StunClientEvent; requests: number }> {
  const client = new StunClient({ random: network.random });
  let requests = 0;
  return new Promise((resolve) => {
    const drain = (socket: UdpSocket): void => {
      for (let data = client.pollDatagram(); data; data = client.pollDatagram()) {
        requests++;
        socket.send(data, server);
      }
      socket.flush();
      const event = client.pollEvent();
      if (event !== undefined) {
        socket.close();
        resolve({ event, requests });
      } else {
        network.setTimer(() => {
          client.handleTimeout(network.now());
          drain(socket);
        }, client.nextTimeout - network.now());
      }
    };
    let bound: UdpSocket | undefined;
    const handler = {
      onDatagram: (data: Uint8Array): void => client.handleDatagram(data, network.now()),
      onBatchEnd: (): void => {
        if (bound !== undefined) drain(bound);
      },
      onError: (): void => undefined,
    };
    network.bindUdp({ address, port: 0 }, handler).then((socket) => {
      bound = socket;
      client.start(network.now());
      drain(socket);
    });
  });
}

function askBehind(
  seed: number,
  nat: NatOptions,
  link: LinkOptions,
): Promise<{ event: StunClientEvent; requests: number; router: string; digest: string }> {
  const sim = createSimulation({ seed });
  const router = sim.nat('router', { ...nat, link: { latencyMs: 0 } });
  const laptop = sim.host('laptop', { behind: router, link });
  const cloud = sim.host('cloud', { link: { latencyMs: 0 } });
  const scenario = async (): Promise<{ event: StunClientEvent; requests: number }> => {
    const server = await serve(cloud.network, cloud.address);
    return ask(laptop.network, laptop.address, server);
  };
  return sim
    .complete(scenario(), { timeoutMs: 60_000 })
    .then((result) => ({ ...result, router: router.addresses[0] ?? '', digest: sim.traceDigest }));
}

describe('StunClient on a simulated network', () => {
  it.each(['full-cone', 'address-restricted', 'port-restricted', 'symmetric'] as const)(
    'learns the outer address of a %s router, and the round-trip time',
    async (type) => {
      const { event, router, requests } = await askBehind(1, { type }, { latencyMs: 40 });
      expect(event).toMatchObject({ type: 'mapped-address', address: { address: router } });
      expect(event.type === 'mapped-address' && event.roundTripTimeMs).toBeCloseTo(80, 0);
      expect(requests).toBe(1);
    },
  );

  it('succeeds on 200 seeds of a network that loses 30% each way, in at most seven requests', async () => {
    let most = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const link = { latencyMs: 150, jitterMs: 50, loss: 0.3, duplication: 0.05 };
      const { event, requests } = await askBehind(seed, { type: 'symmetric' }, link);
      // Seven requests all fail with a chance of 0.51^7, which is one seed in 111.
      if (requests < 7) expect(event.type).toBe('mapped-address');
      most = Math.max(most, requests);
    }
    expect(most).toBe(7);
  });

  it('gives up after 39.5 seconds where nothing comes back (RFC 8489 §6.2.1)', async () => {
    const { event, requests } = await askBehind(1, { type: 'symmetric' }, { loss: 1 });
    expect(event).toMatchObject({ type: 'failed', error: { code: 'STUN_TIMEOUT' } });
    expect(requests).toBe(7);
  });

  it('does the same twice with the same seed', async () => {
    const link = { latencyMs: 20, jitterMs: 10, loss: 0.3 };
    const [a, b, c] = [
      await askBehind(5, { type: 'symmetric' }, link),
      await askBehind(5, { type: 'symmetric' }, link),
      await askBehind(6, { type: 'symmetric' }, link),
    ];
    expect(b.digest).toBe(a.digest);
    expect(c.digest).not.toBe(a.digest);
  });
});
