// Shoppers, declines, lost answers, expiries, duplicates, cancellations and crashes by chance, over
// many seeds: whatever happens, the shop comes to rest with money, stock and orders in agreement.
import { afterEach, expect, test } from 'vitest';
import { Prng } from '../../src/base/prng.ts';
import type { CallbackOptions } from '../../src/contract/profile.ts';
import { CRASH_POINTS } from '../../src/reference-system/crash-points.ts';
import { type OrderAnswer, Refusal } from '../../src/reference-system/services.ts';
import { CrashSignal, HOLD_TTL_MS, ShopBench } from '../support/shop-core.ts';
import { expectSound, readAll } from '../support/shop-rules.ts';

const SKUS = ['a', 'b', 'c', 'd'];
const SHOPPERS = 40;
const SEEDS = Array.from({ length: 24 }, (_, index) => index + 1);

let bench: ShopBench | undefined;

afterEach(async () => {
  await bench?.stop();
  bench = undefined;
});

interface Seen {
  readonly confirmed: Map<string, string>;
  readonly codes: Map<string, number>;
}

function note(seen: Seen, key: string, answer: OrderAnswer): void {
  if (answer.accepted) return;
  expect(answer.order.status).toBe('confirmed');
  const before = seen.confirmed.get(key);
  if (before !== undefined) expect(answer.order.id, 'a key has one order').toBe(before);
  seen.confirmed.set(key, answer.order.id);
}

/** One shopper, from arrival to the end or to the crash. */
async function shop(bench: ShopBench, prng: Prng, index: number, seen: Seen): Promise<void> {
  const customer = `c-${index % 25}`;
  const key = `key-${index}`;
  const { orders, cart } = bench.core;
  await bench.clock.sleep(prng.unit() * 3 * HOLD_TTL_MS);
  const lines = SKUS.filter(() => prng.chance(0.4)).map((sku) => {
    return { sku, quantity: 1 + prng.below(2) };
  });
  if (lines.length === 0) lines.push({ sku: 'a', quantity: 1 });
  const useCart = prng.chance(0.3);
  if (useCart) for (const line of lines) await cart.put(customer, line);
  const checkout = await orders.checkout(customer, useCart ? null : lines);
  if (prng.chance(0.15)) return;
  await bench.clock.sleep(prng.unit() * HOLD_TTL_MS * (prng.chance(0.1) ? 1.5 : 0.3));
  const request = { checkoutId: checkout.id, paymentToken: `tok_${index}` };
  const sends = prng.chance(0.3) ? 2 : 1;
  const answers = await Promise.allSettled(
    Array.from({ length: sends }, () => orders.order(customer, key, request)),
  );
  for (const answer of answers) {
    if (answer.status === 'fulfilled') note(seen, key, answer.value);
    else if (!(answer.reason instanceof Refusal)) throw answer.reason;
  }
  if (prng.chance(0.2)) note(seen, key, await orders.order(customer, key, request));
  if (prng.chance(0.2)) {
    const order = await orders.byKey(customer, key);
    if (order !== undefined && order !== 'tombstoned') await orders.cancel(customer, order.id);
  }
}

async function shopOrRefuse(
  bench: ShopBench,
  prng: Prng,
  index: number,
  seen: Seen,
): Promise<void> {
  try {
    await shop(bench, prng, index, seen);
  } catch (error) {
    if (bench.crashed || error instanceof CrashSignal) return;
    if (!(error instanceof Refusal)) throw error;
    seen.codes.set(error.code, (seen.codes.get(error.code) ?? 0) + 1);
  }
}

/** Messages of the gateway in whatever order, number and delay chance brings. */
function talkative(prng: Prng): CallbackOptions {
  const share = (): number => (prng.chance(0.5) ? prng.unit() * 0.6 : 0);
  return {
    delay: { p50Ms: 1 + prng.unit() * 500, p99Ms: 600 + prng.unit() * HOLD_TTL_MS },
    ...{ lost: share(), late: share(), lateMs: 1.5 * HOLD_TTL_MS, forged: 0 },
    ...{ duplicated: share(), early: share(), replayed: share() },
  };
}

const effects = { applied: 0, repeated: 0 };

async function expectEachOnce(bench: ShopBench): Promise<void> {
  const { orders } = bench.core;
  for (const row of await readAll(bench, (after, limit) => orders.callbackRows(after, limit))) {
    expect(row.applied, `message ${row.id} has its effect once`).toBeLessThanOrEqual(1);
    effects.applied += row.applied;
    effects.repeated += row.repeated;
  }
}

const codes = new Map<string, number>();

test.each(SEEDS)('seed %i', async (seed) => {
  const prng = new Prng(seed, 'random-orders');
  bench = await ShopBench.open({
    seed,
    layout: seed % 2 === 0 ? 'shared' : 'per-service',
    stock: { a: 12, b: 20, c: 6, d: 100 },
    limitedSkus: ['a'],
    perCustomer: 2,
    ...(prng.chance(0.5) && { archiveAfterMs: HOLD_TTL_MS }),
    payments: {
      latencyMs: prng.chance(0.3) ? HOLD_TTL_MS / 2 : 50,
      declined: 0.1,
      lostAnswers: 0.1,
      lostRequests: 0.05,
    },
  });
  const talk = prng.fork('callbacks');
  if (talk.chance(0.6)) bench.payments.callbacks = talkative(talk);
  bench.core.start();
  if (prng.chance(0.5)) {
    const point = CRASH_POINTS[prng.below(CRASH_POINTS.length)]!;
    bench.crashAt = { point, pass: 1 + prng.below(6) };
  }
  const shopOfRun = bench;
  const seen: Seen = { confirmed: new Map(), codes };
  const shoppers = Array.from({ length: SHOPPERS }, (_, index) =>
    shopOrRefuse(shopOfRun, prng.fork(`shopper-${index}`), index, seen),
  );
  await bench.until(Promise.all(shoppers));
  if (bench.crashed) await bench.restart();
  await bench.settle();
  const rows = await expectSound(bench);
  await expectEachOnce(bench);
  for (const id of seen.confirmed.values()) {
    const row = rows.find((order) => order.id === id);
    expect(row?.confirmedSeq, `acknowledged order ${id} is kept`).toBeGreaterThan(0);
  }
  const perCustomer = new Map<string, number>();
  for (const row of rows.filter(({ status }) => status === 'confirmed')) {
    const units = row.lines.find(({ sku }) => sku === 'a')?.units ?? 0;
    perCustomer.set(row.customer, (perCustomer.get(row.customer) ?? 0) + units);
  }
  for (const [customer, units] of perCustomer) {
    expect(units, `purchase limit of ${customer}`).toBeLessThanOrEqual(2);
  }
});

test('the seeds together had messages that settled orders, and messages that came again', () => {
  expect(effects.applied).toBeGreaterThan(10);
  expect(effects.repeated).toBeGreaterThan(10);
});

test('the seeds together met every kind of refusal that chance can bring', () => {
  const met = [...codes.keys()].sort();
  for (const code of ['sold_out', 'limit_reached', 'checkout_expired', 'illegal_state']) {
    expect(met).toContain(code);
  }
});
