// Cuts VP9 layer frames into payloads (RFC 9628 §4, https://www.rfc-editor.org/rfc/rfc9628#section-4).
import {
  checkField,
  checkFrameData,
  checkMaxPayloadBytes,
  checkRoom,
  DEFAULT_MAX_PAYLOAD_BYTES,
  type Packetizer,
} from '../payload-format.ts';
import {
  encodeVp9ScalabilityStructure,
  type Vp9ScalabilityStructure,
} from './scalability-structure.ts';
import { decodeVp9FrameHeader } from './uncompressed-header.ts';

/** One layer frame to send; without spatial layers, that is a whole picture. */
export interface Vp9OutgoingFrame {
  readonly data: Uint8Array;
  /** SID, 0 to 7; 0 by default. Sent if the packetizer has `layers`, as the four fields below. */
  readonly spatialId?: number;
  /** TID, 0 to 7; 0 by default. */
  readonly temporalId?: number;
  /** U: a receiver may move up to this temporal layer here. */
  readonly switchingUpPoint?: boolean;
  /** D: the frame refers to the layer frame below it in the same picture. */
  readonly interLayerPredicted?: boolean;
  /** Z: no frame of a higher spatial layer refers to this one. */
  readonly notReferenceForUpperLayers?: boolean;
  /** P: the frame refers to pictures before its own; by default unless its picture opens with a key frame. */
  readonly interPicturePredicted?: boolean;
  /** P_DIFF, 1 to 127 each, at most three: sent in flexible mode; [1] by default. */
  readonly referenceDiffs?: readonly number[];
  /** Whether this is the last layer frame of its picture; true by default. */
  readonly endOfPicture?: boolean;
}

export interface Vp9PacketizerOptions {
  /** Largest payload in bytes; 1100 by default, and at least 10 more than the scalability structure. */
  readonly maxPayloadBytes?: number;
  /** F: references are told frame by frame; false by default. */
  readonly flexibleMode?: boolean;
  /** Bits of the picture ID; 15 by default, 0 for none, which the flexible mode does not allow. */
  readonly pictureIdBits?: 0 | 7 | 15;
  /** Picture ID of the first picture; should be random (RFC 9628 §4.2). 0 by default. */
  readonly firstPictureId?: number;
  /** Whether TID, U, SID, D and, in non-flexible mode, TL0PICIDX are sent; false by default. */
  readonly layers?: boolean;
  /** TL0PICIDX of the first picture; should be random. 0 by default. */
  readonly firstTl0PicIdx?: number;
  /** Sent with each picture that opens with a key frame. */
  readonly scalabilityStructure?: Vp9ScalabilityStructure;
}

const LARGEST_DESCRIPTOR = 8;
const ONE_BACK: readonly number[] = [1];

/** VP9 layer frames in, payloads out; payloads of one frame are of nearly equal size. */
export class Vp9Packetizer implements Packetizer<Vp9OutgoingFrame> {
  maxPayloadBytes: number;
  readonly timestampOffset: number = 0;
  readonly #flexibleMode: boolean;
  readonly #pictureIdBits: 0 | 7 | 15;
  readonly #layers: boolean;
  #structure: Uint8Array = new Uint8Array(0);
  #pictureId: number;
  #tl0PicIdx: number;
  #hasBaseLayer = false;
  #isNewPicture = true;
  #isKeyPicture = false;
  // The descriptor of the frame under way, but for B, E and V.
  readonly #descriptor = new Uint8Array(LARGEST_DESCRIPTOR);
  #descriptorLength = 0;
  #structureLength = 0;
  #data: Uint8Array = new Uint8Array(0);
  #at = 0;
  #payloadsLeft = 0;
  // Bytes of a payload beside the descriptor.
  #room = 0;
  #endOfPicture = true;
  #marker = false;

  constructor(options: Vp9PacketizerOptions = {}) {
    this.maxPayloadBytes = options.maxPayloadBytes ?? DEFAULT_MAX_PAYLOAD_BYTES;
    this.#flexibleMode = options.flexibleMode ?? false;
    this.#pictureIdBits = options.pictureIdBits ?? 15;
    if (this.#flexibleMode && this.#pictureIdBits === 0) {
      throw new RangeError('pictureIdBits is 0; expected 7 or 15 in flexible mode');
    }
    this.#layers = options.layers ?? false;
    this.#pictureId = checkField('firstPictureId', options.firstPictureId ?? 0, 0x7fff);
    this.#tl0PicIdx = checkField('firstTl0PicIdx', options.firstTl0PicIdx ?? 0, 0xff);
    this.scalabilityStructure = options.scalabilityStructure;
    this.#checkMaxPayloadBytes();
  }

  /** Sent from the next key frame on. @throws RangeError if it does not fit its fields. */
  set scalabilityStructure(structure: Vp9ScalabilityStructure | undefined) {
    this.#structure =
      structure === undefined ? new Uint8Array(0) : encodeVp9ScalabilityStructure(structure);
  }

  get marker(): boolean {
    return this.#marker;
  }

