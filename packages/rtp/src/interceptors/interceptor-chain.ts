// Interceptors in a row, from the application to the network, as one machine (RFC 7656 §2.1, https://www.rfc-editor.org/rfc/rfc7656#section-2.1).
import { RtpPacket } from '../packet/rtp-packet.ts';
import { RtcpMultiplexer, type RtcpMultiplexerOptions } from '../reports/rtcp-multiplexer.ts';
import {
  type CompoundPacket,
  type CompoundPacketRules,
  decodeCompoundPacket,
  encodeCompoundPacket,
  type RtcpPacket,
} from '../rtcp/compound-packet.ts';
import type { Interceptor, RtpStreamDescription } from './interceptor.ts';

/** How a chain treats RTCP. */
export interface InterceptorChainOptions {
  /** How outgoing RTCP is packed. */
  readonly rtcp?: RtcpMultiplexerOptions;
  /** What incoming RTCP may look like. */
  readonly rules?: CompoundPacketRules;
}

/** What a chain has seen. */
export interface InterceptorChainCounters {
  /** Packets that an interceptor kept from going to the network, for good or to send them later. */
  outgoingRtpTaken: number;
  /** Packets that an interceptor kept from the application. */
  incomingRtpTaken: number;
  /** Datagrams that were not RTCP, though they came as such. */
  rtcpMalformed: number;
}

/** An interceptor of which a certain hook is known to be there. */
type With<Hook extends keyof Interceptor> = Interceptor & Required<Pick<Interceptor, Hook>>;

/**
 * Interceptors in a row: the first is nearest to the application, the last to the network.
 *
 * What the application sends passes them from first to last, what comes from the network from last to
 * first. A packet that one of them makes itself, such as a retransmission, passes those behind it.
 *
 * The caller keeps the rule of order of all machines: one input, then {@link pollRtp} and {@link pollRtcp}
 * until they give nothing, then {@link nextTimeout}.
 *
 * ```ts
 * const chain = new InterceptorChain([nackResponder, pacer, transportFeedback, reports]);
 * if (chain.handleOutgoingRtp(packet, now)) send(packet.bytes.subarray(packet.start, packet.end));
 * ```
 */
