import { nodeCrypto } from '@kaon/crypto';
import {
  BINDING_METHOD,
  encodeMessage,
  hasAttribute,
  type StunMessage,
  shortTermIntegrity,
  USE_CANDIDATE,
} from '@kaon/stun';
import { describe, expect, it } from 'vitest';
import type { IceDatagram } from '../../src/index.ts';
import { REMOTE, ScriptedPeer } from './scripted-peer.ts';

/** Where the peer is too. */
const OTHER = { address: '10.0.0.3', port: 2000 };

interface SentCheck {
  readonly message: StunMessage;
  readonly datagram: IceDatagram;
}

function checks(peer: ScriptedPeer): SentCheck[] {
  return peer.sent().filter(({ message }) => message.class === 'request');
}

/** Answers what the agent asks at `address`, and nothing else, in steps of half a second. */
function liveAt(address: string, peer: ScriptedPeer, until: number, step?: () => void): void {
  while (peer.now < until) {
    peer.advance(peer.now + 500);
    step?.();
    for (const { message, datagram } of checks(peer)) {
      if (datagram.remote.address === address) {
        peer.deliver(peer.response(message), datagram.remote);
      }
    }
  }
}

/** A controlled agent with a valid pair to either address of the peer, the first one nominated. */
function twoPairs(): ScriptedPeer {
  const peer = new ScriptedPeer();
  peer.addCandidate(OTHER);
  peer.advance(60);
  for (let round = 0; round < 2; round++) {
    for (const { message, datagram } of checks(peer)) {
      peer.deliver(peer.response(message), datagram.remote);
    }
    peer.advance(peer.now + 60);
  }
  peer.deliver(peer.request({ useCandidate: true }), REMOTE);
  peer.sent();
  return peer;
}

describe('consent of several valid pairs (RFC 7675 §5.1)', () => {
  it('is asked for anew where the peer nominates one that was valid long ago', () => {
    const peer = twoPairs();
    liveAt(REMOTE.address, peer, 100_000);
    expect(peer.agent.selectedPair?.remote).toMatchObject(REMOTE);
    // The first dies; the peer goes over to the second, which nobody has looked at for 100 s.
    const nominate = () => peer.deliver(peer.request({ useCandidate: true }), OTHER);
    liveAt(OTHER.address, peer, 140_000, nominate);
    expect(peer.agent.selectedPair?.remote).toMatchObject(OTHER);
    expect(peer.agent.state).toBe('connected');
  });

  it('is not assumed of one that was valid long ago and does not answer now', () => {
    const peer = twoPairs();
    liveAt(REMOTE.address, peer, 100_000);
    const nominate = () => peer.deliver(peer.request({ useCandidate: true }), OTHER);
    liveAt('nowhere', peer, 125_000, () => {
      nominate();
      expect(peer.agent.selectedPair?.remote).toMatchObject(REMOTE);
    });
  });

  it('is lost for all of them at once: no other is selected in place of the first', () => {
    const peer = twoPairs();
    liveAt(REMOTE.address, peer, 100_000);
    peer.advance(110_000);
    peer.deliver(peer.error(peer.takeRequest(), 403));
    expect(peer.agent.state).toBe('failed');
    expect(peer.agent.selectedPair).toBeUndefined();
    expect(peer.agent.nextTimeout).toBe(Number.POSITIVE_INFINITY);
  });

  it('is asked for at once if it runs out before the usual time', () => {
    const peer = twoPairs();
    peer.deliver(peer.request({ useCandidate: true }), OTHER);
    // The first is silent from the start. The second is not, and was valid 7 s ago.
    liveAt('nowhere', peer, 5_000);
    peer.deliver(peer.request({ useCandidate: true }), OTHER);
    while (peer.agent.selectedPair?.remote.address !== OTHER.address) {
      peer.sent();
      peer.advance(peer.now + 100);
    }
    expect(peer.now).toBeLessThan(8_000);
    peer.advance(peer.now + 1);
    expect(checks(peer).map(({ datagram }) => datagram.remote)).toContainEqual(OTHER);
  });
});

