// Runs the README's two commands in a clean clone of HEAD, as a newcomer would: `pnpm readme`.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plainEnvironment, run } from './command.ts';
import { root } from './workspace.ts';

const TIMEOUT_MINUTES = 30;

const folder = mkdtempSync(join(tmpdir(), 'kaon-readme-'));
try {
  const cloned = run('git', ['clone', '--quiet', root, folder], { cwd: tmpdir() });
  if (cloned.status !== 0) {
    throw new Error(`cloning failed:\n${cloned.output}`);
  }
  for (const command of readmeCommands(folder)) {
    console.log(`\n$ ${command}`);
    const started = performance.now();
    const { status, error } = spawnSync(command, {
      cwd: folder,
      env: plainEnvironment(),
      shell: true,
      stdio: ['ignore', 'inherit', 'inherit'],
      timeout: TIMEOUT_MINUTES * 60_000,
    });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(
      `${status === 0 ? 'passed' : `FAILED (${error?.message ?? `exit code ${status}`})`} in ${seconds} s`,
    );
    if (status !== 0) {
      process.exitCode = 1;
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The two command lines between the README's `<!-- commands -->` markers. */
function readmeCommands(clone: string): string[] {
  const text = readFileSync(join(clone, 'README.md'), 'utf8');
  const block = text.match(/<!-- commands -->([\s\S]*?)<!-- \/commands -->/)?.[1] ?? '';
  const commands = block
    .split('\n')
    .filter((line) => /^npx /.test(line))
    .map((line) => line.replace(/\s+#.*$/, ''));
  if (commands.length !== 2) {
    throw new Error(`README.md has ${commands.length} commands between its markers, not two`);
  }
  return commands;
}
