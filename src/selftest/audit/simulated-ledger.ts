/** The ledgers of a simulated sale: what the shop says of itself, and what its gateway says. */
import type { Ledger } from '../../contract/ledger.ts';
import type { Page } from '../../reference-system/services.ts';
import type { SimulatedGateway } from './simulated-gateway.ts';
import type { ShopLife } from './simulated-shop.ts';

const PAGE = 50;

export async function readLedger(
  life: ShopLife | undefined,
  gateway: SimulatedGateway,
): Promise<Ledger> {
  if (life === undefined) throw new Error('the simulated shop did not come back');
  const { inventory, orders, waitingRoom } = life;
  const { orders: open, outbox } = await orders.pending();
  const callbacks = await gateway.messages();
  const effects = (): Promise<Ledger['callbackEffects']> =>
    everyPage((after) => orders.callbackRows(after, PAGE));
  const ledger: Ledger = {
    stock: await inventory.stockRows(),
    holds: await everyPage((after) => inventory.holdRows(after, PAGE)),
    orders: await everyPage((after) => orders.orderRows(after, PAGE)),
    archived: await everyPage((after) => orders.archivedRows(after, PAGE)),
    events: await everyPage((after) => orders.eventRows(after, PAGE)),
    notifications: await everyPage((after) => orders.notificationRows(after, PAGE)),
    charges: await gateway.rows(),
    pending: { orders: open, outbox },
  };
  return {
    ...ledger,
    ...(callbacks !== undefined && { callbacks, callbackEffects: (await effects()) ?? [] }),
    ...(waitingRoom !== undefined && {
      admissions: await everyPage((after) => waitingRoom.rows(after, PAGE)),
    }),
  };
}

async function everyPage<T>(read: (after: string | null) => Promise<Page<T>>): Promise<T[]> {
  const rows: T[] = [];
  for (let after: string | null = null; ; ) {
    const page: Page<T> = await read(after);
    rows.push(...page.items);
    after = page.next;
    if (after === null) return rows;
  }
}
