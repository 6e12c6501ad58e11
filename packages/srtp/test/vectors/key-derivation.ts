// Key derivation test vectors: RFC 3711 Appendix B.3, RFC 6188 §7.2 and §7.4, RFC 6904 Appendix A.
// https://www.rfc-editor.org/rfc/rfc3711#appendix-B.3, https://www.rfc-editor.org/rfc/rfc6188#section-7

import type { SrtpProfileName } from '../../src/index.ts';

/** Session keys for RTP from a master key. */
export const KEY_DERIVATION_VECTORS: readonly {
  readonly source: string;
  readonly profile: SrtpProfileName;
  readonly key: string;
  readonly salt: string;
  readonly encryption: string;
  readonly sessionSalt: string;
  readonly authentication: string;
}[] = [
  {
    source: 'RFC 3711 Appendix B.3',
    profile: 'SRTP_AES128_CM_HMAC_SHA1_80',
    key: 'e1f97a0d3e018be0d64fa32c06de4139',
    salt: '0ec675ad498afeebb6960b3aabe6',
    encryption: 'c61e7a93744f39ee10734afe3ff7a087',
    sessionSalt: '30cbbc08863d8c85d49db34a9ae1',
    authentication: 'cebe321f6ff7716b6fd4ab49af256a156d38baa4',
  },
  {
    source: 'RFC 6188 §7.2',
    profile: 'AES_256_CM_HMAC_SHA1_80',
    key: 'f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6',
    salt: '3b04803de51ee7c96423ab5b78d2',
    encryption: '5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4',
    sessionSalt: 'fa31791685ca444a9e07c6c64e93',
    authentication: 'fd9c32d39ed5fbb5a9dc96b30818454d1313dc05',
  },
  {
    source: 'RFC 6188 §7.4',
    profile: 'AES_192_CM_HMAC_SHA1_80',
    key: '73edc66c4fa15776fb57f9505c17136550ffda71f3e8e5f1',
    salt: 'c8522f3acd4ce86d5add78edbb11',
    encryption: '31874736a8f1143870c26e4857d8a5b2c4a354407faadabb',
    sessionSalt: '2372b82d639b6d8503a47adc0a6c',
    authentication: '355b10973cd95b9eacf4061c7e1a7151e7cfbfcb',
  },
];

/** Session keys for RTCP from the master key of RFC 3711 Appendix B.3; the values are those of libre. */
export const SRTCP_KEYS = {
  encryption: '4c1aa45a81f73d61c800bbb00fbb1eaa',
  authentication: '8d54534feb49ae8e7993a6bd0b844fc323a93dfd',
  salt: '9581c7ad87b3e530bf3e4454a8b3',
} as const;

/** Keys for header extensions from the same master key (RFC 6904 Appendix A). */
export const HEADER_KEYS = {
  encryption: '549752054d6fb708622c4a2e596a1b93',
  salt: 'ab01818174c40d39a3781f7c2d27',
} as const;

/** Keystream of AES in counter mode: RFC 3711 Appendix B.2 and RFC 6188 §7.1. */
export const KEYSTREAM_VECTORS: readonly {
  readonly source: string;
  readonly key: string;
  readonly iv: string;
  readonly keystream: string;
}[] = [
  {
    source: 'RFC 3711 Appendix B.2',
    key: '2b7e151628aed2a6abf7158809cf4f3c',
    iv: 'f0f1f2f3f4f5f6f7f8f9fafbfcfd',
    keystream:
      'e03ead0935c95e80e166b16dd92b4eb4' +
      'd23513162b02d0f72a43a2fe4a5f97ab' +
      '41e95b3bb0a2e8dd477901e4fca894c0',
  },
  {
    source: 'RFC 6188 §7.1',
    key: '57f82fe3613fd170a85ec93c40b1f0922ec4cb0dc025b58272147cc438944a98',
    iv: 'f0f1f2f3f4f5f6f7f8f9fafbfcfd',
    keystream:
      '92bdd28a93c3f52511c677d08b5515a4' +
      '9da71b2378a854f67050756ded165bac' +
      '63c4868b7096d88421b563b8c94c9a31',
  },
];
