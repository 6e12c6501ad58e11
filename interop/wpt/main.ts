// `pnpm wpt --tests <checkout>`: the Web Platform Tests of WebRTC against @kaon/peerconnection.
import { defineCommand, runMain } from 'citty';
import { checkCheckout } from './checkout.ts';
import { leftOut, selected, type TestFile, unsorted } from './selection.ts';
import { runSuite } from './suite.ts';

const say = (line: string) => console.log(line);

const command = defineCommand({
  meta: {
    name: 'wpt',
    description: 'Runs the Web Platform Tests of WebRTC against Kaon, in Node.',
  },
  args: {
    tests: { type: 'string', description: 'A checkout of web-platform-tests/wpt', required: true },
    only: { type: 'string', description: 'Only files with these words in their names: a,b' },
    list: { type: 'boolean', description: 'List the files, run and left out, and end' },
    verbose: { type: 'boolean', description: 'Every subtest, with its message' },
  },
  run: async ({ args }) => {
    const root = checkCheckout(args.tests);
    if (args.list) return list(root);
    const files = selected(root).filter(({ path }) => isWanted(path, args.only));
    if (files.length === 0) throw new RangeError(`no file for ${args.only}; see --list`);
    const start = performance.now();
    const totals = await runSuite(root, files, args.verbose === true, say);
    if (args.only === undefined) {
      for (const path of unsorted(root)) say(`new   ${path}: not in selection.ts`);
    }
    say(`\n${((performance.now() - start) / 1000).toFixed(0)} s in all`);
    say(`wpt: ${totals.passed} passed, ${totals.failed} failed, ${totals.expected} skipped`);
    process.exitCode = totals.failed === 0 ? 0 : 1;
  },
});

function isWanted(path: string, only: string | undefined): boolean {
  return only === undefined || only.split(',').some((word) => path.includes(word.trim()));
}

function list(root: string): void {
  const title = ({ path, standIn }: TestFile) =>
    `  ${path}${standIn ? ' (stand-in for media)' : ''}`;
  say('run:');
  for (const file of selected(root)) say(title(file));
  for (const { reason, paths } of leftOut(root)) {
    say(`left out, ${reason}:`);
    for (const path of paths) say(`  ${path}`);
  }
  for (const path of unsorted(root)) say(`new: ${path}`);
}

await runMain(command);
