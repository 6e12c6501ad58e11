// What an association is made with, and the defaults (RFC 9260 §16, https://www.rfc-editor.org/rfc/rfc9260#section-16).
import type { CryptoProvider } from '@kaon/crypto';
import type { RandomSource } from '@kaon/wire';
import type { SctpTraceEvent } from './events.ts';
import {
  CONGESTION_CONTROL_NAMES,
  type CongestionControlName,
} from './tx/congestion-controller.ts';
import { STREAM_SCHEDULER_NAMES, type StreamSchedulerName } from './tx/stream-scheduler.ts';

/** Options of an association; all but the two sources are optional. */
export interface SctpOptions {
  /** For tags, initial TSNs, the cookie's key and jitter. */
  readonly random: RandomSource;
  /** For the cookie's HMAC. */
  readonly crypto: CryptoProvider;
  /** 5000 by default (RFC 8841 §5). */
  readonly localPort?: number;
  /** 5000 by default. */
  readonly remotePort?: number;
  /**
   * The largest packet sent, a multiple of four. The default of 1160 leaves room for DTLS in a UDP payload
   * of 1200 bytes: 13 bytes of record header, 8 of explicit nonce and 16 of tag (AES-GCM, RFC 5288) are
   * 37, and 1163 rounded down is 1160. 1200 bytes with UDP and IPv6 headers and a TURN ChannelData header
   * stay below the 1280 that every IPv6 path carries.
   */
  readonly maxPacketBytes?: number;
  /** The largest message accepted from the peer; 262144 by default. A larger one ends the association. */
  readonly maxMessageBytes?: number;
  /** The largest message the peer accepts (SDP `max-message-size`); 262144 by default. */
  readonly remoteMaxMessageBytes?: number;
  /**
   * Bytes of user data held for reassembly, ordering and for the layer above; at least 1500 and
   * `maxMessageBytes`, and by default 4 MiB or twice `maxMessageBytes`.
   */
  readonly receiveWindowBytes?: number;
  /** Bytes of user data accepted and not yet sent; 16 MiB by default. */
  readonly sendBufferBytes?: number;
  /** Streams we want to send on; 65535 by default. */
  readonly outboundStreams?: number;
  /** Streams we accept; 65535 by default. */
  readonly inboundStreams?: number;
  /** RTO before the first measurement; 500 ms by default. */
  readonly rtoInitialMs?: number;
  /** Lower bound of the RTO; 400 ms by default. */
  readonly rtoMinMs?: number;
  /** Upper bound of the RTO and of its backoff; 5000 ms by default. */
  readonly rtoMaxMs?: number;
  /** Association.Max.Retrans: that many timeouts in a row are survived; 10 by default, Infinity for all. */
  readonly maxRetransmits?: number;
  /** Max.Init.Retransmits: INIT and COOKIE ECHO are repeated that often; 8 by default. */
  readonly maxInitRetransmits?: number;
  /** HB.interval; 30 s by default, Infinity for no heartbeats. */
  readonly heartbeatIntervalMs?: number;
  /**
   * How long a SACK may wait for more to acknowledge; 20 ms by default. RFC 9260 §6.2 allows up to 500 and
   * names 200, at which a sender with tail-loss probes asks first, needlessly.
   */
  readonly sackDelayMs?: number;
  /** Valid.Cookie.Life; 60 s by default. */
  readonly cookieLifetimeMs?: number;
  /** Max.Burst: packets that may go out at once after a pause, whatever the pacing rate; 32 by default. */
  readonly maxBurst?: number;
  /**
   * Our INIT as signalling has carried it to the peer (draft-hancke-tsvwg-snap), made by `createSctpInit` with
   * the same options.
   */
  readonly signaledInit?: Uint8Array;
  /** Whether messages may be interleaved if the peer can do so too (RFC 8260); true by default. */
  readonly interleaving?: boolean;
  /**
   * Whether packets go without a checksum if the peer takes them so (RFC 9653); for SCTP over DTLS only,
   * which protects them better. False by default.
   */
  readonly zeroChecksum?: boolean;
  /** Which stream sends next; `weighted-fair` by default. */
  readonly streamScheduler?: StreamSchedulerName;
  /** How much may be in flight and how fast it goes out; `bbr` by default. */
  readonly congestionControl?: CongestionControlName;
  /** The congestion window at the start; ten packets by default (RFC 6928). */
  readonly initialCwndBytes?: number;
  /** Called with every packet and state change; off by default. */
  readonly onTrace?: (event: SctpTraceEvent) => void;
}

/** Every option with its value. */
export type SctpSettings = Required<
  Omit<SctpOptions, 'random' | 'crypto' | 'onTrace' | 'signaledInit'>
>;

const KIB = 1024;

/** The least window that INIT and INIT ACK may have (RFC 9260 §3.3.2). */
export const MIN_WINDOW_BYTES = 1500;

/**
 * Checks options before there is an association to be made with them.
 *
 * @throws RangeError if one is out of its range.
 */
