import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/audit/audit.ts';
import type { AuditInput, AuditReport } from '../../../src/contract/audit.ts';
import { PROBE_JOURNEY } from '../../../src/contract/history.ts';
import {
  type EditableLedger,
  GRACE_MS,
  SaleStory,
  START_US,
  TTL_MS,
} from '../../support/history-builder.ts';
import { resultOf, violated } from '../../support/verdicts.ts';

/** Two sales of item 0 and one of item 1, with units to spare. */
function calmSale(): SaleStory {
  const story = new SaleStory({ units: [5, 5], hotItems: [0] });
  story.buy({ customer: 1, atMs: 100 });
  story.buy({ customer: 2, atMs: 300 });
  story.buy({ customer: 3, item: 1, atMs: 500 });
  return story;
}

interface Case {
  readonly name: string;
  readonly input: () => AuditInput;
  /** Exactly these invariants are violated. */
  readonly violates: readonly string[];
  readonly counts?: Partial<AuditReport>;
}

/** A change to every reading of the ledger of a calm sale. */
function ledgerCase(
  name: string,
  violates: readonly string[],
  edit: (ledger: EditableLedger) => void,
  counts: Partial<AuditReport> = {},
): Case {
  return { name, violates, counts, input: () => calmSale().input({}, edit) };
}

/** A story told differently. */
function storyCase(
  name: string,
  violates: readonly string[],
  tell: (story: SaleStory) => void,
  counts: Partial<AuditReport> = {},
): Case {
  return {
    name,
    violates,
    counts,
    input: () => {
      const story = calmSale();
      tell(story);
      return story.input();
    },
  };
}

const first = <T>(rows: readonly T[]): T => rows[0] as T;

function drainedStory(bought: number): AuditInput {
  const story = calmSale();
  const before = story.ledger();
  story.drain(1, 30_000);
  const probe = first(story.drainProbes);
  story.drainProbes[0] = { ...probe, bought };
  return story.input({}, undefined, before);
}

