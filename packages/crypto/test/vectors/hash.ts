// Published vectors for hashes and HMAC.

import type { HashAlgorithm } from '../../src/index.ts';

type Digests = Readonly<Partial<Record<HashAlgorithm, string>>>;

export interface HashVector {
  readonly source: string;
  readonly text: string;
  readonly digests: Digests;
}

export const HASH_VECTORS: readonly HashVector[] = [
  {
    source: 'RFC 1321 §A.5, FIPS 180-4 examples: the empty message',
    text: '',
    digests: {
      md5: 'd41d8cd98f00b204e9800998ecf8427e',
      sha1: 'da39a3ee5e6b4b0d3255bfef95601890afd80709',
      sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    },
  },
  {
    source: 'RFC 1321 §A.5, FIPS 180-4 examples: "abc"',
    text: 'abc',
    digests: {
      md5: '900150983cd24fb0d6963f7d28e17f72',
      sha1: 'a9993e364706816aba3e25717850c26c9cd0d89d',
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      sha384:
        'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163' +
        '1a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
      sha512:
        'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a' +
        '2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    },
  },
  {
    source: 'FIPS 180-4 examples: two blocks',
    text: 'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
    digests: {
      sha1: '84983e441c3bd26ebaae4aa1f95129e5e54670f1',
      sha256: '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    },
  },
];

export interface HmacVector {
  readonly source: string;
  readonly key: string;
  readonly text: string;
  readonly digests: Digests;
}

const LARGE_KEY = 'Test Using Larger Than Block-Size Key - Hash Key First';

export const HMAC_VECTORS: readonly HmacVector[] = [
  {
    source: 'RFC 2202 §2 test case 1',
    key: '0b'.repeat(16),
    text: 'Hi There',
    digests: { md5: '9294727a3638bb1c13f48ef8158bfc9d' },
  },
  {
    source: 'RFC 2202 §3 and RFC 4231 §4.2, test case 1',
    key: '0b'.repeat(20),
    text: 'Hi There',
    digests: {
      sha1: 'b617318655057264e28bc0b6fb378c8ef146be00',
      sha256: 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
      sha384:
        'afd03944d84895626b0825f4ab46907f15f9dadbe4101ec6' +
        '82aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6',
      sha512:
        '87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde' +
        'daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854',
    },
  },
  {
    source: 'RFC 2202 and RFC 4231 §4.3, test case 2: a short key',
    key: '4a656665',
    text: 'what do ya want for nothing?',
    digests: {
      md5: '750c783e6ab0b503eaa86e310a5db738',
      sha1: 'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79',
      sha256: '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
      sha384:
        'af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47' +
        'e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649',
      sha512:
        '164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554' +
        '9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737',
    },
  },
  {
    source: 'RFC 2202 test case 6: a key longer than a block',
    key: 'aa'.repeat(80),
    text: LARGE_KEY,
    digests: {
      md5: '6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd',
      sha1: 'aa4ae5e15272d00e95705637ce8a3b55ed402112',
    },
  },
  {
    source: 'RFC 4231 §4.7, test case 6: a key longer than a block',
    key: 'aa'.repeat(131),
    text: LARGE_KEY,
    digests: {
      sha256: '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
      sha384:
        '4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f' +
        '3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952',
      sha512:
        '80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352' +
        '6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598',
    },
  },
];
