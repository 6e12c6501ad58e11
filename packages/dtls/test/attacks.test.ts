// The attacker: anyone who can send us datagrams, or sits between and changes what passes.

import { deterministicCrypto } from '@kaon/crypto';
import { SeededRandom } from '@kaon/simnet';
import { concatBytes } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeClientHello, encodeClientHello } from '../src/handshake/client-hello.ts';
import {
  encodeHandshakeHeader,
  encodeHandshakeMessage,
} from '../src/handshake/handshake-message.ts';
import { decodeServerHello, encodeServerHello } from '../src/handshake/server-hello.ts';
import { AlertDescription, type DtlsConnection } from '../src/index.ts';
import { CERTIFICATES } from './certificates.ts';
import { ConnectionPair, createSide, drain, type Side } from './connection-pair.ts';
import { flip, forgeMessage, forgeRecord, rewriteMessage, splitRecords } from './records.ts';

const TEXT = new TextEncoder().encode('for your eyes only');
const FATAL_ALERT = forgeRecord(21, Uint8Array.of(2, AlertDescription.handshakeFailure));
const CLOSE_NOTIFY = forgeRecord(21, Uint8Array.of(1, AlertDescription.closeNotify));
const Type = {
  clientHello: 1,
  serverHello: 2,
  helloVerifyRequest: 3,
  certificate: 11,
  serverKeyExchange: 12,
  clientKeyExchange: 16,
  certificateVerify: 15,
};

function expectConnected(pair: ConnectionPair): void {
  expect([pair.client.state, pair.server.state]).toEqual(['connected', 'connected']);
  pair.client.send(TEXT, pair.now);
  pair.server.send(TEXT, pair.now);
  pair.carry();
  expect(pair.received('server')).toContainEqual(TEXT);
  expect(pair.received('client')).toContainEqual(TEXT);
}

/** Nothing that an application would see, or take for protected, came out of either side. */
function expectNothingThrough(pair: ConnectionPair): void {
  for (const side of ['client', 'server'] as const) {
    const types = pair.events[side].map(({ type }) => type);
    expect(types).not.toContain('data');
    expect(types).not.toContain('connected');
  }
}

/** A HelloVerifyRequest with a cookie of one byte. */
function demand(messageSeq: number, cookie: number, sequenceNumber: number): Uint8Array {
  const body = Uint8Array.of(0xfe, 0xff, 1, cookie);
  const message = encodeHandshakeMessage(Type.helloVerifyRequest, messageSeq, body);
  return forgeRecord(22, message, sequenceNumber);
}

function sentAlert(pair: ConnectionPair, side: Side): number | undefined {
  const last = pair.events[side].at(-1);
  return last?.type === 'failed' ? last.error.sentAlert : undefined;
}

