import { readUint16, readUint32, writeUint16, writeUint32 } from '@kaon/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHUNK_TYPE } from '../../src/chunks/chunk-type.ts';
import { decodeReConfig } from '../../src/chunks/re-config.ts';
import type { SctpEvent } from '../../src/index.ts';
import { PARAMETER_TYPE } from '../../src/parameters/parameter.ts';
import {
  decodeReconfigurationResponse,
  RECONFIGURATION_RESULT,
} from '../../src/parameters/reconfiguration-response.ts';
import { testBytes } from '../association-pair.ts';
import { forgeChunk, forgeData, forgeForwardTsn, forgeResetRequest } from '../packet-forge.ts';
import { victim } from '../victim.ts';

/** One parameter with these 32-bit words as its value. */
function parameter(type: number, ...words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * words.length);
  writeUint16(bytes, 0, type);
  writeUint16(bytes, 2, bytes.length);
  words.forEach((word, i) => {
    writeUint32(bytes, 4 + 4 * i, word);
  });
  return bytes;
}

function reConfig(...parameters: readonly Uint8Array[]): Uint8Array {
  return forgeChunk(CHUNK_TYPE.reConfig, 0, Buffer.concat(parameters));
}

function restartRequest(sequence: number): Uint8Array {
  return parameter(PARAMETER_TYPE.ssnTsnResetRequest, sequence);
}

function addRequest(type: number, sequence: number, count: number): Uint8Array {
  return parameter(type, sequence, (count << 16) >>> 0);
}

function answer(sequence: number, result: number, ...next: readonly number[]): Uint8Array {
  return parameter(PARAMETER_TYPE.reconfigurationResponse, sequence, result, ...next);
}

interface Sent {
  /** Sequence number and result of each answer. */
  readonly results: (readonly [number, number])[];
  /** Type and sequence number of each request. */
  readonly requests: (readonly [number, number])[];
}

/** The parameters of all RE-CONFIGs in these packets. */
function sent(packets: readonly Uint8Array[]): Sent {
  const results: (readonly [number, number])[] = [];
  const requests: (readonly [number, number])[] = [];
  for (const packet of packets) {
    for (let at = 12; at + 4 <= packet.length; ) {
      const length = readUint16(packet, at + 2);
      const chunk =
        packet[at] === CHUNK_TYPE.reConfig ? decodeReConfig(packet, at, at + length) : undefined;
      for (const { type, value } of chunk?.parameters ?? []) {
        const response = decodeReconfigurationResponse(value);
        if (type === PARAMETER_TYPE.reconfigurationResponse && response !== undefined) {
          results.push([response.responseSequenceNumber, response.result]);
        } else {
          requests.push([type, readUint32(value, 0)]);
        }
      }
      at += (length + 3) & ~3;
    }
  }
  return { results, requests };
}

function events(b: { pollEvent(): SctpEvent | undefined }): SctpEvent[] {
  const all: SctpEvent[] = [];
  for (let event = b.pollEvent(); event !== undefined; event = b.pollEvent()) all.push(event);
  return all.filter(({ type }) => type !== 'buffered-amount');
}

const { successNothingToDo, successPerformed, denied, inProgress } = RECONFIGURATION_RESULT;
const { errorWrongSsn, errorBadSequenceNumber, errorRequestAlreadyInProgress } =
  RECONFIGURATION_RESULT;

