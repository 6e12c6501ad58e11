// The stacks whose RTP is measured: one program each, which measures one thing and ends.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildPionProgram, peerKind } from '@kaon/interop/peers';
import type { Subject } from '../subject.ts';
import type { MeasurementName } from './measurements.ts';

const run = promisify(execFile);

export interface Stack {
  readonly subject: Subject;
  /** undefined where the stack cannot do it. */
  measure(name: MeasurementName, what: 'rate' | 'bytes', ms: number): Promise<number | undefined>;
}

export type StackName = 'kaon' | 'werift' | 'pion';
export const STACK_NAMES: readonly StackName[] = ['kaon', 'werift', 'pion'];

/** Those that can be had on this machine; of the others it says why not. */
export async function availableStacks(
  names: readonly StackName[],
  say: (line: string) => void,
): Promise<readonly Stack[]> {
  const stacks: Stack[] = [];
  for (const name of names) {
    if (name !== 'pion') {
      stacks.push(nodeStack(name));
      continue;
    }
    const missing = await peerKind('pion').prepare(say);
    if (missing === undefined) stacks.push(await pionStack());
    else say(`without pion: ${missing}`);
  }
  return stacks;
}

function nodeStack(name: 'kaon' | 'werift'): Stack {
  const program = fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url));
  const version = `${name} (Node ${process.version})`;
  // Under plain `node`, without the workspace's source condition: Kaon is measured from its build.
  return stack({ label: name, peer: name, version }, process.execPath, [program]);
}

async function pionStack(): Promise<Stack> {
  const sources = fileURLToPath(new URL('programs/pion/', import.meta.url));
  const program = await buildPionProgram('pion-rtp', sources);
  const { stdout } = await run('/usr/bin/go', ['version']);
  const [, , go] = stdout.split(' ');
  return stack(
    { label: 'pion', peer: 'pion', version: `pion rtp and srtp of Debian (${go})` },
    program,
    [],
  );
}

function stack(subject: Subject, command: string, leading: readonly string[]): Stack {
  return {
    subject,
    measure: async (name, what, ms) => {
      const { stdout } = await run(command, [...leading, name, what, String(ms)]);
      return (JSON.parse(stdout) as { value?: number }).value;
    },
  };
}
