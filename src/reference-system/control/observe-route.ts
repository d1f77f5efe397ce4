/** Control routes for watching: the observer's reading and what is still unfinished. */
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../base/clock.ts';
import type { TargetObservation } from '../../contract/target.ts';
import type { InventoryService, OrdersService, SaleService } from '../services.ts';
import { processUsage } from './process-usage.ts';

/** What the rest of the shop tells about its load. */
export interface LoadReading {
  /** Requests and store calls in hand. */
  readonly queueLength: number;
  readonly storeBusyMs: number;
}

export interface Observer {
  readonly inventory: InventoryService;
  readonly orders: OrdersService;
  readonly sale: SaleService;
  readonly clock: Clock;
  readonly load: () => LoadReading;
}

export function observeRoute(server: FastifyInstance, shop: Observer): void {
  server.get('/control/observe', async (): Promise<TargetObservation> => {
    const [stock, pending] = await Promise.all([
      shop.inventory.observe(shop.sale.window().skus),
      shop.orders.pending(),
    ]);
    const { queueLength, storeBusyMs } = shop.load();
    return {
      atUs: shop.clock.nowUs(),
      hotAvailable: stock.available,
      hotHeld: stock.held,
      ordersConfirmed: pending.confirmed,
      queueLength,
      processes: [processUsage('shop', storeBusyMs)],
      inventory: shop.inventory.counts(),
    };
  });

  server.get('/control/pending', async () => {
    const [rows, pending] = await Promise.all([shop.inventory.stockRows(), shop.orders.pending()]);
    const heldUnits = rows.reduce((sum, row) => sum + row.held, 0);
    return { orders: pending.orders, outbox: pending.outbox, heldUnits };
  });
}
