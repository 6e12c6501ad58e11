// Takes datagrams apart and makes forged ones; for tests only.

import { concatBytes } from '@kaon/wire';
import { encodeHandshakeMessage } from '../src/handshake/handshake-message.ts';
import {
  decodeRecordHeader,
  encodeRecordHeader,
  RECORD_HEADER_LENGTH,
  type RecordHeader,
} from '../src/record/record.ts';

export interface TestRecord {
  readonly header: RecordHeader;
  readonly content: Uint8Array;
}

/** The records of a datagram. */
export function splitRecords(datagram: Uint8Array): TestRecord[] {
  const records: TestRecord[] = [];
  for (let at = 0; at < datagram.length; ) {
    const header = decodeRecordHeader(datagram, at);
    if (header === undefined) throw new Error('The datagram does not end with a record.');
    at += RECORD_HEADER_LENGTH;
    records.push({ header, content: datagram.slice(at, at + header.length) });
    at += header.length;
  }
  return records;
}

/** A record with a header of its own. */
export function joinRecord(header: Omit<RecordHeader, 'length'>, content: Uint8Array): Uint8Array {
  const record = new Uint8Array(RECORD_HEADER_LENGTH + content.length);
  const { type, version, epoch, sequenceNumber } = header;
  const at = encodeRecordHeader(record, 0, type, version, epoch, sequenceNumber, content.length);
  record.set(content, at);
  return record;
}

/** A record of epoch 0 that anyone could have sent. */
export function forgeRecord(type: number, content: Uint8Array, sequenceNumber = 7): Uint8Array {
  return joinRecord({ type, version: 0xfefd, epoch: 0, sequenceNumber }, content);
}

/** A whole handshake message in a record that anyone could have sent. */
export function forgeMessage(type: number, messageSeq: number, body: Uint8Array): Uint8Array {
  return forgeRecord(22, encodeHandshakeMessage(type, messageSeq, body));
}

/** The datagram with `change` made to the body of each whole cleartext handshake message of `type`. */
export function rewriteMessage(
  datagram: Uint8Array,
  type: number,
  change: (body: Uint8Array) => Uint8Array,
): Uint8Array {
  const records = splitRecords(datagram).map(({ header, content }) => {
    if (header.type !== 22 || header.epoch !== 0 || content[0] !== type) {
      return joinRecord(header, content);
    }
    const messageSeq = ((content[4] as number) << 8) | (content[5] as number);
    return joinRecord(header, encodeHandshakeMessage(type, messageSeq, change(content.slice(12))));
  });
  return concatBytes(...records);
}

/** `bytes` with one bit of the byte at `at` turned over; from the end if negative. */
export function flip(bytes: Uint8Array, at: number): Uint8Array {
  const changed = bytes.slice();
  const index = at < 0 ? bytes.length + at : at;
  changed[index] = (changed[index] as number) ^ 1;
  return changed;
}
