/** A small language to write the story of a sale by hand: history and ledgers stay in step. */
import type {
  AuditInput,
  DrainProbe,
  Resolution,
  RestockCommand,
} from '../../src/contract/audit.ts';
import { customerIdOf } from '../../src/contract/customer.ts';
import { type History, type OperationRecord, PROBE_JOURNEY } from '../../src/contract/history.ts';
import type {
  AdmissionRow,
  CallbackEffectRow,
  CallbackRow,
  ChargeRow,
  EventRow,
  HoldRow,
  HoldState,
  Ledger,
  OrderLine,
  OrderRow,
  StockRow,
} from '../../src/contract/ledger.ts';
import type { Reason } from '../../src/contract/outcome.ts';
import type { CatalogueItem, Sale } from '../../src/contract/scenario.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A ledger whose rows a test may change before it is judged. */
export interface EditableLedger {
  stock: Mutable<StockRow>[];
  holds: Mutable<HoldRow>[];
  orders: (Omit<Mutable<OrderRow>, 'lines'> & { lines: Mutable<OrderLine>[] })[];
  events: Mutable<EventRow>[];
  charges: Mutable<ChargeRow>[];
  notifications: { orderId: string; sent: number }[];
  archived?: EditableLedger['orders'];
  callbacks?: Mutable<CallbackRow>[];
  callbackEffects?: Mutable<CallbackEffectRow>[];
  admissions?: Mutable<AdmissionRow>[];
  pending: { orders: number; outbox: number };
}

export const PRICE_MINOR = 1000;
export const TTL_MS = 8000;
export const GRACE_MS = 1500;
/** Host-wide µs of instant 0. */
export const START_US = 7_000_000_000;

export function historyOf(records: readonly OperationRecord[], lost = 0): History {
  return {
    records: records.length,
    lost,
    forEach(visit) {
      for (const [index, record] of records.entries()) visit({ ...record }, index);
    },
    at: (index) => ({ ...(records[index] as OperationRecord) }),
  };
}

export function recordOf(fields: Partial<OperationRecord>): OperationRecord {
  return {
    operation: 'order',
    outcome: 'ok',
    reason: 'none',
    attempt: 1,
    status: 200,
    journey: 0,
    customer: 0,
    population: 0,
    item: -1,
    units: 1,
    invokedUs: 0,
    doneUs: 0,
    key: '',
    checkoutId: '',
    orderId: '',
    totalMinor: -1,
    stock: -1,
    expiresUs: -1,
    orderStatus: '',
    replayed: false,
    ...fields,
  };
}

export interface Purchase {
  readonly customer: number;
  readonly item?: number;
  readonly units?: number;
  /** Start of the checkout; the order follows 100 ms later and takes 50 ms. */
  readonly atMs: number;
}

export interface Bought {
  readonly customer: number;
  readonly item: number;
  readonly units: number;
  readonly key: string;
  readonly checkoutId: string;
  readonly orderId: string;
  readonly atMs: number;
}

export interface StoryOptions {
  /** Units seeded per item. */
  readonly units: readonly number[];
  readonly perCustomer?: number;
  readonly opensAtMs?: number;
  readonly closesAtMs?: number | null;
  readonly hotItems?: readonly number[];
}

const us = (ms: number): number => Math.round(ms * 1000);

/** What an audit is given, with ledgers that tests may look into. */
export type StoryInput = Omit<AuditInput, 'ledgers'> & { readonly ledgers: readonly Ledger[] };

export class SaleStory {
  readonly records: OperationRecord[] = [];
  readonly holds: Mutable<HoldRow>[] = [];
  readonly orders: Mutable<OrderRow>[] = [];
  readonly events: Mutable<EventRow>[] = [];
  readonly charges: Mutable<ChargeRow>[] = [];
  readonly notifications: { orderId: string; sent: number }[] = [];
  readonly resolutions: Resolution[] = [];
  readonly drainProbes: DrainProbe[] = [];
  readonly restocked: Record<string, number> = {};
  readonly restocks: RestockCommand[] = [];
  readonly catalogue: readonly CatalogueItem[];
  readonly sale: Sale;
  lost = 0;
  #ids = 0;
  #seq = 0;

  constructor(options: StoryOptions) {
    this.catalogue = options.units.map((units, item) => ({
      sku: `SKU-${item}`,
      title: `Item ${item}`,
      description: '',
      category: 'c',
      attributes: {},
      priceMinor: PRICE_MINOR + item,
      units,
    }));
    this.sale = {
      opensAtMs: options.opensAtMs ?? 0,
      closesAtMs: options.closesAtMs ?? null,
      hotItems: options.hotItems ?? [0],
      demandToStock: 2,
      perCustomer: options.perCustomer ?? 2,
    };
  }

  skuOf(item: number): string {
    return this.catalogue[item]?.sku ?? `SKU-${item}`;
  }

  priceOf(item: number): number {
    return this.catalogue[item]?.priceMinor ?? 0;
  }

