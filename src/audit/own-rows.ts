/**
 * A ledger that others write to as well, reduced to what this run asked for: the orders under our
 * keys and ids, and their payments. What others bought is nobody's business here.
 */
import { EcomsimError } from '../base/errors.ts';
import { customerIdOf } from '../contract/customer.ts';
import type { History } from '../contract/history.ts';
import type { Ledger, OrderRow } from '../contract/ledger.ts';
import { boundedText } from '../history/history-format.ts';
import { shown } from './describe.ts';
import { KNOWN_STATES } from './order-states.ts';

export class OwnRows {
  readonly #customerOfKey = new Map<string, number>();
  readonly #customerOfOrder = new Map<string, number>();

  /** The history may name more orders later: whoever reads again makes another one. */
  constructor(history: History) {
    history.forEach(({ key, orderId, customer }) => {
      if (key !== '') this.#customerOfKey.set(key, customer);
      if (orderId !== '') this.#customerOfOrder.set(orderId, customer);
    });
  }

  /**
   * Customers are named as we know them: the target's own names mean nothing to the audit. Throws
   * TARGET_BAD_ANSWER when one of our orders is in a state that nobody explained.
   */
  of(ledger: Ledger): Ledger {
    const orders: OrderRow[] = [];
    const ids = new Set<string>();
    for (const row of ledger.orders) {
      const customer =
        this.#customerOfKey.get(boundedText(row.key)) ??
        this.#customerOfOrder.get(boundedText(row.id));
      if (customer === undefined) continue;
      if (!KNOWN_STATES.has(row.status)) throw unexplained(row);
      ids.add(row.id);
      orders.push({ ...row, customer: customerIdOf(customer) });
    }
    const charges = ledger.charges.filter(
      ({ orderId }) => ids.has(orderId) || this.#customerOfOrder.has(boundedText(orderId)),
    );
    return { ...ledger, orders, charges };
  }
}

function unexplained({ id, status }: OrderRow): EcomsimError {
  return new EcomsimError(
    'TARGET_BAD_ANSWER',
    `order ${shown(id)} has the status ${shown(status)}, which ledger.orders of the target file ` +
      'lists neither as confirmed nor as cancelled, refused or pending',
  );
}
