// The grammar of the attributes that Kaon reads; all others are kept unread.
// https://www.rfc-editor.org/rfc/rfc9429#section-5.8.2

import { attributeName, type SdpLine } from './session.ts';

const NUMBER = /^\d{1,19}$/;
const TOKENS = /^[^\s]+(?: [^\s]+)*$/;
const FLAG = /^$/;

const GRAMMARS: Readonly<Record<string, RegExp>> = {
  // RFC 5888 §4 and §5.
  mid: /^[^\s]+$/,
  group: TOKENS,
  // RFC 8839 §5; the lengths of credentials are a matter of meaning, not of syntax.
  'ice-ufrag': /^[^\s]+$/,
  'ice-pwd': /^[^\s]+$/,
  'ice-options': TOKENS,
  'ice-lite': FLAG,
  candidate: /^[^\s]{1,32} \d{1,5} [^\s]+ \d{1,10} [^\s]+ \d{1,5} typ [^\s]+(?: [^\s]+ [^\s]*)*$/,
  // RFC 8840 §4.3.
  'end-of-candidates': FLAG,
  // RFC 8122 §5; lower-case digits are forgiven.
  fingerprint: /^[^\s]+ [0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})*$/,
  // RFC 4145 §4.
  setup: /^(?:active|passive|actpass|holdconn)$/,
  // RFC 8841 §5 and §6; the old form of draft-ietf-mmusic-sctp-sdp-05.
  'sctp-port': NUMBER,
  'max-message-size': NUMBER,
  sctpmap: /^\d{1,5} [^\s]+(?: \d{1,5})?$/,
  // RFC 9143 §6.
  'bundle-only': FLAG,
};

/** Whether an `a=` line has a name, and the value that its name demands. */
export function isWellFormedAttribute(line: SdpLine): boolean {
  const name = attributeName(line);
  if (name === undefined || name === '' || /\s/.test(name)) return false;
  const grammar = Object.hasOwn(GRAMMARS, name) ? GRAMMARS[name] : undefined;
  if (grammar === undefined) return true;
  const hasValue = line.value.length > name.length;
  if (grammar === FLAG) return !hasValue;
  return hasValue && grammar.test(line.value.slice(name.length + 1));
}
