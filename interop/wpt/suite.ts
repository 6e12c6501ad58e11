// Runs files, two at a time, and holds what they come to against what is expected.
import { type Expectations, expectationsOf } from './expectations.ts';
import { type FileResult, runFile } from './run-file.ts';
import type { TestFile } from './selection.ts';

const AT_ONCE = 2;

/** Subtests: passed, failed unexpectedly, failed as expected. */
export interface Totals {
  passed: number;
  failed: number;
  expected: number;
}

/** Runs `files`; `say` gets a line for each, and one for each unexpected subtest. */
export async function runSuite(
  root: string,
  files: readonly TestFile[],
  verbose: boolean,
  say: (line: string) => void,
): Promise<Totals> {
  const totals: Totals = { passed: 0, failed: 0, expected: 0 };
  const waiting = files.values();
  const work = async () => {
    for (const file of waiting) {
      const result = await runFile(root, file);
      const { lines, counts } = judge(file.path, result, expectationsOf(file.path), verbose);
      totals.passed += counts.passed;
      totals.failed += counts.failed;
      totals.expected += counts.expected;
      for (const line of lines) say(line);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return totals;
}

/** The lines and figures of one file. */
function judge(path: string, result: FileResult, expectations: Expectations, verbose: boolean) {
  const counts: Totals = { passed: 0, failed: 0, expected: 0 };
  const lines: string[] = [];
  for (const { name, status, message } of result.subtests) {
    const reason = expectations.reasonFor(name) ?? lacksScript(result, message);
    if (status === 'passed') {
      counts.passed++;
      if (reason !== undefined) lines.push(`      passes now: ${name} (${reason})`);
      else if (verbose) lines.push(`      passed: ${name}`);
    } else if (reason === undefined) {
      counts.failed++;
      lines.push(`      ${status}: ${name}: ${oneLine(message)}`);
    } else {
      counts.expected++;
      if (verbose) lines.push(`      expected: ${name} (${reason}): ${oneLine(message)}`);
    }
  }
  for (const trouble of result.troubles) {
    counts.failed++;
    lines.push(`      outside any subtest: ${oneLine(trouble)}`);
  }
  if (result.subtests.length === 0 && result.troubles.length === 0) {
    counts.failed++;
    lines.push('      no subtest ran');
  }
  const names = result.subtests.map(({ name }) => name);
  for (const name of expectations.unused(names)) lines.push(`      not there: ${name}`);
  for (const script of result.missingScripts) lines.push(`      not in this checkout: ${script}`);
  const { passed, failed, expected } = counts;
  const verdict = failed === 0 ? 'ok  ' : 'FAIL';
  lines.unshift(`${verdict}  ${path}: ${passed} passed, ${failed} failed, ${expected} expected`);
  return { lines, counts };
}

/** A subtest that needs what a missing script defines cannot pass. */
function lacksScript({ missingScripts }: FileResult, message: string): string | undefined {
  if (missingScripts.length === 0 || !message.includes('is not defined')) return undefined;
  return `the checkout lacks ${missingScripts.join(', ')}`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').slice(0, 500);
}
