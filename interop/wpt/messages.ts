// What the process of one test file tells the suite.

/** How a subtest ended, in testharness.js's order of its numbers. */
export const STATUSES = [
  'passed',
  'failed',
  'timed out',
  'not run',
  'precondition failed',
] as const;

/** The end of one subtest. */
export interface Subtest {
  readonly type: 'subtest';
  readonly name: string;
  readonly status: (typeof STATUSES)[number];
  readonly message: string;
}

/** Something outside any subtest: an exception that nobody caught, or a file that did not load. */
export interface Trouble {
  readonly type: 'trouble';
  readonly message: string;
}

/** Scripts that the checkout lacks. */
export interface MissingScripts {
  readonly type: 'missing';
  readonly scripts: readonly string[];
}

/** All subtests have ended. */
export interface End {
  readonly type: 'end';
}

export type Message = Subtest | Trouble | MissingScripts | End;
