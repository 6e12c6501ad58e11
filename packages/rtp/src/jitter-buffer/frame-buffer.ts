// From the packets of one stream to whole frames, in order and in time, and what to do when one is lost for good (RFC 4585 §6.3.1, https://www.rfc-editor.org/rfc/rfc4585#section-6.3.1).
import { Queue } from '@kaon/wire';
import type { AssembledFrame, Depacketizer } from '../codecs/payload-format.ts';
import type { RtpPacket } from '../packet/rtp-packet.ts';
import { type FrameContinuity, KeyFrameContinuity } from './frame-continuity.ts';
import { type BufferedPacket, JitterBuffer, type JitterBufferOptions } from './jitter-buffer.ts';

/** How many timestamps back a frame may come out of its depacketizer. */
const TIMESTAMPS_KEPT = 16;
const DEFAULT_KEY_FRAME_REQUEST_INTERVAL_MS = 500;
/** How long a loss may wait for a frame that shows it to be harmless, where there may be one. */
const LOSS_GRACE_MS = 100;
/** A stream of which nothing came for so long is not asked for key frames. */
const ACTIVE_MS = 5000;

/** A depacketizer, or one for each payload type; packets of a type with none are passed over. */
export type DepacketizerChoice<Frame> =
  | Depacketizer<Frame>
  | ((payloadType: number) => Depacketizer<Frame> | undefined);

export interface FrameBufferOptions<Frame extends AssembledFrame> extends JitterBufferOptions {
  readonly depacketizer: DepacketizerChoice<Frame>;
  /**
   * Which frames of video can be decoded after a loss; by default a key frame and what follows it.
   * Frames that cannot are dropped.
   */
  readonly continuity?: FrameContinuity<Frame>;
  /**
   * Whether a payload belongs to the beginning of a key frame, as `isVp8KeyFrame` and its kin say. With
   * it, nothing that stands before a key frame is waited for once only a key frame helps.
   */
  readonly isKeyFrame?: (payload: Uint8Array, payloadType: number) => boolean;
  /** The least time between two `key-frame-needed`, in milliseconds; 500 by default. */
  readonly keyFrameRequestIntervalMs?: number;
}

/** A whole frame. */
export interface FrameReceived<Frame> {
  readonly type: 'frame';
  readonly frame: Frame;
  /** Sequence number of the first of its packets that is known. */
  readonly sequenceNumber: number;
  /** When its first packet came, in milliseconds on the caller's clock. */
  readonly arrival: number;
  /** When its last packet came. */
  readonly completed: number;
  /** When it is to be played, or rendered; not before now. */
  readonly playoutTime: number;
  /** How many packets it, and others with its timestamp, came in. */
  readonly packets: number;
  /** How many packets were given up since the frame before; an audio decoder conceals them. */
  readonly lost: number;
}

export type FrameBufferEvent<Frame> =
  | FrameReceived<Frame>
  /** Video cannot go on without a key frame: send PLI or FIR. Comes again until there is one. */
  | { readonly type: 'key-frame-needed' }
  /** Another source follows, or the same one began anew: what it says is unrelated to what was before. */
  | { readonly type: 'restarted'; readonly ssrc: number };

/** What became of frames, beside what the depacketizer counts. */
export interface FrameBufferCounters {
  /** Frames handed on. */
  framesDelivered: number;
  /** Of those, key frames. */
  keyFramesDelivered: number;
  /** Frames that could not be decoded for what was lost before them. */
  framesUndecodable: number;
  /** Frames of which the first part may be missing. */
  framesUncertain: number;
  keyFrameRequests: number;
  /** Packets of a payload type without depacketizer. */
  packetsIgnored: number;
  /** How long all frames delivered were held, from their first packet on, together, in milliseconds. */
  heldMs: number;
  /** The target delay at each frame delivered, together, in milliseconds. */
  targetDelayMs: number;
}

/** What is known of the packets with one timestamp. */
interface TimestampNote {
  timestamp: number;
  sequenceNumber: number;
  arrival: number;
  completed: number;
  playoutTime: number;
  packets: number;
}

/**
 * A {@link JitterBuffer} and a depacketizer as one machine: packets in, whole frames out.
 *
 * Audio frames come out each at its time, with how many packets are missing before it. Video frames come
 * in decoding order; one that is damaged, or builds on one that was lost for good, is dropped, and
 * `key-frame-needed` comes until a key frame does.
 *
 * ```ts
 * const frames = new FrameBuffer({ kind: 'video', clockRate: 90_000, depacketizer: new Vp8Depacketizer() });
 * frames.handlePacket(packet, now);
 * for (let event = frames.pollEvent(); event; event = frames.pollEvent()) {
 *   if (event.type === 'frame') decoder.decode(event.frame.data);
 *   if (event.type === 'key-frame-needed') sendPictureLossIndication();
 * }
 * ```
 */
