// The process of one test file: a page with Kaon's interfaces and WPT's own testharness.js.
// Arguments: the checkout, the file, `stand-in` or `plain`, and the time for a subtest in ms.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInThisContext } from 'node:vm';
import { installBrowser } from './browser.ts';
import { type Message, STATUSES } from './messages.ts';
import { scriptsOf } from './scripts-of.ts';
import { replaceHelpers, standInForMedia } from './stand-in.ts';

/** A test of testharness.js, as its callbacks give it. */
interface HarnessTest {
  readonly name: string;
  readonly status: number;
  readonly message: string | null;
  readonly phase: number;
  timeout(): void;
  add_cleanup(cleanup: () => unknown): void;
}

/** What testharness.js puts on the global object. */
interface Harness {
  setup(properties: { explicit_done: boolean; output: boolean }): void;
  done(): void;
  add_test_state_callback(callback: (test: HarnessTest) => void): void;
  add_result_callback(callback: (test: HarnessTest) => void): void;
  add_completion_callback(callback: () => void): void;
}

const STARTED = 1;
const HAS_RESULT = 3;
const CLEANUP_LIMIT_MS = 2000;

const [root = '', path = '', mode = 'plain', limit = '10000'] = process.argv.slice(2);
const tell = (message: Message) => process.send?.(message);
const trouble = (error: unknown) =>
  tell({ type: 'trouble', message: error instanceof Error ? String(error.stack) : String(error) });

process.on('uncaughtException', trouble);
process.on('unhandledRejection', trouble);

const { title, scripts, missing } = scriptsOf(root, path);
if (missing.length > 0) tell({ type: 'missing', scripts: missing });

// The harness sees a shell, not a page: it waits for `done()` and writes no table into a document.
const harnessFile = join(root, 'resources/testharness.js');
Object.assign(globalThis, { self: globalThis, META_TITLE: title ?? path });
runInThisContext(readFileSync(harnessFile, 'utf8'), { filename: harnessFile });
const harness = globalThis as unknown as Harness;
harness.setup({ explicit_done: true, output: false });
installBrowser(root, path);
if (mode === 'stand-in') standInForMedia();

// In a shell the harness has no time limits of its own; one subtest must not cost the others theirs.
const started = new WeakSet<HarnessTest>();
let limitCleanup: ((test: HarnessTest) => void) | undefined = limitCleanupOf;
harness.add_test_state_callback((test) => {
  limitCleanup?.(test);
  limitCleanup = undefined;
  if (test.phase !== STARTED || started.has(test)) return;
  started.add(test);
  setTimeout(() => {
    if (test.phase < HAS_RESULT) test.timeout();
  }, Number(limit)).unref();
});
harness.add_result_callback(({ name, status, message }) => {
  tell({ type: 'subtest', name, status: STATUSES[status]!, message: message ?? '' });
});
harness.add_completion_callback(() => {
  process.send?.({ type: 'end' } satisfies Message, () => process.exit(0));
});

try {
  for (const { file, line, code, isTest } of scripts) {
    if (isTest && mode === 'stand-in') replaceHelpers();
    runInThisContext(code, { filename: file, lineOffset: line });
  }
} catch (error) {
  trouble(error);
}
// The process stays until all have ended, though nothing of a test may be under way.
setInterval(() => undefined, 60_000);
harness.done();

/** Gives the cleanup of every test a limit: some wait for what a closed connection never settles. */
function limitCleanupOf(test: HarnessTest): void {
  const prototype = Object.getPrototypeOf(test) as HarnessTest;
  const { add_cleanup: addCleanup } = prototype;
  prototype.add_cleanup = function (this: HarnessTest, cleanup) {
    addCleanup.call(this, () => {
      const result = cleanup();
      if (!(result instanceof Promise)) return result;
      const limit = new Promise((resolve) => setTimeout(resolve, CLEANUP_LIMIT_MS));
      return Promise.race([result, limit]);
    });
  };
}
