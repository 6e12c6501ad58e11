// IPv4 and IPv6 addresses: text (RFC 4291 §2.2, RFC 5952) and bytes, and what range one belongs to.

/**
 * The 4 or 16 bytes of a literal IPv4 or IPv6 address. A zone (`%eth0`) is passed over.
 *
 * @returns undefined if `text` is no literal address.
 */
export function parseIpAddress(text: string): Uint8Array | undefined {
  const zone = text.indexOf('%');
  const literal = zone < 0 ? text : text.slice(0, zone);
  return literal.includes(':') ? parseIpv6(literal) : parseIpv4(literal);
}

/**
 * The canonical text of 4 or 16 address bytes, IPv6 as RFC 5952 §4 wants it.
 *
 * @throws RangeError if there are not 4 or 16 bytes.
 */
export function formatIpAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length === 16) return formatIpv6(bytes);
  throw new RangeError(`An IP address has 4 or 16 bytes, not ${bytes.length}.`);
}

/** 6 for text that can only be IPv6, else 4; for addresses known to be literal. */
export function addressFamily(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4;
}

/**
 * What an address is for: `unspecified` (0.0.0.0, ::), `loopback`, `link-local`, `private`
 * (RFC 1918, shared 100.64/10, IPv6 unique local), `multicast` (and IPv4 broadcast), `reserved`
 * (documentation, benchmarking, future use), or `global`.
 */
export type AddressScope =
  | 'unspecified'
  | 'loopback'
  | 'link-local'
  | 'private'
  | 'multicast'
  | 'reserved'
  | 'global';

/**
 * The range that address bytes belong to (RFC 6890). IPv6 addresses that lead to an IPv4 one (mapped,
 * RFC 4291 §2.5.5.2; NAT64, RFC 6052; 6to4, RFC 3056) have its scope, so that a private address cannot
 * pass as a global one in disguise.
 *
 * @throws RangeError if there are not 4 or 16 bytes.
 */
export function addressScope(bytes: Uint8Array): AddressScope {
  if (bytes.length === 4) return ipv4Scope(bytes);
  if (bytes.length === 16) return ipv6Scope(bytes);
  throw new RangeError(`An IP address has 4 or 16 bytes, not ${bytes.length}.`);
}

// Every candidate and every path is looked at several times while a connection is set up, when code has run
// a few times only: plain loops, without regular expressions, closures and arrays of parts.

const ZERO = 48;
const DOT = 46;
const COLON = 58;

function parseIpv4(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(4);
  let count = 0;
  let value = -1;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      if (value < 0 || count === 3) return undefined;
      bytes[count++] = value;
      value = -1;
      continue;
    }
    // No leading zeros: some readers take them for octal (RFC 6943 §3.1.1).
    if (code < ZERO || code > ZERO + 9 || value === 0) return undefined;
    value = value < 0 ? code - ZERO : 10 * value + code - ZERO;
    if (value > 255) return undefined;
  }
  if (value < 0 || count !== 3) return undefined;
  bytes[3] = value;
  return bytes;
}

function parseIpv6(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(16);
  let count = 0;
  // Where "::" stands, in bytes; -1 before it has come.
  let gap = -1;
  let at = 0;
  if (text.startsWith('::')) {
    gap = 0;
    at = 2;
  }
  while (at < text.length) {
    if (count === 16) return undefined;
    const start = at;
    let group = 0;
    for (let digit = hexDigit(text, at); digit >= 0; digit = hexDigit(text, ++at)) {
      group = (group << 4) | digit;
      if (at - start === 4) return undefined;
    }
    if (text.charCodeAt(at) === DOT) {
      // RFC 4291 §2.2: the last 32 bits may be written as an IPv4 address.
      const ipv4 = parseIpv4(text.slice(start));
      if (ipv4 === undefined || count > 12) return undefined;
      bytes.set(ipv4, count);
      count += 4;
      break;
    }
    if (at === start) return undefined;
    bytes[count++] = group >>> 8;
    bytes[count++] = group;
    if (at === text.length) break;
    if (text.charCodeAt(at++) !== COLON || at === text.length) return undefined;
    if (text.charCodeAt(at) !== COLON) continue;
    if (gap >= 0) return undefined;
    gap = count;
    at++;
  }
  if (gap < 0) return count === 16 ? bytes : undefined;
  // "::" stands for at least one group of zeros.
  if (count > 14) return undefined;
  const tail = 16 - (count - gap);
  bytes.copyWithin(tail, gap, count);
  return bytes.fill(0, gap, tail);
}

/** The value of a hexadecimal digit; -1 if there is none. */
function hexDigit(text: string, at: number): number {
  const code = text.charCodeAt(at) | 0x20;
  if (code >= ZERO && code <= ZERO + 9 && text.charCodeAt(at) >= ZERO) return code - ZERO;
  return code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
}

