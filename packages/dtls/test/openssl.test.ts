// Handshakes and data with OpenSSL's own client and server, over UDP on the loopback interface.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeCrypto } from '@kaon/crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type CipherSuiteName, DtlsConnection, type DtlsEvent } from '../src/index.ts';
import { CERTIFICATES } from './certificates.ts';

const OPENSSL_NAMES: readonly (readonly [CipherSuiteName, string])[] = [
  ['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', 'ECDHE-ECDSA-AES128-GCM-SHA256'],
  ['TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
  ['TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
  ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
  ['TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
  ['TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256', 'ECDHE-RSA-CHACHA20-POLY1305'],
];
const KEYS = { ECDSA: 'p256', RSA: 'rsa' } as const;
const EXPORTED = 'EXTRACTOR-dtls_srtp';

const found = spawnSync('openssl', ['version'], { encoding: 'utf8' });
const isThere = found.error === undefined && found.status === 0;
if (!isThere) console.warn('openssl is not installed: tests against it are left out.');

let folder = '';
const cleanUps: (() => void)[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kaon-dtls-'));
  for (const [name, certificate] of Object.entries(CERTIFICATES)) {
    const pem = certificate.exportPem();
    writeFileSync(join(folder, `${name}.pem`), pem.certificate + pem.privateKey);
  }
});
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A connection on a socket, with the real clock. */
class Endpoint {
  readonly connection: DtlsConnection;
  readonly socket: Socket;
  readonly events: DtlsEvent[] = [];
  #remotePort = 0;
  #timer: NodeJS.Timeout | undefined;
  #waiting: (() => void) | undefined;

  constructor(connection: DtlsConnection, socket: Socket) {
    this.connection = connection;
    this.socket = socket;
    socket.on('message', (data, { port }) => {
      this.#remotePort = port;
      connection.handleDatagram(data, performance.now());
      this.#flush();
    });
    cleanUps.push(() => {
      clearTimeout(this.#timer);
      socket.close();
    });
  }

  start(remotePort: number): void {
    this.#remotePort = remotePort;
    this.connection.start(performance.now());
    this.#flush();
  }

  send(text: string): void {
    this.connection.send(new TextEncoder().encode(text), performance.now());
    this.#flush();
  }

  close(): void {
    this.connection.close(performance.now());
    this.#flush();
  }

  /** The first event of this type, when it has come. */
  async event<Type extends DtlsEvent['type']>(
    type: Type,
  ): Promise<Extract<DtlsEvent, { type: Type }>> {
    for (;;) {
      const event = this.events.find((each) => each.type === type);
      if (event !== undefined) return event as Extract<DtlsEvent, { type: Type }>;
      const failed = this.events.find((each) => each.type === 'failed');
      if (failed !== undefined) throw failed.error;
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
  }

  #flush(): void {
    const { connection } = this;
    for (let data = connection.pollDatagram(); data; data = connection.pollDatagram()) {
      this.socket.send(data, this.#remotePort, '127.0.0.1');
    }
    for (let event = connection.pollEvent(); event; event = connection.pollEvent()) {
      this.events.push(event);
      this.#waiting?.();
    }
    clearTimeout(this.#timer);
    const delay = connection.nextTimeout - performance.now();
    if (delay === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(
      () => {
        connection.handleTimeout(performance.now());
        this.#flush();
      },
      Math.max(delay, 1),
    );
  }
}

async function bind(port = 0): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const socket = await bind();
  const { port } = socket.address();
  socket.close();
  return port;
}

/** Starts openssl and gathers what it prints. */
class Openssl {
  readonly process: ChildProcess;
  #output = '';
  #waiting: (() => void) | undefined;

  constructor(args: readonly string[]) {
    this.process = spawn('openssl', args, { cwd: folder });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#output += chunk.toString('latin1');
        this.#waiting?.();
      });
    }
    cleanUps.push(() => this.process.kill('SIGKILL'));
  }

  /** Waits until it has printed something that matches. */
  async printed(pattern: RegExp): Promise<RegExpMatchArray> {
    for (;;) {
      const match = this.#output.match(pattern);
      if (match !== null) return match;
      if (this.process.exitCode !== null) throw new Error(`openssl ended:\n${this.#output}`);
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
        this.process.once('exit', () => resolve());
      });
    }
  }

  write(text: string): void {
    this.process.stdin?.write(text);
  }
}

function connection(role: 'client' | 'server', kind: 'ECDSA' | 'RSA'): DtlsConnection {
  const certificate = CERTIFICATES[KEYS[kind]];
  return new DtlsConnection({
    role,
    certificate,
    crypto: nodeCrypto,
    random: nodeCrypto.random,
    remoteFingerprints: [{ algorithm: 'sha-256', value: certificate.fingerprint('sha-256') }],
    srtpProtectionProfiles: [0x0007, 0x0001],
  });
}

