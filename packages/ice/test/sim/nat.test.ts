import { createSimulation, type NatType } from '@kaon/simnet';
import { describe, expect, it } from 'vitest';
import { type AgentPair, agentPair, stunServer } from '../agent-pair.ts';

const TYPES: readonly NatType[] = [
  'full-cone',
  'address-restricted',
  'port-restricted',
  'symmetric',
];

/** Hole punching fails where neither side can foresee the port that the other's packets come from. */
function shouldConnect(a: NatType, b: NatType): boolean {
  const isStrict = (type: NatType): boolean => type === 'symmetric' || type === 'port-restricted';
  return !((a === 'symmetric' && isStrict(b)) || (b === 'symmetric' && isStrict(a)));
}

function connectThroughNats(seed: number, a: NatType, b: NatType): AgentPair {
  const simulation = createSimulation({ seed });
  const server = stunServer(simulation.host('stun'));
  const random = simulation.random.fork('topology');
  const link = { latencyMs: 1 + (random.uint32() % 40), jitterMs: random.uint32() % 10 };
  const natA = simulation.nat('nat a', { type: a, link });
  const natB = simulation.nat('nat b', { type: b });
  const pair = agentPair(
    simulation,
    simulation.host('a', { behind: natA }),
    simulation.host('b', { behind: natB }),
    {
      signallingMs: 5 + (random.uint32() % 100),
      a: { stunServers: [server] },
      b: { stunServers: [server] },
    },
  );
  pair.start();
  pair.settle();
  return pair;
}

describe('two agents behind NATs, with a STUN server', () => {
  const combinations = TYPES.flatMap((a) => TYPES.map((b) => ({ a, b })));

  it.each(combinations)('$a to $b: as theory says, for 13 seeds', ({ a, b }) => {
    for (let seed = 0; seed < 13; seed++) {
      const pair = connectThroughNats(seed, a, b);
      const expected = shouldConnect(a, b) ? ['connected', 'completed'] : ['failed'];
      expect(expected, `seed ${seed}`).toContain(pair.a.agent.state);
      expect(expected, `seed ${seed}`).toContain(pair.b.agent.state);
    }
  });

  it('gather a server-reflexive candidate with its base as related address (RFC 8445 §5.1.1.2)', () => {
    const pair = connectThroughNats(1, 'full-cone', 'full-cone');
    const [host, reflexive] = pair.a.agent.localCandidates;
    expect(host).toMatchObject({ type: 'host' });
    expect(reflexive).toMatchObject({
      type: 'srflx',
      relatedAddress: host?.address,
      relatedPort: host?.port,
      url: expect.stringMatching(/^stun:/),
    });
    expect(reflexive?.address).not.toBe(host?.address);
    expect(reflexive?.foundation).not.toBe(host?.foundation);
  });

  it('find peer-reflexive candidates on both sides where one is symmetric (RFC 8445 §7.3.1.3)', () => {
    const pair = connectThroughNats(1, 'symmetric', 'full-cone');
    expect(pair.a.agent.selectedPair?.local.type).toBe('prflx');
    expect(pair.b.agent.selectedPair?.remote.type).toBe('prflx');
  });
});
