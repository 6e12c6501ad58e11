// ICE server URLs: their validation, and what the ICE agent is told of them.
// https://www.w3.org/TR/webrtc/#dfn-validate-an-ice-server-url

import type { IceStunServer } from '@kaon/ice';
import { parseStunUri } from '@kaon/stun';
import { exception } from './errors.ts';
import { toDictionary, toDomString, toUsvString } from './web-idl.ts';

export interface RTCIceServer {
  urls: string | string[];
  username?: string;
  credential?: string;
}

/** RTCIceServers above this number are ignored; webrtc-pc §4.2.1 wants at least 32. */
const MAX_ICE_SERVERS = 32;
/** RFC 8489 §14.3: a username is shorter than 509 bytes. */
const MAX_USERNAME_BYTES = 508;

/**
 * The member `iceServers`, converted and validated.
 *
 * @throws TypeError if a server has no `urls`.
 * @throws DOMException `SyntaxError` for a malformed URL, `InvalidAccessError` for a TURN server without
 * username or credential.
 */
export function validateIceServers(servers: readonly RTCIceServer[]): RTCIceServer[] {
  const converted = servers.map(convertIceServer).slice(0, MAX_ICE_SERVERS);
  for (const server of converted) {
    const urls = urlsOf(server);
    if (urls.length === 0) throw exception('SyntaxError', 'An ICE server has an empty urls list.');
    for (const url of urls) validateUrl(url, server);
  }
  return converted;
}

/** A server that can be given out: what becomes of it does not matter to us. */
export function copyIceServer(server: RTCIceServer): RTCIceServer {
  return { ...server, urls: typeof server.urls === 'string' ? server.urls : [...server.urls] };
}

/** The servers that can be asked for a reflexive address over UDP, with their URLs. */
export function stunServersOf(
  servers: readonly RTCIceServer[],
): (IceStunServer & { readonly url: string })[] {
  return servers.flatMap(urlsOf).flatMap((url) => {
    const { scheme, host, port } = parseStunUri(url);
    // Deviation: turn: and turns: servers are accepted and not yet used, stuns: needs TLS, which the ICE
    // agent has no socket for.
    return scheme === 'stun' ? [{ hostname: host, port, url }] : [];
  });
}

function urlsOf(server: RTCIceServer): string[] {
  return typeof server.urls === 'string' ? [server.urls] : server.urls;
}

function convertIceServer(server: RTCIceServer): RTCIceServer {
  const { urls, username, credential } = toDictionary(server, 'An ICE server');
  if (urls === undefined) throw new TypeError('An ICE server needs urls.');
  const isList = typeof urls === 'object' && urls !== null && Symbol.iterator in urls;
  return {
    urls: isList ? Array.from(urls, toUsvString) : toUsvString(urls),
    ...(username === undefined ? {} : { username: toDomString(username) }),
    ...(credential === undefined ? {} : { credential: toDomString(credential) }),
  };
}

function validateUrl(url: string, server: RTCIceServer): void {
  let uri: ReturnType<typeof parseStunUri>;
  try {
    uri = parseStunUri(url);
  } catch (error) {
    throw exception('SyntaxError', error instanceof Error ? error.message : String(error));
  }
  if (!uri.scheme.startsWith('turn')) return;
  const { username, credential } = server;
  if (username === undefined || credential === undefined) {
    throw exception('InvalidAccessError', `${url} needs a username and a credential.`);
  }
  if (new TextEncoder().encode(username).length > MAX_USERNAME_BYTES) {
    throw exception('InvalidAccessError', `The username for ${url} is longer than 508 bytes.`);
  }
}
