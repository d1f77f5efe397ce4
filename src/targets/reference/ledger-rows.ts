/** The rows of the ledger lists, parsed strictly into the contract's own shapes. */
import type {
  ChargeRow,
  EventRow,
  HoldRow,
  Ledger,
  OrderLine,
  OrderRow,
  StockRow,
} from '../../contract/ledger.ts';
import type { InventoryCounts, ProcessUsage, TargetObservation } from '../../contract/target.ts';
import type { RowReader } from './row-reader.ts';

const MAX_LINES = 1000;
const MAX_PROCESSES = 64;
const HOLD_STATES = ['held', 'committed', 'released', 'expired'] as const;
const CHARGE_STATES = ['captured', 'declined', 'voided', 'refunded'] as const;

/** Counts of stock may be negative: a shop that oversells must be able to say so. */
export function readStockRow(row: RowReader): StockRow {
  return {
    sku: row.id('sku'),
    seeded: row.count('seeded'),
    restocked: row.count('restocked'),
    available: row.whole('available'),
    held: row.whole('held'),
    committed: row.whole('committed'),
  };
}

export function readHoldRow(row: RowReader): HoldRow {
  return {
    id: row.id('id'),
    checkoutId: row.id('checkoutId'),
    sku: row.id('sku'),
    units: row.count('units'),
    state: row.oneOf('state', HOLD_STATES),
    createdAtUs: row.quantity('createdAtUs'),
    expiresAtUs: row.quantity('expiresAtUs'),
    resolvedAtUs: row.quantity('resolvedAtUs'),
    resolutions: row.count('resolutions'),
  };
}

function readOrderLine(row: RowReader): OrderLine {
  return { sku: row.id('sku'), units: row.count('units'), priceMinor: row.count('priceMinor') };
}

export function readOrderRow(row: RowReader): OrderRow {
  return {
    id: row.id('id'),
    key: row.text('key'),
    customer: row.id('customer'),
    checkoutId: row.text('checkoutId'),
    status: row.id('status'),
    lines: row.list('lines', MAX_LINES, readOrderLine),
    totalMinor: row.count('totalMinor'),
    currency: row.text('currency'),
    confirmedSeq: row.count('confirmedSeq'),
    returnedSeq: row.count('returnedSeq'),
    createdAtUs: row.quantity('createdAtUs'),
  };
}

export function readEventRow(row: RowReader): EventRow {
  return {
    id: row.id('id'),
    seq: row.count('seq'),
    type: row.id('type'),
    orderId: row.text('orderId'),
    version: row.count('version'),
  };
}

/** A charge that was barred before it was tried has no key and no currency. */
export function readChargeRow(row: RowReader): ChargeRow {
  return {
    id: row.id('id'),
    orderId: row.id('orderId'),
    key: row.text('key'),
    amountMinor: row.count('amountMinor'),
    currency: row.text('currency'),
    status: row.oneOf('status', CHARGE_STATES),
    atUs: row.quantity('atUs'),
  };
}

export function readNotificationRow(row: RowReader): Ledger['notifications'][number] {
  return { orderId: row.id('orderId'), sent: row.count('sent') };
}

export function readProcessUsage(row: RowReader): ProcessUsage {
  return {
    name: row.id('name'),
    pid: row.count('pid'),
    cpuMs: row.quantity('cpuMs'),
    rssBytes: row.count('rssBytes'),
    loopBusyMs: row.quantity('loopBusyMs'),
    storeBusyMs: row.quantity('storeBusyMs'),
  };
}

export function readInventoryCounts(row: RowReader): InventoryCounts {
  return {
    requests: row.count('requests'),
    attempts: row.count('attempts'),
    conflicts: row.count('conflicts'),
    lockWaitMs: row.quantity('lockWaitMs'),
    steals: row.count('steals'),
    repairedUnits: row.count('repairedUnits'),
  };
}

export function readObservation(row: RowReader): TargetObservation {
  return {
    atUs: row.quantity('atUs'),
    hotAvailable: row.whole('hotAvailable'),
    hotHeld: row.whole('hotHeld'),
    ordersConfirmed: row.count('ordersConfirmed'),
    queueLength: row.count('queueLength'),
    processes: row.list('processes', MAX_PROCESSES, readProcessUsage),
  };
}
