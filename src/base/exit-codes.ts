/** The one table of process exit codes and the order in which they win over each other. */

export const EXIT = {
  pass: 0,
  internalError: 1,
  invariantViolated: 80,
  inconclusive: 81,
  generatorInvalid: 82,
  targetFailed: 83,
  regression: 84,
  thresholdFailed: 99,
  invalidInput: 104,
  interrupted: 105,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What each code means, in the words that help and docs print. */
export const EXIT_MEANING: Readonly<Record<ExitCode, string>> = {
  0: 'everything judged, everything passed',
  1: 'internal error (a bug in ecomsim)',
  80: 'a business invariant was violated (oversell, double charge, lost order, …)',
  81: 'inconclusive: the audit, a threshold or a comparison could not be judged',
  82: 'the load generator could not keep its own schedule, so its numbers do not count',
  83: 'the target could not be started, reached or prepared, or died without a declared fault',
  84: 'a comparison found a regression beyond the stated margin',
  99: 'a threshold failed',
  104: 'invalid usage, profile, scenario or target file',
  105: 'interrupted; what was measured is still audited and reported',
};

/** Earlier wins: a proven violation stands whatever else happened. */
const PRECEDENCE: readonly ExitCode[] = [1, 104, 80, 83, 105, 82, 99, 84, 81, 0];

/** The winning code and the others that also applied, both in order of precedence. */
export function worstExitCode(codes: Iterable<ExitCode>): { code: ExitCode; others: ExitCode[] } {
  const present = new Set(codes);
  present.delete(0);
  const ordered = PRECEDENCE.filter((code) => present.has(code));
  return { code: ordered[0] ?? 0, others: ordered.slice(1) };
}
