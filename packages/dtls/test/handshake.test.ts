import { deterministicCrypto } from '@kaon/crypto';
import { formatHex } from '@kaon/wire';
import { describe, expect, test } from 'vitest';
import { CIPHER_SUITES } from '../src/cipher-suite.ts';
import { encodeSupportedVersions } from '../src/extensions/supported-versions.ts';
import { decodeClientHello, encodeClientHello } from '../src/handshake/client-hello.ts';
import type { DtlsTraceEvent } from '../src/index.ts';
import { NAMED_GROUPS } from '../src/named-group.ts';
import { CERTIFICATES } from './certificates.ts';
import { ConnectionPair, createSide, drain } from './connection-pair.ts';
import { forgeMessage, rewriteMessage, splitRecords } from './records.ts';

const TEXT = new TextEncoder().encode('all is well');
const CLIENT_HELLO = 1;

function expectConnected(pair: ConnectionPair): void {
  expect([pair.client.state, pair.server.state]).toEqual(['connected', 'connected']);
  expect(pair.client.exportKeyingMaterial('EXPERIMENTAL test', 40)).toEqual(
    pair.server.exportKeyingMaterial('EXPERIMENTAL test', 40),
  );
  pair.client.send(TEXT, pair.now);
  pair.server.send(TEXT, pair.now);
  pair.carry();
  expect(pair.received('server')).toEqual([TEXT]);
  expect(pair.received('client')).toEqual([TEXT]);
}

describe('every suite with every group, client certificates of every kind', () => {
  for (const suite of CIPHER_SUITES) {
    const servers = suite.authentication === 'rsa' ? ['rsa'] : ['p256', 'p384', 'ed25519'];
    for (const server of servers as (keyof typeof CERTIFICATES)[]) {
      for (const group of NAMED_GROUPS) {
        test(`${suite.name}, ${group}, ${server}`, () => {
          for (const client of ['p256', 'p384', 'rsa', 'ed25519'] as const) {
            const pair = new ConnectionPair(
              { certificate: CERTIFICATES[client], cipherSuites: [suite.name] },
              { certificate: CERTIFICATES[server], groups: [group] },
            ).connect();
            expectConnected(pair);
            for (const side of [pair.client, pair.server]) {
              expect(side.info).toMatchObject({
                cipherSuite: suite.name,
                group,
                version: 'DTLS 1.2',
              });
            }
            expect(pair.server.info?.remoteCertificates).toEqual(CERTIFICATES[client].chain);
            expect(pair.client.info?.remoteCertificates).toEqual(CERTIFICATES[server].chain);
          }
        });
      }
    }
  }
});

describe('what is prepared ahead', () => {
  test('is used, with whatever the peer then wants', () => {
    for (const group of NAMED_GROUPS) {
      const pair = new ConnectionPair({}, { groups: [group] });
      pair.client.prepare();
      pair.server.prepare();
      pair.server.prepare();
      pair.connect();
      expectConnected(pair);
      expect(pair.client.info?.group).toBe(group);
    }
  });

  test('is the key pair: none is made afterwards', () => {
    let made = 0;
    const crypto: typeof deterministicCrypto = {
      ...deterministicCrypto,
      generateKeyAgreement: (...args) => {
        made++;
        return deterministicCrypto.generateKeyAgreement(...args);
      },
    };
    const pair = new ConnectionPair({ crypto }, { crypto });
    pair.client.prepare();
    pair.server.prepare();
    expect(made).toBe(2);
    expectConnected(pair.connect());
    expect(made).toBe(2);
  });

  test('sends nothing, and comes too late once the connection has begun', () => {
    const client = createSide('client', CERTIFICATES.p256);
    client.prepare();
    expect(client.state).toBe('new');
    expect(client.nextTimeout).toBe(Number.POSITIVE_INFINITY);
    expect(client.pollDatagram()).toBeUndefined();
    client.start(0);
    expect(client.pollDatagram()).toBeDefined();
    expect(() => client.prepare()).toThrow(expect.objectContaining({ code: 'DTLS_INVALID_STATE' }));
  });
});

