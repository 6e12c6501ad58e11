// Microseconds a packet for everything that is done to each: sealing, opening, codes, checksums, records.
import { type CryptoProvider, kernelCrypto, nodeCrypto } from '@kaon/crypto';
import { nobleCrypto } from '@kaon/crypto/noble';
import { type CipherSuiteName, type DtlsCertificate, DtlsConnection } from '@kaon/dtls';

const PROVIDERS: readonly CryptoProvider[] = [kernelCrypto, nodeCrypto, nobleCrypto];
const SIZES = [60, 160, 1200, 16_384] as const;
const ROUNDS = 21;
/** How long a round is, so that a garbage collection does not fill it. */
const ROUND_BYTES = 300_000;
const ADDITIONAL_DATA = new Uint8Array(13).fill(1);

const AEADS = [
  ['aes-128-gcm', 16, 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'],
  ['aes-256-gcm', 32, 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'],
  ['chacha20-poly1305', 32, 'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256'],
] as const;

type Row = Readonly<Record<string, string | number>>;
/** Makes what is to be done once for each packet, for packets of that many bytes. */
type Prepare = (bytes: number) => () => void;

/** A row for each operation and provider, a column for each size. */
export function measurePackets(certificate: DtlsCertificate): readonly Row[] {
  const rows: Row[] = [];
  for (const [algorithm, keyLength, suite] of AEADS) {
    const key = new Uint8Array(keyLength).fill(3);
    for (const provider of PROVIDERS) {
      const by = (what: string) => `${algorithm} ${what} (${provider.name})`;
      rows.push(row(by('seal'), (bytes) => sealing(provider, algorithm, key, bytes)));
      rows.push(row(by('open'), (bytes) => opening(provider, algorithm, key, bytes)));
    }
    for (const provider of [kernelCrypto, nodeCrypto]) {
      rows.push(recordRow(`DTLS record, ${algorithm}, send (${provider.name})`, 'send'));
      rows.push(recordRow(`DTLS record, ${algorithm}, receive (${provider.name})`, 'receive'));

      function recordRow(name: string, side: 'send' | 'receive'): Row {
        return row(name, (bytes) => records(provider, suite, certificate, bytes)[side]);
      }
    }
  }
  for (const provider of PROVIDERS) {
    rows.push(row(`AES-128 counter mode (${provider.name})`, (bytes) => counter(provider, bytes)));
    rows.push(row(`HMAC-SHA1 (${provider.name})`, (bytes) => code(provider, bytes)));
    rows.push(row(`HMAC-SHA1, of four (${provider.name})`, (bytes) => codes(provider, bytes), 4));
  }
  for (const provider of [kernelCrypto, nodeCrypto]) {
    rows.push(row(`CRC32c (${provider.name})`, (bytes) => checksum(provider, bytes)));
  }
  return rows;
}

/** The least of the rounds: what else the machine does only adds. */
function row(name: string, prepare: Prepare, packetsACall = 1): Row {
  const cells = SIZES.map((bytes) => {
    const once = prepare(bytes);
    const calls = Math.max(20, Math.min(500, Math.round(ROUND_BYTES / bytes)));
    let least = Number.POSITIVE_INFINITY;
    for (let round = 0; round < ROUNDS; round++) {
      const start = performance.now();
      for (let i = 0; i < calls; i++) once();
      least = Math.min(least, performance.now() - start);
    }
    const microseconds = (1000 * least) / calls / packetsACall;
    return [`${bytes} B, µs`, Number(microseconds.toFixed(2))] as const;
  });
  return { packets: name, ...Object.fromEntries(cells) };
}

type Algorithm = (typeof AEADS)[number][0];

function sealing(provider: CryptoProvider, algorithm: Algorithm, key: Uint8Array, bytes: number) {
  const sealer = provider.createPacketKey(algorithm, key).createSealer(new Uint8Array(12));
  const packet = new Uint8Array(bytes + 16);
  const plaintext = packet.subarray(0, bytes);
  let number = 0;
  return () => {
    sealer.seal(number++, ADDITIONAL_DATA, plaintext, packet, 0);
  };
}

function opening(provider: CryptoProvider, algorithm: Algorithm, key: Uint8Array, bytes: number) {
  const sealer = kernelCrypto.createPacketKey(algorithm, key).createSealer(new Uint8Array(12));
  const opener = provider.createPacketKey(algorithm, key).createOpener(new Uint8Array(12));
  const plaintext = new Uint8Array(bytes);
  const packets = Array.from({ length: ROUNDS * 500 }, (_, i) => {
    if (i * bytes > ROUNDS * ROUND_BYTES * 1.2) return plaintext;
    const packet = new Uint8Array(bytes + 16);
    sealer.seal(i, ADDITIONAL_DATA, plaintext, packet, 0);
    return packet;
  });
  let number = 0;
  return () => {
    const packet = packets[number] as Uint8Array;
    const end = opener.open(number++, ADDITIONAL_DATA, packet, 0, packet.length, plaintext, 0);
    if (end < 0) throw new Error('A packet does not open.');
  };
}

function counter(provider: CryptoProvider, bytes: number) {
  const encryptor = provider
    .createCounterKey(new Uint8Array(16))
    .createEncryptor(new Uint8Array(14));
  const packet = new Uint8Array(bytes);
  let number = 0;
  return () => {
    encryptor.encrypt(number++, packet, 0, bytes, packet, 0);
  };
}

function code(provider: CryptoProvider, bytes: number) {
  const hmac = provider.createHmac('sha1', new Uint8Array(20));
  const message = new Uint8Array(bytes);
  return () => {
    hmac.compute(message);
  };
}

function codes(provider: CryptoProvider, bytes: number) {
  const keys = [1, 2, 3, 4].map((n) => new Uint8Array(20).fill(n));
  const hmacs = keys.map((key) => provider.createHmac('sha1', key));
  const messages = keys.map(() => new Uint8Array(bytes));
  const ranges = Uint32Array.from(messages.flatMap(({ length }) => [0, length]));
  const out = new Uint8Array(80);
  return () => {
    provider.computeHmacs(4, hmacs, messages, ranges, out);
  };
}

function checksum(provider: CryptoProvider, bytes: number) {
  const packet = provider.random.fill(new Uint8Array(bytes));
  return () => {
    provider.crc32c(packet);
  };
}

/** A record's way through two connected machines; the receiver's share needs the sender's ahead. */
function records(
  crypto: CryptoProvider,
  suite: CipherSuiteName,
  certificate: DtlsCertificate,
  bytes: number,
): { readonly send: () => void; readonly receive: () => void } {
  const [sender, receiver] = connectedPair(crypto, suite, certificate);
  const data = new Uint8Array(bytes);
  const waiting: Uint8Array[] = [];
  let next = 0;
  const send = (): Uint8Array => {
    sender.send(data, 0);
    return sender.pollDatagram() as Uint8Array;
  };
  const receive = (): void => {
    if (next === waiting.length) {
      next = 0;
      waiting.length = 0;
      throw new Error('More records are needed than were made.');
    }
    receiver.handleDatagram(waiting[next++] as Uint8Array, 0);
    receiver.pollEvent();
  };
  return {
    send,
    get receive() {
      const count = ROUNDS * Math.max(20, Math.min(500, Math.round(ROUND_BYTES / bytes)));
      for (let i = 0; i < count; i++) waiting.push(send());
      return receive;
    },
  };
}

/** Two machines that have shaken hands, over `crypto` and with `suite`. */
export function connectedPair(
  crypto: CryptoProvider,
  suite: CipherSuiteName | undefined,
  certificate: DtlsCertificate,
): readonly [DtlsConnection, DtlsConnection] {
  const options = {
    crypto,
    random: crypto.random,
    certificate,
    remoteFingerprints: [{ algorithm: 'sha-256', value: certificate.fingerprint('sha-256') }],
    cookieExchange: false,
    ...(suite === undefined ? {} : { cipherSuites: [suite] }),
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
  while (client.pollEvent() !== undefined);
  while (server.pollEvent() !== undefined);
  return [client, server];
}
