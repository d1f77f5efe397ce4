/**
 * A small shop in virtual time that is correct unless a bug is planted: random shoppers, lost
 * requests and answers, declines, expiries, returns, a restock, and the coordinator's own probes.
 */

import { inDoubtOrders } from '../../src/audit/in-doubt.ts';
import { hashName, Prng } from '../../src/base/prng.ts';
import type {
  AuditInput,
  DrainProbe,
  Resolution,
  RestockCommand,
} from '../../src/contract/audit.ts';
import { customerIdOf } from '../../src/contract/customer.ts';
import { type OperationRecord, PROBE_JOURNEY } from '../../src/contract/history.ts';
import type {
  CallbackEffectRow,
  CallbackRow,
  HoldRow,
  OrderRow,
} from '../../src/contract/ledger.ts';
import type { Reason } from '../../src/contract/outcome.ts';
import { type EditableLedger, historyOf, recordOf, START_US } from './history-builder.ts';

export type Bug =
  | 'none'
  | 'oversell-race'
  | 'leaked-hold'
  | 'unit-lost-on-release'
  | 'double-charge'
  | 'lost-order'
  | 'limit-per-request'
  | 'sticky-sold-out'
  | 'commit-after-expiry'
  | 'early-expiry'
  | 'decline-keeps-units'
  | 'key-forgotten'
  | 'payload-not-compared'
  | 'charge-kept-on-return'
  | 'unpaid-order'
  | 'event-twice'
  | 'event-lost'
  | 'total-off-by-one'
  | 'stale-reads'
  | 'last-unit-unsellable'
  | 'dead-sweeper'
  | 'opens-early'
  | 'restock-early'
  | 'second-key-buys'
  | 'second-key-other-order'
  | 'reads-jump'
  | 'reads-forget'
  | 'cart-forgets'
  | 'event-gap'
  | 'archive-drops'
  | 'archive-changes'
  | 'callback-twice'
  | 'forged-callback';

/** How a shop that sells each checkout once may answer another key for one that is being bought. */
type SecondKey = 'refused' | 'compensated' | 'same-order';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Answer = Partial<OperationRecord>;

const TTL = 3000;
const SWEEP_EVERY = 400;
const GRACE = 700;
const DEADLINE = 1500;
const TIMEOUT = 900;
const LIMIT = 2;
const OPENS = 200;
const END = 6000;
/** Age at which a finished order is moved to the archive. */
const ARCHIVE_AFTER = 2500;
const us = (ms: number): number => Math.round(ms * 1000);

interface Item {
  sku: string;
  priceMinor: number;
  seeded: number;
  restocked: number;
  available: number;
  soldOutFlag: boolean;
  /** What an out-of-date replica shows. */
  staleAvailable: number;
}

interface StoredOrder {
  row: Mutable<OrderRow>;
  fingerprint: string;
  /** Set once the outcome is known; waiting requests are told "in progress". */
  answer: Answer | undefined;
}

export class CorrectShop {
  readonly #prng: Prng;
  /** Of what was added later, so that the seeds before tell the same story. */
  readonly #extra: Prng;
  readonly #bug: Bug;
  readonly #lossRatio: number;
  readonly #secondKey: SecondKey;
  /** Keys that were told of the order of another key for the same checkout. */
  readonly #aliases = new Map<string, StoredOrder>();
  readonly #queue: { at: number; order: number; task: () => void }[] = [];
  readonly #records: OperationRecord[] = [];
  readonly #items: Item[];
  readonly #holds = new Map<string, Mutable<HoldRow> & { item: number; customer: number }>();
  readonly #orders = new Map<string, StoredOrder>();
  readonly #carts = new Map<number, number>();
  readonly #tombstones = new Set<string>();
  readonly #claims = new Map<string, number>();
  readonly #charges: EditableLedger['charges'] = [];
  readonly #events: EditableLedger['events'] = [];
  readonly #resolutions: Resolution[] = [];
  readonly #drainProbes: DrainProbe[] = [];
  readonly #restocked: Record<string, number> = {};
  readonly #restocks: Mutable<RestockCommand>[] = [];
  #now = 0;
  #order = 0;
  #ids = 0;
  #seq = 0;
  #bugs = 0;

