// `pnpm bench`: Kaon side by side with its peers, in one table from one run.
//
// The peers run under plain `node`, without the workspace's source condition: Kaon is measured as
// its users run it, from its build. Run `pnpm build` first.
import { writeFileSync } from 'node:fs';
import { isPeerName, type PeerName } from '@kaon/interop/peers';
import { defineCommand, runMain } from 'citty';
import { type AvailablePeer, availablePeers } from './available-peers.ts';
import { describeLoad, describeMachine } from './machine.ts';
import { measurements } from './measurements/catalogue.ts';
import type { Measurement, Scale } from './measurements/measurement.ts';
import { profile } from './profile.ts';
import { runRounds } from './rounds.ts';
import { createTable, formatMarkdown, formatText } from './table.ts';

const PEERS: readonly PeerName[] = ['kaon', 'werift', 'node-datachannel', 'roamhq-wrtc', 'pion'];

const FULL: Scale = {
  warmUpMs: 1_500,
  loadMs: 4_000,
  pings: 2_000,
  setups: 10,
  idleConnections: 100,
};
const QUICK: Scale = {
  warmUpMs: 700,
  loadMs: 1_200,
  pings: 500,
  setups: 10,
  idleConnections: 40,
};

const say = (line: string) => console.log(line);

const command = defineCommand({
  meta: { name: 'bench', description: 'Measures Kaon and its peers side by side.' },
  args: {
    quick: { type: 'boolean', description: 'Shorter loads, for a first look' },
    rounds: { type: 'string', description: 'Interleaved rounds', default: '3' },
    peer: { type: 'string', description: `Only these of ${PEERS.join(', ')}, by commas` },
    only: {
      type: 'string',
      description: `Only these of ${measurements.map(({ name }) => name).join(', ')}, by commas`,
    },
    markdown: { type: 'string', description: 'Also write the table to this file as Markdown' },
    profile: {
      type: 'boolean',
      description: 'Instead of the table: CPU profiles of Kaon, or of --peer, under --only',
    },
  },
  run: async ({ args }) => {
    const wanted = chosen(args.peer)?.map(peerName) ?? PEERS;
    const peers = await availablePeers(wanted, say);
    if (peers.length === 0) throw new RangeError('none of the peers is available');
    const selected = chosen(args.only)?.map(measurementNamed);
    const scale = args.quick ? QUICK : FULL;
    if (args.profile) {
      for (const measurement of selected ?? measurements.slice(0, 1)) {
        // Kaon, or the first peer that was asked for.
        await profile(peers[0]?.name ?? 'kaon', measurement, scale, say);
      }
      return;
    }
    const rounds = Number(args.rounds);
    if (!(Number.isInteger(rounds) && rounds > 0)) {
      throw new RangeError(`--rounds wants a positive number, not ${args.rounds}`);
    }
    await measureAndPrint(peers, selected ?? measurements, scale, rounds, args.markdown);
  },
});

async function measureAndPrint(
  available: readonly AvailablePeer[],
  selected: readonly Measurement[],
  scale: Scale,
  rounds: number,
  markdownPath: string | undefined,
): Promise<void> {
  const peers = available.map(({ name }) => name);
  const versions = available.map(({ version }) => version).join(', ');
  const intro = [`machine: ${describeMachine()}`, `peers: ${versions}`];
  for (const line of intro) say(line);
  const options = { rounds, peers, measurements: selected, scale };
  const progress = (line: string) => {
    if (process.stdout.isTTY) process.stdout.write(`\r\u001b[K${line}`);
  };
  const results = await runRounds(options, progress);
  progress('');
  const rows = selected.flatMap((measurement) => measurement.rows);
  const table = createTable(rows, peers, results);
  const outro = [
    `median of ${rounds} interleaved rounds (least–most); ↑ higher is better, ↓ lower is better`,
    `load for ${scale.loadMs / 1000} s a value after ${scale.warmUpMs / 1000} s of warm-up, ` +
      `${scale.setups} setups, ${scale.idleConnections} idle connections; ${describeLoad()}`,
  ];
  say(`\n${formatText(table)}\n`);
  for (const line of outro) say(line);
  for (const failure of results.failures) say(`failed: ${failure}`);
  if (markdownPath !== undefined) {
    const paragraphs = [intro.join('\n\n'), formatMarkdown(table), outro.join('\n\n')];
    writeFileSync(markdownPath, `${paragraphs.join('\n\n')}\n`);
  }
  if (results.failures.length > 0) process.exitCode = 1;
}

function chosen(names: string | undefined): readonly string[] | undefined {
  return names?.split(',').map((name) => name.trim());
}

function peerName(name: string): PeerName {
  if (isPeerName(name) && PEERS.includes(name)) return name;
  throw new RangeError(`no peer named ${name}; there are ${PEERS.join(', ')}`);
}

function measurementNamed(name: string): Measurement {
  const found = measurements.find((known) => known.name === name);
  if (found !== undefined) return found;
  const names = measurements.map((known) => known.name).join(', ');
  throw new RangeError(`no measurement named ${name}; there are ${names}`);
}

await runMain(command);