export class InterceptorChain {
  readonly counters: Readonly<InterceptorChainCounters>;
  readonly #counters: InterceptorChainCounters = {
    outgoingRtpTaken: 0,
    incomingRtpTaken: 0,
    rtcpMalformed: 0,
  };
  readonly #interceptors: readonly Interceptor[];
  readonly #outgoing: readonly With<'handleOutgoingRtp'>[];
  // At the index of an interceptor: where in #outgoing those behind it begin.
  readonly #outgoingBehind: readonly number[];
  /** From the network to the application. */
  readonly #incoming: readonly With<'handleIncomingRtp'>[];
  readonly #rtcpHandlers: readonly With<'handleIncomingRtcp'>[];
  readonly #rtpSources: readonly { source: With<'pollRtp'>; behind: number }[];
  readonly #rtcpSources: readonly With<'pollRtcp'>[];
  readonly #timed: readonly With<'nextTimeout'>[];
  readonly #multiplexer: RtcpMultiplexer;
  readonly #rules: CompoundPacketRules;
  readonly #polled: RtpPacket = new RtpPacket();

  /** @param interceptors From the one next to the application to the one next to the network. */
  constructor(interceptors: readonly Interceptor[], options: InterceptorChainOptions = {}) {
    this.counters = this.#counters;
    this.#interceptors = [...interceptors];
    this.#outgoing = interceptors.filter((each) => has(each, 'handleOutgoingRtp'));
    this.#incoming = interceptors.filter((each) => has(each, 'handleIncomingRtp')).reverse();
    this.#rtcpHandlers = interceptors.filter((each) => has(each, 'handleIncomingRtcp')).reverse();
    this.#rtcpSources = interceptors.filter((each) => has(each, 'pollRtcp'));
    this.#timed = interceptors.filter((each) => has(each, 'nextTimeout'));
    this.#outgoingBehind = interceptors.map(
      (_, index) =>
        interceptors.slice(0, index + 1).filter((each) => has(each, 'handleOutgoingRtp')).length,
    );
    // Those next to the network come first, so that what waits there leaves before more is put behind it.
    this.#rtpSources = interceptors
      .map((source, index) => ({ source, behind: this.#outgoingBehind[index] as number }))
      .filter((each): each is { source: With<'pollRtp'>; behind: number } =>
        has(each.source, 'pollRtp'),
      )
      .reverse();
    this.#multiplexer = new RtcpMultiplexer(options.rtcp);
    this.#rules = options.rules ?? {};
  }

  /** Announces a stream that will be sent to every interceptor. */
  addLocalStream(stream: RtpStreamDescription): void {
    for (const each of this.#interceptors) each.addLocalStream?.(stream);
  }

  /** Says that the stream is no longer sent. */
  removeLocalStream(ssrc: number): void {
    for (const each of this.#interceptors) each.removeLocalStream?.(ssrc);
  }

  /** Announces a stream that will be received. */
  addRemoteStream(stream: RtpStreamDescription): void {
    for (const each of this.#interceptors) each.addRemoteStream?.(stream);
  }

  /** Says that the stream is no longer received. */
  removeRemoteStream(ssrc: number): void {
    for (const each of this.#interceptors) each.removeRemoteStream?.(ssrc);
  }

  /**
   * Passes a packet from the application on towards the network.
   *
   * @returns true if the caller is to send `packet` as it is now; false if an interceptor took it.
   */
  handleOutgoingRtp(packet: RtpPacket, now: number): boolean {
    return this.#passOutgoing(packet, 0, now);
  }

  /**
   * Passes a decrypted packet from the network on towards the application.
   *
   * @returns true if `packet` as it is now is the application's; false if an interceptor took it.
   */
  handleIncomingRtp(packet: RtpPacket, now: number): boolean {
    const interceptors = this.#incoming;
    for (let i = 0; i < interceptors.length; i++) {
      if (!(interceptors[i] as With<'handleIncomingRtp'>).handleIncomingRtp(packet, now)) {
        this.#counters.incomingRtpTaken++;
        return false;
      }
    }
    return true;
  }

  /**
   * Shows every interceptor what is in the decrypted RTCP datagram `bytes[start..end)`.
   *
   * @returns what was in it, for the application to look at; undefined if it is not RTCP.
   */
  handleIncomingRtcp(
    bytes: Uint8Array,
    start: number,
    end: number,
    now: number,
  ): CompoundPacket | undefined {
    const compound = decodeCompoundPacket(bytes, start, end, this.#rules);
    if (compound === undefined) {
      this.#counters.rtcpMalformed++;
      return undefined;
    }
    for (const packet of compound.packets) {
      for (const each of this.#rtcpHandlers) each.handleIncomingRtcp(packet, now);
    }
    return compound;
  }

  /**
   * Sends an RTCP packet of the application's, such as a PLI: the next {@link pollRtcp} has it.
   *
   * @throws RangeError if the format cannot say what `packet` holds.
   */
  sendRtcp(packet: RtcpPacket): void {
    // Written for a trial, so that a fault is told here and not to whoever polls.
    encodeCompoundPacket([packet]);
    this.#multiplexer.push(packet);
  }

  /** {@link nextTimeout} has come. */
  handleTimeout(now: number): void {
    for (const each of this.#timed) if (each.nextTimeout <= now) each.handleTimeout?.(now);
  }

  /**
   * Writes the next RTP packet that an interceptor wants sent at `offset` of `out`, with room for what
   * interceptors add and for the authentication tag behind it.
   *
   * @returns the offset behind it; `offset` itself if there is none.
   */
  pollRtp(out: Uint8Array, offset: number, now: number): number {
    for (let i = 0; i < this.#rtpSources.length; ) {
      const { source, behind } = this.#rtpSources[i] as { source: With<'pollRtp'>; behind: number };
      const end = source.pollRtp(out, offset, now);
      if (end === offset || !this.#polled.parse(out, offset, end)) {
        i++;
      } else if (this.#passOutgoing(this.#polled, behind, now)) {
        return this.#polled.end;
      } else {
        i = 0; // Taken by one behind it, which may have it to send at once.
      }
    }
    return offset;
  }

  /**
   * Writes the next RTCP datagram at `offset` of `out`.
   *
   * @returns the offset behind it; `offset` itself if there is none.
   */
  pollRtcp(out: Uint8Array, offset: number, now: number): number {
    for (let i = 0; i < this.#rtcpSources.length; i++) {
      const source = this.#rtcpSources[i] as With<'pollRtcp'>;
      for (;;) {
        const packet = source.pollRtcp(now);
        if (packet === undefined) break;
        this.#multiplexer.push(packet);
      }
    }
    return this.#multiplexer.length === 0 ? offset : this.#multiplexer.poll(out, offset, now);
  }

  /** When {@link handleTimeout} is to be called, in milliseconds; Infinity if not at all. */
  get nextTimeout(): number {
    let next = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#timed.length; i++) {
      next = Math.min(next, (this.#timed[i] as With<'nextTimeout'>).nextTimeout);
    }
    return next;
  }

  #passOutgoing(packet: RtpPacket, from: number, now: number): boolean {
    const interceptors = this.#outgoing;
    for (let i = from; i < interceptors.length; i++) {
      if (!(interceptors[i] as With<'handleOutgoingRtp'>).handleOutgoingRtp(packet, now)) {
        this.#counters.outgoingRtpTaken++;
        return false;
      }
    }
    return true;
  }
}

function has<Hook extends keyof Interceptor>(
  interceptor: Interceptor,
  hook: Hook,
): interceptor is With<Hook> {
  return interceptor[hook] !== undefined;
}
