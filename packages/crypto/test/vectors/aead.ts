// Published vectors for authenticated encryption.

import type { AeadAlgorithm } from '../../src/index.ts';

export interface AeadVector {
  readonly source: string;
  readonly algorithm: AeadAlgorithm;
  readonly key: string;
  readonly nonce: string;
  readonly additionalData: string;
  readonly plaintext: string;
  readonly ciphertext: string;
  readonly tag: string;
}

const GCM_PLAINTEXT =
  'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72' +
  '1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39';

// "GCM" is McGrew and Viega, The Galois/Counter Mode of Operation, appendix B, as submitted to NIST.
export const AEAD_VECTORS: readonly AeadVector[] = [
  {
    source: 'GCM test case 1',
    algorithm: 'aes-128-gcm',
    key: '00'.repeat(16),
    nonce: '00'.repeat(12),
    additionalData: '',
    plaintext: '',
    ciphertext: '',
    tag: '58e2fccefa7e3061367f1d57a4e7455a',
  },
  {
    source: 'GCM test case 2',
    algorithm: 'aes-128-gcm',
    key: '00'.repeat(16),
    nonce: '00'.repeat(12),
    additionalData: '',
    plaintext: '00'.repeat(16),
    ciphertext: '0388dace60b6a392f328c2b971b2fe78',
    tag: 'ab6e47d42cec13bdf53a67b21257bddf',
  },
  {
    source: 'GCM test case 4',
    algorithm: 'aes-128-gcm',
    key: 'feffe9928665731c6d6a8f9467308308',
    nonce: 'cafebabefacedbaddecaf888',
    additionalData: 'feedfacedeadbeeffeedfacedeadbeefabaddad2',
    plaintext: GCM_PLAINTEXT,
    ciphertext:
      '42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e' +
      '21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091',
    tag: '5bc94fbc3221a5db94fae95ae7121a47',
  },
  {
    source: 'GCM test case 13',
    algorithm: 'aes-256-gcm',
    key: '00'.repeat(32),
    nonce: '00'.repeat(12),
    additionalData: '',
    plaintext: '',
    ciphertext: '',
    tag: '530f8afbc74536b9a963b4f1c4cb738b',
  },
  {
    source: 'GCM test case 14',
    algorithm: 'aes-256-gcm',
    key: '00'.repeat(32),
    nonce: '00'.repeat(12),
    additionalData: '',
    plaintext: '00'.repeat(16),
    ciphertext: 'cea7403d4d606b6e074ec5d3baf39d18',
    tag: 'd0d1c8a799996bf0265b98b5d48ab919',
  },
  {
    source: 'GCM test case 16',
    algorithm: 'aes-256-gcm',
    key: 'feffe9928665731c6d6a8f9467308308'.repeat(2),
    nonce: 'cafebabefacedbaddecaf888',
    additionalData: 'feedfacedeadbeeffeedfacedeadbeefabaddad2',
    plaintext: GCM_PLAINTEXT,
    ciphertext:
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa' +
      '8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662',
    tag: '76fc6ece0f4e1768cddf8853bb2d551b',
  },
  {
    source: 'RFC 8439 §2.8.2',
    algorithm: 'chacha20-poly1305',
    key: '808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f',
    nonce: '070000004041424344454647',
    additionalData: '50515253c0c1c2c3c4c5c6c7',
    // "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, …"
    plaintext:
      '4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a204966' +
      '204920636f756c64206f6666657220796f75206f6e6c79206f6e652074697020666f72207468652066757475' +
      '72652c2073756e73637265656e20776f756c642062652069742e',
    ciphertext:
      'd31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69' +
      'da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad67594' +
      '5585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b6116',
    tag: '1ae10b594f09e26a7e902ecbd0600691',
  },
];
