// Parts measured by themselves, in one process: codecs, packets' cryptography, a handshake, an association.
// Beside werift's where it exports the same. `pnpm bench:parts`

import { defaultCrypto } from '@kaon/crypto';
import { generateDtlsCertificate } from '@kaon/dtls';
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
import { crc32c } from '@kaon/wire';
import { Bench } from 'tinybench';
import * as werift from 'werift';
import { measureJitterBuffer } from './jitter-buffer.ts';
import { connectedPair, measurePackets } from './packets.ts';
import { measureProtectedAssociations } from './protected-associations.ts';
import { measureAssociations } from './two-associations.ts';

const PASSWORD = 'VOkJxbRl1RmTxUk/WvJxBt';
const PACKET = defaultCrypto.random.fill(new Uint8Array(1200));

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
bench.add('CRC32c of 1200 B, in JavaScript', () => {
  crc32c(PACKET);
});
bench.add('CRC32c of 1200 B (werift)', () => {
  werift.crc32c(packetBuffer);
});
const certificate = await generateDtlsCertificate({ now: Date.now() });
bench.add('DTLS handshake, both sides', () => {
  connectedPair(defaultCrypto, undefined, certificate);
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
console.table(measurePackets(certificate));
console.table(measureProtectedAssociations(certificate));
console.table(measureAssociations());
console.table(measureJitterBuffer());
