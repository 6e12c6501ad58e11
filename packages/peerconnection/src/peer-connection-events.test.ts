import { describe, expect, it } from 'vitest';
import {
  RTCIceCandidate,
  RTCPeerConnectionIceErrorEvent,
  RTCPeerConnectionIceEvent,
} from './index.ts';

const candidate = new RTCIceCandidate({ sdpMid: '0' });

/** Calls a constructor as JavaScript may. */
const make = (kind: new (...given: never[]) => Event, ...given: unknown[]): Event =>
  Reflect.construct(kind, given);

describe('RTCPeerConnectionIceEvent', () => {
  it.each([
    [{}, { candidate: null, url: null, bubbles: false }],
    [null, { candidate: null, url: null }],
    [
      { candidate: null, url: null },
      { candidate: null, url: null },
    ],
    [
      { candidate: undefined, url: undefined },
      { candidate: null, url: null },
    ],
    [
      { candidate, url: 'stun:\ud800' },
      { candidate, url: 'stun:\ufffd' },
    ],
    [
      { url: 5, cancelable: true },
      { url: '5', cancelable: true },
    ],
  ])('of %j', (init, members) => {
    expect(make(RTCPeerConnectionIceEvent, 'icecandidate', init)).toMatchObject(members);
  });

  it.each([
    [[]],
    [['type', { candidate: candidate.toJSON() }]],
    [['type', { candidate: 'candidate:1' }]],
    [['type', 'url']],
  ])('is not made of %j', (given) => {
    expect(() => make(RTCPeerConnectionIceEvent, ...given)).toThrow(TypeError);
  });
});

describe('RTCPeerConnectionIceErrorEvent', () => {
  it.each([
    [{ errorCode: 701 }, { errorCode: 701, address: null, port: null, url: '', errorText: '' }],
    [
      { errorCode: 65537, port: -1 },
      { errorCode: 1, port: 65535 },
    ],
    [
      { errorCode: '300', address: null, port: null },
      { errorCode: 300, address: null, port: null },
    ],
    [
      { errorCode: 1, address: 7, url: '\udfff', errorText: 8 },
      { address: '7', url: '\ufffd', errorText: '8' },
    ],
  ])('of %j', (init, members) => {
    expect(make(RTCPeerConnectionIceErrorEvent, 'icecandidateerror', init)).toMatchObject(members);
  });

  it.each([[[]], [['type']], [['type', {}]], [['type', null]], [['type', { url: 'stun:x' }]]])(
    'is not made of %j',
    (given) => {
      expect(() => make(RTCPeerConnectionIceErrorEvent, ...given)).toThrow(TypeError);
    },
  );
});

it('what ICE events say cannot be changed', () => {
  const event = new RTCPeerConnectionIceEvent('icecandidate', { candidate });
  const error = new RTCPeerConnectionIceErrorEvent('icecandidateerror', { errorCode: 701 });
  expect(Reflect.set(event, 'candidate', null)).toBe(false);
  expect(Reflect.set(error, 'errorCode', 300)).toBe(false);
  expect(event.candidate).toBe(candidate);
  expect(error.errorCode).toBe(701);
});
