// Whether a well-formed description makes sense where it stands in the exchange.
// https://www.rfc-editor.org/rfc/rfc9429#section-5.8.3

import { findFingerprintFault } from '../sdp/fingerprint.ts';
import { attributeValue, inheritedValue, type SdpMedia, type SdpSession } from '../sdp/session.ts';
import type { RTCSdpType } from '../session-description.ts';
import {
  bundleGroups,
  type DataSection,
  findDataSection,
  isDataMedia,
  isRejected,
  readDataSection,
} from './data-section.ts';

/** A remote description that has been checked. */
export interface CheckedDescription {
  readonly session: SdpSession;
  /** The section that data channels run over; undefined if there is none or it is rejected. */
  readonly data: DataSection | undefined;
}

/** What a description is checked against. */
export interface ExchangeContext {
  readonly type: Exclude<RTCSdpType, 'rollback'>;
  /** Of an answer: the offer that it answers. Of an offer: the latest description from either side. */
  readonly counterpart: SdpSession | undefined;
  /** The remote data section as negotiated before; undefined if there was none. */
  readonly previousRemote: DataSection | undefined;
  /** Of an answer: whether the offer that it answers restarts ICE. */
  readonly isRestartOffered: boolean;
}

/** RFC 8839 §5.4. */
const USERNAME_FRAGMENT = /^[A-Za-z0-9+/]{4,256}$/;
const PASSWORD = /^[A-Za-z0-9+/]{22,256}$/;

/**
 * Checks a remote description.
 *
 * @returns the checked description, or a sentence that says what is wrong with it.
 */
export function checkRemoteDescription(
  session: SdpSession,
  context: ExchangeContext,
): CheckedDescription | string {
  const fault =
    checkMids(session) ??
    checkMedia(session) ??
    (context.type === 'offer' ? checkOffer(session, context) : checkAnswer(session, context));
  if (fault !== undefined) return fault;
  const section = selectDataSection(session, context);
  if (section === undefined || section.isRejected) return { session, data: undefined };
  return checkDataSection(section, context) ?? { session, data: section };
}

function selectDataSection(session: SdpSession, context: ExchangeContext): DataSection | undefined {
  if (context.type === 'offer' || context.counterpart === undefined)
    return findDataSection(session);
  // The section that answers the one we offered stands at the same place.
  const offered = findDataSection(context.counterpart);
  return offered === undefined ? undefined : readDataSection(session, offered.index);
}

function checkMids(session: SdpSession): string | undefined {
  const mids = session.media
    .map((media) => attributeValue(media.lines, 'mid'))
    .filter((mid) => mid !== undefined);
  const known = new Set(mids);
  if (known.size !== mids.length) return 'Two media sections have the same mid.';
  const bundled = bundleGroups(session).flat();
  if (new Set(bundled).size !== bundled.length) return 'A mid is in BUNDLE groups more than once.';
  const unknown = bundled.find((mid) => !known.has(mid));
  return unknown === undefined
    ? undefined
    : `A BUNDLE group names the mid "${unknown}", which no media section has.`;
}

/** RFC 9429 §5.8.3: ICE and DTLS are not optional for media; what is bundled has them elsewhere. */
function checkMedia(session: SdpSession): string | undefined {
  const bundled = new Set(bundleGroups(session).flatMap(([, ...others]) => others));
  for (const [i, media] of session.media.entries()) {
    if (media.port === 0 || (media.media !== 'audio' && media.media !== 'video')) continue;
    if (bundled.has(attributeValue(media.lines, 'mid') ?? '')) continue;
    const missing = ['ice-ufrag', 'ice-pwd', 'fingerprint'].find(
      (name) => inheritedValue(session, media, name) === undefined,
    );
    if (missing !== undefined) return `Section ${i} has no a=${missing}.`;
  }
  return undefined;
}

