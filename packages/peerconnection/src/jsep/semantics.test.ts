import { describe, expect, it } from 'vitest';
import {
  CHROMIUM,
  CHROMIUM_WITH_MEDIA,
  FIREFOX,
  OFFERS,
  PION,
} from '../../test/fixtures/offers.ts';
import { parseSession } from '../sdp/parse.ts';
import type { SdpSession } from '../sdp/session.ts';
import { findDataSection } from './data-section.ts';
import { checkRemoteDescription, type ExchangeContext } from './semantics.ts';

const session = (text: string): SdpSession => {
  const parsed = parseSession(text).session;
  if (parsed === undefined) throw new Error('The fixture is malformed.');
  return parsed;
};

const check = (text: string, context: Partial<ExchangeContext> = {}): unknown =>
  checkRemoteDescription(session(text), {
    type: 'offer',
    counterpart: undefined,
    previousRemote: undefined,
    isRestartOffered: false,
    ...context,
  });

describe('checkRemoteDescription', () => {
  it.each(Object.entries(OFFERS))('accepts the offer of %s', (_name, offer) => {
    expect(check(offer)).toMatchObject({ data: { isRejected: false, sctpPort: 5000 } });
  });

  it('inherits what stands at session level (RFC 8839 §5.4, RFC 8122 §5)', () => {
    expect(check(FIREFOX)).toMatchObject({
      data: { fingerprints: [{ algorithm: 'sha-256' }], usernameFragment: '5f3d1c2a' },
    });
  });

  it('reads candidates of all components and the end of them', () => {
    expect(check(PION)).toMatchObject({
      data: { candidates: [{ component: 1 }, { component: 2 }], hasEndOfCandidates: true },
    });
  });

  it('finds the transport of a bundled section in the tagged one (RFC 9143 §7.1.3)', () => {
    const [media, data] = CHROMIUM_WITH_MEDIA.split(/(?=m=application)/);
    const bundled = `${media}${data
      ?.replace(/a=ice-(ufrag|pwd|options):.*\r\n/g, '')
      .replace(/a=(fingerprint|setup):.*\r\n/g, '')}`;
    expect(check(bundled)).toMatchObject({ data: { usernameFragment: 'eP9k', setup: 'actpass' } });
  });

  it.each([
    ['without ice-ufrag', CHROMIUM.replace(/a=ice-ufrag.*\r\n/, ''), /ice-ufrag/],
    ['with a short ice-ufrag', CHROMIUM.replace('ufrag:eP9k', 'ufrag:eP9'), /ice-ufrag/],
    ['without ice-pwd', CHROMIUM.replace(/a=ice-pwd.*\r\n/, ''), /ice-pwd/],
    ['with a short ice-pwd', CHROMIUM.replace(/(a=ice-pwd:).*\r\n/, '$1short\r\n'), /ice-pwd/],
    ['without fingerprint', CHROMIUM.replace(/a=fingerprint.*\r\n/, ''), /fingerprint/],
    ['without sctp-port', CHROMIUM.replace(/a=sctp-port.*\r\n/, ''), /sctp-port/],
    ['with sctp-port 0', CHROMIUM.replace('sctp-port:5000', 'sctp-port:0'), /SCTP port/],
    ['with setup:holdconn', CHROMIUM.replace('setup:actpass', 'setup:holdconn'), /holdconn/],
    ['with an unknown mid in BUNDLE', CHROMIUM.replace('BUNDLE 0', 'BUNDLE 0 9'), /mid "9"/],
    ['with one mid twice', CHROMIUM_WITH_MEDIA.replace('a=mid:1', 'a=mid:0'), /same mid/],
  ])('refuses an offer %s', (_what, offer, reason) => {
    expect(check(offer)).toMatch(reason);
  });

  it('takes a description without a usable data section as one without data', () => {
    expect(check(CHROMIUM.replace('m=application 9', 'm=application 0'))).toMatchObject({
      data: undefined,
    });
  });

  describe('of an answer', () => {
    const offer = session(CHROMIUM);
    const answer = CHROMIUM.replace('setup:actpass', 'setup:active');
    const checkAnswer = (text: string, context: Partial<ExchangeContext> = {}): unknown =>
      check(text, { type: 'answer', counterpart: offer, ...context });

    it('accepts one that fits the offer', () => {
      expect(checkAnswer(answer)).toMatchObject({ data: { setup: 'active' } });
    });

    it.each([
      ['with more sections', `${answer}m=audio 0 RTP/AVP 0\r\n`, /2 media sections/],
      ['with another medium', answer.replace('m=application', 'm=audio'), /is audio/],
      ['with another protocol', answer.replace('UDP/DTLS', 'TCP/DTLS'), /uses TCP/],
      [
        'with another mid',
        answer.replace('a=mid:0', 'a=mid:x').replace('BUNDLE 0', 'BUNDLE x'),
        /mid "x"/,
      ],
      ['with setup:actpass', CHROMIUM, /active or a=setup:passive/],
    ])('refuses one %s (RFC 3264 §6)', (_what, text, reason) => {
      expect(checkAnswer(text)).toMatch(reason);
    });

    it('refuses a restart that was not offered, and wants one that was (RFC 9429 §5.10)', () => {
      const previousRemote = findDataSection(session(answer));
      const restarted = answer.replace('eP9k', 'new1');
      expect(checkAnswer(restarted, { previousRemote })).toMatch(/restarts ICE/);
      expect(checkAnswer(restarted, { previousRemote, isRestartOffered: true })).toMatchObject({
        data: { usernameFragment: 'new1' },
      });
      expect(checkAnswer(answer, { previousRemote, isRestartOffered: true })).toMatch(/of before/);
    });
  });

  it('refuses a re-offer that drops or reorders sections (RFC 3264 §8)', () => {
    const counterpart = session(CHROMIUM_WITH_MEDIA);
    expect(check(CHROMIUM, { counterpart })).toMatch(/1 media sections/);
    const previousRemote = findDataSection(session(CHROMIUM));
    const other = CHROMIUM.replace('6B:8B', '00:00');
    expect(check(other, { counterpart: session(CHROMIUM), previousRemote })).toMatch(/fingerprint/);
  });
});
