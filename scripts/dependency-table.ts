// Reads which package may import which from the table in docs/architecture.md.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './workspace.ts';

export interface DependencyRow {
  readonly mayImport: readonly string[];
  /** What the package's tests may import besides. */
  readonly testsMayImport: readonly string[];
}

const HEADER = /^\|\s*package\s*\|\s*may import\s*\|\s*its tests also\s*\|$/;

/** The rows by package, each name without `@kaon/`. */
export function readDependencyTable(): Map<string, DependencyRow> {
  const lines = readFileSync(join(root, 'docs/architecture.md'), 'utf8').split('\n');
  const header = lines.findIndex((line) => HEADER.test(line.trim()));
  if (header === -1) {
    throw new Error(
      'docs/architecture.md has no table "| package | may import | its tests also |"',
    );
  }
  const table = new Map<string, DependencyRow>();
  // The line after the header is the ruler.
  for (let i = header + 2; lines[i]?.startsWith('|'); i++) {
    const [room, mayImport, testsMayImport] = lines[i]!.split('|').slice(1, 4).map(codeWords);
    if (room?.length !== 1 || mayImport === undefined || testsMayImport === undefined) {
      throw new Error(`docs/architecture.md: cannot read the table row "${lines[i]}"`);
    }
    table.set(room[0]!, { mayImport, testsMayImport });
  }
  return table;
}

function codeWords(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word!);
}
