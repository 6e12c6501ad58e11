import { type CryptoProvider, deterministicCrypto } from '@kaon/crypto';
import { describe, expect, test } from 'vitest';
import { DtlsError } from '../src/index.ts';
import { CERTIFICATES } from './certificates.ts';
import { ConnectionPair, createSide, drain } from './connection-pair.ts';
import { flip } from './records.ts';

const TEXT = new TextEncoder().encode('some data');

function codeOf(action: () => void): string | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof DtlsError) return error.code;
    throw error;
  }
  return undefined;
}

describe('sending', () => {
  test('puts data into one datagram of so much overhead', () => {
    const { client } = new ConnectionPair().connect();
    client.send(TEXT, 0);
    expect(drain(client).map(({ length }) => length)).toEqual([TEXT.length + client.overhead]);
  });

  test('copies what it is given', () => {
    const pair = new ConnectionPair().connect();
    const data = TEXT.slice();
    pair.client.send(data, 0);
    data.fill(0);
    pair.carry();
    expect(pair.received('server')).toEqual([TEXT]);
  });

  test('takes up to 16384 bytes (RFC 6347 §4.1)', () => {
    const pair = new ConnectionPair().connect();
    pair.client.send(new Uint8Array(16384), 0);
    pair.carry();
    expect(pair.received('server')[0]).toHaveLength(16384);
    expect(codeOf(() => pair.client.send(new Uint8Array(16385), 0))).toBe('DTLS_DATA_TOO_LARGE');
  });

  test('is refused before and after the connection', () => {
    const side = createSide('client', CERTIFICATES.p256);
    expect(codeOf(() => side.send(TEXT, 0))).toBe('DTLS_INVALID_STATE');
    expect(codeOf(() => side.exportKeyingMaterial('label', 1))).toBe('DTLS_INVALID_STATE');
    side.start(0);
    expect(codeOf(() => side.start(0))).toBe('DTLS_INVALID_STATE');
    side.close(0);
    expect(codeOf(() => side.send(TEXT, 0))).toBe('DTLS_INVALID_STATE');
  });

  test('hands out memory that is never written again', () => {
    const pair = new ConnectionPair().connect();
    pair.client.send(TEXT, 0);
    pair.client.send(TEXT, 0);
    pair.carry();
    const [first, second] = pair.received('server') as [Uint8Array, Uint8Array];
    first.fill(0);
    expect(second).toEqual(TEXT);
  });
});

describe('receiving', () => {
  test('takes each record once, in any order within 64 (RFC 6347 §4.1.2.6)', () => {
    const pair = new ConnectionPair().connect();
    for (let i = 0; i < 100; i++) pair.client.send(Uint8Array.of(i), 0);
    const datagrams = drain(pair.client);
    for (const datagram of [...datagrams].reverse()) pair.server.handleDatagram(datagram, 0);
    for (const datagram of datagrams) pair.server.handleDatagram(datagram, 0);
    pair.carry();
    const numbers = pair.received('server').map(([number]) => number);
    expect(numbers).toEqual(Array.from({ length: 64 }, (_, i) => 99 - i));
    expect(pair.server.counters.dropped.replayed).toBe(136);
  });

  test('reads several records in one datagram, with forged ones between', () => {
    const pair = new ConnectionPair().connect();
    for (const byte of [1, 2]) pair.client.send(Uint8Array.of(byte), 0);
    const [first, second] = drain(pair.client) as [Uint8Array, Uint8Array];
    pair.server.handleDatagram(Uint8Array.of(...first, ...flip(second, -1), ...second), 0);
    pair.carry();
    expect(pair.received('server')).toEqual([Uint8Array.of(1), Uint8Array.of(2)]);
    expect(pair.server.counters.dropped['authentication-failed']).toBe(1);
  });

  test('leaves the caller its datagram', () => {
    const pair = new ConnectionPair().connect();
    pair.client.send(TEXT, 0);
    const [datagram] = drain(pair.client) as [Uint8Array];
    const before = datagram.slice();
    pair.server.handleDatagram(datagram, 0);
    expect(datagram).toEqual(before);
    datagram.fill(0);
    pair.carry();
    expect(pair.received('server')).toEqual([TEXT]);
  });

  test('passes over empty records (RFC 5246 §6.2.1)', () => {
    const pair = new ConnectionPair().connect();
    pair.client.send(new Uint8Array(0), 0);
    pair.client.send(TEXT, 0);
    pair.carry();
    expect(pair.received('server')).toEqual([TEXT]);
  });
});

