import { createSimulation, type SimulatedHost, type Simulation } from '@kaon/simnet';
import { describe, expect, it } from 'vitest';
import type { IceCandidate, IceEvent } from '../../src/index.ts';
import { type AgentPair, type AgentPairOptions, agentPair, type Peer } from '../agent-pair.ts';

interface World extends AgentPair {
  readonly simulation: Simulation;
  readonly hostA: SimulatedHost;
  readonly hostB: SimulatedHost;
  run(durationMs: number): void;
}

function lanWorld(options: AgentPairOptions = {}, interfacesOfA = 1): World {
  const simulation = createSimulation({ seed: 3 });
  const lan = simulation.lan('lan');
  const hostA = simulation.host('a', { behind: lan });
  for (let i = 1; i < interfacesOfA; i++) simulation.attach(hostA, { behind: lan });
  const hostB = simulation.host('b', { behind: lan });
  return {
    ...agentPair(simulation, hostA, hostB, options),
    simulation,
    hostA,
    hostB,
    run: (durationMs) => void simulation.runSync({ until: simulation.now + durationMs }),
  };
}

function cut(host: SimulatedHost, isDown: boolean): void {
  host.link.outbound.change({ loss: isDown ? 1 : 0 });
  host.link.inbound.change({ loss: isDown ? 1 : 0 });
}

function stateNames(peer: Peer): string[] {
  return peer.states.map(({ state }) => state);
}

function ofType<T extends IceEvent['type']>(peer: Peer, type: T): Extract<IceEvent, { type: T }>[] {
  return peer.events.filter(
    (event): event is Extract<IceEvent, { type: T }> => event.type === type,
  );
}

describe('roles', () => {
  it.each(['controlling', 'controlled'] as const)(
    'two agents that are both %s agree by tie-breaker (RFC 8445 §7.3.1.1)',
    (role) => {
      const world = lanWorld({ a: { role }, b: { role } });
      world.start();
      world.run(2_000);
      expect(world.a.agent.state).toBe('completed');
      expect(world.b.agent.state).toBe('completed');
      expect([world.a.agent.role, world.b.agent.role].sort()).toEqual([
        'controlled',
        'controlling',
      ]);
      const changes =
        ofType(world.a, 'role-changed').length + ofType(world.b, 'role-changed').length;
      expect(changes).toBe(1);
    },
  );
});

