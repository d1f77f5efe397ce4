/**
 * What every target must do, run against each of them. The shop is started from dist, because
 * child processes cannot be started from TypeScript.
 */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import http from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { defined } from '../../src/base/assert.ts';
import { createSystemClock } from '../../src/base/clock.ts';
import type { EcomsimError } from '../../src/base/errors.ts';
import {
  type Call,
  type ClientSpec,
  createCall,
  type LoadClient,
} from '../../src/contract/call.ts';
import type { SystemOptions } from '../../src/contract/profile.ts';
import type { Seeding, Target, TargetObservation } from '../../src/contract/target.ts';
import { createLoadClient } from '../../src/targets/client-registry.ts';
import { type TargetOptions, targetNames } from '../../src/targets/target-registry.ts';

/** A target that is started here can always be observed. */
async function observed(target: Target): Promise<TargetObservation> {
  return defined(await target.observe(), 'an observation');
}

type Registry = typeof import('../../src/targets/target-registry.ts');

const BUILT = new URL('../../dist/targets/target-registry.js', import.meta.url);
const isBuilt =
  existsSync(BUILT) && existsSync(new URL('../../dist/shop-process.js', import.meta.url));
if (!isBuilt) console.warn('skipped: dist/ has no targets yet; `npm test` builds it first');

const clock = createSystemClock();
const SYSTEM: SystemOptions = {
  storage: 'embedded',
  layout: 'shared',
  inventory: { strategy: 'guarded-update', holdTtlMs: 700, sweepEveryMs: 50 },
  payment: {
    latency: { p50Ms: 5, p99Ms: 20 },
    timeoutMs: 200,
    attempts: 2,
    declined: 0,
    lostAnswers: 0,
  },
  limits: { perCustomer: 2 },
};
const SEEDING: Seeding = {
  catalogue: Array.from({ length: 10 }, (_, i) => ({
    sku: `sku-${i}`,
    title: `Wooden Chair ${i}`,
    description: 'A chair.',
    category: 'chairs',
    attributes: { colour: 'red' },
    priceMinor: 1000 + i,
    units: 3,
  })),
  currency: 'EUR',
  hotItems: [0],
  perCustomer: 2,
  customers: 7,
};

const lasting: { close(): Promise<void> }[] = [];
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

async function targetOf(name: string, more: Partial<TargetOptions> = {}): Promise<Target> {
  const registry = (await import(BUILT.href)) as Registry;
  const target = await registry.createTarget(name, { system: SYSTEM, seed: 1, clock, ...more });
  opened.push(target);
  await target.open();
  return target;
}

async function clientOf(spec: ClientSpec): Promise<LoadClient> {
  const client = createLoadClient(spec, clock);
  opened.push(client);
  await client.open();
  return client;
}

function ask(client: LoadClient, fields: Partial<Call>): Promise<Call> {
  return new Promise((resolve) => client.execute({ ...createCall(), item: 1, ...fields }, resolve));
}

async function buy(client: LoadClient, fields: Partial<Call>): Promise<[Call, Call]> {
  const checkout = await ask(client, { ...fields, operation: 'checkout', direct: true });
  const checkoutId = checkout.gotCheckoutId;
  return [checkout, await ask(client, { ...fields, operation: 'order', checkoutId })];
}

const said = (call: Call): string => `${call.outcome} ${call.reason}`;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    // ESRCH is the finding: there is no such process.
    return false;
  }
}

async function failureOf(promise: Promise<unknown>): Promise<EcomsimError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect((error as Error | undefined)?.name).toBe('EcomsimError');
  return error as EcomsimError;
}