function formatIpv6(bytes: Uint8Array): string {
  if (isIpv4Mapped(bytes)) return `::ffff:${bytes.subarray(12).join('.')}`; // RFC 5952 §5
  const zeros = longestZeroRun(bytes);
  let text = '';
  for (let group = 0; group < 8; group++) {
    if (group === zeros.start && zeros.length > 1) {
      text += '::';
      group += zeros.length - 1;
      continue;
    }
    if (text !== '' && !text.endsWith(':')) text += ':';
    text += groupAt(bytes, group).toString(16);
  }
  return text;
}

/** The first of the longest runs of zero groups; one group is never shortened (RFC 5952 §4.2). */
function longestZeroRun(bytes: Uint8Array): { readonly start: number; readonly length: number } {
  let best = 0;
  let length = 0;
  let start = 0;
  for (let group = 0; group <= 8; group++) {
    if (group < 8 && groupAt(bytes, group) === 0) continue;
    if (group - start > length) {
      best = start;
      length = group - start;
    }
    start = group + 1;
  }
  return { start: best, length };
}

function groupAt(bytes: Uint8Array, group: number): number {
  return ((bytes[2 * group] as number) << 8) | (bytes[2 * group + 1] as number);
}

function isIpv4Mapped(bytes: Uint8Array): boolean {
  return startsWith(bytes, MAPPED);
}

function ipv4Scope(bytes: Uint8Array): AddressScope {
  const a = bytes[0] as number;
  const b = bytes[1] as number;
  const c = bytes[2] as number;
  if (a === 0) return 'unspecified';
  if (a === 127) return 'loopback';
  if (a === 169 && b === 254) return 'link-local';
  if (a === 10 || (a === 172 && b >> 4 === 1) || (a === 192 && b === 168)) return 'private';
  if (a === 100 && b >> 6 === 1) return 'private';
  if (a >> 4 === 14 || (a & b & c & (bytes[3] as number)) === 255) return 'multicast';
  if (a >= 240 || (a === 198 && b >> 1 === 9) || (a === 192 && b === 0 && (c === 0 || c === 2))) {
    return 'reserved';
  }
  if ((a === 198 && b === 51 && c === 100) || (a === 203 && b === 0 && c === 113)) {
    return 'reserved';
  }
  return 'global';
}

function ipv6Scope(bytes: Uint8Array): AddressScope {
  const a = bytes[0] as number;
  const b = bytes[1] as number;
  const ipv4 = embeddedIpv4(bytes);
  if (ipv4 !== undefined) return ipv4Scope(ipv4);
  if (startsWith(bytes, ZEROS)) {
    // RFC 4291 §2.5.5.1: the rest of ::/96 was once for IPv4-compatible addresses.
    if (bytes[12] !== 0 || bytes[13] !== 0 || bytes[14] !== 0) return 'reserved';
    if (bytes[15] === 0) return 'unspecified';
    return bytes[15] === 1 ? 'loopback' : 'reserved';
  }
  if (a === 0xfe && b >> 6 === 2) return 'link-local';
  if (a >> 1 === 0x7e || (a === 0xfe && b >> 6 === 3)) return 'private'; // fc00::/7, fec0::/10
  if (startsWith(bytes, NAT64_LOCAL)) return 'private';
  if (a === 0xff) return 'multicast';
  if (startsWith(bytes, DISCARD) || startsWith(bytes, DOCUMENTATION)) return 'reserved';
  if (a === 0x3f && b === 0xff && (bytes[2] as number) >> 4 === 0) return 'reserved'; // RFC 9637
  return 'global';
}

const ZEROS = new Uint8Array(12);
const MAPPED = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff); // ::ffff:0:0/96
const NAT64 = Uint8Array.of(0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0); // 64:ff9b::/96
const NAT64_LOCAL = Uint8Array.of(0, 0x64, 0xff, 0x9b, 0, 1); // 64:ff9b:1::/48, RFC 8215
const DISCARD = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0); // 100::/64, RFC 6666
const DOCUMENTATION = Uint8Array.of(0x20, 0x01, 0x0d, 0xb8); // 2001:db8::/32, RFC 3849

/** The IPv4 address that packets to an IPv6 one end up at. */
function embeddedIpv4(bytes: Uint8Array): Uint8Array | undefined {
  if (isIpv4Mapped(bytes) || startsWith(bytes, NAT64)) return bytes.subarray(12);
  return bytes[0] === 0x20 && bytes[1] === 0x02 ? bytes.subarray(2, 6) : undefined;
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  for (let i = 0; i < prefix.length; i++) if (bytes[i] !== prefix[i]) return false;
  return true;
}
