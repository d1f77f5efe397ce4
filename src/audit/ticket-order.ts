/**
 * I7b: the numbers that holds are answered with put them in an order, which has to be one that their
 * requests allow. Exact for a counter: sorted by number, no request may begin after a later number
 * was answered. Numbers may be missing: whoever got them was never answered.
 */
import { isSingleLine } from './acknowledged-orders.ts';
import type { AuditContext } from './context.ts';
import type { Findings } from './findings.ts';

interface Ticket {
  readonly number: number;
  readonly checkoutId: string;
  readonly invokedUs: number;
  readonly doneUs: number;
  /** Place in the history. */
  readonly index: number;
}

export function checkTicketOrder(context: AuditContext, findings: Findings): void {
  for (const [item, tickets] of ticketsByItem(context)) {
    tickets.sort((a, b) => a.number - b.number || a.invokedUs - b.invokedUs);
    // Of all with a lower number the one that was asked for last.
    let latest: Ticket | undefined;
    let previous: Ticket | undefined;
    for (const ticket of tickets) {
      findings.check();
      if (previous?.number === ticket.number) {
        // A checkout that is answered again has the number that it had.
        if (previous.checkoutId === ticket.checkoutId) continue;
        const what = `two holds have the number ${ticket.number}`;
        accuse(context, findings, `${context.describe.item(item)}: ${what}`, [previous, ticket]);
      } else if (latest !== undefined && ticket.doneUs < latest.invokedUs) {
        const what = `number ${ticket.number} was answered before number ${latest.number} was asked for`;
        accuse(context, findings, `${context.describe.item(item)}: ${what}`, [ticket, latest]);
      }
      if (latest === undefined || ticket.invokedUs > latest.invokedUs) latest = ticket;
      previous = ticket;
    }
  }
}

/** Where a cart holds several items nobody can say whose number it is. */
function ticketsByItem({ input }: AuditContext): Map<number, Ticket[]> {
  const tickets = new Map<number, Ticket[]>();
  input.history.forEach(
    (record, index) => {
      const { operation, outcome, ticket: number = -1, checkoutId, item } = record;
      if (operation !== 'checkout' || outcome !== 'ok' || number < 0) return;
      if (!isSingleLine(record, input.catalogue)) return;
      const { invokedUs, doneUs } = record;
      const ticket = { number, checkoutId, invokedUs, doneUs, index };
      const known = tickets.get(item);
      if (known === undefined) tickets.set(item, [ticket]);
      else known.push(ticket);
    },
    { operations: ['checkout'], texts: true },
  );
  return tickets;
}

function accuse(
  { describe, evidence }: AuditContext,
  findings: Findings,
  summary: string,
  tickets: readonly Ticket[],
): void {
  findings.violation(summary, () =>
    tickets.map(
      ({ index, number }) => `${describe.attempt(evidence.attemptAt(index))}, number ${number}`,
    ),
  );
}
