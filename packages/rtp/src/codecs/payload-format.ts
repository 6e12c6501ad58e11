// What every payload format offers: a packetizer for sending, a depacketizer for receiving (RFC 8088, https://www.rfc-editor.org/rfc/rfc8088).

/** Payload bytes that fit a 1,200-byte datagram beside IP, UDP, SRTP and some header extensions. */
export const DEFAULT_MAX_PAYLOAD_BYTES = 1100;

/** Largest frame that a depacketizer assembles unless it is told otherwise. */
export const DEFAULT_MAX_FRAME_BYTES: number = 4 * 1024 * 1024;

/**
 * The sending side of a payload format: frames in, payloads out.
 *
 * ```ts
 * packetizer.start(frame);
 * for (;;) {
 *   const end = packetizer.writePayload(packet, headerLength);
 *   if (end === headerLength) break;
 *   send(packet.subarray(0, end), packetizer.marker);
 * }
 * ```
 *
 * The frame's bytes are read, not copied, until its last payload is written. A payload costs no memory
 * but a view of the frame, for the time of the copy.
 */
export interface Packetizer<Frame> {
  /** Largest payload in bytes; takes effect with the next {@link start}. */
  maxPayloadBytes: number;

  /**
   * Takes a frame; what was left of the one before is given up.
   *
   * @throws TypeError or RangeError if the frame cannot be sent in this format.
   */
  start(frame: Frame): void;

  /**
   * Writes the frame's next payload at `offset`.
   *
   * @returns the offset behind the payload; `offset` itself if the frame has no more.
   * @throws RangeError if `out` has no room for {@link maxPayloadBytes} behind `offset`.
   */
  writePayload(out: Uint8Array, offset: number): number;

  /** The marker bit of the packet that carries the payload written last. */
  readonly marker: boolean;

  /**
   * How far that packet's timestamp is ahead of the frame's; 0 for all but audio that is cut up and long
   * telephone events.
   */
  readonly timestampOffset: number;
}

/** What became of the payloads that a depacketizer was given. */
export interface DepacketizerCounters {
  /** Frames handed out. */
  framesAssembled: number;
  /** Frames given up because a part of them was missing, malformed or too large. */
  framesDropped: number;
  /** Of those, frames larger than the limit. */
  framesTooLarge: number;
  /** Payloads that the format does not allow. */
  payloadsMalformed: number;
}

/** What every frame tells, whatever its format. */
export interface AssembledFrame {
  /** The encoded frame. Its memory is the caller's; no depacketizer writes to it again. */
  readonly data: Uint8Array;
  /** RTP timestamp. */
  readonly timestamp: number;
  /** Whether a decoder can start with this frame. */
  readonly key: boolean;
  /**
   * Whether packets right before this frame are missing and the format does not tell if they
   * belonged to it. False means: this is the whole frame.
   */
  readonly startUncertain: boolean;
}

/**
 * The receiving side of a payload format: payloads of one stream, in the order of their sequence
 * numbers, in; whole frames out. What is damaged or incomplete is dropped and counted. No bytes make
 * it throw.
 */
export interface Depacketizer<Frame> {
  readonly counters: Readonly<DepacketizerCounters>;

  /**
   * Takes the next payload; its memory is the caller's again on return.
   *
   * @param timestamp RTP timestamp of its packet.
   * @param marker marker bit of its packet.
   * @param missing how many packets between the one before and this one never came; 0 by default.
   */
  handlePayload(payload: Uint8Array, timestamp: number, marker: boolean, missing?: number): void;

  /** The next whole frame, if there is one; call until it gives undefined. */
  pollFrame(): Frame | undefined;

  /** Forgets what is under way, as before the first payload; the counters stay. */
  reset(): void;
}

/** All counters at zero. */
export function zeroCounters(): DepacketizerCounters {
  return { framesAssembled: 0, framesDropped: 0, framesTooLarge: 0, payloadsMalformed: 0 };
}

/** Checks a caller's `maxPayloadBytes` against the least that a format needs. */
export function checkMaxPayloadBytes(value: number, least: number): number {
  if (!Number.isInteger(value) || value < least || value > 0xffff) {
    throw new RangeError(`maxPayloadBytes is ${value}; expected an integer from ${least} to 65535`);
  }
  return value;
}

/** Checks that a payload of `length` bytes fits the caller's memory. */
export function checkRoom(out: Uint8Array, offset: number, length: number): void {
  if (!(offset >= 0 && offset + length <= out.length)) {
    throw new RangeError(
      `out has ${out.length - offset} bytes behind offset ${offset}; expected ${length} for the payload`,
    );
  }
}

/** Checks that a frame to send is bytes, and at least one. */
export function checkFrameData(data: Uint8Array): void {
  if (!(data instanceof Uint8Array)) {
    throw new TypeError(`frame.data is ${typeof data}; expected a Uint8Array`);
  }
  if (data.length === 0) throw new RangeError('frame.data has no bytes; expected at least one');
}

/** Checks that an integer option lies within its field. */
export function checkField(name: string, value: number, max: number): number {
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new RangeError(`${name} is ${value}; expected an integer from 0 to ${max}`);
  }
  return value;
}
