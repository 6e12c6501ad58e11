// `pnpm bench path`: Kaon and its peers over paths with delay, loss and a bottleneck.
import { writeFileSync } from 'node:fs';
import { defineCommand, runMain } from 'citty';
import { describeLoad, describeMachine } from '../machine.ts';
import {
  MARKDOWN_ARGUMENT,
  namesIn,
  PEER_ARGUMENT,
  positiveNumber,
  selectedPeers,
} from '../selection.ts';
import { availableSubjects, type Subject } from '../subject.ts';
import { formatMarkdown, formatText } from '../table.ts';
import { checkEmulator, describeCapacity } from './check.ts';
import { whyNoPath } from './emulator.ts';
import { type FlowScale, measureFlows, type PathResult } from './flows.ts';
import { bottleneckProfile, lossyProfiles, type PathProfile, SHARED } from './profiles.ts';
import { PathReport, ShareReport, type TitledTable } from './report.ts';

const FULL: FlowScale = { warmUpMs: 2_500, windowMs: 6_000 };
const QUICK: FlowScale = { warmUpMs: 1_000, windowMs: 2_000 };
const QUICK_PROFILES = ['rtt40-loss0', 'rtt40-loss1', bottleneckProfile.name];

const PROFILES: readonly PathProfile[] = [...lossyProfiles, bottleneckProfile];
const NAMES = [...PROFILES.map(({ name }) => name), SHARED];

const say = (line: string) => console.log(line);

const args = {
  quick: { type: 'boolean', description: 'Few profiles, short loads' },
  rounds: { type: 'string', description: 'Interleaved rounds', default: '1' },
  peer: PEER_ARGUMENT,
  only: {
    type: 'string',
    description: `Only these of ${NAMES.join(', ')}, or of their parts (rtt40, loss1), by commas`,
  },
  seed: { type: 'string', description: 'Seed of the random losses', default: '1' },
  markdown: MARKDOWN_ARGUMENT,
  check: {
    type: 'boolean',
    description: 'Instead of the tables: does the emulator delay, lose and queue as told?',
  },
} as const;

const command = defineCommand({
  meta: { name: 'bench path', description: 'Kaon and its peers over emulated paths.' },
  args,
  run: async ({ args }) => {
    const obstacle = await whyNoPath();
    if (obstacle !== undefined) {
      say(`no emulated path on this machine: ${obstacle}`);
      // The gate runs the check wherever it is; a run that was asked for has failed.
      if (args.check) say('0 passed, 0 failed');
      else process.exitCode = 1;
      return;
    }
    if (args.check) {
      if (!(await checkEmulator(say))) process.exitCode = 1;
      return;
    }
    const subjects = await availableSubjects(selectedPeers(args.peer), say);
    const scale = args.quick ? QUICK : FULL;
    const names = selectedProfiles(args.only, args.quick === true);
    const run = new PathRun(subjects, scale, positiveNumber('seed', args.seed));
    const intro = [
      `machine: ${describeMachine()}`,
      `peers: ${subjects.map(({ version }) => version).join(', ')}`,
      `path: ${await describeCapacity()}`,
    ];
    for (const line of intro) say(line);
    const rounds = positiveNumber('rounds', args.rounds);
    for (let round = 1; round <= rounds; round++) await run.measure(names);
    const outro = [
      'each value one connection from near to far in messages of 16 KiB, ' +
        `${scale.windowMs / 1000} s after ${scale.warmUpMs / 1000} s of warm-up; loss in both ` +
        `directions, independently; rounds: ${rounds}, seed: ${args.seed}; ${describeLoad()}`,
    ];
    finish(intro, run.tables(), [...outro, ...run.remarks], args.markdown);
    if (run.hasFailed) process.exitCode = 1;
  },
});

/** `rawArgs` is what follows the name of the command. */
export async function runPathCommand(rawArgs: string[]): Promise<void> {
  await runMain(command, { rawArgs });
}

class PathRun {
  /** What failed, and what spoils a value. */
  readonly remarks: string[] = [];
  hasFailed = false;
  readonly #subjects: readonly Subject[];
  readonly #scale: FlowScale;
  readonly #seed: number;
  readonly #alone = new PathReport();
  readonly #shared = new ShareReport();

  constructor(subjects: readonly Subject[], scale: FlowScale, seed: number) {
    this.#subjects = subjects;
    this.#scale = scale;
    this.#seed = seed;
  }

  /** One round: each profile meets every subject. */
  async measure(names: readonly string[]): Promise<void> {
    for (const profile of PROFILES) {
      if (!names.includes(profile.name)) continue;
      for (const subject of this.#subjects) {
        const result = await this.#flows(profile, profile.name, [subject]);
        if (result !== undefined) this.#alone.add(profile, subject, result);
      }
    }
    if (!names.includes(SHARED)) return;
    const kaon = this.#subjects.find(({ peer }) => peer === 'kaon');
    for (const other of kaon === undefined ? [] : this.#subjects) {
      if (kaon === undefined) return;
      const result = await this.#flows(bottleneckProfile, SHARED, [kaon, other]);
      if (result !== undefined) this.#shared.add(kaon, other, result);
    }
  }

  tables(): readonly TitledTable[] {
    return [...this.#alone.tables(this.#subjects), ...this.#shared.tables()];
  }

  async #flows(
    profile: PathProfile,
    name: string,
    subjects: readonly Subject[],
  ): Promise<PathResult | undefined> {
    const labels = subjects.map(({ label }) => label).join(' and ');
    try {
      const result = await measureFlows({ ...profile, seed: this.#seed }, subjects, this.#scale);
      const rates = result.flows.map(({ bytesPerSecond }) => (bytesPerSecond / 1e6).toFixed(2));
      say(`${name}, ${labels}: ${rates.join(' and ')} MB/s`);
      const { spoiled, socketFull } = result;
      if (spoiled > 0) this.remarks.push(`${name}, ${labels}: the emulator dropped ${spoiled}`);
      if (socketFull > 0) {
        this.remarks.push(`${name}, ${labels}: ${socketFull} datagrams met a full socket`);
      }
      return result;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.remarks.push(`failed: ${name}, ${labels}: ${reason}`);
      this.hasFailed = true;
      return undefined;
    }
  }
}

function finish(
  intro: readonly string[],
  tables: readonly TitledTable[],
  outro: readonly string[],
  markdownPath: string | undefined,
): void {
  for (const { title, table } of tables) say(`\n${title}\n\n${formatText(table)}`);
  say('');
  for (const line of outro) say(line);
  if (markdownPath === undefined) return;
  const sections = tables.map(({ title, table }) => `**${title}**\n\n${formatMarkdown(table)}`);
  writeFileSync(markdownPath, `${[...intro, ...sections, ...outro].join('\n\n')}\n`);
}

/** Names of profiles, given whole or by a part between dashes. */
function selectedProfiles(only: string | undefined, isQuick: boolean): readonly string[] {
  const wanted = namesIn(only);
  if (wanted === undefined) return isQuick ? QUICK_PROFILES : NAMES;
  return wanted.flatMap((part) => {
    const found = NAMES.filter((name) => name === part || name.split('-').includes(part));
    if (found.length > 0) return found;
    throw new RangeError(`no profile named ${part}; there are ${NAMES.join(', ')}`);
  });
}
