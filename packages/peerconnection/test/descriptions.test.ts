import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  RTCError,
  RTCPeerConnection,
  RTCSessionDescription,
  type RTCSessionDescriptionInit,
} from '../src/index.ts';
import { CHROMIUM, CHROMIUM_WITH_MEDIA, OFFERS } from './fixtures/offers.ts';
import { fired, PeerPair } from './peer-pair.ts';

const rejection = (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => new Error('It was fulfilled.'),
    (error: Error) => error,
  );

/** The ICE generation of a description. */
const fragmentOf = (description: RTCSessionDescriptionInit | null): string | undefined =>
  /a=ice-ufrag:(.*)\r/.exec(description?.sdp ?? '')?.[1];

/** One change to a text of lines. */
function mangle(text: string, [at, how]: [number, string]): string {
  const lines = text.split('\n');
  const i = at % lines.length;
  const line = lines[i] ?? '';
  if (how === 'drop') lines.splice(i, 1);
  else if (how === 'double') lines.splice(i, 0, line);
  else if (how === 'cut') lines[i] = line.slice(0, line.length / 2);
  else if (how === 'swap') lines.splice(i, 2, lines[i + 1] ?? '', line);
  else lines[i] = line.replace(/\d/, (digit) => String((Number(digit) + 7) % 10));
  return lines.join('\n');
}

