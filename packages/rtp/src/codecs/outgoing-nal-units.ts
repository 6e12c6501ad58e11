// The NAL units of one access unit to send: those of the frame, and parameter sets put before them.
import { type NalUnitFormat, NalUnitList } from './nal-units.ts';

/** What a codec tells of its NAL units. */
export interface NalUnitKinds {
  readonly isKeySlice: (nalUnit: Uint8Array, start: number) => boolean;
  readonly isParameterSet: (nalUnit: Uint8Array, start: number) => boolean;
  readonly isAccessUnitDelimiter: (nalUnit: Uint8Array, start: number) => boolean;
}

/** Gives the NAL units of an access unit by index; kept from one to the next. */
export class OutgoingNalUnits {
  /** How many NAL units there are, with what was put in. */
  count = 0;
  readonly #kinds: NalUnitKinds;
  readonly #list = new NalUnitList();
  #frame: Uint8Array = new Uint8Array(0);
  #inserted: readonly Uint8Array[] = [];
  #insertedAt = 0;

  constructor(kinds: NalUnitKinds) {
    this.#kinds = kinds;
  }

  /**
   * Takes the access unit in `frame`. `parameterSets` go before its first NAL unit, but behind an access
   * unit delimiter, if it is a key frame and has none of its own.
   *
   * @throws RangeError if `frame` is not in `format`.
   */
  take(frame: Uint8Array, format: NalUnitFormat, parameterSets: readonly Uint8Array[]): void {
    const list = this.#list;
    list.split(frame, format);
    this.#frame = frame;
    let isKey = false;
    let hasParameterSets = false;
    for (let i = 0; i < list.count; i++) {
      const start = list.start(i);
      isKey ||= this.#kinds.isKeySlice(frame, start);
      hasParameterSets ||= this.#kinds.isParameterSet(frame, start);
    }
    this.#inserted = isKey && !hasParameterSets ? parameterSets : [];
    this.#insertedAt = this.#kinds.isAccessUnitDelimiter(frame, list.start(0)) ? 1 : 0;
    this.count = list.count + this.#inserted.length;
  }

  /** Forgets all. */
  clear(): void {
    this.count = 0;
  }

  /** The memory that NAL unit `index` lies in. */
  bytes(index: number): Uint8Array {
    return this.#insertedUnit(index) ?? this.#frame;
  }

  /** Its offset there. */
  start(index: number): number {
    return this.#insertedUnit(index) === undefined ? this.#list.start(this.#ofFrame(index)) : 0;
  }

  /** The offset behind it. */
  end(index: number): number {
    return this.#insertedUnit(index)?.length ?? this.#list.end(this.#ofFrame(index));
  }

  /** Its length in bytes. */
  size(index: number): number {
    return this.end(index) - this.start(index);
  }

  #insertedUnit(index: number): Uint8Array | undefined {
    return index < this.#insertedAt ? undefined : this.#inserted[index - this.#insertedAt];
  }

  #ofFrame(index: number): number {
    return index < this.#insertedAt ? index : index - this.#inserted.length;
  }
}
