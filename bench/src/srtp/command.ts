// `pnpm bench srtp`: packets protected and unprotected a second on one core, by Kaon and others.
import { writeFileSync } from 'node:fs';
import { defineCommand, runMain } from 'citty';
import { describeLoad, describeMachine } from '../machine.ts';
import { Results } from '../results.ts';
import type { Row } from '../row.ts';
import { MARKDOWN_ARGUMENT, positiveNumber } from '../selection.ts';
import { figure, formatMarkdown, formatText, type Table } from '../table.ts';
import { AnsweringProcess } from './answering-process.ts';
import { type SrtpSubject, SUBJECTS, whyNot } from './subjects.ts';

const PROFILES = [
  { name: 'aes-cm-128-80', title: 'AES-CM-128, HMAC-SHA1-80' },
  { name: 'aes-gcm-128', title: 'AES-GCM-128' },
  { name: 'aes-gcm-256', title: 'AES-GCM-256' },
] as const;
const PAYLOADS = [160, 1200] as const;
/** What tells how fast a subject is. */
const TRIAL_PACKETS = 2_000;
/** The programs work in batches of this size. */
const PACKETS_STEP = 250;
const DIRECTIONS = ['protect', 'unprotect'] as const;

const say = (line: string) => console.log(line);

const args = {
  rounds: { type: 'string', description: 'Interleaved rounds', default: '5' },
  milliseconds: {
    type: 'string',
    description: 'Processor time of a value, about',
    default: '100',
  },
  markdown: MARKDOWN_ARGUMENT,
} as const;

const command = defineCommand({
  meta: { name: 'bench srtp', description: 'SRTP packets a second, Kaon and others.' },
  args,
  run: async ({ args }) => {
    const rounds = positiveNumber('rounds', args.rounds);
    const milliseconds = positiveNumber('milliseconds', args.milliseconds);
    const running = await startAll();
    const versions = [...running.values()].map(({ version }) => version);
    const intro = [`machine: ${describeMachine()}`, `peers: ${[...new Set(versions)].join(', ')}`];
    for (const line of intro) say(line);
    const results = new Results();
    for (let round = 0; round < rounds; round++) await measure(running, milliseconds, results);
    for (const { process } of running.values()) process.stop();
    const table = createTable([...running.keys()], results);
    const outro =
      `packets a second of processor time, median of ${rounds} interleaved rounds (least–most) of ` +
      `about ${milliseconds} ms, each packet with an index of its own; ${describeLoad()}`;
    say(`\n${formatText(table)}\n`);
    say(outro);
    if (args.markdown === undefined) return;
    const paragraphs = [...intro, formatMarkdown(table), outro];
    writeFileSync(args.markdown, `${paragraphs.join('\n\n')}\n`);
  },
});

/** `rawArgs` is what follows the name of the command. */
export async function runSrtpCommand(rawArgs: string[]): Promise<void> {
  await runMain(command, { rawArgs });
}

interface Running {
  readonly version: string;
  readonly process: AnsweringProcess;
}

/** Starts what can be had here, and says what cannot and why. */
async function startAll(): Promise<Map<string, Running>> {
  const running = new Map<string, Running>();
  for (const subject of SUBJECTS) {
    const missing = await whyNot(subject, say);
    if (missing === undefined) running.set(subject.label, await start(subject));
    else say(`without ${subject.label}: ${missing}`);
  }
  return running;
}

async function start(subject: SrtpSubject): Promise<Running> {
  const process = new AnsweringProcess(await subject.command());
  return { version: await process.read(), process };
}

/** One round: every value of every subject, one after the other. */
async function measure(
  running: ReadonlyMap<string, Running>,
  milliseconds: number,
  results: Results,
): Promise<void> {
  for (const profile of PROFILES) {
    for (const payload of PAYLOADS) {
      for (const [label, { process }] of running) {
        const request = `${profile.name} ${payload}`;
        const packets = packetsIn(milliseconds, await process.ask(`${request} ${TRIAL_PACKETS}`));
        const answer = packets === 0 ? '-' : await process.ask(`${request} ${packets}`);
        for (const [i, nanoseconds] of answer.split(' ').entries()) {
          const direction = DIRECTIONS[i];
          if (direction === undefined || nanoseconds === '-') continue;
          results.add(rowOf(profile, payload, direction), label, 1e9 / Number(nanoseconds));
        }
      }
    }
  }
}

/** How many packets take so long at the faster of the paces answered; 0 if there is none. */
function packetsIn(milliseconds: number, answer: string): number {
  const nanoseconds = Math.min(
    ...answer
      .split(' ')
      .filter((each) => each !== '-')
      .map(Number),
  );
  if (nanoseconds === Number.POSITIVE_INFINITY) return 0;
  const packets = (milliseconds * 1e6) / Math.max(nanoseconds, 1);
  return Math.ceil(packets / PACKETS_STEP) * PACKETS_STEP;
}

function rowOf(
  profile: (typeof PROFILES)[number],
  payload: number,
  direction: (typeof DIRECTIONS)[number],
): Row {
  const title = `${profile.title}, ${payload} B, ${direction}`;
  return { key: title, title, unit: '1000/s', better: 'higher' };
}

function createTable(labels: readonly string[], results: Results): Table {
  const others = labels.filter((label) => !label.startsWith('kaon'));
  const rows = PROFILES.flatMap((profile) =>
    PAYLOADS.flatMap((payload) =>
      DIRECTIONS.map((direction) => rowOf(profile, payload, direction)),
    ),
  );
  const own = labels.filter((label) => label.startsWith('kaon'));
  const pairs = others.flatMap((other) => own.map((kaon) => ({ kaon, other })));
  const head = [
    '1000 packets/s ↑',
    ...labels,
    ...pairs.map(({ kaon, other }) => `${kaon} / ${other}`),
  ];
  const body = rows.map((row) => {
    const ratios = pairs.map(({ kaon, other }) => {
      const ours = results.median(row, kaon);
      const theirs = results.median(row, other);
      return ours === undefined || theirs === undefined ? '–' : `${figure(ours / theirs)}×`;
    });
    return [row.title, ...labels.map((label) => cell(row, label, results)), ...ratios];
  });
  return [head, ...body];
}

function cell(row: Row, label: string, results: Results): string {
  const value = results.median(row, label);
  const range = results.range(row, label);
  if (value === undefined || range === undefined) return '–';
  const [least, most] = range.map((each) => figure(each / 1e3));
  return `${figure(value / 1e3)} (${least}–${most})`;
}
