// Codes of messages that are parts of other memory, one by one (RFC 2104).

import type { Hmac } from '../provider.ts';
import { HASH_LENGTHS } from '../signature-scheme.ts';
import { checkRoom } from './packet-number.ts';

/** {@link CryptoProvider.computeHmacs}, one after the other. */
export function computeHmacs(
  count: number,
  hmacs: readonly Hmac[],
  messages: readonly Uint8Array[],
  ranges: Uint32Array,
  out: Uint8Array,
): void {
  checkHmacs(count, hmacs, messages, ranges, out);
  let offset = 0;
  for (let i = 0; i < count; i++) {
    offset = (hmacs[i] as Hmac).computeInto(
      messages[i] as Uint8Array,
      ranges[2 * i] as number,
      ranges[2 * i + 1] as number,
      out,
      offset,
    );
  }
}

/** {@link Hmac.computeInto} where a library gives codes in memory of its own. */
export function computeByParts(
  hmac: Hmac,
  message: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  offset: number,
): number {
  checkMessage(message, start, end);
  checkRoom(out, offset, HASH_LENGTHS[hmac.algorithm]);
  const code = hmac.compute(message.subarray(start, end));
  out.set(code, offset);
  return offset + code.length;
}

/** @throws RangeError if a message is none, or `out` has no room for all codes. */
export function checkHmacs(
  count: number,
  hmacs: readonly Hmac[],
  messages: readonly Uint8Array[],
  ranges: Uint32Array,
  out: Uint8Array,
): void {
  if (!(count <= hmacs.length && count <= messages.length && 2 * count <= ranges.length)) {
    throw new RangeError(
      `Not ${count} codes of ${hmacs.length} keys, ${messages.length} messages and ${ranges.length / 2} ranges.`,
    );
  }
  let length = 0;
  for (let i = 0; i < count; i++) {
    length += HASH_LENGTHS[(hmacs[i] as Hmac).algorithm];
    checkMessage(messages[i] as Uint8Array, ranges[2 * i] as number, ranges[2 * i + 1] as number);
  }
  checkRoom(out, 0, length);
}

/** @throws RangeError if `[start, end)` is no part of the message. */
export function checkMessage(message: Uint8Array, start: number, end: number): void {
  if (!(start >= 0 && start <= end && end <= message.length)) {
    throw new RangeError(`No message is from ${start} to ${end} of ${message.length} bytes.`);
  }
}