const stock: Case[] = [
  {
    name: 'I1: more orders were acknowledged than there were units, and the ledger agrees',
    violates: ['I1', 'I3'],
    counts: { oversoldUnits: 2 },
    input: () => {
      const story = new SaleStory({ units: [1], perCustomer: 1 });
      for (const customer of [1, 2, 3]) story.buy({ customer, atMs: customer * 100 });
      return story.input({}, (ledger) => {
        first(ledger.stock).available = 0;
      });
    },
  },
  {
    name: 'I1: the ledger hides an order, but two customers were told the last unit is theirs',
    violates: ['I1', 'O1', 'P2'],
    counts: { oversoldUnits: 1, lostOrders: 1, chargesWithoutOrder: 1 },
    input: () => {
      const story = new SaleStory({ units: [1], perCustomer: 1 });
      const hidden = story.buy({ customer: 1, atMs: 100 });
      story.buy({ customer: 2, atMs: 400 });
      story.orders.splice(story.orders.indexOf(story.orderOf(hidden)), 1);
      story.holds.splice(story.holds.indexOf(story.holdOf(hidden)), 1);
      story.events.shift();
      story.notifications.shift();
      return story.input();
    },
  },
  {
    name: 'I1: an order that nobody was told of, seen only in the ledger, oversells',
    violates: ['I1', 'I3'],
    counts: { oversoldUnits: 1 },
    input: () => {
      const story = new SaleStory({ units: [1], perCustomer: 1 });
      story.buy({ customer: 1, atMs: 100 });
      const silent = story.checkout({ customer: 2, atMs: 20_000 });
      story.confirmInLedger(silent, 20_140);
      story.records.pop();
      story.attempt(silent, { outcome: 'unknown', reason: 'timeout', status: 0 });
      return story.input({}, (ledger) => {
        first(ledger.stock).available = 0;
      });
    },
  },
  {
    name: 'I1: sold, returned and sold again is counted in the order of the ledger',
    violates: ['I1'],
    counts: { oversoldUnits: 1 },
    input: () => {
      const story = new SaleStory({ units: [1], perCustomer: 1 });
      const one = story.buy({ customer: 1, atMs: 100 });
      story.records.splice(0);
      const two = story.buy({ customer: 2, atMs: 400 });
      // Returned only after the second was confirmed: for a while there were two owners.
      story.records.splice(0, 1);
      story.cancel(one, 3000);
      story.record({ customer: 1, key: one.key, outcome: 'unknown', item: 0 }, 200);
      story.attempt(two, {
        operation: 'orderStatus',
        orderId: two.orderId,
        orderStatus: 'confirmed',
      });
      return story.input();
    },
  },
  {
    name: 'I1: two customers hold the last unit at one instant',
    violates: ['I1'],
    counts: { oversoldUnits: 1 },
    input: () => {
      const story = new SaleStory({ units: [1] });
      const one = story.abandon({ customer: 1, atMs: 100 });
      const two = story.abandon({ customer: 2, atMs: 200 });
      expect(one.checkoutId).not.toBe(two.checkoutId);
      story.buy({ customer: 3, atMs: 20_000 });
      return story.input();
    },
  },
  {
    name: 'I1: the drain probe buys more than ever was left, whatever the ledger says',
    violates: ['I1', 'I2'],
    counts: { oversoldUnits: 2 },
    input: () => drainedStory(6),
  },
  storyCase(
    'I2: a shopper is told "sold out" while units were free',
    ['I2'],
    (story) => {
      story.soldOut(9, 5000);
    },
    { undersoldUnits: 3 },
  ),
  storyCase(
    'I2: "sold out" is wrong once an abandoned hold must have been swept',
    ['I2'],
    (story) => {
      for (const customer of [4, 5, 6]) story.abandon({ customer, atMs: 600 });
      story.soldOut(9, 700);
      story.soldOut(10, 605 + TTL_MS + GRACE_MS + 50);
    },
    { undersoldUnits: 3 },
  ),
  ledgerCase(
    'I2: a hold outlives its time',
    ['I2'],
    (ledger) => {
      const hold = first(ledger.holds);
      const extra = { ...hold, id: 'leak', checkoutId: 'co-leak', state: 'held', resolvedAtUs: 0 };
      ledger.holds.push({ ...extra, resolutions: 0 } as typeof hold);
      Object.assign(first(ledger.stock), { available: 2, held: 1 });
    },
    { strandedHolds: 1 },
  ),
  ledgerCase(
    'I2: a unit is neither sold, held nor for sale',
    ['I2', 'I3'],
    (ledger) => {
      first(ledger.stock).available -= 1;
    },
    { undersoldUnits: 1 },
  ),
  {
    name: 'I2: the drain probe cannot buy what is reported available',
    violates: ['I2'],
    counts: { undersoldUnits: 2 },
    input: () => drainedStory(2),
  },
  ledgerCase('I3: available units were written twice', ['I3'], (ledger) => {
    first(ledger.stock).available += 1;
  }),
  ledgerCase('I3: another number was seeded than ours', ['I3'], (ledger) => {
    Object.assign(first(ledger.stock), { seeded: 6, available: 4 });
  }),
  ledgerCase('I3: a restock overwrote instead of adding', ['I3'], (ledger) => {
    Object.assign(first(ledger.stock), { restocked: 1, available: 4 });
  }),
  ledgerCase('I3: inventory committed units that no order owns', ['I2', 'I3'], (ledger) => {
    Object.assign(first(ledger.stock), { committed: 3, available: 2 });
  }),
  ledgerCase('I4: a hold was resolved twice', ['I4'], (ledger) => {
    first(ledger.holds).resolutions = 2;
  }),
  ledgerCase('I4: a hold was committed after it had expired', ['I4'], (ledger) => {
    const hold = first(ledger.holds);
    hold.resolvedAtUs = hold.expiresAtUs + 100_000;
  }),
  ledgerCase('I4: a retried checkout took its units twice', ['I4'], (ledger) => {
    ledger.holds.push({ ...first(ledger.holds), id: 'again' });
  }),
  storyCase('I5: a hold expired early', ['I5'], (story) => {
    story.resolveHold(story.abandon({ customer: 4, atMs: 600 }), 'expired', 4000);
  }),
  storyCase('I5: a hold was kept while the shop answered others', ['I5'], (story) => {
    story.resolveHold(story.abandon({ customer: 4, atMs: 600 }), 'expired', 15_000);
    for (const atMs of [11_000, 12_000, 13_000]) story.readStock(4, atMs, 1);
  }),
  storyCase('I5: a customer is told "expired" before the time', ['I5'], (story) => {
    const bought = story.checkout({ customer: 4, atMs: 600 });
    story.resolveHold(bought, 'released', 760);
    story.attempt(bought, { outcome: 'refused', reason: 'checkout_expired', status: 409 });
  }),
  storyCase('I6: negative stock is shown', ['I6'], (story) => {
    story.readStock(-1, 5000);
  }),
  storyCase('I6: more units are shown than there ever were', ['I6', 'I7'], (story) => {
    story.readStock(6, 5000);
  }),
  storyCase('I7: a stale read shows units that are surely sold', ['I7'], (story) => {
    story.readStock(4, 5000);
  }),
  storyCase('I7: fewer units are shown than are surely free', ['I7'], (story) => {
    story.readStock(2, 5000);
  }),
];

