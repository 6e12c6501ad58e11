// Interleaved rounds: in each round every measurement meets every subject, in fresh processes, so
// that what else happens on the machine falls on all of them alike.
import type { Measurement, Scale } from './measurements/measurement.ts';
import { ProcessPair } from './process-pair.ts';
import { Results } from './results.ts';
import type { Subject } from './subject.ts';

/** Node peers report their memory after a garbage collection. */
const PLACEMENT = { nodeArguments: ['--expose-gc'] };

export interface RoundOptions {
  readonly rounds: number;
  readonly subjects: readonly Subject[];
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
      for (const subject of options.subjects) {
        say(`round ${round} of ${options.rounds}: ${measurement.name}, ${subject.label}`);
        await measure(measurement, subject, options.scale, results);
      }
    }
  }
  return results;
}

async function measure(
  measurement: Measurement,
  subject: Subject,
  scale: Scale,
  results: Results,
): Promise<void> {
  let pair: ProcessPair | undefined;
  try {
    pair = await ProcessPair.start(subject, PLACEMENT, PLACEMENT);
    const values = await measurement.run(pair, scale);
    for (const row of measurement.rows) {
      const value = values[row.key];
      if (value !== undefined) results.add(row, subject.label, value);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    results.failures.push(`${measurement.name}, ${subject.label}: ${reason}`);
  } finally {
    await pair?.stop();
  }
}
