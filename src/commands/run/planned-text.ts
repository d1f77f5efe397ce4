/** What is told of the plan while a run goes on: arrivals, or virtual users. */
import { formatCount } from '../../base/units.ts';
import type { PlanSummary } from '../../contract/load.ts';
import { UserCurve } from '../../contract/rate-curve/user-curve.ts';
import type { Scenario } from '../../contract/scenario.ts';

export function plannedText({ journeys, virtualUsers }: PlanSummary): string {
  if (virtualUsers === 0) return `${journeys} journeys`;
  const users = virtualUsers === 1 ? 'virtual user' : 'virtual users';
  return `closed model, at most ${formatCount(virtualUsers)} ${users}`;
}

/** Virtual users at an instant (ms since the start of the load); undefined in the open model. */
export function userCountOver({ model, phases }: Scenario): ((atMs: number) => number) | undefined {
  if (model?.kind !== 'closed') return undefined;
  const curve = new UserCurve(phases);
  return (atMs) => curve.usersAt(atMs * 1000);
}
