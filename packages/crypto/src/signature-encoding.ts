// How messages are laid out before RSA, and ECDSA's two numbers on the wire (RFC 8017 §9, RFC 3279 §2.2.3).

import { concatBytes, encodeUtf8, equalBytes, parseHex } from '@kaon/wire';
import { bigIntToBytes, bytesToBigInt } from './big-integer.ts';
import { DerReader, DerTag, encodeDer, encodeDerUnsigned } from './der.ts';
import { type CurveName, ELLIPTIC_CURVES } from './elliptic-curve.ts';
import type { CryptoProvider } from './provider.ts';
import { HASH_LENGTHS, type SignatureHash } from './signature-scheme.ts';

/** What hashes; a provider, or the part of one that can. */
export type Hasher = Pick<CryptoProvider, 'hash' | 'createHmac'>;

// RFC 8017 §9.2 note 1: DER of DigestInfo up to the digest.
const DIGEST_INFO_PREFIXES: Readonly<Record<SignatureHash, string>> = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
};

/** EMSA-PKCS1-v1_5 (RFC 8017 §9.2): the encoded message, `length` bytes. */
export function encodePkcs1(
  hasher: Hasher,
  hash: SignatureHash,
  data: Uint8Array,
  length: number,
): Uint8Array {
  const prefix = parseHex(DIGEST_INFO_PREFIXES[hash]) as Uint8Array;
  const digest = hasher.hash(hash, data);
  const padding = new Uint8Array(length - prefix.length - digest.length - 3).fill(0xff);
  return concatBytes(Uint8Array.of(0, 1), padding, Uint8Array.of(0), prefix, digest);
}

/**
 * EMSA-PSS (RFC 8017 §9.1.1) for a modulus of a whole number of bytes: the encoded message, `length`
 * bytes.
 *
 * @param salt as long as the hash.
 */
export function encodePss(
  hasher: Hasher,
  hash: SignatureHash,
  data: Uint8Array,
  salt: Uint8Array,
  modulusBits: number,
): Uint8Array {
  const emBits = modulusBits - 1;
  const hashLength = HASH_LENGTHS[hash];
  const emLength = Math.ceil(emBits / 8);
  const h = hasher.hash(hash, new Uint8Array(8), hasher.hash(hash, data), salt);
  const db = new Uint8Array(emLength - hashLength - 1);
  db[db.length - salt.length - 1] = 1;
  db.set(salt, db.length - salt.length);
  maskDb(hasher, hash, h, db, emBits);
  return concatBytes(db, h, Uint8Array.of(0xbc));
}

/**
 * A salt as long as the hash that depends on key and message only. PSS asks no more of a salt than that it
 * be hard to foresee (RFC 8017 §9.1 note 4), which a code under the private key is.
 */
export function pssSalt(
  hasher: Hasher,
  hash: SignatureHash,
  privateExponent: bigint,
  data: Uint8Array,
): Uint8Array {
  const key = encodeUtf8(privateExponent.toString(16));
  return hasher.createHmac(hash, key).compute(hasher.hash(hash, data));
}

/** EMSA-PSS verification with a salt as long as the hash (RFC 8017 §9.1.2). */
export function verifyPss(
  hasher: Hasher,
  hash: SignatureHash,
  data: Uint8Array,
  encoded: Uint8Array,
  modulusBits: number,
): boolean {
  const emBits = modulusBits - 1;
  const hashLength = HASH_LENGTHS[hash];
  const dbLength = encoded.length - hashLength - 1;
  if (dbLength < hashLength + 1 || encoded.at(-1) !== 0xbc) return false;
  if (((encoded[0] as number) & ~topMask(emBits)) !== 0) return false;
  const h = encoded.subarray(dbLength, -1);
  const db = encoded.slice(0, dbLength);
  maskDb(hasher, hash, h, db, emBits);
  const saltStart = dbLength - hashLength;
  if (db[saltStart - 1] !== 1 || db.subarray(0, saltStart - 1).some((byte) => byte !== 0)) {
    return false;
  }
  const salt = db.subarray(saltStart);
  const expected = hasher.hash(hash, new Uint8Array(8), hasher.hash(hash, data), salt);
  return equalBytes(h, expected);
}

/** XORs MGF1 of `h` into `db` and clears the bits above `emBits` (RFC 8017 §B.2.1). */
function maskDb(
  hasher: Hasher,
  hash: SignatureHash,
  h: Uint8Array,
  db: Uint8Array,
  emBits: number,
): void {
  const hashLength = HASH_LENGTHS[hash];
  for (let counter = 0; counter * hashLength < db.length; counter++) {
    const block = hasher.hash(hash, h, Uint8Array.of(0, 0, counter >> 8, counter));
    const start = counter * hashLength;
    const end = Math.min(start + hashLength, db.length);
    for (let i = start; i < end; i++) {
      db[i] = (db[i] as number) ^ (block[i - start] as number);
    }
  }
  db[0] = (db[0] as number) & topMask(emBits);
}

/** The bits of the first byte that belong to a number of `bits` bits. */
function topMask(bits: number): number {
  return 0xff >> (7 & -bits);
}

/** An ECDSA signature as TLS sends it: a SEQUENCE of the two INTEGERs. */
export function encodeEcdsaSignature(r: Uint8Array, s: Uint8Array): Uint8Array {
  return encodeDer(DerTag.sequence, encodeDerUnsigned(r), encodeDerUnsigned(s));
}

/** The two numbers of an ECDSA signature, one after the other, each as long as the order. */
export function decodeEcdsaSignature(
  curve: CurveName,
  signature: Uint8Array,
): Uint8Array | undefined {
  const outer = new DerReader(signature);
  const numbers = outer.sequence();
  const r = bytesToBigInt(numbers.unsignedInteger());
  const s = bytesToBigInt(numbers.unsignedInteger());
  const { length, order } = ELLIPTIC_CURVES[curve];
  if (!outer.isComplete || !numbers.isComplete) return undefined;
  if (r === 0n || r >= order || s === 0n || s >= order) return undefined;
  return concatBytes(bigIntToBytes(r, length), bigIntToBytes(s, length));
}