describe('setRemoteDescription', () => {
  it.each(Object.entries(OFFERS))(
    'takes the offer of %s, and it can be answered',
    async (_name, sdp) => {
      const pair = new PeerPair();
      const { bob } = pair;
      await pair.complete(bob.setRemoteDescription({ type: 'offer', sdp }));
      await pair.complete(bob.setLocalDescription());
      expect(bob.signalingState).toBe('stable');
      expect(bob.sctp?.maxMessageSize).toBeGreaterThan(0);
      pair.close();
    },
  );

  it('rejects bad syntax with the line it is in (webrtc-pc §4.4.1.4)', async () => {
    const pair = new PeerPair();
    const sdp = CHROMIUM.replace('t=0 0', 'nonsense');
    const error = await pair.complete(
      rejection(pair.bob.setRemoteDescription({ type: 'offer', sdp })),
    );
    expect(error).toBeInstanceOf(RTCError);
    expect(error).toMatchObject({
      name: 'OperationError',
      errorDetail: 'sdp-syntax-error',
      sdpLineNumber: 4,
    });
    pair.close();
  });

  it('rejects what makes no sense with an InvalidAccessError, and stays as it was', async () => {
    const pair = new PeerPair();
    const { bob } = pair;
    const sdp = CHROMIUM.replace(/a=fingerprint.*\r\n/, '');
    const error = await pair.complete(rejection(bob.setRemoteDescription({ type: 'offer', sdp })));
    expect(error.name).toBe('InvalidAccessError');
    expect(bob.signalingState).toBe('stable');
    expect(bob.remoteDescription).toBeNull();
    pair.close();
  });

  it('never does anything but take or reject a description, however mangled', async () => {
    const offers = Object.values(OFFERS);
    const mangled = fc
      .tuple(
        fc.constantFrom(...offers),
        fc.array(fc.tuple(fc.nat(40), fc.constantFrom('drop', 'double', 'cut', 'swap', 'digit')), {
          minLength: 1,
          maxLength: 4,
        }),
      )
      .map(([offer, changes]) => changes.reduce(mangle, offer));
    await fc.assert(
      fc.asyncProperty(mangled, fc.constantFrom('offer', 'answer'), async (sdp, type) => {
        const pair = new PeerPair();
        if (type === 'answer') {
          pair.bob.createDataChannel('x');
          await pair.complete(pair.bob.setLocalDescription());
        }
        const result = await pair.complete(
          pair.bob.setRemoteDescription({ type, sdp }).then(
            () => 'taken',
            (error: Error) => error,
          ),
        );
        if (result !== 'taken') {
          expect(result).toBeInstanceOf(DOMException);
        } else if (type === 'offer') {
          await pair.complete(pair.bob.setLocalDescription());
        }
        await pair.simulation.run({ until: pair.simulation.now + 100 });
        pair.close();
      }),
      { numRuns: 200 },
    );
  });

  it('wants media to multiplex RTCP (RFC 9429 §5.8.3)', async () => {
    const pair = new PeerPair();
    const sdp = CHROMIUM_WITH_MEDIA.replaceAll('a=rtcp-mux\r\n', '');
    const error = await pair.complete(
      rejection(pair.bob.setRemoteDescription({ type: 'offer', sdp })),
    );
    expect(error.name).toBe('InvalidAccessError');
    pair.close();
  });

  it.each([
    ['a=fingerprint', /a=fingerprint.*\r\n/],
    ['a=ice-ufrag', /a=ice-ufrag.*\r\n/],
    ['a=ice-pwd', /a=ice-pwd.*\r\n/],
  ])('wants %s of media too (RFC 9429 §5.8.3)', async (_name, line) => {
    const pair = new PeerPair();
    const unbundled = CHROMIUM_WITH_MEDIA.replace(/a=group.*\r\n/, '');
    const offer = (sdp: string): Promise<Error> =>
      pair.complete(rejection(pair.bob.setRemoteDescription({ type: 'offer', sdp })));
    expect((await offer(unbundled.replace(line, ''))).name).toBe('InvalidAccessError');
    // What is bundled has it from the first of its group, and what is rejected needs none.
    const [first = '', ...rest] = CHROMIUM_WITH_MEDIA.split('m=video');
    await pair.complete(
      pair.bob.setRemoteDescription({
        type: 'offer',
        sdp: [first, ...rest.map((section) => section.replace(line, ''))].join('m=video'),
      }),
    );
    const rejected = unbundled.replace(line, '').replace('m=audio 9', 'm=audio 0');
    await pair.complete(pair.bob.setRemoteDescription({ type: 'offer', sdp: rejected }));
    pair.close();
  });

  it('wants a description with a known type', async () => {
    const pair = new PeerPair();
    for (const init of [undefined, {}, { type: 'question' }, 'offer']) {
      const error = await pair.complete(
        rejection(pair.bob.setRemoteDescription(init as unknown as { type: 'offer' })),
      );
      expect(error).toBeInstanceOf(TypeError);
    }
    pair.close();
  });

  it('tells whether the peer trickles (RFC 9429 §4.1.17)', async () => {
    for (const [name, trickles] of [
      ['CHROMIUM', true],
      ['LIBDATACHANNEL', true],
      ['OLD_SCTPMAP', false],
    ] as const) {
      const pair = new PeerPair();
      expect(pair.bob.canTrickleIceCandidates).toBeNull();
      const sdp = OFFERS[name] ?? '';
      await pair.complete(pair.bob.setRemoteDescription({ type: 'offer', sdp }));
      expect(pair.bob.canTrickleIceCandidates).toBe(trickles);
      pair.close();
    }
  });

  it('of an answer that rejects data ends it', async () => {
    const pair = new PeerPair();
    const channel = pair.alice.createDataChannel('x');
    await pair.complete(pair.alice.setLocalDescription());
    expect(pair.alice.sctp).not.toBeNull();
    const sdp = (pair.alice.localDescription?.sdp ?? '')
      .replace(/m=application \d+/, 'm=application 0')
      .replace(/a=group.*\r\n/, '')
      .replace('actpass', 'active');
    const closed = fired(channel, 'close');
    await pair.complete(pair.alice.setRemoteDescription({ type: 'answer', sdp }));
    await pair.complete(closed);
    expect(pair.alice.sctp).toBeNull();
    expect(pair.alice.iceConnectionState).toBe('new');
    pair.close();
  });

  it('of an answer that ends what was connected tells of each state that changes', async () => {
    const pair = new PeerPair();
    const { alice } = pair;
    await pair.open();
    await pair.complete(alice.setLocalDescription());
    const sdp = (pair.bob.localDescription?.sdp ?? '')
      .replace(/m=application \d+/, 'm=application 0')
      .replace(/a=group.*\r\n/, '');
    const states: string[] = [];
    alice.oniceconnectionstatechange = () => states.push(`ice ${alice.iceConnectionState}`);
    alice.onconnectionstatechange = () => states.push(`connection ${alice.connectionState}`);
    alice.onicegatheringstatechange = () => states.push(`gathering ${alice.iceGatheringState}`);
    await pair.complete(alice.setRemoteDescription({ type: 'answer', sdp }));
    await pair.simulation.run({ until: pair.simulation.now + 100 });
    expect(states).toEqual(['gathering new', 'ice new', 'connection new']);
    pair.close();
  });
});

