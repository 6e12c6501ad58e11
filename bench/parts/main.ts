// Parts measured by themselves, in one process: codecs, checksums, encryption, a handshake, an association.
// Beside werift's where it exports the same. `pnpm bench:parts`

import { defaultCrypto } from '@kaon/crypto';
import { nobleCrypto } from '@kaon/crypto/noble';
import { DtlsConnection, generateDtlsCertificate } from '@kaon/dtls';
import {
  attribute,
  decodeMessage,
  encodeMessage,
  ICE_CONTROLLING,
  PRIORITY,
  readAttribute,
  shortTermIntegrity,
  USERNAME,
  verifyFingerprint,
  verifyIntegrity,
} from '@kaon/stun';
import { crc32c, encodeUtf8 } from '@kaon/wire';
import { Bench } from 'tinybench';
import * as werift from 'werift';
import { measureAssociations } from './two-associations.ts';

const PASSWORD = 'VOkJxbRl1RmTxUk/WvJxBt';
const PACKET = defaultCrypto.random.fill(new Uint8Array(1200));
const NOTHING = new Uint8Array(0);

const integrity = shortTermIntegrity(defaultCrypto, PASSWORD);
const check = {
  class: 'request',
  method: 1,
  transactionId: new Uint8Array(12).fill(7),
  attributes: [
    attribute(USERNAME, 'remote:local'),
    attribute(PRIORITY, 1_845_501_695),
    attribute(ICE_CONTROLLING, 0x932ff9b151263b36n),
  ],
} as const;
const encodedCheck = encodeMessage(check, { integrity, fingerprint: true });

// werift takes Buffers: these are views of the same bytes, made once.
const checkBuffer = Buffer.from(encodedCheck.buffer, 0, encodedCheck.length);
const packetBuffer = Buffer.from(PACKET.buffer);
const passwordBuffer = Buffer.from(PASSWORD);

const bench = new Bench({ time: 300, warmupTime: 100 });

bench.add('STUN check: read and verify', () => {
  const message = decodeMessage(encodedCheck);
  if (message === undefined || !verifyFingerprint(message)) throw new Error('not verified');
  if (!verifyIntegrity(message, integrity)) throw new Error('not verified');
  readAttribute(message, USERNAME);
});
bench.add('STUN check: read and verify (werift)', () => {
  werift.parseMessage(checkBuffer, passwordBuffer);
});
bench.add('STUN check: write', () => {
  encodeMessage(check, { integrity, fingerprint: true });
});
bench.add('CRC32c of 1200 B', () => {
  crc32c(PACKET);
});
bench.add('CRC32c of 1200 B (werift)', () => {
  werift.crc32c(packetBuffer);
});
for (const provider of [defaultCrypto, nobleCrypto]) {
  for (const size of [60, 160, 1200]) addAead('aes-128-gcm', provider, size);
  addAead('chacha20-poly1305', provider, 1200);
  const hmac = provider.createHmac('sha1', encodeUtf8(PASSWORD));
  bench.add(`HMAC-SHA1 of 1200 B (${provider.name})`, () => {
    hmac.compute(PACKET);
  });
}
const certificate = await generateDtlsCertificate({ now: Date.now() });
bench.add('DTLS handshake, both sides', () => {
  handshake();
});
bench.add('certificate, ECDSA P-256', async () => {
  await generateDtlsCertificate({ now: Date.now() });
});

await bench.run();
console.log(`Node ${process.version}; microseconds and rates of one core`);
console.table(
  bench.tasks.map(({ name, result }) => {
    if (result.state !== 'completed') return { part: name, failed: String(result.state) };
    const { latency, throughput } = result;
    return {
      part: name,
      'µs, median': Number((latency.p50 * 1000).toFixed(2)),
      'a second': Math.round(throughput.mean),
    };
  }),
);
console.table(measureAssociations());

function addAead(
  algorithm: 'aes-128-gcm' | 'chacha20-poly1305',
  provider: typeof defaultCrypto,
  size: number,
): void {
  const key = new Uint8Array(algorithm === 'aes-128-gcm' ? 16 : 32).fill(3);
  const aead = provider.createAead(algorithm, key);
  const nonce = new Uint8Array(12);
  const plaintext = PACKET.subarray(0, size);
  const sealed = new Uint8Array(size + aead.tagLength);
  const opened = new Uint8Array(size);
  aead.seal(nonce, NOTHING, plaintext, sealed, 0);
  bench.add(`${algorithm} seal ${size} B (${provider.name})`, () => {
    aead.seal(nonce, NOTHING, plaintext, sealed, 0);
  });
  bench.add(`${algorithm} open ${size} B (${provider.name})`, () => {
    aead.open(nonce, NOTHING, sealed, opened, 0);
  });
}

function handshake(): void {
  const options = {
    crypto: defaultCrypto,
    random: defaultCrypto.random,
    certificate,
    remoteFingerprints: [{ algorithm: 'sha-256', value: certificate.fingerprint('sha-256') }],
    cookieExchange: false,
  };
  const client = new DtlsConnection({ ...options, role: 'client' });
  const server = new DtlsConnection({ ...options, role: 'server' });
  server.start(0);
  client.start(0);
  for (let isBusy = true; isBusy; ) {
    isBusy = false;
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      for (let data = from.pollDatagram(); data !== undefined; data = from.pollDatagram()) {
        to.handleDatagram(data, 0);
        isBusy = true;
      }
    }
  }
  if (client.state !== 'connected') throw new Error(`The client is ${client.state}.`);
}