describe('a reset of streams that comes before its data (RFC 6525 §5.2.2 E2)', () => {
  test('is deferred until the data is there', () => {
    const { attack, answers, b, tsn } = victim();
    for (let i = 0; i < 2; i++) {
      attack(forgeResetRequest(tsn, tsn + 1, [0]));
      expect(sent(answers()).results).toEqual([[tsn, inProgress]]);
    }
    attack(forgeData(tsn + 1, 10, { ssn: 1 }));
    expect(events(b)).toEqual([]);
    attack(forgeData(tsn, 10));
    expect(sent(answers()).results).toEqual([[tsn, successPerformed]]);
    expect(events(b).map(({ type }) => type)).toEqual(['message', 'message', 'streams-reset']);
    // The stream has started anew.
    attack(forgeData(tsn + 2, 10));
    expect(events(b).map(({ type }) => type)).toEqual(['message']);
  });

  test('may come again under a new number, as from libwebrtc', () => {
    const { attack, answers, b, tsn } = victim();
    attack(forgeResetRequest(tsn, tsn, [0]));
    attack(forgeResetRequest(tsn + 1, tsn, [0]));
    expect(sent(answers()).results).toEqual([
      [tsn, inProgress],
      [tsn + 1, inProgress],
    ]);
    attack(forgeData(tsn, 10));
    expect(sent(answers()).results).toEqual([[tsn + 1, successPerformed]]);
    expect(events(b).map(({ type }) => type)).toEqual(['message', 'streams-reset']);
    // And later ones as ever.
    attack(forgeResetRequest(tsn + 2, tsn, [0]));
    expect(sent(answers()).results).toEqual([[tsn + 2, successPerformed]]);
  });
});