export function checkSctpOptions(options: Partial<SctpOptions>): void {
  resolveOptions(options);
}

/**
 * `options` with the defaults filled in.
 *
 * @throws RangeError if a number is out of its range.
 */
export function resolveOptions(options: Partial<SctpOptions>): SctpSettings {
  const maxPacketBytes = options.maxPacketBytes ?? 1160;
  const maxMessageBytes = options.maxMessageBytes ?? 256 * KIB;
  const settings: SctpSettings = {
    localPort: options.localPort ?? 5000,
    remotePort: options.remotePort ?? 5000,
    maxPacketBytes,
    maxMessageBytes,
    remoteMaxMessageBytes: options.remoteMaxMessageBytes ?? 256 * KIB,
    receiveWindowBytes: options.receiveWindowBytes ?? Math.max(4096 * KIB, 2 * maxMessageBytes),
    sendBufferBytes: options.sendBufferBytes ?? 16 * 1024 * KIB,
    outboundStreams: options.outboundStreams ?? 65535,
    inboundStreams: options.inboundStreams ?? 65535,
    // Deviation: RFC 9260 §16 has RTO.Initial 1 s, RTO.Min 1 s and RTO.Max 60 s, because interactive
    // channels cannot wait that long. Initial and Min are libwebrtc's (Min stays above twice the SACK
    // delay of 200 ms that peers have); Max is near the 3 s at which libwebrtc ends its backoff, so that a
    // path that comes back is noticed soon. ICE consent, not SCTP, finds out that it does not.
    rtoInitialMs: options.rtoInitialMs ?? 500,
    rtoMinMs: options.rtoMinMs ?? 400,
    rtoMaxMs: options.rtoMaxMs ?? 5000,
    maxRetransmits: options.maxRetransmits ?? 10,
    maxInitRetransmits: options.maxInitRetransmits ?? 8,
    heartbeatIntervalMs: options.heartbeatIntervalMs ?? 30_000,
    sackDelayMs: options.sackDelayMs ?? 20,
    cookieLifetimeMs: options.cookieLifetimeMs ?? 60_000,
    // Deviation: RFC 9260 §16 has Max.Burst 4; here more, because packets are paced, one SACK may stand for a
    // whole burst, and a message of 32 KiB should not take round trips after a pause.
    maxBurst: options.maxBurst ?? 32,
    interleaving: options.interleaving ?? true,
    zeroChecksum: options.zeroChecksum ?? false,
    streamScheduler: options.streamScheduler ?? 'weighted-fair',
    congestionControl: options.congestionControl ?? 'bbr',
    initialCwndBytes: options.initialCwndBytes ?? initialCwnd(maxPacketBytes),
  };
  check('localPort', settings.localPort, 1, 65535);
  check('remotePort', settings.remotePort, 1, 65535);
  check('maxPacketBytes', maxPacketBytes, 256, 65532);
  if (maxPacketBytes % 4 !== 0) {
    throw new RangeError(`maxPacketBytes must be a multiple of 4, but is ${maxPacketBytes}.`);
  }
  check('maxMessageBytes', maxMessageBytes, 1, 0x4000_0000);
  check('remoteMaxMessageBytes', settings.remoteMaxMessageBytes, 1, Number.POSITIVE_INFINITY);
  const minWindowBytes = Math.max(maxMessageBytes, MIN_WINDOW_BYTES);
  check('receiveWindowBytes', settings.receiveWindowBytes, minWindowBytes, 0x7fff_ffff);
  check('sendBufferBytes', settings.sendBufferBytes, 1, Number.POSITIVE_INFINITY);
  check('outboundStreams', settings.outboundStreams, 1, 65535);
  check('inboundStreams', settings.inboundStreams, 1, 65535);
  check('maxBurst', settings.maxBurst, 1, Number.POSITIVE_INFINITY);
  if (!STREAM_SCHEDULER_NAMES.includes(settings.streamScheduler)) {
    throw new RangeError(
      `streamScheduler must be one of ${STREAM_SCHEDULER_NAMES.join(', ')}, but is ${settings.streamScheduler}.`,
    );
  }
  if (!CONGESTION_CONTROL_NAMES.includes(settings.congestionControl)) {
    throw new RangeError(
      `congestionControl must be one of ${CONGESTION_CONTROL_NAMES.join(', ')}, but is ${settings.congestionControl}.`,
    );
  }
  check('rtoMinMs', settings.rtoMinMs, 1, settings.rtoMaxMs);
  return settings;
}

/**
 * Deviation: RFC 9260 §7.2.1 has four packets; here ten, as TCP (RFC 6928), QUIC (RFC 9002 §7.2) and libwebrtc's
 * SCTP have, and pacing spreads them as soon as a round trip is known.
 */
function initialCwnd(maxPacketBytes: number): number {
  return 10 * (maxPacketBytes - 12);
}

function check(name: string, value: number, min: number, max: number): void {
  if (!(value >= min && value <= max)) {
    throw new RangeError(`${name} must be from ${min} to ${max}, but is ${value}.`);
  }
}