describe('a man in the middle', () => {
  function between(
    from: Side,
    type: number,
    change: (body: Uint8Array) => Uint8Array,
    client = {},
    server = {},
  ): ConnectionPair {
    const pair = new ConnectionPair({ mtu: 4000, ...client }, { mtu: 4000, ...server });
    pair.deliver = (datagram, sender) => [
      sender === from ? rewriteMessage(datagram, type, change) : datagram,
    ];
    return pair.start().settle();
  }

  test.each(['client', 'server'] as const)(
    'with a certificate of his own, before the %s, gets no byte (RFC 8122 §5)',
    (side) => {
      const other = side === 'client' ? 'server' : 'client';
      const value = CERTIFICATES.other.fingerprint('sha-256');
      const wrong = { remoteFingerprints: [{ algorithm: 'sha-256', value }] };
      const pair = new ConnectionPair(
        side === 'client' ? wrong : {},
        side === 'server' ? wrong : {},
      );
      pair.start().settle();
      expect(pair.failure(side)).toBe('DTLS_FINGERPRINT_MISMATCH');
      expect(sentAlert(pair, side)).toBe(AlertDescription.badCertificate);
      expect(pair.failure(other)).toBe('DTLS_ALERT_RECEIVED');
      expectNothingThrough(pair);
      expect(() => pair.side(side).send(TEXT, 0)).toThrow();
    },
  );

  test.each(['client', 'server'] as const)(
    'who shows the true certificate of the other side without its key fails at the %s',
    (side) => {
      // The thief shows the true certificate and signs with another key.
      const thief = { ...CERTIFICATES.p256, key: CERTIFICATES.other.key };
      const pair = new ConnectionPair(
        side === 'server' ? { certificate: thief } : {},
        side === 'client' ? { certificate: thief } : {},
      );
      pair.start().settle();
      expect(pair.failure(side)).toBe('DTLS_HANDSHAKE_FAILED');
      expect(sentAlert(pair, side)).toBe(AlertDescription.decryptError);
      expectNothingThrough(pair);
    },
  );

  test('who changes the signature over the key is found out (RFC 5246 §7.4.3)', () => {
    const pair = between('server', Type.serverKeyExchange, (body) => flip(body, -1));
    expect(sentAlert(pair, 'client')).toBe(AlertDescription.decryptError);
    expectNothingThrough(pair);
  });

  test('who changes the key under the signature is found out', () => {
    const pair = between('server', Type.serverKeyExchange, (body) => flip(body, 10));
    expect(sentAlert(pair, 'client')).toBe(AlertDescription.decryptError);
    expectNothingThrough(pair);
  });

  test("who changes the client's signature is found out (RFC 5246 §7.4.8)", () => {
    const pair = between('client', Type.certificateVerify, (body) => flip(body, -1));
    expect(sentAlert(pair, 'server')).toBe(AlertDescription.decryptError);
    expectNothingThrough(pair);
  });

  test("who changes the client's key is found out", () => {
    const pair = between('client', Type.clientKeyExchange, (body) => flip(body, 5));
    expect(sentAlert(pair, 'server')).toBe(AlertDescription.decryptError);
    expectNothingThrough(pair);
  });

  test('who sends a low-order point is refused (RFC 7748 §6.1)', () => {
    const pair = between('client', Type.clientKeyExchange, (body) => body.fill(0, 1));
    expect(sentAlert(pair, 'server')).toBe(AlertDescription.illegalParameter);
    expectNothingThrough(pair);
  });

  test('who changes anything else is found out by Finished (RFC 5246 §7.4.9)', () => {
    // A server that would take any signature still compares transcripts.
    const crypto = Object.create(deterministicCrypto, { verify: { value: () => true } });
    const pair = between(
      'client',
      Type.certificateVerify,
      (body) => flip(body, -1),
      {},
      { crypto },
    );
    expect(pair.failure('server')).toBe('DTLS_HANDSHAKE_FAILED');
    expect(sentAlert(pair, 'server')).toBe(AlertDescription.decryptError);
    expectNothingThrough(pair);
  });

  test('who strips the extended master secret is refused (RFC 7627 §5.2)', () => {
    const strip = (body: Uint8Array): Uint8Array => {
      const hello = decodeClientHello(body);
      if (hello === undefined) throw new Error('Our own hello is well-formed.');
      const extensions = hello.extensions.filter(({ type }) => type !== 23);
      return encodeClientHello({ ...hello, extensions });
    };
    const pair = between('client', Type.clientHello, strip);
    expect(sentAlert(pair, 'server')).toBe(AlertDescription.handshakeFailure);
    expectNothingThrough(pair);
    const lenient = { requireExtendedMasterSecret: false };
    const other = between('client', Type.clientHello, strip, lenient, lenient);
    expect(other.failure('server')).toBe('DTLS_HANDSHAKE_FAILED');
    expectNothingThrough(other);
  });

  test.each([
    ['a suite that was not offered', { cipherSuite: 0xc02c }, AlertDescription.illegalParameter],
    ['compression', { compressionMethod: 1 }, AlertDescription.illegalParameter],
    ['DTLS 1.0', { version: 0xfeff }, AlertDescription.protocolVersion],
    [
      'an extension that was not offered',
      { extensions: [{ type: 16, data: new Uint8Array(0) }] },
      AlertDescription.unsupportedExtension,
    ],
    ['no extended master secret', { extensions: [] }, AlertDescription.handshakeFailure],
    [
      'an extended master secret with something in it (RFC 7627 §5.1)',
      { extensions: [{ type: 23, data: Uint8Array.of(0) }] },
      AlertDescription.decodeError,
    ],
    [
      'a renegotiation',
      { extensions: [{ type: 0xff01, data: Uint8Array.of(1, 1) }] },
      AlertDescription.handshakeFailure,
    ],
    [
      'a record size limit of less than 64 (RFC 8449 §4)',
      {
        extensions: [
          { type: 23, data: new Uint8Array(0) },
          { type: 28, data: Uint8Array.of(0, 63) },
        ],
      },
      AlertDescription.illegalParameter,
    ],
    [
      'a record size limit of more than DTLS 1.2 has (RFC 8449 §4)',
      {
        extensions: [
          { type: 23, data: new Uint8Array(0) },
          { type: 28, data: Uint8Array.of(0x40, 1) },
        ],
      },
      AlertDescription.illegalParameter,
    ],
    [
      'an SRTP profile that was not offered',
      {
        extensions: [
          { type: 23, data: new Uint8Array(0) },
          { type: 14, data: Uint8Array.of(0, 2, 0, 8, 0) },
        ],
      },
      AlertDescription.illegalParameter,
    ],
  ])('who makes the server choose %s is refused', (_, change, alert) => {
    const options = {
      cipherSuites: ['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'],
      srtpProtectionProfiles: [7],
    } as const;
    const rewrite = (body: Uint8Array): Uint8Array => {
      const hello = decodeServerHello(body);
      if (hello === undefined) throw new Error('Our own hello is well-formed.');
      return encodeServerHello({ ...hello, ...change });
    };
    const pair = between('server', Type.serverHello, rewrite, options);
    expect(sentAlert(pair, 'client')).toBe(alert);
    expectNothingThrough(pair);
  });

  test('a client without a certificate is refused (RFC 5246 §7.4.6)', () => {
    const pair = between('client', Type.certificate, () => new Uint8Array(3));
    expect(sentAlert(pair, 'server')).toBe(AlertDescription.handshakeFailure);
    expectNothingThrough(pair);
  });
});

