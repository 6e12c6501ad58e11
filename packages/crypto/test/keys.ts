// Key pairs of every kind in DER, made by node:crypto, and the DER of keys given by their numbers.

import { generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto';
import { concatBytes } from '@kaon/wire';
import type { SignatureAlgorithm } from '../src/index.ts';
import { hex } from './providers.ts';

export interface KeyPair {
  readonly name: string;
  readonly pkcs8: Uint8Array;
  readonly spki: Uint8Array;
  readonly algorithms: readonly SignatureAlgorithm[];
}

const ECDSA = ['ecdsa-sha256', 'ecdsa-sha384', 'ecdsa-sha512'] as const;
const RSA = [
  'rsa-pkcs1-sha256',
  'rsa-pkcs1-sha384',
  'rsa-pkcs1-sha512',
  'rsa-pss-sha256',
  'rsa-pss-sha384',
  'rsa-pss-sha512',
] as const;

export const ALL_ALGORITHMS: readonly SignatureAlgorithm[] = [...ECDSA, ...RSA, 'ed25519'];

function keyPair(
  name: string,
  pair: KeyPairKeyObjectResult,
  algorithms: readonly SignatureAlgorithm[],
): KeyPair {
  const pkcs8 = pair.privateKey.export({ format: 'der', type: 'pkcs8' });
  const spki = pair.publicKey.export({ format: 'der', type: 'spki' });
  return { name, pkcs8: Uint8Array.from(pkcs8), spki: Uint8Array.from(spki), algorithms };
}

export const P256: KeyPair = keyPair(
  'P-256',
  generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ECDSA,
);
export const RSA_2048: KeyPair = keyPair(
  'RSA, 2048 bits',
  generateKeyPairSync('rsa', { modulusLength: 2048 }),
  RSA,
);
export const ED25519: KeyPair = keyPair('Ed25519', generateKeyPairSync('ed25519'), ['ed25519']);

/** One pair of each kind; RSA with 1041 bits has encoded messages a byte shorter than its modulus. */
export const KEY_PAIRS: readonly KeyPair[] = [
  P256,
  keyPair('P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' }), ECDSA),
  keyPair('P-521', generateKeyPairSync('ec', { namedCurve: 'P-521' }), ECDSA),
  RSA_2048,
  keyPair('RSA, 1041 bits', generateKeyPairSync('rsa', { modulusLength: 1041 }), [
    'rsa-pkcs1-sha256',
    'rsa-pss-sha256',
    'rsa-pss-sha384',
  ]),
  ED25519,
];

/** Keys of kinds that are not supported. */
export const FOREIGN_PAIRS: readonly KeyPair[] = [
  keyPair('secp256k1', generateKeyPairSync('ec', { namedCurve: 'secp256k1' }), []),
  keyPair('X25519', generateKeyPairSync('x25519'), []),
  keyPair('Ed448', generateKeyPairSync('ed448'), []),
  keyPair('RSA, 512 bits', generateKeyPairSync('rsa', { modulusLength: 512 }), []),
  keyPair('RSA-PSS', generateKeyPairSync('rsa-pss', { modulusLength: 1024 }), []),
];

/** PKCS #8 of an EC scalar, without the optional public key (RFC 5915 §3). */
export function ecPkcs8(curve: 'secp256r1' | 'secp384r1', scalar: Uint8Array): Uint8Array {
  const prefix =
    curve === 'secp256r1'
      ? '3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420'
      : '304e020100301006072a8648ce3d020106052b81040022043730350201010430';
  return concatBytes(hex(prefix), scalar);
}

/** PKCS #8 of an Ed25519 seed (RFC 8410 §7). */
export function ed25519Pkcs8(seed: Uint8Array): Uint8Array {
  return concatBytes(hex('302e020100300506032b657004220420'), seed);
}

/** SubjectPublicKeyInfo of an Ed25519 key (RFC 8410 §4). */
export function ed25519Spki(key: Uint8Array): Uint8Array {
  return concatBytes(hex('302a300506032b6570032100'), key);
}
