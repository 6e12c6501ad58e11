import { createSimulation, type LinkConditions, machinePair, SeededRandom } from '@kaon/simnet';
import { describe, expect, test } from 'vitest';
import {
  FlexFecReceiver,
  InterceptorChain,
  RetransmissionReceiver,
  RetransmissionSender,
  RoundTripTime,
  RtpPacket,
  UlpFecReceiver,
  writeFlexFec03,
  writeRtpHeader,
  writeUlpFec,
} from '../../src/index.ts';
import { MEDIA_FORMATS, type MediaFormat } from './media-formats.ts';
import {
  DeliveryCheck,
  MediaReceiver,
  type MediaReceiverOptions,
  MediaSender,
  type MediaSenderOptions,
  SSRC,
} from './media-stream.ts';

/** How many seeds each format is tried with; the long run is `KAON_SEEDS=500 pnpm vitest run …`. */
const SEEDS = Number(process.env.KAON_SEEDS ?? 16);
const FRAMES = 90;
/** From this frame on the link is perfect. */
const HEALED_AT = 50;

interface Run {
  readonly sender: MediaSender;
  readonly receiver: MediaReceiver;
  readonly check: DeliveryCheck;
}

function run(
  format: MediaFormat,
  seed: number,
  conditions: LinkConditions,
  options: MediaReceiverOptions = {},
  sending: MediaSenderOptions = {},
  lossFrom = 0,
): Run {
  const simulation = createSimulation({ seed });
  const random = new SeededRandom(seed).fork(format.name);
  const sender = new MediaSender(format, random, FRAMES, simulation.now + 10, sending);
  const receiver = new MediaReceiver(format, options);
  const check = new DeliveryCheck(sender);
  const pair = machinePair(
    simulation,
    sender,
    receiver,
    { ...conditions, loss: 0 },
    { onEventB: (event, now) => check.onEvent(event, now) },
  );
  pair.run({ until: () => sender.frames.size === lossFrom });
  pair.link.change(conditions);
  pair.run({ until: () => sender.frames.size === HEALED_AT });
  pair.link.change({ loss: 0, duplication: 0, reordering: 0, jitterMs: 0 });
  pair.run();
  return { sender, receiver, check };
}

/** A bad link, other for each seed. */
function badLink(random: SeededRandom): LinkConditions {
  return {
    latencyMs: 10 + random.below(80),
    jitterMs: random.below(60),
    jitterReorders: random.chance(0.5),
    loss: random.chance(0.5) ? random.fraction() * 0.15 : { toBad: 0.03, toGood: 0.3 },
    duplication: random.fraction() * 0.2,
    reordering: random.fraction() * 0.2,
    reorderingDelayMs: 5 + random.below(50),
  };
}

describe.each(MEDIA_FORMATS)('$name over a bad link, with wraps of all numbers', (format) => {
  test('every frame that comes out was sent so, in order, once; in bounded memory', () => {
    let delivered = 0;
    for (let seed = 0; seed < SEEDS; seed++) {
      const random = new SeededRandom(seed).fork('link');
      const maxBytes = random.chance(0.3) ? 20_000 : 400_000;
      const options = seed % 2 === 0 ? { maxBytes } : { maxBytes, isKeyFrame: format.isKeyFrame };
      const { receiver, check } = run(format, seed, badLink(random), options);
      delivered += check.delivered.length;
      // Once nothing is lost any more, the stream goes on to its end.
      expect(check.delivered.at(-1)?.index).toBe(FRAMES - 1);
      expect(receiver.mostBytes).toBeLessThanOrEqual(maxBytes);
      expect(receiver.buffer.packets.packetsHeld).toBe(0);
      expect(receiver.nextTimeout).toBe(Number.POSITIVE_INFINITY);
    }
    expect(delivered).toBeGreaterThan(0.3 * SEEDS * FRAMES);
  });

  test('where nothing is lost, every frame comes out, however late and out of order its packets', () => {
    for (let seed = 0; seed < SEEDS / 4; seed++) {
      const random = new SeededRandom(seed).fork('link');
      const conditions = { ...badLink(random), loss: 0 };
      // As late as jitter and reordering can make a packet.
      const { check } = run(format, seed, conditions, { minDelayMs: 120, repairWaitMs: 120 });
      expect(check.delivered.map(({ index }) => index)).toEqual(
        Array.from({ length: FRAMES }, (_, index) => index),
      );
      expect(check.keyFrameRequests).toBe(0);
    }
  });
});

