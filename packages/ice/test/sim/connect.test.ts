import { createSimulation } from '@kaon/simnet';
import { describe, expect, it } from 'vitest';
import { agentPair } from '../agent-pair.ts';

describe('two agents on a local network', () => {
  it('connect and complete within milliseconds', () => {
    const simulation = createSimulation({ seed: 1 });
    const lan = simulation.lan('lan');
    const pair = agentPair(
      simulation,
      simulation.host('a', { behind: lan }),
      simulation.host('b', { behind: lan }),
    );
    pair.start();
    simulation.runSync({ timeoutMs: 2_000 });
    expect(pair.a.states.map(({ state }) => state)).toEqual(['checking', 'connected', 'completed']);
    expect(pair.b.states.map(({ state }) => state)).toEqual(['checking', 'connected', 'completed']);
    expect(pair.a.reached('completed')).toBeLessThan(10);
    expect(pair.b.reached('completed')).toBeLessThan(10);
  });
});
