import { expect, test } from 'vitest';
import { releaseMemory } from './release-memory.ts';

const CAN_RELEASE = 'transfer' in ArrayBuffer.prototype;

test('gives back memory that is whole, for all views of it', () => {
  const bytes = Uint8Array.of(1, 2, 3);
  const view = bytes.subarray(1);
  releaseMemory(bytes);
  expect([bytes.length, view.length]).toEqual(CAN_RELEASE ? [0, 0] : [3, 2]);
});

test('leaves memory alone that others have a part of', () => {
  const whole = Uint8Array.of(1, 2, 3);
  for (const part of [whole.subarray(0, 2), whole.subarray(1), whole.subarray(3)]) {
    releaseMemory(part);
  }
  const pooled = Buffer.from('a short string comes from a pool');
  releaseMemory(pooled);
  expect([...whole]).toEqual([1, 2, 3]);
  expect(pooled.toString()).toBe('a short string comes from a pool');
});

test('may be told of the same memory twice, or of none', () => {
  const bytes = new Uint8Array(4);
  releaseMemory(bytes);
  releaseMemory(bytes);
  releaseMemory(new Uint8Array(0));
  expect(bytes.length).toBe(CAN_RELEASE ? 0 : 4);
});
