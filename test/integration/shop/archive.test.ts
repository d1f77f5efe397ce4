// Real processes: completed orders move to the archive while the shop sells, and across a kill.
import { afterEach, describe, expect, it } from 'vitest';
import { Shop, until } from './running-shop.ts';

let shop: Shop;

afterEach(() => shop.running.stop());

async function listed(path: string): Promise<any[]> {
  const rows: any[] = [];
  for (let after: string | null = null; ; ) {
    const cursor: string = after === null ? '' : `&after=${encodeURIComponent(after)}`;
    const { body } = await shop.control('GET', `${path}?limit=7${cursor}`);
    rows.push(...body.items);
    after = body.next;
    if (after === null) return rows;
  }
}

async function start(layout: 'shared' | 'per-service', afterMs: number): Promise<void> {
  shop = await Shop.start({ system: { layout, archive: { afterMs } } });
  await shop.seed({ hotUnits: 100 });
}

async function buy(customer: number): Promise<string> {
  const held = await shop.checkout(customer, 'plain');
  const answer = await shop.order(customer, `key-${customer}`, held.body.id);
  expect(answer.status).toBe(201);
  return answer.body.id;
}

describe('an order that has rested', () => {
  it.each(['shared', 'per-service'] as const)(
    '%s: is archived, and told as before',
    async (layout) => {
      await start(layout, 100);
      const id = await buy(0);
      await until(async () => (await listed('/ledger/orders')).length === 0);
      const [row, ...others] = await listed('/control/archive');
      expect([row.id, row.status, others]).toEqual([id, 'archived', []]);
      const byId = await shop.api(0, 'GET', `/api/orders/${id}`);
      const byKey = await shop.api(0, 'GET', '/api/orders/by-key/key-0');
      const list = await shop.api(0, 'GET', '/api/orders');
      expect(byId.body).toMatchObject({ id, status: 'archived', totalMinor: 1999 });
      expect([byKey.body, list.body]).toEqual([byId.body, { items: [byId.body], next: null }]);
      const cancelled = await shop.api(0, 'POST', `/api/orders/${id}/cancel`);
      expect([cancelled.status, cancelled.body.code]).toEqual([409, 'illegal_state']);
      await shop.settle();
      const events = await listed('/ledger/events');
      expect(events.map(({ type, version }) => [type, version])).toEqual([
        ['order.confirmed', 1],
        ['order.archived', 2],
      ]);
    },
  );

  it('is in one of the two places after every kill', async () => {
    await start('shared', 100);
    const ids: string[] = [];
    for (let life = 0; life < 3; life++) {
      for (let order = 0; order < 5; order++) ids.push(await buy(life * 5 + order));
      // Some are due, some are not, and some may be on their way.
      await until(async () => (await listed('/control/archive')).length > life * 4);
      await shop.running.restartShop();
    }
    await until(async () => (await listed('/ledger/orders')).length === 0);
    const archived = await listed('/control/archive');
    expect(archived.map(({ id }) => id).sort()).toEqual(ids.sort());
    await shop.settle();
    const charges = (await shop.charges()).body.items;
    expect(charges.map((charge: any) => charge.orderId).sort()).toEqual(ids);
  });

  it('stands still while it is told to', async () => {
    await start('shared', 100);
    const stopped = await shop.control('POST', '/control/archive', { moving: false });
    expect([stopped.status, stopped.body]).toEqual([200, { moving: false }]);
    const id = await buy(0);
    for (const body of [{}, { moving: 'no' }, { moving: 1 }]) {
      expect((await shop.control('POST', '/control/archive', body)).status).toBe(400);
    }
    expect((await listed('/ledger/orders')).map((row) => row.id)).toEqual([id]);
    await shop.control('POST', '/control/archive', { moving: true });
    await until(async () => (await listed('/control/archive')).length === 1);
  });
});
