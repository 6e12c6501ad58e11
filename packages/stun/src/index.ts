// The public face of @kaon/stun: messages, attributes, transactions, the client and a minimal server.

export type { AttributeKind, OutgoingAttribute, RawAttribute } from './attribute.ts';
export { attribute, hasAttribute, readAttribute, unknownRequiredAttributes } from './attribute.ts';
export {
  ALTERNATE_SERVER,
  addressKind,
  MAPPED_ADDRESS,
  OTHER_ADDRESS,
  RESPONSE_ORIGIN,
  XOR_MAPPED_ADDRESS,
} from './attributes/address.ts';
export type { ErrorCode } from './attributes/error-code.ts';
export { ERROR_CODE, REASON_PHRASES } from './attributes/error-code.ts';
export { ICE_CONTROLLED, ICE_CONTROLLING, PRIORITY, USE_CANDIDATE } from './attributes/ice.ts';
export { opaqueKind, USERHASH } from './attributes/opaque.ts';
export type { PasswordAlgorithm } from './attributes/password-algorithm.ts';
export {
  PASSWORD_ALGORITHM,
  PASSWORD_ALGORITHM_MD5,
  PASSWORD_ALGORITHM_SHA256,
  PASSWORD_ALGORITHMS,
} from './attributes/password-algorithm.ts';
export {
  ALTERNATE_DOMAIN,
  NONCE,
  REALM,
  SOFTWARE,
  textKind,
  USERNAME,
} from './attributes/text.ts';
export { UNKNOWN_ATTRIBUTES } from './attributes/unknown-attributes.ts';
export type { StunClientEvent, StunClientOptions } from './client.ts';
export { StunClient } from './client.ts';
export type { LongTermKeyAlgorithm } from './credentials.ts';
export { longTermKey, shortTermIntegrity, userhash } from './credentials.ts';
export type { StunErrorCode } from './errors.ts';
export { StunError } from './errors.ts';
export type { MessageProtection, OutgoingMessage, StunClass, StunMessage } from './message.ts';
export {
  BINDING_METHOD,
  decodeMessage,
  encodeMessage,
  HEADER_LENGTH,
  isStunMessage,
  MAGIC_COOKIE,
  TRANSACTION_ID_LENGTH,
  verifyFingerprint,
  verifyIntegrity,
} from './message.ts';
export type { BindingServerOptions } from './server.ts';
export { answerBinding, encodeErrorResponse } from './server.ts';
export { StreamFraming } from './stream-framing.ts';
export type { StunTransactionOptions } from './transaction.ts';
export {
  DEFAULT_LAST_WAIT_FACTOR,
  DEFAULT_RELIABLE_TIMEOUT_MS,
  DEFAULT_REQUEST_COUNT,
  DEFAULT_RTO_MS,
  StunTransaction,
} from './transaction.ts';
export type { StunUri } from './uri.ts';
export { parseStunUri } from './uri.ts';
