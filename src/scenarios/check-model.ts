/** What is wrong with the load model of a scenario whose phases are in order; none means usable. */
import { formatCount } from '../base/units.ts';
import { DEFAULT_MAX_SESSIONS } from '../contract/load.ts';
import { shapeProblems } from '../contract/rate-curve/shape-problems.ts';
import { UserCurve } from '../contract/rate-curve/user-curve.ts';
import type { Scenario } from '../contract/scenario.ts';
import type { Report } from './problem-report.ts';
import { isThinkTime } from './think-times.ts';

export function checkModel(
  { model, phases }: Pick<Scenario, 'model' | 'phases'>,
  report: Report,
): void {
  if (model?.kind !== 'closed') return;
  if (!isThinkTime(model.pauseBetween)) report(['model', 'pauseBetween'], 'impossible pause');
  const { accountsPerUser = 1 } = model;
  if (!Number.isSafeInteger(accountsPerUser) || accountsPerUser < 1) {
    report(['model', 'accountsPerUser'], `${accountsPerUser} is not a number of accounts`);
  }
  const isCurve = phases.every(
    ({ shape, durationMs }) =>
      Number.isFinite(durationMs) &&
      durationMs >= 0 &&
      shapeProblems(shape, durationMs).length === 0,
  );
  if (!isCurve) return;
  const { peakUsers } = new UserCurve(phases);
  if (peakUsers === 0) report(['phases'], 'there is never a virtual user');
  if (peakUsers > DEFAULT_MAX_SESSIONS) {
    report(
      ['phases'],
      `${formatCount(peakUsers)} virtual users at a time, at most ` +
        `${formatCount(DEFAULT_MAX_SESSIONS)} are possible`,
    );
  }
}