const orders: Case[] = [
  ledgerCase(
    'O1: an acknowledged order is gone',
    ['I3', 'O1', 'P2', 'E1', 'E3'],
    (ledger) => {
      ledger.orders.shift();
    },
    { lostOrders: 1 },
  ),
  {
    name: 'O1: an acknowledged order vanishes after the first readings',
    violates: ['O1'],
    counts: { lostOrders: 1 },
    input: () => {
      const input = calmSale().input();
      (input.ledgers[2] as EditableLedger).orders.pop();
      return input;
    },
  },
  ledgerCase('O1: an order was kept with other units', ['I3', 'O1', 'O4'], (ledger) => {
    first(first(ledger.orders).lines).units = 2;
  }),
  ledgerCase('O1: an order was kept with another total', ['O1', 'O4', 'P5'], (ledger) => {
    first(ledger.orders).totalMinor += 1;
  }),
  ledgerCase('O1: an order was kept for another customer', ['O1', 'O2'], (ledger) => {
    first(ledger.orders).customer = 'c-77';
  }),
  storyCase(
    'O1: an order was taken back though nobody asked',
    ['O1'],
    (story) => {
      story.returnInLedger(story.buy({ customer: 4, atMs: 700 }));
    },
    { lostOrders: 1 },
  ),
  storyCase('O2: an order that nobody placed', ['O2'], (story) => {
    const bought = story.checkout({ customer: 4, atMs: 700 });
    story.confirmInLedger(bought, 800);
  }),
  storyCase('O2: an order under the key of another customer', ['O2'], (story) => {
    const bought = story.buy({ customer: 4, atMs: 700 });
    story.records.pop();
    story.attempt(bought, { ...story.confirmedAnswer(bought), customer: 5 });
    story.orderOf(bought).customer = 'c-4';
    story.records.at(-1)!.orderId = '';
    story.records.at(-1)!.outcome = 'unknown';
  }),
  storyCase('O2: an order was confirmed though its payment was declined', ['O2'], (story) => {
    const bought = story.checkout({ customer: 4, atMs: 700 });
    story.confirmInLedger(bought, 840);
    story.attempt(bought, { outcome: 'refused', reason: 'payment_declined', status: 402 });
  }),
  storyCase('O2: an order appears under a key that was tombstoned', ['O2'], (story) => {
    const bought = story.checkout({ customer: 4, atMs: 700 });
    story.confirmInLedger(bought, 840);
    story.attempt(bought, { outcome: 'unknown', reason: 'timeout', status: 0 });
    const tombstone = { operation: 'tombstoneKey', orderStatus: 'tombstoned' } as const;
    story.attempt(bought, { ...tombstone, journey: PROBE_JOURNEY }, 30_000);
  }),
  storyCase('O3: one key led to two orders', ['O3', 'P1'], (story) => {
    const bought = story.buy({ customer: 4, atMs: 700 });
    const again = story.checkout({ customer: 4, item: 1, atMs: 700 });
    story.confirmInLedger(again, 850);
    story.orderOf(again).key = bought.key;
    story.attempt(bought, { outcome: 'unknown', reason: 'timeout', item: 1 });
  }),
  storyCase('O3: one order was acknowledged under two keys', ['O1', 'O3'], (story) => {
    const bought = story.buy({ customer: 4, atMs: 700 });
    const other = { ...bought, key: 'other', checkoutId: 'other' };
    story.attempt(other, story.confirmedAnswer(bought), 900);
  }),
  ledgerCase('O3: two orders have one id', ['O3'], (ledger) => {
    ledger.orders.push({ ...first(ledger.orders), key: '', checkoutId: '' });
  }),
  storyCase('O3: one checkout was bought twice', ['O3'], (story) => {
    const one = story.buy({ customer: 4, atMs: 700 });
    const two = story.buy({ customer: 4, item: 1, atMs: 700 });
    story.orderOf(two).checkoutId = one.checkoutId;
  }),
  ledgerCase('O4: a line was sold at another price', ['O4'], (ledger) => {
    const line = first(first(ledger.orders).lines);
    line.priceMinor += 1;
  }),
  ledgerCase('O4: another amount was charged', ['O4', 'P5'], (ledger) => {
    first(ledger.charges).amountMinor -= 1;
  }),
  ledgerCase('O4: an order is in another currency', ['O4', 'P5'], (ledger) => {
    first(ledger.orders).currency = 'USD';
  }),
  storyCase('O4: the customer was told another total', ['O1', 'O4'], (story) => {
    const bought = story.buy({ customer: 4, atMs: 700 });
    story.records.at(-1)!.totalMinor = story.orderOf(bought).totalMinor + 100;
  }),
  storyCase('O5: an order is stuck', ['O5'], (story) => {
    story.orderOf(story.decline({ customer: 4, atMs: 700 })).status = 'paying';
  }),
  storyCase('O5: an order is in a state that does not exist', ['O5'], (story) => {
    story.orderOf(story.decline({ customer: 4, atMs: 700 })).status = 'banana';
  }),
  storyCase('O5: an acknowledged order is later seen as unpaid', ['O5'], (story) => {
    const bought = story.buy({ customer: 4, atMs: 700 });
    const read = { operation: 'orderStatus', orderId: bought.orderId } as const;
    story.attempt(bought, { ...read, orderStatus: 'paying' }, 2000);
  }),
  storyCase('O6: an acknowledged order is later not found', ['O6'], (story) => {
    const bought = story.buy({ customer: 4, atMs: 700 });
    const read = { operation: 'orderStatus', outcome: 'refused', reason: 'not_found' } as const;
    story.attempt(bought, { ...read, status: 404 }, 2000);
  }),
  storyCase('O7: a customer gets past the limit with several orders', ['O7'], (story) => {
    for (const atMs of [700, 1200, 1700]) story.buy({ customer: 4, atMs });
  }),
  {
    name: 'O10: a sale item is held and sold before the sale opens',
    violates: ['O10'],
    input: () => {
      const story = new SaleStory({ units: [5], opensAtMs: 1000 });
      story.buy({ customer: 1, atMs: 100 });
      story.buy({ customer: 2, atMs: 1100 });
      return story.input();
    },
  },
  {
    name: 'O10: a sale item is held after the sale has closed',
    violates: ['O10'],
    input: () => {
      const story = new SaleStory({ units: [5], closesAtMs: 1000 });
      story.buy({ customer: 1, atMs: 990 });
      story.buy({ customer: 2, atMs: 1100 });
      return story.input();
    },
  },
];