  record(fields: Partial<OperationRecord>, fromMs: number, tookMs = 10): OperationRecord {
    const record = recordOf({
      journey: fields.customer ?? 0,
      invokedUs: us(fromMs),
      doneUs: us(fromMs + tookMs),
      ...fields,
    });
    this.records.push(record);
    return record;
  }

  /** An acknowledged hold. */
  checkout(purchase: Purchase): Bought {
    const { customer, item = 0, units = 1, atMs } = purchase;
    const id = ++this.#ids;
    const bought: Bought = {
      customer,
      item,
      units,
      atMs,
      key: `k-${id}`,
      checkoutId: `co-${id}`,
      orderId: `o-${id}`,
    };
    const expiresUs = us(atMs + 5 + TTL_MS);
    this.record(
      {
        operation: 'checkout',
        customer,
        item,
        units,
        checkoutId: bought.checkoutId,
        totalMinor: units * this.priceOf(item),
        expiresUs,
        status: 201,
      },
      atMs,
    );
    this.holds.push({
      id: `${bought.checkoutId}/${this.skuOf(item)}`,
      checkoutId: bought.checkoutId,
      sku: this.skuOf(item),
      units,
      state: 'held',
      createdAtUs: START_US + us(atMs + 5),
      expiresAtUs: START_US + expiresUs,
      resolvedAtUs: 0,
      resolutions: 0,
    });
    return bought;
  }

  holdOf(bought: Bought): Mutable<HoldRow> {
    return this.holds.find((hold) => hold.checkoutId === bought.checkoutId) as Mutable<HoldRow>;
  }

  orderOf(bought: Bought): Mutable<OrderRow> {
    return this.orders.find((order) => order.id === bought.orderId) as Mutable<OrderRow>;
  }

  chargeOf(bought: Bought): Mutable<ChargeRow> {
    return this.charges.find((charge) => charge.orderId === bought.orderId) as Mutable<ChargeRow>;
  }

  resolveHold(bought: Bought, state: HoldState, atMs: number): void {
    const hold = this.holdOf(bought);
    hold.state = state;
    hold.resolvedAtUs = START_US + us(atMs);
    hold.resolutions = 1;
  }

  /** What the shop does for an order that is paid for. */
  confirmInLedger(bought: Bought, atMs: number): void {
    this.resolveHold(bought, 'committed', atMs);
    this.#orderRow(bought, 'confirmed', atMs, ++this.#seq);
    this.#charge(bought, 'captured', atMs - 5);
    const id = `e-${bought.orderId}`;
    this.events.push({
      id,
      seq: this.events.length,
      type: 'order.confirmed',
      orderId: bought.orderId,
    });
    this.notifications.push({ orderId: bought.orderId, sent: 1 });
  }

  /** An order attempt as the client saw it. */
  attempt(
    bought: Bought,
    fields: Partial<OperationRecord>,
    fromMs = bought.atMs + 100,
    tookMs = 50,
  ): OperationRecord {
    const { customer, item, units, key, checkoutId } = bought;
    return this.record({ customer, item, units, key, checkoutId, ...fields }, fromMs, tookMs);
  }

  /** The answer of an order that was confirmed. */
  confirmedAnswer(bought: Bought): Partial<OperationRecord> {
    return {
      operation: 'order',
      status: 201,
      orderId: bought.orderId,
      orderStatus: 'confirmed',
      totalMinor: bought.units * this.priceOf(bought.item),
    };
  }

  /** Checkout and order, both acknowledged. */
  buy(purchase: Purchase): Bought {
    const bought = this.checkout(purchase);
    this.confirmInLedger(bought, bought.atMs + 140);
    this.attempt(bought, this.confirmedAnswer(bought));
    return bought;
  }

  /** A checkout that nobody pays: it expires, swept half a second late. */
  abandon(purchase: Purchase): Bought {
    const bought = this.checkout(purchase);
    this.resolveHold(bought, 'expired', bought.atMs + 5 + TTL_MS + 500);
    return bought;
  }

  /** An order that is declined. */
  decline(purchase: Purchase): Bought {
    const bought = this.checkout(purchase);
    this.resolveHold(bought, 'released', bought.atMs + 145);
    this.#orderRow(bought, 'declined', bought.atMs + 145, 0);
    this.#charge(bought, 'declined', bought.atMs + 140);
    this.attempt(bought, { outcome: 'refused', reason: 'payment_declined', status: 402 });
    return bought;
  }

  /** Gives an order back, as asked by its customer. */
  cancel(bought: Bought, atMs: number): void {
    const { customer, item, units, orderId, key } = bought;
    const fields = { operation: 'cancelOrder', customer, item, units, orderId, key } as const;
    this.record({ ...fields, orderStatus: 'refunded' }, atMs, 50);
    this.returnInLedger(bought);
  }

  returnInLedger(bought: Bought): void {
    const order = this.orderOf(bought);
    order.status = 'refunded';
    order.returnedSeq = ++this.#seq;
    this.chargeOf(bought).status = 'refunded';
  }

