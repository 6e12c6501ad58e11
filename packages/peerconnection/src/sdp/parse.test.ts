import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHROMIUM, OFFERS } from '../../test/fixtures/offers.ts';
import { formatSession } from './format.ts';
import { parseSession } from './parse.ts';
import { attributeValue, type SdpSession } from './session.ts';

const parsed = (text: string): SdpSession => {
  const { session, fault } = parseSession(text);
  if (session === undefined) throw new Error(`line ${fault.line}: ${fault.reason}`);
  return session;
};

const HEAD = ['v=0', 'o=- 1 1 IN IP4 0.0.0.0', 's=-', 't=0 0'];

describe('parseSession', () => {
  it.each(Object.entries(OFFERS))('reads %s and gives it back line by line', (_name, offer) => {
    expect(formatSession(parsed(offer))).toBe(
      offer.replaceAll('\r\n', '\n').replaceAll('\n', '\r\n'),
    );
  });

  it('takes an m= line apart', () => {
    const [media] = parsed(CHROMIUM).media;
    expect(media).toMatchObject({
      media: 'application',
      port: 9,
      protocol: 'UDP/DTLS/SCTP',
      formats: ['webrtc-datachannel'],
    });
    expect(attributeValue(media?.lines ?? [], 'mid')).toBe('0');
  });

  it.each([
    ['an empty text', [], 1],
    ['a line without =', [...HEAD, 'nonsense'], 5],
    ['a version other than 0', ['v=1', ...HEAD.slice(1)], 1],
    ['an o= line with too few fields', ['v=0', 'o=- 1 1 IN IP4', 's=-', 't=0 0'], 2],
    ['no s= line', ['v=0', 'o=- 1 1 IN IP4 0.0.0.0', 't=0 0'], 3],
    ['no t= line', ['v=0', 'o=- 1 1 IN IP4 0.0.0.0', 's=-', 'm=audio 9 RTP/AVP 0'], 4],
    ['lines out of order', ['v=0', 's=-', 'o=- 1 1 IN IP4 0.0.0.0', 't=0 0'], 3],
    ['an unknown line', [...HEAD, 'y=1'], 5],
    ['an m= line without formats', [...HEAD, 'm=audio 9 RTP/AVP'], 5],
    ['an m= line with a port out of range', [...HEAD, 'm=audio 70000 RTP/AVP 0'], 5],
    ['a t= line in a media section', [...HEAD, 'm=audio 9 RTP/AVP 0', 't=0 0'], 6],
    ['a malformed fingerprint', [...HEAD, 'a=fingerprint:sha-256 6B:8'], 5],
    ['a malformed setup', [...HEAD, 'a=setup:both'], 5],
    ['a malformed sctp-port', [...HEAD, 'm=audio 9 RTP/AVP 0', 'a=sctp-port:x'], 6],
    ['a malformed candidate', [...HEAD, 'm=audio 9 RTP/AVP 0', 'a=candidate:1 1 udp'], 6],
    ['an attribute without a name', [...HEAD, 'a=:x'], 5],
    ['a flag with a value', [...HEAD, 'a=ice-lite:1'], 5],
  ])('refuses %s, and says in which line', (_what, texts, line) => {
    const { session, fault } = parseSession(texts.map((text) => `${text}\r\n`).join(''));
    expect(session).toBeUndefined();
    expect(fault?.line).toBe(line);
  });

  it('keeps unknown attributes and lines that mean nothing to it', () => {
    const text = `${[...HEAD, 'r=604800 3600 0 90000', 't=1 2', 'a=unknown:  spaced  ', 'm=audio 9/2 RTP/AVP 0', 'i=title', 'b=AS:30', 'a=x'].join('\r\n')}\r\n`;
    expect(formatSession(parsed(text))).toBe(text);
  });

  it('never throws, on any text', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom(...CHROMIUM.split('\r\n'), ...HEAD),
      fc.tuple(fc.constantFrom(...'vosiuepcbtrzkam'), fc.string()).map(([t, v]) => `${t}=${v}`),
    );
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom('\r\n', '\n'), (all, end) => {
        parseSession(all.join(end));
      }),
    );
  });

  it('parses what it formats, to the same text', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom('a=x', 'a=y:1', 'a=mid:a b', 'a=setup:active', 'i=z', 'a=setup:?'),
        ),
        fc.array(fc.constantFrom('m=audio 9 RTP/AVP 0', 'a=x:y', 'c=IN IP4 1.2.3.4', 'b=AS:1')),
        (session, media) => {
          const { session: first } = parseSession([...HEAD, ...session, ...media].join('\n'));
          if (first === undefined) return;
          const text = formatSession(first);
          expect(formatSession(parsed(text))).toBe(text);
        },
      ),
    );
  });
});
