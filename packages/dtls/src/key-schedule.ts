// Master secret, key block, Finished and exporter of DTLS 1.2.
// https://www.rfc-editor.org/rfc/rfc5246#section-8.1 https://www.rfc-editor.org/rfc/rfc5246#section-6.3
// https://www.rfc-editor.org/rfc/rfc7627#section-4 https://www.rfc-editor.org/rfc/rfc5705#section-4

import { type CryptoProvider, tlsPrf } from '@kaon/crypto';
import { ByteReader, concatBytes, writeUint16 } from '@kaon/wire';
import type { CipherSuite } from './cipher-suite.ts';
import {
  AeadRecordOpener,
  AeadRecordSealer,
  type RecordOpener,
  type RecordSealer,
} from './record/record-protection.ts';

const MASTER_SECRET_LENGTH = 48;
const VERIFY_DATA_LENGTH = 12;

/** What both sides know after the key exchange. */
export interface SessionSecrets {
  readonly suite: CipherSuite;
  readonly masterSecret: Uint8Array;
  readonly clientRandom: Uint8Array;
  readonly serverRandom: Uint8Array;
}

/** The master secret bound to the whole handshake up to ClientKeyExchange (RFC 7627 §4). */
export function extendedMasterSecret(
  crypto: CryptoProvider,
  suite: CipherSuite,
  preMasterSecret: Uint8Array,
  sessionHash: Uint8Array,
): Uint8Array {
  const label = 'extended master secret';
  return tlsPrf(crypto, suite.hash, preMasterSecret, label, sessionHash, MASTER_SECRET_LENGTH);
}

/** The master secret bound to the randoms only (RFC 5246 §8.1). */
export function plainMasterSecret(
  crypto: CryptoProvider,
  suite: CipherSuite,
  preMasterSecret: Uint8Array,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
): Uint8Array {
  const seed = concatBytes(clientRandom, serverRandom);
  return tlsPrf(crypto, suite.hash, preMasterSecret, 'master secret', seed, MASTER_SECRET_LENGTH);
}

/** What protects epoch 1 in both directions, for the side that plays `role` (RFC 5246 §6.3). */
export function deriveProtection(
  crypto: CryptoProvider,
  secrets: SessionSecrets,
  role: 'client' | 'server',
): { readonly sealer: RecordSealer; readonly opener: RecordOpener } {
  const { suite, masterSecret, clientRandom, serverRandom } = secrets;
  const { keyLength, fixedIvLength, explicitNonceLength } = suite;
  const seed = concatBytes(serverRandom, clientRandom);
  const length = 2 * keyLength + 2 * fixedIvLength;
  const block = tlsPrf(crypto, suite.hash, masterSecret, 'key expansion', seed, length);
  const reader = new ByteReader(block);
  const clientKey = crypto.createPacketKey(suite.aead, reader.view(keyLength));
  const serverKey = crypto.createPacketKey(suite.aead, reader.view(keyLength));
  const client = { fixedIv: reader.view(fixedIvLength).slice(), explicitNonceLength };
  const server = { fixedIv: reader.view(fixedIvLength).slice(), explicitNonceLength };
  block.fill(0);
  return role === 'client'
    ? {
        sealer: new AeadRecordSealer(clientKey, client, 1),
        opener: new AeadRecordOpener(serverKey, server, 1),
      }
    : {
        sealer: new AeadRecordSealer(serverKey, server, 1),
        opener: new AeadRecordOpener(clientKey, client, 1),
      };
}

/** The content of a Finished message (RFC 5246 §7.4.9). */
export function verifyData(
  crypto: CryptoProvider,
  secrets: SessionSecrets,
  sender: 'client' | 'server',
  transcriptHash: Uint8Array,
): Uint8Array {
  const { suite, masterSecret } = secrets;
  const label = `${sender} finished`;
  return tlsPrf(crypto, suite.hash, masterSecret, label, transcriptHash, VERIFY_DATA_LENGTH);
}

/** The longest context of an exporter: its length has 16 bits. */
const MAX_CONTEXT_LENGTH = 65535;

/** Keying material for another protocol (RFC 5705 §4). @throws RangeError for the length, or the context's. */
export function exportKeyingMaterial(
  crypto: CryptoProvider,
  secrets: SessionSecrets,
  label: string,
  length: number,
  context: Uint8Array | undefined,
): Uint8Array {
  const { suite, masterSecret, clientRandom, serverRandom } = secrets;
  if (!Number.isInteger(length) || length < 0) {
    throw new RangeError(`length is ${length}; expected a number of bytes.`);
  }
  if (context !== undefined && context.length > MAX_CONTEXT_LENGTH) {
    throw new RangeError(`context has ${context.length} bytes; ${MAX_CONTEXT_LENGTH} at most.`);
  }
  let seed = concatBytes(clientRandom, serverRandom);
  if (context !== undefined) {
    const prefix = new Uint8Array(2);
    writeUint16(prefix, 0, context.length);
    seed = concatBytes(seed, prefix, context);
  }
  return tlsPrf(crypto, suite.hash, masterSecret, label, seed, length);
}
