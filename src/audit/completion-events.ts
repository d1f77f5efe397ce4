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

/** Delivery may repeat; distinct ids are what counts. */
function completions(events: readonly EventRow[]): EventRow[] {
  const found = events.filter(({ type }) => type === COMPLETION_EVENT);
  return found.length < 2 ? found : [...new Map(found.map((event) => [event.id, event])).values()];
}

export function checkCompletionEvents(context: AuditContext, findings: Findings): void {
  const { before, stable, quiet, describe } = context;
  if (before === undefined || !stable) return;
  for (const row of before.orderById.values()) {
    if (!wasConfirmed(row)) continue;
    findings.check();
    const events = completions(before.eventsByOrder.get(row.id) ?? []);
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
  for (const [orderId, all] of before.eventsByOrder) {
    const row = before.orderById.get(orderId);
    if (row !== undefined && wasConfirmed(row)) continue;
    const events = completions(all);
    if (events.length === 0) continue;
    findings.violation(
      `a completion event for order ${shown(orderId)}, which was never confirmed`,
      () => [...describeEvents(events), ...describeRow(context, row)],
    );
  }
}

function describeRow(context: AuditContext, row: OrderRow | undefined): string[] {
  return row === undefined ? [] : [context.describe.order(row)];
}

export function checkNotifications(context: AuditContext, findings: Findings): void {
  const { before, stable, quiet } = context;
  if (before === undefined || !stable) return;
  const { notifications } = before.ledger;
  const ids = before.ledger.texts.order;
  const sentFor = new Float64Array(ids.size);
  const orderOf = (at: number): number => notifications.numberOf('orderId', at);
  for (let at = 0; at < notifications.length; at++) {
    sentFor[orderOf(at)] = (sentFor[orderOf(at)] as number) + notifications.at(at).sent;
  }
  for (const row of before.orderById.values()) {
    if (!wasConfirmed(row)) continue;
    findings.check();
    const sent = sentFor[ids.find(row.id)] ?? 0;
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
  for (let at = 0; at < notifications.length; at++) {
    const sent = sentFor[orderOf(at)] as number;
    if (sent === 0) continue;
    // Each order once.
    sentFor[orderOf(at)] = 0;
    const { orderId } = notifications.at(at);
    const row = before.orderById.get(orderId);
    if (row !== undefined && wasConfirmed(row)) continue;
    findings.violation(
      `${sent} notifications for order ${shown(orderId)}, which was never confirmed`,
      () => [
        `shop's ledger: ${sent} notifications for order ${shown(orderId)}`,
        ...describeRow(context, row),
      ],
    );
  }
}