export class FrameBuffer<Frame extends AssembledFrame> {
  /** The packets' part; for its counters and bounds. */
  readonly packets: JitterBuffer;
  readonly counters: Readonly<FrameBufferCounters>;
  readonly #counters: FrameBufferCounters = {
    framesDelivered: 0,
    keyFramesDelivered: 0,
    framesUndecodable: 0,
    framesUncertain: 0,
    keyFrameRequests: 0,
    packetsIgnored: 0,
    heldMs: 0,
    targetDelayMs: 0,
  };
  readonly #isVideo: boolean;
  readonly #choice: DepacketizerChoice<Frame>;
  readonly #continuity: FrameContinuity<Frame>;
  readonly #isKeyFrame: FrameBufferOptions<Frame>['isKeyFrame'];
  readonly #graceMs: number;
  readonly #requestIntervalMs: number;
  readonly #events = new Queue<FrameBufferEvent<Frame>>();
  readonly #notes: readonly TimestampNote[] = Array.from({ length: TIMESTAMPS_KEPT }, () => ({
    timestamp: -1,
    sequenceNumber: 0,
    arrival: 0,
    completed: 0,
    playoutTime: 0,
    packets: 0,
  }));
  #newestNote = 0;
  #depacketizer: Depacketizer<Frame> | undefined;
  // Depacketized frames that were dropped, as far as is known here.
  #framesDropped = 0;
  #lost = 0;
  // Packets given up since the last one that a depacketizer got.
  #missing = 0;
  #afterLoss = false;
  #hasStarted = false;
  // From when on a key frame is wanted; Infinity if none is.
  #wantedFrom = Number.POSITIVE_INFINITY;
  #nextRequest = Number.NEGATIVE_INFINITY;
  #lastPacket = Number.NEGATIVE_INFINITY;
  // Of the key frame for which what stood before it was given up.
  #soughtTimestamp = -1;
  #now = 0;

  /** @throws TypeError or RangeError if an option is out of range. */
  constructor(options: FrameBufferOptions<Frame>) {
    const interval = options.keyFrameRequestIntervalMs ?? DEFAULT_KEY_FRAME_REQUEST_INTERVAL_MS;
    if (!(interval > 0)) {
      throw new RangeError(
        `keyFrameRequestIntervalMs is ${interval}; expected milliseconds, more than 0`,
      );
    }
    this.packets = new JitterBuffer(options);
    this.counters = this.#counters;
    this.#isVideo = options.kind === 'video';
    this.#choice = options.depacketizer;
    this.#continuity = options.continuity ?? new KeyFrameContinuity();
    this.#isKeyFrame = options.isKeyFrame;
    this.#graceMs = options.continuity === undefined ? 0 : LOSS_GRACE_MS;
    this.#requestIntervalMs = interval;
  }

  /** When time has to pass next; Infinity if nothing waits. */
  get nextTimeout(): number {
    return Math.min(this.packets.nextTimeout, Math.max(this.#requestTime(), this.#now));
  }

  /** Takes a packet, which is copied; `recovered` if it came by retransmission or was restored, as it says itself by default. */
  handlePacket(packet: RtpPacket, now: number, recovered: boolean = packet.isRestored): void {
    this.#now = now;
    this.#lastPacket = now;
    this.packets.handlePacket(packet, now, recovered);
    if (this.#isKeyFrameWanted(packet)) {
      this.#soughtTimestamp = packet.timestamp;
      this.packets.discardBefore(packet);
    }
    this.#drain();
  }

  /** Whether a packet begins the key frame that everything waits for. */
  #isKeyFrameWanted(packet: RtpPacket): boolean {
    return (
      this.#isKeyFrame !== undefined &&
      this.#hasStarted &&
      this.#isVideo &&
      this.#continuity.needsKeyFrame &&
      packet.timestamp !== this.#soughtTimestamp &&
      packet.payloadLength > 0 &&
      this.#isKeyFrame(packet.payload, packet.payloadType)
    );
  }

  /** Lets time pass. */
  handleTimeout(now: number): void {
    this.#now = now;
    this.packets.handleTimeout(now);
    this.#drain();
  }

  /** The next event; undefined if there is none. */
  pollEvent(): FrameBufferEvent<Frame> | undefined {
    return this.#events.shift();
  }

  /** Gives up everything that is missing and hands on all that is held. */
  flush(): void {
    this.packets.flush();
    this.#drain();
  }

  /** Forgets the stream and all that is held; counters stay. */
  reset(): void {
    this.packets.reset();
    this.#events.clear();
    this.#forget();
    this.#hasStarted = false;
  }

  /** Forgets what goes from frame to frame. */
  #forget(): void {
    this.#depacketizer?.reset();
    this.#continuity.reset();
    for (const note of this.#notes) note.timestamp = -1;
    this.#lost = 0;
    this.#missing = 0;
    this.#afterLoss = false;
    this.#soughtTimestamp = -1;
    this.#wantedFrom = Number.POSITIVE_INFINITY;
  }

  /** When a key frame has to be asked for; Infinity if it has not. */
  #requestTime(): number {
    const time = Math.max(this.#wantedFrom, this.#nextRequest);
    return time < this.#lastPacket + ACTIVE_MS ? time : Number.POSITIVE_INFINITY;
  }

  #wantKeyFrame(from: number): void {
    if (from < this.#wantedFrom) this.#wantedFrom = from;
  }

  #drain(): void {
    for (let held = this.packets.pollPacket(); held; held = this.packets.pollPacket()) {
      this.#handleHeld(held);
    }
    if (this.#now < this.#requestTime()) return;
    this.#nextRequest = this.#now + this.#requestIntervalMs;
    this.#counters.keyFrameRequests++;
    this.#events.push({ type: 'key-frame-needed' });
  }

  #handleHeld(held: BufferedPacket): void {
    const { packet } = held;
    if (held.restart) this.#restart(packet.ssrc);
    this.#lost += held.missing;
    this.#missing += held.missing;
    if (held.missing > 0) this.#afterLoss = true;
    // Whether the stream begins with the first packet of a frame is not known.
    if (held.restart && this.#isVideo) this.#missing = 1;
    // Padding, or what was FEC, is of no frame.
    if (packet.payloadLength === 0) return;
    const depacketizer = this.#choose(packet.payloadType);
    if (depacketizer === undefined) {
      this.#counters.packetsIgnored++;
      return;
    }
    this.#note(held);
    const missing = this.#missing;
    this.#missing = 0;
    depacketizer.handlePayload(packet.payload, packet.timestamp, packet.marker, missing);
    const { framesDropped } = depacketizer.counters;
    if (framesDropped !== this.#framesDropped) {
      this.#framesDropped = framesDropped;
      this.#afterLoss = true;
    }
    for (let frame = depacketizer.pollFrame(); frame; frame = depacketizer.pollFrame()) {
      this.#deliver(frame);
    }
    // A loss counts also if no frame comes after it, or none that is whole.
    if (this.#afterLoss && this.#isVideo) this.#wantKeyFrame(this.#now + this.#graceMs);
  }

  #restart(ssrc: number): void {
    if (this.#hasStarted) {
      this.#forget();
      this.#events.push({ type: 'restarted', ssrc });
    }
    this.#hasStarted = true;
  }

  #choose(payloadType: number): Depacketizer<Frame> | undefined {
    const choice = this.#choice;
    const chosen = typeof choice === 'function' ? choice(payloadType) : choice;
    if (chosen !== undefined && chosen !== this.#depacketizer) {
      this.#depacketizer?.reset();
      this.#depacketizer = chosen;
      this.#framesDropped = chosen.counters.framesDropped;
    }
    return chosen;
  }

  /** Keeps what is known of the packets with the timestamp of `held`. */
  #note(held: BufferedPacket): void {
    const { timestamp } = held.packet;
    let note = this.#noteOf(timestamp);
    if (note === undefined) {
      this.#newestNote = (this.#newestNote + 1) % TIMESTAMPS_KEPT;
      note = this.#notes[this.#newestNote] as TimestampNote;
      note.timestamp = timestamp;
      note.sequenceNumber = held.packet.sequenceNumber;
      note.arrival = held.arrival;
      note.completed = held.arrival;
      note.packets = 0;
    }
    note.arrival = Math.min(note.arrival, held.arrival);
    note.completed = Math.max(note.completed, held.arrival);
    note.playoutTime = this.packets.playoutTime(held);
    note.packets++;
  }

  #noteOf(timestamp: number): TimestampNote | undefined {
    for (let age = 0; age < TIMESTAMPS_KEPT; age++) {
      const at = (this.#newestNote - age + TIMESTAMPS_KEPT) % TIMESTAMPS_KEPT;
      const note = this.#notes[at] as TimestampNote;
      if (note.timestamp === timestamp) return note;
    }
    return undefined;
  }

  #deliver(frame: Frame): void {
    if (this.#isVideo && !this.#isUsable(frame)) {
      if (this.#continuity.needsKeyFrame) this.#wantKeyFrame(this.#now);
      return;
    }
    // A copy out of redundancy has a timestamp of no packet: it came with the newest.
    const note = this.#noteOf(frame.timestamp) ?? (this.#notes[this.#newestNote] as TimestampNote);
    this.#counters.framesDelivered++;
    if (frame.key) this.#counters.keyFramesDelivered++;
    this.#counters.heldMs += this.#now - note.arrival;
    this.#counters.targetDelayMs += this.packets.targetDelayMs;
    this.#events.push({
      type: 'frame',
      frame,
      sequenceNumber: note.sequenceNumber,
      arrival: note.arrival,
      completed: note.completed,
      playoutTime: Math.max(note.playoutTime, this.#now),
      packets: note.packets,
      lost: this.#lost,
    });
    this.#lost = 0;
    this.#wantedFrom = Number.POSITIVE_INFINITY;
  }

  #isUsable(frame: Frame): boolean {
    if (frame.startUncertain) {
      this.#counters.framesUncertain++;
      this.#afterLoss = true;
      return false;
    }
    const isUsable = this.#continuity.isUsable(frame, this.#afterLoss);
    this.#afterLoss = false;
    if (!isUsable) this.#counters.framesUndecodable++;
    return isUsable;
  }
}
