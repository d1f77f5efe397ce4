import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/audit/audit.ts';
import { PROBE_JOURNEY } from '../../../src/contract/history.ts';
import { GRACE_MS, SaleStory, TTL_MS } from '../../support/history-builder.ts';
import { unjudged, violated } from '../../support/verdicts.ts';

/** Two sales, an abandoned checkout, a decline, a refusal while all units were in use. */
function ordinarySale(): SaleStory {
  const story = new SaleStory({ units: [4, 10] });
  story.buy({ customer: 1, atMs: 100 });
  story.buy({ customer: 2, atMs: 110 });
  story.abandon({ customer: 3, atMs: 120 });
  story.decline({ customer: 4, atMs: 130 });
  story.soldOut(5, 200);
  story.readStock(0, 200);
  story.readStock(2, 20_000);
  return story;
}

function expectQuiet(story: SaleStory): void {
  const report = judge(story.input());
  expect(violated(report), report.reason).toEqual([]);
  expect(unjudged(report), report.reason).toEqual([]);
  expect(report.verdict).toBe('pass');
}

describe('the audit stays quiet', () => {
  it('on an ordinary sale', () => {
    const report = judge(ordinarySale().input());
    expect(report.reason).toBe('');
    expect(report).toMatchObject({
      verdict: 'pass',
      oversoldUnits: 0,
      undersoldUnits: 0,
      strandedHolds: 0,
      doubleCharges: 0,
      chargesWithoutOrder: 0,
      ordersWithoutCharge: 0,
      lostOrders: 0,
    });
    expect(report.goals).toMatchObject({
      order_confirmed: 2,
      sold_out_seen: 1,
      sold_out_while_held: 1,
      payment_declined: 1,
      hold_expired: 1,
    });
  });

  it('on a drain probe that buys exactly what is left', () => {
    const story = ordinarySale();
    const before = story.ledger();
    story.drain(0, 30_000);
    const report = judge(story.input({}, undefined, before));
    expect(violated(report)).toEqual([]);
    expect(report.verdict).toBe('pass');
    expect(report.goals['drain_probe_done']).toBe(1);
  });

  it('on a replay, a concurrent duplicate and a refused changed request', () => {
    const story = ordinarySale();
    const bought = story.buy({ customer: 6, item: 1, atMs: 1000 });
    const answer = story.confirmedAnswer(bought);
    story.attempt(bought, { ...answer, operation: 'orderReplay', replayed: true }, 1300);
    story.attempt(bought, {
      operation: 'orderDuplicate',
      outcome: 'unknown',
      reason: 'key_in_progress',
    });
    const changed = {
      operation: 'orderChanged',
      outcome: 'refused',
      reason: 'key_reused',
    } as const;
    story.attempt(bought, changed, 1400);
    const declined = story.decline({ customer: 7, item: 1, atMs: 1000 });
    const again = { outcome: 'refused', reason: 'payment_declined', status: 402 } as const;
    story.attempt(declined, { ...again, operation: 'orderReplay', replayed: true }, 1300);
    expectQuiet(story);
    expect(judge(story.input()).goals).toMatchObject({
      replay_answered: 2,
      duplicate_sent: 1,
      changed_payload_refused: 1,
    });
  });

  it('on a changed request that came first because the original never arrived', () => {
    const story = ordinarySale();
    const bought = story.checkout({ customer: 6, item: 1, atMs: 1000 });
    story.confirmInLedger(bought, 1340);
    story.attempt(bought, { outcome: 'failed', reason: 'connect_failed', status: 0 });
    const answer = story.confirmedAnswer(bought);
    story.attempt(bought, { ...answer, operation: 'orderChanged' }, 1300);
    expectQuiet(story);
  });

  it('on a purchase that was given back and sold again', () => {
    const story = new SaleStory({ units: [1], perCustomer: 1 });
    const first = story.buy({ customer: 1, atMs: 100 });
    story.cancel(first, 1000);
    story.buy({ customer: 1, atMs: 2000 });
    story.soldOut(3, 3000);
    expectQuiet(story);
  });

  it('on a restock in the middle of the sale', () => {
    const story = new SaleStory({ units: [1] });
    story.restocked['SKU-0'] = 2;
    for (const customer of [1, 2, 3]) story.buy({ customer, atMs: customer * 100 });
    story.soldOut(4, 1000);
    story.readStock(1, 260);
    expectQuiet(story);
  });

  it('on a drain probe whose order is only confirmed when it is looked up', () => {
    const story = ordinarySale();
    const before = story.ledger();
    const first = story.records.length;
    story.drain(1, 30_000);
    const order = story.records.findIndex(
      ({ operation, outcome }, index) =>
        index >= first && operation === 'order' && outcome === 'ok',
    );
    const answered = story.records[order]!;
    story.records.push({
      ...answered,
      operation: 'orderStatus',
      checkoutId: '',
      invokedUs: answered.doneUs + 1000,
      doneUs: answered.doneUs + 5000,
    });
    Object.assign(answered, { outcome: 'ok', reason: 'accepted', status: 202, orderStatus: '' });
    const report = judge(story.input({}, undefined, before));
    expect(violated(report), report.reason).toEqual([]);
  });

  it('on an order in doubt that turns out to be bought', () => {
    const story = ordinarySale();
    const bought = story.checkout({ customer: 8, item: 1, atMs: 1000 });
    story.confirmInLedger(bought, 1140);
    story.attempt(bought, { outcome: 'unknown', reason: 'timeout', status: 0 });
    const { customer, item, units, key, orderId } = bought;
    const read = { ...story.confirmedAnswer(bought), operation: 'orderStatus' } as const;
    story.attempt(bought, { ...read, journey: PROBE_JOURNEY }, 30_000);
    story.resolutions.push({
      key,
      journey: 8,
      customer,
      result: 'applied',
      orderId,
      orderStatus: 'confirmed',
      units,
      item,
    });
    expectQuiet(story);
    expect(judge(story.input()).inDoubt).toEqual({
      total: 1,
      resolvedApplied: 1,
      resolvedAbsent: 0,
      stillUnknown: 0,
    });
  });

  it('on an order in doubt whose key was never used and is tombstoned', () => {
    const story = ordinarySale();
    const bought = story.abandon({ customer: 8, item: 1, atMs: 1000 });
    story.attempt(bought, { outcome: 'unknown', reason: 'connection_lost', status: 0 });
    const probe = { journey: PROBE_JOURNEY } as const;
    const missing = { operation: 'orderStatus', outcome: 'refused', reason: 'not_found' } as const;
    story.attempt(bought, { ...probe, ...missing, status: 404 }, 30_000);
    const tombstone = { operation: 'tombstoneKey', orderStatus: 'tombstoned' } as const;
    story.attempt(bought, { ...probe, ...tombstone }, 30_100);
    const { customer, item, units, key } = bought;
    const absent = { result: 'absent', orderId: '', orderStatus: '' } as const;
    story.resolutions.push({ key, journey: 8, customer, item, units, ...absent });
    expectQuiet(story);
  });

  it('on a checkout without an answer whose hold nobody could use', () => {
    const story = new SaleStory({ units: [1] });
    const lost = story.abandon({ customer: 1, atMs: 100 });
    const record = story.records.find((entry) => entry.checkoutId === lost.checkoutId);
    Object.assign(record ?? {}, { outcome: 'unknown', checkoutId: '', expiresUs: -1, status: 0 });
    story.soldOut(2, 300);
    story.soldOut(3, 100 + TTL_MS + GRACE_MS - 100);
    story.buy({ customer: 4, atMs: 20_000 });
    expectQuiet(story);
  });

  it('on a sweep that was delayed because the shop stood still', () => {
    const story = new SaleStory({ units: [2, 3] });
    story.buy({ customer: 9, item: 1, atMs: 50 });
    const hold = story.checkout({ customer: 1, atMs: 100 });
    const other = story.checkout({ customer: 2, atMs: 110 });
    story.resolveHold(hold, 'expired', 16_000);
    story.resolveHold(other, 'expired', 16_000);
    // Sent while the shop stood still, answered just before its sweep.
    story.record(
      {
        operation: 'checkout',
        outcome: 'refused',
        reason: 'sold_out',
        customer: 3,
        item: 0,
        status: 409,
      },
      12_000,
      3_990,
    );
    expectQuiet(story);
  });

  it('on a cart of two items, sold by one order', () => {
    const story = new SaleStory({ units: [5, 5] });
    const bought = story.checkout({ customer: 1, item: 0, units: 2, atMs: 100 });
    story.confirmInLedger(bought, 240);
    Object.assign(story.holdOf(bought), { units: 1 });
    story.holds.push({ ...story.holdOf(bought), id: `${bought.checkoutId}/SKU-1`, sku: 'SKU-1' });
    Object.assign(story.orderOf(bought), {
      lines: [
        { sku: 'SKU-0', units: 1, priceMinor: story.priceOf(0) },
        { sku: 'SKU-1', units: 1, priceMinor: story.priceOf(1) },
      ],
      totalMinor: story.priceOf(0) + story.priceOf(1),
    });
    const sum = story.priceOf(0) + story.priceOf(1);
    Object.assign(story.chargeOf(bought), { amountMinor: sum });
    for (const record of story.records) record.totalMinor = sum;
    story.attempt(bought, { ...story.confirmedAnswer(bought), totalMinor: sum });
    expectQuiet(story);
  });
});

it('stays quiet when a payment that stayed unclear was given up before the hold expired', () => {
  const story = ordinarySale();
  const bought = story.decline({ customer: 6, item: 1, atMs: 1000 });
  story.records.pop();
  Object.assign(story.orderOf(bought), { status: 'cancelled' });
  Object.assign(story.chargeOf(bought), {
    status: 'voided',
    amountMinor: 0,
    currency: '',
    key: '',
  });
  story.attempt(bought, { outcome: 'ok', reason: 'accepted', status: 202, orderStatus: 'paying' });
  const refused = { outcome: 'refused', reason: 'checkout_expired', status: 409 } as const;
  story.attempt(bought, { ...refused, operation: 'orderReplay', replayed: true }, 3000);
  expectQuiet(story);
});
