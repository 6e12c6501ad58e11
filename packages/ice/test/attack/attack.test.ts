import { attribute, opaqueKind, readAttribute, UNKNOWN_ATTRIBUTES } from '@kaon/stun';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCandidate } from '../../src/index.ts';
import { LOCAL, REMOTE, ScriptedPeer } from './scripted-peer.ts';

describe('forged requests', () => {
  it('with wrong integrity are answered 401 and teach nothing (RFC 8489 §9.1.3)', () => {
    const peer = new ScriptedPeer({}, false);
    peer.deliver(peer.request({ password: 'wrongWrongWrongWrongWrong', useCandidate: true }));
    expect(peer.errorCodes()).toEqual([401]);
    expect(peer.agent.counters.droppedIntegrity).toBe(1);
    expect(peer.agent.counters.earlyChecksQueued).toBe(0);
    expect(peer.agent.isPathValid(LOCAL, REMOTE)).toBe(false);
  });

  it('without integrity are answered 400', () => {
    const peer = new ScriptedPeer();
    peer.sent();
    peer.deliver(peer.request({ hasIntegrity: false }));
    expect(peer.errorCodes()).toEqual([400]);
    expect(peer.agent.counters.requestsReceived).toBe(0);
  });

  it.each(['other:peer', 'nocolon', ':', ''])('for username "%s" are answered 401', (username) => {
    const peer = new ScriptedPeer();
    peer.sent();
    peer.deliver(peer.request({ username }));
    expect(peer.errorCodes()).toEqual([401]);
  });

  it('without fingerprint, or with a wrong one, are not answered (RFC 8445 §7.1)', () => {
    const peer = new ScriptedPeer();
    peer.sent();
    peer.deliver(peer.request({ hasFingerprint: false }));
    const request = peer.request();
    request[request.length - 1] = (request.at(-1) as number) ^ 1;
    peer.deliver(request);
    expect(peer.sent()).toEqual([]);
    expect(peer.agent.counters.droppedFingerprint).toBe(2);
  });

  it('in a flood are answered at a bounded rate', () => {
    const peer = new ScriptedPeer();
    peer.sent();
    for (let i = 0; i < 10_000; i++) {
      peer.now = i / 10; // one second in all
      peer.deliver(peer.request({ hasIntegrity: false }), { address: '10.9.9.9', port: 1 + i });
    }
    expect(peer.errorCodes().length).toBeLessThanOrEqual(30);
    expect(peer.agent.counters.suppressedErrors).toBeGreaterThan(9_900);
  });

  it('are never answered with more than they brought and a little', () => {
    const peer = new ScriptedPeer();
    peer.sent();
    const request = peer.request({ hasIntegrity: false });
    peer.deliver(request);
    expect(peer.sent()[0]?.datagram.data.length).toBeLessThanOrEqual(request.length + 16);
  });
});

describe('a datagram from port 0', () => {
  it('is dropped, because nobody can be answered there (RFC 768)', () => {
    const peer = new ScriptedPeer();
    peer.sent();
    const nowhere = { address: REMOTE.address, port: 0 };
    peer.deliver(peer.request({ hasIntegrity: false }), nowhere);
    peer.deliver(peer.request({ useCandidate: true }), nowhere);
    peer.advance(5_000);
    expect(peer.sent().filter(({ datagram }) => datagram.remote.port === 0)).toEqual([]);
    expect(peer.agent.counters.droppedMalformed).toBe(2);
    expect(peer.agent.remoteCandidates).toHaveLength(1);
  });
});

describe('requests with unknown attributes', () => {
  it('that must be understood are answered 420 with their types (RFC 8489 §6.3.1)', () => {
    const peer = new ScriptedPeer();
    peer.sent();
    const unknown = attribute(opaqueKind('UNKNOWN', 0x7abc, 4), new Uint8Array(4));
    peer.deliver(peer.request({ extra: [unknown] }));
    const [answer] = peer.sent();
    expect(answer?.message.integrityOffset).toBeGreaterThan(0);
    expect(answer && readAttribute(answer.message, UNKNOWN_ATTRIBUTES)).toEqual([0x7abc]);
    expect(peer.agent.isPathValid(LOCAL, REMOTE)).toBe(false);
  });

  it('that may be passed over are answered as others', () => {
    const peer = new ScriptedPeer();
    peer.sent();
    const unknown = attribute(opaqueKind('UNKNOWN', 0xfabc, 4), new Uint8Array(4));
    peer.deliver(peer.request({ extra: [unknown] }));
    expect(peer.sent()[0]?.message.class).toBe('success');
  });
});