describe('a forger during the handshake', () => {
  /** Lets the handshake run with forged datagrams before each true one. */
  function withForgeries(forgeries: readonly Uint8Array[], cookieExchange = false): ConnectionPair {
    const pair = new ConnectionPair({}, { cookieExchange });
    pair.deliver = (datagram) => [...forgeries, datagram];
    pair.start();
    for (const forgery of forgeries) {
      pair.client.handleDatagram(forgery, 0);
      pair.server.handleDatagram(forgery, 0);
    }
    return pair.settle();
  }

  test('alerts without protection do not end it', () => {
    const pair = withForgeries([FATAL_ALERT, CLOSE_NOTIFY]);
    expectConnected(pair);
    expect(pair.server.counters.dropped['unauthenticated-alert']).toBeGreaterThan(0);
  });

  test('an alert that nothing follows ends it after two seconds', () => {
    const client = createSide('client', CERTIFICATES.p256);
    client.start(0);
    client.handleDatagram(FATAL_ALERT, 500);
    while (client.state === 'connecting') client.handleTimeout(client.nextTimeout);
    expect(client.pollEvent()).toMatchObject({
      type: 'failed',
      error: { code: 'DTLS_ALERT_RECEIVED', receivedAlert: AlertDescription.handshakeFailure },
    });
  });

  test('a server that waits for its client waits on, whatever else comes', () => {
    const pair = new ConnectionPair({}, { cookieExchange: false });
    pair.server.start(0);
    for (const forged of [
      FATAL_ALERT,
      CLOSE_NOTIFY,
      forgeMessage(1, 0, TEXT),
      forgeMessage(11, 0, TEXT),
    ]) {
      pair.server.handleDatagram(forged, 0);
    }
    expect(pair.server.nextTimeout).toBe(Number.POSITIVE_INFINITY);
    pair.client.start(0);
    expectConnected(pair.carry());
  });

  test('messages out of turn, malformed ones and Finished in the clear do not end it', () => {
    const noise: Uint8Array[] = [];
    for (const type of [0, 4, 11, 12, 13, 14, 15, 16, 20, 99]) {
      for (let messageSeq = 0; messageSeq < 8; messageSeq++) {
        noise.push(forgeMessage(type, messageSeq, Uint8Array.of(1, 2, 3)));
      }
    }
    const pair = new ConnectionPair({}, { cookieExchange: false });
    let isQuiet = false;
    pair.deliver = (datagram) => (isQuiet ? [datagram] : [...noise, datagram]);
    pair.start().settle(50);
    // A forgery may take the place of one message, and the next repetition puts it right.
    isQuiet = true;
    pair.settle(10_000);
    expectConnected(pair);
  });

  test('application data in the clear, unknown records and future epochs are dropped', () => {
    const future = forgeRecord(23, TEXT);
    future[4] = 9;
    const strange = forgeRecord(23, TEXT);
    strange[1] = 3;
    const pair = withForgeries([forgeRecord(23, TEXT), forgeRecord(24, TEXT), future, strange]);
    expectConnected(pair);
    expect(pair.received('server')).toEqual([TEXT]);
    expect(pair.server.counters.dropped['cleartext-data']).toBeGreaterThan(0);
    expect(pair.server.counters.dropped['unexpected-record']).toBeGreaterThan(2);
  });

  test('protected records before the keys are kept up to a limit, and then dropped', () => {
    const forged = forgeRecord(23, new Uint8Array(1000));
    forged[4] = 1;
    const pair = new ConnectionPair({}, { cookieExchange: false }).start();
    for (let i = 0; i < 1000; i++) pair.server.handleDatagram(forged, 0);
    expect(pair.server.counters.dropped['early-over-limit']).toBe(1000 - 32);
    pair.settle();
    expectConnected(pair);
    expect(pair.server.counters.dropped['authentication-failed']).toBe(32);
  });

  test('bombs of fragments are refused', () => {
    const bombs = Array.from({ length: 200 }, (_, i) => {
      const content = new Uint8Array(13);
      encodeHandshakeHeader(content, 0, 11, 0xffffff - i, i % 20, 3 * i, 1);
      return forgeRecord(22, content);
    });
    const pair = withForgeries(bombs);
    expectConnected(pair);
    expect(pair.server.counters.dropped['handshake-over-limit']).toBeGreaterThan(100);
  });

  test('a forged cookie is answered with another request (RFC 6347 §4.2.1)', () => {
    const server = createSide('server', CERTIFICATES.p256);
    server.start(0);
    const client = createSide('client', CERTIFICATES.p256);
    client.start(0);
    const [first] = drain(client) as [Uint8Array];
    const hello = decodeClientHello(splitRecords(first)[0]?.content.slice(12) as Uint8Array);
    if (hello === undefined) throw new Error('Our own hello is well-formed.');
    const forged = encodeClientHello({ ...hello, cookie: new Uint8Array(32) });
    server.handleDatagram(forgeMessage(Type.clientHello, 1, forged), 0);
    const [answer, ...rest] = drain(server) as [Uint8Array];
    expect(rest).toEqual([]);
    expect(splitRecords(answer)[0]?.content[0]).toBe(3);
    expect(answer.length).toBeLessThan(first.length);
    expect(server.nextTimeout).toBe(Number.POSITIVE_INFINITY);
  });

  test('a cookie is good for the hello that it was given for only', () => {
    const server = createSide('server', CERTIFICATES.p256);
    server.start(0);
    const hello = (random: number, cookie: Uint8Array) =>
      encodeClientHello({
        version: 0xfefd,
        random: new Uint8Array(32).fill(random),
        sessionId: new Uint8Array(0),
        cookie,
        cipherSuites: [0xc02b],
        compressionMethods: Uint8Array.of(0),
        extensions: [],
      });
    server.handleDatagram(forgeMessage(Type.clientHello, 0, hello(1, new Uint8Array(0))), 0);
    const [request] = drain(server) as [Uint8Array];
    const cookie = splitRecords(request)[0]?.content.slice(12 + 3) as Uint8Array;
    server.handleDatagram(forgeMessage(Type.clientHello, 1, hello(2, cookie)), 0);
    expect(splitRecords(drain(server)[0] as Uint8Array)[0]?.content[0]).toBe(3);
  });

  test('a client that was given a wrong cookie takes the next one (RFC 6347 §4.2.4)', () => {
    const pair = new ConnectionPair();
    let isFirst = true;
    pair.deliver = (datagram, from) => {
      if (from === 'client' || !isFirst) return [datagram];
      isFirst = false;
      return [flip(datagram, -1)];
    };
    expectConnected(pair.connect());
  });

  test('a client answers a second demand that has a number of its own', () => {
    const client = createSide('client', CERTIFICATES.p256);
    client.start(0);
    drain(client);
    for (const [messageSeq, cookie] of [
      [0, 7],
      [1, 8],
    ] as const) {
      client.handleDatagram(demand(messageSeq, cookie, messageSeq), 0);
      const [hello] = splitRecords(drain(client)[0] as Uint8Array);
      expect(hello?.content[5]).toBe(messageSeq + 1);
      expect(decodeClientHello(hello?.content.subarray(12) as Uint8Array)?.cookie).toEqual(
        Uint8Array.of(cookie),
      );
    }
  });

  test('a late demand for the hello without a cookie does not change the cookie', () => {
    const pair = new ConnectionPair();
    pair.deliver = (datagram, from) =>
      from === 'server' ? [datagram, demand(0, 9, 0)] : [datagram];
    expectConnected(pair.connect());
  });

  test('a client does not answer any number of demands', () => {
    const client = createSide('client', CERTIFICATES.p256);
    client.start(0);
    for (let i = 0; i < 200; i++) {
      client.handleDatagram(demand(0, i, i), 0);
      client.handleDatagram(demand(1 + (i % 10), i, i), 0);
    }
    expect(drain(client).length).toBeLessThan(10);
  });

  test('a forged hello before the true one does not keep that out', () => {
    const pair = new ConnectionPair().start();
    const forged = createSide('client', CERTIFICATES.p256, { random: new SeededRandom('forger') });
    forged.start(0);
    for (const datagram of drain(forged)) pair.server.handleDatagram(datagram, 0);
    // The client hears the answer to it before the one to its own.
    expectConnected(pair.carry());
  });

  test('a hello with a record number near the end does not use ours up', () => {
    const pair = new ConnectionPair().start();
    const forged = createSide('client', CERTIFICATES.p256);
    forged.start(0);
    const [datagram] = drain(forged) as [Uint8Array];
    datagram.fill(0xff, 5, 11);
    pair.server.handleDatagram(datagram, 0);
    expectConnected(pair.carry());
  });

  test('a hello repeated a thousand times is answered a few times', () => {
    const pair = new ConnectionPair({}, { cookieExchange: false }).start();
    const [hello] = drain(pair.client) as [Uint8Array];
    let bytes = 0;
    for (let i = 0; i < 1000; i++) {
      pair.server.handleDatagram(hello, i / 10);
      for (const datagram of drain(pair.server)) bytes += datagram.length;
    }
    // 100 ms: the first answer and one repetition in each 50 ms.
    expect(bytes).toBeLessThan(3 * 1200);
  });
});