/** RFC 3264 §8: an offer keeps the media sections of the session in their places. */
function checkOffer(session: SdpSession, { counterpart }: ExchangeContext): string | undefined {
  if (counterpart === undefined) return undefined;
  if (session.media.length < counterpart.media.length) {
    return `The offer has ${session.media.length} media sections, the session ${counterpart.media.length}.`;
  }
  for (const [i, previous] of counterpart.media.entries()) {
    // A rejected section's place may be used anew (RFC 9429 §5.2.2).
    if (previous.port === 0) continue;
    const fault = compareSections(session.media[i] as SdpMedia, previous, i, false);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** RFC 3264 §6: an answer has the sections of the offer, in its order. */
function checkAnswer(session: SdpSession, { counterpart }: ExchangeContext): string | undefined {
  const offered = counterpart?.media ?? [];
  if (session.media.length !== offered.length) {
    return `The answer has ${session.media.length} media sections, the offer ${offered.length}.`;
  }
  for (const [i, media] of session.media.entries()) {
    const offer = offered[i] as SdpMedia;
    const fault = compareSections(media, offer, i, true);
    if (fault !== undefined) return fault;
    if (offer.port === 0 && !isRejected(media)) return `Section ${i} accepts what was not offered.`;
  }
  const groups = bundleGroups(counterpart ?? session);
  const isOffered = (mids: readonly string[]): boolean =>
    groups.some((group) => mids.every((mid) => group.includes(mid)));
  return bundleGroups(session).every(isOffered)
    ? undefined
    : 'The answer bundles what was not offered as one BUNDLE group.';
}

function compareSections(
  media: SdpMedia,
  other: SdpMedia,
  index: number,
  isAnswer: boolean,
): string | undefined {
  if (media.media !== other.media) {
    return `Section ${index} is ${media.media}, expected ${other.media}.`;
  }
  const sameProtocol =
    media.protocol === other.protocol || (isDataMedia(media) && isDataMedia(other) && !isAnswer);
  if (!sameProtocol && !isRejected(media)) {
    return `Section ${index} uses ${media.protocol}, expected ${other.protocol}.`;
  }
  const mid = attributeValue(media.lines, 'mid');
  const otherMid = attributeValue(other.lines, 'mid');
  return mid === otherMid || mid === undefined || otherMid === undefined
    ? undefined
    : `Section ${index} has the mid "${mid}", expected "${otherMid}".`;
}

/** RFC 9429 §5.1.1: ICE and DTLS are not optional; §5.8.2: neither is the SCTP port. */
function checkDataSection(section: DataSection, context: ExchangeContext): string | undefined {
  const { usernameFragment, password, setup } = section;
  if (usernameFragment === undefined || !USERNAME_FRAGMENT.test(usernameFragment)) {
    return 'The data section has no a=ice-ufrag of 4 to 256 ice-chars.';
  }
  if (password === undefined || !PASSWORD.test(password)) {
    return 'The data section has no a=ice-pwd of 22 to 256 ice-chars.';
  }
  const fingerprintFault = findFingerprintFault(section.fingerprints);
  if (fingerprintFault !== undefined) return fingerprintFault;
  if (section.sctpPort === undefined) return 'The data section has no a=sctp-port.';
  if (section.sctpPort > 65535 || section.sctpPort === 0) {
    return `${section.sctpPort} is no SCTP port.`;
  }
  if (setup === 'holdconn') return 'a=setup:holdconn is not for DTLS (RFC 5763 §5).';
  if (context.type !== 'offer' && setup === 'actpass') {
    return 'An answer must choose a=setup:active or a=setup:passive (RFC 5763 §5).';
  }
  return checkContinuity(section, context);
}

/** What may change between two descriptions of one peer (RFC 9429 §5.10 and §5.11). */
function checkContinuity(section: DataSection, context: ExchangeContext): string | undefined {
  const previous = context.previousRemote;
  if (previous === undefined) return undefined;
  const isRestart =
    section.usernameFragment !== previous.usernameFragment ||
    section.password !== previous.password;
  if (context.type !== 'offer') {
    if (isRestart && !context.isRestartOffered) {
      return 'The answer restarts ICE, which the offer did not.';
    }
    if (!isRestart && context.isRestartOffered) {
      return 'The offer restarts ICE, and the answer has the credentials of before.';
    }
  }
  if (isRestart && section.usernameFragment === previous.usernameFragment) {
    return 'A restart of ICE changes a=ice-ufrag and a=ice-pwd (RFC 8839 §4.4.1.1.1), not the latter alone.';
  }
  if (section.sctpPort !== previous.sctpPort) {
    // Deviation: RFC 8841 §10.4 would make a new association on the new port.
    return 'The SCTP port cannot change.';
  }
  const known = new Set(previous.fingerprints.map(({ algorithm, value }) => algorithm + value));
  // Deviation: RFC 8842 §5.5 would make a new DTLS association; of the implementations known only libwebrtc does so.
  return section.fingerprints.every(({ algorithm, value }) => known.has(algorithm + value))
    ? undefined
    : 'The certificate fingerprint cannot change.';
}