describe('createOffer and createAnswer', () => {
  it.each([[1], ['false'], [{}]])('take %j for true, as a boolean is converted', async (truthy) => {
    const pair = new PeerPair();
    await pair.open();
    const options = { iceRestart: truthy as boolean };
    const offer = await pair.complete(pair.alice.createOffer(options));
    expect(fragmentOf(offer)).not.toBe(fragmentOf(pair.alice.localDescription));
    pair.close();
  });

  it('want options to be an object', async () => {
    const pair = new PeerPair();
    const { alice } = pair;
    for (const options of ['x', 5, true] as unknown as object[]) {
      for (const made of [alice.createOffer(options), alice.createAnswer(options)]) {
        expect(await rejection(made)).toBeInstanceOf(TypeError);
      }
    }
    const nothing = null as unknown as undefined;
    await pair.complete(alice.createOffer(nothing));
    expect((await rejection(alice.createAnswer(nothing))).name).toBe('InvalidStateError');
    pair.close();
  });

  it('need no argument, by what their functions say of themselves', () => {
    const { createOffer, createAnswer, setLocalDescription, setRemoteDescription } =
      RTCPeerConnection.prototype;
    const { addIceCandidate, setConfiguration, getStats } = RTCPeerConnection.prototype;
    const optional = [RTCPeerConnection, createOffer, createAnswer, setLocalDescription];
    for (const each of [...optional, addIceCandidate, setConfiguration, getStats]) {
      expect(each).toHaveLength(0);
    }
    expect(setRemoteDescription).toHaveLength(1);
  });
});

