// Installs the packed tarballs in an empty folder and uses them there, as a user would: `pnpm smoke`.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plainEnvironment, run } from './command.ts';
import { packTarballs } from './tarballs.ts';
import { publishedPackages } from './workspace.ts';

// The oldest Node.js that is promised to work, and the newest there is.
const NODE_VERSIONS = ['20.19.0', 'latest'];

const counts = { passed: 0, failed: 0 };
const folder = mkdtempSync(join(tmpdir(), 'kaon-smoke-'));
const environment = plainEnvironment();
try {
  installTarballs();
  for (const version of NODE_VERSIONS) {
    const node = installNode(version);
    const label = `Node ${run(node, ['--version'], { cwd: folder }).output.trim()}`;
    for (const specifier of publicModules()) {
      check(`${label}: import '${specifier}'`, node, [
        ...['--input-type=module', '--eval'],
        `import * as all from '${specifier}'; if (Object.keys(all).length === 0) process.exit(1);`,
      ]);
      check(`${label}: require('${specifier}')`, node, [
        ...['--input-type=commonjs', '--eval'],
        `if (Object.keys(require('${specifier}')).length === 0) process.exit(1);`,
      ]);
    }
    check(`${label}: a data channel over loopback`, node, ['data-channel.mjs']);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;

function installTarballs(): void {
  const tarballs = packTarballs(folder);
  const dependencies = Object.fromEntries(
    [...tarballs].map(([name, file]) => [name, `file:${file}`]),
  );
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  cpSync(join(import.meta.dirname, 'smoke/data-channel.mjs'), join(folder, 'data-channel.mjs'));
  npmInstall(folder, []);
}

/** Brings a Node.js into a folder of its own and returns the path of its binary. */
function installNode(version: string): string {
  const home = mkdtempSync(join(folder, 'node-'));
  writeFileSync(
    join(home, 'package.json'),
    JSON.stringify({ private: true, allowScripts: { node: true } }),
  );
  npmInstall(home, [`node@${version}`]);
  return join(home, 'node_modules/node/bin/node');
}

function npmInstall(cwd: string, packages: readonly string[]): void {
  const args = ['install', '--no-audit', '--no-fund', ...packages];
  const { status, output } = run('npm', args, { cwd, env: environment });
  if (status !== 0) {
    throw new Error(`npm ${args.join(' ')} failed:\n${output}`);
  }
}

/** What users may import: every export of every published package that holds code. */
function publicModules(): string[] {
  return publishedPackages().flatMap(({ manifest }) =>
    Object.keys(manifest.exports ?? {})
      .filter((path) => !path.endsWith('.json'))
      .map((path) => `${manifest.name}${path.slice(1)}`),
  );
}

function check(title: string, node: string, args: readonly string[]): void {
  const { status, output } = run(node, args, { cwd: folder, env: environment, timeoutSeconds: 60 });
  counts[status === 0 ? 'passed' : 'failed'] += 1;
  console.log(`${status === 0 ? 'ok' : 'FAILED'} ${title}`);
  if (status !== 0) {
    console.error(output);
  }
}
