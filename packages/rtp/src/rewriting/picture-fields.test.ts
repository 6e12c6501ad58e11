import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeVp8Descriptor, vp8PictureId, vp8Tl0PicIdx } from '../codecs/vp8/descriptor.ts';
import { vp9PictureId, vp9Tl0PicIdx } from '../codecs/vp9/descriptor.ts';
import { PictureFields } from './picture-fields.ts';

describe('running numbers of pictures in place', () => {
  const fields = new PictureFields();
  // Behind a whole descriptor there is always more than its fields.
  const payloads = fc.uint8Array({ minLength: 40, maxLength: 60 });

  test('are found where the descriptors of VP8 (RFC 7741 §4.2) and VP9 (RFC 9628 §4.2) have them', () => {
    fc.assert(
      fc.property(payloads, fc.nat(20), (payload, front) => {
        const bytes = new Uint8Array(front + payload.length + 5);
        bytes.set(payload, front);
        fields.locate('vp8', bytes, front, front + payload.length);
        expect(fields.hasPictureId ? fields.pictureId : undefined).toBe(vp8PictureId(payload));
        expect(fields.hasTl0PicIdx ? fields.tl0PicIdx : undefined).toBe(vp8Tl0PicIdx(payload));
        fields.locate('vp9', bytes, front, front + payload.length);
        // The whole decoder also wants the rest of the descriptor to be sound.
        const pictureId = vp9PictureId(payload);
        if (pictureId !== undefined) expect(fields.pictureId).toBe(pictureId);
        const tl0PicIdx = vp9Tl0PicIdx(payload);
        if (tl0PicIdx !== undefined) expect(fields.tl0PicIdx).toBe(tl0PicIdx);
      }),
      { numRuns: 1000 },
    );
  });

  test('are written in the bits that they have, and nothing else is', () => {
    fc.assert(
      fc.property(payloads, fc.nat(0xffff), fc.nat(0xffff), (payload, pictureId, tl0PicIdx) => {
        const written = payload.slice();
        fields.locate('vp8', written, 0, written.length);
        if (fields.hasPictureId) {
          fields.pictureId = pictureId;
          expect(fields.pictureId).toBe(pictureId % fields.pictureIdModulus);
        }
        if (fields.hasTl0PicIdx) fields.tl0PicIdx = tl0PicIdx;
        const before = decodeVp8Descriptor(payload);
        expect(decodeVp8Descriptor(written)).toEqual({
          ...before,
          ...(fields.hasPictureId && { pictureId: pictureId % fields.pictureIdModulus }),
          ...(fields.hasTl0PicIdx && { tl0PicIdx: tl0PicIdx & 0xff }),
        });
      }),
    );
  });

  test('a payload that is cut off has none, whatever its bits promise', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('vp8' as const, 'vp9' as const),
        fc.uint8Array({ maxLength: 6 }),
        (codec, payload) => {
          const bytes = new Uint8Array(payload.length + 8).fill(0xff);
          bytes.set(payload);
          fields.locate(codec, bytes, 0, payload.length);
          if (fields.hasPictureId) fields.pictureId = 0;
          if (fields.hasTl0PicIdx) fields.tl0PicIdx = 0;
          expect(bytes.subarray(payload.length)).toEqual(new Uint8Array(8).fill(0xff));
        },
      ),
    );
  });
});
