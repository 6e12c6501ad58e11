// A call through interceptors, over a bottleneck that loses packets: congestion control, pacing and repair together.
import { createSimulation, type LinkOptions, machinePair, SeededRandom } from '@kaon/simnet';
import { describe, expect, test } from 'vitest';
import {
  GoogleCongestionControl,
  InterceptorChain,
  isRtcp,
  PacedSender,
  RetransmissionReceiver,
  RetransmissionSender,
  RtpPacket,
  type RtpStreamDescription,
  TRANSPORT_WIDE_CC_URI,
  TransportFeedbackResponder,
} from '../../src/index.ts';
import { rtpPacket } from '../rtp-packets.ts';

const AUDIO = 1;
const VIDEO = 2;
const FRAME_MS = 1000 / 30;
const AUDIO_MS = 20;
const ids = new Map([[TRANSPORT_WIDE_CC_URI, 5]]);
const audio: RtpStreamDescription = {
  ssrc: AUDIO,
  kind: 'audio',
  clockRate: 48_000,
  headerExtensionIds: ids,
};
const video: RtpStreamDescription = {
  ssrc: VIDEO,
  kind: 'video',
  clockRate: 90_000,
  nack: true,
  rtx: { ssrc: 3, apt: new Map([[97, 96]]) },
  headerExtensionIds: ids,
};

interface Arrival {
  readonly ssrc: number;
  readonly at: number;
  readonly delayMs: number;
}

/** Sends audio, and video of the bitrate it is allowed. */
class Caller {
  readonly paced: PacedSender;
  readonly repair: RetransmissionSender;
  targetBps = 300_000;
  videoPackets = 0;
  readonly #chain: InterceptorChain;
  readonly #until: number;
  readonly #sequenceNumbers = new Map<number, number>();
  #nextFrameAt = 0;
  #nextAudioAt = 0;
  #now = 0;

  constructor(random: SeededRandom, until: number) {
    this.repair = new RetransmissionSender({ random });
    this.paced = new PacedSender({
      control: new GoogleCongestionControl({ maxBitrateBps: 5_000_000 }),
      padding: this.repair,
    });
    this.#chain = new InterceptorChain([this.repair, this.paced]);
    this.#chain.addLocalStream(audio);
    this.#chain.addLocalStream(video);
    this.#until = until;
  }

