/** O4: from the catalogue over the order to the charge, it is the same money. */
import type { ChargeRow, OrderRow } from '../contract/ledger.ts';
import { boundedText } from '../history/history-format.ts';
import type { AuditContext } from './context.ts';
import { shown } from './describe.ts';
import type { Findings } from './findings.ts';
import { rowOf } from './unit-moves.ts';

export function checkPrices(context: AuditContext, findings: Findings): void {
  const { last } = context;
  if (last !== undefined) {
    for (const row of last.ledger.orders) {
      findings.check();
      checkOrder(context, findings, row, last.chargesByOrder.get(boundedText(row.id)) ?? []);
    }
  }
  checkAcknowledgedTotals(context, findings);
}

function checkOrder(
  context: AuditContext,
  findings: Findings,
  row: OrderRow,
  charges: readonly ChargeRow[],
): void {
  const { catalogue, currency } = context.input;
  const problems: string[] = [];
  let sum = 0;
  for (const line of row.lines) {
    sum += line.units * line.priceMinor;
    const item = context.itemOf.get(line.sku);
    const price = item === undefined ? undefined : catalogue[item]?.priceMinor;
    if (price === undefined) problems.push(`${shown(line.sku)} is not in the catalogue`);
    else if (line.priceMinor !== price) {
      problems.push(`${shown(line.sku)} at ${line.priceMinor}, the catalogue says ${price}`);
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
function checkAcknowledgedTotals(context: AuditContext, findings: Findings): void {
  const { last, input, describe } = context;
  for (const order of context.acknowledged) {
    const price = input.catalogue[order.item]?.priceMinor;
    if (price === undefined || order.totalMinor < 0 || order.units < 0) continue;
    const row = last === undefined ? undefined : rowOf(order, last);
    if (row?.lines.length !== 1) continue;
    findings.check();
    if (order.totalMinor === price * order.units) continue;
    findings.violation(
      `order ${shown(order.orderId)}: the customer was told ${order.totalMinor}, ${order.units} × ${price} make ${price * order.units}`,
      () => order.evidence.slice(0, 9).map((attempt) => describe.attempt(attempt)),
    );
  }
}
