import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Ordered, SendOrder } from './send-order.ts';

interface Sent extends Ordered<Sent> {
  readonly id: number;
}

const create = (id: number, sendIndex: number): Sent => ({
  id,
  sendIndex,
  earlier: undefined,
  later: undefined,
});

function walk(order: SendOrder<Sent>): number[] {
  const indexes: number[] = [];
  for (let each = order.first; each !== undefined; each = each.later) {
    expect(each.later?.earlier ?? each).toBe(each);
    indexes.push(each.sendIndex);
  }
  return indexes;
}

describe('the order of sending (RFC 8985 §6.2)', () => {
  test('is the order of sending, whatever is acknowledged, sent again or taken back', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat()), { maxLength: 200 }), (steps) => {
        const order = new SendOrder<Sent>();
        const inFlight = new Set<Sent>();
        const acked = new Set<Sent>();
        let next = 0;
        for (const [kind, pick] of steps) {
          const from = kind === 3 ? acked : inFlight;
          const chosen = [...from][pick % Math.max(1, from.size)];
          if (kind === 0 || chosen === undefined) {
            const sent = create(next, next++);
            order.append(sent);
            inFlight.add(sent);
          } else if (kind === 1) {
            order.remove(chosen);
            inFlight.delete(chosen);
            acked.add(chosen);
          } else if (kind === 2) {
            order.remove(chosen);
            chosen.sendIndex = next++;
            order.append(chosen);
          } else {
            const back = [...acked].filter(({ id }) => id % 2 === pick % 2);
            order.restore([...back]);
            for (const each of back) {
              acked.delete(each);
              inFlight.add(each);
            }
          }
          const expected = [...inFlight].map(({ sendIndex }) => sendIndex);
          expect(walk(order)).toEqual(expected.toSorted((a, b) => a - b));
        }
      }),
      { numRuns: 100 },
    );
  });
});