/** One target for all tests of this group: each keeps to customers and items of its own. */
describe.skipIf(!isBuilt).each(targetNames)('the target %s', (name) => {
  let target: Target;
  let spec: ClientSpec;
  let client: LoadClient;

  beforeAll(async () => {
    target = await targetOf(name);
    spec = await target.prepare(SEEDING);
    client = await clientOf(spec);
    lasting.push(...opened.splice(0));
  });
  afterAll(async () => {
    for (const thing of lasting.splice(0).reverse()) await thing.close();
  });

  it('gives clients all they need, in a form that can be sent to a worker', () => {
    expect(spec.skus).toEqual(SEEDING.catalogue.map(({ sku }) => sku));
    expect(new Set(spec.tokens).size).toBe(SEEDING.customers);
    expect(JSON.parse(JSON.stringify(spec))).toEqual(spec);
  });

  it('sells nothing of a sale before it opens', async () => {
    await target.openSale(clock.nowUs() + 60e6, null);
    expect(said(await ask(client, { operation: 'viewStock', item: 0 }))).toBe('ok sale_upcoming');
    const [early] = await buy(client, { item: 0, key: 'k-early' });
    expect(said(early)).toBe('refused sale_closed');
    await target.openSale(clock.nowUs(), null);
    expect(said(await ask(client, { operation: 'viewStock', item: 0 }))).toBe('ok in_stock');
  });

  it('refuses the last unit to all but one, and a customer beyond the limit', async () => {
    const [tooMany] = await buy(client, { item: 0, quantity: 3, key: 'k-3' });
    expect(said(tooMany)).toBe('refused limit_reached');
    const buyers = [0, 1, 2, 3, 4, 5].map((customer) =>
      buy(client, { item: 0, customer, key: `k-${customer}`, instantPayment: true }),
    );
    const outcomes = (await Promise.all(buyers)).map(([checkout]) => said(checkout));
    expect(outcomes.filter((outcome) => outcome === 'ok none').length).toBe(3);
    expect(outcomes.filter((outcome) => outcome === 'refused sold_out').length).toBe(3);
    expect(said(await ask(client, { operation: 'viewStock', item: 0 }))).toBe('ok out_of_stock');
  });

  it('shows what it and its processes are doing', async () => {
    const seen = await observed(target);
    expect(seen).toMatchObject({ hotAvailable: 0, hotHeld: 0, ordersConfirmed: 3 });
    expect(seen.processes.length).toBeGreaterThan(0);
    for (const { name: process, cpuMs, pid } of seen.processes) {
      expect([process, cpuMs > 0, isAlive(pid)]).toEqual([process, true, true]);
    }
  });

  it('answers each operation of the vocabulary as the contract says', async () => {
    const customer = 6;
    const askAs = (fields: Partial<Call>): Promise<Call> => ask(client, { ...fields, customer });
    for (const operation of ['home', 'search', 'viewProduct', 'viewCart', 'addToCart'] as const) {
      expect([operation, said(await askAs({ operation }))]).toEqual([operation, 'ok none']);
    }
    const checkout = await askAs({ operation: 'checkout' });
    expect(said(checkout)).toBe('ok none');
    const asked = { key: 'k-1', checkoutId: checkout.gotCheckoutId };
    const [order, duplicate] = await Promise.all([
      askAs({ ...asked, operation: 'order' }),
      askAs({ ...asked, operation: 'orderDuplicate' }),
    ]);
    expect(said(order)).toBe('ok none');
    expect(['ok none', 'unknown key_in_progress']).toContain(said(duplicate));
    const replay = await askAs({ ...asked, operation: 'orderReplay' });
    expect([said(replay), replay.gotReplayed, replay.gotOrderId]).toEqual([
      'ok none',
      true,
      order.gotOrderId,
    ]);
    expect(said(await askAs({ ...asked, operation: 'orderChanged' }))).toBe('refused key_reused');
    const status = await askAs({ operation: 'orderStatus', key: 'k-1' });
    expect([said(status), status.gotOrderId]).toEqual(['ok none', order.gotOrderId]);
    const absent = { key: 'k-never' };
    expect(said(await askAs({ ...absent, operation: 'orderStatus' }))).toBe('refused not_found');
    expect(said(await askAs({ ...absent, operation: 'tombstoneKey' }))).toBe('ok none');
    const late = { ...asked, ...absent };
    expect(said(await askAs({ ...late, operation: 'order' }))).toBe('refused tombstoned');
    const tooLate = await askAs({ key: 'k-1', operation: 'tombstoneKey' });
    expect([said(tooLate), tooLate.gotOrderId]).toEqual(['refused key_reused', order.gotOrderId]);
    const cancelled = await askAs({ operation: 'cancelOrder', orderId: order.gotOrderId });
    expect(said(cancelled)).toBe('ok none');
  });

  it('is not settled while a hold is open, and is once it has expired', async () => {
    const checkout = await ask(client, { operation: 'checkout', direct: true, item: 2 });
    expect(await target.settle(30)).toBe(false);
    const { holdTtlMs, sweepGraceMs } = target.promises;
    expect(await target.settle(holdTtlMs + sweepGraceMs)).toBe(true);
    const { holds } = await target.ledger();
    expect(holds.find(({ sku }) => sku === 'sku-2')).toMatchObject({
      checkoutId: checkout.gotCheckoutId,
      state: 'expired',
      resolutions: 1,
    });
  });

  it('sells to further customers what it was seeded with, and its ledger says so', async () => {
    const tokens = [...spec.tokens, ...(await target.addCustomers(2))];
    expect(new Set(tokens).size).toBe(SEEDING.customers + 2);
    const late = await clientOf({ ...spec, tokens });
    const customer = SEEDING.customers + 1;
    const [checkout, order] = await buy(late, { key: 'k-late', item: 3, quantity: 2, customer });
    expect([said(checkout), checkout.gotUnits, checkout.gotTotalMinor]).toEqual([
      'ok none',
      2,
      2006,
    ]);
    expect(checkout.gotExpiresAtUs).toBeGreaterThan(checkout.sentAtUs);
    expect(order).toMatchObject({
      outcome: 'ok',
      gotOrderStatus: 'confirmed',
      gotUnits: 2,
      gotTotalMinor: 2006,
      gotReplayed: false,
    });
    expect(await target.settle(5000)).toBe(true);

    const ledger = await target.ledger();
    expect(await target.ledger()).toEqual(ledger);
    expect(ledger.pending).toEqual({ orders: 0, outbox: 0 });
    expect(ledger.stock.find(({ sku }) => sku === 'sku-3')).toEqual({
      sku: 'sku-3',
      seeded: 3,
      restocked: 0,
      available: 1,
      held: 0,
      committed: 2,
    });
    const id = order.gotOrderId;
    expect(ledger.orders.find((row) => row.id === id)).toMatchObject({
      key: 'k-late',
      customer: `c-${customer}`,
      checkoutId: checkout.gotCheckoutId,
      totalMinor: 2006,
      currency: 'EUR',
      lines: [{ sku: 'sku-3', units: 2, priceMinor: 1003 }],
    });
    expect(ledger.charges.filter((row) => row.orderId === id)).toMatchObject([
      { amountMinor: 2006, status: 'captured' },
    ]);
    expect(
      ledger.holds.filter(({ checkoutId }) => checkoutId === checkout.gotCheckoutId),
    ).toMatchObject([{ sku: 'sku-3', units: 2, state: 'committed', resolutions: 1 }]);
    expect(ledger.notifications.filter((row) => row.orderId === id)).toEqual([
      { orderId: id, sent: 1 },
    ]);
  });

  it('sells what was restocked, once it has said so, where it can be restocked', async (context) => {
    const { restock } = target;
    // Optional: only its owner can restock a target that is not ours.
    if (restock === undefined) return context.skip('this target cannot be restocked');
    const item = 7;
    expect((await ask(client, { operation: 'viewStock', item })).gotStock).toBe(3);
    await restock.call(target, item, 4);
    expect((await ask(client, { operation: 'viewStock', item })).gotStock).toBe(7);
    const { stock } = await target.ledger();
    expect(stock.find(({ sku }) => sku === 'sku-7')).toMatchObject({
      seeded: 3,
      restocked: 4,
      available: 7,
    });
  });

  it('declines every payment while it is told to, where payments are ours', async (context) => {
    const { setPayment } = target;
    // Optional: the gateway of a target that is not ours is none of our business.
    if (setPayment === undefined) return context.skip('the payments of this target are not ours');
    const latency = { p50Ms: 1, p99Ms: 2 };
    await setPayment.call(target, { latency, declined: 1, lostAnswers: 0 });
    const [, declined] = await buy(client, { item: 8, key: 'k-bad-times', customer: 5 });
    expect(said(declined)).toBe('refused payment_declined');
    await setPayment.call(target, null);
    const [, paid] = await buy(client, { item: 8, key: 'k-good-times', customer: 5 });
    expect(said(paid)).toBe('ok none');
    const nonsense = setPayment.call(target, { latency, declined: 2, lostAnswers: 0 });
    expect((await failureOf(nonsense)).code).toBe('TARGET_BAD_ANSWER');
  });

  it('refuses a seeding that cannot be, and says why', async () => {
    const twice = [...SEEDING.catalogue, ...SEEDING.catalogue];
    const failure = await failureOf(target.prepare({ ...SEEDING, catalogue: twice }));
    expect([failure.code, failure.message]).toEqual([
      'TARGET_PREPARE_FAILED',
      expect.stringContaining('400'),
    ]);
  });
});

