// Reads a session description from text; what is wrong comes back with its line, and nothing throws.
// https://www.rfc-editor.org/rfc/rfc9429#section-5.8

import { isWellFormedAttribute } from './attribute-grammar.ts';
import { attributeName, type SdpLine, type SdpMedia, type SdpSession } from './session.ts';

/** Why a text is no session description. */
export interface SdpSyntaxFault {
  /** Counted from 1. */
  readonly line: number;
  /** What was expected. */
  readonly reason: string;
}

/** A description, or why there is none. */
export type SdpParseResult =
  | { readonly session: SdpSession; readonly fault?: undefined }
  | { readonly session?: undefined; readonly fault: SdpSyntaxFault };

/** A browser's largest descriptions have some hundred kilobytes. */
const MAX_SDP_LENGTH = 4 * 1024 * 1024;

// The order of the lines of each level (RFC 8866 §5); attributes last.
const SESSION_ORDER = 'vosiuepcbtrzka';
const MEDIA_ORDER = 'icbka';

const TOKEN = "[!#$%&'*+\\-.0-9A-Z^_`a-z{|}~]+";
const LINE = /^([a-z])=(.*)$/;
const MEDIA_LINE = new RegExp(
  `^(${TOKEN}) (\\d{1,5})(?:/(\\d{1,5}))? (${TOKEN}(?:/${TOKEN})*)((?: ${TOKEN})+)$`,
);
const LINE_GRAMMARS: Readonly<Record<string, RegExp>> = {
  v: /^0$/,
  o: /^\S+ \d{1,20} \d{1,20} \S+ \S+ \S+$/,
  s: /^.+$/,
  t: /^\d+ \d+$/,
  c: /^\S+ \S+ \S+$/,
  b: /^[^:\s]+:\d+$/,
};

/** Parses `text`; line ends may be CRLF or LF. */
export function parseSession(text: string): SdpParseResult {
  if (text.length > MAX_SDP_LENGTH) return fault(1, 'a description of at most 4 MiB');
  const texts = text.split(/\r\n|\n/);
  if (texts.at(-1) === '') texts.pop();

  const sessionLines: SdpLine[] = [];
  const media: (SdpMedia & { readonly lines: SdpLine[] })[] = [];
  let order = SESSION_ORDER;
  let position = 0;
  for (const [index, line] of texts.entries()) {
    const match = LINE.exec(line);
    if (match === null) return fault(index + 1, 'a line of the form <letter>=<value>');
    const [, type = '', value = ''] = match;
    if (type === 'm') {
      const missing = media.length === 0 ? missingSessionLine(sessionLines) : undefined;
      if (missing !== undefined) return fault(index + 1, missing);
      const section = parseMediaLine(value);
      if (section === undefined) {
        return fault(index + 1, 'm=<media> <port> <protocol> <format> …');
      }
      media.push(section);
      order = MEDIA_ORDER;
      position = 0;
      continue;
    }
    const next = order.indexOf(type);
    if (next === -1) return fault(index + 1, `no ${type}= line here`);
    // Time descriptions repeat as a group of t= and r= lines.
    const isNewTime = type === 't' && order === SESSION_ORDER && order[position] === 'r';
    if (next < position && !isNewTime)
      return fault(index + 1, `${type}= before ${order[position]}=`);
    position = next;
    const parsed: SdpLine = { type, value };
    if (!isWellFormed(parsed)) {
      return fault(index + 1, `a well-formed ${attributeName(parsed) ?? `${type}=`} line`);
    }
    (media.at(-1)?.lines ?? sessionLines).push(parsed);
  }
  const missing = missingSessionLine(sessionLines);
  return missing === undefined
    ? { session: { lines: sessionLines, media } }
    : fault(Math.max(texts.length, 1), missing);
}

function fault(line: number, reason: string): SdpParseResult {
  return { fault: { line, reason } };
}

function isWellFormed(line: SdpLine): boolean {
  if (line.value.includes('\r') || line.value.includes('\0')) return false;
  if (line.type === 'a') return isWellFormedAttribute(line);
  return LINE_GRAMMARS[line.type]?.test(line.value) ?? line.value !== '';
}

/** Each description has one v=, o= and s= line and at least one t= line (RFC 8866 §5). */
function missingSessionLine(lines: readonly SdpLine[]): string | undefined {
  for (const type of ['v', 'o', 's']) {
    const count = lines.filter((line) => line.type === type).length;
    if (count !== 1) return `exactly one ${type}= line`;
  }
  return lines.some((line) => line.type === 't') ? undefined : 'a t= line';
}

function parseMediaLine(value: string): (SdpMedia & { readonly lines: SdpLine[] }) | undefined {
  const match = MEDIA_LINE.exec(value);
  if (match === null) return undefined;
  const [, media = '', port = '', portCount, protocol = '', formats = ''] = match;
  if (Number(port) > 65535) return undefined;
  return {
    media,
    port: Number(port),
    ...(portCount === undefined ? {} : { portCount: Number(portCount) }),
    protocol,
    formats: formats.slice(1).split(' '),
    lines: [],
  };
}
