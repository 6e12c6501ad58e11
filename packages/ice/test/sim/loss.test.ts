import { createSimulation } from '@kaon/simnet';
import { describe, expect, it } from 'vitest';
import { agentPair } from '../agent-pair.ts';

function connectLossy(seed: number, loss: number): { digest: string; states: string[] } {
  const simulation = createSimulation({ seed });
  const link = { latencyMs: 75, jitterMs: 20, loss, duplication: 0.05, reordering: 0.05 };
  const pair = agentPair(
    simulation,
    simulation.host('a', { link }),
    simulation.host('b', { link: { latencyMs: 75 } }),
    { signallingMs: 20 },
  );
  pair.start();
  pair.settle();
  return {
    digest: simulation.traceDigest,
    states: [pair.a.agent.state, pair.b.agent.state],
  };
}

describe('two agents on a bad network', () => {
  it('connect for each of 200 seeds with 20% loss, duplication and reordering', () => {
    for (let seed = 0; seed < 200; seed++) {
      for (const state of connectLossy(seed, 0.2).states) {
        expect(['connected', 'completed'], `seed ${seed}`).toContain(state);
      }
    }
  });

  it('do the same again for the same seed, and otherwise for another', () => {
    expect(connectLossy(7, 0.2)).toEqual(connectLossy(7, 0.2));
    expect(connectLossy(7, 0.2).digest).not.toBe(connectLossy(8, 0.2).digest);
  });

  it('connect when a 3 s outage falls on the first checks', () => {
    const simulation = createSimulation({ seed: 5 });
    const link = { latencyMs: 10, outages: [{ fromMs: 0, toMs: 3_000 }] };
    const pair = agentPair(simulation, simulation.host('a', { link }), simulation.host('b'));
    pair.start();
    pair.settle();
    expect(pair.a.reached('connected')).toBeLessThan(4_100);
    expect(pair.b.reached('connected')).toBeLessThan(4_100);
  });
});