describe('forged responses', () => {
  it.each([
    ['without integrity', ''],
    ['with wrong integrity', 'wrongWrongWrongWrongWrong'],
  ])('%s are as if they had not come, and the genuine one still counts', (_, password) => {
    const peer = new ScriptedPeer();
    const request = peer.takeRequest();
    peer.deliver(peer.response(request, password));
    expect(peer.agent.selectedPair).toBeUndefined();
    expect(peer.agent.counters.droppedIntegrity).toBe(1);
    peer.deliver(peer.response(request));
    expect(peer.agent.state).toBe('connected');
  });

  it.each([400, 401, 403, 487, 500])('that say %i without integrity change nothing', (code) => {
    const peer = new ScriptedPeer();
    const request = peer.takeRequest();
    peer.deliver(peer.error(request, code, ''));
    expect(peer.agent.role).toBe('controlled');
    peer.deliver(peer.response(request));
    expect(peer.agent.state).toBe('connected');
  });

  it('from another address are dropped, and the genuine one still counts (RFC 8445 §7.2.5.2.1)', () => {
    const peer = new ScriptedPeer();
    const request = peer.takeRequest();
    peer.deliver(peer.response(request), { address: '10.6.6.6', port: 666 });
    expect(peer.agent.counters.droppedAsymmetric).toBe(1);
    expect(peer.agent.selectedPair).toBeUndefined();
    peer.deliver(peer.response(request));
    expect(peer.agent.state).toBe('connected');
  });

  it('that are replayed do not prolong consent', () => {
    const peer = new ScriptedPeer();
    const response = peer.response(peer.takeRequest());
    peer.deliver(response);
    for (let time = 1_000; time <= 31_000; time += 1_000) {
      peer.advance(time);
      peer.deliver(response);
    }
    expect(peer.agent.state).toBe('failed');
    expect(peer.agent.counters.droppedUnknownTransaction).toBe(31);
  });

  it('with guessed transaction IDs are dropped', () => {
    const peer = new ScriptedPeer();
    const request = peer.takeRequest();
    const guess = { ...request, transactionId: new Uint8Array(12) };
    peer.deliver(peer.response(guess));
    expect(peer.agent.counters.droppedUnknownTransaction).toBe(1);
  });

  it('with a different mapped address each make a bounded number of candidates', () => {
    const peer = new ScriptedPeer({ limits: { maxPeerReflexive: 4 } });
    for (let i = 0; i < 20; i++) {
      const mapped = { address: '198.51.100.1', port: 1 + i };
      peer.addCandidate({ address: '10.0.0.2', port: 3000 + i });
      peer.advance(peer.now + 50);
      for (const { message, datagram } of peer.sent()) {
        if (message.class === 'request')
          peer.deliver(peer.response(message, undefined, mapped), datagram.remote);
      }
    }
    expect(peer.agent.counters.ignoredPeerReflexiveOverLimit).toBeGreaterThan(0);
    const seen = new Set(
      peer.agent
        .stats(peer.now)
        .pairs.map(({ local }) => local)
        .filter(({ type }) => type === 'prflx'),
    );
    expect(seen.size).toBe(4);
  });
});

describe('consent', () => {
  it('is taken back by an authentic 403 (RFC 7675 §5.2)', () => {
    const peer = new ScriptedPeer();
    peer.connect();
    peer.advance(6_000);
    peer.deliver(peer.error(peer.takeRequest(), 403));
    expect(peer.agent.state).toBe('failed');
    expect(peer.agent.selectedPair).toBeUndefined();
  });

  it('does not come back by late answers, only by a restart', () => {
    const peer = new ScriptedPeer();
    peer.connect();
    peer.advance(6_000);
    const request = peer.takeRequest();
    peer.advance(40_000);
    expect(peer.agent.state).toBe('failed');
    peer.deliver(peer.response(request));
    peer.deliver(peer.request({ useCandidate: true }));
    expect(peer.agent.state).toBe('failed');
    expect(
      peer
        .sent()
        .filter(({ message, datagram }) => message.class === 'request' && datagram.data.length > 0)
        .length,
    ).toBeLessThanOrEqual(30); // one a second while unanswered
    peer.agent.restart(peer.now);
    expect(peer.agent.state).toBe('checking');
  });
});