  constructor(seed: number, bug: Bug = 'none', lossRatio = 0.08) {
    this.#prng = new Prng(seed, 'correct-shop');
    this.#extra = new Prng(seed, 'correct-shop-extra');
    this.#bug = bug;
    this.#lossRatio = lossRatio;
    this.#secondKey = (['refused', 'compensated', 'same-order'] as const)[seed % 3]!;
    const hotUnits = 3 + this.#prng.below(8);
    this.#items = [hotUnits, 6 + this.#prng.below(10)].map((seeded, i) => ({
      sku: `SKU-${i}`,
      priceMinor: 999 + 500 * i,
      seeded,
      restocked: 0,
      available: seeded,
      soldOutFlag: false,
      staleAvailable: seeded,
    }));
  }

  /** Runs the whole sale with its probes; `bugHits` says how often the planted bug struck. */
  run(): { readonly input: AuditInput; readonly bugHits: number } {
    this.#at(SWEEP_EVERY, () => this.#sweep());
    const shoppers = 25 + this.#prng.below(40);
    for (let journey = 0; journey < shoppers; journey++) {
      this.#at(this.#prng.below(END / 2), () => this.#shop(journey));
    }
    if (this.#prng.chance(0.4)) this.#commandRestock(0, 1 + this.#prng.below(3), 2000);
    this.#advanceTo(END + TTL + GRACE + DEADLINE + 6000);
    this.#resolveInDoubt();
    this.#advanceTo(this.#now + 8000);
    const before = this.#ledger();
    for (const item of this.#items.keys()) this.#drain(item);
    this.#advanceTo(this.#now + 4000);
    return {
      input: this.#input([before, structuredClone(before), this.#ledger()]),
      bugHits: this.#bugs,
    };
  }

  // --- time ---

  #at(at: number, task: () => void): void {
    this.#queue.push({ at: Math.max(at, this.#now), order: this.#order++, task });
  }

  #advanceTo(until: number): void {
    for (;;) {
      let best = -1;
      for (let i = 0; i < this.#queue.length; i++) {
        const a = this.#queue[i]!;
        const b = this.#queue[best];
        if (b === undefined || a.at < b.at || (a.at === b.at && a.order < b.order)) best = i;
      }
      const next = this.#queue[best];
      if (next === undefined || next.at > until) break;
      this.#queue.splice(best, 1);
      this.#now = next.at;
      next.task();
    }
    this.#now = until;
  }

  #struck(): true {
    this.#bugs++;
    return true;
  }

  #has(bug: Bug): boolean {
    return this.#bug === bug;
  }

  // --- the network between shopper and shop ---

  /** Sends a request; it, or its answer, may be lost. `then` gets the record. */
  #send(
    asked: Partial<OperationRecord>,
    serve: (reply: (answer: Answer) => void) => void,
    then: (record: OperationRecord) => void = () => {},
    reliable = false,
    prng = this.#prng,
  ): void {
    const invokedUs = us(this.#now);
    let settled = false;
    const settle = (answer: Answer): void => {
      if (settled) return;
      settled = true;
      const record = recordOf({ ...asked, invokedUs, doneUs: us(this.#now), ...answer });
      this.#records.push(record);
      then(record);
    };
    const isLost = (): boolean => !reliable && prng.chance(this.#lossRatio);
    const isRead = ['viewStock', 'orderStatus', 'viewCart'].includes(asked.operation ?? '');
    const timeout: Answer = {
      outcome: isRead ? 'failed' : 'unknown',
      reason: 'timeout',
      status: 0,
    };
    if (!reliable) this.#at(this.#now + TIMEOUT, () => settle(timeout));
    if (isLost()) return;
    this.#at(this.#now + 1 + prng.below(20), () =>
      serve((answer) => {
        if (isLost()) return;
        this.#at(this.#now + 1 + prng.below(20), () => settle({ status: 200, ...answer }));
      }),
    );
  }

  // --- what shoppers do ---

  #shop(journey: number): void {
    const customer = this.#prng.chance(0.4) ? this.#prng.below(5) : 10 + journey;
    const item = this.#prng.chance(0.75) ? 0 : 1;
    const units = 1 + this.#prng.below(2);
    const who = { journey, customer, item };
    this.#send({ ...who, operation: 'viewStock' }, (reply) => reply(this.#stock(item)));
    if (this.#extra.chance(0.4)) this.#watch(who, 1 + this.#extra.below(4));
    if (this.#extra.chance(0.3)) this.#fillCart(who, units);
    this.#checkout(who, units, 3);
  }

  /** Looks at the stock again and again. */
  #watch(who: { journey: number; customer: number; item: number }, times: number): void {
    this.#at(this.#now + 30 + this.#extra.below(400), () =>
      this.#send(
        { ...who, operation: 'viewStock' },
        (reply) => {
          const answer = this.#stock(who.item);
          const jumps = this.#has('reads-jump') && this.#extra.chance(0.5) && this.#struck();
          const more = jumps ? 1 : 0;
          reply({ ...answer, stock: (answer.stock ?? 0) + more });
        },
        () => {
          if (times > 1) this.#watch(who, times - 1);
        },
        false,
        this.#extra,
      ),
    );
  }

  /** Puts something in, which it may buy directly all the same, and looks at it. */
  #fillCart(who: { journey: number; customer: number; item: number }, units: number): void {
    const put = (item: number): void =>
      this.#send(
        { ...who, item, units, operation: 'addToCart' },
        (reply) => {
          const forgets = this.#has('cart-forgets') && this.#extra.chance(0.5) && this.#struck();
          if (!forgets) this.#carts.set(who.customer, this.#inCart(who.customer) + units);
          reply({});
        },
        () => {},
        false,
        this.#extra,
      );
    put(who.item);
    if (this.#extra.chance(0.5)) put(1 - who.item);
    this.#at(this.#now + 20 + this.#extra.below(2000), () =>
      this.#send(
        { ...who, operation: 'viewCart' },
        (reply) => reply({ units: this.#inCart(who.customer) }),
        () => {},
        false,
        this.#extra,
      ),
    );
  }

  #inCart(customer: number): number {
    return this.#carts.get(customer) ?? 0;
  }

  #checkout(
    who: { journey: number; customer: number; item: number },
    units: number,
    tries: number,
  ): void {
    this.#send(
      { ...who, operation: 'checkout', units },
      (reply) => this.#hold(who.customer, who.item, units, reply),
      (record) => {
        if (record.outcome === 'ok') {
          if (this.#prng.chance(0.2)) return;
          const think = this.#prng.chance(0.15) ? TTL : this.#prng.below(1500);
          this.#at(this.#now + think, () => this.#pay(who, record, `tok-${who.customer}`));
        } else if (tries > 1) {
          this.#at(this.#now + 100 + this.#prng.below(900), () =>
            this.#checkout(who, units, tries - 1),
          );
        }
      },
    );
  }

  #pay(
    who: { journey: number; customer: number; item: number },
    opened: OperationRecord,
    token: string,
  ): void {
    const key = `key-${who.journey}-${++this.#ids}`;
    const asked = { ...who, units: opened.units, key, checkoutId: opened.checkoutId };
    const post = (operation: OperationRecord['operation'], pay = token): void =>
      this.#send({ ...asked, operation }, (reply) =>
        this.#placeOrder({ ...asked, token: pay }, reply),
      );
    this.#clickAgain(who, asked, token);
    if (this.#prng.chance(0.12)) post('orderDuplicate');
    this.#send(
      { ...asked, operation: 'order' },
      (reply) => this.#placeOrder({ ...asked, token }, reply),
      (record) => {
        const isFinal = record.outcome === 'ok' || record.reason === 'payment_declined';
        const probe = isFinal ? this.#prng.unit() : 1;
        if (probe < 0.15) post('orderReplay');
        else if (probe < 0.3) post('orderChanged', 'tok-other');
        if (record.outcome === 'unknown' && this.#prng.chance(0.7)) {
          this.#tryAgain(asked, token, 2);
        }
        if (record.outcome !== 'ok') return;
        if (this.#prng.chance(0.3)) this.#readOrder(asked);
        if (this.#prng.chance(0.12)) {
          this.#at(this.#now + this.#prng.below(800), () =>
            this.#cancelOrder(asked, record.orderId),
          );
        }
      },
    );
  }

  /** An impatient hand: the same key, one of its own, or a whole checkout of its own. */
  #clickAgain(
    who: { journey: number; customer: number; item: number },
    asked: { customer: number; key: string; checkoutId: string; item: number; units: number },
    token: string,
  ): void {
    const habit = this.#prng.unit();
    if (habit > 0.3) return;
    const gapMs = this.#prng.below(250);
    if (habit > 0.25) {
      this.#at(this.#now + gapMs, () => this.#checkout(who, asked.units, 1));
      return;
    }
    const click = habit < 0.12 ? asked : { ...asked, key: `${asked.key}b` };
    this.#at(this.#now + gapMs, () =>
      this.#send({ ...click, journey: who.journey, operation: 'order' }, (reply) =>
        this.#placeOrder({ ...click, token }, reply),
      ),
    );
  }

  /** Under the same key, or under a new one each time: the mistake that could buy twice. */
  #tryAgain(
    asked: { customer: number; key: string; checkoutId: string; item: number; units: number },
    token: string,
    attempt: number,
  ): void {
    const isNew = this.#prng.chance(0.35);
    const again = isNew ? { ...asked, key: `${asked.key}r${attempt}` } : asked;
    this.#at(this.#now + this.#prng.below(600), () =>
      this.#send(
        { ...again, attempt, operation: 'order' },
        (reply) => this.#placeOrder({ ...again, token }, reply),
        (record) => {
          if (record.outcome === 'unknown' && attempt < 4) {
            this.#tryAgain(again, token, attempt + 1);
          } else if (record.outcome === 'refused' && this.#prng.chance(0.5)) {
            this.#send({ ...again, operation: 'orderChanged' }, (reply) =>
              this.#placeOrder({ ...again, token: 'tok-other' }, reply),
            );
          }
        },
      ),
    );
  }

  #readOrder(asked: Partial<OperationRecord> & { customer: number; key: string }): void {
    // Two that share an instant are in no order.
    this.#at(this.#now + 1, () =>
      this.#send({ ...asked, operation: 'orderStatus' }, (reply) => {
        const forgets = this.#has('reads-forget') && this.#extra.chance(0.5) && this.#struck();
        reply(forgets ? this.#refuse('not_found', 404) : this.#byKey(asked.customer, asked.key));
      }),
    );
  }

  #cancelOrder(asked: Partial<OperationRecord>, orderId: string): void {
    this.#send({ ...asked, operation: 'cancelOrder', orderId }, (reply) =>
      reply(this.#giveBack(orderId)),
    );
  }

  // --- the shop ---

  #stock(item: number): Answer {
    const stock = this.#items[item]!;
    const isStale = this.#has('stale-reads') && stock.staleAvailable !== stock.available;
    if (isStale) this.#bugs++;
    const shown = isStale ? stock.staleAvailable : stock.available;
    return { stock: shown, reason: shown > 0 ? 'in_stock' : 'out_of_stock' };
  }

  #refuse(reason: Reason, status = 409): Answer {
    return { outcome: 'refused', reason, status };
  }

  #hold(customer: number, item: number, units: number, reply: (answer: Answer) => void): void {
    const stock = this.#items[item]!;
    const isEarly = item === 0 && this.#now < OPENS;
    if (isEarly && !(this.#has('opens-early') && this.#struck())) {
      reply(this.#refuse('sale_closed'));
      return;
    }
    const claim = `${customer} ${item}`;
    const owned = this.#claims.get(claim) ?? 0;
    const isOver = (this.#has('limit-per-request') ? 0 : owned) + units > LIMIT;
    const isSoldOut =
      stock.available < units ||
      (this.#has('sticky-sold-out') && stock.soldOutFlag && this.#struck()) ||
      (this.#has('last-unit-unsellable') && stock.available <= units && this.#struck());
    if (isSoldOut) {
      stock.soldOutFlag = true;
      reply(this.#refuse('sold_out'));
      return;
    }
    if (item === 0 && isOver) {
      reply(this.#refuse('limit_reached'));
      return;
    }
    if (item === 0 && owned + units > LIMIT) this.#bugs++;
    this.#claims.set(claim, owned + units);
    const seen = stock.available;
    if (!this.#has('oversell-race')) {
      this.#take(customer, item, units, stock.available - units, reply);
      return;
    }
    // The planted race: checked now, written back later whatever happened in between.
    this.#at(this.#now + 30, () => {
      if (stock.available !== seen) this.#bugs++;
      this.#take(customer, item, units, seen - units, reply);
    });
  }

  #take(
    customer: number,
    item: number,
    units: number,
    left: number,
    reply: (answer: Answer) => void,
  ): void {
    const stock = this.#items[item]!;
    if (this.#prng.chance(0.3)) stock.staleAvailable = stock.available;
    stock.available = left;
    const id = `co-${++this.#ids}`;
    const expiresMs = this.#now + TTL;
    this.#holds.set(id, {
      id: `${id}/${stock.sku}`,
      checkoutId: id,
      sku: stock.sku,
      units,
      state: 'held',
      createdAtUs: START_US + us(this.#now),
      expiresAtUs: START_US + us(expiresMs),
      resolvedAtUs: 0,
      resolutions: 0,
      item,
      customer,
    });
    reply({
      checkoutId: id,
      expiresUs: us(expiresMs),
      totalMinor: units * stock.priceMinor,
      units,
      status: 201,
    });
  }

  /** The one compare-and-set by which every hold ends. */
  #resolve(checkoutId: string, state: 'committed' | 'released' | 'expired'): boolean {
    const hold = this.#holds.get(checkoutId);
    if (hold === undefined || hold.state !== 'held') return false;
    hold.state = state;
    hold.resolvedAtUs = START_US + us(this.#now);
    hold.resolutions++;
    if (state === 'committed') return true;
    if (state === 'released' && this.#has('unit-lost-on-release')) this.#bugs++;
    else this.#items[hold.item]!.available += hold.units;
    this.#unclaim(hold.customer, hold.item, hold.units);
    return true;
  }

  #unclaim(customer: number, item: number, units: number): void {
    const claim = `${customer} ${item}`;
    this.#claims.set(claim, (this.#claims.get(claim) ?? 0) - units);
  }

  #sweep(): void {
    this.#at(this.#now + SWEEP_EVERY, () => this.#sweep());
    if (this.#has('dead-sweeper')) {
      for (const hold of this.#holds.values()) {
        if (hold.state === 'held' && hold.expiresAtUs <= START_US + us(this.#now)) this.#bugs++;
      }
      return;
    }
    const earlyUs = this.#has('early-expiry') ? us(2000) : 0;
    for (const hold of this.#holds.values()) {
      if (hold.state !== 'held' || hold.expiresAtUs - earlyUs > START_US + us(this.#now)) continue;
      // The planted leak: some holds are never looked at again.
      if (this.#has('leaked-hold') && hashName(hold.id) % 2 === 0) {
        this.#bugs++;
        continue;
      }
      if (hold.expiresAtUs - START_US - us(this.#now) > us(10)) this.#bugs++;
      this.#resolve(hold.checkoutId, 'expired');
    }
  }

  /** The command travels, takes effect and is acknowledged, or its answer is lost. */
  #commandRestock(item: number, units: number, at: number): void {
    const effectMs = at + this.#prng.below(100);
    const doneMs = effectMs + this.#prng.below(100);
    const doneUs = this.#prng.chance(0.2) ? null : us(doneMs);
    this.#restocks.push({ item, units, sentUs: us(at), doneUs });
    // The planted bug: the shop counts units that are still on their way.
    const isEarly = this.#has('restock-early');
    this.#at(isEarly ? at / 4 : effectMs, () => this.#restock(item, units));
    if (!isEarly) return;
    this.#at(at, () => {
      const stock = this.#items[item]!;
      if (stock.available < units) this.#bugs++;
    });
  }

  #restock(item: number, units: number): void {
    const stock = this.#items[item]!;
    stock.restocked += units;
    stock.available += units;
    stock.soldOutFlag = false;
    this.#restocked[stock.sku] = stock.restocked;
  }

  #placeOrder(
    asked: { customer: number; key: string; checkoutId: string; token: string },
    reply: (answer: Answer) => void,
  ): void {
    const name = `${asked.customer} ${asked.key}`;
    if (this.#tombstones.has(name)) {
      reply(this.#refuse('tombstoned', 410));
      return;
    }
    const fingerprint = `${asked.checkoutId} ${asked.token}`;
    const known = this.#orders.get(name) ?? this.#aliases.get(name);
    const forgotten = this.#has('key-forgotten') && known?.answer !== undefined;
    if (known !== undefined && !forgotten) {
      const isChanged = known.fingerprint !== fingerprint;
      if (
        isChanged &&
        !(this.#has('payload-not-compared') && known.answer?.outcome !== 'refused')
      ) {
        reply(this.#refuse('key_reused', 422));
        return;
      }
      if (isChanged && known.answer !== undefined) this.#bugs++;
      reply(
        known.answer === undefined
          ? { outcome: 'unknown', reason: 'key_in_progress', status: 409 }
          : { ...known.answer, replayed: true },
      );
      return;
    }
    const hold = this.#holds.get(asked.checkoutId);
    if (hold === undefined) {
      reply(this.#refuse('not_found', 404));
      return;
    }
    if (forgotten && known?.row.status === 'confirmed') this.#bugs++;
    const other = this.#otherKeyOf(asked.checkoutId);
    if (other !== undefined && !forgotten && this.#answersSecondKey(other, name, reply)) return;
    const order = this.#newOrder(asked, hold, fingerprint);
    this.#orders.set(forgotten ? `${name} again ${order.row.id}` : name, order);
    const buysAgain = forgotten || (other !== undefined && this.#has('second-key-buys'));
    if (hold.state !== 'held' && !(buysAgain && hold.state === 'committed')) {
      this.#finish(order, 'expired', this.#refuse('checkout_expired'), reply);
      return;
    }
    const pays = 30 + this.#prng.below(300) + (this.#prng.chance(0.1) ? 2500 : 0);
    this.#at(this.#now + pays, () => this.#charge(order, hold, reply));
  }

  #otherKeyOf(checkoutId: string): StoredOrder | undefined {
    return [...this.#orders.values()].find(({ row }) => row.checkoutId === checkoutId);
  }

  /** False when the order of the second key goes its own way. */
  #answersSecondKey(other: StoredOrder, name: string, reply: (answer: Answer) => void): boolean {
    if (this.#has('second-key-buys')) return false;
    if (this.#has('second-key-other-order') && other.answer?.orderStatus === 'confirmed') {
      this.#bugs++;
      reply({ ...other.answer, orderId: `${other.row.id}-again` });
      return true;
    }
    if (this.#secondKey === 'compensated') return false;
    if (this.#secondKey === 'refused') {
      reply(this.#refuse('checkout_expired'));
      return true;
    }
    this.#aliases.set(name, other);
    reply(other.answer ?? { outcome: 'unknown', reason: 'key_in_progress', status: 409 });
    return true;
  }

  #newOrder(
    asked: { customer: number; key: string; checkoutId: string },
    hold: HoldRow & { item: number },
    fingerprint: string,
  ): StoredOrder {
    const priceMinor = this.#items[hold.item]!.priceMinor;
    const isWrong = this.#has('total-off-by-one') && this.#struck();
    const row: Mutable<OrderRow> = {
      id: `or-${++this.#ids}`,
      key: asked.key,
      customer: customerIdOf(asked.customer),
      checkoutId: asked.checkoutId,
      status: 'paying',
      lines: [{ sku: hold.sku, units: hold.units, priceMinor }],
      totalMinor: hold.units * priceMinor + (isWrong ? 1 : 0),
      currency: 'EUR',
      confirmedSeq: 0,
      returnedSeq: 0,
      createdAtUs: START_US + us(this.#now),
    };
    return { row, fingerprint, answer: undefined };
  }

  #finish(
    order: StoredOrder,
    status: string,
    answer: Answer,
    reply: (answer: Answer) => void,
  ): void {
    order.row.status = status;
    order.answer = { ...answer, orderId: order.row.id };
    reply(order.answer);
  }

  #charge(
    order: StoredOrder,
    hold: Mutable<HoldRow> & { item: number; customer: number },
    reply: (answer: Answer) => void,
  ): void {
    const { row } = order;
    const declined = this.#prng.chance(0.12);
    if (this.#has('unpaid-order') && this.#prng.chance(0.3)) {
      if (hold.state === 'held') this.#bugs++;
    } else {
      this.#pushCharge(row, declined ? 'declined' : 'captured');
    }
    if (declined) {
      if (this.#has('decline-keeps-units')) {
        if (this.#resolve(row.checkoutId, 'committed')) this.#bugs++;
      } else this.#resolve(row.checkoutId, 'released');
      this.#finish(order, 'declined', this.#refuse('payment_declined', 402), reply);
      return;
    }
    if (this.#has('double-charge') && this.#prng.chance(0.3)) {
      this.#bugs++;
      this.#pushCharge(row, 'captured');
    }
    const isLate = hold.expiresAtUs <= START_US + us(this.#now);
    const bugged = isLate && hold.state === 'held' && this.#has('commit-after-expiry');
    if (bugged && hold.expiresAtUs + 10_000 < START_US + us(this.#now)) this.#bugs++;
    if (isLate && !bugged) this.#resolve(row.checkoutId, 'expired');
    const wasCommitted =
      (this.#has('key-forgotten') || this.#has('second-key-buys')) && hold.state === 'committed';
    if (wasCommitted && this.#has('second-key-buys')) this.#bugs++;
    if (!wasCommitted && !this.#resolve(row.checkoutId, 'committed')) {
      for (const charge of this.#charges) {
        if (charge.orderId === row.id) charge.status = 'refunded';
      }
      this.#finish(order, 'refunded', this.#refuse('checkout_expired'), reply);
      return;
    }
    this.#confirm(order, reply);
  }

  #confirm(order: StoredOrder, reply: (answer: Answer) => void): void {
    const { row } = order;
    row.confirmedSeq = ++this.#seq;
    const gap = this.#has('event-gap') && this.#extra.chance(0.3) && this.#struck() ? 1 : 0;
    const event = {
      seq: this.#events.length,
      type: 'order.confirmed',
      orderId: row.id,
      version: 1 + gap,
    };
    const isLost = this.#has('event-lost') && this.#prng.chance(0.3) && this.#struck();
    if (!isLost) this.#events.push({ id: `ev-${row.id}`, ...event });
    if (this.#has('event-twice') && this.#prng.chance(0.3) && this.#struck()) {
      this.#events.push({ id: `ev-${row.id}-2`, ...event });
    }
    this.#finish(
      order,
      'confirmed',
      {
        orderStatus: 'confirmed',
        units: row.lines[0]!.units,
        totalMinor: row.totalMinor,
        status: 201,
      },
      reply,
    );
    if (this.#has('lost-order') && this.#prng.chance(0.2) && this.#struck()) {
      for (const [name, stored] of this.#orders) if (stored === order) this.#orders.delete(name);
    }
  }

  #pushCharge(row: OrderRow, status: 'captured' | 'declined'): void {
    this.#charges.push({
      id: `ch-${this.#charges.length}`,
      orderId: row.id,
      key: this.#has('double-charge') ? `${row.id}-${this.#charges.length}` : row.id,
      amountMinor: row.totalMinor,
      currency: 'EUR',
      status,
      atUs: START_US + us(this.#now),
    });
  }

  #byKey(customer: number, key: string): Answer {
    const name = `${customer} ${key}`;
    if (this.#tombstones.has(name)) return this.#refuse('tombstoned', 410);
    const order = this.#orders.get(name) ?? this.#aliases.get(name);
    if (order === undefined) return this.#refuse('not_found', 404);
    const { id, status, lines, totalMinor } = order.row;
    return { orderId: id, orderStatus: status, units: lines[0]!.units, totalMinor };
  }

  #giveBack(orderId: string): Answer {
    const order = [...this.#orders.values()].find(({ row }) => row.id === orderId);
    if (order?.row.status !== 'confirmed') return this.#refuse('rejected');
    const { row } = order;
    const hold = this.#holds.get(row.checkoutId)!;
    row.status = 'refunded';
    row.returnedSeq = ++this.#seq;
    this.#items[hold.item]!.available += hold.units;
    this.#unclaim(hold.customer, hold.item, hold.units);
    if (this.#has('charge-kept-on-return')) this.#bugs++;
    else
      for (const charge of this.#charges) if (charge.orderId === row.id) charge.status = 'refunded';
    return { orderStatus: 'refunded' };
  }

  // --- the coordinator ---

  #probe(
    asked: Partial<OperationRecord>,
    serve: (reply: (answer: Answer) => void) => void,
  ): OperationRecord {
    let got: OperationRecord | undefined;
    this.#send({ ...asked, journey: PROBE_JOURNEY }, serve, (record) => (got = record), true);
    for (let i = 0; i < 100 && got === undefined; i++) this.#advanceTo(this.#now + 50);
    if (got === undefined) throw new Error('a probe was never answered');
    return got;
  }

  #resolveInDoubt(): void {
    for (const { key, customer, item, units, journey } of inDoubtOrders(historyOf(this.#records))) {
      const asked = { key, customer, item, units };
      const base = { key, customer, item, units, journey };
      const read = this.#probe({ ...asked, operation: 'orderStatus' }, (reply) =>
        reply(this.#byKey(customer, key)),
      );
      if (read.outcome === 'ok') {
        const { orderId, orderStatus } = read;
        this.#resolutions.push({ ...base, result: 'applied', orderId, orderStatus });
        continue;
      }
      this.#probe({ ...asked, operation: 'tombstoneKey' }, (reply) => {
        this.#tombstones.add(`${customer} ${key}`);
        reply({ orderStatus: 'tombstoned' });
      });
      this.#resolutions.push({ ...base, result: 'absent', orderId: '', orderStatus: '' });
    }
  }

  #drain(item: number): void {
    const reported = this.#items[item]!.available;
    let bought = 0;
    for (let customer = 5000; bought <= reported + 5; customer++) {
      const who = { customer, item };
      const opened = this.#probe({ ...who, operation: 'checkout', units: 1 }, (reply) =>
        this.#hold(customer, item, 1, reply),
      );
      if (opened.outcome !== 'ok') break;
      const key = `drain-${item}-${customer}`;
      const { checkoutId } = opened;
      const asked = { ...who, units: 1, key, checkoutId };
      const order = this.#probe({ ...asked, operation: 'order' }, (reply) =>
        this.#placeInstantly(asked, reply),
      );
      if (order.outcome === 'ok') bought++;
    }
    this.#drainProbes.push({ item, reported, bought, refusedAtEnd: true, problem: '' });
  }

  #placeInstantly(
    asked: { customer: number; key: string; checkoutId: string },
    reply: (answer: Answer) => void,
  ): void {
    const hold = this.#holds.get(asked.checkoutId)!;
    const order = this.#newOrder(asked, hold, asked.checkoutId);
    this.#orders.set(`${asked.customer} ${asked.key}`, order);
    this.#pushCharge(order.row, 'captured');
    this.#resolve(asked.checkoutId, 'committed');
    this.#confirm(order, reply);
  }

  #ledger(): EditableLedger {
    const rows = [...this.#orders.values()].map(({ row }) => row);
    const returned = new Set(
      rows.filter((row) => row.returnedSeq > 0).map((row) => row.checkoutId),
    );
    const holds = [...this.#holds.values()];
    const stock = this.#items.map(({ sku, seeded, restocked, available }) => {
      let held = 0;
      let committed = 0;
      for (const hold of holds) {
        if (hold.sku !== sku) continue;
        if (hold.state === 'held') held += hold.units;
        if (hold.state === 'committed' && !returned.has(hold.checkoutId)) committed += hold.units;
      }
      return { sku, seeded, restocked, available, held, committed };
    });
    const confirmed = rows.filter((row) => row.confirmedSeq > 0);
    const archived = rows.filter((row) => this.#isArchived(row));
    return structuredClone({
      stock,
      holds: holds.map(({ item: _item, customer: _customer, ...row }) => row),
      orders: rows.filter((row) => !this.#isArchived(row)),
      archived: archived.flatMap((row) => this.#inArchive(row)),
      ...this.#messages(),
      events: this.#events,
      charges: this.#charges,
      notifications: confirmed.map(({ id }) => ({ orderId: id, sent: 1 })),
      pending: { orders: 0, outbox: 0 },
    }) as EditableLedger;
  }

  #isArchived({ status, createdAtUs }: OrderRow): boolean {
    const isFinal = status === 'confirmed' || status === 'declined' || status === 'refunded';
    return isFinal && createdAtUs + us(ARCHIVE_AFTER) < START_US + us(this.#now);
  }

  #inArchive(row: OrderRow): OrderRow[] {
    if (row.status !== 'confirmed') return [row];
    if (this.#has('archive-drops') && row.createdAtUs % 3 === 0 && this.#struck()) return [];
    const archived = { ...row, status: 'archived' };
    const isLater = this.#drainProbes.length > 0;
    if (!this.#has('archive-changes') || !isLater || !this.#struck()) return [archived];
    return [{ ...archived, totalMinor: row.totalMinor + 1 }];
  }

  /** One message a charge; some are repeated, and beside some a forged one was sent. */
  #messages(): Pick<EditableLedger, 'callbacks' | 'callbackEffects'> {
    const callbacks: CallbackRow[] = [];
    const callbackEffects: CallbackEffectRow[] = [];
    for (const [i, { orderId, amountMinor, currency, atUs }] of this.#charges.entries()) {
      const sent = { orderId, kind: 'captured', amountMinor, currency, atUs } as const;
      callbacks.push({ ...sent, id: `cb-${i}`, sent: 1 + (i % 3), isForged: false });
      const isTwice = this.#has('callback-twice') && this.#struck();
      const applied = isTwice ? 2 : 1;
      callbackEffects.push({ id: `cb-${i}`, orderId, applied, repeated: i % 3, refused: 0 });
      if (i % 4 !== 0) continue;
      callbacks.push({ ...sent, id: `forged-${i}`, sent: 1, isForged: true });
      const isTaken = this.#has('forged-callback') && this.#struck();
      const effect = { id: `forged-${i}`, orderId, repeated: 0 };
      callbackEffects.push({ ...effect, applied: isTaken ? 1 : 0, refused: isTaken ? 0 : 1 });
    }
    return { callbacks, callbackEffects };
  }

  #input(ledgers: EditableLedger[]): AuditInput {
    return {
      runId: 'simulated',
      seed: 1,
      replayCommand: '',
      catalogue: this.#items.map(({ sku, priceMinor, seeded }) => ({
        sku,
        title: sku,
        description: '',
        category: 'c',
        attributes: {},
        priceMinor,
        units: seeded,
      })),
      sale: {
        opensAtMs: OPENS,
        closesAtMs: null,
        hotItems: [0],
        demandToStock: 5,
        perCustomer: LIMIT,
      },
      currency: 'EUR',
      promises: {
        serverDeadlineMs: DEADLINE,
        holdTtlMs: TTL,
        sweepGraceMs: GRACE,
        declaredBreaches: [],
        drainProbe: true,
      },
      historyKept: true,
      history: historyOf(this.#records),
      ledgers,
      ledgerStable: true,
      settled: true,
      resolutions: this.#resolutions,
      drainProbes: this.#drainProbes,
      restocked: this.#restocked,
      restocks: this.#restocks,
      requiredGoals: [],
      startUs: START_US,
    };
  }
}
