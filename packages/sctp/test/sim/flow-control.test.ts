import { describe, expect, test } from 'vitest';
import { CHUNK_TYPE } from '../../src/chunks/chunk-type.ts';
import { AssociationPair, chunkTypes, testBytes } from '../association-pair.ts';

/** A pair whose B reads nothing until it is told to: what it took counts as unread. */
function slowReader(receiveWindowBytes = 50_000): { pair: AssociationPair; read: () => void } {
  const pair = new AssociationPair({
    b: { receiveWindowBytes, maxMessageBytes: 10_000 },
  }).connect();
  let unread = 0;
  pair.onEventB = (event) => {
    if (event.type !== 'message') return;
    unread += event.data.length;
    pair.b.setUnreadBytes(unread, pair.now);
  };
  return {
    pair,
    read: () => {
      unread = 0;
      pair.b.setUnreadBytes(0, pair.now);
    },
  };
}

describe('the receive window (RFC 9260 §6.1, §6.2)', () => {
  test('a reader that stops stops the sender, and nothing is dropped', () => {
    const { pair, read } = slowReader();
    for (let i = 0; i < 40; i++) pair.send(testBytes(5000, i));
    pair.runFor(20_000);
    const arrived = pair.endB.messages.length;
    expect(arrived).toBeGreaterThanOrEqual(8);
    expect(arrived).toBeLessThanOrEqual(11);
    expect(pair.a.totalBufferedAmount).toBeGreaterThan(140_000);
    expect(pair.b.stats.receiveBufferedBytes).toBeLessThanOrEqual(100_000);
    for (let i = 0; i < 6; i++) {
      read();
      pair.runFor(1000);
    }
    expect(pair.endB.messages).toHaveLength(40);
    expect(pair.a.counters.retransmissionTimeouts).toBeLessThan(12);
  });

  test('a window that opens again is announced at once', () => {
    const { pair, read } = slowReader();
    for (let i = 0; i < 20; i++) pair.send(testBytes(5000, i));
    pair.runFor(10_000);
    expect(pair.a.stats.peerWindow).toBe(0);
    const before = pair.endB.messages.length;
    read();
    pair.runFor(11);
    expect(pair.a.stats.peerWindow).toBeGreaterThan(40_000);
    pair.runFor(100);
    expect(pair.endB.messages.length).toBeGreaterThan(before);
  });

  test('a closed window is probed with one chunk, and a peer that answers is not given up (§6.1 A)', () => {
    const { pair, read } = slowReader();
    for (let i = 0; i < 20; i++) pair.send(testBytes(5000, i));
    const probes: number[] = [];
    pair.runFor(3000);
    pair.endB.filter = (packet, now) => {
      if (chunkTypes(packet).includes(CHUNK_TYPE.data)) probes.push(now);
      return true;
    };
    pair.runFor(300_000);
    expect(pair.a.state).toBe('established');
    expect(probes.length).toBeGreaterThan(30);
    expect(probes.length).toBeLessThan(130);
    read();
    pair.runFor(30_000);
    expect(pair.endB.messages.length).toBeGreaterThan(10);
  });

  test('data beyond the window is dropped and counted', () => {
    const pair = new AssociationPair({
      b: { receiveWindowBytes: 20_000, maxMessageBytes: 10_000 },
    });
    pair.connect();
    pair.b.setUnreadBytes(19_500, pair.now);
    // The sender does not know yet: its last news is a window of 20000.
    for (let i = 0; i < 4; i++) pair.send(testBytes(1000, i));
    pair.runFor(15);
    expect(pair.b.counters.droppedBeyondWindow).toBeGreaterThan(0);
    expect(pair.b.stats.receiveBufferedBytes).toBeLessThanOrEqual(20_000);
    pair.b.setUnreadBytes(0, pair.now);
    expect(pair.runUntil(() => pair.endB.messages.length === 4, 10_000)).toBe('done');
  });

  test('messages that nobody polled count as held', () => {
    const pair = new AssociationPair().connect();
    pair.send(testBytes(1000));
    pair.b.handleDatagram(pair.a.pollDatagram()!, pair.now);
    expect(pair.b.stats.receiveBufferedBytes).toBe(1000);
    expect(pair.b.pollEvent()?.type).toBe('message');
    expect(pair.b.stats.receiveBufferedBytes).toBe(0);
  });
});