const ALL_FRAMES = Array.from({ length: FRAMES }, (_, index) => index);

interface Repair {
  readonly sending: InterceptorChain;
  readonly receiving: InterceptorChain;
  readonly retransmitted: () => number;
}

/** Chains that repair by NACK and RTX. */
function repair(seed: number): Repair {
  const apt = new Map([[97, 96]]);
  const stream = { ssrc: SSRC, clockRate: 90_000, nack: true, rtx: { ssrc: SSRC + 1, apt } };
  const roundTrip = new RoundTripTime(60);
  const random = new SeededRandom(seed).fork('rtx');
  const sender = new RetransmissionSender({ random, roundTrip });
  const sending = new InterceptorChain([sender]);
  const receiving = new InterceptorChain([
    new RetransmissionReceiver({ senderSsrc: 1, roundTrip }),
  ]);
  sending.addLocalStream(stream);
  receiving.addRemoteStream(stream);
  const retransmitted = (): number => sender.nackCounters(SSRC)?.packetsRetransmitted ?? 0;
  return { sending, receiving, retransmitted };
}

describe.each(MEDIA_FORMATS)('$name with NACK and RTX at 5 % loss', ({ kind, ...rest }) => {
  test('every frame arrives within the bound of the jitter buffer, and none twice', () => {
    const format = { kind, ...rest };
    const boundMs = 800;
    let again = 0;
    for (let seed = 0; seed < SEEDS / 4; seed++) {
      const { sending, receiving, retransmitted } = repair(seed);
      // Audio waits for repair too, if it is told so.
      const options = { repairWaitMs: boundMs, maxDelayMs: boundMs, chain: receiving };
      const conditions = { latencyMs: 30, loss: 0.05, duplication: 0.02, reordering: 0.02 };
      const { check } = run(format, seed, conditions, options, { chain: sending }, 2);
      expect(check.delivered.map(({ index }) => index)).toEqual(ALL_FRAMES);
      expect(check.keyFrameRequests).toBe(0);
      again += retransmitted();
      for (const { at, sentAt } of check.delivered) {
        expect(at - sentAt).toBeLessThanOrEqual(30 + 10 + boundMs);
      }
    }
    expect(again).toBeGreaterThan(SEEDS / 4);
  });
});

describe.each(MEDIA_FORMATS.filter(({ kind }) => kind === 'video'))(
  '$name with a repair packet for each frame, and a packet lost of each',
  (format) => {
    const fecOf = {
      FlexFEC: () => new FlexFecReceiver({ repairSsrc: SSRC + 2, ssrcs: [SSRC] }),
      ULPFEC: () => new UlpFecReceiver({ ssrc: SSRC, redPayloadType: 100, ulpFecPayloadType: 101 }),
    };
    test.each(['FlexFEC', 'ULPFEC'] as const)('%s brings every frame through', (name) => {
      for (let seed = 0; seed < SEEDS / 4; seed++) {
        const random = new SeededRandom(seed).fork('loss');
        let sent = 0;
        const protect = (packets: readonly RtpPacket[], next: number): RtpPacket[] => {
          const all =
            name === 'FlexFEC'
              ? [...packets, flexFecPacket(packets, sent)]
              : [...packets.map(inRed), inRed(ulpFecPacket(packets, next))];
          // A repair packet of ULPFEC has a number of the media's: that it is lost, only frames can tell.
          const isTold = name === 'FlexFEC' || format.continuity !== undefined;
          const count = isTold ? all.length : packets.length;
          // Where the stream begins has to be seen.
          const lost = sent === 0 ? -1 : random.below(count);
          sent++;
          return all.map((packet, i) => (i === lost ? damaged(packet) : packet));
        };
        const { check, receiver } = run(
          format,
          seed,
          { latencyMs: 20, jitterMs: 10, jitterReorders: true },
          { fec: fecOf[name](), ...(format.continuity && { continuity: format.continuity() }) },
          { protect },
        );
        expect(check.delivered.map(({ index }) => index)).toEqual(ALL_FRAMES);
        expect(check.keyFrameRequests).toBe(0);
        expect(receiver.buffer.packets.counters.packetsLost).toBeLessThanOrEqual(FRAMES);
      }
    });
  },
);

