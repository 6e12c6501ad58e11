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

function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes = new Uint8Array(4);
  for (let i = 0; i < 4; i++) {
    const part = parts[i] as string;
    // No leading zeros: some readers take them for octal (RFC 6943 §3.1.1).
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    bytes[i] = Number(part);
  }
  return bytes;
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] as string, halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1] as string, true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const count = head.length + tail.length;
  // "::" stands for at least one group of zeros.
  if (halves.length === 2 ? count > 7 : count !== 8) return undefined;
  const bytes = new Uint8Array(16);
  head.forEach((group, i) => {
    bytes[2 * i] = group >>> 8;
    bytes[2 * i + 1] = group;
  });
  tail.forEach((group, i) => {
    const at = 16 - 2 * (tail.length - i);
    bytes[at] = group >>> 8;
    bytes[at + 1] = group;
  });
  return bytes;
}

/** The 16-bit groups between colons; `last` allows a dotted IPv4 address at the end. */
function parseGroups(text: string, last: boolean): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as string;
    if (last && i === parts.length - 1 && part.includes('.')) {
      const v4 = parseIpv4(part);
      if (v4 === undefined) return undefined;
      groups.push(((v4[0] as number) << 8) | (v4[1] as number));
      groups.push(((v4[2] as number) << 8) | (v4[3] as number));
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined;
      groups.push(Number.parseInt(part, 16));
    }
  }
  return groups;
}

function formatIpv6(bytes: Uint8Array): string {
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) {
    groups.push(((bytes[i] as number) << 8) | (bytes[i + 1] as number));
  }
  if (isIpv4Mapped(bytes)) return `::ffff:${bytes.subarray(12).join('.')}`; // RFC 5952 §5
  const zeros = longestZeroRun(groups);
  const text = (part: readonly number[]): string => part.map((g) => g.toString(16)).join(':');
  if (zeros.length < 2) return text(groups); // RFC 5952 §4.2.2: one group is never shortened
  return `${text(groups.slice(0, zeros.start))}::${text(groups.slice(zeros.start + zeros.length))}`;
}

/** The first of the longest runs of zero groups (RFC 5952 §4.2.3). */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (let i = 0; i <= groups.length; i++) {
    if (groups[i] === 0) continue;
    if (i - start > best.length) best = { start, length: i - start };
    start = i + 1;
  }
  return best;
}

function isIpv4Mapped(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 10).every((b) => b === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
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
  if (a >> 4 === 14 || bytes.every((byte) => byte === 255)) return 'multicast';
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
  return prefix.every((byte, i) => bytes[i] === byte);
}
