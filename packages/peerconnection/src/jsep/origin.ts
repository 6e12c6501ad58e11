// The o= line and the other session-level lines that every description of a connection starts with.
// https://www.rfc-editor.org/rfc/rfc9429#section-5.2.1

import { type RandomSource, readUint32 } from '@kaon/wire';
import { attributeLine, type SdpLine } from '../sdp/session.ts';

/** Identifies a connection's descriptions: one random session, a version for each description. */
export class SessionOrigin {
  readonly #sessionId: string;
  #version = 1;

  constructor(random: RandomSource) {
    const bytes = new Uint8Array(8);
    random.fill(bytes);
    // 63 random bits.
    const high = BigInt(readUint32(bytes, 0) & 0x7fffffff);
    this.#sessionId = String((high << 32n) | BigInt(readUint32(bytes, 4)));
  }

  /** The version line of the next description; each call is a new version (RFC 9429 §5.2.2). */
  nextLine(): SdpLine {
    this.#version++;
    return { type: 'o', value: `- ${this.#sessionId} ${this.#version} IN IP4 0.0.0.0` };
  }
}

/** The session-level lines of a description. */
export function sessionLines(
  origin: SdpLine,
  options: { readonly bundle: readonly string[] | undefined; readonly trickle: boolean },
): SdpLine[] {
  const lines: SdpLine[] = [
    { type: 'v', value: '0' },
    origin,
    { type: 's', value: '-' },
    { type: 't', value: '0 0' },
  ];
  if (options.bundle !== undefined) {
    lines.push(attributeLine('group', ['BUNDLE', ...options.bundle].join(' ')));
  }
  // RFC 9429 §5.2.1: in offers, and in answers to offers that have it (§5.3.1).
  if (options.trickle) lines.push(attributeLine('ice-options', 'trickle ice2'));
  return lines;
}