/** `payload`, written to behind a header, as a packet. */
function packetWith(
  header: { payloadType: number; sequenceNumber: number; timestamp: number; ssrc: number },
  write: (out: Uint8Array, offset: number) => number,
): RtpPacket {
  const bytes = new Uint8Array(2000);
  const packet = new RtpPacket();
  packet.parse(bytes, 0, write(bytes, writeRtpHeader(header, bytes, 0)));
  return packet;
}

function flexFecPacket(packets: readonly RtpPacket[], sequenceNumber: number): RtpPacket {
  const header = { payloadType: 102, sequenceNumber, timestamp: 0, ssrc: SSRC + 2 };
  return packetWith(header, (out, offset) => writeFlexFec03(packets, out, offset));
}

function ulpFecPacket(packets: readonly RtpPacket[], sequenceNumber: number): RtpPacket {
  const { timestamp } = packets[0] as RtpPacket;
  const header = { payloadType: 101, sequenceNumber, timestamp, ssrc: SSRC };
  return packetWith(header, (out, offset) => writeUlpFec([{ packets }], out, offset));
}

/** The packet as the only block of RED (RFC 2198 §3). */
function inRed(packet: RtpPacket): RtpPacket {
  const { marker, sequenceNumber, timestamp, ssrc } = packet;
  const header = { marker, payloadType: 100, sequenceNumber, timestamp, ssrc };
  return packetWith(header, (out, offset) => {
    out[offset] = packet.payloadType;
    out.set(packet.payload, offset + 1);
    return offset + 1 + packet.payloadLength;
  });
}

/** The packet with another version: nobody takes it for RTP. */
function damaged(packet: RtpPacket): RtpPacket {
  const copy = packetWith({ payloadType: 0, sequenceNumber: 0, timestamp: 0, ssrc: 0 }, (out) => {
    out.set(packet.bytes.subarray(packet.start, packet.end));
    return packet.length;
  });
  copy.bytes[0] = 0;
  return copy;
}

test.each(MEDIA_FORMATS)(
  '$name comes out evenly at its playout time, though it comes in unevenly',
  (format) => {
    const conditions = { latencyMs: 30, jitterMs: 60, jitterReorders: true };
    const options = { minDelayMs: 90, release: 'at-playout' } as const;
    const { check } = run(format, 1, conditions, options);
    const played = check.delivered;
    const intervalMs = (1000 * format.ticksPerFrame) / format.clockRate;
    expect(played).toHaveLength(FRAMES);
    for (const [i, { at }] of played.slice(1).entries()) {
      const distance = at - (played[i]?.at as number);
      // The slope with which the delay follows: a tenth of the time since a packet last told of the path.
      expect(Math.abs(distance - intervalMs)).toBeLessThan(0.1 * (intervalMs + 60));
    }
  },
);

test('the same seed gives the same run', () => {
  const [vp8] = MEDIA_FORMATS;
  const once = (): unknown =>
    run(vp8 as MediaFormat, 3, badLink(new SeededRandom(3))).check.delivered;
  expect(once()).toEqual(once());
});