describe('a role conflict', () => {
  it('refused on several pairs has each of them checked again (RFC 8445 §7.2.5.1)', () => {
    const peer = new ScriptedPeer({ role: 'controlling' });
    peer.deliver(peer.request({ role: 'controlled' }), OTHER);
    const sent = checks(peer);
    expect(sent.map(({ datagram }) => datagram.remote)).toEqual([REMOTE, OTHER]);
    for (const { message, datagram } of sent) {
      peer.deliver(peer.error(message, 487), datagram.remote);
    }
    expect(peer.agent.role).toBe('controlled');
    peer.advance(200);
    expect(checks(peer).map(({ datagram }) => datagram.remote)).toEqual([REMOTE, OTHER]);
    const roleChanges: string[] = [];
    for (let event = peer.agent.pollEvent(); event; event = peer.agent.pollEvent()) {
      if (event.type === 'role-changed') roleChanges.push(event.role);
    }
    expect(roleChanges).toEqual(['controlled']);
  });

  it('after a nomination leaves it to the agent that nominates now (RFC 8445 §8.1.1)', () => {
    const peer = new ScriptedPeer();
    peer.connect();
    expect(peer.agent.selectedPair?.isNominated).toBe(true);
    // The peer has switched as well: that it nominated counts for it no more.
    peer.deliver(peer.request({ role: 'controlled', tieBreaker: 0n }));
    expect(peer.agent.role).toBe('controlling');
    const nominations = checks(peer).filter(({ message }) => hasAttribute(message, USE_CANDIDATE));
    expect(nominations.map(({ datagram }) => datagram.remote)).toEqual([REMOTE]);
  });

  it('after a nomination does not shorten the life of the pair', () => {
    const peer = new ScriptedPeer();
    peer.connect();
    peer.deliver(peer.request({ role: 'controlled', tieBreaker: 0n }));
    // Longer than any check is repeated, shorter than consent lasts.
    peer.advance(20_000);
    expect(peer.agent.state).toBe('disconnected');
    liveAt(REMOTE.address, peer, 25_000);
    expect(peer.agent.state).toBe('connected');
    expect(peer.agent.selectedPair?.isNominated).toBe(true);
  });

  it('before the nominated pair is valid undoes the nomination (RFC 8445 §8.1.1)', () => {
    const peer = new ScriptedPeer();
    peer.deliver(peer.request({ useCandidate: true }));
    peer.deliver(peer.request({ role: 'controlled', tieBreaker: 0n }));
    expect(peer.agent.role).toBe('controlling');
    peer.deliver(peer.response(peer.takeRequest()));
    expect(peer.agent.selectedPair?.isNominated).toBe(false);
    const [nomination] = checks(peer);
    expect(nomination && hasAttribute(nomination.message, USE_CANDIDATE)).toBe(true);
    peer.deliver(peer.response((nomination as SentCheck).message));
    expect(peer.agent.selectedPair?.isNominated).toBe(true);
  });
});

describe('a full check list', () => {
  it('takes the pair on which the peer has proved itself (RFC 8445 §7.3.1.4)', () => {
    const peer = new ScriptedPeer({ limits: { maxPairs: 3 } }, false);
    peer.agent.setRemoteCredentials(
      { usernameFragment: 'peer', password: 'passwordOfThePeer0123456' },
      0,
    );
    for (let port = 3000; port < 3010; port++) peer.addCandidate({ address: '10.0.0.9', port });
    peer.sent();
    peer.deliver(peer.request({ priority: 1 }), OTHER);
    expect(checks(peer).map(({ datagram }) => datagram.remote)).toEqual([OTHER]);
    expect(peer.agent.stats(0).pairs).toHaveLength(3);
  });

  it('makes retransmissions wait for the checks that are due, not for frozen ones (RFC 8445 §14.3)', () => {
    const peer = new ScriptedPeer();
    // All have one foundation: the first is checked, the others wait for its outcome.
    for (let port = 3000; port < 3040; port++) peer.addCandidate({ address: '10.0.0.9', port });
    peer.advance(10);
    peer.sent();
    peer.deliver(peer.request(), REMOTE); // which starts a new check, with all pairs known
    expect(checks(peer)).toHaveLength(1);
    peer.advance(520);
    expect(checks(peer).map(({ datagram }) => datagram.remote)).toEqual([REMOTE]);
  });
});

describe('a success without a mapped address', () => {
  it('is a check that failed (RFC 8489 §6.3.3)', () => {
    const peer = new ScriptedPeer({ role: 'controlling' });
    const { transactionId } = peer.takeRequest();
    const success = { class: 'success', method: BINDING_METHOD, transactionId } as const;
    const integrity = shortTermIntegrity(nodeCrypto, 'passwordOfThePeer0123456');
    peer.deliver(encodeMessage({ ...success, attributes: [] }, { integrity, fingerprint: true }));
    expect(peer.agent.stats(0).pairs.map(({ state }) => state)).toEqual(['failed']);
    expect(peer.agent.counters.droppedMalformed).toBe(1);
  });
});

