// PASSWORD-ALGORITHM and PASSWORD-ALGORITHMS: how a long-term key is made (RFC 8489 §14.11, §14.12).
// https://www.rfc-editor.org/rfc/rfc8489#section-14.11

import { ByteReader, writeUint16 } from '@kaon/wire';
import type { AttributeKind } from '../attribute.ts';

//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |          Algorithm           |  Algorithm Parameters Length   |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                    Algorithm Parameters (variable)
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

/** One algorithm; the two of RFC 8489 §18.5 take no parameters. */
export interface PasswordAlgorithm {
  /** {@link PASSWORD_ALGORITHM_MD5} or {@link PASSWORD_ALGORITHM_SHA256}, or one unknown to us. */
  readonly algorithm: number;
  /** A view of the message when decoded. */
  readonly parameters: Uint8Array;
}

/** Key by MD5 (RFC 8489 §18.5.1). */
export const PASSWORD_ALGORITHM_MD5 = 0x0001;
/** Key by SHA-256 (RFC 8489 §18.5.2). */
export const PASSWORD_ALGORITHM_SHA256 = 0x0002;

/** The algorithm that the client chose. */
export const PASSWORD_ALGORITHM: AttributeKind<PasswordAlgorithm> = {
  name: 'PASSWORD-ALGORITHM',
  type: 0x001d,
  byteLength: entryLength,
  encode(value, out, offset) {
    encodeEntry(value, out, offset);
  },
  decode(value) {
    const reader = new ByteReader(value);
    const entry = decodeEntry(reader);
    return reader.failed || reader.remaining > 0 ? undefined : entry;
  },
};

/** The algorithms that the server offers, best first. */
export const PASSWORD_ALGORITHMS: AttributeKind<readonly PasswordAlgorithm[]> = {
  name: 'PASSWORD-ALGORITHMS',
  type: 0x8002,
  byteLength: (list) => list.reduce((sum, entry) => sum + entryLength(entry), 0),
  encode(list, out, offset) {
    let at = offset;
    for (const entry of list) at = encodeEntry(entry, out, at);
  },
  decode(value) {
    const reader = new ByteReader(value);
    const list: PasswordAlgorithm[] = [];
    while (reader.remaining > 0) list.push(decodeEntry(reader));
    return reader.failed ? undefined : list;
  },
};

function entryLength({ parameters }: PasswordAlgorithm): number {
  return 4 + ((parameters.length + 3) & ~3);
}

function encodeEntry(entry: PasswordAlgorithm, out: Uint8Array, offset: number): number {
  writeUint16(out, offset, entry.algorithm);
  writeUint16(out, offset + 2, entry.parameters.length);
  out.set(entry.parameters, offset + 4);
  return offset + entryLength(entry);
}

function decodeEntry(reader: ByteReader): PasswordAlgorithm {
  const algorithm = reader.uint16();
  const length = reader.uint16();
  const parameters = reader.view(length);
  reader.skip(-length & 3);
  return { algorithm, parameters };
}
