// The history and the ledgers of a sound flash sale of any size, as the real writers keep them.
import { mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { flag } from './flags.mjs';

const dist = path.resolve(path.dirname(import.meta.dirname), flag('dist', 'dist'));
const load = (file) => import(pathToFileURL(path.join(dist, file)).href);
const { createHistoryWriter } = await load('history/history-writer.js');
const { createSystemClock } = await load('base/clock.js');
const { Prng } = await load('base/prng.js');
const { createCall, resetAnswer } = await load('contract/call.js');
const { PROBE_JOURNEY } = await load('contract/history.js');
const { customerIdOf } = await load('contract/customer.js');
const { storeAudit } = await load('commands/run/stored-audit.js');

const START_US = 3_600_000_000_000;
const OPS_PER_SEC = 16_667;
const HOT = 20;
const ITEMS = 200;
const OTHER_UNITS = 10_000;
const TTL_US = 30_000_000;
const GRACE_MS = 1500;
const STALL_US = 3_000_000;
const RESTOCKS = 20;
/** Events are due in buckets of this length. */
const BUCKET_US = 10_000;
const SEGMENTS = 2;
/** Records between two waits for the disk: fewer than the writer may queue. */
const FLUSH_EVERY = 8000;

export class SaleWriter {
  /** `orders`: about how many are confirmed. `oversold`: one unit more than there is. */
  constructor({ folder, ops, orders, seed, oversold }) {
    this.ops = ops;
    this.folder = folder;
    this.oversold = oversold;
    this.prng = new Prng(seed, 'audit-bench');
    this.call = createCall();
    this.records = 0;
    this.sequence = 0;
    this.customers = 2_000_000;
    this.buckets = new Map();
    this.orders = [];
    this.holds = [];
    this.charges = [];
    this.events = [];
    this.notifications = [];
    this.restocks = [];
    this.seedStock(orders);
    mkdirSync(path.join(folder, 'history'), { recursive: true });
    this.writers = Array.from({ length: SEGMENTS + 1 }, (_, i) =>
      createHistoryWriter({
        path: path.join(folder, 'history', `segment-${i}.history`),
        startUs: START_US,
        clock: createSystemClock(),
      }),
    );
  }

  seedStock(orders) {
    const weights = Array.from({ length: HOT }, (_, i) => 1 / (i + 1));
    const sum = weights.reduce((a, b) => a + b, 0);
    this.shares = [];
    let share = 0;
    for (const weight of weights) {
      share += weight / sum;
      this.shares.push(share);
    }
    const total = weights.map((weight) => Math.ceil((orders * weight) / sum));
    this.portion = total.map((units) => Math.ceil((units * 0.7) / RESTOCKS));
    this.seeded = Array.from({ length: ITEMS }, (_, item) =>
      item < HOT ? total[item] - this.portion[item] * RESTOCKS : OTHER_UNITS,
    );
    this.available = [...this.seeded];
    this.committed = this.seeded.map(() => 0);
    this.held = this.seeded.map(() => 0);
    this.restocked = this.seeded.map(() => 0);
  }

  id(prefix) {
    let hex = '';
    for (let i = 0; i < 4; i++)
      hex += this.prng
        .below(2 ** 32)
        .toString(16)
        .padStart(8, '0');
    return prefix + hex;
  }

  item() {
    const x = this.prng.unit();
    const item = this.shares.findIndex((share) => x < share);
    return item < 0 ? HOT - 1 : item;
  }

  /** One record; instants in µs of the history, whole ones. */
  record(
    fields,
    fromUs,
    toUs,
    { journey = this.journey(), segment = this.records % SEGMENTS } = {},
  ) {
    const { call } = this;
    call.checkoutId = '';
    call.orderId = '';
    call.key = '';
    call.attempt = 1;
    call.quantity = 1;
    resetAnswer(call);
    call.reason = 'none';
    Object.assign(call, fields);
    call.dispatchedAtUs = START_US + fromUs;
    call.doneAtUs = START_US + toUs;
    this.records++;
    this.writers[segment].append(call, journey, 0);
  }

  /** Sessions take about five operations each. */
  journey() {
    return Math.floor(this.records / 5);
  }

  around(atUs, fields, options) {
    const fromUs = atUs - 200 - this.prng.below(4000);
    this.record(fields, fromUs, atUs + 200 + this.prng.below(4000), options);
  }

  at(atUs, task) {
    const bucket = Math.floor(atUs / BUCKET_US);
    const tasks = this.buckets.get(bucket);
    if (tasks === undefined) this.buckets.set(bucket, [{ atUs, task }]);
    else tasks.push({ atUs, task });
  }

  /** Everything due by `nowUs`, in order; what a stall delays happens at its end. */
  runUntil(nowUs) {
    for (;;) {
      const next = this.due.at(-1);
      if (next !== undefined) {
        if (next.atUs > nowUs) return;
        this.due.pop();
        next.task(Math.max(next.atUs, this.notBeforeUs));
        continue;
      }
      if (this.bucket * BUCKET_US > nowUs) return;
      this.due = (this.buckets.get(this.bucket) ?? []).sort((a, b) => b.atUs - a.atUs);
      this.buckets.delete(this.bucket);
      this.bucket++;
    }
  }

  async run() {
    this.bucket = 0;
    this.due = [];
    this.notBeforeUs = 0;
    const lengthUs = Math.ceil((this.ops / OPS_PER_SEC) * 1e6);
    for (let round = 1; round <= RESTOCKS; round++) {
      const atUs = Math.floor((lengthUs * 0.95 * round) / (RESTOCKS + 1));
      this.at(atUs, (nowUs) => this.restock(nowUs));
    }
    const stallUs = Math.floor((lengthUs * 0.4) / BUCKET_US) * BUCKET_US;
    let atUs = 0;
    let flushed = 0;
    const stepUs = 1e6 / OPS_PER_SEC;
    for (let shiftUs = 0; this.records < this.ops; atUs += stepUs) {
      if (shiftUs === 0 && atUs >= stallUs) {
        shiftUs = STALL_US;
        atUs += STALL_US;
        this.notBeforeUs = Math.floor(atUs);
      }
      const nowUs = Math.floor(atUs);
      this.runUntil(nowUs);
      this.browse(nowUs);
      if (this.records - flushed < FLUSH_EVERY) continue;
      flushed = this.records;
      for (const writer of this.writers) await writer.flush();
    }
    this.lastUs = Math.floor(atUs);
    this.runUntil(this.lastUs + 2 * TTL_US);
    await this.finish();
  }

  browse(nowUs) {
    const { prng } = this;
    const x = prng.unit();
    const isOther = prng.chance(0.05);
    const item = isOther ? HOT + prng.below(ITEMS - HOT) : this.item();
    const customer = prng.below(1_000_000);
    if (x < 0.52 || (isOther && x < 0.99)) {
      const gotStock = this.available[item];
      const reason = gotStock > 0 ? 'in_stock' : 'out_of_stock';
      const asked = { operation: 'viewStock', customer, item, outcome: 'ok', reason, status: 200 };
      this.around(nowUs, { ...asked, gotStock });
      return;
    }
    const refused = { operation: 'checkout', customer, item, outcome: 'refused', status: 409 };
    const oversells = this.oversold && item === 0 && nowUs > 1e6 && this.available[0] === 0;
    if (x < 0.53) this.around(nowUs, { ...refused, reason: 'limit_reached' });
    else if (this.available[item] > 0) this.hold(nowUs, item);
    else if (oversells) {
      this.oversold = false;
      this.available[0]++;
      this.hold(nowUs, item);
    } else this.around(nowUs, { ...refused, reason: 'sold_out' });
  }

  restock(nowUs) {
    for (let item = 0; item < HOT; item++) {
      const units = this.portion[item];
      this.restocks.push({ item, units, sentUs: nowUs - 2000, doneUs: nowUs + 3000 });
      this.available[item] += units;
      this.restocked[item] += units;
    }
  }

  hold(nowUs, item, probe = {}) {
    const { prng } = this;
    const units =
      probe.segment === undefined && this.available[item] > 1 && prng.chance(0.1) ? 2 : 1;
    const customer = this.customers++;
    const checkoutId = this.id('co-');
    const sku = skuOf(item);
    const expiresUs = nowUs + TTL_US;
    this.available[item] -= units;
    this.held[item] += units;
    const row = {
      id: `${checkoutId}/${sku}`,
      checkoutId,
      sku,
      units,
      state: 'held',
      createdAtUs: START_US + nowUs,
      expiresAtUs: START_US + expiresUs,
      resolvedAtUs: 0,
      resolutions: 0,
    };
    this.holds.push(row);
    const answer = {
      operation: 'checkout',
      outcome: 'ok',
      status: 201,
      customer,
      item,
      quantity: units,
      gotUnits: units,
      gotCheckoutId: checkoutId,
      gotTotalMinor: units * priceOf(item),
      gotExpiresAtUs: START_US + expiresUs,
    };
    this.around(nowUs, answer, probe);
    const held = { customer, item, units, checkoutId, row, key: this.id('k-') };
    if (probe.segment !== undefined) this.order(nowUs + 20_000, held, probe);
    else if (prng.chance(0.15)) {
      this.at(expiresUs + prng.below(400_000), (atUs) => this.resolve(held, 'expired', atUs));
    } else this.at(nowUs + 100_000 + prng.below(3_000_000), (atUs) => this.order(atUs, held));
  }

  resolve({ row, item, units }, state, nowUs) {
    row.state = state;
    row.resolvedAtUs = START_US + nowUs;
    row.resolutions = 1;
    this.held[item] -= units;
    if (state === 'committed') this.committed[item] += units;
    else this.available[item] += units;
  }

  /** Takes effect at `nowUs`. */
  order(nowUs, held, probe = {}) {
    const { prng } = this;
    const { customer, item, units, checkoutId, key } = held;
    const orderId = this.id('o-');
    const fromUs = nowUs - 20_000;
    const toUs = nowUs + 10_000 + prng.below(50_000);
    const asked = { operation: 'order', customer, item, quantity: units, checkoutId, key };
    const x = probe.segment === undefined ? prng.unit() : 0.5;
    const isDeclined = x < 0.04;
    const row = this.ledgerOrder(held, orderId, nowUs, isDeclined);
    this.resolve(held, isDeclined ? 'released' : 'committed', nowUs);
    const told = { gotOrderId: orderId, gotUnits: units, gotTotalMinor: row.totalMinor };
    if (isDeclined) {
      const no = { outcome: 'refused', reason: 'payment_declined', status: 402 };
      this.record(
        { ...asked, ...no, gotOrderId: orderId, gotOrderStatus: 'declined' },
        fromUs,
        toUs,
      );
      return;
    }
    const yes = { ...asked, ...told, outcome: 'ok', status: 201, gotOrderStatus: 'confirmed' };
    const again = { ...yes, status: 200, gotReplayed: true };
    if (x < 0.08) {
      this.record({ ...asked, outcome: 'unknown', reason: 'timeout' }, fromUs, nowUs + 2_000_000);
      this.at(nowUs + 2_200_000, (atUs) =>
        this.record({ ...again, attempt: 2 }, atUs - 5000, atUs + 5000),
      );
      return;
    }
    this.record(yes, fromUs, toUs, probe);
    if (x < 0.09) {
      this.record({ ...again, operation: 'orderDuplicate' }, fromUs + 100, toUs + 100);
      this.record({ ...again, operation: 'orderReplay' }, toUs + 200, toUs + 9000);
      const no = { operation: 'orderChanged', outcome: 'refused', reason: 'key_reused' };
      this.record({ ...asked, ...no, status: 422 }, toUs + 200, toUs + 9000);
    } else if (x < 0.12) {
      this.record({ ...yes, operation: 'orderStatus', status: 200 }, toUs + 5000, toUs + 9000);
    } else if (x < 0.125) {
      this.at(toUs + 1_000_000, (atUs) => this.cancel(atUs, held, row));
    }
  }

  ledgerOrder({ customer, item, units, checkoutId, key }, id, nowUs, isDeclined) {
    const row = {
      id,
      key,
      customer: customerIdOf(customer),
      checkoutId,
      status: isDeclined ? 'declined' : 'confirmed',
      lines: [{ sku: skuOf(item), units, priceMinor: priceOf(item) }],
      totalMinor: units * priceOf(item),
      currency: 'EUR',
      confirmedSeq: isDeclined ? 0 : ++this.sequence,
      returnedSeq: 0,
      createdAtUs: START_US + nowUs - 15_000,
    };
    this.orders.push(row);
    row.charge = {
      id: `ch-${this.charges.length + 1}`,
      orderId: id,
      key: id,
      amountMinor: row.totalMinor,
      currency: 'EUR',
      status: isDeclined ? 'declined' : 'captured',
      atUs: START_US + nowUs - 5000,
    };
    Object.defineProperty(row, 'charge', { enumerable: false });
    this.charges.push(row.charge);
    if (isDeclined) return row;
    const seq = this.events.length + 1;
    this.events.push({ id: this.id('e-'), seq, type: 'order.confirmed', orderId: id, version: 1 });
    this.notifications.push({ orderId: id, sent: 1 });
    return row;
  }

  cancel(nowUs, { customer, item, units, key }, row) {
    row.status = 'cancelled';
    row.returnedSeq = ++this.sequence;
    row.charge.status = 'refunded';
    this.committed[item] -= units;
    this.available[item] += units;
    const asked = { operation: 'cancelOrder', customer, item, quantity: units, key };
    this.around(nowUs, { ...asked, orderId: row.id, outcome: 'ok', status: 200 });
  }

  ledger() {
    const stock = this.seeded.map((seeded, item) => ({
      sku: skuOf(item),
      seeded,
      restocked: this.restocked[item],
      available: this.available[item],
      held: this.held[item],
      committed: this.committed[item],
    }));
    const { holds, orders, events, charges, notifications } = this;
    const pending = { orders: 0, outbox: 0 };
    const copies = { holds: [...holds], orders: [...orders], events: [...events] };
    return { stock, ...copies, charges: [...charges], notifications: [...notifications], pending };
  }

  /** Sells out what is left, as the drain probe does, and stores everything. */
  async finish() {
    const settledUs = this.lastUs + 3 * TTL_US;
    const before = this.ledger();
    let atUs = settledUs;
    const probe = { journey: PROBE_JOURNEY, segment: SEGMENTS };
    const drainProbes = [];
    for (let item = 0; item < HOT; item++) {
      const reported = this.available[item];
      for (let unit = 0; unit < reported; unit++) {
        atUs += 100_000;
        this.hold(atUs, item, probe);
        if (unit % 1000 === 0) await this.writers[SEGMENTS].flush();
      }
      const no = { operation: 'checkout', outcome: 'refused', reason: 'sold_out', status: 409 };
      atUs += 100_000;
      this.around(atUs, { ...no, customer: this.customers++, item }, probe);
      drainProbes.push({ item, reported, bought: reported, refusedAtEnd: true, problem: '' });
    }
    const after = this.ledger();
    let lost = 0;
    for (const writer of this.writers) lost += (await writer.close()).lost;
    if (lost > 0) throw new Error(`${lost} records were lost on the way to the disk`);
    const input = this.input({ drainProbes, ledgers: [before, before, after] });
    input.ledgerReadAtUs = [settledUs, settledUs + 1000, atUs + 1000].map((us) => START_US + us);
    const write = (name, content) => writeFile(path.join(this.folder, name), content);
    await storeAudit({ write }, input);
  }

  input(evidence) {
    return {
      runId: 'bench-audit',
      seed: 1,
      replayCommand: 'node bench/audit.mjs',
      catalogue: this.seeded.map((units, item) => ({
        sku: skuOf(item),
        title: `Item ${item}`,
        description: '',
        category: 'bench',
        attributes: {},
        priceMinor: priceOf(item),
        units,
      })),
      sale: {
        opensAtMs: 0,
        closesAtMs: null,
        hotItems: Array.from({ length: HOT }, (_, item) => item),
        demandToStock: 20,
        perCustomer: 2,
      },
      currency: 'EUR',
      promises: {
        serverDeadlineMs: 5000,
        holdTtlMs: TTL_US / 1000,
        sweepGraceMs: GRACE_MS,
        declaredBreaches: [],
        drainProbe: true,
      },
      historyKept: true,
      ledgerStable: true,
      settled: true,
      resolutions: [],
      restocked: Object.fromEntries(this.restocked.map((units, item) => [skuOf(item), units])),
      restocks: this.restocks,
      requiredGoals: ['order_confirmed', 'sold_out_while_held', 'hold_expired'],
      startUs: START_US,
      ...evidence,
    };
  }
}

function skuOf(item) {
  return `SKU-${String(item).padStart(4, '0')}`;
}

function priceOf(item) {
  return 1999 + item * 10;
}
