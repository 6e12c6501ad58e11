// Debian packages that peers need: installed where we may (root on Debian), named elsewhere.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Something a peer needs, the file that shows it is there, and where Debian has it. */
export interface DebianNeed {
  readonly file: string;
  readonly packages: readonly string[];
}

let listsAreFresh = false;

/** Installs what is missing; returns what is still missing as a sentence, or undefined. */
export async function ensureInstalled(
  need: DebianNeed,
  say: (line: string) => void,
): Promise<string | undefined> {
  if (existsSync(need.file)) return undefined;
  const names = need.packages.join(' ');
  const byHand = `Debian's ${names} (apt-get install ${names})`;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return `needs ${byHand}`;
  say(`installing Debian packages: ${names}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    if (!listsAreFresh) await run('apt-get', ['update'], { env });
    listsAreFresh = true;
    const args = ['install', '-y', '--no-install-recommends', ...need.packages];
    await run('apt-get', args, { env, maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    return `could not install ${byHand}: ${lastLine(error)}`;
  }
  return existsSync(need.file) ? undefined : `${need.file} is missing after installing ${names}`;
}

function lastLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().split('\n').at(-1) ?? '';
}