  get nextTimeout(): number {
    const next = Math.min(this.#nextFrameAt, this.#nextAudioAt);
    return Math.min(this.#chain.nextTimeout, next < this.#until ? next : Number.POSITIVE_INFINITY);
  }

  handleDatagram(datagram: Uint8Array, now: number): void {
    this.#now = now;
    this.#chain.handleIncomingRtcp(datagram, 0, datagram.length, now);
  }

  handleTimeout(now: number): void {
    this.#now = now;
    this.#chain.handleTimeout(now);
    while (this.#nextAudioAt <= now && now < this.#until) {
      this.#send(AUDIO, 111, 80);
      this.#nextAudioAt += AUDIO_MS;
    }
    while (this.#nextFrameAt <= now && now < this.#until) {
      for (let left = (this.targetBps * FRAME_MS) / 8000; left > 0; left -= 1000) {
        this.#send(VIDEO, 96, Math.max(8, Math.min(1000, Math.round(left))));
        this.videoPackets++;
      }
      this.#nextFrameAt += FRAME_MS;
    }
  }

  pollDatagram(): Uint8Array | undefined {
    const out = new Uint8Array(1500);
    const end = this.#chain.pollRtp(out, 0, this.#now);
    return end === 0 ? undefined : out.subarray(0, end);
  }

  pollEvent(): undefined {
    this.targetBps = this.paced.pollEvent()?.targetBitrateBps ?? this.targetBps;
    return undefined;
  }

  #send(ssrc: number, payloadType: number, payloadBytes: number): void {
    const sequenceNumber = this.#sequenceNumbers.get(ssrc) ?? 65_000; // It wraps on the way.
    this.#sequenceNumbers.set(ssrc, (sequenceNumber + 1) & 0xffff);
    const payload = new Uint8Array(payloadBytes);
    new DataView(payload.buffer).setFloat64(0, this.#now);
    const packet = rtpPacket({ ssrc, payloadType, sequenceNumber, timestamp: 0 }, payload);
    expect(this.#chain.handleOutgoingRtp(packet, this.#now)).toBe(false);
  }
}

/** Notes what comes, and lets its interceptors answer. */
class Callee {
  readonly arrivals: Arrival[] = [];
  datagramBytes = 0;
  readonly #chain: InterceptorChain;
  readonly #packet = new RtpPacket();
  readonly #seen = new Set<number>();
  #now = 0;

  constructor() {
    this.#chain = new InterceptorChain([
      new RetransmissionReceiver({ senderSsrc: 9 }),
      new TransportFeedbackResponder({ senderSsrc: 9 }),
    ]);
    this.#chain.addRemoteStream(audio);
    this.#chain.addRemoteStream(video);
  }

  get nextTimeout(): number {
    return this.#chain.nextTimeout;
  }

  handleDatagram(datagram: Uint8Array, now: number): void {
    this.#now = now;
    this.datagramBytes += datagram.length + 28;
    const bytes = datagram.slice();
    expect(isRtcp(bytes)).toBe(false);
    if (!this.#packet.parse(bytes) || !this.#chain.handleIncomingRtp(this.#packet, now)) return;
    const { payload, sequenceNumber, ssrc } = this.#packet;
    const key = ssrc * 0x1_0000 + sequenceNumber;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const madeAt = new DataView(payload.buffer, payload.byteOffset).getFloat64(0);
    this.arrivals.push({ ssrc, at: now, delayMs: now - madeAt });
  }

  handleTimeout(now: number): void {
    this.#now = now;
    this.#chain.handleTimeout(now);
  }

  pollDatagram(): Uint8Array | undefined {
    const out = new Uint8Array(1500);
    const end = this.#chain.pollRtcp(out, 0, this.#now);
    return end === 0 ? undefined : out.subarray(0, end);
  }

  pollEvent(): undefined {
    return undefined;
  }

  /** How late the packets of a stream were, but for a twentieth of them. */
  delayMs(ssrc: number): number {
    const delays = this.arrivals
      .filter((each) => each.ssrc === ssrc)
      .map(({ delayMs }) => delayMs)
      .sort((a, b) => a - b);
    return delays[Math.floor(0.95 * delays.length)] as number;
  }
}

function call(seconds: number, link: LinkOptions): { caller: Caller; callee: Callee } {
  const simulation = createSimulation({ seed: 1, maxSteps: Number.POSITIVE_INFINITY });
  const caller = new Caller(new SeededRandom(1), 1000 * seconds);
  const callee = new Callee();
  machinePair(simulation, caller, callee, link).run({ timeoutMs: 1000 * seconds + 5000 });
  return { caller, callee };
}

describe('a call through interceptors', () => {
  const bottleneck = (loss: number): LinkOptions => ({
    latencyMs: 25,
    outbound: { rateBps: 1_000_000, queueBytes: 25_000, loss },
  });

  test('fills the path, and audio does not wait for video', () => {
    const { callee, caller } = call(20, bottleneck(0));
    expect((8 * callee.datagramBytes) / 20).toBeGreaterThan(0.8e6);
    expect(caller.targetBps).toBeLessThan(1.1e6);
    expect(callee.delayMs(AUDIO)).toBeLessThan(25 + 100);
    const audioPackets = callee.arrivals.filter(({ ssrc }) => ssrc === AUDIO).length;
    expect(audioPackets).toBe(1000);
    const { lost, received, unknown } = caller.paced.feedbackCounters;
    expect(received + lost).toBe(caller.paced.pacerCounters.sentPackets);
    expect(unknown).toBe(0);
  });

  test('probes with retransmissions that nobody asked for', () => {
    const { caller } = call(5, bottleneck(0));
    expect(caller.paced.pacerCounters.probesSent).toBeGreaterThanOrEqual(2);
    expect(caller.repair.nackCounters(VIDEO)?.paddingPackets).toBeGreaterThan(0);
  });

  test('at 2% loss the target stays and the video is repaired', () => {
    const { callee, caller } = call(20, bottleneck(0.02));
    expect((8 * callee.datagramBytes) / 20).toBeGreaterThan(0.7e6);
    const arrived = callee.arrivals.filter(({ ssrc }) => ssrc === VIDEO).length;
    expect(caller.videoPackets - arrived).toBeLessThanOrEqual(2); // Of the tail.
  });
});
