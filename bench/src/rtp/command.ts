// `pnpm bench rtp`: packets read, written, packetised and forwarded, beside werift and Pion.
import { writeFileSync } from 'node:fs';
import { defineCommand, runMain } from 'citty';
import { describeLoad, describeMachine } from '../machine.ts';
import { Results } from '../results.ts';
import type { Row } from '../row.ts';
import { MARKDOWN_ARGUMENT, namesIn, positiveNumber } from '../selection.ts';
import { createTable, formatMarkdown, formatText } from '../table.ts';
import { bytesRow, MEASUREMENTS, rateRow } from './measurements.ts';
import { availableStacks, STACK_NAMES, type StackName } from './stacks.ts';

const FULL_MS = 2000;
const QUICK_MS = 300;

const say = (line: string) => console.log(line);

const args = {
  quick: { type: 'boolean', description: 'Short rounds' },
  rounds: { type: 'string', description: 'Interleaved rounds', default: '3' },
  peer: { type: 'string', description: `Only these of ${STACK_NAMES.join(', ')}, by commas` },
  only: {
    type: 'string',
    description: `Only these of ${MEASUREMENTS.map(([name]) => name).join(', ')}, by commas`,
  },
  markdown: MARKDOWN_ARGUMENT,
} as const;

const command = defineCommand({
  meta: { name: 'bench rtp', description: 'RTP and SRTP of Kaon and its peers, without sockets.' },
  args,
  run: async ({ args }) => {
    const stacks = await availableStacks(selectedStacks(args.peer), say);
    const rounds = positiveNumber('rounds', args.rounds);
    const ms = args.quick === true ? QUICK_MS : FULL_MS;
    const measurements = selectedMeasurements(args.only);
    const results = new Results();
    for (let round = 1; round <= rounds; round++) {
      for (const [name, title] of measurements) {
        for (const { subject, measure } of stacks) {
          say(`round ${round} of ${rounds}: ${name}, ${subject.label}`);
          try {
            const rate = await measure(name, 'rate', ms);
            if (rate !== undefined) results.add(rateRow(name, title), subject.label, rate / 1000);
            const bytes = await measure(name, 'bytes', ms);
            if (bytes !== undefined) results.add(bytesRow(name, title), subject.label, bytes);
          } catch (error) {
            const reason = error instanceof Error ? error.message : String(error);
            results.failures.push(`${name}, ${subject.label}: ${reason}`);
          }
        }
      }
    }
    const subjects = stacks.map(({ subject }) => subject);
    const tables = [rateRow, bytesRow].map((rowOf) => {
      const rows: Row[] = measurements.map(([name, title]) => rowOf(name, title));
      return createTable(rows, subjects, results);
    });
    const intro = [
      `machine: ${describeMachine()}`,
      `peers: ${subjects.map(({ version }) => version).join(', ')}`,
    ];
    const outro = [`rounds: ${rounds} of ${ms / 1000} s; ${describeLoad()}`, ...results.failures];
    say([...intro, '', ...tables.map(formatText), ...outro].join('\n'));
    if (args.markdown !== undefined) {
      const text = [...intro, ...tables.map(formatMarkdown), ...outro].join('\n\n');
      writeFileSync(args.markdown, `${text}\n`);
    }
    if (results.failures.length > 0) process.exitCode = 1;
  },
});

export async function runRtpCommand(rawArgs: string[]): Promise<void> {
  await runMain(command, { rawArgs });
}

function selectedMeasurements(
  argument: string | undefined,
): readonly (typeof MEASUREMENTS)[number][] {
  const names = namesIn(argument);
  if (names === undefined) return MEASUREMENTS;
  for (const name of names) {
    if (!MEASUREMENTS.some(([known]) => known === name)) {
      throw new RangeError(`no measurement named ${name}`);
    }
  }
  return MEASUREMENTS.filter(([name]) => names.includes(name));
}

function selectedStacks(argument: string | undefined): readonly StackName[] {
  return (
    namesIn(argument)?.map((name) => {
      const found = STACK_NAMES.find((known) => known === name);
      if (found === undefined) {
        throw new RangeError(`no stack named ${name}; there are ${STACK_NAMES.join(', ')}`);
      }
      return found;
    }) ?? STACK_NAMES
  );
}
