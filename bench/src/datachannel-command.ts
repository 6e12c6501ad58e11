// `pnpm bench datachannel`: data channels between two processes of this machine, in one table.
import { writeFileSync } from 'node:fs';
import { defineCommand, runMain } from 'citty';
import { describeLoad, describeMachine } from './machine.ts';
import { measurements } from './measurements/catalogue.ts';
import type { Measurement, Scale } from './measurements/measurement.ts';
import { profile } from './profile.ts';
import { runRounds } from './rounds.ts';
import {
  MARKDOWN_ARGUMENT,
  namesIn,
  PEER_ARGUMENT,
  positiveNumber,
  selectedPeers,
} from './selection.ts';
import { availableSubjects, type Subject } from './subject.ts';
import { createTable, formatMarkdown, formatText } from './table.ts';

const FULL: Scale = {
  warmUpMs: 1_500,
  loadMs: 4_000,
  pings: 2_000,
  setups: 10,
  idleConnections: 100,
  loadedConnections: 10,
};
const QUICK: Scale = {
  warmUpMs: 700,
  loadMs: 1_200,
  pings: 500,
  setups: 10,
  idleConnections: 40,
  loadedConnections: 5,
};

const say = (line: string) => console.log(line);

const args = {
  quick: { type: 'boolean', description: 'Shorter loads, for a first look' },
  rounds: { type: 'string', description: 'Interleaved rounds', default: '3' },
  peer: PEER_ARGUMENT,
  only: {
    type: 'string',
    description: `Only these of ${measurements.map(({ name }) => name).join(', ')}, by commas`,
  },
  markdown: MARKDOWN_ARGUMENT,
  profile: {
    type: 'boolean',
    description: 'Instead of the table: CPU profiles of Kaon, or of --peer, under --only',
  },
} as const;

const command = defineCommand({
  meta: { name: 'bench datachannel', description: 'Data channels of Kaon and its peers.' },
  args,
  run: async ({ args }) => {
    const subjects = await availableSubjects(selectedPeers(args.peer), say);
    const selected = namesIn(args.only)?.map(measurementNamed);
    const scale = args.quick ? QUICK : FULL;
    if (args.profile) {
      for (const measurement of selected ?? measurements.slice(0, 1)) {
        // Kaon, or the first peer that was asked for.
        const [subject] = subjects;
        if (subject !== undefined) await profile(subject, measurement, scale, say);
      }
      return;
    }
    const rounds = positiveNumber('rounds', args.rounds);
    await measureAndPrint(subjects, selected ?? measurements, scale, rounds, args.markdown);
  },
});

/** `rawArgs` is what follows the name of the command. */
export async function runDatachannelCommand(rawArgs: string[]): Promise<void> {
  await runMain(command, { rawArgs });
}

async function measureAndPrint(
  subjects: readonly Subject[],
  selected: readonly Measurement[],
  scale: Scale,
  rounds: number,
  markdownPath: string | undefined,
): Promise<void> {
  const versions = subjects.map(({ version }) => version).join(', ');
  const intro = [`machine: ${describeMachine()}`, `peers: ${versions}`];
  for (const line of intro) say(line);
  const options = { rounds, subjects, measurements: selected, scale };
  const progress = (line: string) => {
    if (process.stdout.isTTY) process.stdout.write(`\r\u001b[K${line}`);
  };
  const results = await runRounds(options, progress);
  progress('');
  const rows = selected.flatMap((measurement) => measurement.rows);
  const table = createTable(rows, subjects, results);
  const outro = [
    `median of ${rounds} interleaved rounds (least–most); ↑ higher is better, ↓ lower is better`,
    `load for ${scale.loadMs / 1000} s a value after ${scale.warmUpMs / 1000} s of warm-up, ` +
      `${scale.setups} setups, ${scale.idleConnections} idle and ${scale.loadedConnections} ` +
      `loaded connections; ${describeLoad()}`,
  ];
  outro.push(...results.failures.map((failure) => `failed: ${failure}`));
  say(`\n${formatText(table)}\n`);
  for (const line of outro) say(line);
  if (markdownPath !== undefined) {
    const paragraphs = [intro.join('\n\n'), formatMarkdown(table), outro.join('\n\n')];
    writeFileSync(markdownPath, `${paragraphs.join('\n\n')}\n`);
  }
  if (results.failures.length > 0) process.exitCode = 1;
}

function measurementNamed(name: string): Measurement {
  const found = measurements.find((known) => known.name === name);
  if (found !== undefined) return found;
  const names = measurements.map((known) => known.name).join(', ');
  throw new RangeError(`no measurement named ${name}; there are ${names}`);
}
