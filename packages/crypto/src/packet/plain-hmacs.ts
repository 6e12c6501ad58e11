// Codes of several messages, one by one.

import type { Hmac } from '../provider.ts';
import { HASH_LENGTHS } from '../signature-scheme.ts';

/** Computes each message's code with its own key. */
export function computeHmacs(
  hmacs: readonly Hmac[],
  messages: readonly Uint8Array[],
  out: Uint8Array,
): void {
  checkHmacRoom(hmacs, out);
  let offset = 0;
  for (const [i, hmac] of hmacs.entries()) {
    const code = hmac.compute(messages[i] as Uint8Array);
    out.set(code, offset);
    offset += code.length;
  }
}

/** @throws RangeError if `out` has no room for all codes. */
export function checkHmacRoom(hmacs: readonly Hmac[], out: Uint8Array): void {
  let length = 0;
  for (const { algorithm } of hmacs) length += HASH_LENGTHS[algorithm];
  if (length > out.length) {
    throw new RangeError(`No room for ${length} bytes of codes in ${out.length}.`);
  }
}
