/** O7: no customer owns more units of a sale item than allowed, over all orders together. */
import type { AuditContext } from './context.ts';
import { shown } from './describe.ts';
import type { Findings } from './findings.ts';
import { TextTable } from './text-table.ts';
import { describeMove, groupedMoves, runningPeak, type UnitMove, unitMoves } from './unit-moves.ts';

/**
 * How many own anything, and who was ever given more than `most`, whatever came back meanwhile: only
 * of these the order of events matters.
 */
function ownersOf(
  moves: readonly UnitMove[],
  nameOf: (move: UnitMove) => string,
  most: number,
): { readonly owners: number; readonly suspects: ReadonlySet<string> } {
  const names = new TextTable();
  const given: number[] = [];
  const suspects = new Set<string>();
  for (const move of moves) {
    const name = nameOf(move);
    const owner = names.add(name);
    given[owner] = (given[owner] ?? 0) + Math.max(0, move.units);
    if ((given[owner] as number) > most) suspects.add(name);
  }
  return { owners: names.size, suspects };
}

export function checkPurchaseLimit(context: AuditContext, findings: Findings): void {
  const { perCustomer, hotItems } = context.input.sale;
  if (perCustomer <= 0) return;
  const limited = new Set(hotItems);
  const moves = unitMoves(context, context.last).filter(({ item }) => limited.has(item));
  const nameOf = ({ item, customer }: UnitMove): string => `${item} ${customer}`;
  const { owners, suspects } = ownersOf(moves, nameOf, perCustomer);
  findings.check(owners);
  if (suspects.size === 0) return;
  const groups = groupedMoves(
    moves.filter((move) => suspects.has(nameOf(move))),
    nameOf,
  );
  for (const group of groups.values()) {
    const [first] = group;
    if (first === undefined) continue;
    const peak = runningPeak(group);
    if (peak.units <= perCustomer) continue;
    const name = context.describe.item(first.item);
    findings.violation(
      `${shown(first.customer)} owns ${peak.units} × ${name}, allowed are ${perCustomer}`,
      () => group.slice(0, peak.until).map((move) => describeMove(context, move)),
    );
  }
}
