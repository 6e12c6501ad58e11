import { describe, expect, test } from 'vitest';
import { allocatedBytesPerCall } from '../../test/allocated-bytes.ts';
import { RtpPacket, writeRtpPacket } from '../packet/rtp-packet.ts';
import { encodeCompoundPacket, type RtcpPacket } from '../rtcp/compound-packet.ts';
import type { Interceptor } from './interceptor.ts';
import { InterceptorChain } from './interceptor-chain.ts';

function rtp(sequenceNumber: number, payload: Uint8Array = new Uint8Array(20)): RtpPacket {
  const header = { payloadType: 96, sequenceNumber, timestamp: 0, ssrc: 7 };
  const bytes = new Uint8Array(12 + payload.length);
  writeRtpPacket(header, payload, bytes, 0);
  const packet = new RtpPacket();
  packet.parse(bytes);
  return packet;
}

/** Writes down what passes, under a name. */
class Witness implements Interceptor {
  readonly #name: string;
  readonly #log: string[];

  constructor(name: string, log: string[]) {
    this.#name = name;
    this.#log = log;
  }

  handleOutgoingRtp(packet: RtpPacket): boolean {
    this.#log.push(`${this.#name} out ${packet.sequenceNumber}`);
    return true;
  }

  handleIncomingRtp(packet: RtpPacket): boolean {
    this.#log.push(`${this.#name} in ${packet.sequenceNumber}`);
    return true;
  }

  handleIncomingRtcp(packet: RtcpPacket): void {
    this.#log.push(`${this.#name} ${packet.type}`);
  }
}

/** Holds packets back for 5 ms each. */
class Delay implements Interceptor {
  readonly #held: { bytes: Uint8Array; at: number }[] = [];
  nextTimeout: number = Number.POSITIVE_INFINITY;
  #now = 0;

  handleOutgoingRtp(packet: RtpPacket, now: number): boolean {
    this.#held.push({ bytes: packet.bytes.slice(packet.start, packet.end), at: now + 5 });
    this.nextTimeout = this.#held[0]?.at as number;
    return false;
  }

  handleTimeout(now: number): void {
    this.#now = now;
    this.nextTimeout = Number.POSITIVE_INFINITY;
  }

  pollRtp(out: Uint8Array, offset: number): number {
    const first = this.#held[0];
    if (first === undefined || first.at > this.#now) return offset;
    this.#held.shift();
    this.nextTimeout = this.#held[0]?.at ?? Number.POSITIVE_INFINITY;
    out.set(first.bytes, offset);
    return offset + first.bytes.length;
  }
}

/** Sends every packet a second time. */
class Twice implements Interceptor {
  #copy: Uint8Array | undefined;

  handleOutgoingRtp(packet: RtpPacket): boolean {
    this.#copy = packet.bytes.slice(packet.start, packet.end);
    return true;
  }

