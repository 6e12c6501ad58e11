// Builds the packet kernel from assembly/ and inlines it into a source file that git does not track.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const packageFolder = join(import.meta.dirname, '..');
const assembly = join(packageFolder, 'assembly');
const target = join(packageFolder, 'src/kernel/module.generated.ts');

const OPTIONS: readonly string[] = [
  ...['--runtime', 'stub', '--noAssert', '-O3', '--converge'],
  ...['--enable', 'simd', '--enable', 'bulk-memory', '--disable', 'mutable-globals'],
  // 74 pages, as assembly/memory-map.ts lays them out; no imports.
  ...['--initialMemory', '74', '--maximumMemory', '74', '--use', 'abort='],
  // Where its constants begin, again as there.
  ...['--memoryBase', '256'],
  // AS112 is about v128 parameters of exported functions; those stay inside the module.
  ...['--disableWarning', '112'],
];

/**
 * The module's bytes, for engines with relaxed SIMD or for all: the same for the same sources, on every
 * machine.
 */
export async function buildKernel(isRelaxed: boolean): Promise<Uint8Array> {
  const features = isRelaxed ? ['--enable', 'relaxed-simd'] : [];
  const { main } = await import('assemblyscript/asc');
  let bytes: Uint8Array | undefined;
  const { error, stderr } = await main(
    ['index.ts', ...OPTIONS, ...features, '--outFile', 'kernel.wasm'],
    {
      readFile: (name) => {
        try {
          return readFileSync(join(assembly, name), 'utf8');
        } catch {
          return null; // The compiler tries several names for one import.
        }
      },
      writeFile: (_name, contents) => {
        if (typeof contents !== 'string') bytes = contents;
      },
      listFiles: () => [],
    },
  );
  if (error !== null || bytes === undefined) {
    throw new Error(`The packet kernel does not compile:\n${stderr.toString()}`, { cause: error });
  }
  return bytes;
}

/** Writes src/kernel/module.generated.ts, unless it was made of these very sources. */
export async function updateKernelModule(): Promise<'built' | 'up to date'> {
  const inputs = `Inputs: sha256-${inputHash()}`;
  if (readTarget().includes(inputs)) return 'up to date';
  writeFileSync(
    target,
    `// The packet kernel in base64. Built by scripts/build-kernel.ts from assembly/.\n// ${inputs}\n\n` +
      '/** The WebAssembly module for all engines, and for those with relaxed SIMD: a line each. */\n' +
      `export const KERNEL_MODULE: string =\n  '${await inBase64(false)}\\n${await inBase64(true)}';\n`,
  );
  return 'built';
}

async function inBase64(isRelaxed: boolean): Promise<string> {
  return Buffer.from(await buildKernel(isRelaxed)).toString('base64');
}

/** A hash of all that the module depends on. */
function inputHash(): string {
  const hash = createHash('sha256');
  hash.update(readFileSync(import.meta.filename));
  // The compiler's version is pinned there.
  hash.update(readFileSync(join(packageFolder, 'package.json')));
  for (const name of readdirSync(assembly).sort()) {
    hash.update(`${name}\0`).update(readFileSync(join(assembly, name)));
  }
  return hash.digest('hex');
}

function readTarget(): string {
  try {
    return readFileSync(target, 'utf8');
  } catch {
    return ''; // Not built yet.
  }
}