const money: Case[] = [
  ledgerCase(
    'P1: an order was charged twice',
    ['P1', 'P5'],
    (ledger) => {
      ledger.charges.push({ ...first(ledger.charges), id: 'twice', key: 'other' });
    },
    { doubleCharges: 1 },
  ),
  ledgerCase(
    'P1: a charge that was given back later was still one too many',
    ['P1'],
    (ledger) => {
      const again = { ...first(ledger.charges), id: 'twice', key: 'other', status: 'refunded' };
      ledger.charges.push(again as (typeof ledger.charges)[number]);
    },
    { doubleCharges: 1 },
  ),
  ledgerCase(
    'P2: money was taken for an order that does not exist',
    ['P2', 'P5'],
    (ledger) => {
      ledger.charges.push({ ...first(ledger.charges), id: 'x', key: 'x', orderId: 'o-none' });
    },
    { chargesWithoutOrder: 1 },
  ),
  storyCase(
    'P2: money was kept for an order that was declined',
    ['P2', 'P5'],
    (story) => {
      story.chargeOf(story.decline({ customer: 4, atMs: 700 })).status = 'captured';
    },
    { chargesWithoutOrder: 1 },
  ),
  storyCase(
    'P2: money was kept for an order that was given back',
    ['P2', 'P5'],
    (story) => {
      const bought = story.buy({ customer: 4, atMs: 700 });
      story.cancel(bought, 2000);
      story.chargeOf(bought).status = 'captured';
    },
    { chargesWithoutOrder: 1 },
  ),
  ledgerCase(
    'P3: a confirmed order was never paid for',
    ['P3', 'P5'],
    (ledger) => {
      ledger.charges.shift();
    },
    { ordersWithoutCharge: 1 },
  ),
  storyCase(
    'P4: a repeated request is answered with another order',
    ['O1', 'O3', 'P3', 'P4', 'P5'],
    (story) => {
      const bought = story.buy({ customer: 4, atMs: 700 });
      const answer = story.confirmedAnswer(bought);
      story.attempt(bought, { ...answer, operation: 'orderReplay', orderId: 'o-other' }, 900);
    },
  ),
  storyCase('P4: a declined order is confirmed when it is sent again', ['P4'], (story) => {
    const bought = story.checkout({ customer: 4, atMs: 700 });
    story.attempt(bought, { outcome: 'refused', reason: 'payment_declined', status: 402 });
    story.confirmInLedger(bought, 1030);
    const answer = story.confirmedAnswer(bought);
    story.attempt(bought, { ...answer, operation: 'orderReplay' }, 1000);
  }),
  storyCase('P4: another request under a used key is accepted', ['P4'], (story) => {
    const bought = story.buy({ customer: 4, atMs: 700 });
    const answer = story.confirmedAnswer(bought);
    story.attempt(bought, { ...answer, operation: 'orderChanged' }, 1000);
  }),
  ledgerCase('P5: the sums differ', ['P2', 'P5'], (ledger) => {
    ledger.charges.push({
      ...first(ledger.charges),
      id: 'x',
      key: 'x',
      orderId: 'o-x',
      amountMinor: 1,
    });
  }),
  storyCase('P7: a declined order keeps its units', ['I2', 'I3', 'P7'], (story) => {
    story.holdOf(story.decline({ customer: 4, atMs: 700 })).state = 'committed';
  }),
];

