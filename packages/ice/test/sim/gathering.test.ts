import { createSimulation } from '@kaon/simnet';
import { describe, expect, it } from 'vitest';
import { agentPair, stunServer } from '../agent-pair.ts';

describe('gathering', () => {
  it('is complete at once without servers, with host candidates told first', () => {
    const simulation = createSimulation({ seed: 1 });
    const pair = agentPair(simulation, simulation.host('a'), simulation.host('b'));
    pair.a.describe();
    expect(pair.a.events.map((event) => event.type)).toEqual([
      'gathering-state',
      'candidate',
      'gathering-state',
    ]);
    expect(pair.a.agent.gatheringState).toBe('complete');
  });

  it('finds no reflexive candidate without a NAT (RFC 8445 §5.1.3)', () => {
    const simulation = createSimulation({ seed: 1 });
    const server = stunServer(simulation.host('stun'));
    const pair = agentPair(simulation, simulation.host('a'), simulation.host('b'), {
      a: { stunServers: [server] },
    });
    pair.start();
    simulation.runSync({ until: 1_000 });
    expect(pair.a.agent.localCandidates.map(({ type }) => type)).toEqual(['host']);
    expect(pair.a.agent.gatheringState).toBe('complete');
  });

  it('asks for the addresses of servers with names', () => {
    const simulation = createSimulation({ seed: 1 });
    const server = stunServer(simulation.host('stun'));
    const nat = simulation.nat('nat');
    const pair = agentPair(
      simulation,
      simulation.host('a', { behind: nat }),
      simulation.host('b'),
      { a: { stunServers: [{ hostname: 'stun.example.org', port: server.port }] } },
    );
    pair.a.lookup = () => [server.hostname];
    pair.start();
    simulation.runSync({ until: 1_000 });
    expect(pair.a.agent.localCandidates.map(({ type }) => type)).toEqual(['host', 'srflx']);
    expect(pair.a.agent.localCandidates[1]?.url).toBe('stun:stun.example.org:3478');
  });

  it('gives up a dead server after 9.5 s and a name after 10 s', () => {
    const simulation = createSimulation({ seed: 1 });
    const dead = simulation.host('dead');
    const pair = agentPair(simulation, simulation.host('a'), simulation.host('b'), {
      a: { stunServers: [{ hostname: dead.address, port: 3478 }] },
    });
    pair.start();
    simulation.runSync({ until: 9_400 });
    expect(pair.a.agent.gatheringState).toBe('gathering');
    // The dead server holds nothing up.
    expect(pair.a.agent.state).toBe('connected');
    simulation.runSync({ until: 9_600 });
    expect(pair.a.agent.gatheringState).toBe('complete');
    expect(pair.a.agent.state).toBe('completed');
  });

  it('asks a server with two names once, and finds neither unreachable', () => {
    const simulation = createSimulation({ seed: 1 });
    const server = stunServer(simulation.host('stun'));
    const nat = simulation.nat('nat');
    const hostnames = ['stun1.example.org', 'stun2.example.org'];
    const pair = agentPair(
      simulation,
      simulation.host('a', { behind: nat }),
      simulation.host('b'),
      { a: { stunServers: hostnames.map((hostname) => ({ hostname, port: server.port })) } },
    );
    pair.a.lookup = () => [server.hostname];
    pair.a.describe();
    simulation.runSync({ until: 1_000 });
    expect(pair.a.agent.gatheringState).toBe('complete');
    expect(pair.a.agent.localCandidates.map(({ type }) => type)).toEqual(['host', 'srflx']);
    expect(pair.a.events.filter(({ type }) => type === 'server-unreachable')).toEqual([]);
  });

  it('paces questions to servers by Ta (RFC 8445 §14.2)', () => {
    const simulation = createSimulation({ seed: 1 });
    const servers = [1, 2, 3].map((n) => stunServer(simulation.host(`stun ${n}`)));
    const pair = agentPair(simulation, simulation.host('a'), simulation.host('b'), {
      a: { stunServers: servers },
    });
    const times: number[] = [];
    simulation.trace.listen((record) => {
      if (record.type === 'send' && record.destination.port === 3478) {
        times.push(record.at);
      }
    });
    pair.a.describe();
    simulation.runSync({ until: 1_000 });
    expect(times).toEqual([0, 50, 100]);
  });

  it('keeps reflexive addresses alive until a pair is nominated (RFC 8445 §11)', () => {
    const simulation = createSimulation({ seed: 1 });
    const server = stunServer(simulation.host('stun'));
    const nat = simulation.nat('nat', { mappingTimeoutMs: 20_000 });
    const pair = agentPair(
      simulation,
      simulation.host('a', { behind: nat }),
      simulation.host('b'),
      { a: { stunServers: [server] } },
    );
    pair.a.describe();
    simulation.runSync({ until: 100_000 });
    const mapped = pair.a.agent.localCandidates[1];
    pair.b.describe();
    pair.settle();
    expect(pair.a.agent.state).toBe('connected');
    expect(pair.b.agent.selectedPair?.remote).toMatchObject({
      address: mapped?.address,
      port: mapped?.port,
    });
  });
});