describe('a peer that nominates', () => {
  it('before our own check has succeeded is taken at its word afterwards (RFC 8445 §7.3.1.5)', () => {
    const peer = new ScriptedPeer();
    peer.deliver(peer.request({ useCandidate: true }));
    expect(peer.agent.selectedPair).toBeUndefined();
    peer.deliver(peer.response(peer.takeRequest()));
    expect(peer.agent.selectedPair?.isNominated).toBe(true);
  });

  it('every pair, aggressively, gets the one of highest priority (RFC 5245 §8.1.1.2)', () => {
    const peer = new ScriptedPeer({}, false);
    peer.agent.setRemoteCredentials(
      { usernameFragment: 'peer', password: 'passwordOfThePeer0123456' },
      0,
    );
    const low = { address: '10.0.0.2', port: 2001 };
    const high = { address: '10.0.0.2', port: 2002 };
    const lowest = { address: '10.0.0.2', port: 2003 };
    for (const [source, priority] of [
      [low, 200],
      [high, 300],
      [lowest, 100],
    ] as const) {
      peer.deliver(peer.request({ useCandidate: true, priority }), source);
      for (const { message, datagram } of peer.sent()) {
        if (message.class === 'request') peer.deliver(peer.response(message), datagram.remote);
      }
    }
    expect(peer.agent.selectedPair?.remote).toMatchObject(high);
    expect(peer.agent.selectedPair?.isNominated).toBe(true);
  });

  it('another pair when the first has died is followed', () => {
    const peer = new ScriptedPeer();
    peer.connect();
    peer.advance(10_000);
    expect(peer.agent.state).toBe('disconnected');
    const other = { address: '10.0.0.3', port: 2000 };
    peer.sent();
    peer.deliver(peer.request({ useCandidate: true, priority: 100 }), other);
    for (const { message, datagram } of peer.sent()) {
      if (message.class === 'request') peer.deliver(peer.response(message), datagram.remote);
    }
    expect(peer.agent.selectedPair?.remote).toMatchObject(other);
    expect(peer.agent.state).toBe('connected');
  });
});

