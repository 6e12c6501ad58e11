// Cryptex test vectors: RFC 9335, Appendix A (https://www.rfc-editor.org/rfc/rfc9335#appendix-A).

/** Master keys of the vectors, by profile. */
export const CRYPTEX_KEYS: Readonly<
  Record<
    'SRTP_AES128_CM_HMAC_SHA1_80' | 'SRTP_AEAD_AES_128_GCM',
    { readonly key: string; readonly salt: string }
  >
> = {
  SRTP_AES128_CM_HMAC_SHA1_80: {
    key: 'e1f97a0d3e018be0d64fa32c06de4139',
    salt: '0ec675ad498afeebb6960b3aabe6',
  },
  SRTP_AEAD_AES_128_GCM: {
    key: '000102030405060708090a0b0c0d0e0f',
    salt: 'a0a1a2a3a4a5a6a7a8a9aaab',
  },
};

/** Packets before and after protection; rollover counter 0. */
export const CRYPTEX_VECTORS: readonly {
  readonly section: string;
  readonly what: string;
  readonly profile: keyof typeof CRYPTEX_KEYS;
  readonly plain: string;
  readonly encrypted: string;
}[] = [
  {
    section: 'A.1.1',
    what: 'RTP Packet with 1-byte header extension',
    profile: 'SRTP_AES128_CM_HMAC_SHA1_80',
    plain: '900f1235decafbadcafebabebede000151000200abababababababababababababababab',
    encrypted:
      '900f1235decafbadcafebabec0de0001eb92365251c3e036f8de27e9c27ee3e0b4651d9fbc4218a70244522f34a5',
  },
  {
    section: 'A.1.2',
    what: 'RTP Packet with 2-byte header extension',
    profile: 'SRTP_AES128_CM_HMAC_SHA1_80',
    plain: '900f1236decafbadcafebabe1000000105020002abababababababababababababababab',
    encrypted:
      '900f1236decafbadcafebabec2de00014ed9cc4e6a712b3096c5ca77339d4204ce0d77396cab69585fbce38194a5',
  },
  {
    section: 'A.1.3',
    what: 'RTP Packet with 1-byte header extension and CSRC fields',
    profile: 'SRTP_AES128_CM_HMAC_SHA1_80',
    plain:
      '920f1238decafbadcafebabe0001e2400000b26ebede000151000200abababababababababababababababab',
    encrypted:
      '920f1238decafbadcafebabe8bb6e12b5cff16ddc0de000192838c8c09e58393e1de3a9a74734d67' +
      '45671338c3acf11da2df8423bee0',
  },
  {
    section: 'A.1.4',
    what: 'RTP Packet with 2-byte header extension and CSRC fields',
    profile: 'SRTP_AES128_CM_HMAC_SHA1_80',
    plain:
      '920f1239decafbadcafebabe0001e2400000b26e1000000105020002abababababababababababababababab',
    encrypted:
      '920f1239decafbadcafebabef70e513eb90b9b25c2de0001bbed4848faa644665f3d7f34125914e9' +
      'f4d0ae923c6f479b95a0f7b53133',
  },
  {
    section: 'A.1.5',
    what: 'RTP Packet with empty 1-byte header extension and CSRC fields',
    profile: 'SRTP_AES128_CM_HMAC_SHA1_80',
    plain: '920f123adecafbadcafebabe0001e2400000b26ebede0000abababababababababababababababab',
    encrypted:
      '920f123adecafbadcafebabe7130b6abfe2ab0e3c0de0000e3d9f64b25c9e74cb4cf8e43fb92e3781c2c0ceab6b3a499a14c',
  },
  {
    section: 'A.1.6',
    what: 'RTP Packet with empty 2-byte header extension and CSRC fields',
    profile: 'SRTP_AES128_CM_HMAC_SHA1_80',
    plain: '920f123bdecafbadcafebabe0001e2400000b26e10000000abababababababababababababababab',
    encrypted:
      '920f123bdecafbadcafebabecbf24c124330e1c8c2de0000599dd45bc9d687b603e8b59d771fd38e88b170e0cd31e125eabe',
  },
  {
    section: 'A.2.1',
    what: 'RTP Packet with 1-byte header extension',
    profile: 'SRTP_AEAD_AES_128_GCM',
    plain: '900f1235decafbadcafebabebede000151000200abababababababababababababababab',
    encrypted:
      '900f1235decafbadcafebabec0de000139972dc9572c4d99e8fc355de743fb2e94f9d8ff54e72f41' +
      '93bbc5c74ffab0fa9fa0fbeb',
  },
  {
    section: 'A.2.2',
    what: 'RTP Packet with 2-byte header extension',
    profile: 'SRTP_AEAD_AES_128_GCM',
    plain: '900f1236decafbadcafebabe1000000105020002abababababababababababababababab',
    encrypted:
      '900f1236decafbadcafebabec2de0001bb75a4c545cd1f413bdb7daa2b1e3263de313667c9632490' +
      '81b35a65f5cb6c88b394235f',
  },
  {
    section: 'A.2.3',
    what: 'RTP Packet with 1-byte header extension and CSRC fields',
    profile: 'SRTP_AEAD_AES_128_GCM',
    plain:
      '920f1238decafbadcafebabe0001e2400000b26ebede000151000200abababababababababababababababab',
    encrypted:
      '920f1238decafbadcafebabe63bbccc4a7f695c4c0de00018ad7c71fac70a80c92866b4c6ba98546' +
      'ef913586e95ffaaffe956885bb0647a8bc094ac8',
  },
  {
    section: 'A.2.4',
    what: 'RTP Packet with 2-byte header extension and CSRC fields',
    profile: 'SRTP_AEAD_AES_128_GCM',
    plain:
      '920f1239decafbadcafebabe0001e2400000b26e1000000105020002abababababababababababababababab',
    encrypted:
      '920f1239decafbadcafebabe3680524f8d312b00c2de0001c78d120038422bc111a7187a18246f98' +
      '0c059cc6bc9df8b626394eca344e4b05d80fea83',
  },
  {
    section: 'A.2.5',
    what: 'RTP Packet with empty 1-byte header extension and CSRC fields',
    profile: 'SRTP_AEAD_AES_128_GCM',
    plain: '920f123adecafbadcafebabe0001e2400000b26ebede0000abababababababababababababababab',
    encrypted:
      '920f123adecafbadcafebabe15b6bb4337906fffc0de0000b7b964537a2b03ab7ba5389ce9331712' +
      '6b5d974df30c6884dcb651c5e120c1da',
  },
  {
    section: 'A.2.6',
    what: 'RTP Packet with empty 2-byte header extension and CSRC fields',
    profile: 'SRTP_AEAD_AES_128_GCM',
    plain: '920f123bdecafbadcafebabe0001e2400000b26e10000000abababababababababababababababab',
    encrypted:
      '920f123bdecafbadcafebabedcb38c9e48bf95f4c2de000061ee432cf920317076613258d3ce4236' +
      'c06ac429681ad08413512dc98b5207d8',
  },
];
