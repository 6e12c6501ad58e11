// Whole packets, protected by others: libsrtp's own reference packets (its test/srtp_driver.c), and the header
// extension of RFC 6904 Appendix A within one of them. Their SRTCP indices begin at 1.

import type { SrtpProfileName } from '../../src/index.ts';

/** Packets under one master key; rollover counter 0, SRTCP index 1. */
export interface PacketVector {
  readonly source: string;
  readonly profile: SrtpProfileName;
  readonly key: string;
  readonly salt: string;
  readonly mki?: string;
  readonly encryptedHeaderExtensions?: readonly number[];
  readonly rtp: string;
  readonly srtp: string;
  readonly rtcp?: string;
  readonly srtcp?: string;
}

const RTP = '800f1234decafbadcafebabeabababababababababababababababab';
const RTCP = '81c8000bcafebabeabababababababababababababababab';
const EXTENDED_RTP =
  '900f1234decafbadcafebabebede000617414273a475262748220000c8308e4655996386b395fb00' +
  'abababababababababababababababab';
const KEY = 'e1f97a0d3e018be0d64fa32c06de4139';
const SALT = '0ec675ad498afeebb6960b3aabe6';

/** All vectors. */
export const PACKET_VECTORS: readonly PacketVector[] = [
  {
    source: 'libsrtp, AES-CM-128 with HMAC-SHA1-80',
    profile: 'SRTP_AES128_CM_HMAC_SHA1_80',
    key: KEY,
    salt: SALT,
    rtp: RTP,
    srtp: '800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb',
    rtcp: RTCP,
    srtcp: '81c8000bcafebabe7128035be487b9bdbef89041f977a5a880000001993e08cd54d6c1230798',
  },
  {
    source: 'libsrtp, with an MKI',
    profile: 'SRTP_AES128_CM_HMAC_SHA1_80',
    key: KEY,
    salt: SALT,
    mki: 'e1f97a0d',
    rtp: RTP,
    srtp: '800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402e1f97a0db78d6acc99ea179b8dbb',
    rtcp: RTCP,
    srtcp: '81c8000bcafebabe7128035be487b9bdbef89041f977a5a880000001e1f97a0d993e08cd54d6c1230798',
  },
  {
    source: 'libsrtp, AES-GCM-128',
    profile: 'SRTP_AEAD_AES_128_GCM',
    key: '000102030405060708090a0b0c0d0e0f',
    salt: 'a0a1a2a3a4a5a6a7a8a9aaab',
    rtp: RTP,
    srtp:
      '800f1234decafbadcafebabec5002ede04cfdd2eb91159e0880aa06e' +
      'd2976826f796b201df3131a127e8a392',
    rtcp: RTCP,
    srtcp:
      '81c8000bcafebabec98b8b5df0392a55852b6c21ac8e7025' +
      'c52c6fbea2b3b446ea31123ba88ce61e80000001',
  },
  {
    source: 'libsrtp, AES-CM-256',
    profile: 'AES_256_CM_HMAC_SHA1_80',
    key: 'f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6',
    salt: '3b04803de51ee7c96423ab5b78d2',
    rtp: RTP,
    srtp: '800f1234decafbadcafebabef1d9de17ff251ff1aa007774b0b4b40da08d9d9a5b3a55d8873b',
  },
  {
    source: 'libsrtp, AES-CM-192',
    profile: 'AES_192_CM_HMAC_SHA1_80',
    key: '73edc66c4fa15776fb57f9505c17136550ffda71f3e8e5f1',
    salt: 'c8522f3acd4ce86d5add78edbb11',
    rtp: '800f0000decafbad00000000abababababababababababababababab',
    srtp: '800f0000decafbad00000000d98865552f2762c3ef37f837acfdb7122d6bc4dc84c76f74aea5',
  },
  {
    source: 'RFC 6904 Appendix A, in a packet of libsrtp',
    profile: 'SRTP_AES128_CM_HMAC_SHA1_80',
    key: KEY,
    salt: SALT,
    encryptedHeaderExtensions: [1, 3, 4],
    rtp: EXTENDED_RTP,
    srtp:
      '900f1234decafbadcafebabebede000617588a9270f4e15e1c220000c8309546a994f0bc54789700' +
      '4e55dc4ce79978d88ca4d215949d24025a46b3ca35c535a891c7',
  },
  {
    source: 'libsrtp, the same extension with AES-GCM-128',
    profile: 'SRTP_AEAD_AES_128_GCM',
    key: KEY,
    salt: SALT.slice(0, 24),
    encryptedHeaderExtensions: [1, 3, 4],
    rtp: EXTENDED_RTP,
    srtp:
      '900f1234decafbadcafebabebede00061712e0205bfa949b1c220000c830bb46732778d9929aab00' +
      '0eca0cf95ee955b26cd3d288b49f6ca9f4b1b759719eb5bc113b9ff1d40cd25a',
  },
];

/** RFC 7714 §16 and §17 (https://www.rfc-editor.org/rfc/rfc7714#section-16): under session keys, ROC 0. */
export const AEAD_VECTORS: readonly {
  readonly source: string;
  readonly keyLength: 16 | 32;
  readonly kind: 'rtp' | 'rtcp';
  readonly plain: string;
  readonly protected: string;
}[] = [
  {
    source: 'RFC 7714 §16.1.1',
    keyLength: 16,
    kind: 'rtp',
    plain:
      '8040f17b8041f8d35501a0b2' +
      '47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573',
    protected:
      '8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a' +
      '51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce',
  },
  {
    source: 'RFC 7714 §16.2.1',
    keyLength: 32,
    kind: 'rtp',
    plain:
      '8040f17b8041f8d35501a0b2' +
      '47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573',
    protected:
      '8040f17b8041f8d35501a0b232b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a02' +
      '76ffae0f1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c13',
  },
  {
    source: 'RFC 7714 §17.1',
    keyLength: 16,
    kind: 'rtcp',
    plain:
      '81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61' +
      'deadbeefdeadbeefdeadbeefdeadbeefdeadbeef',
    protected:
      '81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda' +
      '4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4',
  },
  {
    source: 'RFC 7714 §17.3',
    keyLength: 32,
    kind: 'rtcp',
    plain:
      '81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61' +
      'deadbeefdeadbeefdeadbeefdeadbeefdeadbeef',
    protected:
      '81c8000d4d617273d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be' +
      '8415f658c61de0476f1b6fad1d1eb30c4446839f57ff6f6cb26ac3be800005d4',
  },
];

/** The session salt of {@link AEAD_VECTORS}; the session keys count up from zero. */
export const AEAD_SALT = '517569642070726f2071756f';
/** The SRTCP index of {@link AEAD_VECTORS}. */
export const AEAD_SRTCP_INDEX = 0x5d4;