describe('closing', () => {
  test.each(['client', 'server'] as const)(
    'by the %s ends both sides (RFC 5246 §7.2.1)',
    (side) => {
      const pair = new ConnectionPair().connect();
      pair.side(side).close(0);
      pair.carry();
      for (const each of ['client', 'server'] as const) {
        expect(pair.side(each).state).toBe('closed');
        expect(pair.events[each].at(-1)).toEqual({ type: 'closed' });
        expect(pair.side(each).info).toBeUndefined();
      }
    },
  );

  test('twice is once', () => {
    const pair = new ConnectionPair().connect();
    pair.client.close(0);
    pair.client.close(0);
    pair.carry();
    expect(pair.events.client.filter(({ type }) => type === 'closed')).toHaveLength(1);
  });

  test('before the start sends nothing', () => {
    const side = createSide('client', CERTIFICATES.p256);
    side.close(0);
    expect(drain(side)).toEqual([]);
    expect(side.pollEvent()).toEqual({ type: 'closed' });
  });

  test.each(['client', 'server'] as const)('wipes the master secret: %s', (side) => {
    const { crypto, secrets } = watchedCrypto();
    const pair = new ConnectionPair({ crypto }, { crypto }).connect();
    pair.side(side).close(0);
    expect(secrets(side === 'client' ? 0 : 1).every((byte) => byte === 0)).toBe(true);
  });

  test('wipes the master secret of a handshake that is not done', () => {
    const { crypto, secrets } = watchedCrypto();
    const pair = new ConnectionPair({ crypto }).start();
    // The client has said all, and hears no answer.
    pair.deliver = (datagram, from) =>
      from === 'server' && pair.client.overhead > 13 ? [] : [datagram];
    pair.carry();
    expect(pair.client.state).toBe('connecting');
    expect(secrets(0).some((byte) => byte !== 0)).toBe(true);
    pair.client.close(0);
    expect(secrets(0).every((byte) => byte === 0)).toBe(true);
  });

  test('leaves data of later datagrams unheard', () => {
    const pair = new ConnectionPair().connect();
    pair.client.send(TEXT, 0);
    pair.server.close(0);
    pair.carryOnce('client');
    expect(pair.received('server')).toEqual([]);
    expect(pair.server.counters.dropped['not-connected']).toBe(1);
  });
});

/** A provider that knows which memory the master secrets are in: what makes codes with 48 bytes. */
function watchedCrypto() {
  const seen = new Set<Uint8Array>();
  const crypto: CryptoProvider = {
    ...deterministicCrypto,
    createHmac(algorithm, key) {
      if (key.length === 48) seen.add(key);
      return deterministicCrypto.createHmac(algorithm, key);
    },
  };
  return { crypto, secrets: (index: number) => [...seen][index] as Uint8Array };
}

test('counters add up', () => {
  const pair = new ConnectionPair().connect();
  pair.client.send(TEXT, 0);
  pair.carry();
  expect(pair.server.counters.datagramsReceived).toBe(pair.client.counters.datagramsSent);
  expect(pair.server.counters.recordsReceived).toBe(pair.client.counters.recordsSent);
  expect(Object.values(pair.server.counters.dropped).every((count) => count === 0)).toBe(true);
});
