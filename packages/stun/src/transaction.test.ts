// Retransmission of one request: when, how often, and when to stop (RFC 8489 §6.2.1, §6.2.2).

import { describe, expect, it } from 'vitest';
import { encodeMessage, StunTransaction, type StunTransactionOptions } from './index.ts';

const REQUEST = encodeMessage({
  class: 'request',
  method: 1,
  transactionId: new Uint8Array(12).fill(7),
  attributes: [],
});

/** Runs a transaction that nobody answers; returns when it sent and when it gave up. */
function runUnanswered(options?: StunTransactionOptions): { sent: number[]; end: number } {
  const transaction = new StunTransaction(REQUEST, options);
  const sent: number[] = [];
  let now = 0;
  transaction.start(now);
  for (;;) {
    if (transaction.pollRequest() !== undefined) sent.push(now);
    if (transaction.nextTimeout === Number.POSITIVE_INFINITY) break;
    now = transaction.nextTimeout;
    transaction.handleTimeout(now);
  }
  expect(transaction.state).toBe('timed-out');
  return { sent, end: now };
}

describe('StunTransaction', () => {
  it('sends at 0, 500, 1500, … 31500 ms and gives up at 39500 ms (RFC 8489 §6.2.1)', () => {
    expect(runUnanswered()).toEqual({
      sent: [0, 500, 1500, 3500, 7500, 15500, 31500],
      end: 39500,
    });
  });

  it('takes other RTO, Rc and Rm', () => {
    const options = { rtoMs: 100, requestCount: 3, lastWaitFactor: 4 };
    expect(runUnanswered(options)).toEqual({ sent: [0, 100, 300], end: 700 });
  });

  it('sends once over a reliable transport and waits Ti (RFC 8489 §6.2.2)', () => {
    expect(runUnanswered({ reliableTimeoutMs: 39_500 })).toEqual({ sent: [0], end: 39_500 });
  });

  it('does nothing before its deadline', () => {
    const transaction = new StunTransaction(REQUEST);
    transaction.start(0);
    transaction.pollRequest();
    transaction.handleTimeout(499);
    expect(transaction.pollRequest()).toBeUndefined();
    transaction.handleTimeout(500);
    expect(transaction.pollRequest()).toBe(REQUEST);
  });

  it('stops when its answer has come, and only its own transaction ID matches', () => {
    const transaction = new StunTransaction(REQUEST);
    transaction.start(0);
    expect(transaction.matches(new Uint8Array(12).fill(8))).toBe(false);
    expect(transaction.matches(new Uint8Array(12).fill(7))).toBe(true);
    transaction.succeed();
    expect(transaction.matches(new Uint8Array(12).fill(7))).toBe(false);
    expect(transaction.nextTimeout).toBe(Number.POSITIVE_INFINITY);
    expect(transaction.pollRequest()).toBeUndefined();
  });
});