describe('flights', () => {
  test('take two round trips and a datagram each without a cookie', () => {
    const pair = new ConnectionPair({}, { cookieExchange: false }).connect();
    expectConnected(pair);
    expect(pair.sent.slice(0, 4).map(({ from }) => from)).toEqual([
      'client',
      'server',
      'client',
      'server',
    ]);
    const kinds = pair.sent.slice(0, 4).map(({ datagram }) => {
      return splitRecords(datagram).map(({ header }) => header.type);
    });
    expect(kinds).toEqual([[22], [22, 22, 22, 22, 22], [22, 22, 22, 20, 22], [20, 22]]);
  });

  test('take a round trip more with a cookie (RFC 6347 §4.2.1)', () => {
    const pair = new ConnectionPair().connect();
    expectConnected(pair);
    expect(pair.sent.slice(0, 6)).toHaveLength(6);
    const request = splitRecords(pair.sent[1]?.datagram as Uint8Array)[0];
    expect(request?.content[0]).toBe(3);
    expect(request?.header.version).toBe(0xfeff);
  });

  test.each([64, 80, 100, 150, 300, 65507])('fit an MTU of %i', (mtu) => {
    const pair = new ConnectionPair({ mtu }, { mtu }).connect();
    for (const { datagram } of pair.sent) expect(datagram.length).toBeLessThanOrEqual(mtu);
    expectConnected(pair);
  });

  test('the first retransmission comes after 100 ms, the next after twice as long each', () => {
    const client = createSide('client', CERTIFICATES.p256);
    client.start(1000);
    const times: number[] = [];
    for (let now = client.nextTimeout; times.length < 12; now = client.nextTimeout) {
      drain(client);
      client.handleTimeout(now);
      if (client.state !== 'connecting') break;
      times.push(now - 1000);
      expect(drain(client)).toHaveLength(1);
    }
    expect(times).toEqual([100, 300, 700, 1500, 3100, 6300, 12700, 25500, 51100]);
  });

  test('a handshake that is not done within a minute fails, on both sides', () => {
    const pair = new ConnectionPair();
    pair.deliver = (datagram, from) => (from === 'client' ? [datagram] : []);
    pair.start().settle();
    expect(pair.failure('client')).toBe('DTLS_HANDSHAKE_TIMEOUT');
    const late = new ConnectionPair({}, { cookieExchange: false });
    late.deliver = (datagram, from) => (from === 'client' ? [datagram] : []);
    late.start().settle();
    expect(late.failure('server')).toBe('DTLS_HANDSHAKE_TIMEOUT');
    expect(late.server.nextTimeout).toBe(Number.POSITIVE_INFINITY);
  });

  test('a server waits for its client as long as it takes', () => {
    const server = createSide('server', CERTIFICATES.p256);
    server.start(0);
    expect(server.nextTimeout).toBe(Number.POSITIVE_INFINITY);
  });

  test('the last flight is sent again after the handshake (RFC 6347 §4.2.4)', () => {
    const pair = new ConnectionPair({}, { cookieExchange: false });
    let lost = 0;
    pair.deliver = (datagram, from) => {
      if (from === 'client' || pair.server.state !== 'connected' || lost === 2) return [datagram];
      lost++;
      return [];
    };
    pair.start().settle(5000);
    expect(lost).toBe(2);
    expect(pair.server.counters.flightsRetransmitted).toBe(2);
    expectConnected(pair);
  });

  test('idle connections have no deadline', () => {
    const pair = new ConnectionPair().connect();
    expect([pair.client.nextTimeout, pair.server.nextTimeout]).toEqual([
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ]);
  });

  test('records of the last flight that overtake the others wait for their keys', () => {
    const pair = new ConnectionPair({ mtu: 300 }, { cookieExchange: false });
    const held: Uint8Array[] = [];
    pair.deliver = (datagram, from) => {
      if (from === 'server') return [datagram];
      held.push(datagram);
      return [];
    };
    pair.connect();
    pair.deliver = (datagram) => [datagram];
    pair.server.handleDatagram(held[0] as Uint8Array, 0);
    held.length = 0;
    const collect = pair.deliver;
    pair.deliver = (datagram, from) => {
      if (from === 'server') return collect(datagram, from);
      held.push(datagram);
      return [];
    };
    pair.carry();
    for (const datagram of held.reverse()) pair.server.handleDatagram(datagram, 0);
    pair.deliver = (datagram) => [datagram];
    pair.carry();
    expectConnected(pair);
    expect(pair.client.counters.flightsRetransmitted).toBe(0);
  });

  test('data that overtakes Finished is held back until the handshake is done', () => {
    const pair = new ConnectionPair({}, { cookieExchange: false });
    const held: Uint8Array[] = [];
    pair.deliver = (datagram, from) => {
      if (from === 'client' || pair.server.state !== 'connected') return [datagram];
      held.push(datagram);
      return [];
    };
    pair.connect();
    pair.server.send(TEXT, 0);
    pair.carry();
    const [finished, data] = held as [Uint8Array, Uint8Array];
    pair.client.handleDatagram(data, 0);
    expect(pair.client.state).toBe('connecting');
    expect(pair.client.pollEvent()).toBeUndefined();
    pair.client.handleDatagram(finished, 0);
    expect(pair.client.pollEvent()?.type).toBe('connected');
    expect(pair.client.pollEvent()).toEqual({ type: 'data', data: TEXT });
  });
});

