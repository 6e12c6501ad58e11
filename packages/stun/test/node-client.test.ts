// The client on real sockets, over UDP, TCP and TLS, against the minimal server on loopback.

import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { answerBinding, StreamFraming } from '../src/index.ts';
import { requestMappedAddress } from '../src/node/index.ts';

const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

async function udpServer(address: string, answers: boolean): Promise<number> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  cleanups.push(() => socket.close());
  socket.on('message', (datagram, source) => {
    const answer = answers ? answerBinding(datagram, source) : undefined;
    if (answer !== undefined) socket.send(answer, source.port, source.address);
  });
  socket.bind(0, address);
  await once(socket, 'listening');
  return socket.address().port;
}

function serveStream(socket: Socket): void {
  const framing = new StreamFraming();
  const source = { address: socket.remoteAddress as string, port: socket.remotePort as number };
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes) => {
    for (const message of framing.push(bytes)) {
      const answer = answerBinding(message, source);
      // Byte by byte: the client must put the answer together again.
      for (const byte of answer ?? []) socket.write(Uint8Array.of(byte));
    }
  });
}

describe('requestMappedAddress', () => {
  it('asks over UDP', async () => {
    const port = await udpServer('127.0.0.1', true);
    const result = await requestMappedAddress(`stun:127.0.0.1:${port}`, {
      local: { address: '127.0.0.1' },
    });
    expect(result.address).toEqual(result.local);
    expect(result.server).toEqual({ address: '127.0.0.1', port });
    expect(result.roundTripTimeMs).toBeGreaterThan(0);
  });

  it.runIf(hasIpv6)('asks at an IPv6 address however it is written', async () => {
    const port = await udpServer('::1', true);
    const options = { rtoMs: 100, requestCount: 2, lastWaitFactor: 2 };
    const result = await requestMappedAddress(`stun:[0:0:0:0:0:0:0:1]:${port}`, options);
    expect(result.address.address).toBe('::1');
  });

  it('asks over TCP', async () => {
    const server = createServer(serveStream).listen(0, '127.0.0.1');
    cleanups.push(() => server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const result = await requestMappedAddress(`stun:127.0.0.1:${port}`, { transport: 'tcp' });
    expect(result.address).toEqual(result.local);
  });

  it('asks over TLS, and checks the certificate', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kaon-stun-'));
    cleanups.push(() => rmSync(folder, { recursive: true }));
    const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const command =
      'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=localhost ' +
      `-addext subjectAltName=IP:127.0.0.1 -keyout ${keyFile} -out ${certFile}`;
    execFileSync('openssl', command.split(' '), { stdio: 'ignore' });
    const [key, cert] = [readFileSync(keyFile), readFileSync(certFile)];
    const server = createTlsServer({ key, cert }, serveStream).listen(0, '127.0.0.1');
    server.on('tlsClientError', () => undefined); // the client below that refuses us
    cleanups.push(() => server.close());
    await once(server, 'listening');
    const uri = `stuns:127.0.0.1:${(server.address() as AddressInfo).port}`;
    const result = await requestMappedAddress(uri, { tls: { ca: cert } });
    expect(result.address).toEqual(result.local);
    await expect(requestMappedAddress(uri)).rejects.toMatchObject({ code: 'STUN_TRANSPORT' });
  });

  it('gives up after the patience it was given', async () => {
    const port = await udpServer('127.0.0.1', false);
    const options = { rtoMs: 5, requestCount: 2, lastWaitFactor: 2 };
    await expect(requestMappedAddress(`stun:127.0.0.1:${port}`, options)).rejects.toMatchObject({
      code: 'STUN_TIMEOUT',
    });
  });

  it('gives up a server that accepts a connection and never says anything', async () => {
    const server = createServer((socket) => cleanups.push(() => socket.destroy()));
    cleanups.push(() => server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const options = { reliableTimeoutMs: 50 };
    for (const [uri, transport] of [
      [`stun:127.0.0.1:${port}`, 'tcp'],
      [`stuns:127.0.0.1:${port}`, 'udp'],
    ] as const) {
      await expect(requestMappedAddress(uri, { ...options, transport })).rejects.toMatchObject({
        code: 'STUN_TIMEOUT',
      });
    }
  });

  it('can be ended by a signal', async () => {
    const port = await udpServer('127.0.0.1', false);
    const controller = new AbortController();
    const asked = requestMappedAddress(`stun:127.0.0.1:${port}`, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
  });

  it.each([{ port: 65536 }, { port: -1 }, { port: 1.5 }, { address: 'localhost' }])(
    'refuses to bind to %o',
    async (local) => {
      for (const transport of ['udp', 'tcp'] as const) {
        const options = { local, transport, reliableTimeoutMs: 50, requestCount: 1, rtoMs: 1 };
        await expect(requestMappedAddress('stun:127.0.0.1:9', options)).rejects.toMatchObject({
          code: 'STUN_INVALID_ARGUMENT',
        });
      }
    },
  );

  it('refuses what is no STUN URI', async () => {
    await expect(requestMappedAddress('turn:127.0.0.1')).rejects.toMatchObject({
      code: 'STUN_INVALID_URI',
    });
  });
});
