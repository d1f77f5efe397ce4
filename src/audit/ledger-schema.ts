/** Which fields the rows of a ledger have, and of what kind their values are. */
import type {
  AdmissionRow,
  CallbackEffectRow,
  CallbackRow,
  ChargeRow,
  EventRow,
  HoldRow,
  Ledger,
  OrderRow,
  StockRow,
} from '../contract/ledger.ts';

/** `optional` is a number or absent. Texts of one kind are found by one table. */
export type Kind =
  | 'order'
  | 'checkout'
  | 'key'
  | 'customer'
  | 'id'
  | 'label'
  | 'number'
  | 'optional'
  | 'flag'
  | 'lines';

export type Schema<T> = { readonly [Field in keyof Required<T>]: Kind };

const ORDER: Schema<OrderRow> = {
  id: 'order',
  key: 'key',
  customer: 'customer',
  checkoutId: 'checkout',
  status: 'label',
  lines: 'lines',
  totalMinor: 'number',
  currency: 'label',
  confirmedSeq: 'number',
  returnedSeq: 'number',
  createdAtUs: 'number',
};

interface ListRow {
  stock: StockRow;
  holds: HoldRow;
  orders: OrderRow;
  events: EventRow;
  charges: ChargeRow;
  notifications: Ledger['notifications'][number];
  archived: OrderRow;
  callbacks: CallbackRow;
  callbackEffects: CallbackEffectRow;
  admissions: AdmissionRow;
}

export type ListName = keyof ListRow;

export const SCHEMAS: { readonly [List in ListName]: Schema<ListRow[List]> } = {
  stock: {
    sku: 'label',
    seeded: 'number',
    restocked: 'number',
    available: 'number',
    held: 'number',
    committed: 'number',
  },
  holds: {
    id: 'id',
    checkoutId: 'checkout',
    sku: 'label',
    units: 'number',
    state: 'label',
    createdAtUs: 'number',
    expiresAtUs: 'number',
    resolvedAtUs: 'number',
    resolutions: 'number',
  },
  orders: ORDER,
  events: { id: 'id', seq: 'number', type: 'label', orderId: 'order', version: 'optional' },
  charges: {
    id: 'id',
    orderId: 'order',
    key: 'id',
    amountMinor: 'number',
    currency: 'label',
    status: 'label',
    atUs: 'number',
    refundedMinor: 'optional',
  },
  notifications: { orderId: 'order', sent: 'number' },
  archived: ORDER,
  callbacks: {
    id: 'id',
    orderId: 'order',
    kind: 'label',
    amountMinor: 'number',
    currency: 'label',
    atUs: 'number',
    sent: 'number',
    isForged: 'flag',
  },
  callbackEffects: {
    id: 'id',
    orderId: 'order',
    applied: 'number',
    repeated: 'number',
    refused: 'number',
  },
  admissions: {
    id: 'id',
    customer: 'customer',
    joinedSeq: 'number',
    joinedAtUs: 'number',
    admittedSeq: 'number',
    admittedAtUs: 'number',
    expiresAtUs: 'number',
    uses: 'number',
  },
};

/** Lists that every ledger has. */
export const LEDGER_LISTS = [
  'stock',
  'holds',
  'orders',
  'events',
  'charges',
  'notifications',
] as const satisfies readonly ListName[];

/** Lists that only some targets offer. */
export const OFFERED_LISTS = [
  'archived',
  'callbacks',
  'callbackEffects',
  'admissions',
] as const satisfies readonly ListName[];