describe.skipIf(!isBuilt).each(targetNames)('the end of the target %s', (name) => {
  it('leaves no process behind when it is closed, twice, or killed', async () => {
    for (const end of ['close', 'kill'] as const) {
      const target = await targetOf(name);
      let deaths = 0;
      target.onDeath(() => deaths++);
      const pids = (await observed(target)).processes.map(({ pid }) => pid);
      await target[end]();
      await target.close();
      for (let tries = 0; tries < 100 && pids.some(isAlive); tries++) await clock.sleep(20);
      expect([end, pids.filter(isAlive), deaths]).toEqual([end, [], 0]);
    }
  });

  it('tells once when it dies, and hangs in nothing afterwards', async () => {
    const target = await targetOf(name);
    await target.prepare(SEEDING);
    const reasons: string[] = [];
    const died = new Promise((resolve) => target.onDeath((why) => resolve(reasons.push(why))));
    for (const { pid } of (await observed(target)).processes) process.kill(pid, 'SIGKILL');
    await died;
    await clock.sleep(50);
    expect(reasons.length).toBe(1);
    expect(reasons[0]).not.toBe('');
    expect(await target.settle(10_000)).toBe(false);
    expect((await failureOf(target.ledger())).code).toBe('TARGET_UNREACHABLE');
  });

  it('cannot hang us when it is stopped', async () => {
    const target = await targetOf(name, { controlTimeoutMs: 200 });
    await target.prepare(SEEDING);
    const pids = (await observed(target)).processes.map(({ pid }) => pid);
    process.kill(pids[0] ?? 0, 'SIGSTOP');
    expect((await failureOf(target.observe())).code).toBe('TARGET_UNREACHABLE');
    expect((await failureOf(target.ledger())).code).toBe('TARGET_UNREACHABLE');
    expect(await target.settle(300)).toBe(false);
    await target.close();
    for (let tries = 0; tries < 100 && pids.some(isAlive); tries++) await clock.sleep(20);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it('notices that another program answers in its place', async () => {
    const target = await targetOf(name);
    const [shop] = (await observed(target)).processes;
    process.kill(shop?.pid ?? 0, 'SIGKILL');
    const impostor = http.createServer((_request, answer) => {
      answer.writeHead(200, { 'content-type': 'application/json' });
      answer.end('{"status":"ok","instance":"another"}');
    });
    while (isAlive(shop?.pid ?? 0)) await clock.sleep(5);
    impostor.listen(Number(new URL(target.url).port), '127.0.0.1');
    await once(impostor, 'listening');
    opened.push({
      close: () => {
        impostor.closeAllConnections();
        return new Promise((resolve) => impostor.close(() => resolve()));
      },
    });
    expect((await failureOf(target.prepare(SEEDING))).code).toBe('TARGET_FOREIGN');
  });
});
