// The INIT that goes with signalling instead of the path: SNAP (draft-hancke-tsvwg-snap, https://datatracker.ietf.org/doc/draft-hancke-tsvwg-snap/).
import type { RandomSource } from '@kaon/wire';
import { encodeSignaledInit } from './handshake.ts';
import { resolveOptions, type SctpOptions } from './options.ts';

/**
 * An INIT chunk for `a=sctp-init`, to be given to the association as `signaledInit` too.
 *
 * @param options those of the association that is to come.
 * @throws RangeError if an option is out of its range.
 */
export function createSctpInit(
  options: Partial<SctpOptions> & { readonly random: RandomSource },
): Uint8Array {
  const { random } = options;
  const init = { tag: random.uint32() || 1, initialTsn: random.uint32() };
  return encodeSignaledInit(resolveOptions(options), init);
}
