// The sending half of the record layer: epochs, sequence numbers, fragments and full datagrams.
// https://www.rfc-editor.org/rfc/rfc6347#section-4.1 https://www.rfc-editor.org/rfc/rfc6347#section-4.2.3

import { packetSlab, Queue, readUint16, readUint24 } from '@kaon/wire';
import { encodeHandshakeHeader, HANDSHAKE_HEADER_LENGTH } from '../handshake/handshake-message.ts';
import { ProtocolVersion } from '../protocol-version.ts';
import {
  ContentType,
  encodeRecordHeader,
  MAX_PLAINTEXT_LENGTH,
  MAX_SEQUENCE_NUMBER,
  RECORD_HEADER_LENGTH,
} from './record.ts';
import type { RecordSealer } from './record-protection.ts';

/** A piece of a flight: a whole handshake message with its header, or a ChangeCipherSpec. */
export interface FlightItem {
  readonly type: number;
  readonly epoch: number;
  readonly bytes: Uint8Array;
}

interface WriteEpoch {
  readonly sealer: RecordSealer | undefined;
  nextSequenceNumber: number;
}

/** Turns contents into records and records into datagrams, which {@link datagrams} holds. */
export class RecordSender {
  /** What is to be sent, oldest first. */
  readonly datagrams: Queue<Uint8Array> = new Queue<Uint8Array>();
  /** Records made so far. */
  recordsSent = 0;
  /** The version that records bear; DTLS 1.0 in first hellos (RFC 6347 §4.2.1). */
  version: number = ProtocolVersion.dtls10;
  readonly #mtu: number;
  readonly #epochs: WriteEpoch[] = [{ sealer: undefined, nextSequenceNumber: 0 }];
  /** The epoch that single records are sent in. */
  #epoch = 0;

  constructor(mtu: number) {
    this.#mtu = mtu;
  }

  /** The sequence number of the next record of epoch 0. */
  get nextCleartextNumber(): number {
    return (this.#epochs[0] as WriteEpoch).nextSequenceNumber;
  }

  /** Bytes that a record of the epoch in use is longer than its content. */
  get overhead(): number {
    return this.#overhead(this.#epoch);
  }

  /** Makes the next epoch ready; it is in use from the first flight on that has something in it. */
  addEpoch(sealer: RecordSealer, firstSequenceNumber = 0): void {
    this.#epochs.push({ sealer, nextSequenceNumber: firstSequenceNumber });
  }

  /** Lets epoch 0 go on from `sequenceNumber`: a server answers with its client's (RFC 6347 §4.2.1). */
  continueFrom(sequenceNumber: number): void {
    const epoch = this.#epochs[0] as WriteEpoch;
    epoch.nextSequenceNumber = Math.max(epoch.nextSequenceNumber, sequenceNumber);
  }

  /** Sends one record in a datagram of its own; false if there are no sequence numbers left. */
  send(type: number, content: Uint8Array): boolean {
    const datagram = packetSlab.allocate(content.length + this.overhead);
    if (this.#write(type, this.#epoch, content, datagram, 0) < 0) return false;
    this.datagrams.push(datagram);
    return true;
  }

  /**
   * Sends `items` in as few datagrams as the MTU allows, cutting handshake messages where a datagram is
   * full. Each call makes new records: a repeated flight bears new sequence numbers (RFC 6347 §4.2.4).
   */
  sendFlight(items: readonly FlightItem[]): void {
    let datagram = packetSlab.allocate(this.#mtu);
    let length = 0;
    for (const item of items) {
      this.#epoch = Math.max(this.#epoch, item.epoch);
      const overhead = this.#overhead(item.epoch);
      const isHandshake = item.type === ContentType.handshake;
      const header = isHandshake ? HANDSHAKE_HEADER_LENGTH : 0;
      const total = item.bytes.length - header;
      let sent = 0;
      for (;;) {
        const room = Math.min(this.#mtu - length - overhead, MAX_PLAINTEXT_LENGTH) - header;
        const rest = total - sent;
        // A message that fits into a datagram of its own is not cut to fill up another one's last bytes.
        const wanted = Math.min(rest, MIN_FRAGMENT_LENGTH);
        if (length > 0 && (room < wanted || room < 0)) {
          this.datagrams.push(datagram.subarray(0, length));
          datagram = packetSlab.allocate(this.#mtu);
          length = 0;
          continue;
        }
        const size = Math.min(rest, room);
        const content = isHandshake ? cutFragment(item.bytes, sent, size) : item.bytes;
        const end = this.#write(item.type, item.epoch, content, datagram, length);
        if (end < 0) return;
        length = end;
        sent += size;
        if (sent === total) break;
      }
    }
    if (length > 0) this.datagrams.push(datagram.subarray(0, length));
  }

  /** Wipes the keys; nothing protected can be sent any more. */
  destroy(): void {
    for (const { sealer } of this.#epochs) sealer?.destroy();
  }

  #overhead(epoch: number): number {
    return (this.#epochs[epoch] as WriteEpoch).sealer?.overhead ?? RECORD_HEADER_LENGTH;
  }

  #write(
    type: number,
    epoch: number,
    content: Uint8Array,
    out: Uint8Array,
    offset: number,
  ): number {
    const state = this.#epochs[epoch] as WriteEpoch;
    const sequenceNumber = state.nextSequenceNumber;
    // RFC 6347 §4.1: sequence numbers never wrap.
    if (sequenceNumber > MAX_SEQUENCE_NUMBER) return -1;
    state.nextSequenceNumber = sequenceNumber + 1;
    this.recordsSent++;
    const { version } = this;
    if (state.sealer !== undefined) {
      return state.sealer.seal(type, version, sequenceNumber, content, out, offset);
    }
    const { length } = content;
    const at = encodeRecordHeader(out, offset, type, version, epoch, sequenceNumber, length);
    out.set(content, at);
    return at + length;
  }
}

/** A first fragment shorter than this is not worth a record. */
const MIN_FRAGMENT_LENGTH = 32;

/** `size` bytes of the message's body from `offset` on, behind a header that says so. */
function cutFragment(message: Uint8Array, offset: number, size: number): Uint8Array {
  const from = HANDSHAKE_HEADER_LENGTH + offset;
  const total = message.length - HANDSHAKE_HEADER_LENGTH;
  if (size === total) return message;
  const fragment = new Uint8Array(HANDSHAKE_HEADER_LENGTH + size);
  const type = message[0] as number;
  encodeHandshakeHeader(
    fragment,
    0,
    type,
    readUint24(message, 1),
    readUint16(message, 4),
    offset,
    size,
  );
  fragment.set(message.subarray(from, from + size), HANDSHAKE_HEADER_LENGTH);
  return fragment;
}
