// A candidate as a line of text, as signalling carries it.
// https://www.rfc-editor.org/rfc/rfc8839#section-5.1

import { formatIpAddress, parseIpAddress } from '@kaon/wire';
import type { IceCandidate, IceCandidateType, IceTcpType } from './candidate.ts';

/** Longer lines are refused before they are looked at. */
const MAX_LINE_LENGTH = 2048;
/** RFC 8839 §5.1: 1 to 32 ice-chars. */
const FOUNDATION = /^[A-Za-z0-9+/]{1,32}$/;
/** RFC 8839 §5.4: 4 to 256 ice-chars. */
const USERNAME_FRAGMENT = /^[A-Za-z0-9+/]{4,256}$/;
/** A host name: labels of letters, digits and hyphens (RFC 1035 §2.3.1). */
const HOSTNAME = /^[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?$/;

/**
 * Reads `candidate:...`, with or without `a=` in front.
 *
 * Literal addresses come out in canonical form. Extensions other than `raddr`, `rport`, `tcptype` and
 * `ufrag` are passed over, as RFC 8839 §5.1 asks.
 *
 * @returns undefined if the line is none, is malformed, or has a transport other than UDP and TCP.
 */
export function parseCandidate(line: string): IceCandidate | undefined {
  if (line.length > MAX_LINE_LENGTH) return undefined;
  const match = /^(?:a=)?candidate:(\S.*)$/.exec(line.trim());
  if (match === null) return undefined;
  const tokens = (match[1] as string).split(/ +/);
  const [foundation, componentText, transport, priorityText, addressText, portText, typ, typeText] =
    tokens;
  if (foundation === undefined || !FOUNDATION.test(foundation)) return undefined;
  const component = parseInteger(componentText, 1, 256);
  const protocol = transport?.toLowerCase();
  if (protocol !== 'udp' && protocol !== 'tcp') return undefined;
  const priority = parseInteger(priorityText, 1, 0xffff_ffff);
  const address = parseAddress(addressText);
  const port = parseInteger(portText, 0, 0xffff);
  const type = parseType(typeText);
  if (component === undefined || priority === undefined || address === undefined) return undefined;
  if (port === undefined || typ !== 'typ' || type === undefined) return undefined;
  const extensions = parseExtensions(tokens);
  if (extensions === undefined) return undefined;
  return { foundation, component, protocol, priority, address, port, type, ...extensions };
}

/** The line of a candidate: `candidate:...`, without `a=`. */
export function formatCandidate(candidate: IceCandidate): string {
  const { foundation, component, protocol, priority, address, port, type } = candidate;
  let line = `candidate:${foundation} ${component} ${protocol} ${priority} ${address} ${port} typ ${type}`;
  if (candidate.relatedAddress !== undefined) line += ` raddr ${candidate.relatedAddress}`;
  if (candidate.relatedPort !== undefined) line += ` rport ${candidate.relatedPort}`;
  if (candidate.tcpType !== undefined) line += ` tcptype ${candidate.tcpType}`;
  if (candidate.usernameFragment !== undefined) line += ` ufrag ${candidate.usernameFragment}`;
  return line;
}

type Extensions = Pick<
  IceCandidate,
  'relatedAddress' | 'relatedPort' | 'tcpType' | 'usernameFragment'
>;

/** The name and value pairs from the ninth token on; undefined if a known one has a bad value. */
function parseExtensions(tokens: readonly string[]): Extensions | undefined {
  const found: { -readonly [K in keyof Extensions]: Extensions[K] } = {};
  for (let i = 8; i + 1 < tokens.length; i += 2) {
    const value = tokens[i + 1] as string;
    switch (tokens[i]) {
      case 'raddr': {
        const address = parseAddress(value);
        if (address === undefined) return undefined;
        found.relatedAddress = address;
        break;
      }
      case 'rport': {
        const port = parseInteger(value, 0, 0xffff);
        if (port === undefined) return undefined;
        found.relatedPort = port;
        break;
      }
      case 'tcptype': {
        const tcpType = parseTcpType(value);
        if (tcpType === undefined) return undefined;
        found.tcpType = tcpType;
        break;
      }
      case 'ufrag':
        if (!USERNAME_FRAGMENT.test(value)) return undefined;
        found.usernameFragment = value;
        break;
    }
  }
  return found;
}

function parseInteger(text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= min && value <= max ? value : undefined;
}

/** A canonical literal address, or a host name as it stands. */
function parseAddress(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const bytes = parseIpAddress(text);
  if (bytes !== undefined) return formatIpAddress(bytes);
  // What has a colon, or only digits and dots, was meant to be an address.
  if (text.includes(':') || /^[\d.]+$/.test(text)) return undefined;
  return text.length <= 253 && HOSTNAME.test(text) ? text : undefined; // RFC 1035 §2.3.4
}

function parseType(text: string | undefined): IceCandidateType | undefined {
  return text === 'host' || text === 'srflx' || text === 'prflx' || text === 'relay'
    ? text
    : undefined;
}

function parseTcpType(text: string): IceTcpType | undefined {
  return text === 'active' || text === 'passive' || text === 'so' ? text : undefined;
}
