/** The books of the shop and of its payment gateway, read over their control ports. */
import type { Ledger } from '../../contract/ledger.ts';
import type { ControlClient } from './control-client.ts';
import { readPages } from './ledger-pages.ts';
import {
  readAdmissionRow,
  readEventRow,
  readHoldRow,
  readNotificationRow,
  readOrderRow,
  readStockRow,
} from './ledger-rows.ts';
import { readPaymentLedger } from './payment-ledger.ts';
import { RowReader } from './row-reader.ts';

export interface Books {
  readonly control: ControlClient;
  readonly gateway: ControlClient;
}

/** What is between two steps; `callbacks`: messages of the gateway that are still to be sent. */
export interface Unfinished {
  readonly orders: number;
  readonly outbox: number;
  readonly heldUnits: number;
  readonly callbacks: number;
}

/** Throws TARGET_UNREACHABLE, or TARGET_BAD_ANSWER with the row and what is wrong with it. */
export async function readShopLedger(
  { control, gateway }: Books,
  { hasWaitingRoom, timeoutMs }: { readonly hasWaitingRoom: boolean; readonly timeoutMs: number },
): Promise<Ledger> {
  // One after the other, in the direction in which orders move: so that none is in neither.
  const readOrders = async () => {
    const orders = await readPages(control, '/ledger/orders', readOrderRow, timeoutMs);
    const archived = await readPages(control, '/control/archive', readOrderRow, timeoutMs);
    return { orders, archived };
  };
  const readAdmissions = async () =>
    hasWaitingRoom
      ? { admissions: await readPages(control, '/ledger/admissions', readAdmissionRow, timeoutMs) }
      : {};
  const [stock, holds, orders, events, notifications, money, unfinished, admissions] =
    await Promise.all([
      readPages(control, '/ledger/stock', readStockRow, timeoutMs),
      readPages(control, '/ledger/holds', readHoldRow, timeoutMs),
      readOrders(),
      readPages(control, '/ledger/events', readEventRow, timeoutMs),
      readPages(control, '/ledger/notifications', readNotificationRow, timeoutMs),
      readPaymentLedger(gateway, control, timeoutMs),
      readUnfinished({ control, gateway }, timeoutMs),
      readAdmissions(),
    ]);
  const pending = { orders: unfinished.orders, outbox: unfinished.outbox };
  return { stock, holds, ...orders, events, notifications, ...money, pending, ...admissions };
}

/** Throws TARGET_UNREACHABLE or TARGET_BAD_ANSWER. */
export async function readUnfinished(
  { control, gateway }: Books,
  timeoutMs: number,
): Promise<Unfinished> {
  const request = { method: 'GET', path: '/control/pending', timeoutMs } as const;
  const [answer, messages] = await Promise.all([control.send(request), gateway.send(request)]);
  const row = new RowReader(answer, '/control/pending');
  return {
    callbacks: new RowReader(messages, 'what is pending at the gateway').count('callbacks'),
    orders: row.count('orders'),
    outbox: row.count('outbox'),
    heldUnits: row.whole('heldUnits'),
  };
}
