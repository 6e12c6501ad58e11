import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeHandshakeMessage, type HandshakeFragment } from './handshake-message.ts';
import { Reassembler } from './reassembler.ts';

function fragment(
  messageSeq: number,
  body: Uint8Array,
  from = 0,
  to = body.length,
  type = 11,
): HandshakeFragment {
  return {
    type,
    length: body.length,
    messageSeq,
    fragmentOffset: from,
    fragment: body.subarray(from, to),
  };
}

function claimed(messageSeq: number, length: number): HandshakeFragment {
  return { type: 11, length, messageSeq, fragmentOffset: 0, fragment: new Uint8Array(1) };
}

const BODY = Uint8Array.from({ length: 50 }, (_, i) => i);

test('gives a message with the header it would have had in one fragment (RFC 6347 §4.2.6)', () => {
  const reassembler = new Reassembler(true);
  reassembler.insert(fragment(0, BODY, 20), 0);
  expect(reassembler.poll()).toBeUndefined();
  reassembler.insert(fragment(0, BODY, 0, 20), 0);
  expect(reassembler.poll()).toEqual({
    type: 11,
    messageSeq: 0,
    epoch: 0,
    bytes: encodeHandshakeMessage(11, 0, BODY),
    body: BODY,
  });
});

test('puts any pieces together: in any order, overlapping, and more than once', () => {
  const pieces = fc.array(fc.tuple(fc.nat(299), fc.integer({ min: 1, max: 80 })), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 300, maxLength: 300 }), pieces, (body, cuts) => {
      const reassembler = new Reassembler(true);
      const have = new Set<number>();
      for (const [from, length] of cuts) {
        const to = Math.min(from + length, body.length);
        reassembler.insert(fragment(0, body, from, to), 0);
        for (let i = from; i < to; i++) have.add(i);
        const message = reassembler.poll();
        expect(message !== undefined).toBe(have.size === body.length);
        if (message !== undefined) {
          expect(message.body).toEqual(body);
          return;
        }
      }
      for (let from = 0; from < 300; from += 50) {
        reassembler.insert(fragment(0, body, from, from + 50), 0);
      }
      expect(reassembler.poll()?.body).toEqual(body);
    }),
  );
});

test('gives messages in order, whatever the order they came in', () => {
  const reassembler = new Reassembler(true);
  const order: number[] = [];
  for (const messageSeq of [2, 1, 0, 3]) {
    reassembler.insert(fragment(messageSeq, BODY), 0);
    for (let next = reassembler.poll(); next; next = reassembler.poll()) {
      reassembler.accept(next);
      order.push(next.messageSeq);
    }
  }
  expect(order).toEqual([0, 1, 2, 3]);
});

test('knows what it had before', () => {
  const reassembler = new Reassembler(true);
  reassembler.insert(fragment(0, BODY), 0);
  const message = reassembler.poll();
  if (message === undefined) throw new Error('The message is complete.');
  reassembler.accept(message);
  expect(reassembler.insert(fragment(0, BODY), 0)).toBe('old');
});

test('takes a message again that was not accepted', () => {
  const reassembler = new Reassembler(true);
  for (let i = 0; i < 3; i++) {
    reassembler.insert(fragment(0, BODY), 0);
    expect(reassembler.poll()?.body).toEqual(BODY);
  }
});

test('lets a server see its first hello again and again (RFC 6347 §4.2.1)', () => {
  const reassembler = new Reassembler(false);
  for (const messageSeq of [0, 0, 1]) {
    reassembler.insert(fragment(messageSeq, BODY), 0);
    const message = reassembler.poll();
    expect(message?.messageSeq).toBe(messageSeq);
    if (message?.messageSeq === 1) reassembler.accept(message);
  }
  expect(reassembler.next).toBe(2);
  expect(reassembler.insert(fragment(1, BODY), 0)).toBe('old');
});

describe('against forged fragments', () => {
  test('a contradicting header does not block the true message for good', () => {
    const reassembler = new Reassembler(true);
    reassembler.insert(claimed(0, 999), 0);
    reassembler.insert(fragment(0, BODY, 0, 30), 0);
    reassembler.insert(fragment(0, BODY, 30), 0);
    expect(reassembler.poll()?.body).toEqual(BODY);
  });

  test('a message over 64 KiB is refused', () => {
    const reassembler = new Reassembler(true);
    expect(reassembler.insert(claimed(0, 65536), 0)).toBe('over-limit');
    expect(reassembler.insert(claimed(0, 0xffffff), 0)).toBe('over-limit');
  });

  test('what is needed first pushes out what is needed later', () => {
    const reassembler = new Reassembler(true);
    expect(reassembler.insert(claimed(3, 60000), 0)).toBe('accepted');
    expect(reassembler.insert(claimed(5, 60000), 0)).toBe('over-limit');
    reassembler.insert(fragment(0, new Uint8Array(20000)), 0);
    expect(reassembler.poll()?.body).toHaveLength(20000);
  });

  test('messages far ahead are refused', () => {
    const reassembler = new Reassembler(true);
    expect(reassembler.insert(fragment(15, BODY), 0)).toBe('accepted');
    expect(reassembler.insert(fragment(16, BODY), 0)).toBe('over-limit');
    expect(reassembler.insert(fragment(65535, BODY), 0)).toBe('over-limit');
  });

  test('more than 128 separate pieces are refused, and the message still completes', () => {
    const reassembler = new Reassembler(true);
    const body = new Uint8Array(2000).fill(3);
    const verdicts = Array.from({ length: 1000 }, (_, i) =>
      reassembler.insert(fragment(0, body, 2 * i, 2 * i + 1), 0),
    );
    expect(verdicts.filter((verdict) => verdict === 'accepted')).toHaveLength(128);
    reassembler.insert(fragment(0, body), 0);
    expect(reassembler.poll()?.body).toEqual(body);
  });
});
