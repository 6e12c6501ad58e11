// Writes offers and answers.
// https://www.rfc-editor.org/rfc/rfc9429#section-5.2

import type { IceCandidate, IceCredentials } from '@kaon/ice';
import { formatFingerprint, type SdpFingerprint } from '../sdp/fingerprint.ts';
import {
  attributeLine,
  attributeValue,
  type SdpLine,
  type SdpMedia,
  type SdpSession,
} from '../sdp/session.ts';
import { addCandidate, addEndOfCandidates } from './candidate-lines.ts';
import {
  bundleGroups,
  type DataSection,
  findDataSection,
  isDataMedia,
  isRejected,
} from './data-section.ts';
import { sessionLines } from './origin.ts';

/** The port that SCTP runs on inside DTLS (RFC 8841 §5.1 leaves it to us; all use this one). */
export const SCTP_PORT = 5000;

/** What a data section of ours says. */
export interface LocalData {
  readonly credentials: IceCredentials;
  readonly fingerprints: readonly SdpFingerprint[];
  readonly setup: 'actpass' | 'active' | 'passive';
  readonly maxMessageSize: number;
  /** Our INIT for `a=sctp-init`; undefined leaves it out. */
  readonly sctpInit: Uint8Array | undefined;
  /** What has been gathered with these credentials (RFC 9429 §5.2.2). */
  readonly candidates: readonly IceCandidate[];
  readonly isGatheringComplete: boolean;
}

/** What an offer is made of. */
export interface OfferInput {
  readonly origin: SdpLine;
  /** The latest description of the session from either side; undefined in the first offer. */
  readonly previous: SdpSession | undefined;
  /** What to say of data; undefined offers none. */
  readonly data: LocalData | undefined;
}

/** What an answer is made of. */
export interface AnswerInput {
  readonly origin: SdpLine;
  readonly offer: SdpSession;
  /** The offered data section that is accepted; undefined rejects all. */
  readonly accepted: DataSection | undefined;
  readonly data: LocalData | undefined;
}

/** An offer (RFC 9429 §5.2). */
export function createOffer({ origin, previous, data }: OfferInput): SdpSession {
  const media: SdpMedia[] = [];
  const earlier = previous?.media ?? [];
  const dataIndex = previous === undefined ? undefined : findDataSection(previous)?.index;
  for (const [index, section] of earlier.entries()) {
    if (data !== undefined && index === dataIndex) {
      // A rejected section is recycled with a new mid (§5.2.2).
      const mid = isRejected(section) ? undefined : attributeValue(section.lines, 'mid');
      media.push(dataMedia(data, mid ?? newMid(earlier), 'UDP/DTLS/SCTP', ['webrtc-datachannel']));
    } else {
      media.push(rejectedMedia(section));
    }
  }
  if (data !== undefined && dataIndex === undefined) {
    media.push(dataMedia(data, newMid(earlier), 'UDP/DTLS/SCTP', ['webrtc-datachannel']));
  }
  const mids = media.filter((each) => !isRejected(each)).map(midOf);
  return {
    lines: sessionLines(origin, { bundle: mids.length > 0 ? mids : undefined, trickle: true }),
    media,
  };
}

/** An answer (RFC 9429 §5.3). */
export function createAnswer({ origin, offer, accepted, data }: AnswerInput): SdpSession {
  const media = offer.media.map((section, index) => {
    if (data === undefined || index !== accepted?.index) return rejectedMedia(section);
    return dataMedia(data, accepted.mid, section.protocol, section.formats);
  });
  // RFC 9143 §7.3: of each offered group, the sections that are accepted.
  // Deviation: the data section is accepted also if the group's first section, media, is rejected, where
  // RFC 9429 §5.3.1 would reject the whole group: browsers give every section the same transport.
  const answered = accepted?.mid;
  const isBundled =
    data !== undefined &&
    answered !== undefined &&
    bundleGroups(offer).some((mids) => mids.includes(answered));
  const levels = [offer.lines, ...offer.media.map(({ lines }) => lines)];
  const options = levels.map((lines) => attributeValue(lines, 'ice-options') ?? '');
  return {
    lines: sessionLines(origin, {
      bundle: isBundled ? [answered] : undefined,
      trickle: options.some((value) => value.split(/[ ,]/).includes('trickle')),
    }),
    media,
  };
}

function dataMedia(
  data: LocalData,
  mid: string | undefined,
  protocol: string,
  formats: readonly string[],
): SdpMedia {
  const lines: SdpLine[] = [
    { type: 'c', value: 'IN IP4 0.0.0.0' },
    ...(mid === undefined ? [] : [attributeLine('mid', mid)]),
    attributeLine('ice-ufrag', data.credentials.usernameFragment),
    attributeLine('ice-pwd', data.credentials.password),
    ...data.fingerprints.map((each) => attributeLine('fingerprint', formatFingerprint(each))),
    // Deviation: no a=tls-id (RFC 8842), which no browser writes or reads.
    attributeLine('setup', data.setup),
  ];
  if (formats.includes('webrtc-datachannel')) lines.push(attributeLine('sctp-port', SCTP_PORT));
  else lines.push(attributeLine('sctpmap', `${formats[0] ?? ''} webrtc-datachannel 65535`));
  lines.push(attributeLine('max-message-size', data.maxMessageSize));
  if (data.sctpInit !== undefined) {
    lines.push(attributeLine('sctp-init', btoa(String.fromCharCode(...data.sctpInit))));
  }
  let media: SdpMedia = { media: 'application', port: 9, protocol, formats, lines };
  for (const candidate of data.candidates) media = addCandidate(media, candidate, true);
  return data.isGatheringComplete ? addEndOfCandidates(media) : media;
}

/** A section with port 0 (RFC 3264 §6), with what identifies it. */
function rejectedMedia(section: SdpMedia): SdpMedia {
  const mid = attributeValue(section.lines, 'mid');
  return {
    media: section.media,
    port: 0,
    protocol: section.protocol,
    formats: section.formats,
    lines: [
      { type: 'c', value: 'IN IP4 0.0.0.0' },
      ...(mid === undefined ? [] : [attributeLine('mid', mid)]),
      ...(isDataMedia(section) ? [] : [attributeLine('inactive')]),
    ],
  };
}

/** The smallest number that is no mid yet. */
function newMid(media: readonly SdpMedia[]): string {
  const used = new Set(media.map((section) => attributeValue(section.lines, 'mid')));
  let mid = 0;
  while (used.has(String(mid))) mid++;
  return String(mid);
}

function midOf(media: SdpMedia): string {
  return attributeValue(media.lines, 'mid') ?? '';
}