  /** The coordinator puts units on sale; `tookMs` null: the shop never said that it did. */
  restock(item: number, units: number, atMs: number, tookMs: number | null = 10): void {
    const sku = this.skuOf(item);
    this.restocked[sku] = (this.restocked[sku] ?? 0) + units;
    const doneUs = tookMs === null ? null : us(atMs + tookMs);
    this.restocks.push({ item, units, sentUs: us(atMs), doneUs });
  }

  soldOut(customer: number, atMs: number, item = 0): OperationRecord {
    return this.refuse(customer, atMs, 'sold_out', item);
  }

  refuse(customer: number, atMs: number, reason: Reason, item = 0): OperationRecord {
    const fields = { operation: 'checkout', outcome: 'refused', reason, status: 409 } as const;
    return this.record({ ...fields, customer, item }, atMs);
  }

  readStock(stock: number, atMs: number, item = 0): OperationRecord {
    return this.record({ operation: 'viewStock', customer: 999, item, stock }, atMs, 2);
  }

  /** Sells an item out one by one, as the drain probe does. */
  drain(item: number, fromMs: number): void {
    const reported = this.#stock()[item]?.available ?? 0;
    for (let i = 0; i < reported; i++) {
      const customer = 100_000 + this.#ids;
      const first = this.records.length;
      this.buy({ customer, item, atMs: fromMs + i * 200 });
      for (const record of this.records.slice(first)) record.journey = PROBE_JOURNEY;
    }
    const last = this.soldOut(99_999, fromMs + reported * 200, item);
    last.journey = PROBE_JOURNEY;
    this.drainProbes.push({ item, reported, bought: reported, refusedAtEnd: true, problem: '' });
  }

  #orderRow(bought: Bought, status: string, atMs: number, confirmedSeq: number): void {
    const { item, units, key, customer, checkoutId, orderId } = bought;
    const priceMinor = this.priceOf(item);
    this.orders.push({
      id: orderId,
      key,
      customer: customerIdOf(customer),
      checkoutId,
      status,
      lines: [{ sku: this.skuOf(item), units, priceMinor }],
      totalMinor: units * priceMinor,
      currency: 'EUR',
      confirmedSeq,
      returnedSeq: 0,
      createdAtUs: START_US + us(atMs - 30),
    });
  }

  #charge(bought: Bought, status: ChargeRow['status'], atMs: number): void {
    const { orderId, item, units } = bought;
    this.charges.push({
      id: `ch-${this.charges.length}`,
      orderId,
      key: orderId,
      amountMinor: units * this.priceOf(item),
      currency: 'EUR',
      status,
      atUs: START_US + us(atMs),
    });
  }

  /** The stock rows that a correct inventory would show for these holds and orders. */
  #stock(): StockRow[] {
    const returned = new Set(
      this.orders.filter((order) => order.returnedSeq > 0).map((order) => order.checkoutId),
    );
    return this.catalogue.map(({ sku, units: seeded }) => {
      const restocked = this.restocked[sku] ?? 0;
      let held = 0;
      let committed = 0;
      for (const hold of this.holds) {
        if (hold.sku !== sku) continue;
        if (hold.state === 'held') held += hold.units;
        if (hold.state === 'committed' && !returned.has(hold.checkoutId)) committed += hold.units;
      }
      const available = seeded + restocked - held - committed;
      return { sku, seeded, restocked, available, held, committed };
    });
  }

  ledger(): EditableLedger {
    return structuredClone({
      stock: this.#stock(),
      holds: this.holds,
      orders: this.orders,
      events: this.events,
      charges: this.charges,
      notifications: this.notifications,
      pending: { orders: 0, outbox: 0 },
    }) as EditableLedger;
  }

  /**
   * The evidence of the story so far. `edit` changes every reading of the ledger; `before` are
   * readings taken earlier in the story, before a drain probe.
   */
  input(
    overrides: Partial<AuditInput> = {},
    edit: (ledger: EditableLedger) => void = () => {},
    before: EditableLedger = this.ledger(),
  ): StoryInput {
    const ledgers: EditableLedger[] = [before, structuredClone(before), this.ledger()];
    for (const ledger of ledgers) edit(ledger);
    return {
      runId: 'run-1',
      seed: 1,
      replayCommand: 'ecomsim run flash-sale --seed 1',
      catalogue: this.catalogue,
      sale: this.sale,
      currency: 'EUR',
      promises: {
        serverDeadlineMs: 2000,
        holdTtlMs: TTL_MS,
        sweepGraceMs: GRACE_MS,
        declaredBreaches: [],
        drainProbe: this.drainProbes.length > 0,
      },
      historyKept: true,
      history: historyOf(this.records, this.lost),
      ledgers: ledgers as Ledger[],
      ledgerStable: true,
      settled: true,
      resolutions: this.resolutions,
      drainProbes: this.drainProbes,
      restocked: this.restocked,
      ...(this.restocks.length > 0 && { restocks: this.restocks }),
      requiredGoals: [],
      startUs: START_US,
      ...overrides,
    } as StoryInput;
  }
}
