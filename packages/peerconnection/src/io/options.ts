// What Kaon can be told about a connection beyond the W3C's configuration.

import type { CryptoProvider } from '@kaon/crypto';
import type { DtlsTraceEvent } from '@kaon/dtls';
import type { IceLimits, IceTiming, IceTrace } from '@kaon/ice';
import { checkSctpOptions, type SctpOptions, type SctpTraceEvent } from '@kaon/sctp';
import type { InterfaceAddress, Network } from '@kaon/wire';

/**
 * The second, Kaon-specific argument of `RTCPeerConnection`. All of it is optional.
 *
 * ```ts
 * const pc = new RTCPeerConnection(
 *   { iceServers: [{ urls: 'stun:stun.example.org' }] },
 *   { icePortRange: { min: 50000, max: 50100 } },
 * );
 * ```
 */
export interface KaonOptions {
  /** Sockets, clock, timers, randomness. Node's by default; a simulated host's in tests. */
  readonly network?: Network;
  /** The cryptography; the fastest that the runtime has by default. */
  readonly crypto?: CryptoProvider;
  /** Gathers loopback addresses although the host has others; without others they are always gathered. */
  readonly includeLoopback?: boolean;
  /** Which of the host's addresses to use; all by default. */
  readonly interfaceFilter?: (address: InterfaceAddress) => boolean;
  /** The UDP ports to bind to, both ends included; any free port by default. */
  readonly icePortRange?: { readonly min: number; readonly max: number };
  /**
   * The largest UDP payload sent, in bytes: 576 to 1472, by default 1200 (RFC 8261 §5, RFC 8831 §5). Data
   * channels send larger ones once {@link pathMtuDiscovery} has shown that they arrive.
   */
  readonly mtu?: number;
  /**
   * Looks for larger packets that the path takes, when there is much to send (RFC 8899): up to the MTU of
   * the host's own link, 9000 bytes at most. On by default, unless `mtu` is given; works on Linux, where
   * the MTU is known and routers must not cut packets.
   */
  readonly pathMtuDiscovery?: boolean;
  /**
   * How data channels use the path: the congestion control (`bbr` by default), the scheduler of streams
   * (`weighted-fair`, by the channels' priorities), whether messages are interleaved (RFC 8260) and packets
   * go without checksums (RFC 9653) if the peer does so too (both do by default), and the receive window.
   */
  readonly sctp?: Pick<
    SctpOptions,
    'congestionControl' | 'interleaving' | 'receiveWindowBytes' | 'streamScheduler' | 'zeroChecksum'
  >;
  /**
   * Exchanges SCTP's INITs in descriptions (`a=sctp-init`, draft-hancke-tsvwg-snap), if the peer does so too:
   * channels open two round trips sooner. Off by default, as long as it is a draft.
   */
  readonly sctpInitInDescription?: boolean;
  /** The largest message accepted from the peer, in bytes, as `a=max-message-size` says it. */
  readonly maxMessageSize?: number;
  /** How many bytes `send` may have waiting on one channel; 16 MiB by default. */
  readonly sendBufferSize?: number;
  /** How many channels the peer may have open that it opened itself; 4096 by default. */
  readonly maxRemoteChannels?: number;
  readonly iceTiming?: Partial<IceTiming>;
  readonly iceLimits?: Partial<IceLimits>;
  /** Told what happens inside; nothing is computed for it when it is absent. */
  readonly onTrace?: (event: ConnectionTrace) => void;
  /** Told each line of the TLS key log, for Wireshark. Whoever has it can read everything. */
  readonly onKeyLog?: (line: string) => void;
}

/** One thing that happened in a connection. */
export type ConnectionTrace =
  | { readonly layer: 'ice'; readonly event: IceTrace }
  | { readonly layer: 'dtls'; readonly event: DtlsTraceEvent }
  | { readonly layer: 'sctp'; readonly event: SctpTraceEvent };

const MIN_MTU = 576;
const MAX_MTU = 1472;
const MAX_PORT = 65535;
const MAX_MESSAGE_BYTES = 0x4000_0000;
/** The largest message accepted unless said otherwise. */
export const DEFAULT_MAX_MESSAGE_BYTES: number = 1024 * 1024;

/**
 * Checks options.
 *
 * @throws RangeError for a number out of range.
 */
export function checkOptions(options: KaonOptions): KaonOptions {
  const { mtu, icePortRange, maxMessageSize, sendBufferSize, maxRemoteChannels } = options;
  checkRange('mtu', mtu, MIN_MTU, MAX_MTU);
  checkRange('icePortRange.min', icePortRange?.min, 1, MAX_PORT);
  checkRange('icePortRange.max', icePortRange?.max, icePortRange?.min ?? 1, MAX_PORT);
  checkRange('maxMessageSize', maxMessageSize, 1, MAX_MESSAGE_BYTES);
  checkRange('sendBufferSize', sendBufferSize, 1, Number.POSITIVE_INFINITY);
  checkRange('maxRemoteChannels', maxRemoteChannels, 0, MAX_PORT);
  // The receive window must hold the largest message, so the two are checked together.
  if (options.sctp !== undefined) {
    checkSctpOptions({
      ...options.sctp,
      maxMessageBytes: maxMessageSize ?? DEFAULT_MAX_MESSAGE_BYTES,
    });
  }
  return options;
}

function checkRange(name: string, value: number | undefined, min: number, max: number): void {
  if (value === undefined || (value >= min && value <= max)) return;
  throw new RangeError(`${name} is ${value}, expected ${min} to ${max}.`);
}
