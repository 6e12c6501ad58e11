// Packets as an attacker makes them: any chunks, any tag, a right checksum or not.
import { writeUint16, writeUint32 } from '@kaon/wire';
import { DATA_FLAG, dataLength, encodeData } from '../src/chunks/data.ts';
import { writeChecksum, writeCommonHeader } from '../src/packet.ts';

interface DataFields {
  readonly flags?: number;
  readonly streamId?: number;
  readonly ssn?: number;
}

interface InitFields {
  readonly aRwnd?: number;
  readonly outbound?: number;
  readonly inbound?: number;
  readonly parameters?: Uint8Array;
}

/** A packet with these chunks, padded each. */
export function forgePacket(tag: number, ...chunks: readonly Uint8Array[]): Uint8Array {
  const length = chunks.reduce((sum, chunk) => sum + ((chunk.length + 3) & ~3), 12);
  const packet = new Uint8Array(length);
  let at = writeCommonHeader(packet, 5000, 5000, tag);
  for (const chunk of chunks) {
    packet.set(chunk, at);
    at += (chunk.length + 3) & ~3;
  }
  writeChecksum(packet, length);
  return packet;
}

/** A chunk of any type with any body. */
export function forgeChunk(
  type: number,
  flags: number,
  body: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const chunk = new Uint8Array(4 + body.length);
  chunk[0] = type;
  chunk[1] = flags;
  writeUint16(chunk, 2, chunk.length);
  chunk.set(body, 4);
  return chunk;
}

/** A DATA chunk; a whole ordered message on stream 0 unless said otherwise. */
export function forgeData(
  tsn: number,
  length: number,
  { flags = DATA_FLAG.beginning | DATA_FLAG.end, streamId = 0, ssn = 0 }: DataFields = {},
): Uint8Array {
  const chunk = new Uint8Array(dataLength(length));
  encodeData({ flags, tsn, streamId, ssn, ppid: 53 }, new Uint8Array(length), 0, length, chunk, 0);
  writeUint16(chunk, 2, 16 + length);
  return chunk;
}

/** A SACK. */
export function forgeSack(
  cumulativeTsnAck: number,
  blocks: readonly (readonly [number, number])[] = [],
  aRwnd = 1_000_000,
  duplicateTsns: readonly number[] = [],
): Uint8Array {
  const body = new Uint8Array(12 + 4 * (blocks.length + duplicateTsns.length));
  writeUint32(body, 0, cumulativeTsnAck);
  writeUint32(body, 4, aRwnd);
  writeUint16(body, 8, blocks.length);
  writeUint16(body, 10, duplicateTsns.length);
  blocks.forEach(([start, end], i) => {
    writeUint16(body, 12 + 4 * i, start);
    writeUint16(body, 14 + 4 * i, end);
  });
  duplicateTsns.forEach((tsn, i) => {
    writeUint32(body, 12 + 4 * (blocks.length + i), tsn);
  });
  return forgeChunk(3, 0, body);
}

/** FORWARD TSN. */
export function forgeForwardTsn(
  tsn: number,
  streams: readonly (readonly [number, number])[] = [],
): Uint8Array {
  const body = new Uint8Array(4 + 4 * streams.length);
  writeUint32(body, 0, tsn);
  streams.forEach(([id, ssn], i) => {
    writeUint16(body, 4 + 4 * i, id);
    writeUint16(body, 6 + 4 * i, ssn);
  });
  return forgeChunk(192, 0, body);
}

/** RE-CONFIG with one Outgoing SSN Reset Request. */
export function forgeResetRequest(
  sequence: number,
  lastTsn: number,
  ids: readonly number[],
): Uint8Array {
  const body = new Uint8Array(16 + 2 * ids.length);
  writeUint16(body, 0, 13);
  writeUint16(body, 2, body.length);
  writeUint32(body, 4, sequence);
  writeUint32(body, 12, lastTsn);
  ids.forEach((id, i) => {
    writeUint16(body, 16 + 2 * i, id);
  });
  return forgeChunk(130, 0, body);
}

/** INIT with the given fields. */
export function forgeInit(
  tag: number,
  { aRwnd = 100_000, outbound = 10, inbound = 10, parameters = new Uint8Array(0) }: InitFields = {},
): Uint8Array {
  const body = new Uint8Array(16 + parameters.length);
  writeUint32(body, 0, tag);
  writeUint32(body, 4, aRwnd);
  writeUint16(body, 8, outbound);
  writeUint16(body, 10, inbound);
  writeUint32(body, 12, 1);
  body.set(parameters, 16);
  return forgeChunk(1, 0, body);
}

/** HEARTBEAT with some info. */
export function forgeHeartbeat(tag: number): Uint8Array {
  return forgePacket(tag, forgeChunk(4, 0, Uint8Array.of(0, 1, 0, 8, 1, 2, 3, 4)));
}
