// Runs a W3C peer as a child process: commands on stdin, replies and events on stdout.
import { writeSync } from 'node:fs';
import { formatJsonLine, readJsonLines } from '../control/json-lines.ts';
import type { CommandLine, ReplyLine } from '../control/protocol.ts';
import { type W3cBinding, W3cPeer } from './w3c-peer.ts';

/** What a binding leaves to the process it runs in. */
export type NodeBinding = Omit<W3cBinding, 'runtime' | 'usage'>;

/** Serves the control protocol until stdin ends, then ends the process. */
export function serve(binding: NodeBinding): void {
  const write = (line: object) => void process.stdout.write(formatJsonLine(line));
  const peer = new W3cPeer({ ...binding, runtime: `Node ${process.version}`, usage }, write);
  // A fault in the stack belongs into the harness's report, whatever it leaves of the process.
  process.on('uncaughtException', (error) => writeSync(2, `uncaught: ${error.stack}\n`));
  process.on('unhandledRejection', (reason) => writeSync(2, `unhandled: ${String(reason)}\n`));
  readJsonLines(
    process.stdin,
    (line) => void answer(peer, line as CommandLine).then(write),
    (line) => writeSync(2, `not a command: ${line}\n`),
  );
  process.stdin.on('end', () => process.exit(0));
}

async function answer(peer: W3cPeer, { id, command, args }: CommandLine): Promise<ReplyLine> {
  try {
    return { id, result: await peer.handle(command, args) };
  } catch (error) {
    return { id, error: String(error) };
  }
}

function usage(collectGarbage: boolean): { cpuSeconds: number; rssBytes: number } {
  if (collectGarbage) {
    if (globalThis.gc === undefined) throw new Error('start this peer with --expose-gc');
    // Twice: finalizers of the first pass release what the second one can free.
    globalThis.gc();
    globalThis.gc();
  }
  const { user, system } = process.cpuUsage();
  return { cpuSeconds: (user + system) / 1e6, rssBytes: process.memoryUsage.rss() };
}
