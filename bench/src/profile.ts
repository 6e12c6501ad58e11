// `--profile`: one load on each peer with a CPU profile of its sender and of its receiver.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Measurement, Scale } from './measurements/measurement.ts';
import { ProcessPair } from './process-pair.ts';
import { summarizeProfile } from './profile-summary.ts';
import type { Subject } from './subject.ts';

const FOLDER = fileURLToPath(new URL('../profiles/', import.meta.url));
const FUNCTIONS = 25;

export async function profile(
  subject: Subject,
  measurement: Measurement,
  scale: Scale,
  say: (line: string) => void,
): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const names = ['sender', 'receiver'].map(
    (side) => `${subject.label}-${measurement.name}-${side}`,
  );
  const [sender = [], receiver = []] = names.map((name) => [
    '--expose-gc',
    '--cpu-prof',
    `--cpu-prof-dir=${FOLDER}`,
    `--cpu-prof-name=${name}.cpuprofile`,
  ]);
  const pair = await ProcessPair.start(
    subject,
    { nodeArguments: sender },
    { nodeArguments: receiver },
  );
  try {
    const values = await measurement.run(pair, scale);
    for (const [key, value] of Object.entries(values)) say(`${key}: ${value.toPrecision(4)}`);
  } finally {
    // Node writes the profile when it ends.
    await pair.stop();
  }
  for (const name of names) {
    const path = join(FOLDER, `${name}.cpuprofile`);
    say(`\n${name} (bench/profiles/${name}.cpuprofile), share of busy time by function:`);
    say(summarizeProfile(path, FUNCTIONS));
  }
}
