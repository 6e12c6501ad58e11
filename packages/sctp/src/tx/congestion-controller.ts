// How much may be in flight and how fast it goes out: the seam that congestion control algorithms stand behind (RFC 9260 §7, https://www.rfc-editor.org/rfc/rfc9260#section-7).
import type { RandomSource } from '@kaon/wire';
import { Bbr } from './bbr.ts';
import { Cubic } from './cubic.ts';
import type { RateSample } from './delivery-rate.ts';
import { NewReno } from './new-reno.ts';

/** What a SACK brought, in bytes of chunks with header and padding. */
export interface Acknowledgement {
  readonly now: number;
  /** Newly acknowledged, cumulatively or in gap ack blocks. */
  readonly ackedBytes: number;
  /** Found lost by the SACK. */
  readonly lostBytes: number;
  /** In flight before the SACK, and after it. */
  readonly priorFlightBytes: number;
  readonly flightBytes: number;
  /** Whether the cumulative TSN moved on. */
  readonly isCumulative: boolean;
  /** Whether the sender was in fast recovery when the SACK came. */
  readonly isInRecovery: boolean;
  /** The round trip of the newest chunk that is acknowledged and was sent once; undefined without one. */
  readonly rttMs: number | undefined;
  readonly srttMs: number | undefined;
  /** Acknowledged in all, this SACK included. */
  readonly deliveredBytes: number;
  /** Found lost in all. */
  readonly lostBytesTotal: number;
  readonly rate: RateSample;
}

/** One algorithm, for one association. */
export interface CongestionController {
  /** The name that statistics report. */
  readonly name: CongestionControlName;
  /** Bytes that may be in flight. */
  readonly cwnd: number;
  /** The slow start threshold; Infinity before the first loss. */
  readonly ssthresh: number;
  /** Bytes a millisecond at which packets leave; Infinity for no pacing. */
  readonly pacingRate: number;
  /** The path takes packets with `packetBytes` of chunks now (PMDCS, RFC 9260 §7.3). */
  setPacketBytes(packetBytes: number): void;
  onAcknowledgement(acknowledgement: Acknowledgement): void;
  /** Loss was found and fast recovery begins. */
  onFastRetransmit(now: number): void;
  /** The recovery that began last was needless: nothing was lost (RFC 4015 §3, RFC 9438 §4.9). */
  onSpuriousRecovery(): void;
  /** T3-rtx expired. */
  onRetransmissionTimeout(now: number): void;
  /** Data is about to be sent after nothing was in flight for `idleMs`. */
  onIdle(idleMs: number, rtoMs: number, now: number): void;
}

/** The algorithms that there are. */
export const CONGESTION_CONTROL_NAMES = ['newreno', 'cubic', 'bbr'] as const;

/** One of them. */
export type CongestionControlName = (typeof CONGESTION_CONTROL_NAMES)[number];

/** What an algorithm begins with. */
export interface CongestionOptions {
  /** PMDCS: bytes of chunks in a full packet. */
  readonly packetBytes: number;
  readonly initialCwndBytes: number;
  readonly random: RandomSource;
}

/** The algorithm of that name. */
export function createCongestionController(
  name: CongestionControlName,
  options: CongestionOptions,
): CongestionController {
  switch (name) {
    case 'newreno':
      return new NewReno(options);
    case 'cubic':
      return new Cubic(options);
    case 'bbr':
      return new Bbr(options);
  }
}
