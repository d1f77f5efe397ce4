/** The procedures of every service, by store name. Adding a service is one import and one line. */
import { archiveProcedures } from '../archive/archive-procedures.ts';
import { cartProcedures } from '../cart/cart-procedures.ts';
import { eventProcedures } from '../events/event-procedures.ts';
import { inventoryProcedures } from '../inventory/inventory-procedures.ts';
import { notificationProcedures } from '../notifications/notification-procedures.ts';
import { orderProcedures } from '../orders/order-procedures.ts';
import { userProcedures } from '../users/user-procedures.ts';
import type { ProcedureModule } from './procedure-module.ts';
import type { StoreName } from './store.ts';

export const PROCEDURES: Partial<Record<StoreName, ProcedureModule>> = {
  inventory: inventoryProcedures,
  cart: cartProcedures,
  orders: orderProcedures,
  events: eventProcedures,
  notifications: notificationProcedures,
  users: userProcedures,
  archive: archiveProcedures,
};

/** The modules of these services; a service without procedures has no tables either. */
export function modulesOf(services: readonly string[]): ProcedureModule[] {
  return services.flatMap((service) => PROCEDURES[service as StoreName] ?? []);
}
