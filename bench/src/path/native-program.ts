// The small C programs of the path, compiled with the machine's gcc when they have changed.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

const SOURCES = fileURLToPath(new URL('../../path/', import.meta.url));
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/kaon/', import.meta.url));
const FLAGS = ['-O2', '-Wall', '-Wextra', '-std=gnu11'];

/** The path of the compiled program. */
export async function compileProgram(name: 'path-emulator' | 'udp-probe'): Promise<string> {
  const source = join(SOURCES, `${name}.c`);
  const hash = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 16);
  const program = join(CACHE, `${name}-${hash}`);
  if (existsSync(program)) return program;
  mkdirSync(CACHE, { recursive: true });
  await run('gcc', [...FLAGS, '-o', program, source]);
  return program;
}
