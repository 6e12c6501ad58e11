// URIs of STUN and TURN servers (RFC 7064 §3.1, RFC 7065 §3.1).

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStunUri, StunError } from './index.ts';

describe('parseStunUri', () => {
  it.each([
    ['stun:example.org', { scheme: 'stun', host: 'example.org', port: 3478, transport: 'udp' }],
    [
      'STUN:Example.org:8000',
      { scheme: 'stun', host: 'Example.org', port: 8000, transport: 'udp' },
    ],
    ['stuns:example.org', { scheme: 'stuns', host: 'example.org', port: 5349, transport: 'tcp' }],
    ['stun:192.0.2.1', { scheme: 'stun', host: '192.0.2.1', port: 3478, transport: 'udp' }],
    ['stun:[2001:db8::1]:99', { scheme: 'stun', host: '2001:db8::1', port: 99, transport: 'udp' }],
    ['turn:example.org', { scheme: 'turn', host: 'example.org', port: 3478, transport: 'udp' }],
    ['turn:h?transport=tcp', { scheme: 'turn', host: 'h', port: 3478, transport: 'tcp' }],
    ['turns:h:443?transport=tcp', { scheme: 'turns', host: 'h', port: 443, transport: 'tcp' }],
  ])('reads %s', (text, uri) => {
    expect(parseStunUri(text)).toEqual(uri);
  });

  it.each([
    '',
    'stun:',
    'stun://example.org',
    'http:example.org',
    'stun:example.org:0',
    'stun:example.org:65536',
    'stun:exa mple.org',
    'stun:user@example.org',
    'stun:[192.0.2.1]',
    'stun:[2001:db8::1',
    'stun:-example.org',
    'stun:example.org?transport=udp',
    'turn:example.org?transport=sctp',
    'turn:example.org?foo=1',
  ])('refuses "%s" with a reason', (text) => {
    expect(() => parseStunUri(text)).toThrow(StunError);
    expect(() => parseStunUri(text)).toThrow(/Invalid STUN or TURN URI/);
  });

  it('throws nothing but StunError on any text', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('', 'stun:', 'turns:'), (text, scheme) => {
        try {
          parseStunUri(scheme + text);
        } catch (error) {
          expect(error).toBeInstanceOf(StunError);
        }
      }),
    );
  });
});
