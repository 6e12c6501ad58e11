// The version of an installed package, read from its package.json.
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';

export function installedVersion(packageName: string, from: string): string {
  const path = findPackageJSON(packageName, from);
  if (path === undefined) throw new Error(`${packageName} is not installed`);
  return JSON.parse(readFileSync(path, 'utf8')).version;
}
