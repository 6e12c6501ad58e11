import { expect, test } from 'vitest';
import { createCounters } from '../counters.ts';
import { createOutgoingMessage, type OutgoingMessage } from './outgoing-message.ts';
import { SendQueue } from './send-queue.ts';

/** A queue of interleaved messages, of which a thousand bytes may be begun. */
function queueOf(): {
  queue: SendQueue;
  push(streamId: number, length: number): OutgoingMessage;
  /** Sends so many bytes of whatever is next, and gives its stream. */
  send(length: number): number | undefined;
} {
  const queue = new SendQueue(createCounters(), 'round-robin');
  queue.isInterleaving = true;
  queue.maxOpenBytes = 1000;
  let order = 0;
  return {
    queue,
    push: (streamId, length) => {
      const data = new Uint8Array(length);
      const message = createOutgoingMessage(queue.stream(streamId), order++, 53, data);
      queue.push(message);
      return message;
    },
    send: (length) => {
      const message = queue.current(0);
      if (message !== undefined) queue.take(message, length);
      return message?.stream.id;
    },
  };
}

/** Stream 1 has 900 bytes begun, stream 2 waits with 500, and 3 was before it as often as may be. */
function overdueQueue(): ReturnType<typeof queueOf> {
  const all = queueOf();
  all.push(1, 900);
  expect(all.send(100)).toBe(1);
  all.push(2, 500);
  for (let i = 0; i < 10; i++) {
    all.push(3, 100);
    while (all.send(all.queue.current(0)?.stream.id === 3 ? 100 : 1) === 1);
  }
  all.push(4, 50);
  return all;
}

test('what waits for room is next when as much has been begun before it as may be at once', () => {
  const { queue, send } = overdueQueue();
  // Stream 4 would fit, and comes after it.
  let sent = 0;
  while (queue.current(0)?.stream.id === 1) {
    send(1);
    sent++;
  }
  expect(sent).toBeGreaterThan(700);
  expect(send(500)).toBe(2);
  expect(send(50)).toBe(4);
});

test('what waits behind it goes on when it is given up', () => {
  const { queue, send } = overdueQueue();
  // Stream 4 has its turn between these, and has to wait.
  for (let i = 0; i < 3; i++) expect(send(1)).toBe(1);
  const first = queue.current(0) as OutgoingMessage;
  queue.take(first, first.data.length - first.offset);
  queue.dropUnsent(queue.stream(2), () => false);
  expect(send(50)).toBe(4);
  expect(queue.messageCount).toBe(0);
});
