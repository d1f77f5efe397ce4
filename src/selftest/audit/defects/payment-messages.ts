/** Defects of what the shop does when the payment gateway tells it something by itself. */
import type { Clock } from '../../../base/clock.ts';
import { createCallbackDoor } from '../../../reference-system/payments/callback-door.ts';
import type { OrdersService, PaymentMessages } from '../../../reference-system/services.ts';
import type { Database, Defect, Procedures, Replacements } from '../defect.ts';
import { PLAIN_CALLBACKS } from '../sale-traffic.ts';
import { CALLBACK_SECRET } from '../simulated-gateway.ts';

/** As `hearCallback` is called, and what it answers: `[kind, order]`. */
type Heard = readonly [id: string, orderId: string, kind: string, minor: number, currency: string];
type Reply = readonly [kind: string, order?: readonly unknown[]];

const STATUS = 5;

function hearing(
  hear: (heard: Heard, real: (heard: Heard) => Reply, db: Database) => Reply,
): Replacements {
  return {
    procedures: {
      orders: (real: Procedures, db: Database) => ({
        hearCallback: (heard: Heard) =>
          hear(heard, (asked) => real['hearCallback']?.(asked) as Reply, db),
      }),
    },
  };
}

/** The order is announced as confirmed once more, as if this message had done it. */
function announceAgain(db: Database, [id, orderId]: Heard): void {
  db.prepare(
    `INSERT INTO outbox (id, type, order_id, customer, cart_until, version)
     SELECT id || ':' || ?, 'order.confirmed', id, customer, cart_until, version
     FROM orders WHERE id = ?`,
  ).run(id, orderId);
  db.prepare('UPDATE payment_callbacks SET applied = applied + 1 WHERE id = ?').run(id);
}

function isOfConfirmed([, , kind]: Heard, [, order]: Reply): boolean {
  return kind === 'captured' && order?.[STATUS] === 'confirmed';
}

/** As the real door, but it believes what it is told about the time. */
function timeless(orders: OrdersService): PaymentMessages {
  return {
    contentType: '',
    take: (headers, body) => {
      const saidMs = Number(headers['x-callback-timestamp']);
      const clock = { wallMs: () => saidMs } as Clock;
      return createCallbackDoor({ secret: CALLBACK_SECRET, clock, orders }).take(headers, body);
    },
  };
}

