// The tarballs that would go to npm.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.ts';
import { packageManager, publishedPackages } from './workspace.ts';

/** Packs each published package into `destination` and returns the tarballs' paths by name. */
export function packTarballs(destination: string): Map<string, string> {
  const tarballs = new Map<string, string>();
  for (const { folder, manifest } of publishedPackages()) {
    if (!existsSync(join(folder, 'dist'))) {
      throw new Error(`${manifest.name} has no dist folder: run "pnpm build" first`);
    }
    const packed = run('npx', ['-y', packageManager(), 'pack', '--pack-destination', destination], {
      cwd: folder,
    });
    const file = packed.output.match(/^\S.*\.tgz$/m)?.[0];
    if (packed.status !== 0 || file === undefined) {
      throw new Error(`packing ${manifest.name} failed:\n${packed.output}`);
    }
    tarballs.set(manifest.name, file);
  }
  return tarballs;
}
