// The stun:, stuns:, turn: and turns: URIs (RFC 7064, RFC 7065).
// https://www.rfc-editor.org/rfc/rfc7064#section-3.1

import { parseIpAddress } from '@kaon/wire';
import { StunError } from './errors.ts';

/** Where a STUN or TURN server is. */
export interface StunUri {
  readonly scheme: 'stun' | 'stuns' | 'turn' | 'turns';
  /** A name or a literal address, IPv6 without brackets. */
  readonly host: string;
  /** From the URI, or the scheme's default: 3478, with TLS 5349. */
  readonly port: number;
  /** TURN's `?transport=`, or the scheme's default: `tcp` under TLS, else `udp`. */
  readonly transport: 'udp' | 'tcp';
}

const URI = /^(stuns?|turns?):(\[[^\]]+\]|[^:?/@[\]]+)(?::(\d{1,5}))?(?:\?transport=([^&]*))?$/i;
const HOST_NAME = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$/i;

/**
 * Reads a URI such as `stun:stun.example.org` or `turns:[2001:db8::1]:443?transport=tcp`.
 *
 * @throws StunError `STUN_INVALID_URI` if it is malformed.
 */
export function parseStunUri(text: string): StunUri {
  const match = URI.exec(text);
  if (match === null) {
    throw invalid(text, 'expected stun:host[:port] or turn:host[:port][?transport=udp|tcp]');
  }
  const scheme = (match[1] as string).toLowerCase() as StunUri['scheme'];
  const isSecure = scheme.endsWith('s');
  const host = parseHost(match[2] as string);
  if (host === undefined)
    throw invalid(text, `"${match[2]}" is neither a host name nor an address`);
  const port = match[3] === undefined ? (isSecure ? 5349 : 3478) : Number(match[3]);
  if (port < 1 || port > 65535) throw invalid(text, `port ${port} is not 1 to 65535`);
  const transport = match[4]?.toLowerCase();
  if (transport === undefined) return { scheme, host, port, transport: isSecure ? 'tcp' : 'udp' };
  if (scheme.startsWith('stun')) throw invalid(text, 'only turn and turns take a transport');
  if (transport !== 'udp' && transport !== 'tcp') {
    throw invalid(text, `transport "${transport}" is neither udp nor tcp`);
  }
  return { scheme, host, port, transport };
}

function parseHost(text: string): string | undefined {
  if (text.startsWith('[')) {
    const literal = text.slice(1, -1);
    return parseIpAddress(literal)?.length === 16 ? literal : undefined;
  }
  return parseIpAddress(text) !== undefined || HOST_NAME.test(text) ? text : undefined;
}

function invalid(text: string, why: string): StunError {
  return new StunError('STUN_INVALID_URI', `Invalid STUN or TURN URI "${text}": ${why}.`);
}
