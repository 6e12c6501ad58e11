import { defaultCrypto } from '@kaon/crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decodeHandshakeFragment,
  encodeHandshakeMessage,
  type HandshakeMessage,
} from '../handshake/handshake-message.ts';
import { Reassembler } from '../handshake/reassembler.ts';
import { decodeRecordHeader, MAX_SEQUENCE_NUMBER, RECORD_HEADER_LENGTH } from './record.ts';
import { AeadRecordSealer } from './record-protection.ts';
import { RecordSender } from './record-sender.ts';

function sealer(): AeadRecordSealer {
  const key = defaultCrypto.createPacketKey('aes-128-gcm', new Uint8Array(16));
  return new AeadRecordSealer(key, { fixedIv: new Uint8Array(4), explicitNonceLength: 8 }, 1);
}

function drain(sender: RecordSender): Uint8Array[] {
  const datagrams: Uint8Array[] = [];
  for (let next = sender.datagrams.shift(); next; next = sender.datagrams.shift())
    datagrams.push(next);
  return datagrams;
}

/** Contents of the records in a datagram. */
function contents(datagram: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 0; at < datagram.length; ) {
    const header = decodeRecordHeader(datagram, at);
    if (header === undefined) throw new Error('A record is cut short.');
    at += RECORD_HEADER_LENGTH;
    found.push(datagram.subarray(at, at + header.length));
    at += header.length;
  }
  return found;
}

test('puts small messages into one datagram', () => {
  const sender = new RecordSender(1200);
  const items = [3, 200, 500].map((length, i) => ({
    type: 22,
    epoch: 0,
    bytes: encodeHandshakeMessage(11, i, new Uint8Array(length)),
  }));
  sender.sendFlight(items);
  const datagrams = drain(sender);
  expect(datagrams).toHaveLength(1);
  expect(contents(datagrams[0] as Uint8Array)).toEqual(items.map(({ bytes }) => bytes));
});

test('gives each record the next number, and each repetition new ones (RFC 6347 §4.2.4)', () => {
  const sender = new RecordSender(1200);
  const item = { type: 22, epoch: 0, bytes: encodeHandshakeMessage(14, 0, new Uint8Array(0)) };
  sender.sendFlight([item]);
  sender.sendFlight([item]);
  const numbers = drain(sender).map((each) => decodeRecordHeader(each, 0)?.sequenceNumber);
  expect(numbers).toEqual([0, 1]);
});

test('sends no record once the numbers are used up (RFC 6347 §4.1)', () => {
  const sender = new RecordSender(1200);
  sender.addEpoch(sealer(), MAX_SEQUENCE_NUMBER - 1);
  sender.sendFlight([
    { type: 22, epoch: 1, bytes: encodeHandshakeMessage(20, 0, new Uint8Array(12)) },
  ]);
  expect(sender.send(23, new Uint8Array(10))).toBe(true);
  expect(sender.send(23, new Uint8Array(10))).toBe(false);
  expect(drain(sender)).toHaveLength(2);
});

test('cuts any messages so that every datagram fits and all come together again', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 64, max: 1500 }),
      fc.array(fc.uint8Array({ maxLength: 900 }), { minLength: 1, maxLength: 6 }),
      (mtu, bodies) => {
        const sender = new RecordSender(mtu);
        const messages = bodies.map((body, i) => encodeHandshakeMessage(11, i, body));
        sender.sendFlight(messages.map((bytes) => ({ type: 22, epoch: 0, bytes })));
        const reassembler = new Reassembler(true);
        const found: HandshakeMessage[] = [];
        for (const datagram of drain(sender)) {
          expect(datagram.length).toBeLessThanOrEqual(mtu);
          for (const content of contents(datagram)) {
            const fragment = decodeHandshakeFragment(content, 0);
            if (fragment === undefined) throw new Error('A fragment is malformed.');
            expect(reassembler.insert(fragment, 0)).toBe('accepted');
            const message = reassembler.poll();
            if (message === undefined) continue;
            reassembler.accept(message);
            found.push(message);
          }
        }
        expect(found.map(({ bytes }) => bytes)).toEqual(messages);
      },
    ),
  );
});
