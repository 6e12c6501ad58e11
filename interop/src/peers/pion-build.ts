// Builds programs over Pion with Debian's Go and Debian's Pion sources.
//
// Debian ships Go libraries as a GOPATH, so modules are off; `go.mod` lies beside our sources only
// because Go resolves the `/v3` of Pion's import paths by it.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { DebianNeed } from './debian.ts';

const run = promisify(execFile);

const SOURCES = fileURLToPath(new URL('../programs/pion/', import.meta.url));
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/kaon/', import.meta.url));
const DEBIAN_GOPATH = '/usr/share/gocode';
const PION_PACKAGE = 'golang-github-pion-webrtc.v3-dev';

export const pionNeeds: readonly DebianNeed[] = [
  { file: '/usr/bin/go', packages: ['golang-go'] },
  { file: `${DEBIAN_GOPATH}/src/github.com/pion/webrtc/go.mod`, packages: [PION_PACKAGE] },
];

/** The peer program. */
export function buildPion(): Promise<string> {
  return buildPionProgram('pion-peer', SOURCES);
}

/**
 * Returns the path of the program whose Go files are in the folder `sources`, built anew only when they or
 * Pion have changed. What `pionNeeds` names must be there.
 */
export async function buildPionProgram(name: string, sources: string): Promise<string> {
  const version = await pionVersion();
  const hash = createHash('sha256').update(version);
  for (const file of readdirSync(sources).sort()) hash.update(readFileSync(join(sources, file)));
  const program = join(CACHE, `${name}-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(program)) return program;
  const gopath = join(CACHE, 'gopath');
  const folder = join(gopath, 'src', `kaon-${name}`);
  mkdirSync(folder, { recursive: true });
  cpSync(sources, folder, { recursive: true });
  const flags = ['-trimpath', '-ldflags', `-X main.pionVersion=${version}`];
  await run('go', ['build', ...flags, '-o', program, '.'], {
    cwd: folder,
    env: { ...process.env, GO111MODULE: 'off', GOPATH: `${gopath}:${DEBIAN_GOPATH}` },
  });
  return program;
}

/** Debian's version without its epoch and revision, e.g. `3.1.56`. */
async function pionVersion(): Promise<string> {
  const { stdout } = await run('dpkg', ['-s', PION_PACKAGE]);
  const version = /^Version: (.+)$/m.exec(stdout)?.[1] ?? 'unknown';
  return version.replace(/^\d+:/, '').replace(/-[^-]*$/, '');
}
