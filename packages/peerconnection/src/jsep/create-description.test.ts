import { parseCandidate } from '@kaon/ice';
import { describe, expect, it } from 'vitest';
import { CHROMIUM, CHROMIUM_WITH_MEDIA, OFFERS, OLD_SCTPMAP } from '../../test/fixtures/offers.ts';
import { formatSession } from '../sdp/format.ts';
import { parseSession } from '../sdp/parse.ts';
import type { SdpSession } from '../sdp/session.ts';
import { createAnswer, createOffer, type LocalData } from './create-description.ts';
import { findDataSection } from './data-section.ts';
import { checkRemoteDescription } from './semantics.ts';

const ORIGIN = { type: 'o', value: '- 1 2 IN IP4 0.0.0.0' };
const FINGERPRINT = `AA${':BB'.repeat(31)}`;
const DATA: LocalData = {
  credentials: { usernameFragment: 'ABCDEFGH', password: 'abcdefghijklmnopqrstuvwx' },
  fingerprints: [{ algorithm: 'sha-256', value: FINGERPRINT }],
  setup: 'actpass',
  maxMessageSize: 1048576,
  sctpInit: undefined,
  candidates: [],
  isGatheringComplete: false,
};

const session = (text: string): SdpSession => {
  const parsed = parseSession(text).session;
  if (parsed === undefined) throw new Error('The fixture is malformed.');
  return parsed;
};

const answerTo = (offer: string): string => {
  const offered = session(offer);
  return formatSession(
    createAnswer({
      origin: ORIGIN,
      offer: offered,
      accepted: findDataSection(offered),
      data: { ...DATA, setup: 'active' },
    }),
  );
};

describe('createOffer', () => {
  it('writes what all implementations read (RFC 8841 §10, RFC 9429 §5.2.1)', () => {
    const offer = createOffer({ origin: ORIGIN, previous: undefined, data: DATA });
    expect(formatSession(offer).split('\r\n')).toEqual([
      'v=0',
      'o=- 1 2 IN IP4 0.0.0.0',
      's=-',
      't=0 0',
      'a=group:BUNDLE 0',
      'a=ice-options:trickle ice2',
      'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
      'c=IN IP4 0.0.0.0',
      'a=mid:0',
      'a=ice-ufrag:ABCDEFGH',
      'a=ice-pwd:abcdefghijklmnopqrstuvwx',
      `a=fingerprint:sha-256 ${FINGERPRINT}`,
      'a=setup:actpass',
      'a=sctp-port:5000',
      'a=max-message-size:1048576',
      '',
    ]);
  });

  it('has no media section without data (RFC 9429 §5.2.1)', () => {
    const offer = createOffer({ origin: ORIGIN, previous: undefined, data: undefined });
    expect(offer.media).toEqual([]);
    expect(formatSession(offer)).not.toContain('BUNDLE');
  });

  it('keeps the places and mids of the session, and rejected media rejected (§5.2.2)', () => {
    const previous = session(answerTo(CHROMIUM_WITH_MEDIA));
    const offer = createOffer({ origin: ORIGIN, previous, data: DATA });
    expect(offer.media.map(({ media, port }) => `${media} ${port}`)).toEqual([
      'audio 0',
      'video 0',
      'application 9',
    ]);
    expect(formatSession(offer)).toContain('a=group:BUNDLE 2\r\n');
  });

  it('recycles a rejected data section with a new mid (§5.2.2)', () => {
    const previous = session(CHROMIUM.replace('m=application 9', 'm=application 0'));
    const offer = createOffer({ origin: ORIGIN, previous, data: DATA });
    expect(offer.media).toHaveLength(1);
    expect(findDataSection(offer)).toMatchObject({ mid: '1', isRejected: false });
  });

  it('names gathered candidates, the likeliest as the default one (RFC 8839 §4.2.1.3)', () => {
    const candidates = [
      'candidate:1 1 udp 2130706431 2001:db8::1 1111 typ host',
      'candidate:2 1 udp 2130706175 192.0.2.1 2222 typ host',
      'candidate:3 1 udp 1694498815 198.51.100.7 3333 typ srflx raddr 192.0.2.1 rport 2222',
    ].map((line) => parseCandidate(line));
    const offer = createOffer({
      origin: ORIGIN,
      previous: undefined,
      data: {
        ...DATA,
        candidates: candidates.filter((candidate) => candidate !== undefined),
        isGatheringComplete: true,
      },
    });
    const text = formatSession(offer);
    expect(text).toContain('m=application 3333 ');
    expect(text).toContain('c=IN IP4 198.51.100.7\r\n');
    expect(text.match(/a=candidate:/g)).toHaveLength(3);
    expect(text).toMatch(/a=end-of-candidates\r\n$/);
  });
});

describe('createAnswer', () => {
  it.each(Object.entries(OFFERS))(
    'answers %s with as many sections, acceptably',
    (_name, offer) => {
      const offered = session(offer);
      const answer = session(answerTo(offer));
      expect(answer.media).toHaveLength(offered.media.length);
      const checked = checkRemoteDescription(answer, {
        type: 'answer',
        counterpart: offered,
        previousRemote: undefined,
        isRestartOffered: false,
      });
      expect(checked).toMatchObject({ data: { setup: 'active', isRejected: false } });
    },
  );

  it('rejects media with port 0 and keeps it out of the bundle (RFC 3264 §6, RFC 9143 §7.3)', () => {
    const answer = answerTo(CHROMIUM_WITH_MEDIA);
    expect(answer).toContain('m=audio 0 UDP/TLS/RTP/SAVPF 111 63 9\r\n');
    expect(answer).toContain('m=video 0 UDP/TLS/RTP/SAVPF 96\r\n');
    expect(answer).toContain('a=group:BUNDLE 2\r\n');
    expect(answer).toContain('m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n');
  });

  it('repeats the protocol and format of old offers (RFC 9429 §5.1.2)', () => {
    const answer = answerTo(OLD_SCTPMAP);
    expect(answer).toContain('m=application 9 DTLS/SCTP 5000\r\n');
    expect(answer).toContain('a=sctpmap:5000 webrtc-datachannel 65535\r\n');
    expect(answer).not.toContain('a=sctp-port');
  });

  it('says trickle only if the offer did (RFC 9429 §5.3.1)', () => {
    expect(answerTo(CHROMIUM)).toContain('a=ice-options:trickle ice2\r\n');
    expect(answerTo(OLD_SCTPMAP)).not.toContain('ice-options');
  });
});
