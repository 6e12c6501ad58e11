// `pnpm bench`: Kaon side by side with its peers, in one table from one run.
//
// The peers run under plain `node`, without the workspace's source condition: Kaon is measured as
// its users run it, from its build. Run `pnpm build` first.
import { writeFileSync } from 'node:fs';
import { isPeerName, type PeerName, peerKind } from '@kaon/interop/peers';
import { defineCommand, runMain } from 'citty';
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
    const peers = await available(chosen(args.peer)?.map(peerName) ?? PEERS);
    const selected = chosen(args.only)?.map(measurementNamed);
    const scale = args.quick ? QUICK : FULL;
    if (args.profile) {
      for (const measurement of selected ?? measurements.slice(0, 1)) {
        await profile(args.peer === undefined ? 'kaon' : first(peers), measurement, scale, say);
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
  peers: readonly PeerName[],
  selected: readonly Measurement[],
  scale: Scale,
  rounds: number,
  markdownPath: string | undefined,
): Promise<void> {
  const intro = [`machine: ${describeMachine()}`, `peers: ${(await versions(peers)).join(', ')}`];
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
  process.exitCode = results.failures.length === 0 ? 0 : 1;
}

/** The peers that this machine can run; the others are named with the reason. */
async function available(names: readonly PeerName[]): Promise<readonly PeerName[]> {
  const found: PeerName[] = [];
  for (const name of names) {
    const missing = await peerKind(name).prepare(say);
    if (missing === undefined) found.push(name);
    else say(`without ${name}: ${missing}`);
  }
  return found;
}

async function versions(peers: readonly PeerName[]): Promise<readonly string[]> {
  const descriptions: string[] = [];
  for (const name of peers) {
    const peer = await peerKind(name).start({});
    try {
      const { version, runtime } = await peer.call('describe', {});
      descriptions.push(`${name} ${version} (${runtime})`);
    } finally {
      await peer.stop();
    }
  }
  return descriptions;
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

function first(peers: readonly PeerName[]): PeerName {
  const [peer] = peers;
  if (peer === undefined) throw new RangeError('none of the peers is available');
  return peer;
}

await runMain(command);
