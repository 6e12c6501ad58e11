import { describe, expect, it } from 'vitest';
import { PeerPair } from '../test/peer-pair.ts';
import { setConfiguration } from './configuration.ts';
import { RTCCertificate, RTCPeerConnection } from './index.ts';

/** The name of what `action` throws. */
function thrown(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    return (error as Error).name;
  }
  return undefined;
}

const server = (urls: unknown, rest: object = {}): object => ({ iceServers: [{ urls, ...rest }] });
const LOGIN = { username: 'user', credential: 'secret' };

describe('a configuration', () => {
  it('has the defaults of webrtc-pc §4.2.1', () => {
    const pc = new RTCPeerConnection();
    expect(pc.getConfiguration()).toEqual({
      iceServers: [],
      iceTransportPolicy: 'all',
      bundlePolicy: 'balanced',
      rtcpMuxPolicy: 'require',
      certificates: [],
      iceCandidatePoolSize: 0,
    });
    pc.close();
  });

  it.each([
    ['stun:stun.example.org', {}, undefined],
    ['stun:stun.example.org:3478', {}, undefined],
    ['stun:[2001:db8::1]:3478', {}, undefined],
    ['stuns:stun.example.org', {}, undefined],
    [['stun:a.example', 'stun:b.example'], {}, undefined],
    ['turn:turn.example.org?transport=udp', LOGIN, undefined],
    ['turns:turn.example.org?transport=tcp', LOGIN, undefined],
    ['turn:turn.example.org', {}, 'InvalidAccessError'],
    ['turn:turn.example.org', { username: 'user' }, 'InvalidAccessError'],
    ['turn:turn.example.org', { ...LOGIN, username: 'u'.repeat(509) }, 'InvalidAccessError'],
    [[], {}, 'SyntaxError'],
    ['', {}, 'SyntaxError'],
    ['stun:', {}, 'SyntaxError'],
    ['stun://stun.example.org', {}, 'SyntaxError'],
    ['stun:user@stun.example.org', {}, 'SyntaxError'],
    ['stun:stun.example.org?transport=udp', {}, 'SyntaxError'],
    ['turn:turn.example.org?transport=sctp', LOGIN, 'SyntaxError'],
    ['stun:stun.example.org:70000', {}, 'SyntaxError'],
    ['stun:stun.example.org#x', {}, 'SyntaxError'],
    ['https://example.org', {}, 'SyntaxError'],
    [undefined, {}, 'TypeError'],
  ])('with the ICE server %j %j throws %s', (urls, rest, name) => {
    expect(thrown(() => setConfiguration(server(urls, rest), null, false))).toBe(name);
  });

  it.each([
    [{ iceTransportPolicy: 'none' }],
    [{ iceTransportPolicy: null }],
    [{ bundlePolicy: null }],
    [{ rtcpMuxPolicy: null }],
    [{ iceServers: null }],
    [{ certificates: null }],
    [{ iceServers: [null] }],
    [{ bundlePolicy: 'max' }],
    [{ rtcpMuxPolicy: 'negotiate' }],
    [{ iceCandidatePoolSize: 256 }],
    [{ iceCandidatePoolSize: -1 }],
    [{ iceServers: 5 }],
    [{ certificates: [{}] }],
    ['text'],
  ])('%j is a TypeError', (configuration) => {
    expect(thrown(() => setConfiguration(configuration as object, null, false))).toBe('TypeError');
  });

  it('refuses an expired certificate (webrtc-pc §4.4.1.1)', () => {
    const certificate = new RTCCertificate({
      chain: [],
      expires: 1,
      fingerprint: () => '',
    } as never);
    const create = (): unknown => new RTCPeerConnection({ certificates: [certificate] });
    expect(thrown(create)).toBe('InvalidAccessError');
  });

  it('is given out as a copy, all the way down', async () => {
    const pair = new PeerPair({ configuration: { iceServers: [{ urls: ['stun:5.9.9.9'] }] } });
    const { alice } = pair;
    for (const { urls } of alice.getConfiguration().iceServers ?? []) {
      (urls as string[]).push('nonsense');
    }
    expect(alice.getConfiguration().iceServers).toEqual([{ urls: ['stun:5.9.9.9'] }]);
    alice.createDataChannel('x');
    await pair.complete(alice.setLocalDescription());
    pair.close();
  });

  it('may be changed but for what must stay (webrtc-pc §4.4.1.6)', async () => {
    const pair = new PeerPair();
    const { alice } = pair;
    const configuration = alice.getConfiguration();
    alice.setConfiguration({ ...configuration, iceServers: [{ urls: 'stun:5.9.9.9' }] });
    expect(alice.getConfiguration().iceServers).toEqual([{ urls: 'stun:5.9.9.9' }]);
    alice.setConfiguration({ ...configuration, iceCandidatePoolSize: 1 });
    expect(alice.getConfiguration().iceServers).toEqual([]);
    const change = (members: object) => (): void =>
      alice.setConfiguration({ ...alice.getConfiguration(), ...members });
    expect(thrown(change({ bundlePolicy: 'max-bundle' }))).toBe('InvalidModificationError');
    expect(thrown(change({ certificates: [] }))).toBe('InvalidModificationError');
    expect(thrown(change({ iceTransportPolicy: 'relay' }))).toBeUndefined();
    await pair.complete(alice.setLocalDescription());
    expect(thrown(change({ iceCandidatePoolSize: 2 }))).toBe('InvalidModificationError');
    pair.close();
    expect(thrown(change({}))).toBe('InvalidStateError');
  });

  it('with options out of range is a RangeError', () => {
    for (const options of [
      { mtu: 100 },
      { icePortRange: { min: 9, max: 8 } },
      { sendBufferSize: 0 },
    ]) {
      expect(thrown(() => new RTCPeerConnection({}, options))).toBe('RangeError');
    }
  });
});
