import { createSimulation, type NatType, type SimulatedHost, type Simulation } from '@kaon/simnet';
import { describe, expect, it } from 'vitest';
import { type AgentPair, agentPair, type Peer, stunServer } from '../agent-pair.ts';

/** The unit run takes a few; `KAON_SEEDS=2000` for more. */
const SEEDS = Number(process.env.KAON_SEEDS ?? 60);
const PLACES = [
  'full-cone',
  'address-restricted',
  'port-restricted',
  'symmetric',
  'public',
] as const;
const ROLES = ['controlling', 'controlled'] as const;

interface World {
  readonly simulation: Simulation;
  readonly pair: AgentPair;
  readonly what: string;
  /** Of `choices`, by chance. */
  pick<T>(choices: readonly T[]): T;
}

function isReachable(a: string, b: string): boolean {
  const isStrict = (type: string): boolean => type === 'symmetric' || type === 'port-restricted';
  return !((a === 'symmetric' && isStrict(b)) || (b === 'symmetric' && isStrict(a)));
}

/** Two agents somewhere, in any roles, over links of any kind. */
function anyWorld(seed: number): World {
  const simulation = createSimulation({ seed });
  const random = simulation.random.fork('world');
  const pick = <T>(choices: readonly T[]): T => choices[random.below(choices.length)] as T;
  let places: [string, string];
  do places = [pick(PLACES), pick(PLACES)];
  while (!isReachable(...places));
  const host = (name: string, place: string): SimulatedHost => {
    const link = { latencyMs: 1 + random.below(100), jitterMs: random.below(20) };
    if (place === 'public') {
      const loss = pick([0, 0.05, 0.2]);
      return simulation.host(name, { link: { ...link, loss, duplication: 0.05 } });
    }
    const nat = simulation.nat(`nat ${name}`, { type: place as NatType, link });
    return simulation.host(name, { behind: nat });
  };
  const server = stunServer(simulation.host('stun'));
  const roles = [pick(ROLES), pick(ROLES)] as const;
  const pair = agentPair(simulation, host('a', places[0]), host('b', places[1]), {
    signallingMs: 1 + random.below(50),
    a: { role: roles[0], stunServers: [server] },
    b: { role: roles[1], stunServers: [server] },
  });
  return { simulation, pair, what: `seed ${seed}: ${places}, ${roles}`, pick };
}

/** What one agent sends on and where to, as the other sees it. */
function ends({ agent }: Peer): readonly (readonly [string, number])[] {
  const { local, remote } = agent.selectedPair ?? {};
  return [local, remote].map((end) => [end?.address ?? '', end?.port ?? 0] as const);
}

function expectAgreement({ pair: { a, b }, what }: World): void {
  expect(ends(a), what).toEqual(ends(b).toReversed());
  expect([a.agent.role, b.agent.role].toSorted(), what).toEqual(['controlled', 'controlling']);
  for (const { agent } of [a, b]) {
    expect(agent.selectedPair?.isNominated, what).toBe(true);
    expect(['connected', 'completed', 'disconnected'], what).toContain(agent.state);
  }
}

describe(`two agents anywhere, for ${SEEDS} seeds`, () => {
  it('agree on roles and on a nominated pair, through conflicts, restarts, and restarts undone', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const world = anyWorld(seed);
      const { simulation, pair, pick } = world;
      const run = (durationMs: number): void =>
        void simulation.runSync({ until: simulation.now + durationMs });
      pair.start();
      // All candidates are known by then; in some worlds nothing is nominated yet.
      run(pick([700, 1_200, 2_000, 20_000]));
      for (const { agent, machine } of pick([[], [pair.a], [pair.b], [pair.a, pair.b]])) {
        agent.restart(simulation.now);
        machine.flush();
        run(pick([10, 100, 400]));
        agent.revertRestart(simulation.now);
        machine.flush();
        run(pick([10, 500]));
      }
      run(20_000);
      expectAgreement(world);
      pair.a.restart();
      pair.b.restart();
      pair.start();
      run(20_000);
      expectAgreement(world);
    }
  });
});