describe('trickle (RFC 8838)', () => {
  it('takes candidates before credentials', () => {
    const world = lanWorld();
    world.a.agent.addRemoteCandidate(
      {
        foundation: '1',
        component: 1,
        protocol: 'udp',
        priority: 1000,
        address: world.hostB.address,
        port: 9999,
        type: 'host',
      },
      0,
    );
    expect(world.a.agent.remoteCandidates).toHaveLength(0);
    world.start();
    world.run(5);
    expect(world.a.agent.remoteCandidates).toHaveLength(2);
    world.settle();
    expect(world.a.agent.state).toBe('connected');
  });

  it('takes candidates in any order', () => {
    const orders = [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
    ];
    for (const order of orders) {
      const world = lanWorld({}, 3);
      const held: (() => void)[] = [];
      world.a.signalCandidate = (candidate, deliver) => held.push(() => deliver(candidate));
      world.start();
      world.run(1);
      for (const index of order) held[index]?.();
      world.run(3_000);
      expect(world.a.agent.state).toBe('completed');
      expect(world.a.agent.selectedPair?.remote.address).toBe(world.hostB.address);
      const { selectedPair } = world.b.agent;
      expect(selectedPair?.remote.address).toBe(world.a.agent.selectedPair?.local.address);
    }
  });

  it('finds a peer whose candidates never come, by its checks (RFC 8445 §7.3.1.3)', () => {
    const world = lanWorld();
    world.a.signalCandidate = () => undefined;
    world.start();
    world.run(2_000);
    expect(world.a.agent.state).toBe('completed');
    expect(world.b.agent.selectedPair?.remote.type).toBe('prflx');
  });

  it('takes what signalling says of a peer-reflexive candidate that it knew', () => {
    const world = lanWorld();
    world.a.signalCandidate = (candidate, deliver) =>
      world.simulation.at(500, () => deliver(candidate));
    world.start();
    world.run(400);
    expect(world.b.agent.selectedPair?.remote.type).toBe('prflx');
    world.run(400);
    expect(world.b.agent.selectedPair?.remote.type).toBe('host');
    expect(world.b.agent.remoteCandidates).toHaveLength(1);
  });

  it('answers checks that come before the credentials and learns from them later (RFC 8445 §7.3)', () => {
    const world = lanWorld();
    // b hears of a only after a's first checks; a hears of b at once.
    const { a, b, simulation } = world;
    const credentials = b.agent.localCredentials;
    a.agent.gather(a.bases, 0);
    b.agent.gather(b.bases, 0);
    a.agent.setRemoteCredentials(credentials, 0);
    for (const candidate of b.agent.localCandidates) a.agent.addRemoteCandidate(candidate, 0);
    a.machine.flush();
    world.run(3);
    expect(a.agent.state).toBe('connected');
    expect(b.agent.state).toBe('new');
    expect(b.agent.counters.earlyChecksQueued).toBe(1);
    b.agent.setRemoteCredentials(a.agent.localCredentials, simulation.now);
    b.machine.flush();
    world.run(20);
    expect(['connected', 'completed']).toContain(b.agent.state);
    expect(b.agent.selectedPair?.isNominated).toBe(true);
  });

  it('fails with patience when all pairs have failed and no more can come (RFC 8863)', () => {
    const world = lanWorld();
    cut(world.hostB, true);
    world.start();
    world.run(14_000);
    expect(world.a.agent.state).toBe('checking');
    world.run(2_000);
    expect(world.a.agent.state).toBe('failed');
    expect(world.b.agent.state).toBe('failed');
  });

  it('fails in the end if the peer never says that it has no more candidates', () => {
    const world = lanWorld();
    const { a, b } = world;
    a.agent.setRemoteCredentials(b.agent.localCredentials, 0);
    a.agent.gather(a.bases, 0);
    a.agent.addRemoteCandidate(
      {
        ...(a.agent.localCandidates[0] as IceCandidate),
        address: world.hostB.address,
        port: 9,
        usernameFragment: b.agent.localCredentials.usernameFragment,
      },
      0,
    );
    a.machine.flush();
    world.run(29_000);
    expect(a.agent.state).toBe('checking');
    world.run(2_000);
    expect(a.agent.state).toBe('failed');
  });

  it('leaves failed for a late check of the peer', () => {
    const world = lanWorld();
    world.a.signalCandidate = () => undefined;
    world.b.signalCandidate = () => undefined;
    world.start();
    world.run(20_000);
    expect(world.a.agent.state).toBe('failed');
    for (const candidate of world.b.agent.localCandidates) {
      world.a.agent.addRemoteCandidate(candidate, world.simulation.now);
    }
    world.a.machine.flush();
    world.run(1_000);
    expect(stateNames(world.a).slice(-3)).toEqual(['checking', 'connected', 'completed']);
    expect(world.b.agent.state).toBe('completed');
  });
});

describe('several addresses', () => {
  it('checks IPv6 first, in turns with IPv4, and nominates the best pair (RFC 8421 §4)', () => {
    const simulation = createSimulation({ seed: 1 });
    const lan = simulation.lan('lan');
    const hostA = simulation.host('a', { behind: lan, families: [4, 6] });
    const hostB = simulation.host('b', { behind: lan, families: [4, 6] });
    const pair = agentPair(simulation, hostA, hostB);
    pair.start();
    simulation.runSync({ until: 1_000 });
    expect(pair.a.agent.localCandidates.map(({ address }) => address.includes(':'))).toEqual([
      true,
      false,
    ]);
    expect(pair.a.agent.selectedPair?.base.address).toContain(':');
    expect(pair.b.agent.selectedPair?.base.address).toContain(':');
  });

  it('waits a short while for a better pair, then nominates what it has (RFC 8445 §8.1.1)', () => {
    const simulation = createSimulation({ seed: 1 });
    const lan = simulation.lan('lan');
    const hostA = simulation.host('a', { behind: lan, families: [4, 6] });
    const hostB = simulation.host('b', { behind: lan, families: [4, 6] });
    // IPv6 leads nowhere, though both have it.
    const pair = agentPair(simulation, hostA, hostB);
    pair.a.signalCandidate = (candidate, deliver) =>
      deliver(candidate.address.includes(':') ? { ...candidate, port: 9 } : candidate);
    pair.b.signalCandidate = pair.a.signalCandidate;
    pair.start();
    simulation.runSync({ until: 3_000 });
    expect(pair.a.reached('connected')).toBeLessThan(60);
    expect(pair.a.reached('completed')).toBeLessThan(200);
    expect(pair.a.agent.selectedPair?.base.address).not.toContain(':');
    expect(pair.a.agent.selectedPair?.isNominated).toBe(true);
  });
});

