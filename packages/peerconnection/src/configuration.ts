// RTCConfiguration: its conversion, validation and change.
// https://www.w3.org/TR/webrtc/#set-the-configuration

import { RTCCertificate } from './certificate.ts';
import { exception } from './errors.ts';
import { type RTCIceServer, validateIceServers } from './ice-server.ts';
import { enforceRange, toDictionary, toEnum, toSequence } from './web-idl.ts';

export type RTCIceTransportPolicy = 'all' | 'relay';
export type RTCBundlePolicy = 'balanced' | 'max-bundle' | 'max-compat';
export type RTCRtcpMuxPolicy = 'require';

export interface RTCConfiguration {
  iceServers?: RTCIceServer[];
  iceTransportPolicy?: RTCIceTransportPolicy;
  bundlePolicy?: RTCBundlePolicy;
  rtcpMuxPolicy?: RTCRtcpMuxPolicy;
  certificates?: RTCCertificate[];
  iceCandidatePoolSize?: number;
}

/** A configuration with its defaults filled in, as `getConfiguration` returns it. */
export type CompleteConfiguration = Required<RTCConfiguration>;

/**
 * Converts and validates a configuration.
 *
 * @throws TypeError for a malformed one.
 * @throws DOMException `SyntaxError` for a malformed server URL, `InvalidAccessError` for a TURN server
 * without credentials.
 */
function convertConfiguration(configuration: RTCConfiguration | undefined): CompleteConfiguration {
  const init = toDictionary(configuration, 'The configuration');
  const { iceTransportPolicy = 'all', bundlePolicy = 'balanced', rtcpMuxPolicy = 'require' } = init;
  const certificates = toSequence(init.certificates, 'certificates');
  for (const certificate of certificates) {
    if (!(certificate instanceof RTCCertificate)) {
      throw new TypeError('certificates holds what is no RTCCertificate.');
    }
  }
  return {
    iceServers: toSequence(init.iceServers, 'iceServers'),
    iceTransportPolicy: toEnum(iceTransportPolicy, ['all', 'relay'], 'iceTransportPolicy'),
    bundlePolicy: toEnum(bundlePolicy, ['balanced', 'max-bundle', 'max-compat'], 'bundlePolicy'),
    rtcpMuxPolicy: toEnum(rtcpMuxPolicy, ['require'], 'rtcpMuxPolicy'),
    certificates,
    iceCandidatePoolSize: enforceRange(init.iceCandidatePoolSize ?? 0, 255, 'iceCandidatePoolSize'),
  };
}

/**
 * "Set the configuration": checks `next` against what was before.
 *
 * @param previous null in the constructor.
 * @param isLocalDescriptionSet whether `setLocalDescription` has been called.
 * @returns the configuration to store.
 * @throws DOMException `InvalidModificationError` if a member changed that must not, and what
 * {@link convertConfiguration} throws.
 */
export function setConfiguration(
  configuration: RTCConfiguration | undefined,
  previous: CompleteConfiguration | null,
  isLocalDescriptionSet: boolean,
): CompleteConfiguration {
  const next = convertConfiguration(configuration);
  if (previous !== null) rejectModification(next, previous, isLocalDescriptionSet);
  return { ...next, iceServers: validateIceServers(next.iceServers) };
}

/** "… is less than the current time, throw an InvalidAccessError" (webrtc-pc §4.4.1.1). */
export function rejectExpiredCertificates(
  certificates: readonly RTCCertificate[],
  wallClock: number,
): void {
  if (certificates.some((certificate) => certificate.expires < wallClock)) {
    throw exception('InvalidAccessError', 'A certificate has expired.');
  }
}

function rejectModification(
  next: CompleteConfiguration,
  previous: CompleteConfiguration,
  isLocalDescriptionSet: boolean,
): void {
  const sameCertificates =
    next.certificates.length === previous.certificates.length &&
    next.certificates.every((certificate, i) => certificate === previous.certificates[i]);
  if (!sameCertificates) refuse('certificates');
  if (next.bundlePolicy !== previous.bundlePolicy) refuse('bundlePolicy');
  if (next.rtcpMuxPolicy !== previous.rtcpMuxPolicy) refuse('rtcpMuxPolicy');
  if (next.iceCandidatePoolSize !== previous.iceCandidatePoolSize && isLocalDescriptionSet) {
    refuse('iceCandidatePoolSize');
  }
}

function refuse(member: string): never {
  throw exception('InvalidModificationError', `${member} cannot be changed any more.`);
}
