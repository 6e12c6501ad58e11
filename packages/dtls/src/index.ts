// The public face of @kaon/dtls.

export { AlertDescription, AlertLevel, alertName } from './alert.ts';
export {
  createDtlsCertificate,
  type DtlsCertificate,
  type DtlsCertificateDer,
  type DtlsCertificatePem,
  type DtlsKeyAlgorithm,
  type GenerateDtlsCertificateOptions,
  generateDtlsCertificate,
  importDtlsCertificate,
} from './certificate.ts';
export type { CipherSuiteName } from './cipher-suite.ts';
export {
  DtlsConnection,
  type DtlsConnectionInfo,
  type DtlsEvent,
  type DtlsState,
} from './connection.ts';
export { DtlsError, type DtlsErrorAlerts, type DtlsErrorCode } from './errors.ts';
export { SrtpProtectionProfile } from './extensions/use-srtp.ts';
export { certificateFingerprint, type Fingerprint } from './fingerprint.ts';
export type { DtlsOptions } from './settings.ts';
export type { DtlsCounters, DtlsDropReason, DtlsTraceEvent } from './trace.ts';