describe('consent (RFC 7675)', () => {
  it('is asked for every 4 to 6 seconds', () => {
    const world = lanWorld();
    world.start();
    world.run(60_000);
    const { consentRequestsSent } = world.a.agent.counters;
    expect(consentRequestsSent).toBeGreaterThanOrEqual(10);
    expect(consentRequestsSent).toBeLessThanOrEqual(15);
    expect(stateNames(world.a)).toEqual(['checking', 'connected', 'completed']);
  });

  it('makes a lost peer disconnected after 7 s, failed after 30 s, and nothing is sent then', () => {
    const world = lanWorld();
    world.start();
    world.run(10_000);
    const vanishedAt = world.simulation.now;
    world.b.machine.stop();
    world.run(60_000);
    expect(stateNames(world.a).slice(-2)).toEqual(['disconnected', 'failed']);
    expect(world.a.reached('disconnected') - vanishedAt).toBeLessThanOrEqual(7_000);
    expect(world.a.reached('failed') - vanishedAt).toBeLessThanOrEqual(30_000);
    expect(world.a.agent.selectedPair).toBeUndefined();
    expect(world.a.agent.nextTimeout).toBe(Number.POSITIVE_INFINITY);
    expect(ofType(world.a, 'selected-pair').at(-1)?.pair).toBeUndefined();
    const sent = world.a.agent.counters.requestsSent;
    world.run(60_000);
    expect(world.a.agent.counters.requestsSent).toBe(sent);
  });

  it('recovers from an outage shorter than 30 s', () => {
    const world = lanWorld();
    world.start();
    world.run(10_000);
    cut(world.hostB, true);
    world.run(15_000);
    expect(world.a.agent.state).toBe('disconnected');
    cut(world.hostB, false);
    world.run(10_000);
    expect(world.a.agent.state).toBe('completed');
    expect(world.b.agent.state).toBe('completed');
  });

  it('counts received data as a sign of life, but not as consent', () => {
    const world = lanWorld();
    world.start();
    world.run(10_000);
    const pair = world.a.agent.selectedPair;
    if (pair === undefined) throw new TypeError('no pair');
    world.b.machine.stop();
    for (let second = 0; second < 40; second++) {
      world.run(1_000);
      world.a.agent.noteDatagram(pair.base, pair.remote, 100, world.simulation.now);
    }
    expect(stateNames(world.a)).not.toContain('disconnected');
    expect(world.a.agent.state).toBe('failed');
  });
});