const COMMON = ['-dtls1_2', '-use_srtp', 'SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80'];
const EXPORTER = ['-keymatexport', EXPORTED, '-keymatexportlen', '60'];

function expectSameKeys(endpoint: Endpoint, printed: RegExpMatchArray): void {
  const exported = endpoint.connection.exportKeyingMaterial(EXPORTED, 60);
  expect(printed[1]?.toLowerCase()).toBe(Buffer.from(exported).toString('hex'));
}

describe.skipIf(!isThere)('with OpenSSL', () => {
  for (const [suite, opensslName] of OPENSSL_NAMES) {
    const kind = suite.includes('_RSA_') ? 'RSA' : 'ECDSA';
    const pem = `${KEYS[kind]}.pem`;

    test(`as client, ${suite}`, async () => {
      const port = await freePort();
      const openssl = new Openssl([
        's_server',
        ...['-accept', `127.0.0.1:${port}`, '-cert', pem, '-key', pem, '-Verify', '1'],
        ...['-cipher', opensslName, ...COMMON, ...EXPORTER],
      ]);
      await openssl.printed(/ACCEPT/);
      const client = new Endpoint(connection('client', kind), await bind());
      client.start(port);
      const { info } = await client.event('connected');
      expect(info.cipherSuite).toBe(suite);
      expect(info.srtpProtectionProfile).toBe(7);
      expectSameKeys(client, await openssl.printed(/Keying material: ([0-9A-F]+)/));
      client.send('over to you\n');
      await openssl.printed(/over to you/);
      openssl.write('and back\n');
      const { data } = await client.event('data');
      expect(new TextDecoder().decode(data)).toBe('and back\n');
      client.close();
      await openssl.printed(/DONE/);
    });

    test(`as server, ${suite}`, async () => {
      const server = new Endpoint(connection('server', kind), await bind());
      server.connection.start(performance.now());
      const openssl = new Openssl([
        's_client',
        ...['-connect', `127.0.0.1:${server.socket.address().port}`, '-cert', pem, '-key', pem],
        ...['-cipher', opensslName, ...COMMON, ...EXPORTER],
      ]);
      const { info } = await server.event('connected');
      expect(info.cipherSuite).toBe(suite);
      expect(info.srtpProtectionProfile).toBe(7);
      expectSameKeys(server, await openssl.printed(/Keying material: ([0-9A-F]+)/));
      openssl.write('over to you\n');
      const { data } = await server.event('data');
      expect(new TextDecoder().decode(data)).toBe('over to you\n');
      server.send('and back\n');
      await openssl.printed(/and back/);
      server.close();
      await openssl.printed(/closed/);
    });
  }

  test.for(['X25519', 'P-256', 'P-384'])('with the group %s, both ways', async (group) => {
    // With RSA, as OpenSSL holds the curve of a certificate against the list of groups as well.
    const args = ['-groups', group, '-cert', 'rsa.pem', '-key', 'rsa.pem', ...COMMON];
    const port = await freePort();
    const opensslServer = new Openssl(['s_server', '-accept', `127.0.0.1:${port}`, ...args]);
    await opensslServer.printed(/ACCEPT/);
    const client = new Endpoint(connection('client', 'RSA'), await bind());
    client.start(port);
    const names: Record<string, string> = {
      X25519: 'x25519',
      'P-256': 'secp256r1',
      'P-384': 'secp384r1',
    };
    expect((await client.event('connected')).info.group).toBe(names[group]);

    const server = new Endpoint(connection('server', 'RSA'), await bind());
    server.connection.start(performance.now());
    const address = `127.0.0.1:${server.socket.address().port}`;
    new Openssl(['s_client', '-connect', address, ...args]);
    expect((await server.event('connected')).info.group).toBe(names[group]);
  });

  test('a close_notify of OpenSSL closes the connection', async () => {
    const server = new Endpoint(connection('server', 'ECDSA'), await bind());
    server.connection.start(performance.now());
    const address = `127.0.0.1:${server.socket.address().port}`;
    const pem = 'p256.pem';
    const openssl = new Openssl([
      's_client',
      '-connect',
      address,
      '-cert',
      pem,
      '-key',
      pem,
      ...COMMON,
    ]);
    await server.event('connected');
    openssl.write('Q\n');
    await server.event('closed');
  });

  test('small fragments of OpenSSL are put together', async () => {
    const port = await freePort();
    const openssl = new Openssl([
      's_server',
      ...['-accept', `127.0.0.1:${port}`, '-cert', 'rsa.pem', '-key', 'rsa.pem', '-Verify', '1'],
      ...['-mtu', '256', ...COMMON],
    ]);
    await openssl.printed(/ACCEPT/);
    const client = new Endpoint(connection('client', 'RSA'), await bind());
    client.start(port);
    expect((await client.event('connected')).info.version).toBe('DTLS 1.2');
  });
});
