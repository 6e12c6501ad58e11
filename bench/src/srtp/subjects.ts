// Who is measured by `pnpm bench srtp`, and how each one's program is had.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type DebianNeed, ensureInstalled } from '@kaon/interop/debian';

const run = promisify(execFile);

const SOURCES = fileURLToPath(new URL('../../srtp/', import.meta.url));
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/kaon/', import.meta.url));
const GCC_FLAGS = ['-O2', '-Wall', '-Wextra', '-std=gnu11'];
const DEBIAN_GOPATH = '/usr/share/gocode';
const PION_PACKAGE = 'golang-github-pion-srtp.v2-dev';

/** A column of the table. */
export interface SrtpSubject {
  readonly label: string;
  readonly needs: readonly DebianNeed[];
  /** The program and its arguments, built if it has to be. */
  readonly command: () => Promise<readonly string[]>;
}

/** Kaon first: it is held against the others. */
export const SUBJECTS: readonly SrtpSubject[] = [
  { label: 'kaon', needs: [], command: async () => nodeProgram('kaon-program.ts') },
  { label: 'kaon, batch', needs: [], command: async () => nodeProgram('kaon-program.ts', 'batch') },
  {
    label: 'libsrtp',
    needs: [
      { file: '/usr/bin/gcc', packages: ['gcc', 'libc6-dev'] },
      { file: '/usr/include/srtp2/srtp.h', packages: ['libsrtp2-dev'] },
    ],
    command: buildLibsrtpProgram,
  },
  {
    label: 'pion',
    needs: [
      { file: '/usr/bin/go', packages: ['golang-go'] },
      {
        file: `${DEBIAN_GOPATH}/src/github.com/pion/srtp/v2/go.mod`,
        packages: [PION_PACKAGE],
      },
    ],
    command: buildPionProgram,
  },
  { label: 'werift', needs: [], command: async () => nodeProgram('werift-program.ts') },
];

/** Why the subject cannot be had here; undefined if it can. */
export async function whyNot(
  subject: SrtpSubject,
  say: (line: string) => void,
): Promise<string | undefined> {
  for (const need of subject.needs) {
    const missing = await ensureInstalled(need, say);
    if (missing !== undefined) return missing;
  }
  return undefined;
}

/** Under plain `node`, without the workspace's source condition: Kaon is measured from its build. */
function nodeProgram(file: string, ...args: readonly string[]): readonly string[] {
  return [process.execPath, fileURLToPath(new URL(file, import.meta.url)), ...args];
}

async function buildLibsrtpProgram(): Promise<readonly string[]> {
  const source = join(SOURCES, 'libsrtp.c');
  const program = join(CACHE, `srtp-libsrtp-${hashOf([source])}`);
  if (!existsSync(program)) {
    mkdirSync(CACHE, { recursive: true });
    await run('gcc', [...GCC_FLAGS, '-o', program, source, '-lsrtp2']);
  }
  return [program];
}

/** Debian ships Go libraries as a GOPATH; `go.mod` is there for the `/v2` of Pion's import path. */
async function buildPionProgram(): Promise<readonly string[]> {
  const sources = join(SOURCES, 'pion');
  const version = await pionVersion();
  const files = readdirSync(sources).sort();
  const hash = hashOf(files.map((name) => join(sources, name)));
  const program = join(CACHE, `srtp-pion-${hash}-${version}`);
  if (existsSync(program)) return [program];
  const gopath = join(CACHE, 'gopath');
  const folder = join(gopath, 'src', 'kaon-srtp-bench');
  mkdirSync(folder, { recursive: true });
  cpSync(sources, folder, { recursive: true });
  const flags = ['-trimpath', '-ldflags', `-X main.pionVersion=${version}`];
  await run('go', ['build', ...flags, '-o', program, '.'], {
    cwd: folder,
    env: { ...process.env, GO111MODULE: 'off', GOPATH: `${gopath}:${DEBIAN_GOPATH}` },
  });
  return [program];
}

async function pionVersion(): Promise<string> {
  const { stdout } = await run('dpkg', ['-s', PION_PACKAGE]);
  return /^Version: ([^-\n]+)/m.exec(stdout)?.[1] ?? 'unknown';
}

function hashOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}