describe('restart (RFC 8445 §9)', () => {
  it('takes new credentials and keeps the old pair until there is a new one', () => {
    const world = lanWorld();
    world.start();
    world.run(5_000);
    const before = world.a.agent.localCredentials;
    const oldPair = world.a.agent.selectedPair;
    world.a.restart();
    world.run(1_000);
    expect(world.a.agent.localCredentials.usernameFragment).not.toBe(before.usernameFragment);
    expect(world.a.agent.state).toBe('connected');
    expect(world.a.agent.selectedPair).toBe(oldPair);
    world.b.restart();
    world.start();
    world.run(1_000);
    expect(world.a.agent.selectedPair).not.toBe(oldPair);
    expect(world.a.agent.selectedPair?.isNominated).toBe(true);
    expect(world.b.agent.selectedPair?.isNominated).toBe(true);
    expect(world.a.agent.state).toBe('completed');
    // Never without a pair in between.
    const pairs = ofType(world.a, 'selected-pair').map(({ pair }) => pair);
    expect(pairs).not.toContain(undefined);
    expect(stateNames(world.a).slice(2)).toEqual(['completed', 'connected', 'completed']);
  });

  it('answers the old credentials meanwhile, so that the peer keeps its consent', () => {
    const world = lanWorld();
    world.start();
    world.run(5_000);
    world.a.restart();
    world.run(60_000);
    expect(world.b.agent.state).toBe('completed');
    expect(world.a.agent.state).toBe('connected');
  });

  it('can be undone, as a rolled-back offer wants it', () => {
    const world = lanWorld();
    world.start();
    world.run(5_000);
    const { localCredentials, selectedPair } = world.a.agent;
    world.a.restart();
    world.run(1_000);
    world.a.agent.revertRestart(world.simulation.now);
    world.a.machine.flush();
    world.run(60_000);
    expect(world.a.agent.localCredentials).toEqual(localCredentials);
    expect(world.a.agent.selectedPair).toBe(selectedPair);
    expect(world.a.agent.state).toBe('completed');
    expect(world.b.agent.state).toBe('completed');
  });

  it('brings a failed agent back', () => {
    const world = lanWorld();
    world.start();
    world.run(5_000);
    cut(world.hostB, true);
    world.run(40_000);
    expect([world.a.agent.state, world.b.agent.state]).toEqual(['failed', 'failed']);
    cut(world.hostB, false);
    world.a.restart();
    world.b.restart();
    world.start();
    world.run(1_000);
    expect([world.a.agent.state, world.b.agent.state]).toEqual(['completed', 'completed']);
  });
});

describe('names (mDNS candidates)', () => {
  it('resolves .local names of remote candidates', () => {
    const world = lanWorld();
    const name = '5f8e7d2c-0a3b-4c1d-9e8f-7a6b5c4d3e2f.local';
    world.b.signalCandidate = (candidate, deliver) => deliver({ ...candidate, address: name });
    // Only the lookup leads to b: its own checks are not let through.
    world.a.signalCandidate = () => undefined;
    world.a.lookup = (hostname) => (hostname === name ? [world.hostB.address] : []);
    world.start();
    world.run(1_000);
    expect(ofType(world.a, 'lookup')).toEqual([{ type: 'lookup', hostname: name }]);
    expect(world.a.agent.state).toBe('completed');
  });

  it('passes over other names', () => {
    const world = lanWorld();
    world.b.signalCandidate = (candidate, deliver) =>
      deliver({ ...candidate, address: 'internal.example.org' });
    world.start();
    world.run(100);
    expect(ofType(world.a, 'lookup')).toEqual([]);
    expect(world.a.agent.counters.ignoredHostnames).toBe(1);
  });
});

describe('data and statistics', () => {
  it('says which paths are valid and measures them', () => {
    const world = lanWorld();
    world.start();
    world.run(100);
    const { agent } = world.a;
    const pair = agent.selectedPair;
    if (pair === undefined) throw new TypeError('no pair');
    expect(agent.isPathValid(pair.base, pair.remote)).toBe(true);
    expect(agent.isPathValid(pair.base, { ...pair.remote, port: 9 })).toBe(false);
    expect(agent.noteDatagram(pair.base, { ...pair.remote, port: 9 }, 10, 100)).toBe(false);
    agent.noteDatagram(pair.base, pair.remote, 1_200, 100);
    agent.noteSent(500, 101);
    const stats = agent.stats(102);
    expect(stats.selectedPairChanges).toBe(1);
    expect(stats.pairs.find(({ id }) => id === stats.selectedPairId)).toMatchObject({
      state: 'succeeded',
      isNominated: true,
      isSelected: true,
      bytesReceived: 1_200,
      packetsReceived: 1,
      lastPacketReceivedAt: 100,
      bytesSent: 500,
      lastPacketSentAt: 101,
      currentRoundTripTimeMs: 2,
    });
  });

  it('is silent after close()', () => {
    const world = lanWorld();
    world.start();
    world.run(100);
    world.a.agent.close(world.simulation.now);
    world.a.machine.flush();
    const { requestsSent } = world.a.agent.counters;
    world.run(60_000);
    expect(world.a.agent.state).toBe('closed');
    expect(world.a.agent.counters.requestsSent).toBe(requestsSent);
    expect(world.a.agent.nextTimeout).toBe(Number.POSITIVE_INFINITY);
    expect(() => world.a.agent.restart(0)).toThrow(expect.objectContaining({ code: 'ICE_CLOSED' }));
  });
});