describe('a forger after the handshake', () => {
  test('alerts, hellos and Finished without protection change nothing', () => {
    const pair = new ConnectionPair().connect();
    const hello = (pair.sent[0] as { datagram: Uint8Array }).datagram;
    for (const side of [pair.client, pair.server]) {
      for (const forged of [
        FATAL_ALERT,
        CLOSE_NOTIFY,
        hello,
        forgeMessage(20, 5, new Uint8Array(12)),
      ]) {
        side.handleDatagram(forged, 0);
      }
      expect(drain(side)).toEqual([]);
      expect(side.counters.dropped['unauthenticated-alert']).toBe(2);
    }
    expectConnected(pair);
  });

  test('a whole recorded handshake, sent again, changes nothing', () => {
    const pair = new ConnectionPair().connect();
    for (const { from, datagram } of [...pair.sent]) {
      pair.side(from === 'client' ? 'server' : 'client').handleDatagram(datagram, 1000);
    }
    expect(drain(pair.client)).toEqual([]);
    expect(drain(pair.server)).toEqual([]);
    expectConnected(pair);
  });

  test('a recorded datagram with any bit changed brings nothing', () => {
    const pair = new ConnectionPair().connect();
    pair.client.send(TEXT, 0);
    const [datagram] = drain(pair.client) as [Uint8Array];
    for (let bit = 0; bit < 8 * datagram.length; bit++) {
      const forged = datagram.slice();
      forged[bit >> 3] = (forged[bit >> 3] as number) ^ (1 << (bit & 7));
      pair.server.handleDatagram(forged, 0);
    }
    pair.carry();
    expect(pair.received('server')).toEqual([]);
    pair.server.handleDatagram(datagram, 0);
    pair.carry();
    expect(pair.received('server')).toEqual([TEXT]);
  });
});

