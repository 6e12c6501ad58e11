// Candidates inside a description, as they are added while it stands.
// https://www.rfc-editor.org/rfc/rfc8839#section-5.1

import { formatCandidate, type IceCandidate } from '@kaon/ice';
import { addressFamily } from '@kaon/wire';
import { attributeLine, hasAttribute, type SdpLine, type SdpMedia } from '../sdp/session.ts';

// Deviation: addIceCandidate keeps every candidate; signalling must not decide how much memory we use.
const MAX_LINES = 1024;

/**
 * A media section with one more candidate.
 *
 * @param mayBeDefault whether it is one of ours, which becomes the default one if it suits better.
 */
export function addCandidate(
  media: SdpMedia,
  candidate: IceCandidate,
  mayBeDefault: boolean,
): SdpMedia {
  const { usernameFragment: _, ...withoutFragment } = candidate;
  const line = attributeLine(
    'candidate',
    formatCandidate(withoutFragment).slice('candidate:'.length),
  );
  if (media.lines.length >= MAX_LINES) return media;
  if (media.lines.some((each) => each.value === line.value)) return media;
  const lines = [...media.lines];
  // In front of a=end-of-candidates, if that has come already.
  const end = lines.findIndex((each) => each.value === 'end-of-candidates');
  lines.splice(end === -1 ? lines.length : end, 0, line);
  const extended = { ...media, lines };
  return mayBeDefault ? withDefaultCandidate(extended, candidate) : extended;
}

/** A media section that says that no more candidates will come (RFC 8840 §4.3). */
export function addEndOfCandidates(media: SdpMedia): SdpMedia {
  if (hasAttribute(media.lines, 'end-of-candidates')) return media;
  return { ...media, lines: [...media.lines, attributeLine('end-of-candidates')] };
}

/**
 * The default candidate is what a peer without ICE would use: the one most likely to work, IPv4 first
 * (RFC 8839 §4.2.1.3). It stands in the m= and c= lines.
 */
function withDefaultCandidate(media: SdpMedia, candidate: IceCandidate): SdpMedia {
  const family = addressFamily(candidate.address);
  if (candidate.protocol !== 'udp' || candidate.type === 'prflx') return media;
  const connection = media.lines.findIndex((line) => line.type === 'c');
  if (connection === -1) return media;
  if (media.port !== 9 && rank(candidate) <= currentRank(media)) return media;
  const lines: SdpLine[] = [...media.lines];
  lines[connection] = { type: 'c', value: `IN IP${family} ${candidate.address}` };
  return { ...media, port: candidate.port, lines };
}

const RANKS = { host: 0, prflx: 0, srflx: 1, relay: 2 } as const;

function rank(candidate: Pick<IceCandidate, 'type' | 'address'>): number {
  return RANKS[candidate.type] * 2 + (addressFamily(candidate.address) === 4 ? 1 : 0);
}

/** The rank of the candidate that the m= and c= lines name. */
function currentRank(media: SdpMedia): number {
  const address = media.lines.find((line) => line.type === 'c')?.value.split(' ')[2] ?? '';
  for (const line of media.lines) {
    const [, , , , candidateAddress, port, , type] = line.value.split(' ');
    if (!line.value.startsWith('candidate:') || candidateAddress !== address) continue;
    if (port === String(media.port)) {
      return rank({ type: type as keyof typeof RANKS, address });
    }
  }
  return -1;
}
