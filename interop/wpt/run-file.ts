// One test file in a process of its own.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Message, Subtest } from './messages.ts';
import type { TestFile } from './selection.ts';

/** What a test file came to. */
export interface FileResult {
  readonly subtests: readonly Subtest[];
  /** What went wrong outside subtests. */
  readonly troubles: readonly string[];
  readonly missingScripts: readonly string[];
}

const PAGE = fileURLToPath(new URL('./page.ts', import.meta.url));
const NODE_ARGUMENTS = ['--conditions=kaon-source', '--expose-gc'];
const FILE_LIMIT_MS = 300_000;

/** Runs `file` of the checkout in `root`, for at most five minutes. */
export function runFile(root: string, file: TestFile): Promise<FileResult> {
  const subtests: Subtest[] = [];
  const troubles: string[] = [];
  const missingScripts: string[] = [];
  let hasEnded = false;
  const mode = file.standIn ? 'stand-in' : 'plain';
  const child = fork(PAGE, [root, file.path, mode, String(file.subtestLimitMs)], {
    execArgv: NODE_ARGUMENTS,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    timeout: FILE_LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-2000);
  });
  child.on('message', (message: Message) => {
    if (message.type === 'subtest') subtests.push(message);
    else if (message.type === 'trouble') troubles.push(message.message);
    else if (message.type === 'missing') missingScripts.push(...message.scripts);
    else hasEnded = true;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (!hasEnded) troubles.push(`the process ended early, by ${signal ?? code}: ${stderr}`);
      resolve({ subtests, troubles, missingScripts });
    });
  });
}