describe('in every state', () => {
  /** Connections stopped after so many datagrams, and one of each end. */
  function stages(): { readonly name: string; readonly pair: ConnectionPair }[] {
    const found = [{ name: 'new', pair: new ConnectionPair() }];
    for (let count = 0; count <= 6; count++) {
      const pair = new ConnectionPair().start();
      let left = count;
      while (left > 0) {
        const from: Side = pair.sent.length % 2 === 0 ? 'client' : 'server';
        pair.carryOnce(from);
        left--;
      }
      found.push({ name: `after ${count} datagrams`, pair });
    }
    const closed = new ConnectionPair().connect();
    closed.client.close(0);
    closed.carry();
    found.push({ name: 'closed', pair: closed });
    return found;
  }

  const recorded = new ConnectionPair().connect().sent.map(({ datagram }) => datagram);
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    // The shape of a record, so that something is left for deeper layers.
    fc
      .tuple(fc.integer({ min: 20, max: 23 }), fc.uint8Array({ minLength: 1, maxLength: 60 }))
      .map(([type, content]) => forgeRecord(type, content)),
    fc
      .tuple(fc.integer({ min: 0, max: 20 }), fc.nat(6), fc.uint8Array({ maxLength: 60 }))
      .map(([type, messageSeq, body]) => forgeMessage(type, messageSeq, body)),
    fc
      .tuple(fc.nat(recorded.length - 1), fc.nat(), fc.nat(255), fc.boolean())
      .map(([index, at, value, cut]) => {
        const datagram = (recorded[index] as Uint8Array).slice();
        datagram[at % datagram.length] = value;
        return cut ? datagram.subarray(0, at % datagram.length) : datagram;
      }),
    fc
      .tuple(fc.nat(recorded.length - 1), fc.nat(recorded.length - 1))
      .map(([a, b]) => concatBytes(recorded[a] as Uint8Array, recorded[b] as Uint8Array)),
  );

  test.each(stages().map(({ name }, index) => [name, index] as const))(
    'no datagrams throw, loop, or bring data: %s',
    (_, index) => {
      fc.assert(
        fc.property(fc.array(anything, { maxLength: 30 }), (datagrams) => {
          const { pair } = stages()[index] as { pair: ConnectionPair };
          const before = { client: pair.received('client'), server: pair.received('server') };
          for (const side of ['client', 'server'] as const) {
            const connection: DtlsConnection = pair.side(side);
            for (const datagram of datagrams) connection.handleDatagram(datagram, 10);
            for (let i = 0; i < 5; i++) connection.handleTimeout(connection.nextTimeout);
            drain(connection);
          }
          pair.carry();
          expect({ client: pair.received('client'), server: pair.received('server') }).toEqual(
            before,
          );
        }),
        { numRuns: 40 },
      );
    },
  );

  test('a byte changed on its way: both connect with the same keys, or neither does', () => {
    const sizes = new ConnectionPair().connect().sent.map(({ datagram }) => datagram.length);
    for (const [index, size] of sizes.entries()) {
      for (let at = index; at < size; at += 11) {
        const pair = new ConnectionPair();
        let sent = 0;
        pair.deliver = (datagram) => [sent++ === index ? flip(datagram, at) : datagram];
        pair.start().settle();
        const [client, server] = [pair.client, pair.server];
        expect(client.state === 'connected').toBe(server.state === 'connected');
        if (client.state !== 'connected') continue;
        const keys = client.exportKeyingMaterial('EXPERIMENTAL', 32);
        expect(server.exportKeyingMaterial('EXPERIMENTAL', 32)).toEqual(keys);
      }
    }
  });

  test('truncated datagrams of a true handshake only delay it', () => {
    for (const cut of [1, 13, 14, 25, 40, 100]) {
      const pair = new ConnectionPair();
      let isCutting = true;
      pair.deliver = (datagram) => (isCutting ? [datagram.slice(0, -cut)] : [datagram]);
      pair.start().settle(1000);
      isCutting = false;
      pair.settle(20_000);
      expectConnected(pair);
    }
  });
});

test('a flood of forged datagrams leaves nothing behind', () => {
  const pair = new ConnectionPair().connect();
  const random = new SeededRandom('flood');
  const forged = forgeRecord(23, new Uint8Array(1200));
  forged[4] = 1;
  for (let i = 0; i < 20_000; i++) {
    random.fill(forged.subarray(5, 11));
    pair.server.handleDatagram(forged, 0);
  }
  expect(pair.server.counters.dropped['authentication-failed']).toBe(20_000);
  expect(pair.server.pollDatagram()).toBeUndefined();
  expect(pair.server.pollEvent()?.type).toBeUndefined();
  expectConnected(pair);
});
