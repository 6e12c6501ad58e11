// Packs every published package and has publint and arethetypeswrong judge it: `pnpm packages`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './command.ts';
import { packTarballs } from './tarballs.ts';
import { root } from './workspace.ts';

const folder = mkdtempSync(join(tmpdir(), 'kaon-packages-'));
try {
  for (const [name, tarball] of packTarballs(folder)) {
    const verdicts = [
      run('publint', ['run', tarball, '--strict'], { cwd: root }),
      run('attw', [tarball, '--profile', 'esm-only', '--no-color', '--no-emoji'], { cwd: root }),
    ];
    const failed = verdicts.filter(({ status }) => status !== 0);
    console.log(`${name}: ${failed.length === 0 ? 'in order' : 'FAILED'}`);
    for (const { output } of failed) {
      console.error(output);
      process.exitCode = 1;
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
