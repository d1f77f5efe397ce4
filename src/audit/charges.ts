/** P1, P2, P3 and P5: the gateway's own ledger against what the shop and its customers say. */
import type { ChargeRow, OrderRow } from '../contract/ledger.ts';
import { boundedText } from '../history/history-format.ts';
import { keyOf } from './attempt.ts';
import type { AuditContext } from './context.ts';
import { shown } from './describe.ts';
import type { Findings } from './findings.ts';
import type { LedgerIndex } from './ledger-index.ts';
import { UNFINISHED } from './order-states.ts';
import { areDistinct, duplicates } from './row-lookup.ts';
import { TextTable } from './text-table.ts';
import { isOwned, rowOf, wasConfirmed } from './unit-moves.ts';

/** Money that was taken, even if it was given back later. */
function wasTaken(charge: ChargeRow): boolean {
  return charge.status === 'captured' || charge.status === 'refunded';
}

function describeCharges(context: AuditContext, charges: readonly ChargeRow[]): string[] {
  return charges.slice(0, 8).map((charge) => context.describe.charge(charge));
}

/** P1. Each capture is accused once, whether the order, the charge key or our key shows it. */
export function checkDoubleCharges(context: AuditContext, findings: Findings): void {
  const { last } = context;
  if (last === undefined) return;
  const { charges } = last.ledger;
  findings.check(charges.length);
  // Places in the list: views of a row are made anew each time.
  const taken = [...charges.map(wasTaken).entries()].flatMap(([at, is]) => (is ? [at] : []));
  const accused = new Set<number>();
  const keyOfOrder = (charge: ChargeRow): string => {
    const row = last.orderById.get(boundedText(charge.orderId));
    return row === undefined || row.key === '' ? '' : keyOf(row.customer, row.key);
  };
  const { order, id } = last.ledger.texts;
  const isClear = {
    orderId: areDistinct(charges, taken, { names: order, field: 'orderId' }),
    key: areDistinct(charges, taken, { names: id, field: 'key' }),
  };
  // Most sales have no two alike: then no text is looked at.
  const views: [string, (charge: ChargeRow) => string, isClear: boolean][] = [
    ['order', (charge) => charge.orderId, isClear.orderId],
    ['charge key', (charge) => charge.key, isClear.key],
    ['idempotency key', keyOfOrder, false],
  ];
  for (const [what, nameOf, hasNone] of views) {
    if (hasNone) continue;
    for (const [, places] of duplicates(taken, (at) => nameOf(charges.at(at)))) {
      if (places.every((at) => accused.has(at))) continue;
      for (const at of places) accused.add(at);
      const group = places.map((at) => charges.at(at));
      const orderId = group[0]?.orderId ?? '';
      findings.violation(
        `order ${shown(orderId)} was charged ${group.length} times under one ${what}`,
        () => describeCharges(context, group),
      );
    }
  }
}

/** P2. Money without goods. */
export function checkChargesWithoutOrder(context: AuditContext, findings: Findings): void {
  const { before, stable, quiet, describe } = context;
  // Orders and charges are listed one after the other: only still readings fit together.
  if (before === undefined || !stable) return;
  for (const charge of before.ledger.charges) {
    if (charge.status !== 'captured') continue;
    findings.check();
    const row = before.orderById.get(boundedText(charge.orderId));
    if (row !== undefined && isOwned(row)) continue;
    if (row !== undefined && UNFINISHED.has(row.status) && !quiet) {
      findings.unknown('orders with a charge were still under way');
      continue;
    }
    const state = row === undefined ? 'which does not exist' : `which is ${shown(row.status)}`;
    findings.violation(
      `${describe.money(charge.amountMinor)} were taken for order ${shown(charge.orderId)}, ${state}`,
      () => [describe.charge(charge), ...(row === undefined ? [] : [describe.order(row)])],
    );
  }
}

/** Ids of orders that somebody owns: by the ledger, or because the customer was told so. */
function* ownedOrders(
  context: AuditContext,
  index: LedgerIndex,
): Generator<[string, OrderRow | undefined]> {
  for (const [id, row] of index.orderById) if (isOwned(row)) yield [id, row];
  const added = new TextTable();
  for (const order of context.acknowledged) {
    const { orderId } = order;
    if (order.byDrain || orderId === '') continue;
    const row = rowOf(order, index);
    if (row !== undefined && wasConfirmed(row)) continue;
    if (context.mayBeCancelled(orderId)) continue;
    if (added.addNew(orderId)) yield [orderId, row];
  }
}

/** P3. Goods without money. */
export function checkOrdersWithoutCharge(context: AuditContext, findings: Findings): void {
  const { before, stable, describe } = context;
  if (before === undefined || !stable) return;
  for (const [orderId, row] of ownedOrders(context, before)) {
    findings.check();
    const charges = before.chargesByOrder.get(orderId) ?? [];
    if (charges.some((charge) => charge.status === 'captured')) continue;
    const found = charges[0] === undefined ? 'no charge' : `only a ${shown(charges[0].status)} one`;
    findings.violation(`order ${shown(orderId)} is confirmed, but the gateway has ${found}`, () => [
      ...(context.acknowledgedById.get(orderId)?.evidence ?? [])
        .slice(0, 5)
        .map((attempt) => describe.attempt(attempt)),
      ...(row === undefined ? [] : [describe.order(row)]),
      ...describeCharges(context, charges),
    ]);
  }
}

/** P5. The sums, whatever the single rows say. */
export function checkMoneyConserved(context: AuditContext, findings: Findings): void {
  const { before, quiet, describe } = context;
  if (before === undefined) return;
  if (!quiet) {
    findings.unknown('the shop did not come to rest before its ledger was read');
    return;
  }
  const taken = new Map<string, number>();
  for (const { status, currency, amountMinor } of before.ledger.charges) {
    if (status === 'captured') taken.set(currency, (taken.get(currency) ?? 0) + amountMinor);
  }
  const owed = new Map<string, number>();
  for (const [orderId, row] of ownedOrders(context, before)) {
    findings.check();
    const told = context.acknowledgedById.get(orderId)?.totalMinor ?? -1;
    const total = row?.totalMinor ?? Math.max(0, told);
    const currency = row?.currency ?? context.input.currency;
    owed.set(currency, (owed.get(currency) ?? 0) + total);
  }
  for (const currency of new Set([...taken.keys(), ...owed.keys()])) {
    const captured = taken.get(currency) ?? 0;
    const out = owed.get(currency) ?? 0;
    if (captured === out) continue;
    findings.violation(
      `${captured} ${shown(currency)} (minor units) were taken, confirmed orders are worth ${out}`,
      () => [`difference: ${describe.money(captured - out)}`],
    );
  }
}