describe('an agent that has given up', () => {
  it('is connected by an answer that was on its way', () => {
    const peer = new ScriptedPeer({ role: 'controlling', timing: { connectTimeoutMs: 8_000 } });
    peer.advance(7_900);
    const request = peer.takeRequest();
    peer.advance(8_100);
    expect(peer.agent.state).toBe('failed');
    peer.deliver(peer.response(request));
    expect(peer.agent.selectedPair?.remote).toMatchObject(REMOTE);
    expect(peer.agent.state).toBe('connected');
    // It goes on from there: the pair is nominated.
    peer.deliver(peer.response(peer.takeRequest()));
    expect(peer.agent.selectedPair?.isNominated).toBe(true);
  });

  it('has done so in time even if nothing could be paired with what the peer has', () => {
    const peer = new ScriptedPeer({}, false);
    peer.agent.setRemoteCredentials(
      { usernameFragment: 'peer', password: 'passwordOfThePeer0123456' },
      0,
    );
    peer.addCandidate({ address: '2001:db8::1', port: 2000 });
    peer.advance(29_000);
    expect(peer.agent.state).toBe('checking');
    peer.advance(31_000);
    expect(peer.agent.state).toBe('failed');
    peer.addCandidate(REMOTE);
    expect(peer.agent.state).toBe('checking');
  });
});

describe('a restart that is undone', () => {
  it('repeats the nomination that was under way', () => {
    const peer = new ScriptedPeer({ role: 'controlling' });
    peer.deliver(peer.response(peer.takeRequest()));
    expect(checks(peer)).toHaveLength(1); // the nomination, which is lost
    peer.agent.restart(peer.now);
    peer.advance(100);
    peer.agent.revertRestart(peer.now);
    liveAt(REMOTE.address, peer, 5_000);
    expect(peer.agent.selectedPair?.isNominated).toBe(true);
  });

  it('repeats the checks that were under way', () => {
    const peer = new ScriptedPeer({ role: 'controlling', timing: { nominationDelayMs: 10_000 } });
    peer.deliver(peer.request({ role: 'controlled' }), OTHER);
    const [, second] = checks(peer);
    peer.deliver(peer.response((second as SentCheck).message), OTHER);
    expect(peer.agent.selectedPair?.remote).toMatchObject(OTHER);
    peer.agent.restart(peer.now);
    peer.agent.revertRestart(peer.now);
    peer.sent();
    liveAt(REMOTE.address, peer, 3_000);
    expect(peer.agent.selectedPair?.remote).toMatchObject(REMOTE);
  });

  it('keeps what the peer nominated meanwhile', () => {
    const peer = new ScriptedPeer();
    peer.deliver(peer.response(peer.takeRequest()));
    const nomination = peer.request({ useCandidate: true });
    peer.agent.restart(peer.now);
    peer.deliver(nomination);
    peer.agent.revertRestart(peer.now);
    expect(peer.agent.selectedPair?.isNominated).toBe(true);
  });

  it('says the state of gathering that it goes back to', () => {
    const peer = new ScriptedPeer({ stunServers: [{ hostname: '198.51.100.1', port: 3478 }] });
    const told = () => {
      let latest: string | undefined;
      for (let event = peer.agent.pollEvent(); event; event = peer.agent.pollEvent()) {
        if (event.type === 'gathering-state') latest = event.state;
      }
      return latest;
    };
    peer.advance(10_000);
    expect(told()).toBe('complete');
    peer.agent.restart(peer.now);
    peer.agent.gather([{ address: { address: '10.0.0.1', port: 1000 } }], peer.now);
    expect(told()).toBe('gathering');
    peer.agent.revertRestart(peer.now);
    expect(told()).toBe('complete');
    expect(peer.agent.gatheringState).toBe('complete');
  });

  it('finds the consent lost that ran out meanwhile', () => {
    const peer = new ScriptedPeer();
    peer.connect();
    peer.agent.restart(peer.now);
    peer.agent.restart(peer.now);
    peer.agent.revertRestart(peer.now + 40_000);
    expect(peer.agent.selectedPair).toBeUndefined();
  });
});