  pollRtp(out: Uint8Array, offset: number): number {
    const copy = this.#copy;
    if (copy === undefined) return offset;
    this.#copy = undefined;
    out.set(copy, offset);
    return offset + copy.length;
  }
}

describe('a chain of interceptors', () => {
  test('passes outgoing packets from first to last and incoming ones from last to first', () => {
    const log: string[] = [];
    const chain = new InterceptorChain([new Witness('a', log), {}, new Witness('b', log)]);
    expect(chain.handleOutgoingRtp(rtp(1), 0)).toBe(true);
    expect(chain.handleIncomingRtp(rtp(2), 0)).toBe(true);
    const goodbye: RtcpPacket = { type: 'goodbye', ssrcs: [1] };
    const bytes = encodeCompoundPacket([goodbye]);
    expect(chain.handleIncomingRtcp(bytes, 0, bytes.length, 0)?.packets).toEqual([goodbye]);
    expect(log).toEqual(['a out 1', 'b out 1', 'b in 2', 'a in 2', 'b goodbye', 'a goodbye']);
  });

  test('shows an own packet of an interceptor to those behind it only', () => {
    const log: string[] = [];
    const chain = new InterceptorChain([
      new Witness('before', log),
      new Twice(),
      new Witness('behind', log),
    ]);
    chain.handleOutgoingRtp(rtp(1), 0);
    const out = new Uint8Array(100);
    expect(chain.pollRtp(out, 8, 0)).toBe(8 + 32);
    expect(chain.pollRtp(out, 8, 0)).toBe(8);
    expect(log).toEqual(['before out 1', 'behind out 1', 'behind out 1']);
  });

  test('a packet that was held back comes at its time, and what it meets behind it sees it then', () => {
    const log: string[] = [];
    const chain = new InterceptorChain([new Twice(), new Delay(), new Witness('w', log)]);
    const out = new Uint8Array(100);
    expect(chain.handleOutgoingRtp(rtp(1), 10)).toBe(false);
    expect(chain.pollRtp(out, 0, 10)).toBe(0);
    expect([log, chain.nextTimeout]).toEqual([[], 15]);
    chain.handleTimeout(15);
    const lengths = [1, 2, 3].map(() => chain.pollRtp(out, 0, 15));
    expect([log, lengths]).toEqual([
      ['w out 1', 'w out 1'],
      [32, 32, 0],
    ]);
    expect(chain.nextTimeout).toBe(Number.POSITIVE_INFINITY);
    expect(chain.counters.outgoingRtpTaken).toBe(2);
  });

  test('an interceptor may take what comes in, and make what goes out longer', () => {
    const chain = new InterceptorChain([
      {
        handleIncomingRtp: (packet) => packet.sequenceNumber !== 2,
        handleOutgoingRtp: (packet) => packet.parse(packet.bytes, packet.start, packet.end + 4),
      },
    ]);
    expect([1, 2, 3].map((n) => chain.handleIncomingRtp(rtp(n), 0))).toEqual([true, false, true]);
    const packet = rtp(1, new Uint8Array(20));
    packet.parse(packet.bytes, 0, 28);
    expect(chain.handleOutgoingRtp(packet, 0)).toBe(true);
    expect(packet.length).toBe(32);
  });

  test('packs the RTCP of all of them', () => {
    const feedback = (mediaSsrc: number): Interceptor => {
      const waiting: RtcpPacket[] = [{ type: 'picture-loss-indication', senderSsrc: 1, mediaSsrc }];
      return { pollRtcp: () => waiting.pop() };
    };
    const chain = new InterceptorChain([feedback(1), feedback(2)]);
    const out = new Uint8Array(100);
    expect(chain.pollRtcp(out, 0, 0)).toBe(24);
    expect(chain.pollRtcp(out, 0, 0)).toBe(0);
  });

  test('sends RTCP of the application with that of the interceptors', () => {
    const waiting: RtcpPacket[] = [{ type: 'goodbye', ssrcs: [1] }];
    const chain = new InterceptorChain([{ pollRtcp: () => waiting.pop() }]);
    chain.sendRtcp({ type: 'picture-loss-indication', senderSsrc: 1, mediaSsrc: 2 });
    const out = new Uint8Array(100);
    const end = chain.pollRtcp(out, 0, 0);
    expect(chain.handleIncomingRtcp(out, 0, end, 0)?.packets.map(({ type }) => type)).toEqual([
      'picture-loss-indication',
      'goodbye',
    ]);
  });

  test('RTCP that cannot be written is refused at once, and spoils nothing that waits', () => {
    const chain = new InterceptorChain([]);
    chain.sendRtcp({ type: 'picture-loss-indication', senderSsrc: 1, mediaSsrc: 2 });
    const empty: RtcpPacket = {
      type: 'generic-nack',
      senderSsrc: 1,
      mediaSsrc: 2,
      sequenceNumbers: [],
    };
    expect(() => chain.sendRtcp(empty)).toThrow(/sequenceNumbers: at least one/);
    const out = new Uint8Array(1500);
    expect(chain.pollRtcp(out, 0, 0)).toBe(12);
    expect(chain.pollRtcp(out, 0, 0)).toBe(0);
  });

  test('tells every interceptor of streams', () => {
    const log: unknown[] = [];
    const chain = new InterceptorChain([
      { addLocalStream: ({ ssrc }) => log.push(['+l', ssrc]) },
      {
        removeLocalStream: (ssrc) => log.push(['-l', ssrc]),
        addRemoteStream: ({ ssrc }) => log.push(['+r', ssrc]),
        removeRemoteStream: (ssrc) => log.push(['-r', ssrc]),
      },
    ]);
    chain.addLocalStream({ ssrc: 1, clockRate: 90_000 });
    chain.removeLocalStream(1);
    chain.addRemoteStream({ ssrc: 2, clockRate: 90_000 });
    chain.removeRemoteStream(2);
    expect(log).toEqual([
      ['+l', 1],
      ['-l', 1],
      ['+r', 2],
      ['-r', 2],
    ]);
  });

  test('counts what is not RTCP', () => {
    const chain = new InterceptorChain([]);
    expect(chain.handleIncomingRtcp(new Uint8Array(7), 0, 7, 0)).toBeUndefined();
    expect(chain.counters.rtcpMalformed).toBe(1);
  });

  test('allocates nothing for a packet', () => {
    class Counter implements Interceptor {
      seen = 0;
      get nextTimeout(): number {
        return 1000;
      }
      handleOutgoingRtp(packet: RtpPacket): boolean {
        this.seen += packet.length;
        return true;
      }
      handleIncomingRtp(packet: RtpPacket): boolean {
        return this.handleOutgoingRtp(packet);
      }
      pollRtp(_out: Uint8Array, offset: number): number {
        return offset;
      }
      pollRtcp(): undefined {
        return undefined;
      }
    }
    const chain = new InterceptorChain([new Counter(), new Counter(), new Counter()]);
    const packet = rtp(1);
    const out = new Uint8Array(100);
    let polled = 0;
    const perCall = allocatedBytesPerCall(() => {
      chain.handleIncomingRtp(packet, 1);
      chain.handleOutgoingRtp(packet, 1);
      polled += chain.pollRtp(out, 0, 1) + chain.pollRtcp(out, 0, 1);
      if (chain.nextTimeout <= 1) chain.handleTimeout(1);
    });
    expect(polled).toBe(0);
    expect(perCall).toBeLessThan(1);
  });
});
