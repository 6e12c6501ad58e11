// Published vectors for signatures that depend on key and message only.

import type { SignatureAlgorithm } from '../../src/index.ts';

export interface EcdsaVector {
  readonly source: string;
  readonly curve: 'secp256r1' | 'secp384r1';
  readonly scalar: string;
  readonly algorithm: SignatureAlgorithm;
  readonly text: string;
  readonly r: string;
  readonly s: string;
}

const P256_SCALAR = 'c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721';
const P384_SCALAR =
  '6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba' +
  '9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5';

export const ECDSA_VECTORS: readonly EcdsaVector[] = [
  {
    source: 'RFC 6979 §A.2.5, "sample"',
    curve: 'secp256r1',
    scalar: P256_SCALAR,
    algorithm: 'ecdsa-sha256',
    text: 'sample',
    r: 'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716',
    s: 'f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
  },
  {
    source: 'RFC 6979 §A.2.5, "sample"',
    curve: 'secp256r1',
    scalar: P256_SCALAR,
    algorithm: 'ecdsa-sha384',
    text: 'sample',
    r: '0eafea039b20e9b42309fb1d89e213057cbf973dc0cfc8f129edddc800ef7719',
    s: '4861f0491e6998b9455193e34e7b0d284ddd7149a74b95b9261f13abde940954',
  },
  {
    source: 'RFC 6979 §A.2.5, "sample"',
    curve: 'secp256r1',
    scalar: P256_SCALAR,
    algorithm: 'ecdsa-sha512',
    text: 'sample',
    r: '8496a60b5e9b47c825488827e0495b0e3fa109ec4568fd3f8d1097678eb97f00',
    s: '2362ab1adbe2b8adf9cb9edab740ea6049c028114f2460f96554f61fae3302fe',
  },
  {
    source: 'RFC 6979 §A.2.5, "test"',
    curve: 'secp256r1',
    scalar: P256_SCALAR,
    algorithm: 'ecdsa-sha256',
    text: 'test',
    r: 'f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367',
    s: '019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083',
  },
  {
    source: 'RFC 6979 §A.2.6, "sample"',
    curve: 'secp384r1',
    scalar: P384_SCALAR,
    algorithm: 'ecdsa-sha256',
    text: 'sample',
    r:
      '21b13d1e013c7fa1392d03c5f99af8b30c570c6f98d4ea8e' +
      '354b63a21d3daa33bde1e888e63355d92fa2b3c36d8fb2cd',
    s:
      'f3aa443fb107745bf4bd77cb3891674632068a10ca67e3d4' +
      '5db2266fa7d1feebefdc63eccd1ac42ec0cb8668a4fa0ab0',
  },
  {
    source: 'RFC 6979 §A.2.6, "sample"',
    curve: 'secp384r1',
    scalar: P384_SCALAR,
    algorithm: 'ecdsa-sha384',
    text: 'sample',
    r:
      '94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa7' +
      '3d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46',
    s:
      '99ef4aeb15f178cea1fe40db2603138f130e740a19624526' +
      '203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8',
  },
];

export interface Ed25519Vector {
  readonly source: string;
  readonly seed: string;
  readonly public: string;
  readonly message: string;
  readonly signature: string;
}

export const ED25519_VECTORS: readonly Ed25519Vector[] = [
  {
    source: 'RFC 8032 §7.1 test 1',
    seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    public: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    message: '',
    signature:
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155' +
      '5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  },
  {
    source: 'RFC 8032 §7.1 test 2',
    seed: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    public: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature:
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
      '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  },
];
