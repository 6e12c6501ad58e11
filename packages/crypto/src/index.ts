// The public face of @kaon/crypto. The provider without node:crypto is in @kaon/crypto/noble.

export { DerTag, encodeDer, encodeDerUnsigned } from './der.ts';
export { CryptoError, type CryptoErrorCode } from './errors.ts';
export { hkdfExpand, hkdfExtract } from './hkdf.ts';
export { deterministicCrypto } from './node/deterministic.ts';
export { nodeCrypto, nodeCrypto as defaultCrypto } from './node/provider.ts';
export type {
  Aead,
  AeadAlgorithm,
  CryptoProvider,
  Hash,
  HashAlgorithm,
  Hmac,
  KeyAgreement,
  KeyAgreementGroup,
  SignatureAlgorithm,
  SigningKey,
  SigningKeyPair,
} from './provider.ts';
export {
  type PublicKey,
  parseSubjectPublicKeyInfo,
  readSubjectPublicKeyInfo,
} from './subject-public-key.ts';
export { tlsPrf } from './tls-prf.ts';
