import { describe, expect, it } from 'vitest';
import * as kaon from './index.ts';

const interfaces = Object.entries(kaon).filter(([name]) => name.startsWith('RTC')) as [
  string,
  { readonly prototype: object },
][];

/** What `for … in` finds. */
function enumerate(object: object): string[] {
  const names: string[] = [];
  for (const name in object) names.push(name);
  return names;
}

describe('interfaces (Web IDL §3.7)', () => {
  it.each(interfaces)('%s names its objects, and shows their members', (name, { prototype }) => {
    expect(Object.prototype.toString.call(prototype)).toBe(`[object ${name}]`);
    const members = Object.getOwnPropertyNames(prototype).filter((each) => each !== 'constructor');
    expect(members).not.toEqual([]);
    expect(enumerate(prototype)).toEqual(expect.arrayContaining(members));
  });

  it.each([
    [kaon.RTCCertificate],
    [kaon.RTCDataChannel],
    [kaon.RTCDtlsTransport],
    [kaon.RTCIceCandidatePair],
    [kaon.RTCIceTransport],
    [kaon.RTCSctpTransport],
    [kaon.RTCStatsReport],
  ])('are not made from nothing: %o', (type) => {
    expect(() => Reflect.construct(type, [])).toThrow(TypeError);
  });

  it('have all that is read of a candidate, when its members are copied one by one', () => {
    const init = { candidate: '', sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'fRag' };
    const candidate = new kaon.RTCIceCandidate(init);
    const copy: Record<string, unknown> = {};
    for (const name of enumerate(candidate)) copy[name] = Reflect.get(candidate, name);
    expect(copy).toMatchObject({ ...init, foundation: null, url: null });
  });
});
