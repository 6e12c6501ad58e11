// SDES items as header extensions: MID, RtpStreamId, RepairedRtpStreamId (RFC 7941, RFC 8852 §3, RFC 9143 §15, https://www.rfc-editor.org/rfc/rfc8852#section-3).
//
//  0                   1
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 ...
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | text, not terminated        ...
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

/** The media section that the packet belongs to: a token of SDP, undefined if it is not one. */
export function decodeMid(bytes: Uint8Array, start: number, end: number): string | undefined {
  return decodeText(bytes, start, end, isTokenCharacter);
}

/**
 * The restriction identifier of the packet's stream, or of the stream that the packet repairs; undefined
 * if it is not made of letters, digits, `-` and `_` (RFC 8851 §10).
 */
export function decodeRtpStreamId(
  bytes: Uint8Array,
  start: number,
  end: number,
): string | undefined {
  return decodeText(bytes, start, end, isRidCharacter);
}

/**
 * Writes a MID, RtpStreamId or RepairedRtpStreamId at `offset`, one byte for each character; returns the
 * offset behind it.
 *
 * @throws RangeError if `text` is empty, longer than 255, or holds what is not ASCII.
 */
export function encodeSdesItem(text: string, out: Uint8Array, offset: number): number {
  if (text.length === 0 || text.length > 255) {
    throw new RangeError(`text: an item has 1 to 255 characters, not ${text.length}.`);
  }
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7e) throw new RangeError(`text: "${text}" holds more than ASCII.`);
    out[offset + i] = code;
  }
  return offset + text.length;
}

function decodeText(
  bytes: Uint8Array,
  start: number,
  end: number,
  isAllowed: (code: number) => boolean,
): string | undefined {
  if (start >= end) return undefined;
  let text = '';
  for (let i = start; i < end; i++) {
    const code = bytes[i] as number;
    if (!isAllowed(code)) return undefined;
    text += String.fromCharCode(code);
  }
  return text;
}

function isRidCharacter(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x61 && code <= 0x7a) ||
    code === 0x2d ||
    code === 0x5f
  );
}

// token-char of RFC 8866 §9: visible ASCII without "(),/:;<=>?@[\]
function isTokenCharacter(code: number): boolean {
  return code > 0x20 && code < 0x7f && !'"(),/:;<=>?@[\\]'.includes(String.fromCharCode(code));
}
