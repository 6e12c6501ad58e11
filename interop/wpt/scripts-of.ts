// The scripts of a test file, as a browser would load them.
// https://web-platform-tests.org/writing-tests/testharness.html
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A script: its code, the file it is from and the line of that file, from 0, where it begins. */
export interface Script {
  readonly file: string;
  readonly line: number;
  readonly code: string;
  /** Part of the test itself, not a file that it loads. */
  readonly isTest: boolean;
}

/** What a test file loads, in order, without the harness. */
export interface TestSource {
  readonly title: string | undefined;
  readonly scripts: readonly Script[];
  /** Scripts that the test names and the checkout lacks: a browser would go on without them. */
  readonly missing: readonly string[];
}

/** Loaded by the page itself, or of no use without a browser. */
const NOT_LOADED = /\/(testharness|testharnessreport|testdriver|testdriver-vendor)\.js$/;
/** Files that WPT's server has under another name. */
const ALIASES: Readonly<Record<string, string>> = {
  '/resources/WebIDLParser.js': '/resources/webidl2/lib/webidl2.js',
};

/** Reads the test `path` of the checkout in `root`. */
export function scriptsOf(root: string, path: string): TestSource {
  const text = readFileSync(join(root, path), 'utf8');
  const scripts: Script[] = [];
  const missing: string[] = [];
  const load = (source: string) => {
    if (NOT_LOADED.test(source)) return;
    const aliased = ALIASES[source] ?? source;
    const file = aliased.startsWith('/') ? join(root, aliased) : join(root, dirname(path), aliased);
    if (!existsSync(file)) missing.push(source);
    else scripts.push({ file, line: 0, code: readFileSync(file, 'utf8'), isTest: false });
  };
  if (path.endsWith('.js')) {
    for (const [, source] of text.matchAll(/^\/\/ META: script=(.*)$/gm)) load(source!.trim());
    scripts.push({ file: path, line: 0, code: text, isTest: true });
    return { title: /^\/\/ META: title=(.*)$/m.exec(text)?.[1], scripts, missing };
  }
  for (const match of text.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/gi)) {
    const [, attributes, code] = match;
    const source = /src\s*=\s*["']?([^"'\s>]+)/.exec(attributes!)?.[1];
    if (source !== undefined) {
      load(source);
      continue;
    }
    const before = text.slice(0, match.index + '<script>'.length + attributes!.length);
    scripts.push({ file: path, line: before.split('\n').length - 1, code: code!, isTest: true });
  }
  return { title: /<title>([^<]*)</.exec(text)?.[1], scripts, missing };
}
