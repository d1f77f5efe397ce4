/** O3: one id, one order; one key and one checkout, at most one purchase. */
import type { OrderRow } from '../contract/ledger.ts';
import { boundedText } from '../history/history-format.ts';
import type { AcknowledgedOrder } from './acknowledged-orders.ts';
import { keyOf } from './attempt.ts';
import type { AuditContext } from './context.ts';
import { shown } from './describe.ts';
import type { Findings } from './findings.ts';
import { PairTable } from './pair-table.ts';
import { duplicates, duplicatesBy } from './row-lookup.ts';
import type { RowTable } from './row-table.ts';
import { TextTable } from './text-table.ts';
import { wasConfirmed } from './unit-moves.ts';

export function checkOrderIdentity(context: AuditContext, findings: Findings): void {
  checkRows(context, findings);
  checkAnswers(context, findings);
}

function checkRows(context: AuditContext, findings: Findings): void {
  if (context.last === undefined) return;
  const { orders: rows, texts } = context.last.ledger;
  findings.check(rows.length);
  const accuse = (what: string, group: readonly OrderRow[]): void =>
    findings.violation(what, () => group.map((row) => context.describe.order(row)));
  for (const [id, group] of duplicatesBy(rows, texts.order, 'id')) {
    accuse(`${group.length} orders have the id ${shown(id)}`, group);
  }
  for (const [, group] of underOneKey(rows)) {
    accuse(`one key led to ${group.length} orders`, group);
  }
  // An order that was declined may be followed by another one for the same checkout.
  const bought = rows.filter(wasConfirmed);
  for (const [id, group] of duplicates(bought, (row) => row.checkoutId)) {
    if (new Set(group.map((row) => row.id)).size === 1) continue;
    accuse(`checkout ${shown(id)} was bought ${group.length} times`, group);
  }
}

/** No text is looked at when no two are of one customer and key. */
function underOneKey(rows: RowTable<OrderRow>): [string, OrderRow[]][] {
  const pairs = new PairTable();
  for (let row = 0; row < rows.length; row++) {
    pairs.add(rows.numberOf('customer', row), rows.numberOf('key', row));
  }
  if (pairs.size === rows.length) return [];
  const keyed = rows.filter((row) => row.key !== '');
  return duplicates(keyed, (row) => keyOf(row.customer, boundedText(row.key)));
}

/** The same, from what clients were told: no ledger is needed for it. */
function checkAnswers(context: AuditContext, findings: Findings): void {
  const named = context.acknowledged.filter((order) => order.orderId !== '');
  findings.check(named.length);
  const accuse = (what: string, group: readonly AcknowledgedOrder[]): void =>
    findings.violation(what, () =>
      group.flatMap(({ evidence }) =>
        evidence.slice(0, 5).map((attempt) => context.describe.attempt(attempt)),
      ),
    );
  for (const [id, group] of duplicates(named, (order) => order.orderId)) {
    // A second click with a key of its own may be told of the order that the first one made.
    if (isOneCheckout(context, group)) continue;
    accuse(`order ${shown(id)} was acknowledged under ${group.length} keys`, group);
  }
  for (const [, group] of duplicates(named, (order) => keyOf(order.customer, order.key))) {
    accuse(`one key was answered with ${group.length} orders`, group);
  }
  const lasting = openedAgain(context);
  const { checkouts } = context.evidence;
  const known = named.filter(
    ({ checkoutId }) => checkouts.get(checkoutId)?.opened !== undefined && !lasting.has(checkoutId),
  );
  for (const [, group] of duplicates(known, ({ checkoutId }) => checkoutId)) {
    const orders = new Set(group.map(({ orderId }) => orderId)).size;
    const [first] = group;
    if (orders === 1 || first === undefined) continue;
    accuse(`checkout ${shown(first.checkoutId)} was answered with ${orders} orders`, group);
  }
}

/** Where no checkout is named, one customer's session stands for it. */
function isOneCheckout(context: AuditContext, group: readonly AcknowledgedOrder[]): boolean {
  const customers = new Set(group.map(({ customer }) => customer));
  const checkouts = new Set(group.map(({ checkoutId }) => checkoutId));
  // The request that named it may be among the missing records.
  if (!context.wholeHistory) checkouts.delete('');
  if (customers.size > 1 || checkouts.size > 1) return false;
  if (!checkouts.has('')) return true;
  const journeys = group.flatMap(({ evidence }) => evidence.map(({ journey }) => journey));
  return new Set(journeys).size <= 1;
}

/** A target that gives one id to several checkouts, such as that of a lasting cart, tells nothing. */
function openedAgain({ evidence }: AuditContext): Set<string> {
  const opened = new TextTable();
  const again = new Set<string>();
  for (const attempt of evidence.heldAttempts) {
    if (attempt.outcome !== 'ok') continue;
    const { checkoutId } = attempt;
    if (checkoutId !== '' && !opened.addNew(checkoutId)) again.add(checkoutId);
  }
  return again;
}
