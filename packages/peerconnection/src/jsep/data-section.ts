// The m=application section of a description: what it says of ICE, DTLS and SCTP.
// https://www.rfc-editor.org/rfc/rfc8841#section-4

import { type IceCandidate, type IceCredentials, parseCandidate } from '@kaon/ice';
import { parseFingerprint, type SdpFingerprint } from '../sdp/fingerprint.ts';
import {
  attributeValue,
  attributeValues,
  hasAttribute,
  inheritedValue,
  inheritedValues,
  type SdpMedia,
  type SdpSession,
} from '../sdp/session.ts';

/** The roles of RFC 4145 §4 that a description may offer or choose. */
export type SetupRole = 'active' | 'passive' | 'actpass' | 'holdconn';

/** What a data section says, with what it inherits from the session. */
export interface DataSection {
  /** Its place among all media sections, from 0. */
  readonly index: number;
  /** Its `a=mid`; undefined if it has none. */
  readonly mid: string | undefined;
  readonly isRejected: boolean;
  /** `UDP/DTLS/SCTP`, or an older or rarer form of it. */
  readonly protocol: string;
  readonly formats: readonly string[];
  readonly sctpPort: number | undefined;
  /** 0 is "any size"; undefined means 65536 (RFC 8841 §6.1). */
  readonly maxMessageSize: number | undefined;
  /** The INIT chunk of `a=sctp-init` (draft-hancke-tsvwg-snap); undefined too if it is not base64. */
  readonly sctpInit: Uint8Array | undefined;
  readonly setup: SetupRole | undefined;
  readonly fingerprints: readonly SdpFingerprint[];
  readonly usernameFragment: string | undefined;
  readonly password: string | undefined;
  readonly isIceLite: boolean;
  readonly candidates: readonly IceCandidate[];
  readonly hasEndOfCandidates: boolean;
}

/** In characters; an INIT that goes into one packet is shorter. */
const MAX_SCTP_INIT_LENGTH = 1600;

const DATA_PROTOCOL = /^(?:(?:UDP|TCP)\/)?DTLS\/SCTP$/;

/** Whether a media section is for data channels (RFC 9429 §5.1.2, with the older form). */
export function isDataMedia(media: SdpMedia): boolean {
  return media.media === 'application' && DATA_PROTOCOL.test(media.protocol);
}

/** Whether a media section is rejected: port 0, and not because it is bundled (RFC 9143 §6). */
export function isRejected(media: SdpMedia): boolean {
  return media.port === 0 && !hasAttribute(media.lines, 'bundle-only');
}

/** The mids of the BUNDLE groups of a description, group by group (RFC 9143 §7). */
export function bundleGroups(session: SdpSession): string[][] {
  return attributeValues(session.lines, 'group')
    .map((group) => group.split(' '))
    .filter(([semantics]) => semantics === 'BUNDLE')
    .map(([, ...mids]) => mids);
}

/** The first data section that is not rejected, else the first of all; undefined if there is none. */
export function findDataSection(session: SdpSession): DataSection | undefined {
  const indices = [...session.media.keys()].filter((i) =>
    isDataMedia(session.media[i] as SdpMedia),
  );
  const chosen = indices.find((i) => !isRejected(session.media[i] as SdpMedia)) ?? indices[0];
  return chosen === undefined ? undefined : readDataSection(session, chosen);
}

/** Reads the data section at `index`. */
export function readDataSection(session: SdpSession, index: number): DataSection {
  const media = session.media[index] as SdpMedia;
  const mid = attributeValue(media.lines, 'mid');
  const transport = transportMedia(session, media, mid);
  const setup = inheritedValue(session, transport, 'setup');
  const candidates = attributeValues(transport.lines, 'candidate')
    .map((value) => parseCandidate(`candidate:${value}`))
    .filter((candidate) => candidate !== undefined);
  return {
    index,
    mid,
    isRejected: isRejected(media),
    protocol: media.protocol,
    formats: media.formats,
    sctpPort: readSctpPort(media),
    maxMessageSize: optionalNumber(attributeValue(media.lines, 'max-message-size')),
    sctpInit: readSctpInit(media),
    setup: setup as SetupRole | undefined,
    fingerprints: inheritedValues(session, transport, 'fingerprint')
      .map(parseFingerprint)
      .filter((fingerprint) => fingerprint !== undefined),
    usernameFragment: inheritedValue(session, transport, 'ice-ufrag'),
    password: inheritedValue(session, transport, 'ice-pwd'),
    isIceLite: hasAttribute(session.lines, 'ice-lite'),
    candidates,
    hasEndOfCandidates:
      hasAttribute(transport.lines, 'end-of-candidates') ||
      hasAttribute(session.lines, 'end-of-candidates'),
  };
}

/** The credentials of a section, if it has both. */
export function credentialsOf(section: DataSection): IceCredentials | undefined {
  const { usernameFragment, password } = section;
  return usernameFragment === undefined || password === undefined
    ? undefined
    : { usernameFragment, password };
}

/**
 * Where a section's transport attributes stand: in itself, or, if it is bundled and has none, in the
 * tagged section of its group (RFC 9143 §7.1.3).
 */
function transportMedia(session: SdpSession, media: SdpMedia, mid: string | undefined): SdpMedia {
  if (mid === undefined || hasAttribute(media.lines, 'ice-ufrag')) return media;
  const tag = bundleGroups(session).find((mids) => mids.includes(mid))?.[0];
  const tagged = session.media.find((each) => attributeValue(each.lines, 'mid') === tag);
  return tag !== undefined && tagged !== undefined && hasAttribute(tagged.lines, 'ice-ufrag')
    ? tagged
    : media;
}

function readSctpPort(media: SdpMedia): number | undefined {
  const port = optionalNumber(attributeValue(media.lines, 'sctp-port'));
  if (port !== undefined) return port;
  // draft-ietf-mmusic-sctp-sdp-05: a=sctpmap:5000 webrtc-datachannel 1024.
  const [number, application] = (attributeValue(media.lines, 'sctpmap') ?? '').split(' ');
  return application === 'webrtc-datachannel' ? optionalNumber(number) : undefined;
}

function readSctpInit(media: SdpMedia): Uint8Array | undefined {
  const text = attributeValue(media.lines, 'sctp-init');
  if (text === undefined || text.length > MAX_SCTP_INIT_LENGTH) return undefined;
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined; // Whoever cannot write it cannot have meant it.
  }
}

function optionalNumber(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