const events: Case[] = [
  ledgerCase('E1: an order has no completion event', ['E1'], (ledger) => {
    ledger.events.shift();
  }),
  ledgerCase('E1: an order has two completion events', ['E1'], (ledger) => {
    ledger.events.push({ ...first(ledger.events), id: 'again' });
  }),
  storyCase('E1: an order that was declined has a completion event', ['E1'], (story) => {
    const { orderId } = story.decline({ customer: 4, atMs: 700 });
    story.events.push({ id: 'e', seq: 99, type: 'order.confirmed', orderId });
  }),
  ledgerCase('E3: a customer was notified twice', ['E3'], (ledger) => {
    first(ledger.notifications).sent = 2;
  }),
  ledgerCase('E3: a customer was not notified', ['E3'], (ledger) => {
    ledger.notifications.pop();
  }),
  ledgerCase('E3: a customer was notified of nothing', ['E3'], (ledger) => {
    ledger.notifications.push({ orderId: 'o-none', sent: 1 });
  }),
];

describe('every invariant convicts', () => {
  for (const { name, input, violates, counts } of [...stock, ...orders, ...money, ...events]) {
    it(name, () => {
      const report = judge(input());
      expect(violated(report), report.reason).toEqual(
        report.invariants.map(({ id }) => id).filter((id) => violates.includes(id)),
      );
      expect(violated(report)).toHaveLength(violates.length);
      expect(report.verdict).toBe('fail');
      expect(report).toMatchObject(counts ?? {});
      for (const id of violates) {
        const { violations } = resultOf(report, id);
        expect(violations[0]?.summary).not.toBe('');
        expect(violations[0]?.witness.length).toBeGreaterThan(0);
        expect(violations[0]?.witness.length).toBeLessThanOrEqual(10);
      }
    });
  }
});

it('instants of the ledger and of the history meet on one axis', () => {
  const input = calmSale().input({}, (ledger) => {
    first(ledger.holds).resolutions = 2;
  });
  const [witness] = resultOf(judge(input), 'I4').violations[0]?.witness ?? [];
  expect(START_US).toBeGreaterThan(0);
  expect(witness).toContain('made T0+105.000 ms');
});
