// Counts what a vitest JSON report says, so that the last line of a test run can be believed.

// @ts-check

/** @typedef {{ passed: number, failed: number, skipped: number, problems: string[] }} TestCount */

/** @param {any} report @returns {{ status: string }[]} */
function testsOf(report) {
  return report.testResults.flatMap((/** @type {any} */ file) => file.assertionResults);
}

/** Test files that broke before any of their tests ran. @param {any} report @returns {string[]} */
function brokenFilesOf(report) {
  return report.testResults
    .filter((/** @type {any} */ file) => file.status === 'failed')
    .filter((/** @type {any} */ file) =>
      file.assertionResults.every((/** @type {any} */ test) => test.status !== 'failed'),
    )
    .map((/** @type {any} */ file) => file.name);
}

/**
 * A file that does not load counts as one failure; so does a run that ended badly with every test
 * passed (an unhandled rejection, say), and one that ran no test at all.
 * @param {string | undefined} reportText @param {boolean} endedWell @returns {TestCount}
 */
export function countTests(reportText, endedWell) {
  if (reportText === undefined) {
    return { passed: 0, failed: 1, skipped: 0, problems: ['The tests did not run.'] };
  }
  const report = JSON.parse(reportText);
  const tests = testsOf(report);
  const passed = tests.filter((test) => test.status === 'passed').length;
  const failedTests = tests.filter((test) => test.status === 'failed').length;
  const problems = brokenFilesOf(report).map((file) => `Failed outside its tests: ${file}`);
  let failed = failedTests + problems.length;
  if (failed === 0 && passed === 0) {
    failed = 1;
    problems.push('No test ran.');
  } else if (failed === 0 && !endedWell) {
    failed = 1;
    problems.push('All tests passed, but the run failed: see the errors above.');
  }
  return { passed, failed, skipped: tests.length - passed - failedTests, problems };
}

/** @param {TestCount} count */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
