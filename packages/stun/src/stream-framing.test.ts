// Messages cut out of a stream, however it is chopped (RFC 8489 §6.2.2).

import { concatBytes } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attribute, encodeMessage, SOFTWARE, StreamFraming } from './index.ts';

function message(text: string): Uint8Array {
  return encodeMessage({
    class: 'request',
    method: 1,
    transactionId: new Uint8Array(12),
    attributes: [attribute(SOFTWARE, text)],
  });
}

describe('StreamFraming', () => {
  it('gives back the same messages for every way to chop the stream', () => {
    const messages = ['', 'a', 'bb', 'c'.repeat(300)].map(message);
    const stream = concatBytes(...messages);
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), (cuts) => {
        const framing = new StreamFraming();
        const bounds = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
        const found = bounds
          .slice(1)
          .flatMap((end, i) => framing.push(stream.subarray(bounds[i], end)));
        expect(found).toEqual(messages);
      }),
    );
  });

  it('keeps nothing of the memory that it was given, be it a Buffer', () => {
    const whole = message('kept');
    const framing = new StreamFraming();
    const first = Buffer.from(whole.subarray(0, 25));
    expect(framing.push(first)).toEqual([]);
    first.fill(0);
    expect(framing.push(whole.subarray(25))).toEqual([whole]);
  });

  it('fails, and stays failed, on a stream that is not STUN', () => {
    const framing = new StreamFraming();
    expect(framing.push(concatBytes(message('a'), new Uint8Array(20).fill(0x47)))).toHaveLength(1);
    expect(framing.failed).toBe(true);
    expect(framing.push(message('b'))).toEqual([]);
  });
});
