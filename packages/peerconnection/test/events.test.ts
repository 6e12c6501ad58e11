import { describe, expect, it } from 'vitest';
import { RTCDataChannelEvent, RTCError, RTCErrorEvent, RTCPeerConnection } from '../src/index.ts';

const error = new RTCError({ errorDetail: 'sctp-failure' });

describe('events', () => {
  it.each<[string, (init: never) => Event]>([
    ['channel', (init) => new RTCDataChannelEvent('x', init)],
    ['error', (init) => new RTCErrorEvent('x', init)],
  ])('need their %s to be of the right interface (Web IDL)', (member, make) => {
    for (const value of [{}, 'x', 5, null]) {
      expect(() => make({ [member]: value } as never)).toThrow(TypeError);
    }
  });

  it('need what the specification requires', () => {
    for (const init of [undefined, null, {}]) {
      for (const type of [RTCDataChannelEvent, RTCErrorEvent]) {
        expect(() => Reflect.construct(type, ['x', init])).toThrow(TypeError);
      }
    }
  });

  it('carry what they are given, and nothing can change it', () => {
    const pc = new RTCPeerConnection();
    const channel = pc.createDataChannel('x');
    const cases: [Event, Record<string, unknown>][] = [
      [new RTCDataChannelEvent('x', { channel }), { channel }],
      [new RTCErrorEvent('x', { error }), { error }],
    ];
    for (const [event, members] of cases) {
      for (const [name, value] of Object.entries(members)) {
        expect(Reflect.get(event, name)).toBe(value);
        expect(Reflect.set(event, name, 1)).toBe(false);
      }
    }
    pc.close();
  });
});

describe('RTCError', () => {
  it.each([undefined, null, {}, { errorDetail: 'other' }, 5])('refuses %j (Web IDL)', (init) => {
    expect(() => new RTCError(init as never)).toThrow(TypeError);
  });

  it('is an OperationError with details that nothing can change', () => {
    const details = { errorDetail: 'dtls-failure', receivedAlert: 40, sdpLineNumber: 3 } as const;
    const made = new RTCError(details, 'words');
    expect(made).toBeInstanceOf(DOMException);
    expect([made.name, made.code, made.message]).toEqual(['OperationError', 0, 'words']);
    const { errorDetail, receivedAlert, sctpCauseCode, sdpLineNumber, sentAlert } = made;
    expect({ errorDetail, receivedAlert, sctpCauseCode, sdpLineNumber, sentAlert }).toEqual({
      ...details,
      sctpCauseCode: null,
      sentAlert: null,
    });
    for (const name of ['errorDetail', 'receivedAlert', 'sentAlert', 'sctpCauseCode']) {
      expect(Reflect.set(made, name, 1)).toBe(false);
    }
  });
});
