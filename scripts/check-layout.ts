// Checks where files lie, how they are named and which package imports which: `pnpm layout`.
import { readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { parseSync } from 'oxc-parser';
import { type DependencyRow, readDependencyTable } from './dependency-table.ts';
import {
  root,
  type WorkspacePackage,
  workspaceFiles,
  workspacePackage,
  workspacePackages,
} from './workspace.ts';

const MAX_LINES = 600;
const NAMELESS = /^(utils?|helpers?|common|misc|core|types)$/;
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*$/;

const problems: string[] = [];
const table = readDependencyTable();
const packages = new Map(workspacePackages().map((each) => [each.room, each]));
const files = workspaceFiles();

for (const room of packages.keys()) {
  if (!table.has(room)) {
    problems.push(`docs/architecture.md: the dependency table has no row for packages/${room}`);
  }
}
for (const [room, row] of table) {
  const found = packages.get(room);
  if (found === undefined) {
    problems.push(`docs/architecture.md: the dependency table names ${room}, which does not exist`);
  } else {
    checkManifest(found, row);
    if (!files.includes(`packages/${room}/README.md`)) {
      problems.push(`packages/${room}: has no README.md`);
    }
  }
}
for (const file of files) {
  checkNames(file);
  if (file.endsWith('.ts')) {
    checkSource(file);
  }
}
checkLockfile();

if (problems.length > 0) {
  console.error(problems.sort().join('\n'));
  console.error(`\nlayout: ${problems.length} problem${problems.length === 1 ? '' : 's'}`);
  process.exitCode = 1;
} else {
  console.log(`layout: ${files.length} files in order`);
}

function checkManifest({ room, manifest }: WorkspacePackage, row: DependencyRow): void {
  for (const [field, allowed] of [
    ['dependencies', row.mayImport],
    ['devDependencies', [...row.mayImport, ...row.testsMayImport]],
  ] as const) {
    for (const name of Object.keys(manifest[field] ?? {})) {
      if (name.startsWith('@kaon/') && !allowed.includes(name.slice('@kaon/'.length))) {
        problems.push(`packages/${room}/package.json: ${field} may not name ${name}`);
      }
    }
  }
}

function checkNames(file: string): void {
  for (const part of file.split('/')) {
    const [stem = ''] = part.replace(/^\./, '').split('.');
    if (NAMELESS.test(stem)) {
      problems.push(`${file}: "${stem}" says nothing; name it after the one thing it holds`);
    }
  }
  if (/\.tsx?$/.test(file)) {
    for (const part of [...dirname(file).split('/'), basename(file).replace(/\..*$/, '')]) {
      if (part !== '.' && !KEBAB_CASE.test(part)) {
        problems.push(`${file}: "${part}" is not kebab-case`);
      }
    }
  }
}

function checkSource(file: string): void {
  const text = readFileSync(join(root, file), 'utf8');
  const inTests = /\.test(-d)?\.ts$|\/test\//.test(file);
  const lines = text.split('\n').length - 1;
  if (lines > MAX_LINES && !inTests && !file.includes('/vectors/')) {
    problems.push(`${file}: ${lines} lines, more than ${MAX_LINES}; split it`);
  }
  if (!inTests && !/^(#!.*\n)?(\/\/|\/\*)/.test(text)) {
    problems.push(`${file}: does not open with a comment line that says what it is`);
  }
  for (const specifier of importedModules(file, text)) {
    checkImport(file, specifier, inTests);
  }
}

/** Every module that `text` imports or re-exports from, types and dynamic imports included. */
function importedModules(file: string, text: string): string[] {
  const { module } = parseSync(file, text);
  const exported = module.staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ moduleRequest }) => (moduleRequest ? [moduleRequest.value] : [])),
  );
  const dynamic = module.dynamicImports.map(({ moduleRequest }) =>
    text.slice(moduleRequest.start + 1, moduleRequest.end - 1),
  );
  return [
    ...new Set([
      ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
      ...exported,
      ...dynamic,
    ]),
  ];
}

function checkImport(file: string, specifier: string, inTests: boolean): void {
  const room = file.match(/^packages\/([^/]+)\//)?.[1];
  if (specifier.startsWith('.')) {
    const target = relative(root, resolve(root, dirname(file), specifier));
    const home = room === undefined ? undefined : `packages/${room}/`;
    if (home === undefined ? target.startsWith('packages/') : !target.startsWith(home)) {
      problems.push(`${file}: reaches into another package with "${specifier}"`);
    }
    return;
  }
  const [, target, path] = specifier.match(/^@kaon\/([^/]+)(?:\/(.+))?$/) ?? [];
  if (target === undefined || target === room) {
    return;
  }
  const imported = packages.get(target) ?? workspacePackage(target);
  const exported = imported?.manifest.exports ?? {};
  if (!Object.hasOwn(exported, path === undefined ? '.' : `./${path}`)) {
    problems.push(`${file}: "${specifier}" is not among the exports of @kaon/${target}`);
  }
  const row = room === undefined ? undefined : table.get(room);
  if (row !== undefined) {
    const allowed = inTests ? [...row.mayImport, ...row.testsMayImport] : row.mayImport;
    if (!allowed.includes(target)) {
      problems.push(`${file}: ${room} may not import @kaon/${target} (docs/architecture.md)`);
    }
  }
}

/** A lockfile with addresses in it works only where those can be reached. */
function checkLockfile(): void {
  const address = readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8').match(/\bhttps?:\/\/\S+/);
  if (address !== null) {
    problems.push(`pnpm-lock.yaml: names an address: ${address[0]}`);
  }
}
