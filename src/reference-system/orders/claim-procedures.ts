/** Claiming an idempotency key together with the order it stands for, and barring unused keys. */
import type { Database } from 'better-sqlite3';
import type { Procedure } from '../storage/procedure-module.ts';
import { assertMove, type OrderState } from './order-states.ts';
import type { WriteEvent } from './outbox-procedures.ts';
import { ORDER_COLUMNS, type OrderTuple } from './stored-order.ts';

export type CheckoutArgs = readonly [
  id: string,
  customer: string,
  lines: string,
  totalMinor: number,
  currency: string,
  expiresUs: number,
  perCustomer: number,
  cartUntilUs: number,
];

export type ClaimArgs = readonly [
  customer: string,
  key: string,
  fingerprint: string,
  checkoutId: string,
  orderId: string,
  nowUs: number,
];

/** `claimed` makes the caller the one who must carry the order on; `used`: by another key. */
export type ClaimReply =
  | readonly [kind: 'claimed' | 'expired' | 'existing', order: OrderTuple]
  /** `existing`, but in the archive by now. */
  | readonly [kind: 'moved', orderId: string]
  | readonly [kind: 'tombstoned' | 'key_reused' | 'not_found' | 'used'];

type CheckoutTuple = readonly [
  customer: string,
  lines: string,
  totalMinor: number,
  currency: string,
  expiresUs: number,
  perCustomer: number,
  cartUntilUs: number,
  orderId: string | null,
];

/** Orders begin here, in the same transaction as their claim. */
const FIRST_STATE: OrderState = 'pending';

export function claimProcedures(db: Database, writeEvent: WriteEvent): Record<string, Procedure> {
  const keyOf = db
    .prepare('SELECT order_id, fingerprint FROM order_keys WHERE customer = ? AND key = ?')
    .raw();
  const insertKey = db.prepare(
    'INSERT INTO order_keys (customer, key, order_id, fingerprint) VALUES (?, ?, ?, ?)',
  );
  const checkoutById = db
    .prepare(
      `SELECT customer, lines, total, currency, expires, per_customer, cart_until, order_id
       FROM checkouts WHERE id = ?`,
    )
    .raw();
  const useCheckout = db.prepare('UPDATE checkouts SET order_id = ? WHERE id = ?');
  const orderById = db.prepare(`SELECT ${ORDER_COLUMNS} FROM orders WHERE id = ?`).raw();
  const insertOrder = db.prepare(
    `INSERT INTO orders (id, key, customer, checkout, hold, status, refusal, lines, total,
                         currency, created, expires, per_customer, cart_until, open, changed, version)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );

  function openOrder(args: ClaimArgs, checkout: CheckoutTuple): ClaimReply {
    const [customer, key, fingerprint, checkoutId, id, nowUs] = args;
    const [, lines, total, currency, expires, perCustomer, cartUntilUs] = checkout;
    const expired = expires <= nowUs;
    const status: OrderState = expired ? 'expired' : 'paying';
    const version = expired ? 1 : 0;
    const refusal = expired ? 'checkout_expired' : '';
    assertMove(FIRST_STATE, status, id);
    insertKey.run(customer, key, id, fingerprint);
    useCheckout.run(id, checkoutId);
    insertOrder.run(
      ...[id, key, customer, checkoutId, checkoutId, status, refusal, lines, total, currency],
      ...[nowUs, expires, perCustomer, cartUntilUs, expired ? 0 : 1, nowUs, version],
    );
    if (expired) writeEvent(id, version, status, { customer, cartUntilUs });
    const order: OrderTuple = [
      ...([id, key, customer, checkoutId, checkoutId, status, refusal, lines] as const),
      ...([total, currency, 0, 0, nowUs, expires, perCustomer, version] as const),
    ];
    return [expired ? 'expired' : 'claimed', order];
  }

  return {
    claim: (args: ClaimArgs): ClaimReply => {
      const [customer, key, fingerprint, checkoutId] = args;
      const known = keyOf.get(customer, key) as [string | null, string] | undefined;
      if (known !== undefined) {
        if (known[0] === null) return ['tombstoned'];
        if (known[1] !== fingerprint) return ['key_reused'];
        const order = orderById.get(known[0]) as OrderTuple | undefined;
        return order === undefined ? ['moved', known[0]] : ['existing', order];
      }
      const checkout = checkoutById.get(checkoutId) as CheckoutTuple | undefined;
      if (checkout === undefined || checkout[0] !== customer) return ['not_found'];
      if (checkout[7] !== null) return ['used'];
      return openOrder(args, checkout);
    },
    /** The order when the key was used (its id when it was archived), null: barred from now on. */
    tombstone: ([customer, key]: readonly [string, string]): OrderTuple | string | null => {
      const known = keyOf.get(customer, key) as [string | null, string] | undefined;
      if (known === undefined) insertKey.run(customer, key, null, '');
      if (known === undefined || known[0] === null) return null;
      return (orderById.get(known[0]) as OrderTuple | undefined) ?? known[0];
    },
    ...checkoutProcedures(db),
  };
}

function checkoutProcedures(db: Database): Record<string, Procedure> {
  const insert = db.prepare(
    `INSERT INTO checkouts (id, customer, lines, total, currency, expires, per_customer, cart_until)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const removeOld = db.prepare(
    `DELETE FROM checkouts WHERE id IN
       (SELECT id FROM checkouts WHERE order_id IS NULL AND expires <= ? LIMIT ?)`,
  );
  return {
    putCheckout: (args: CheckoutArgs) => {
      insert.run(...args);
    },
    removeCheckouts: ([untilUs, limit]: readonly [number, number]) =>
      removeOld.run(untilUs, limit).changes,
  };
}
