// What is known of a file's failures, from the table in expected-failures.ts.
import { EXPECTED_FAILURES, type ExpectedInFile } from './expected-failures.ts';

/** What one file is expected to fail at. */
export interface Expectations {
  /** Why the subtest may fail, if it may. */
  reasonFor(subtest: string): string | undefined;
  /** Names in the table that no subtest has. */
  unused(subtests: readonly string[]): string[];
}

/** The expectations of the test `path`. */
export function expectationsOf(path: string): Expectations {
  const groups: readonly ExpectedInFile[] = EXPECTED_FAILURES[path] ?? [];
  return {
    reasonFor: (subtest) =>
      groups.find(({ subtests }) => subtests.some((each) => matches(each, subtest)))?.reason,
    unused: (subtests) =>
      groups
        .flatMap((group) => group.subtests)
        .filter((each) => !subtests.some((name) => matches(each, name)))
        .map(String),
  };
}

function matches(expected: string | RegExp, name: string): boolean {
  return typeof expected === 'string' ? expected === name : expected.test(name);
}
