// CRC32c by the kernel, sixteen bytes at a time (RFC 9260 Appendix A).

import { crc32c as wireCrc32c } from '@kaon/wire';
import { getKernel, KernelAddress, loadPacket } from './kernel.ts';

/** Below this many bytes the call costs more than it gains. */
const MIN_LENGTH = 64;
const MAX_LENGTH = 65536;
let hasTables = false;

/** The CRC32c of `bytes[start..end)`, behind bytes whose CRC32c is `previous`. */
export function kernelCrc32c(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
  previous = 0,
): number {
  const length = end - start;
  if (length < MIN_LENGTH || length > MAX_LENGTH) return wireCrc32c(bytes, start, end, previous);
  const { exports } = getKernel();
  if (!hasTables) {
    exports.makeCrcTables();
    hasTables = true;
  }
  loadPacket(bytes, start, end, KernelAddress.packet);
  return exports.crc32c(length, previous) >>> 0;
}
