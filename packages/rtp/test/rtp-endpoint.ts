// One end of an RTP session for simulations: sends a packet at a steady pace, writes down what comes.
import { Queue } from '@kaon/wire';
import type { InterceptorChain } from '../src/interceptors/interceptor-chain.ts';
import { isRtcp } from '../src/packet/classification.ts';
import { RtpPacket } from '../src/packet/rtp-packet.ts';
import { rtpPacket } from './rtp-packets.ts';

/** What an endpoint sends. */
export interface SentStream {
  readonly ssrc: number;
  readonly payloadType: number;
  readonly clockRate: number;
  readonly packets: number;
  readonly intervalMs: number;
  readonly firstSequenceNumber: number;
  readonly firstTimestamp: number;
}

/** Makes the payload of the `index`th packet. */
function payloadOf(index: number): Uint8Array {
  const payload = new Uint8Array(200);
  new DataView(payload.buffer).setUint32(0, index);
  return payload;
}

/** A machine around a chain of interceptors. */
export class RtpEndpoint {
  /** For each index of a packet: when it first came. */
  readonly arrivals: Map<number, number> = new Map();
  /** Packets that came to the application, repeated ones included. */
  received = 0;
  /** What the application got as its first packets, as they came. */
  readonly firstPackets: { sequenceNumber: number; timestamp: number; ssrc: number }[] = [];
  datagramsSent = 0;
  readonly #chain: InterceptorChain;
  readonly #stream: SentStream | undefined;
  readonly #sending: Queue<Uint8Array> = new Queue();
  readonly #packet: RtpPacket = new RtpPacket();
  #next = 0;
  #now = 0;

  constructor(chain: InterceptorChain, stream?: SentStream) {
    this.#chain = chain;
    this.#stream = stream;
  }

  get nextTimeout(): number {
    return Math.min(this.#chain.nextTimeout, this.#nextPacketAt);
  }

  handleDatagram(datagram: Uint8Array, now: number): void {
    this.#now = now;
    const bytes = datagram.slice();
    if (isRtcp(bytes)) {
      this.#chain.handleIncomingRtcp(bytes, 0, bytes.length, now);
      return;
    }
    if (!this.#packet.parse(bytes) || !this.#chain.handleIncomingRtp(this.#packet, now)) return;
    const { payload, sequenceNumber, timestamp, ssrc } = this.#packet;
    const index = new DataView(payload.buffer, payload.byteOffset).getUint32(0);
    if (this.received++ < 4) this.firstPackets.push({ sequenceNumber, timestamp, ssrc });
    if (!this.arrivals.has(index)) this.arrivals.set(index, now);
  }

  handleTimeout(now: number): void {
    this.#now = now;
    this.#chain.handleTimeout(now);
    while (this.#nextPacketAt <= now) this.#send(now);
  }

  pollDatagram(): Uint8Array | undefined {
    const next = this.#sending.shift() ?? this.#poll();
    if (next !== undefined) this.datagramsSent++;
    return next;
  }

  pollEvent(): undefined {
    return undefined;
  }

  get #nextPacketAt(): number {
    if (this.#stream === undefined || this.#next >= this.#stream.packets) {
      return Number.POSITIVE_INFINITY;
    }
    return this.#next * this.#stream.intervalMs;
  }

  #send(now: number): void {
    const stream = this.#stream as SentStream;
    const index = this.#next++;
    const packet = rtpPacket(
      {
        ssrc: stream.ssrc,
        payloadType: stream.payloadType,
        sequenceNumber: (stream.firstSequenceNumber + index) & 0xffff,
        timestamp: stream.firstTimestamp + (index * stream.intervalMs * stream.clockRate) / 1000,
      },
      payloadOf(index),
    );
    if (this.#chain.handleOutgoingRtp(packet, now)) {
      this.#sending.push(packet.bytes.slice(packet.start, packet.end));
    }
  }

  #poll(): Uint8Array | undefined {
    const out = new Uint8Array(1500);
    let end = this.#chain.pollRtp(out, 0, this.#now);
    if (end === 0) end = this.#chain.pollRtcp(out, 0, this.#now);
    return end === 0 ? undefined : out.subarray(0, end);
  }
}
