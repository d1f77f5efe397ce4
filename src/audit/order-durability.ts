/** O1: what a customer was told is theirs is in the ledger, every time, with the same content. */
import { customerIdOf } from '../contract/customer.ts';
import type { OrderRow } from '../contract/ledger.ts';
import { boundedText } from '../history/history-format.ts';
import type { AcknowledgedOrder } from './acknowledged-orders.ts';
import type { AuditContext } from './context.ts';
import { shown } from './describe.ts';
import type { Findings } from './findings.ts';
import { isItemSure } from './order-item.ts';
import { rowOf, wasConfirmed } from './unit-moves.ts';

export function checkDurability(context: AuditContext, findings: Findings): void {
  const { before, last, stable } = context;
  // In a listing that still changed, an order may be missing for a moment.
  if (before === undefined || last === undefined || !stable) return;
  for (const order of context.acknowledged) {
    findings.check();
    // What the drain probe bought cannot be in a reading taken before it.
    const readings = order.byDrain ? [last] : [...new Set([before, last])];
    if (order.byDrain && last === before) continue;
    const rows = readings.map((index) => rowOf(order, index));
    const row = rows.at(-1);
    if (row === undefined || rows.includes(undefined)) {
      accuseLost(context, findings, order, 'is not in the ledger', row);
      continue;
    }
    if (!isStillOwned(context, row)) {
      accuseLost(context, findings, order, `is ${shown(row.status)} in the ledger`, row);
      continue;
    }
    const differences = differencesOf(context, order, row);
    if (differences.length === 0) continue;
    findings.violation(`order ${nameOf(order)} differs: ${differences.join('; ')}`, () =>
      witness(context, order, row),
    );
  }
}

function nameOf(order: AcknowledgedOrder): string {
  return order.orderId === '' ? `under key ${shown(order.key)}` : shown(order.orderId);
}

function witness(
  context: AuditContext,
  order: AcknowledgedOrder,
  row: OrderRow | undefined,
): string[] {
  const answers = order.evidence.slice(0, 8).map((attempt) => context.describe.attempt(attempt));
  return row === undefined ? answers : [...answers, context.describe.order(row)];
}

function accuseLost(
  context: AuditContext,
  findings: Findings,
  order: AcknowledgedOrder,
  what: string,
  row: OrderRow | undefined,
): void {
  context.counts.lostOrders++;
  findings.violation(
    `order ${nameOf(order)} of ${order.units} × ${context.describe.item(order.item)} was acknowledged, but ${what}`,
    () => witness(context, order, row),
  );
}

function isStillOwned(context: AuditContext, row: OrderRow): boolean {
  if (context.mayBeCancelled(row.id)) return true;
  return wasConfirmed(row) && row.returnedSeq === 0 && !GIVEN_BACK.has(row.status);
}

/** Nobody asked for this. */
const GIVEN_BACK: ReadonlySet<string> = new Set([
  'cancelled',
  'refunding',
  'refunded',
  'declined',
  'rejected',
  'expired',
]);

/** The same customer sent the same checkout under that key as well. */
function isOtherClick(context: AuditContext, order: AcknowledgedOrder, key: string): boolean {
  // What was sent under it may be among the missing records.
  if (!context.wholeHistory) return true;
  if (order.checkoutId === '') return false;
  const use = context.evidence.keys.get(order.customer, key);
  return use?.orders.some(({ checkoutId }) => checkoutId === order.checkoutId) ?? false;
}

function differencesOf(context: AuditContext, order: AcknowledgedOrder, row: OrderRow): string[] {
  const differences: string[] = [];
  const compare = (what: string, told: unknown, kept: unknown): void => {
    if (told !== kept) {
      differences.push(`${what} ${shown(String(told))} was told, ${shown(String(kept))} is kept`);
    }
  };
  compare('customer', customerIdOf(order.customer), row.customer);
  if (row.key !== '' && !isOtherClick(context, order, boundedText(row.key))) {
    compare('key', order.key, boundedText(row.key));
  }
  const units = row.lines.reduce((sum, line) => sum + line.units, 0);
  if (order.units >= 0) compare('units', order.units, units);
  if (order.totalMinor >= 0 && row.totalMinor >= 0)
    compare('total', order.totalMinor, row.totalMinor);
  const sku = context.input.catalogue[order.item]?.sku;
  const isKnown = sku !== undefined && isItemSure(context, order);
  if (isKnown && !row.lines.some((line) => line.sku === sku)) {
    compare('item', sku, row.lines.map((line) => line.sku).join(' '));
  }
  return differences;
}
