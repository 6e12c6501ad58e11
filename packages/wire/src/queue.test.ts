// The queue against an array.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Queue } from './queue.ts';

describe('Queue', () => {
  it('is empty at first', () => {
    const queue = new Queue<number>();
    expect([queue.length, queue.shift(), queue.peek(), [...queue]]).toEqual([
      0,
      undefined,
      undefined,
      [],
    ]);
  });

  it('does what an array does, in any order of operations', () => {
    const operation = fc.oneof(
      { weight: 60, arbitrary: fc.nat().map((value) => ({ type: 'push', value }) as const) },
      { weight: 50, arbitrary: fc.constant({ type: 'shift' } as const) },
      { weight: 10, arbitrary: fc.nat(30).map((index) => ({ type: 'peek', index }) as const) },
      { weight: 2, arbitrary: fc.constant({ type: 'clear' } as const) },
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 300 }), (operations) => {
        const queue = new Queue<number>();
        let model: number[] = [];
        for (const op of operations) {
          if (op.type === 'push') {
            queue.push(op.value);
            model.push(op.value);
          } else if (op.type === 'shift') {
            expect(queue.shift()).toBe(model.shift());
          } else if (op.type === 'peek') {
            expect(queue.peek(op.index)).toBe(model[op.index]);
          } else {
            queue.clear();
            model = [];
          }
          expect(queue.length).toBe(model.length);
          expect(queue.peek()).toBe(model[0]);
        }
        expect([...queue]).toEqual(model);
      }),
    );
  });

  it('holds elements that are false', () => {
    const queue = new Queue<boolean | number | string>();
    for (const value of [false, 0, '']) queue.push(value);
    expect([queue.shift(), queue.shift(), queue.shift(), queue.shift()]).toEqual([
      false,
      0,
      '',
      undefined,
    ]);
  });

  it('takes constant time for its operations, however long it is', () => {
    const queue = new Queue<number>();
    for (let i = 0; i < 300_000; i++) queue.push(i);
    for (let i = 0; i < 300_000; i++) if (queue.shift() !== i) expect.fail(`element ${i}`);
    expect(queue.length).toBe(0);
  });
});
