// The public face of @kaon/srtp.

export { SrtpBatch } from './batch.ts';
export { SrtpError, type SrtpErrorCode } from './errors.ts';
export {
  DTLS_SRTP_EXPORTER_LABEL,
  dtlsSrtpKeyingMaterialLength,
  type SrtpMasterKey,
  splitDtlsSrtpKeyingMaterial,
} from './master-key.ts';
export {
  SRTP_PROFILES,
  type SrtpProfile,
  type SrtpProfileName,
  srtpProfileById,
} from './profiles.ts';
export { SrtpReceiver, type SrtpReceiverOptions, type SrtpReceiverStats } from './receiver.ts';
export { SrtpSender, type SrtpSenderOptions } from './sender.ts';
export {
  SrtpDrop,
  type SrtpDropCounters,
  type SrtpDropReason,
  srtpDropReason,
} from './srtp-drop.ts';
