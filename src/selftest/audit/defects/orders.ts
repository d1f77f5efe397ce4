/** Defects of orders and their keys. */
import { Refusal } from '../../../reference-system/services.ts';
import type { Database, Defect, Procedures, Replacements } from '../defect.ts';

function procedures(replace: (real: Procedures, db: Database) => Procedures): Replacements {
  return { procedures: { orders: replace } };
}

/** As if the key and the checkout had never been used. */
function forgetting(db: Database): (customer: string, key: string, checkout: string) => void {
  const key = db.prepare('DELETE FROM order_keys WHERE customer = ? AND key = ?');
  const checkout = db.prepare('UPDATE checkouts SET order_id = NULL WHERE id = ?');
  return (customer, name, id) => {
    key.run(customer, name);
    checkout.run(id);
  };
}

/** A key whose order is in this state is taken for a new one. */
function claimedAnewWhile(state: string): Replacements {
  return procedures((real, db) => {
    const forget = forgetting(db);
    return {
      claim: (args) => {
        const reply = real['claim']?.(args) as readonly [string, readonly unknown[]];
        if (reply[0] !== 'existing' || reply[1][5] !== state) return reply;
        forget(args[0], args[1], args[3]);
        return real['claim']?.(args);
      },
    };
  });
}

export const ORDER_DEFECTS: readonly Defect[] = [
  {
    id: 'key-claimed-after-the-effect',
    text: 'a key is written down when its order is done, not when it begins',
    invariant: 'O3',
    traffic: { duplicateShare: 0.6, paymentP99Ms: 280 },
    plant: () => claimedAnewWhile('paying'),
  },
  {
    id: 'double-charge-per-key',
    text: 'a repeated request is charged as an order of its own',
    invariant: 'P1',
    traffic: { replayShare: 0.6 },
    plant: () => claimedAnewWhile('confirmed'),
  },
  {
    id: 'keys-forgotten-on-restart',
    text: 'used keys live in memory: after a restart every key is new',
    invariant: 'O3',
    traffic: { crashes: 4, replayShare: 0.8, crashPoints: ['order: confirmed', 'relay: consumed'] },
    plant: ({ life }) =>
      procedures((_real, db) => {
        if (life > 1) {
          db.exec('DELETE FROM order_keys; UPDATE checkouts SET order_id = NULL');
        }
        return {};
      }),
  },
  {
    id: 'payload-not-compared',
    text: 'another request under a used key gets the stored answer',
    invariant: 'P4',
    plant: () =>
      procedures((real) => ({
        claim: ([customer, key, _fingerprint, ...rest]) =>
          real['claim']?.([customer, key, '', ...rest]),
      })),
  },
  {
    id: 'key-of-all-customers',
    text: 'a key counts for the whole shop: who uses one that another has used gets their order',
    invariant: 'O3',
    traffic: { sharedKeys: true, secondKeyShare: 0 },
    plant: () => ({
      rewrites: [
        {
          store: 'orders',
          from: 'SELECT order_id, fingerprint FROM order_keys WHERE customer = ? AND key = ?',
          to: "SELECT order_id, '' FROM order_keys WHERE ? <> '' AND key = ?",
        },
      ],
      procedures: {
        orders: (real) => ({
          claim: ([customer, key, _fingerprint, ...rest]) =>
            real['claim']?.([customer, key, '', ...rest]),
        }),
      },
    }),
  },
  {
    id: 'checkout-bought-twice',
    text: 'a checkout can be bought again under another key',
    invariant: 'O3',
    traffic: { secondKeyShare: 0.5, duplicateShare: 0 },
    plant: () => ({
      rewrites: [
        {
          store: 'orders',
          from: 'UPDATE checkouts SET order_id = ? WHERE id = ?',
          to: "UPDATE checkouts SET order_id = NULL WHERE ? <> '' AND id = ?",
        },
      ],
    }),
  },
  {
    id: 'order-id-from-a-coarse-clock',
    text: 'order ids are made of the time: two orders of one moment overwrite each other',
    invariant: 'O1',
    traffic: { lateShare: 0, units: [20, 20] },
    plant: ({ clock }) => ({
      rewrites: [
        { store: 'orders', from: 'INSERT INTO orders ', to: 'INSERT OR REPLACE INTO orders ' },
      ],
      ids: (real) => ({
        next: (prefix) =>
          prefix === 'o' ? `o-${Math.floor(clock.nowUs() / 200_000)}` : real.next(prefix),
      }),
    }),
  },
  {
    id: 'order-lost-from-list',
    text: 'the list of orders loses one at every page break',
    invariant: 'O1',
    traffic: { units: [30, 40], shoppers: 70, perCustomer: 4 },
    plant: () => ({
      orders: (real) => ({
        ...real,
        orderRows: async (after) => {
          const { items, next } = await real.orderRows(after, 10);
          return { items: next === null ? items : items.slice(0, -1), next };
        },
      }),
    }),
  },
  {
    id: 'confirmed-in-memory-only',
    text: 'an order is answered before it is stored, and a crash forgets it',
    invariant: 'O1',
    traffic: { crashes: 3, units: [20, 20], crashPoints: ['order: claimed', 'order: charged'] },
    plant: ({ life }) =>
      procedures((_real, db) => {
        if (life > 1) {
          db.exec(
            `DELETE FROM orders WHERE id IN
               (SELECT id FROM orders WHERE status = 'confirmed' ORDER BY confirmed_seq DESC LIMIT 1)`,
          );
        }
        return {};
      }),
  },
  {
    id: 'payment-unknown-for-ever',
    text: 'an order whose payment stayed without an answer is never looked at again',
    invariant: 'O5',
    traffic: { lostAnswers: 0.4 },
    plant: () => ({
      ...procedures((real, db) => {
        const close = db.prepare('UPDATE orders SET open = 0 WHERE id = ?');
        return {
          move: (args: readonly [id: string, to: string]) => {
            const moved: unknown = real['move']?.(args);
            if (args[1] === 'payment_unknown') close.run(args[0]);
            return moved;
          },
        };
      }),
      payments: (real) => ({ ...real, lookup: () => new Promise(() => {}) }),
    }),
  },
  {
    id: 'not-found-cached',
    text: '"no such order" is remembered for a second, also when the order comes meanwhile',
    invariant: 'O6',
    traffic: { pollShare: 0.8, paymentP99Ms: 100 },
    plant: ({ clock }) => ({
      orders: (real) => {
        const missing = new Map<string, number>();
        return {
          ...real,
          byKey: async (customer, key) => {
            const name = `${customer} ${key}`;
            if ((missing.get(name) ?? 0) > clock.nowUs()) return undefined;
            const found = await real.byKey(customer, key);
            if (found === undefined) missing.set(name, clock.nowUs() + 1e6);
            return found;
          },
        };
      },
    }),
  },
  {
    id: 'confirmed-but-refused',
    text: 'some orders are confirmed and the customer is told that they were declined',
    invariant: 'O2',
    plant: ({ prng }) => ({
      orders: (real) => ({
        ...real,
        order: async (customer, key, request) => {
          const answer = await real.order(customer, key, request);
          if (answer.replayed || !prng.chance(0.3)) return answer;
          throw new Refusal(402, 'payment_declined');
        },
      }),
    }),
  },
  {
    id: 'tombstone-ignored',
    text: 'a key that was declared unused can be used afterwards',
    invariant: 'O2',
    traffic: { lossShare: 0.15 },
    plant: ({ clock, isAlive }) => ({
      orders: (real) => ({
        ...real,
        // The request that had been lost arrives after all, after the tombstone.
        tombstone: async (customer, key) => {
          const outcome = await real.tombstone(customer, key);
          if (outcome !== 'tombstoned') return outcome;
          const checkout = await real
            .checkout(customer, [{ sku: 'SKU-1', quantity: 1 }])
            .catch(() => null);
          if (checkout === null || !isAlive()) return outcome;
          await clock.sleep(1);
          await real
            .order(customer, key, { checkoutId: checkout.id, paymentToken: 'tok_instant' })
            .catch(() => undefined);
          return outcome;
        },
      }),
      rewrites: [
        {
          store: 'orders',
          from: 'SELECT order_id, fingerprint FROM order_keys WHERE customer = ? AND key = ?',
          to: 'SELECT order_id, fingerprint FROM order_keys WHERE customer = ? AND key = ? AND order_id IS NOT NULL',
        },
        {
          store: 'orders',
          from: 'INSERT INTO order_keys ',
          to: 'INSERT OR REPLACE INTO order_keys ',
        },
      ],
    }),
  },
  {
    id: 'told-another-total',
    text: 'the customer is told a total that is not the one of the order',
    invariant: 'O1',
    plant: () => ({
      orders: (real) => ({
        ...real,
        order: async (customer, key, request) => {
          const answer = await real.order(customer, key, request);
          const { totalMinor } = answer.order;
          return { ...answer, order: { ...answer.order, totalMinor: totalMinor - 1 } };
        },
      }),
    }),
  },
  {
    id: 'replay-answers-differently',
    text: 'a repeated request is answered with one unit, whatever was bought',
    invariant: 'P4',
    traffic: { replayShare: 0.6 },
    plant: () => ({
      orders: (real) => ({
        ...real,
        order: async (customer, key, request) => {
          const answer = await real.order(customer, key, request);
          const [line] = answer.order.lines;
          if (!answer.replayed || line === undefined) return answer;
          return { ...answer, order: { ...answer.order, lines: [{ ...line, units: 1 }] } };
        },
      }),
    }),
  },
  {
    id: 'price-in-floating-point',
    text: 'a price goes through euros in floating point and loses a cent',
    invariant: 'O4',
    plant: () => ({
      catalogue: (real) => ({
        ...real,
        product: (sku) => {
          const product = real.product(sku);
          if (product === undefined) return undefined;
          return { ...product, priceMinor: Math.floor((product.priceMinor / 100) * 100) };
        },
      }),
    }),
  },
  {
    id: 'total-without-quantity',
    text: 'the total counts each line once, whatever its quantity',
    invariant: 'O4',
    plant: () =>
      procedures((real) => ({
        putCheckout: ([id, customer, lines, _total, ...rest]) => {
          const flat = JSON.parse(lines) as number[];
          let total = 0;
          for (let i = 0; i < flat.length; i += 4) total += flat[i + 2] ?? 0;
          return real['putCheckout']?.([id, customer, lines, total, ...rest]);
        },
      })),
  },
  {
    id: 'sale-opens-early',
    text: 'the start of the sale is shown but not enforced',
    invariant: 'O10',
    traffic: { opensAtMs: 1200 },
    plant: () => ({
      sale: (real) => ({
        ...real,
        stateOf: (sku) => (real.stateOf(sku) === 'upcoming' ? 'open' : real.stateOf(sku)),
      }),
    }),
  },
  {
    id: 'sale-never-closes',
    text: 'the end of the sale is not enforced',
    invariant: 'O10',
    traffic: { closesAtMs: 1500, units: [30, 16] },
    plant: () => ({
      sale: (real) => ({
        ...real,
        stateOf: (sku) => (real.stateOf(sku) === 'closed' ? 'open' : real.stateOf(sku)),
      }),
    }),
  },
  {
    id: 'own-order-not-found',
    text: 'orders are looked up in a copy that is half a second old',
    invariant: 'O6',
    traffic: { pollShare: 0.9, paymentP99Ms: 60 },
    plant: ({ clock }) => ({
      orders: (real) => {
        const seen = new Map<string, number>();
        return {
          ...real,
          byKey: async (customer, key) => {
            const found = await real.byKey(customer, key);
            if (found === undefined || found === 'tombstoned') return found;
            const sinceUs = seen.get(found.id) ?? clock.nowUs();
            seen.set(found.id, sinceUs);
            return clock.nowUs() - sinceUs < 500_000 ? undefined : found;
          },
        };
      },
    }),
  },
  {
    id: 'cancelled-still-shown',
    text: 'an order is shown as confirmed after its cancellation was confirmed',
    invariant: 'O6',
    traffic: { cancelShare: 0.6, archiveAfterMs: null },
    plant: () => ({
      orders: (real) => ({
        ...real,
        byKey: async (customer, key) => {
          const found = await real.byKey(customer, key);
          if (found === undefined || found === 'tombstoned') return found;
          return found.status === 'refunded' ? { ...found, status: 'confirmed' } : found;
        },
      }),
    }),
  },
  {
    id: 'never-recovers',
    text: 'after a crash a third of the requests fail for good',
    invariant: 'L1',
    traffic: {
      ...{ shoppers: 150, arriveForMs: 9000, units: [40, 60], looks: 8, restockShare: 0 },
      ...{
        crashes: 1,
        crashPoints: ['order: claimed'],
        crashesDeclared: true,
        crashWithinMs: 3500,
      },
    },
    plant: ({ life, prng }) => ({
      inventory: (real) => ({
        ...real,
        stockOf: async (sku) => {
          if (life > 1 && prng.chance(0.3)) throw new Error('no connection is left');
          return real.stockOf(sku);
        },
      }),
    }),
  },
];