describe('what is agreed on', () => {
  test("the server's favourite suite and group win", () => {
    const pair = new ConnectionPair(
      { groups: ['x25519', 'secp384r1'] },
      {
        cipherSuites: [
          'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
          'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
        ],
        groups: ['secp384r1', 'x25519'],
      },
    ).connect();
    expect(pair.client.info).toMatchObject({
      cipherSuite: 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
      group: 'secp384r1',
    });
  });

  test('an SRTP profile that both have (RFC 5764 §4.1.1)', () => {
    const pair = new ConnectionPair(
      { srtpProtectionProfiles: [1, 2, 7] },
      { srtpProtectionProfiles: [8, 7, 1] },
    ).connect();
    expect(pair.client.info?.srtpProtectionProfile).toBe(7);
    expect(pair.server.info?.srtpProtectionProfile).toBe(7);
  });

  test.each([
    [[1], []],
    [[], [1]],
    [[1], [7]],
  ])('no SRTP profile from %j and %j, and yet a connection', (client, server) => {
    const pair = new ConnectionPair(
      { srtpProtectionProfiles: client },
      { srtpProtectionProfiles: server },
    ).connect();
    expectConnected(pair);
    expect(pair.server.info?.srtpProtectionProfile).toBeUndefined();
  });

  test.each([
    [
      'suite',
      { cipherSuites: ['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'] },
      { cipherSuites: ['TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'] },
    ],
    ['group', { groups: ['x25519'] }, { groups: ['secp256r1'] }],
  ] as const)('nothing without a %s in common', (_, client, server) => {
    const pair = new ConnectionPair(client, server).start().settle();
    expect(pair.failure('server')).toBe('DTLS_HANDSHAKE_FAILED');
    expect(pair.failure('client')).toBe('DTLS_ALERT_RECEIVED');
  });

  test('exported keys depend on label and context (RFC 5705 §4)', () => {
    const { client } = new ConnectionPair().connect();
    const keys = [
      client.exportKeyingMaterial('EXTRACTOR-dtls_srtp', 32),
      client.exportKeyingMaterial('EXPERIMENTAL', 32),
      client.exportKeyingMaterial('EXTRACTOR-dtls_srtp', 32, new Uint8Array(0)),
      client.exportKeyingMaterial('EXTRACTOR-dtls_srtp', 32, Uint8Array.of(1)),
    ];
    expect(new Set(keys.map(formatHex)).size).toBe(4);
  });
});

test('keys are not exported with a length or a context that there cannot be (RFC 5705 §4)', () => {
  const { client } = new ConnectionPair().connect();
  const exported = (length: number, contextLength: number) => () =>
    client.exportKeyingMaterial('EXPERIMENTAL', length, new Uint8Array(contextLength));
  expect(exported(32, 65_535)()).toHaveLength(32);
  expect(exported(32, 65_536)).toThrow(new RangeError('context has 65536 bytes; 65535 at most.'));
  for (const length of [-1, 1.5, Number.NaN]) {
    expect(exported(length, 0)).toThrow(
      new RangeError(`length is ${length}; expected a number of bytes.`),
    );
  }
});

