/** Control routes for watching: the observer's reading and what is still unfinished. */
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../base/clock.ts';
import type { TargetObservation } from '../../contract/target.ts';
import type {
  InventoryService,
  OrdersService,
  SaleService,
  WaitingRoomService,
} from '../services.ts';
import { processUsage } from './process-usage.ts';

/** What the rest of the shop tells about its load. */
export interface LoadReading {
  /** Requests and store calls in hand. */
  readonly queueLength: number;
  readonly storeBusyMs: number;
  /** Requests that the gateway turned away, since the start. */
  readonly door: {
    readonly shed: number;
    readonly shedByDelay: number;
    readonly refusedPerAddress: number;
    readonly refusedPerUser: number;
  };
}

export interface Observer {
  readonly inventory: InventoryService;
  readonly orders: OrdersService;
  readonly sale: SaleService;
  readonly waitingRoom: WaitingRoomService | undefined;
  readonly clock: Clock;
  readonly load: () => LoadReading;
}

export function observeRoute(server: FastifyInstance, shop: Observer): void {
  server.get('/control/observe', async (): Promise<TargetObservation> => {
    const [stock, pending] = await Promise.all([
      shop.inventory.observe(shop.sale.window().skus),
      shop.orders.pending(),
    ]);
    const { queueLength, storeBusyMs, door } = shop.load();
    const { shed, shedByDelay, refusedPerAddress, refusedPerUser } = door;
    return {
      atUs: shop.clock.nowUs(),
      hotAvailable: stock.available,
      hotHeld: stock.held,
      ordersConfirmed: pending.confirmed,
      queueLength,
      turnedAway: { shed, shedByDelay, perAddress: refusedPerAddress, perUser: refusedPerUser },
      ...(shop.waitingRoom && { waitingRoom: shop.waitingRoom.reading() }),
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
