// Drives packetizers and depacketizers as a sender, a network and a receiver would.
import type { AssembledFrame, Depacketizer, Packetizer } from '../../src/index.ts';

export interface SentPayload {
  readonly payload: Uint8Array;
  readonly marker: boolean;
  readonly timestamp: number;
  /** Which frame it is of. */
  readonly frameIndex: number;
}

/** All payloads of `frame`. */
export function payloadsOf<Frame>(
  packetizer: Packetizer<Frame>,
  frame: Frame,
  timestamp = 0,
  frameIndex = 0,
): SentPayload[] {
  const payloads: SentPayload[] = [];
  // Not at offset 0, as there is a header before a payload.
  const offset = 12;
  const packet = new Uint8Array(offset + packetizer.maxPayloadBytes);
  packetizer.start(frame);
  for (;;) {
    const end = packetizer.writePayload(packet, offset);
    if (end === offset) return payloads;
    const payload = packet.slice(offset, end);
    payloads.push({ payload, marker: packetizer.marker, timestamp, frameIndex });
  }
}

/** All payloads of `frames`, 3,000 timestamp units apart. */
export function streamOf<Frame>(
  packetizer: Packetizer<Frame>,
  frames: readonly Frame[],
  firstTimestamp = 0xffff_f000,
): SentPayload[] {
  return frames.flatMap((frame, index) =>
    payloadsOf(packetizer, frame, (firstTimestamp + 3000 * index) >>> 0, index),
  );
}

/** What comes out if the payloads with an index in `lost` never arrive. */
export function receive<Frame extends AssembledFrame>(
  depacketizer: Depacketizer<Frame>,
  payloads: readonly SentPayload[],
  lost: ReadonlySet<number> = new Set(),
): Frame[] {
  const frames: Frame[] = [];
  let missing = 0;
  for (const [index, { payload, timestamp, marker }] of payloads.entries()) {
    if (lost.has(index)) {
      missing++;
      continue;
    }
    // The memory is the depacketizer's only during the call, and a Buffer as sockets give it, of which slices
    // are no copies.
    const lent = Buffer.from(payload);
    depacketizer.handlePayload(lent, timestamp, marker, missing);
    lent.fill(0xee);
    missing = 0;
    for (let frame = depacketizer.pollFrame(); frame; frame = depacketizer.pollFrame()) {
      frames.push(frame);
    }
  }
  return frames;
}