describe('requests of a peer that means no good (RFC 6525 §5.2)', () => {
  test('more streams than there may be are denied', () => {
    const { attack, answers, tsn, b } = victim({ b: { inboundStreams: 10, outboundStreams: 5 } });
    const { addOutgoingStreamsRequest: add, addIncomingStreamsRequest: ask } = PARAMETER_TYPE;
    attack(reConfig(addRequest(add, tsn, 1)));
    attack(reConfig(addRequest(add, tsn + 1, 0)));
    attack(reConfig(addRequest(ask, tsn + 2, 65_531)));
    attack(reConfig(addRequest(ask, tsn + 3, 65_530)));
    expect(sent(answers()).results).toEqual([
      [tsn, denied],
      [tsn + 1, successNothingToDo],
      [tsn + 2, denied],
      [tsn + 3, successPerformed],
    ]);
    attack(reConfig(addRequest(ask, tsn + 4, 1)));
    expect(sent(answers()).results).toEqual([[tsn + 4, denied]]);
    expect(b.outboundStreams).toBe(5);
  });

  test('streams that do not exist are named wrong', () => {
    const { attack, answers, tsn, b } = victim({ b: { inboundStreams: 10, outboundStreams: 10 } });
    attack(forgeResetRequest(tsn, tsn - 1, [3, 10]));
    const body = new Uint8Array(10);
    body.set([0, PARAMETER_TYPE.incomingSsnResetRequest, 0, 10]);
    writeUint32(body, 4, tsn + 1);
    body.set([0, 10], 8);
    attack(forgeChunk(CHUNK_TYPE.reConfig, 0, body));
    expect(sent(answers()).results).toEqual([
      [tsn, errorWrongSsn],
      [tsn + 1, errorWrongSsn],
    ]);
    expect(events(b)).toEqual([]);
  });

  test('two requests in one chunk get the same two answers each time they come', () => {
    const { attack, answers, tsn } = victim();
    const chunk = reConfig(
      addRequest(PARAMETER_TYPE.addOutgoingStreamsRequest, tsn, 0),
      addRequest(PARAMETER_TYPE.addIncomingStreamsRequest, tsn + 1, 0),
    );
    for (let i = 0; i < 3; i++) {
      attack(chunk);
      expect(sent(answers()).results).toEqual([
        [tsn, successNothingToDo],
        [tsn + 1, successNothingToDo],
      ]);
    }
    attack(reConfig(restartRequest(tsn + 7)));
    expect(sent(answers()).results).toEqual([[tsn + 7, errorBadSequenceNumber]]);
  });

  test('a reset of the association is done once for each request, with one answer', () => {
    const { attack, answers, tsn, b } = victim();
    attack(forgeData(tsn, 10));
    const first = answers;
    attack(reConfig(restartRequest(tsn)));
    const response = first().at(-1) as Uint8Array;
    attack(reConfig(restartRequest(tsn)));
    const again = answers().at(-1) as Uint8Array;
    expect(Buffer.compare(response.subarray(12), again.subarray(12))).toBe(0);
    expect(events(b).map(({ type }) => type)).toEqual(['message', 'association-reset']);
    // Old TSNs are nothing any more, the new ones and the old SSNs are (§5.2.4 G1, G5).
    const next = (tsn + 1 + 0x8000_0000) >>> 0;
    attack(forgeData(tsn + 1, 10, { ssn: 1 }), forgeData(next, 10));
    expect(events(b).map(({ type }) => type)).toEqual(['message']);
  });

  test('a second reset, or one of streams, waits for the first', () => {
    const { pair, attack, answers, tsn, b } = victim();
    b.send({ streamId: 1, ppid: 53, data: testBytes(10) }, pair.now);
    answers();
    attack(reConfig(restartRequest(tsn)));
    attack(reConfig(restartRequest(tsn + 1)));
    attack(forgeResetRequest(tsn + 1, tsn - 1, [1]));
    expect(sent(answers()).results).toEqual([
      [tsn, inProgress],
      [tsn + 1, errorRequestAlreadyInProgress],
      [tsn + 1, errorRequestAlreadyInProgress],
    ]);
  });

  test('thousands of resets cost nothing that stays', () => {
    const { attack, answers, tsn, b, counters } = victim();
    for (let i = 0; i < 3000; i++) attack(reConfig(restartRequest((tsn + i) >>> 0)));
    expect(answers().length).toBeLessThan(5);
    expect(counters().droppedAnswers).toBeGreaterThan(2900);
    expect(b.stats.receiveBufferedBytes).toBe(0);
    expect(b.state).toBe('established');
  });

  test('any parameters never throw, and never end the association', () => {
    const word = fc.integer({ min: 0, max: 0xffff_ffff });
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.integer({ min: 12, max: 19 }),
            fc.array(fc.oneof(fc.integer({ min: 0, max: 12 }), word), { maxLength: 5 }),
            fc.boolean(),
          ),
          { maxLength: 30 },
        ),
        (chunks) => {
          const { pair, attack, answers, tsn, b } = victim();
          b.resetAssociation(pair.now);
          b.addStreams({}, pair.now);
          for (const [type, words, isNear] of chunks) {
            // Sequence numbers near to what is expected get further.
            const [first = 0, ...rest] = words;
            attack(reConfig(parameter(type, isNear ? (tsn + first) >>> 0 : first, ...rest)));
            answers();
            events(b);
          }
          expect(b.state).toBe('established');
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('answers of a peer that means no good (RFC 6525 §5.2.7)', () => {
  /** B has asked for something; its request's sequence number. */
  function asked(ask: (b: ReturnType<typeof victim>['b'], now: number) => void, options = {}) {
    const attacked = victim(options);
    attacked.answers();
    ask(attacked.b, attacked.pair.now);
    const [request] = sent(attacked.answers()).requests;
    if (request === undefined) throw new Error('Nothing was asked for.');
    return { ...attacked, sequence: request[1] };
  }

  test('to what was not asked are nothing', () => {
    const { attack, answers, b, sequence } = asked((b, now) => b.resetAssociation(now));
    for (const other of [sequence - 1, sequence + 1]) {
      attack(reConfig(answer(other >>> 0, successPerformed, 1, 2)));
    }
    expect(answers()).toEqual([]);
    expect(events(b)).toEqual([]);
  });

  test('"performed" without TSNs is a refusal', () => {
    const { pair, attack, b, sequence } = asked((b, now) => b.resetAssociation(now));
    attack(reConfig(answer(sequence, successPerformed)));
    expect(events(b)).toEqual([{ type: 'association-reset-failed' }]);
    pair.b.send({ streamId: 1, ppid: 53, data: testBytes(10) }, pair.now);
    expect(b.pollDatagram()).toBeDefined();
  });

  test('"in progress" for ever holds no more than twice the receive window', () => {
    const { attack, answers, b, tsn, sequence } = asked((b, now) => b.resetAssociation(now), {
      b: { receiveWindowBytes: 100_000, maxMessageBytes: 50_000 },
    });
    attack(reConfig(answer(sequence, inProgress)));
    for (let i = 0; i < 1000; i++) attack(forgeData((tsn + i) >>> 0, 1000, { ssn: i }));
    answers();
    expect(events(b)).toEqual([]);
    expect(b.stats.receiveBufferedBytes).toBeGreaterThan(190_000);
    expect(b.stats.receiveBufferedBytes).toBeLessThanOrEqual(200_000);
    expect(b.stats.localWindow).toBe(0);
    attack(reConfig(answer(sequence, denied)));
    expect(events(b).filter(({ type }) => type === 'message').length).toBeGreaterThan(190);
  });

  test('"in progress" for ever holds FORWARD TSNs as it does data', () => {
    const { attack, answers, b, counters, tsn, sequence } = asked(
      (b, now) => b.resetAssociation(now),
      { b: { receiveWindowBytes: 100_000, maxMessageBytes: 50_000 } },
    );
    attack(reConfig(answer(sequence, inProgress)));
    const streams = Array.from({ length: 250 }, (_, id): [number, number] => [id, 1]);
    for (let i = 0; i < 1000; i++) attack(forgeForwardTsn((tsn + i) >>> 0, streams));
    answers();
    // Four bytes for each stream that one names: two hundred of them are enough, and the others are dropped.
    expect(b.stats.receiveBufferedBytes).toBeGreaterThan(190_000);
    expect(b.stats.receiveBufferedBytes).toBeLessThanOrEqual(200_000);
    expect(counters().droppedBeyondWindow).toBeGreaterThan(750);
    attack(reConfig(answer(sequence, denied)));
    expect(b.stats.receiveBufferedBytes).toBe(0);
    expect(b.state).toBe('established');
    // What was dropped is not taken for received: the peer says it again.
    attack(forgeForwardTsn((tsn + 999) >>> 0, streams));
    attack(forgeData((tsn + 1000) >>> 0, 1000, { streamId: 300 }));
    expect(events(b).filter(({ type }) => type === 'message')).toHaveLength(1);
  });

  test('data that had waited for one ends the association if it is at fault', () => {
    const { attack, b, tsn, sequence } = asked((b, now) => b.resetAssociation(now), {
      b: { maxMessageBytes: 2000 },
    });
    for (let i = 0; i < 3; i++) attack(forgeData(tsn + i, 1000, { flags: i === 0 ? 2 : 0 }));
    expect(b.state).toBe('established');
    attack(reConfig(answer(sequence, denied)));
    expect(b.state).toBe('failed');
  });

  test('streams that are added without an answer are enough, in the end', () => {
    const { pair, attack, answers, b, tsn, sequence } = asked(
      (b, now) => b.addStreams({ incoming: 5 }, now),
      { a: { outboundStreams: 5 } },
    );
    pair.endB.filter = () => false;
    attack(reConfig(addRequest(PARAMETER_TYPE.addOutgoingStreamsRequest, tsn, 5)));
    answers();
    let tries = 0;
    for (let i = 0; i < 10; i++) {
      const { nextTimeout } = b;
      if (nextTimeout > pair.now + 10_000) break;
      b.handleTimeout(nextTimeout);
      tries += sent(answers()).requests.filter(([, each]) => each === sequence).length;
    }
    expect(tries).toBe(3);
    expect(events(b)).toMatchObject([{ type: 'streams-added', inboundStreams: 10 }]);
  });
});
