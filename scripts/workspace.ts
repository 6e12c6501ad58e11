// The workspace as the scripts see it: its packages, their manifests and its files.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export const root: string = dirname(import.meta.dirname);

export interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly packageManager?: string;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export interface WorkspacePackage {
  /** The name of its folder: `wire` for `@kaon/wire`. */
  readonly room: string;
  readonly folder: string;
  readonly manifest: Manifest;
}

export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** Everything under `packages/`, published or not, in alphabetical order. */
export function workspacePackages(): WorkspacePackage[] {
  return readdirSync(join(root, 'packages')).flatMap((room) => {
    const found = workspacePackage(join('packages', room));
    return found === undefined ? [] : [found];
  });
}

/** The package in a folder given from the root, such as `interop`, if one is there. */
export function workspacePackage(path: string): WorkspacePackage | undefined {
  const folder = join(root, path);
  return existsSync(join(folder, 'package.json'))
    ? { room: basename(path), folder, manifest: readManifest(folder) }
    : undefined;
}

/** The packages that go to npm. */
export function publishedPackages(): WorkspacePackage[] {
  return workspacePackages().filter(({ manifest }) => manifest.private !== true);
}

/** Every file that git tracks or would track, as paths from the root with forward slashes. */
export function workspaceFiles(): string[] {
  return execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\0')
    .filter((path) => path !== '' && existsSync(join(root, path)));
}

/** The pinned package manager, as in `pnpm@1.2.3`. */
export function packageManager(): string {
  const { packageManager: pinned } = readManifest(root);
  if (pinned === undefined) {
    throw new Error('package.json at the root has no "packageManager" field');
  }
  return pinned;
}
