// Packs RTCP packets of many sources into as few datagrams as they fit (RFC 3550 §6.1, RFC 5506 §3, RFC 8108 §5.3, https://www.rfc-editor.org/rfc/rfc3550#section-6.1).
import { Queue } from '@kaon/wire';
import { encodeRtcpPacket, type RtcpPacket, rtcpPacketLength } from '../rtcp/compound-packet.ts';

/** What a compound packet begins with: an SR or RR, then an SDES with the CNAME (RFC 3550 §6.1). */
export type CompoundLead = (now: number) => readonly RtcpPacket[];

/** How RTCP is packed. */
export interface RtcpMultiplexerOptions {
  /** Largest datagram in bytes, before SRTCP adds its own; 1200 by default. */
  readonly maxDatagramBytes?: number;
  /** How many packets wait at most; when it is full, further ones are dropped. 1024 by default. */
  readonly maxPackets?: number;
  /**
   * Where a report and name come from when feedback is due and no report is. Without it feedback is sent
   * alone, which the peer must have agreed to (`a=rtcp-rsize`, RFC 5506).
   */
  readonly lead?: CompoundLead;
}

/** What became of the packets. */
export interface RtcpMultiplexerCounters {
  datagrams: number;
  packets: number;
  /** Not sent, because too many waited or the caller's memory was too small. */
  packetsDropped: number;
}

const DEFAULT_MAX_DATAGRAM_BYTES = 1200;
const DEFAULT_MAX_PACKETS = 1024;

/**
 * Collects RTCP packets and writes datagrams: reports first, then names, then feedback, then BYE, in each as
 * much as fits, whoever it is about.
 */
export class RtcpMultiplexer {
  readonly counters: Readonly<RtcpMultiplexerCounters>;
  readonly #counters: RtcpMultiplexerCounters = { datagrams: 0, packets: 0, packetsDropped: 0 };
  readonly #maxDatagramBytes: number;
  readonly #maxPackets: number;
  readonly #lead: CompoundLead | undefined;
  // In the order in which they stand in a datagram.
  readonly #reports: Queue<RtcpPacket> = new Queue();
  readonly #feedback: Queue<RtcpPacket> = new Queue();
  readonly #goodbyes: Queue<RtcpPacket> = new Queue();

  /** @throws RangeError if a limit is out of range. */
  constructor(options: RtcpMultiplexerOptions = {}) {
    const { maxDatagramBytes = DEFAULT_MAX_DATAGRAM_BYTES, maxPackets = DEFAULT_MAX_PACKETS } =
      options;
    if (!(maxDatagramBytes >= 64 && maxDatagramBytes <= 65_535)) {
      throw new RangeError(`maxDatagramBytes is ${maxDatagramBytes}; expected 64 to 65535`);
    }
    if (!(maxPackets >= 1)) throw new RangeError(`maxPackets is ${maxPackets}; expected 1 or more`);
    this.counters = this.#counters;
    this.#maxDatagramBytes = maxDatagramBytes;
    this.#maxPackets = maxPackets;
    this.#lead = options.lead;
  }

  /** How many packets wait. */
  get length(): number {
    return this.#reports.length + this.#feedback.length + this.#goodbyes.length;
  }

  /** Takes a packet; it is encoded when it is polled, so it must not change. */
  push(packet: RtcpPacket): void {
    if (this.length >= this.#maxPackets) {
      this.#counters.packetsDropped++;
      return;
    }
    this.#queueOf(packet).push(packet);
  }

  /**
   * Writes the next datagram at `offset` of `out`.
   *
   * @returns the offset behind it; `offset` itself if nothing waits.
   */
  poll(out: Uint8Array, offset: number, now: number): number {
    while (this.length > 0) {
      const end = this.#write(out, offset, now);
      if (end > offset) {
        this.#counters.datagrams++;
        return end;
      }
    }
    return offset;
  }

  #write(out: Uint8Array, offset: number, now: number): number {
    const limit = Math.min(out.length, offset + this.#maxDatagramBytes);
    let at = offset;
    if (this.#lead !== undefined && !isReport(this.#reports.peek())) {
      for (const packet of this.#lead(now)) {
        if (at + rtcpPacketLength(packet) > limit) break;
        at = encodeRtcpPacket(packet, out, at);
      }
    }
    const leadEnd = at;
    at = this.#take(this.#reports, out, at, limit);
    at = this.#take(this.#feedback, out, at, limit);
    at = this.#take(this.#goodbyes, out, at, limit);
    if (at > leadEnd) return at;
    return this.#writeOversized(out, leadEnd, offset);
  }

  // First fit: what does not fit this datagram stays for the next, and what comes behind it may still fit.
  #take(queue: Queue<RtcpPacket>, out: Uint8Array, offset: number, limit: number): number {
    let at = offset;
    for (let left = queue.length; left > 0; left--) {
      const packet = queue.shift() as RtcpPacket;
      if (at + rtcpPacketLength(packet) > limit) {
        queue.push(packet);
        continue;
      }
      at = encodeRtcpPacket(packet, out, at);
      this.#counters.packets++;
    }
    return at;
  }

  // A packet that is larger than a datagram may be goes behind the lead alone, if there is memory for it.
  #writeOversized(out: Uint8Array, at: number, offset: number): number {
    const packet = this.#reports.shift() ?? this.#feedback.shift() ?? this.#goodbyes.shift();
    if (packet === undefined || at + rtcpPacketLength(packet) > out.length) {
      this.#counters.packetsDropped++;
      return offset;
    }
    this.#counters.packets++;
    return encodeRtcpPacket(packet, out, at);
  }

  #queueOf(packet: RtcpPacket): Queue<RtcpPacket> {
    switch (packet.type) {
      case 'sender-report':
      case 'receiver-report':
      case 'source-description':
        return this.#reports;
      // RFC 3550 §6.1: BYE is the last, but for what a mixer adds.
      case 'goodbye':
        return this.#goodbyes;
      default:
        return this.#feedback;
    }
  }
}

function isReport(packet: RtcpPacket | undefined): boolean {
  return packet?.type === 'sender-report' || packet?.type === 'receiver-report';
}
