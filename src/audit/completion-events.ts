/** E1 and E3: the rest of the company hears of every confirmed order once, and of no other. */
import type { EventRow, OrderRow } from '../contract/ledger.ts';
import type { AuditContext } from './context.ts';
import { shown } from './describe.ts';
import type { Findings } from './findings.ts';
import { isOwned, wasConfirmed } from './unit-moves.ts';

const COMPLETION_EVENT = 'order.confirmed';

function describeEvents(events: readonly EventRow[]): string[] {
  return events
    .slice(0, 8)
    .map(({ id, seq, type }) => `event log: ${shown(type)} with id ${shown(id)} at ${seq}`);
}

export function checkCompletionEvents(context: AuditContext, findings: Findings): void {
  const { before, stable, quiet, describe } = context;
  if (before === undefined || !stable) return;
  // Delivery may repeat; distinct ids are what counts.
  const byOrder = new Map<string, Map<string, EventRow>>();
  for (const event of before.ledger.events) {
    if (event.type !== COMPLETION_EVENT) continue;
    const events = byOrder.get(event.orderId) ?? new Map<string, EventRow>();
    events.set(event.id, event);
    byOrder.set(event.orderId, events);
  }
  for (const row of before.orderById.values()) {
    if (!wasConfirmed(row)) continue;
    findings.check();
    const events = [...(byOrder.get(row.id)?.values() ?? [])];
    if (events.length === 1) continue;
    if (events.length === 0 && !quiet) {
      findings.unknown('events were still to be published when the ledger was read');
      continue;
    }
    findings.violation(`order ${shown(row.id)} has ${events.length} completion events`, () => [
      describe.order(row),
      ...describeEvents(events),
    ]);
  }
  for (const [orderId, events] of byOrder) {
    const row = before.orderById.get(orderId);
    if (row !== undefined && wasConfirmed(row)) continue;
    findings.violation(
      `a completion event for order ${shown(orderId)}, which was never confirmed`,
      () => [...describeEvents([...events.values()]), ...describeRow(context, row)],
    );
  }
}

function describeRow(context: AuditContext, row: OrderRow | undefined): string[] {
  return row === undefined ? [] : [context.describe.order(row)];
}

export function checkNotifications(context: AuditContext, findings: Findings): void {
  const { before, stable, quiet } = context;
  if (before === undefined || !stable) return;
  const sentFor = new Map<string, number>();
  for (const { orderId, sent } of before.ledger.notifications) {
    sentFor.set(orderId, (sentFor.get(orderId) ?? 0) + sent);
  }
  for (const row of before.orderById.values()) {
    if (!wasConfirmed(row)) continue;
    findings.check();
    const sent = sentFor.get(row.id) ?? 0;
    if (sent === 1) continue;
    if (sent === 0) {
      if (!quiet) {
        findings.unknown('notifications were still to be sent when the ledger was read');
        continue;
      }
      // Nobody needs to hear of an order that was given back at once.
      if (!isOwned(row)) continue;
    }
    findings.violation(`the customer of order ${shown(row.id)} was notified ${sent} times`, () =>
      describeRow(context, row),
    );
  }
  for (const [orderId, sent] of sentFor) {
    const row = before.orderById.get(orderId);
    if (sent === 0 || (row !== undefined && wasConfirmed(row))) continue;
    findings.violation(
      `${sent} notifications for order ${shown(orderId)}, which was never confirmed`,
      () => [
        `shop's ledger: ${sent} notifications for order ${shown(orderId)}`,
        ...describeRow(context, row),
      ],
    );
  }
}
