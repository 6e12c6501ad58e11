import { describe, expect, test } from 'vitest';
import { CHUNK_TYPE } from '../../src/chunks/chunk-type.ts';
import { AssociationPair, chunkTypes, testBytes } from '../association-pair.ts';

describe('the end (RFC 9260 §9)', () => {
  test('shutdown delivers what is pending, on both sides, and then closes (§9.2)', () => {
    const pair = new AssociationPair().connect();
    pair.send(testBytes(100_000));
    pair.b.send({ streamId: 1, ppid: 53, data: testBytes(50_000) }, pair.now);
    pair.a.shutdown(pair.now);
    pair.runUntil(() => pair.a.state === 'closed' && pair.b.state === 'closed');
    expect(pair.endA.story).toEqual(['connected', 'message', 'closed']);
    expect(pair.endB.story).toEqual(['connected', 'message', 'closed']);
    expect(pair.a.nextTimeout).toBe(Number.POSITIVE_INFINITY);
    expect(pair.b.nextTimeout).toBe(Number.POSITIVE_INFINITY);
  });

  test('both sides may shut down at once (§9.2)', () => {
    const pair = new AssociationPair().connect();
    pair.a.shutdown(pair.now);
    pair.b.shutdown(pair.now);
    pair.runFor(100);
    expect([pair.a.state, pair.b.state]).toEqual(['closed', 'closed']);
  });

  test('a SHUTDOWN that comes late, when its receiver has closed, is no failure (§8.4 8)', () => {
    const pair = new AssociationPair().connect();
    const late: Uint8Array[] = [];
    pair.endA.filter = (packet) => {
      if (!chunkTypes(packet).includes(CHUNK_TYPE.shutdown)) return true;
      late.push(packet.slice());
      return false;
    };
    pair.endB.filter = (packet) => !chunkTypes(packet).includes(CHUNK_TYPE.shutdownComplete);
    pair.a.shutdown(pair.now);
    pair.b.shutdown(pair.now);
    pair.runUntil(() => pair.a.state === 'closed');
    expect(pair.b.state).toBe('shutdown-ack-sent');
    pair.a.handleDatagram(late[0] as Uint8Array, pair.now);
    pair.runFor(50);
    expect(pair.endB.story).toEqual(['connected', 'closed']);
  });

  test('shutdown gets through loss (60 seeds)', () => {
    for (let seed = 0; seed < 60; seed++) {
      const link = { latencyMs: 20, loss: 0.25, duplication: 0.1, reordering: 0.2 };
      const pair = new AssociationPair({
        seed,
        link,
        a: { maxRetransmits: 30 },
        b: { maxRetransmits: 30 },
      }).connect();
      for (let i = 0; i < 10; i++) pair.send(testBytes(3000, i));
      pair.a.shutdown(pair.now);
      if (seed % 3 === 0) pair.b.shutdown(pair.now);
      const done = (): boolean => pair.a.state === 'closed' && pair.b.state === 'closed';
      expect(pair.runUntil(done, 300_000)).toBe('done');
      expect(pair.endB.story.filter((type) => type === 'message')).toHaveLength(10);
    }
  });

  test('a peer that does not answer SHUTDOWN is given up', () => {
    const pair = new AssociationPair({ a: { maxRetransmits: 2 } }).connect();
    pair.endB.filter = () => false;
    pair.a.shutdown(pair.now);
    pair.runUntil(() => pair.a.state === 'failed');
    expect(pair.a.error?.code).toBe('SCTP_PEER_UNREACHABLE');
  });

  test('abort ends both at once and says why (§9.1)', () => {
    const pair = new AssociationPair().connect();
    pair.send(testBytes(100_000));
    pair.a.abort(pair.now, 'enough');
    expect(pair.a.state).toBe('closed');
    pair.runFor(20);
    expect(pair.b.state).toBe('failed');
    expect(pair.b.error).toMatchObject({ code: 'SCTP_ABORTED_BY_PEER', causeCode: 12 });
    expect(pair.b.error?.message).toContain('enough');
    expect(pair.endA.story).toEqual(['connected', 'closed']);
  });

  test('before there is an association, shutdown and abort just close', () => {
    for (const end of ['shutdown', 'abort'] as const) {
      const pair = new AssociationPair();
      pair.a.connect(0);
      pair.a[end](0);
      expect(pair.a.state).toBe('closed');
      expect(pair.a.pollEvent()).toEqual({ type: 'closed' });
    }
  });

  test('the end is told once and stays', () => {
    const pair = new AssociationPair().connect();
    pair.a.abort(pair.now);
    pair.a.abort(pair.now);
    pair.a.shutdown(pair.now);
    pair.runFor(1000);
    expect(pair.endA.story).toEqual(['connected', 'closed']);
  });
});
