// The public face of @kaon/wire: bytes, serial numbers, timers, checksums, addresses, packet memory.

export { ByteReader, readUint16, readUint24, readUint32, readUint48 } from './byte-reader.ts';
export { ByteWriter, writeUint16, writeUint24, writeUint32, writeUint48 } from './byte-writer.ts';
export {
  concatBytes,
  decodeUtf8,
  encodeUtf8,
  equalBytes,
  formatHex,
  parseHex,
  parseUtf8,
} from './bytes.ts';
export { crc32, crc32c } from './crc32.ts';
export type { AddressScope } from './ip-address.ts';
export { addressFamily, addressScope, formatIpAddress, parseIpAddress } from './ip-address.ts';
export type {
  InterfaceAddress,
  Network,
  NetworkTimer,
  TransportAddress,
  UdpSocket,
  UdpSocketHandler,
} from './network.ts';
export { equalAddresses, formatAddress } from './network.ts';
export { PacketSlab, packetSlab } from './packet-slab.ts';
export { Queue } from './queue.ts';
export type { RandomSource } from './random-source.ts';
export { releaseMemory } from './release-memory.ts';
export {
  serialAdd16,
  serialAdd32,
  serialDistance16,
  serialDistance32,
  serialLess16,
  serialLess32,
  unwrapSerial16,
  unwrapSerial32,
} from './serial-number.ts';
export type { TimerOptions } from './timer.ts';
export { Timer } from './timer.ts';