describe('floods of a peer that knows the password', () => {
  it('of role conflicts are each answered, and change the role at most once', () => {
    const peer = new ScriptedPeer();
    peer.sent();
    for (let i = 0; i < 1_000; i++) {
      peer.deliver(peer.request({ role: 'controlled', tieBreaker: 0xffff_ffff_ffff_ffffn }));
    }
    expect(peer.errorCodes()).toHaveLength(1_000);
    for (let i = 0; i < 1_000; i++)
      peer.deliver(peer.request({ role: 'controlled', tieBreaker: 0n }));
    expect(peer.agent.role).toBe('controlling');
    let roleEvents = 0;
    for (let event = peer.agent.pollEvent(); event !== undefined; event = peer.agent.pollEvent()) {
      if (event.type === 'role-changed') roleEvents++;
    }
    expect(roleEvents).toBe(1);
  });

  it('of sources make a bounded number of candidates, pairs and checks', () => {
    const peer = new ScriptedPeer();
    peer.sent();
    for (let i = 0; i < 5_000; i++) {
      peer.now = i / 10;
      peer.deliver(peer.request(), { address: '10.0.1.1', port: 1 + i });
    }
    expect(peer.agent.remoteCandidates.length).toBeLessThanOrEqual(33);
    expect(peer.agent.stats(peer.now).pairs.length).toBeLessThanOrEqual(100);
    const requests = peer.sent().filter(({ message }) => message.class === 'request');
    expect(requests.length).toBeLessThanOrEqual(8 + 10 + 40); // burst, one per Ta, retransmissions
    expect(peer.agent.counters.ignoredPeerReflexiveOverLimit).toBeGreaterThan(4_900);
  });

  it('of early checks are held to a bounded number', () => {
    const peer = new ScriptedPeer({}, false);
    for (let i = 0; i < 1_000; i++)
      peer.deliver(peer.request(), { address: '10.0.1.1', port: 1 + i });
    expect(peer.agent.counters.earlyChecksQueued).toBe(32);
    expect(peer.agent.counters.earlyChecksDropped).toBe(968);
  });

  it('of candidates and names are held to a bounded number', () => {
    const peer = new ScriptedPeer();
    for (let i = 0; i < 1_000; i++) {
      peer.addCandidate({ address: '10.0.1.1', port: 1 + i });
      peer.addCandidate({ address: `name-${i}.local`, port: 1 });
    }
    expect(peer.agent.remoteCandidates.length).toBe(128);
    expect(peer.agent.stats(0).pairs.length).toBe(100);
    expect(peer.agent.counters.ignoredLookupsOverLimit).toBe(1_000 - 16);
    peer.advance(60_000);
    expect(peer.agent.counters.requestsSent).toBeLessThan(1_000);
  });

  it.each([
    { port: 65536 },
    { port: -1 },
    { port: 1.5 },
    { port: Number.NaN },
    { priority: 1.5 },
    { priority: Number.NaN },
    { priority: -1 },
    { priority: 2 ** 32 },
  ])('a candidate that has %o is counted and passed over', (fault) => {
    const peer = new ScriptedPeer();
    const [candidate] = peer.agent.remoteCandidates;
    if (candidate === undefined) throw new TypeError('no candidate');
    peer.sent();
    peer.agent.addRemoteCandidate({ ...candidate, address: '10.0.0.3', ...fault }, 0);
    expect(peer.agent.counters.ignoredCandidates).toBe(1);
    expect(peer.agent.remoteCandidates).toHaveLength(1);
  });

  it.each([
    ['0.0.0.0', 1],
    ['224.0.0.1', 1],
    ['255.255.255.255', 1],
    ['127.0.0.1', 22],
    ['10.0.0.3', 0],
    ['::', 1],
  ])('a candidate at %s port %i is not sent anything', (address, port) => {
    const peer = new ScriptedPeer({}, false);
    peer.agent.setRemoteCredentials(
      { usernameFragment: 'peer', password: 'passwordOfThePeer0123456' },
      0,
    );
    peer.addCandidate({ address, port });
    peer.advance(5_000);
    expect(peer.sent()).toEqual([]);
  });
});

describe('arbitrary bytes', () => {
  it('are dropped and counted, never thrown and never answered', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        const peer = new ScriptedPeer();
        peer.sent();
        peer.deliver(bytes);
        expect(peer.sent()).toEqual([]);
        expect(peer.agent.counters.droppedMalformed).toBe(1);
      }),
      { numRuns: 50 },
    );
  });

  it('in place of any byte of a request, or cutting it short, teach the agent nothing', () => {
    const peer = new ScriptedPeer({ limits: { unauthenticatedBurst: 1_000 } }, false);
    const request = peer.request();
    for (let i = 0; i < request.length; i++) {
      const changed = request.slice();
      changed[i] = (changed[i] as number) ^ 0x41;
      peer.deliver(changed);
      peer.deliver(request.slice(0, i));
    }
    expect(peer.agent.counters.requestsReceived).toBe(0);
    peer.deliver(request);
    expect(peer.agent.counters.requestsReceived).toBe(1);
  });

  it('on a socket that is no base are dropped', () => {
    const peer = new ScriptedPeer();
    peer.agent.handleDatagram(
      { data: peer.request(), local: { address: '10.0.0.1', port: 1 }, remote: REMOTE },
      0,
    );
    expect(peer.agent.counters.droppedUnknownBase).toBe(1);
  });
});

describe('what the agent says of itself', () => {
  it('never has the password in it', () => {
    const peer = new ScriptedPeer();
    const { password } = peer.agent.localCredentials;
    const everything = [
      JSON.stringify(peer.agent.stats(0), (_, value: unknown) =>
        typeof value === 'bigint' ? value.toString() : value,
      ),
      ...peer.agent.localCandidates.map((candidate) => formatCandidate(candidate)),
      ...peer.sent().map(({ datagram }) => String.fromCharCode(...datagram.data)),
    ].join('\n');
    expect(everything).not.toContain(password);
  });
});