  start(frame: Vp9OutgoingFrame): void {
    checkFrameData(frame.data);
    this.#checkMaxPayloadBytes();
    const temporalId = checkField('frame.temporalId', frame.temporalId ?? 0, 7);
    const spatialId = checkField('frame.spatialId', frame.spatialId ?? 0, 7);
    const references = frame.referenceDiffs ?? ONE_BACK;
    checkReferences(references);
    const opensPicture = this.#isNewPicture;
    if (opensPicture) this.#openPicture(frame, temporalId);
    this.#endOfPicture = frame.endOfPicture ?? true;
    this.#isNewPicture = this.#endOfPicture;
    this.#descriptorLength = this.#writeDescriptor(frame, temporalId, spatialId, references);
    this.#structureLength = opensPicture && this.#isKeyPicture ? this.#structure.length : 0;
    this.#data = frame.data;
    this.#at = 0;
    this.#room = this.maxPayloadBytes - this.#descriptorLength;
    this.#payloadsLeft = Math.ceil((frame.data.length + this.#structureLength) / this.#room);
    if (this.#endOfPicture) this.#pictureId = (this.#pictureId + 1) & 0x7fff;
  }

  writePayload(out: Uint8Array, offset: number): number {
    if (this.#payloadsLeft === 0) return offset;
    const structureLength = this.#at === 0 ? this.#structureLength : 0;
    const length = this.#nextLength(structureLength);
    checkRoom(out, offset, this.#descriptorLength + structureLength + length);
    let at = offset;
    for (let i = 0; i < this.#descriptorLength; i++) out[at++] = this.#descriptor[i] as number;
    if (structureLength > 0) out.set(this.#structure, at);
    at += structureLength;
    out.set(this.#data.subarray(this.#at, this.#at + length), at);
    const startOfFrame = this.#at === 0 ? 0x08 : 0;
    const endOfFrame = this.#payloadsLeft === 1 ? 0x04 : 0;
    out[offset] =
      (out[offset] as number) | startOfFrame | endOfFrame | (structureLength > 0 ? 0x02 : 0);
    this.#at += length;
    this.#payloadsLeft--;
    this.#marker = endOfFrame !== 0 && this.#endOfPicture;
    return at + length;
  }

  /** Moves the running numbers on for a picture that begins. */
  #openPicture(frame: Vp9OutgoingFrame, temporalId: number): void {
    this.#isKeyPicture = decodeVp9FrameHeader(frame.data)?.key ?? false;
    if (temporalId > 0) return;
    if (this.#hasBaseLayer) this.#tl0PicIdx = (this.#tl0PicIdx + 1) & 0xff;
    this.#hasBaseLayer = true;
  }

  /** Writes the frame's descriptor without B, E and V; returns its length. */
  #writeDescriptor(
    frame: Vp9OutgoingFrame,
    temporalId: number,
    spatialId: number,
    references: readonly number[],
  ): number {
    const out = this.#descriptor;
    const predicted = frame.interPicturePredicted ?? !this.#isKeyPicture;
    out[0] =
      (this.#pictureIdBits > 0 ? 0x80 : 0) |
      (predicted ? 0x40 : 0) |
      (this.#layers ? 0x20 : 0) |
      (this.#flexibleMode ? 0x10 : 0) |
      (frame.notReferenceForUpperLayers === true ? 0x01 : 0);
    let at = 1;
    if (this.#pictureIdBits === 15) out[at++] = 0x80 | (this.#pictureId >> 8);
    if (this.#pictureIdBits > 0) {
      out[at++] = this.#pictureId & (this.#pictureIdBits === 7 ? 0x7f : 0xff);
    }
    if (this.#layers) {
      const switchingUpPoint = frame.switchingUpPoint === true ? 0x10 : 0;
      const interLayer = frame.interLayerPredicted === true ? 0x01 : 0;
      out[at++] = (temporalId << 5) | switchingUpPoint | (spatialId << 1) | interLayer;
      if (!this.#flexibleMode) out[at++] = this.#tl0PicIdx;
    }
    if (this.#flexibleMode && predicted) {
      for (let i = 0; i < references.length; i++) {
        out[at++] = ((references[i] as number) << 1) | (i < references.length - 1 ? 1 : 0);
      }
    }
    return at;
  }

  /** How many bytes of the frame the next payload takes, so that all are nearly equal. */
  #nextLength(structureLength: number): number {
    const left = this.#data.length - this.#at;
    const share = Math.ceil((left + structureLength) / this.#payloadsLeft) - structureLength;
    return Math.max(1, share, left - (this.#payloadsLeft - 1) * this.#room);
  }

  #checkMaxPayloadBytes(): void {
    checkMaxPayloadBytes(this.maxPayloadBytes, LARGEST_DESCRIPTOR + this.#structure.length + 2);
  }
}

function checkReferences(references: readonly number[]): void {
  if (references.length < 1 || references.length > 3) {
    throw new RangeError(`frame.referenceDiffs has ${references.length} entries; expected 1 to 3`);
  }
  for (const diff of references) checkField('frame.referenceDiffs[] - 1', diff - 1, 126);
}
