/** O4: from the catalogue over the order to the charge, it is the same money. */
import type { ChargeRow, OrderRow } from '../contract/ledger.ts';
import { boundedText } from '../history/history-format.ts';
import type { AuditContext } from './context.ts';
import { shown } from './describe.ts';
import type { Findings } from './findings.ts';
import { isItemSure } from './order-item.ts';
import { PriceHistory } from './price-history.ts';
import { rowOf } from './unit-moves.ts';

const EVER = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;

export function checkPrices(context: AuditContext, findings: Findings): void {
  const { last } = context;
  const prices = new PriceHistory(context.input);
  if (last !== undefined) {
    for (const row of last.ledger.orders) {
      findings.check();
      const charges = last.chargesByOrder.get(boundedText(row.id)) ?? [];
      checkOrder(context, findings, { row, charges, prices });
    }
  }
  checkAcknowledgedTotals(context, findings, prices);
  checkLockedTotals(context, findings);
}

/** Where prices change, an order has to cost what its checkout said, and nobody else's. */
function checkLockedTotals({ input, last, describe }: AuditContext, findings: Findings): void {
  const { priceChanges = [], promises, history } = input;
  // On a foreign target an order may cost more than its checkout: the way to the customer, say.
  if (priceChanges.length === 0 || promises.evidence !== undefined || last === undefined) return;
  const told = new Map<string, { readonly totalMinor: number; readonly index: number }>();
  history.forEach(
    ({ operation, outcome, checkoutId, totalMinor }, index) => {
      if (operation !== 'checkout' || outcome !== 'ok' || totalMinor < 0) return;
      if (checkoutId !== '') told.set(checkoutId, { totalMinor, index });
    },
    { operations: ['checkout'], texts: true },
  );
  for (const row of last.ledger.orders) {
    const checkout = told.get(boundedText(row.checkoutId));
    if (checkout === undefined) continue;
    findings.check();
    if (checkout.totalMinor === row.totalMinor) continue;
    const { index, totalMinor } = checkout;
    findings.violation(
      `order ${shown(row.id)}: total ${row.totalMinor}, its checkout said ${totalMinor}`,
      () => [describe.attempt({ ...history.at(index), index }), describe.order(row)],
    );
  }
}

interface PricedOrder {
  readonly row: OrderRow;
  readonly charges: readonly ChargeRow[];
  readonly prices: PriceHistory;
}

/** The price was told at the checkout, whose hold was still open when the order was made. */
function checkedOutWithin(
  { input: { faults = [], promises, startUs } }: AuditContext,
  { createdAtUs, status }: OrderRow,
): readonly [fromUs: number, untilUs: number] {
  // While it was put through faults the shop's own instants may be wrong: any price it ever had.
  if (faults.length > 0 || createdAtUs === 0) return EVER;
  const orderedUs = createdAtUs - startUs;
  // It came too late: its checkout may have been made at any time before.
  if (status === 'expired') return [Number.NEGATIVE_INFINITY, orderedUs];
  return [orderedUs - (promises.holdTtlMs + promises.sweepGraceMs) * 1000, orderedUs];
}

function checkOrder(
  context: AuditContext,
  findings: Findings,
  { row, charges, prices }: PricedOrder,
): void {
  const { currency } = context.input;
  const [fromUs, untilUs] = checkedOutWithin(context, row);
  const problems: string[] = [];
  let sum = 0;
  for (const line of row.lines) {
    sum += line.units * line.priceMinor;
    const item = context.itemOf.get(line.sku);
    const isRight = prices.admits(item ?? -1, line.priceMinor, fromUs, untilUs);
    if (isRight === undefined) problems.push(`${shown(line.sku)} is not in the catalogue`);
    else if (!isRight) {
      const said = prices.told(item ?? -1);
      problems.push(`${shown(line.sku)} at ${line.priceMinor}, the catalogue says ${said}`);
    }
    if (!(line.units > 0)) problems.push(`${line.units} units of ${shown(line.sku)}`);
  }
  if (sum !== row.totalMinor) problems.push(`total ${row.totalMinor}, its lines make ${sum}`);
  if (row.currency !== currency) problems.push(`currency ${shown(row.currency)}, not ${currency}`);
  for (const charge of charges) {
    // A voided charge only bars the order from being charged: no money is named in it.
    if (charge.status === 'voided') continue;
    if (charge.amountMinor !== row.totalMinor || charge.currency !== row.currency) {
      const charged = `${charge.amountMinor} ${shown(charge.currency)}`;
      problems.push(`charged ${charged}, total ${row.totalMinor} ${shown(row.currency)}`);
    }
  }
  if (problems.length === 0) return;
  findings.violation(`order ${shown(row.id)}: ${problems.join('; ')}`, () => [
    context.describe.order(row),
    ...charges.slice(0, 9).map((charge) => context.describe.charge(charge)),
  ]);
}

/** What the customer was told, against our own catalogue; a cart of several items is left out. */
function checkAcknowledgedTotals(
  context: AuditContext,
  findings: Findings,
  prices: PriceHistory,
): void {
  const { last, input, describe } = context;
  for (const order of context.acknowledged) {
    const price = input.catalogue[order.item]?.priceMinor;
    if (price === undefined || order.totalMinor < 0 || order.units < 0) continue;
    const row = last === undefined ? undefined : rowOf(order, last);
    if (row?.lines.length !== 1 || !isItemSure(context, order)) continue;
    findings.check();
    const each = order.totalMinor / order.units;
    if (prices.admits(order.item, each, ...EVER) === true) continue;
    if (order.units === 0 && order.totalMinor === 0) continue;
    const said = prices.told(order.item);
    findings.violation(
      `order ${shown(order.orderId)}: the customer was told ${order.totalMinor} for ${order.units} units at ${said} each`,
      () => order.evidence.slice(0, 9).map((attempt) => describe.attempt(attempt)),
    );
  }
}
