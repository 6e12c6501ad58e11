// Access units made up of NAL units, for H.264 and H.265.
import { concatBytes } from '@kaon/wire';
import fc from 'fast-check';
import type { NalUnitFormat } from '../../src/index.ts';

export type { NalUnitFormat };

/** `units` as one frame. */
export function accessUnit(
  units: readonly Uint8Array[],
  format: NalUnitFormat = 'annexb',
): Uint8Array {
  return concatBytes(
    ...units.flatMap((unit) => {
      const prefix = new Uint8Array(4);
      new DataView(prefix.buffer).setUint32(0, format === 'annexb' ? 1 : unit.length);
      return [prefix, unit];
    }),
  );
}

/**
 * One to six NAL units with a header out of `headers`. As in real ones, no start code is inside and the
 * last byte is not zero; the first bit behind the header says that it is the first slice. Of those with
 * the first of the headers, an SPS or VPS, there is one at most, and in front.
 */
export function nalUnits(headers: readonly (readonly number[])[]): fc.Arbitrary<Uint8Array[]> {
  const isOpening = (nalUnit: Uint8Array): boolean => nalUnit[0] === headers[0]?.[0];
  const body = fc
    .uint8Array({ minLength: 1, maxLength: 300 })
    .map((bytes) => bytes.map((byte, i) => (i === 0 ? byte | 0x80 : byte | 0x04)));
  const unit = fc
    .tuple(fc.constantFrom(...headers), body)
    .map(([header, bytes]) => Uint8Array.of(...header, ...bytes));
  return fc
    .array(unit, { minLength: 1, maxLength: 6 })
    .map((units) => [
      ...units.filter(isOpening).slice(0, 1),
      ...units.filter((each) => !isOpening(each)),
    ]);
}
