// Handshakes over links that lose, repeat, delay and overtake, with virtual time.

import { createSimulation, type LinkOptions, machinePair } from '@kaon/simnet';
import { describe, expect, test } from 'vitest';
import type { DtlsEvent } from '../../src/index.ts';
import { CERTIFICATES } from '../certificates.ts';
import { createSide, type SideOptions } from '../connection-pair.ts';

const NASTY: LinkOptions = {
  latencyMs: 150,
  jitterMs: 60,
  jitterReorders: true,
  loss: 0.2,
  duplication: 0.05,
  reordering: 0.1,
  reorderingDelayMs: 200,
};

interface Outcome {
  readonly connectedAfterMs: number;
  readonly digest: string;
  readonly retransmissions: number;
}

/** Shakes hands over `link` and then sends ten records; each one that arrives arrives once and whole. */
function run(seed: number, link: LinkOptions, options: SideOptions = {}): Outcome {
  const simulation = createSimulation({ seed });
  const random = simulation.random.fork('dtls');
  const client = createSide('client', CERTIFICATES.p256, {
    random: random.fork('client'),
    ...options,
  });
  const server = createSide('server', CERTIFICATES.p256, {
    random: random.fork('server'),
    ...options,
  });
  const received: number[] = [];
  const onEvent = (event: DtlsEvent) => {
    if (event.type === 'failed') throw event.error;
    if (event.type === 'data') received.push(event.data[0] as number);
  };
  const pair = machinePair(simulation, client, server, link, {
    onEventA: onEvent,
    onEventB: onEvent,
  });
  server.start(simulation.now);
  client.start(simulation.now);
  const isDone = () => client.state === 'connected' && server.state === 'connected';
  pair.run({ until: isDone, timeoutMs: 60_000 });
  expect([client.state, server.state]).toEqual(['connected', 'connected']);
  const connectedAfterMs = simulation.now;
  for (let i = 0; i < 10; i++) client.send(Uint8Array.of(i), simulation.now);
  pair.run();
  expect(new Set(received).size).toBe(received.length);
  const retransmissions =
    client.counters.flightsRetransmitted + server.counters.flightsRetransmitted;
  return { connectedAfterMs, digest: String(simulation.traceDigest), retransmissions };
}

describe('200 seeds of a nasty network', () => {
  test.each([0, 50, 100, 150])('connect, from seed %i on', (first) => {
    for (let seed = first; seed < first + 50; seed++) run(seed, NASTY);
  });

  test('connect with the smallest datagrams, where each flight is dozens of them', () => {
    for (let seed = 0; seed < 20; seed++) run(seed, { ...NASTY, loss: 0.05 }, { mtu: 200 });
  });

  test('connect with RSA certificates', () => {
    for (let seed = 0; seed < 10; seed++) run(seed, NASTY, RSA);
  });

  test('connect without a cookie exchange', () => {
    for (let seed = 0; seed < 20; seed++) run(seed, NASTY, { cookieExchange: false });
  });
});

const RSA: SideOptions = {
  certificate: CERTIFICATES.rsa,
  remoteFingerprints: [{ algorithm: 'sha-256', value: CERTIFICATES.rsa.fingerprint('sha-256') }],
};

test('a handshake survives an outage of three seconds', () => {
  const outages = [{ fromMs: 100, toMs: 3100 }];
  const { connectedAfterMs } = run(1, { latencyMs: 50, outages });
  expect(connectedAfterMs).toBeGreaterThan(3100);
  expect(connectedAfterMs).toBeLessThan(8000);
});

test('a link without loss needs no retransmission where the timer fits the round trip', () => {
  const { connectedAfterMs, retransmissions } = run(
    1,
    { latencyMs: 30 },
    { initialRetransmissionMs: 100 },
  );
  expect(retransmissions).toBe(0);
  expect(connectedAfterMs).toBe(180);
});

test('the same seed gives the same run', () => {
  expect(run(42, NASTY)).toEqual(run(42, NASTY));
});
