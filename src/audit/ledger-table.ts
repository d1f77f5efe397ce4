/**
 * The rows of a ledger as columns: numbers packed, ids as numbers of text tables, which several
 * readings share because they have most texts in common.
 */
import type {
  AdmissionRow,
  CallbackEffectRow,
  CallbackRow,
  ChargeRow,
  EventRow,
  HoldRow,
  Ledger,
  LedgerRows,
  OrderRow,
  StockRow,
} from '../contract/ledger.ts';
import {
  LEDGER_LISTS,
  type ListName,
  OFFERED_LISTS,
  SCHEMAS,
  type Schema,
} from './ledger-schema.ts';
import type { LedgerTexts } from './ledger-texts.ts';
import { RowTable } from './row-table.ts';

export class LedgerTable implements LedgerRows {
  readonly texts: LedgerTexts;
  readonly stock: RowTable<StockRow>;
  readonly holds: RowTable<HoldRow>;
  orders: RowTable<OrderRow>;
  readonly events: RowTable<EventRow>;
  readonly charges: RowTable<ChargeRow>;
  readonly notifications: RowTable<Ledger['notifications'][number]>;
  archived: RowTable<OrderRow> | undefined;
  callbacks: RowTable<CallbackRow> | undefined;
  callbackEffects: RowTable<CallbackEffectRow> | undefined;
  admissions: RowTable<AdmissionRow> | undefined;
  pending: Ledger['pending'] = { orders: 0, outbox: 0 };

  constructor(texts: LedgerTexts) {
    this.texts = texts;
    this.stock = new RowTable(SCHEMAS.stock, texts);
    this.holds = new RowTable(SCHEMAS.holds, texts);
    this.orders = new RowTable(SCHEMAS.orders, texts);
    this.events = new RowTable(SCHEMAS.events, texts);
    this.charges = new RowTable(SCHEMAS.charges, texts);
    this.notifications = new RowTable(SCHEMAS.notifications, texts);
  }

  /** The same ledger with other orders. */
  withOrders(orders: RowTable<OrderRow>): LedgerTable {
    const other = Object.assign(new LedgerTable(this.texts), this);
    other.orders = orders;
    return other;
  }

  /** The list, made when the target offers it. */
  list(name: ListName): RowTable<never> {
    const offered = this as Record<ListName, unknown>;
    offered[name] ??= new RowTable(SCHEMAS[name] as Schema<unknown>, this.texts);
    return offered[name] as RowTable<never>;
  }
}

/** Throws when a row is not what a ledger has. */
export function tableOf(ledger: LedgerRows, texts: LedgerTexts): LedgerTable {
  if (ledger instanceof LedgerTable) return ledger;
  const table = new LedgerTable(texts);
  for (const name of [...LEDGER_LISTS, ...OFFERED_LISTS]) {
    const rows: Iterable<unknown> | undefined = ledger[name];
    if (rows === undefined) continue;
    const list = table.list(name);
    for (const row of rows) list.add(row);
  }
  table.pending = ledger.pending;
  return table;
}
