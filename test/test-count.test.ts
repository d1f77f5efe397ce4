// The last line of a test run is the one that is believed, so it must not say more than was run.
import { describe, expect, test } from 'vitest';
import { closingLine, countTests } from '../scripts/test-count.mjs';

interface ReportedFile {
  readonly name: string;
  readonly status: 'passed' | 'failed';
  readonly tests: readonly string[];
}

function report(...files: ReportedFile[]): string {
  const testResults = files.map(({ name, status, tests }) => ({
    name,
    status,
    assertionResults: tests.map((state) => ({ status: state })),
  }));
  return JSON.stringify({ testResults });
}

const GOOD: ReportedFile = { name: 'a', status: 'passed', tests: ['passed', 'passed'] };

const CASES: readonly (readonly [string, string | undefined, boolean, string])[] = [
  ['every test passed', report(GOOD, GOOD), true, '4 passed, 0 failed'],
  [
    'some failed and some were skipped',
    report(GOOD, { name: 'b', status: 'failed', tests: ['failed', 'passed', 'skipped', 'todo'] }),
    false,
    '3 passed, 1 failed, 2 skipped',
  ],
  [
    'a file did not load',
    report(GOOD, { name: 'b', status: 'failed', tests: [] }),
    false,
    '2 passed, 1 failed',
  ],
  [
    'a hook failed after tests that passed',
    report({ name: 'b', status: 'failed', tests: ['passed'] }),
    false,
    '1 passed, 1 failed',
  ],
  ['the run failed outside every file', report(GOOD), false, '2 passed, 1 failed'],
  ['no test ran', report(), true, '0 passed, 1 failed'],
  [
    'every test was skipped',
    report({ name: 'a', status: 'passed', tests: ['skipped'] }),
    true,
    '0 passed, 1 failed, 1 skipped',
  ],
  ['no report was written', undefined, true, '0 passed, 1 failed'],
];

describe('the closing line', () => {
  test.each(CASES)('when %s', (_, text, endedWell, line) => {
    const count = countTests(text, endedWell);
    expect(closingLine(count)).toBe(line);
  });
});
