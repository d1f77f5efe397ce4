/** What must hold of a shop at rest, read from its own ledger and the gateway's. */
import { expect } from 'vitest';
import type { EventRow, OrderRow } from '../../src/contract/ledger.ts';
import type { Page } from '../../src/reference-system/services.ts';
import type { ShopBench } from './shop-core.ts';

export async function readAll<T>(
  bench: ShopBench,
  read: (after: string | null, limit: number) => Promise<Page<T>>,
): Promise<T[]> {
  const rows: T[] = [];
  for (let after: string | null = null; ; ) {
    const page: Page<T> = await bench.until(read(after, 7));
    rows.push(...page.items);
    after = page.next;
    if (after === null) return rows;
  }
}

/** Live ∪ archive; an order that is in both must be the same in both. */
export async function allOrders(bench: ShopBench): Promise<OrderRow[]> {
  const { orders } = bench.core;
  const live = await readAll(bench, (after, limit) => orders.orderRows(after, limit));
  const archived = await readAll(bench, (after, limit) => orders.archivedRows(after, limit));
  const byId = new Map(live.map((row) => [row.id, row]));
  for (const row of archived) {
    const twin = byId.get(row.id);
    if (twin !== undefined) expect(row, `${row.id} is the same in both places`).toEqual(twin);
    byId.set(row.id, row);
  }
  expect(new Set(archived.map(({ id }) => id)).size).toBe(archived.length);
  return [...byId.values()];
}

function expectNumbered(events: readonly EventRow[]): void {
  const versions = new Map<string, number[]>();
  for (const { orderId, version = 0 } of events) {
    versions.set(orderId, [...(versions.get(orderId) ?? []), version]);
  }
  for (const [orderId, seen] of versions) {
    const expected = seen.map((_, index) => index + 1);
    expect(seen, `events of ${orderId} are numbered in their order`).toEqual(expected);
  }
}

const CONFIRMED = ['confirmed', 'archived'];

export async function expectSound(bench: ShopBench): Promise<readonly OrderRow[]> {
  const { orders, inventory } = bench.core;
  const rows = await allOrders(bench);
  const holds = await readAll(bench, (after, limit) => inventory.holdRows(after, limit));
  const events = await readAll(bench, (after, limit) => orders.eventRows(after, limit));
  const sent = await readAll(bench, (after, limit) => orders.notificationRows(after, limit));
  const stock = await bench.until(inventory.stockRows());

  for (const row of stock) {
    const { sku, available, held, committed, seeded, restocked } = row;
    expect(available + held + committed, `stock of ${sku} is conserved`).toBe(seeded + restocked);
  }
  for (const hold of holds) {
    const resolved = hold.state === 'held' ? 0 : 1;
    expect(hold.resolutions, `hold ${hold.id} is resolved once`).toBe(resolved);
  }
  expectUnits(rows, stock);
  expectMoney(bench, rows);

  const everConfirmed = rows.filter((row) => row.confirmedSeq > 0).map((row) => row.id);
  const completions = events.filter((event) => event.type === 'order.confirmed');
  expect(completions.map((event) => event.orderId).sort()).toEqual(everConfirmed.sort());
  expect(new Set(events.map((event) => event.id)).size).toBe(events.length);
  expectNumbered(events);
  expect(sent.map((row) => [row.orderId, row.sent]).sort()).toEqual(
    everConfirmed.map((id) => [id, 1]).sort(),
  );
  expectOneOrderPerCheckout(rows);
  return rows;
}

function expectUnits(
  rows: readonly OrderRow[],
  stock: readonly { sku: string; committed: number }[],
): void {
  const ordered = new Map<string, number>();
  for (const row of rows) {
    if (!CONFIRMED.includes(row.status)) continue;
    for (const { sku, units } of row.lines) ordered.set(sku, (ordered.get(sku) ?? 0) + units);
  }
  for (const { sku, committed } of stock) {
    expect(committed, `committed units of ${sku} belong to orders`).toBe(ordered.get(sku) ?? 0);
  }
}

/** Every confirmed order is paid for once, and nothing else is. */
function expectMoney(bench: ShopBench, rows: readonly OrderRow[]): void {
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const charge of bench.payments.charges.values()) {
    const order = byId.get(charge.orderId);
    expect(order, `charge of ${charge.orderId} has an order`).toBeDefined();
    expect(charge.captures).toBeLessThanOrEqual(1);
    expect(charge.refunds).toBeLessThanOrEqual(charge.captures);
    if (charge.status !== 'captured') continue;
    expect(CONFIRMED, `${charge.orderId} is charged`).toContain(order?.status);
    expect(charge.amountMinor).toBe(order?.totalMinor);
  }
  for (const row of rows) {
    if (!CONFIRMED.includes(row.status)) continue;
    expect(bench.payments.charges.get(row.id)?.status, `${row.id} is paid`).toBe('captured');
  }
}

function expectOneOrderPerCheckout(rows: readonly OrderRow[]): void {
  const checkouts = rows.map((row) => row.checkoutId);
  expect(new Set(checkouts).size, 'one order per checkout').toBe(checkouts.length);
  const keys = rows.map((row) => `${row.customer} ${row.key}`);
  expect(new Set(keys).size, 'one order per key').toBe(keys.length);
}
