import { describe, expect, it } from 'vitest';
import { RTCIceCandidate } from './ice-candidate.ts';

const LINE =
  'candidate:842163049 1 udp 1677729535 198.51.100.7 45664 typ srflx raddr 192.0.2.1 rport 40000 ufrag eP9k';

describe('RTCIceCandidate', () => {
  it('shows what its line says', () => {
    const init = { candidate: LINE, sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'eP9k' };
    expect(new RTCIceCandidate(init)).toMatchObject({
      candidate: LINE,
      sdpMid: '0',
      sdpMLineIndex: 0,
      foundation: '842163049',
      component: 'rtp',
      priority: 1677729535,
      address: '198.51.100.7',
      protocol: 'udp',
      port: 45664,
      type: 'srflx',
      tcpType: null,
      relatedAddress: '192.0.2.1',
      relatedPort: 40000,
      usernameFragment: 'eP9k',
      relayProtocol: null,
      url: null,
    });
  });

  it('keeps a line that it cannot read, with null for what it would say', () => {
    const candidate = new RTCIceCandidate({ candidate: 'nonsense', sdpMid: '' });
    expect(candidate).toMatchObject({ candidate: 'nonsense', address: null, type: null });
  });

  it('needs an sdpMid or an sdpMLineIndex', () => {
    expect(() => new RTCIceCandidate({ candidate: LINE })).toThrow(TypeError);
    expect(() => new RTCIceCandidate()).toThrow(TypeError);
    expect(new RTCIceCandidate({ sdpMLineIndex: 1 }).candidate).toBe('');
  });

  it('is signalled by four members (webrtc-pc §4.8.1.3)', () => {
    const candidate = new RTCIceCandidate({ candidate: LINE, sdpMid: 'a', url: 'stun:x' });
    expect(JSON.parse(JSON.stringify(candidate))).toEqual({
      candidate: LINE,
      sdpMid: 'a',
      sdpMLineIndex: null,
      usernameFragment: null,
    });
    expect(new RTCIceCandidate(candidate).toJSON()).toEqual(candidate.toJSON());
  });

  it('has the username fragment that it is made with, whatever its line says', () => {
    const init = { candidate: LINE, sdpMid: '0' };
    expect(new RTCIceCandidate(init).usernameFragment).toBeNull();
    const named = new RTCIceCandidate({ ...init, usernameFragment: 'fRag' });
    expect(named.usernameFragment).toBe('fRag');
  });

  it.each([
    [{ relayProtocol: 'sctp' }],
    [{ relayProtocol: '' }],
    [{ candidate: Symbol('x') }],
    [{ sdpMLineIndex: 1n }],
  ])('wants its members to be of their types (%#)', (members) => {
    const init = { sdpMid: '0', ...members } as object;
    expect(() => new RTCIceCandidate(init)).toThrow(TypeError);
  });

  it('converts its members as Web IDL does', () => {
    const init = {
      candidate: 5,
      sdpMid: 0,
      sdpMLineIndex: '65537',
      url: '\ud800',
      relayProtocol: null,
    };
    expect(new RTCIceCandidate(init as object)).toMatchObject({
      candidate: '5',
      sdpMid: '0',
      sdpMLineIndex: 1,
      url: '\ufffd',
      relayProtocol: null,
    });
  });
});