export const PAYMENT_MESSAGE_DEFECTS: readonly Defect[] = [
  {
    id: 'message-counts-per-delivery',
    text: 'a payment message that is delivered twice confirms its order twice',
    invariant: 'P6',
    traffic: { callbacks: { ...PLAIN_CALLBACKS, early: 0.6, duplicated: 0.6, replayed: 0.4 } },
    plant: () =>
      hearing((heard, real, db) => {
        const reply = real(heard);
        if (reply[0] === 'repeated' && isOfConfirmed(heard, reply)) announceAgain(db, heard);
        return reply;
      }),
  },
  {
    id: 'message-repeats-the-answer',
    text: 'a payment message about an order that is confirmed already announces it again',
    invariant: 'E1',
    traffic: { callbacks: PLAIN_CALLBACKS },
    plant: () =>
      hearing((heard, real, db) => {
        const reply = real(heard);
        if (reply[0] === 'first' && isOfConfirmed(heard, reply)) announceAgain(db, heard);
        return reply;
      }),
  },
  {
    id: 'messages-forgotten-on-restart',
    text: 'known payment messages live in memory: after a restart an old one counts as new',
    invariant: 'E1',
    traffic: {
      callbacks: { ...PLAIN_CALLBACKS, early: 0.7, replayed: 1 },
      ...{ crashes: 3, crashPoints: ['order: confirmed', 'relay: consumed', 'order: claimed'] },
    },
    plant: ({ life }) => ({
      procedures: {
        orders: (real, db) => {
          db.exec('CREATE TABLE IF NOT EXISTS forgotten (id TEXT PRIMARY KEY)');
          if (life > 1) {
            db.exec(
              `INSERT OR IGNORE INTO forgotten SELECT id FROM payment_callbacks WHERE applied > 0;
               DELETE FROM payment_callbacks`,
            );
          }
          const wasKnown = db.prepare('DELETE FROM forgotten WHERE id = ?');
          return {
            hearCallback: (heard: Heard) => {
              const reply = real['hearCallback']?.(heard) as Reply;
              if (!isOfConfirmed(heard, reply)) return reply;
              if (wasKnown.run(heard[0]).changes > 0) announceAgain(db, heard);
              return reply;
            },
          };
        },
      },
    }),
  },
  {
    id: 'message-without-signature',
    text: 'payment messages are taken whoever has signed them',
    invariant: 'P6',
    traffic: { callbacks: { ...PLAIN_CALLBACKS, forged: 0.8 }, declinedShare: 0.3 },
    plant: () => ({
      messages: (real, orders) => ({
        ...real,
        take: (_headers, body) => orders.hearNotice(JSON.parse(body)),
      }),
    }),
  },
  {
    id: 'message-from-yesterday',
    text: 'a rightly signed payment message is taken however old it is',
    invariant: 'P6',
    traffic: { callbacks: { ...PLAIN_CALLBACKS, forged: 0.8 }, declinedShare: 0.3 },
    plant: () => ({ messages: (_real, orders) => timeless(orders) }),
  },
  {
    id: 'message-amount-trusted',
    text: 'a payment message counts whatever amount it names',
    invariant: 'P6',
    traffic: { callbacks: { ...PLAIN_CALLBACKS, forged: 0.8 }, declinedShare: 0.3 },
    plant: () =>
      hearing((heard, real, db) => {
        const [id, orderId, kind, , currency] = heard;
        const total = db.prepare('SELECT total FROM orders WHERE id = ?').pluck().get(orderId);
        return real([id, orderId, kind, (total as number | undefined) ?? 0, currency]);
      }),
  },
  {
    id: 'late-message-revives-order',
    text: 'a payment message that comes after the cancellation confirms the order again',
    invariant: 'P3',
    traffic: {
      callbacks: { ...PLAIN_CALLBACKS, late: 0.8 },
      ...{ cancelShare: 0.6, archiveAfterMs: null },
    },
    plant: () =>
      hearing((heard, real, db) => {
        const reply = real(heard);
        if (heard[2] === 'captured' && reply[1]?.[STATUS] === 'refunded') {
          db.prepare("UPDATE orders SET status = 'confirmed', returned_seq = 0 WHERE id = ?").run(
            heard[1],
          );
        }
        return reply;
      }),
  },
  {
    id: 'capture-after-decline-kept',
    text: 'no answer is taken for a decline, and money that is announced afterwards is kept',
    invariant: 'P2',
    traffic: { callbacks: PLAIN_CALLBACKS, lostAnswers: 0.4 },
    plant: () => ({
      payments: (real) => ({
        ...real,
        charge: async (request) => {
          const outcome = await real.charge(request);
          return outcome.kind === 'unknown' ? { kind: 'declined' } : outcome;
        },
      }),
      messages: (real) => ({ ...real, take: async () => 'idle' }),
    }),
  },
  {
    id: 'decline-message-ignored-units',
    text: 'an order that a payment message declines keeps its units on hold',
    invariant: 'P7',
    traffic: { callbacks: { ...PLAIN_CALLBACKS, early: 1 }, declinedShare: 0.5 },
    plant: () => {
      const declined = new Set<string>();
      return {
        ...hearing((heard, real) => {
          const reply = real(heard);
          const checkout = reply[1]?.[3];
          if (heard[2] === 'declined' && typeof checkout === 'string') declined.add(checkout);
          return reply;
        }),
        inventory: (real) => ({
          ...real,
          release: async (checkoutId) => {
            if (!declined.has(checkoutId)) return real.release(checkoutId);
            await real.commit(checkoutId);
            return 'done';
          },
        }),
      };
    },
  },
  {
    id: 'message-confirms-another-order',
    text: 'a payment message is booked on the order that was placed last',
    invariant: 'P6',
    traffic: { callbacks: { ...PLAIN_CALLBACKS, early: 0.8 }, paymentP99Ms: 280 },
    plant: () =>
      hearing((heard, real, db) => {
        const [id, , kind, , currency] = heard;
        const latest = db
          .prepare(
            "SELECT id, total FROM orders WHERE status = 'paying' ORDER BY created DESC LIMIT 1",
          )
          .get() as { readonly id: string; readonly total: number } | undefined;
        return latest === undefined
          ? real(heard)
          : real([id, latest.id, kind, latest.total, currency]);
      }),
  },
];
