// Interleaved rounds: in each round every measurement meets every peer, in fresh processes, so that
// what else happens on the machine falls on all of them alike.
import { type PeerName, peerKind } from '@kaon/interop/peers';
import type { Measurement, Scale } from './measurements/measurement.ts';
import { ProcessPair } from './process-pair.ts';
import { Results } from './results.ts';

/** Node peers report their memory after a garbage collection. */
const NODE_ARGUMENTS = ['--expose-gc'];

export interface RoundOptions {
  readonly rounds: number;
  readonly peers: readonly PeerName[];
  readonly measurements: readonly Measurement[];
  readonly scale: Scale;
}

export async function runRounds(
  options: RoundOptions,
  say: (line: string) => void,
): Promise<Results> {
  const results = new Results();
  for (let round = 1; round <= options.rounds; round++) {
    for (const measurement of options.measurements) {
      for (const peer of options.peers) {
        say(`round ${round} of ${options.rounds}: ${measurement.name}, ${peer}`);
        await measure(measurement, peer, options.scale, results);
      }
    }
  }
  return results;
}

async function measure(
  measurement: Measurement,
  peer: PeerName,
  scale: Scale,
  results: Results,
): Promise<void> {
  let pair: ProcessPair | undefined;
  try {
    pair = await ProcessPair.start(peerKind(peer), NODE_ARGUMENTS, NODE_ARGUMENTS);
    const values = await measurement.run(pair, scale);
    for (const row of measurement.rows) {
      const value = values[row.key];
      if (value !== undefined) results.add(row, peer, value);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    results.failures.push(`${measurement.name}, ${peer}: ${reason}`);
  } finally {
    await pair?.stop();
  }
}
