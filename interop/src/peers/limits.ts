// What a real peer cannot do, each with its reason: the one place that excuses a peer.
import type { PeerName } from './registry.ts';

export interface SizeLimit {
  readonly bytes: number;
  readonly reason: string;
}

export interface ChannelLimit {
  readonly channels: number;
  readonly reason: string;
}

export interface PeerLimits {
  /** Largest message it reads, where that is less than its `a=max-message-size` says. */
  readonly largestReceived?: SizeLimit;
  /** Largest message it sends. */
  readonly largestSent?: SizeLimit;
  /** How many channels one side can open on a connection. */
  readonly mostChannels?: ChannelLimit;
  /** Why it cannot send an empty message. */
  readonly cannotSendEmpty?: string;
  /** Why its DCEP messages hold ASCII labels and protocols only. */
  readonly cannotLabelBeyondAscii?: string;
  /** Why it announces an unordered channel of limited reliability as an ordered one. */
  readonly announcesUnorderedAsOrdered?: string;
  /** Why what it says of a channel that the other side opened means nothing. */
  readonly misreportsProperties?: string;
  /** Why it does not interleave messages (RFC 8260). */
  readonly cannotInterleave?: string;
  /** Why messages that it received and acknowledged may wait in it for the next one of their stream. */
  readonly keepsMessagesBack?: string;
  /** Why it wants checksums (RFC 9653). */
  readonly wantsChecksums?: string;
  /** Why its connection state does not tell of a fingerprint that does not match. */
  readonly hidesForgery?: string;
}

/** RFC 8841 §6.1: the limit of a peer that announces none. */
export const UNANNOUNCED_MESSAGE_LIMIT: number = 64 * 1024;

export const peerLimits: Readonly<Record<PeerName, PeerLimits>> = {
  kaon: {},
  chromium: {
    cannotInterleave: 'libwebrtc offers I-DATA in a field trial only',
    wantsChecksums: 'libwebrtc offers to go without in a field trial only',
    largestSent: { bytes: 256 * 1024, reason: 'RTCSctpTransport.maxMessageSize is 262,144' },
  },
  pion: {
    cannotInterleave: 'it knows no I-DATA',
    wantsChecksums: 'it drops an INIT that offers to go without, and answers the next',
    largestReceived: { bytes: 65_535, reason: 'its read buffer holds math.MaxUint16 bytes' },
    largestSent: { bytes: 65_535, reason: 'kept to what it reads itself' },
  },
  werift: {
    cannotInterleave: 'it knows no I-DATA',
    keepsMessagesBack: 'what waited for a lost packet it gives out one message an arrival',
    wantsChecksums: 'it does not know RFC 9653',
    cannotSendEmpty: 'it sends a DATA chunk without user data, which RFC 8831 §6.6 rules out',
    cannotLabelBeyondAscii: 'it writes the length in characters where DCEP wants bytes',
    announcesUnorderedAsOrdered: 'it never sets the unordered bit beside a limit',
  },
  'node-datachannel': {
    cannotInterleave: 'usrsctp has I-DATA switched off',
    mostChannels: { channels: 512, reason: 'it negotiates 1,024 streams and uses every other one' },
    misreportsProperties: 'its polyfill reads them from its own options, which are empty here',
  },
  'roamhq-wrtc': {
    cannotInterleave: 'its libwebrtc offers no I-DATA',
    wantsChecksums: 'its libwebrtc does not know RFC 9653',
    mostChannels: { channels: 512, reason: 'it negotiates 1,024 streams and uses every other one' },
    largestSent: { bytes: 256 * 1024, reason: 'libwebrtc queues no larger message' },
    hidesForgery: 'its libwebrtc waits on in silence',
  },
};

/** Pairs of peers that cannot talk, which matters when another peer stands in for Kaon. */
const unableTogether: readonly (readonly [PeerName, PeerName, string])[] = [
  [
    'pion',
    'node-datachannel',
    'Pion 3.1.56 drops an INIT with a parameter it does not know (zero checksum, 0x8001)',
  ],
];

export function whyUnableTogether(a: PeerName, b: PeerName): string | undefined {
  const pair = unableTogether.find(([c, d]) => (a === c && b === d) || (a === d && b === c));
  return pair?.[2];
}
