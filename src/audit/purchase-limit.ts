/** O7: no customer owns more units of a sale item than allowed, over all orders together. */
import type { AuditContext } from './context.ts';
import { shown } from './describe.ts';
import type { Findings } from './findings.ts';
import { describeMove, groupedMoves, runningPeak, unitMoves } from './unit-moves.ts';

export function checkPurchaseLimit(context: AuditContext, findings: Findings): void {
  const { perCustomer, hotItems } = context.input.sale;
  if (perCustomer <= 0) return;
  const limited = new Set(hotItems);
  const moves = unitMoves(context, context.last).filter(({ item }) => limited.has(item));
  const groups = groupedMoves(moves, ({ item, customer }) => `${item} ${customer}`);
  for (const group of groups.values()) {
    const [first] = group;
    if (first === undefined) continue;
    findings.check();
    const peak = runningPeak(group);
    if (peak.units <= perCustomer) continue;
    const name = context.describe.item(first.item);
    findings.violation(
      `${shown(first.customer)} owns ${peak.units} × ${name}, allowed are ${perCustomer}`,
      () => group.slice(0, peak.until).map((move) => describeMove(context, move)),
    );
  }
}
