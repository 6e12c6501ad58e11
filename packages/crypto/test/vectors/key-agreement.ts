// Published vectors for Diffie-Hellman.

import type { KeyAgreementGroup } from '../../src/index.ts';

export interface KeyAgreementVector {
  readonly source: string;
  readonly group: KeyAgreementGroup;
  readonly a: { readonly secret: string; readonly public: string };
  readonly b: { readonly secret: string; readonly public: string };
  readonly shared: string;
}

export const KEY_AGREEMENT_VECTORS: readonly KeyAgreementVector[] = [
  {
    source: 'RFC 7748 §6.1',
    group: 'x25519',
    a: {
      secret: '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a',
      public: '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
    },
    b: {
      secret: '5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb',
      public: 'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f',
    },
    shared: '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742',
  },
  {
    source: 'RFC 5903 §8.1',
    group: 'secp256r1',
    a: {
      secret: 'c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433',
      public:
        '04dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180' +
        '5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3',
    },
    b: {
      secret: 'c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53',
      public:
        '04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63' +
        '56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab',
    },
    shared: 'd6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de',
  },
  {
    source: 'RFC 5903 §8.2',
    group: 'secp384r1',
    a: {
      secret:
        '099f3c7034d4a2c699884d73a375a67f7624ef7c6b3c0f16' +
        '0647b67414dce655e35b538041e649ee3faef896783ab194',
      public:
        '04667842d7d180ac2cde6f74f37551f55755c7645c20ef73e31634fe72b4c55ee6de3ac808acb4bdb4c88732' +
        'aee95f41aa9482ed1fc0eeb9cafc4984625ccfc23f65032149e0e144ada024181535a0f38eeb9fcff3c2c947' +
        'dae69b4c634573a81c',
    },
    b: {
      secret:
        '41cb0779b4bdb85d47846725fbec3c9430fab46cc8dc5060' +
        '855cc9bda0aa2942e0308312916b8ed2960e4bd55a7448fc',
      public:
        '04e558dbef53eecde3d3fccfc1aea08a89a987475d12fd950d83cfa41732bc509d0d1ac43a0336def96fda41' +
        'd0774a3571dcfbec7aacf3196472169e838430367f66eebe3c6e70c416dd5f0c68759dd1fff83fa40142209d' +
        'ff5eaad96db9e6386c',
    },
    shared:
      '11187331c279962d93d604243fd592cb9d0a926f422e4718' +
      '7521287e7156c5c4d603135569b9e9d09cf5d4a270f59746',
  },
];
