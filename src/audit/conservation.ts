/** I3: in every reading the units of a SKU add up, and the orders own what inventory committed. */

import type { StockRow } from '../contract/ledger.ts';
import type { AuditContext } from './context.ts';
import type { Findings } from './findings.ts';
import type { LedgerIndex } from './ledger-index.ts';
import { ownedUnits } from './unit-moves.ts';

export function checkConservation(context: AuditContext, findings: Findings): void {
  const { before, last, quiet } = context;
  for (const index of new Set([before, last])) {
    if (index === undefined) continue;
    for (const stock of index.ledger.stock) checkRow(context, findings, stock);
  }
  if (before === undefined) return;
  for (const { sku } of context.input.catalogue) {
    if (!before.stockBySku.has(sku)) findings.unknown('the ledger lists no stock for some SKUs');
  }
  // Sums over several listings hold only when nothing moves between them.
  if (quiet) checkAgainstOrders(context, findings, before);
}

function stockLine(stock: StockRow): string {
  const { available, held, committed, seeded, restocked } = stock;
  return (
    `shop's ledger: ${available} available + ${held} held + ${committed} committed = ` +
    `${available + held + committed}; ${seeded} seeded + ${restocked} restocked = ${seeded + restocked}`
  );
}

function checkRow(context: AuditContext, findings: Findings, stock: StockRow): void {
  const item = context.itemOf.get(stock.sku);
  const name = context.describe.item(item ?? -1);
  findings.check();
  const { available, held, committed, seeded, restocked } = stock;
  const problems: string[] = [];
  if (available < 0 || held < 0 || committed < 0) problems.push('a count below zero');
  const sum = available + held + committed;
  if (sum !== seeded + restocked) problems.push(`${sum} units of ${seeded + restocked}`);
  if (item === undefined) problems.push('a SKU that was never seeded');
  else {
    const ours = context.supply.seeded(item);
    if (seeded !== ours) problems.push(`${seeded} units seeded, but we seeded ${ours}`);
    const added = context.supply.most(item) - ours;
    if (restocked > added || restocked < added - context.supply.unsure(item)) {
      problems.push(`${restocked} restocked, but we added ${added}`);
    }
  }
  if (problems.length === 0) return;
  findings.violation(`${name}: ${problems.join('; ')}`, () => [stockLine(stock)]);
}

function checkAgainstOrders(context: AuditContext, findings: Findings, index: LedgerIndex): void {
  const { ledger } = index;
  const owned = ownedUnits(index);
  const held = new Map<string, number>();
  for (const hold of ledger.holds) {
    if (hold.state === 'held') held.set(hold.sku, (held.get(hold.sku) ?? 0) + hold.units);
  }
  for (const stock of ledger.stock) {
    const name = context.describe.item(context.itemOf.get(stock.sku) ?? -1);
    findings.check();
    const sold = owned.get(stock.sku) ?? 0;
    if (stock.committed !== sold) {
      findings.violation(
        `${name}: ${stock.committed} units committed, but orders own ${sold}`,
        () => [stockLine(stock)],
      );
    }
    // Some targets list no holds at all.
    if (ledger.holds.length > 0 && stock.held !== (held.get(stock.sku) ?? 0)) {
      findings.violation(
        `${name}: ${stock.held} units held, but its holds are for ${held.get(stock.sku) ?? 0}`,
        () => [stockLine(stock)],
      );
    }
  }
}
