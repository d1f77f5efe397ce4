/** What is wrong with the load model of a scenario whose phases are in order; none means usable. */
import { formatCount } from '../base/units.ts';
import { DEFAULT_MAX_SESSIONS } from '../contract/load.ts';
import { shapeProblems } from '../contract/rate-curve/shape-problems.ts';
import { UserCurve } from '../contract/rate-curve/user-curve.ts';
import type { Scenario } from '../contract/scenario.ts';
import { isThinkTime } from './think-times.ts';

/** Problems in plain words, each beginning with where it is. */
export function modelProblems({ model, phases }: Scenario): string[] {
  if (model?.kind !== 'closed') return [];
  const problems: string[] = [];
  if (!isThinkTime(model.pauseBetween)) problems.push('model.pauseBetween: impossible pause');
  const { accountsPerUser = 1 } = model;
  if (!Number.isSafeInteger(accountsPerUser) || accountsPerUser < 1) {
    problems.push(`model.accountsPerUser: ${accountsPerUser} is not a number of accounts`);
  }
  const isCurve = phases.every(
    ({ shape, durationMs }) =>
      Number.isFinite(durationMs) &&
      durationMs >= 0 &&
      shapeProblems(shape, durationMs).length === 0,
  );
  if (!isCurve) return problems;
  const { peakUsers } = new UserCurve(phases);
  if (peakUsers === 0) problems.push('phases: there is never a virtual user');
  if (peakUsers > DEFAULT_MAX_SESSIONS) {
    problems.push(
      `phases: ${formatCount(peakUsers)} virtual users at a time, at most ` +
        `${formatCount(DEFAULT_MAX_SESSIONS)} are possible`,
    );
  }
  return problems;
}
