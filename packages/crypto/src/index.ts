// The public face of @kaon/crypto. The provider without node:crypto is in @kaon/crypto/noble.

export { defaultCrypto } from './default.ts';
export { DerTag, encodeDer, encodeDerUnsigned } from './der.ts';
export { CryptoError, type CryptoErrorCode } from './errors.ts';
export { hkdfExpand, hkdfExtract } from './hkdf.ts';
export { kernelCrypto } from './kernel/provider.ts';
export { deterministicCrypto } from './node/deterministic.ts';
export { nodeCrypto } from './node/provider.ts';
export type { CounterDecryptor, CounterEncryptor, CounterKey } from './packet/counter-key.ts';
export type { PacketKey, PacketOpener, PacketSealer } from './packet/packet-key.ts';
export { MAX_PACKET_NUMBER } from './packet/packet-number.ts';
export { isTag } from './packet/tag.ts';
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