describe('setLocalDescription', () => {
  it('takes only what was created last (RFC 9429 §5.4)', async () => {
    const pair = new PeerPair();
    const { alice } = pair;
    alice.createDataChannel('x');
    const { sdp = '' } = await pair.complete(alice.createOffer());
    for (const changed of [sdp.replace('BUNDLE', 'bundle'), `${sdp}a=x\r\n`]) {
      const error = await pair.complete(
        rejection(alice.setLocalDescription({ type: 'offer', sdp: changed })),
      );
      expect(error.name).toBe('InvalidModificationError');
    }
    await pair.complete(alice.setLocalDescription({ type: 'offer', sdp }));
    expect(alice.signalingState).toBe('have-local-offer');
    pair.close();
  });

  it.each([[undefined], [{ type: 'offer' }], [{ sdp: '' }]] as const)(
    '(%j) applies what createOffer made last, as long as it holds (webrtc-pc §4.4.2)',
    async (description) => {
      const pair = new PeerPair();
      const { alice, bob } = pair;
      await pair.open();
      const before = fragmentOf(alice.localDescription);
      const offer = await pair.complete(alice.createOffer({ iceRestart: true }));
      expect(fragmentOf(offer)).not.toBe(before);
      await pair.complete(alice.setLocalDescription(description));
      expect(fragmentOf(alice.localDescription)).toBe(fragmentOf(offer));
      await pair.complete(pair.deliverDescription(alice, bob));
      const answer = await pair.complete(bob.createAnswer());
      await pair.complete(bob.setLocalDescription());
      expect(fragmentOf(bob.localDescription)).toBe(fragmentOf(answer));
      await pair.complete(pair.deliverDescription(bob, alice));
      pair.close();
    },
  );

  it('without SDP makes a new offer where the one created last has become outdated', async () => {
    const pair = new PeerPair();
    const { alice } = pair;
    await pair.complete(alice.createOffer());
    alice.createDataChannel('x');
    await pair.complete(alice.setLocalDescription());
    expect(alice.localDescription?.sdp).toContain('m=application');
    await pair.complete(pair.negotiate());
    const offer = await pair.complete(alice.createOffer());
    alice.restartIce();
    await pair.complete(alice.setLocalDescription());
    expect(fragmentOf(alice.localDescription)).not.toBe(fragmentOf(offer));
    pair.close();
  });

  it('refuses a rollback at once where there is nothing to roll back', async () => {
    const pair = new PeerPair();
    let name = '';
    pair.alice.setLocalDescription({ type: 'rollback' }).catch((error: Error) => {
      name = error.name;
    });
    // Reactions to promises run, and no task does.
    for (let i = 0; i < 20; i++) await undefined;
    expect(name).toBe('InvalidStateError');
    pair.close();
  });

  it('offers nothing at all if there is nothing to offer', async () => {
    const pair = new PeerPair();
    await pair.complete(pair.alice.setLocalDescription());
    expect(pair.alice.localDescription?.sdp).not.toContain('m=');
    expect(pair.alice.sctp).toBeNull();
    await pair.simulation.run({ until: 1000 });
    expect(pair.alice.iceGatheringState).toBe('new');
    pair.close();
  });

  it('counts versions of one session (RFC 9429 §5.2.2)', async () => {
    const pair = new PeerPair();
    const origin = async (): Promise<string[]> => {
      const { sdp = '' } = await pair.complete(pair.alice.createOffer());
      return /^o=(.*)$/m.exec(sdp)?.[1]?.split(' ') ?? [];
    };
    const [first, second] = [await origin(), await origin()];
    expect(second[1]).toBe(first[1]);
    expect(Number(second[2])).toBe(Number(first[2]) + 1);
    expect(BigInt(first[1] ?? '-1')).toBeLessThan(2n ** 63n - 1n);
    pair.close();
  });
});

describe('rollback', () => {
  it('of a first offer takes back all that it made', async () => {
    const pair = new PeerPair();
    const { alice } = pair;
    alice.createDataChannel('x');
    await pair.complete(alice.setLocalDescription());
    await pair.simulation.run({ until: 100 });
    expect(alice.iceGatheringState).toBe('complete');
    const told = fired(alice, 'icegatheringstatechange');
    await pair.complete(alice.setLocalDescription({ type: 'rollback' }));
    expect(alice).toMatchObject({
      signalingState: 'stable',
      localDescription: null,
      sctp: null,
      iceGatheringState: 'new',
    });
    await pair.complete(told);
    // And says again that negotiation is needed.
    await pair.complete(fired(alice, 'negotiationneeded'));
    await pair.complete(pair.negotiate());
    expect(alice.signalingState).toBe('stable');
    pair.close();
  });

  it('is implied by a remote offer, in one go', async () => {
    const pair = new PeerPair();
    for (const pc of [pair.alice, pair.bob]) pc.createDataChannel('x');
    const states: string[] = [];
    pair.alice.onsignalingstatechange = () => states.push(pair.alice.signalingState);
    await pair.complete(Promise.all([pair.alice, pair.bob].map((pc) => pc.setLocalDescription())));
    await pair.complete(pair.deliverDescription(pair.bob, pair.alice));
    expect(states).toEqual(['have-local-offer', 'stable', 'have-remote-offer']);
    expect(pair.alice.sctp?.transport.iceTransport.role).toBe('controlled');
    pair.close();
  });
});

describe('RTCSessionDescription', () => {
  it('is made of a type and SDP, and becomes JSON', () => {
    const description = new RTCSessionDescription({ type: 'offer', sdp: 'v=0' });
    expect(JSON.stringify(description)).toBe('{"type":"offer","sdp":"v=0"}');
    expect(new RTCSessionDescription({ type: 'rollback' }).sdp).toBe('');
    expect(() => Reflect.construct(RTCSessionDescription, [{ sdp: 'v=0' }])).toThrow(TypeError);
  });
});