describe('a client of another make', () => {
  /** A pair whose server sees the client's hello as `change` leaves it, and cannot go on from there. */
  function withHello(change: Parameters<typeof rewriteMessage>[2]): ConnectionPair {
    const pair = new ConnectionPair({}, { cookieExchange: false });
    pair.deliver = (datagram, from) =>
      from === 'client' ? [rewriteMessage(datagram, CLIENT_HELLO, change)] : [];
    return pair.connect();
  }

  function withExtension(type: number, data: Uint8Array): ConnectionPair {
    return withHello((body) => {
      const hello = decodeClientHello(body);
      if (hello === undefined) throw new Error('Our own hello is well-formed.');
      return encodeClientHello({ ...hello, extensions: [...hello.extensions, { type, data }] });
    });
  }

  function withRecordSizeLimit(limit: number): ConnectionPair {
    return withHello((body) => {
      const hello = decodeClientHello(body);
      if (hello === undefined) throw new Error('Our own hello is well-formed.');
      const data = Uint8Array.of(limit >> 8, limit & 0xff);
      const extensions = hello.extensions.map((each) =>
        each.type === 28 ? { type: 28, data } : each,
      );
      return encodeClientHello({ ...hello, extensions });
    });
  }

  test('may take small records only, but not smaller than 64 bytes (RFC 8449 §4)', () => {
    expect(withRecordSizeLimit(64).server.nextTimeout).toBe(100);
    expect(withRecordSizeLimit(65_535).server.nextTimeout).toBe(100);
    expect(withRecordSizeLimit(63).failure('server')).toBe('DTLS_HANDSHAKE_FAILED');
  });

  test('may not say anything in extended_master_secret (RFC 7627 §5.1)', () => {
    const pair = withHello((body) => {
      const hello = decodeClientHello(body);
      if (hello === undefined) throw new Error('Our own hello is well-formed.');
      const extensions = hello.extensions.map((each) =>
        each.type === 23 ? { type: 23, data: Uint8Array.of(0) } : each,
      );
      return encodeClientHello({ ...hello, extensions });
    });
    expect(pair.failure('server')).toBe('DTLS_HANDSHAKE_FAILED');
  });

  test('may offer DTLS 1.3 too, and is answered with 1.2', () => {
    const pair = withExtension(43, encodeSupportedVersions([0x5a5a, 0xfefc, 0xfefd]));
    expect(pair.server.nextTimeout).toBe(100); // It has answered and waits.
    const hello = splitRecords(pair.sent[1]?.datagram as Uint8Array)[0]?.content;
    expect(hello?.subarray(12, 14)).toEqual(Uint8Array.of(0xfe, 0xfd));
  });

  test('may not insist on DTLS 1.3', () => {
    const pair = withExtension(43, encodeSupportedVersions([0xfefc]));
    expect(pair.failure('server')).toBe('DTLS_HANDSHAKE_FAILED');
  });

  test('may not insist on DTLS 1.0', () => {
    const pair = withHello((body) => Uint8Array.of(0xfe, 0xff, ...body.subarray(2)));
    expect(pair.failure('server')).toBe('DTLS_HANDSHAKE_FAILED');
  });

  test('may send extensions that nobody knows, and a hello of many kilobytes', () => {
    const pair = withExtension(0x4a4a, new Uint8Array(15_000));
    expect(pair.server.nextTimeout).toBe(100);
  });
});

test('both sides say how large records may be (RFC 8449)', () => {
  const pair = new ConnectionPair().connect();
  expect(pair.client.info?.remoteRecordSizeLimit).toBe(16_384);
  expect(pair.server.info?.remoteRecordSizeLimit).toBe(16_384);
});

test('a large hello is taken in fragments of any order', () => {
  const server = createSide('server', CERTIFICATES.p256, { cookieExchange: false });
  server.start(0);
  const client = createSide('client', CERTIFICATES.p256, { mtu: 64 });
  client.start(0);
  for (const datagram of drain(client).reverse()) server.handleDatagram(datagram, 0);
  expect(drain(server).length).toBeGreaterThan(0);
});

test('the key log is what Wireshark reads, and the same on both sides', () => {
  const lines: string[] = [];
  const onKeyLog = (line: string) => lines.push(line);
  new ConnectionPair({ onKeyLog }, { onKeyLog }).connect();
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^CLIENT_RANDOM [0-9a-f]{64} [0-9a-f]{96}$/);
  expect(lines[0]).toBe(lines[1]);
});

test('the trace names each message of the handshake', () => {
  const messages: string[] = [];
  const onTrace = (event: DtlsTraceEvent) => {
    if (event.type === 'handshake-sent') messages.push(event.message);
  };
  new ConnectionPair({ onTrace }, { onTrace }).connect();
  expect(messages).toEqual([
    'ClientHello',
    'HelloVerifyRequest',
    'ClientHello',
    'ServerHello',
    'Certificate',
    'ServerKeyExchange',
    'CertificateRequest',
    'ServerHelloDone',
    'Certificate',
    'ClientKeyExchange',
    'CertificateVerify',
    'Finished',
    'Finished',
  ]);
});

test('the same seeds give the same bytes', () => {
  const run = () => new ConnectionPair().connect().sent.map(({ datagram }) => formatHex(datagram));
  expect(run()).toEqual(run());
});

test('a message out of turn, forged while the server waits, is counted and dropped', () => {
  const pair = new ConnectionPair().start();
  pair.server.handleDatagram(forgeMessage(16, 0, Uint8Array.of(1, 2)), 0);
  expect(pair.server.counters.dropped['unexpected-handshake']).toBe(1);
  pair.carry();
  expectConnected(pair);
});
