/** A short, real load: shoppers that buy, cancel and pay late until the shop is gone. */
import type { Clock } from '../../base/clock.ts';
import type { Prng } from '../../base/prng.ts';
import type { Call, LoadClient } from '../../contract/call.ts';
import type { HistoryWriter } from '../../contract/history.ts';
import type { PaymentBehaviour } from '../../contract/profile.ts';
import { confirmsOrder } from '../../engine/contract-probes.ts';
import { ask } from '../../engine/probe-calls.ts';
import type { CrashPoint } from '../../reference-system/crash-points.ts';
import {
  CALM,
  CUSTOMERS,
  DECLINING,
  HOLD_TTL_MS,
  HOT_ITEM,
  LATE,
  LOSING,
  MIXED,
  NEVER,
  PLAIN_ITEMS,
  SCARCE_UNITS,
  TELLING,
} from './crash-shop.ts';

export interface CrashLoadParts {
  readonly client: LoadClient;
  readonly clock: Clock;
  readonly writer: HistoryWriter;
  readonly prng: Prng;
  /** Makes the keys of two cycles differ. */
  readonly keyPrefix: string;
  /** A catalogue item with SCARCE_UNITS that nobody has touched. */
  readonly scarceItem: () => number;
}

/** How shoppers behave, and how their payments go. */
export interface CrashTraffic {
  readonly payment: PaymentBehaviour;
  readonly shoppers: number;
  readonly way: 'buy' | 'cancel' | 'too-late';
}

export const CALM_TRAFFIC: CrashTraffic = { payment: CALM, shoppers: 10, way: 'buy' };

/** Traffic in which the point is surely passed, twice and more. */
export function trafficFor(point: CrashPoint): CrashTraffic {
  const [part] = point.split(':');
  if (point === 'refund: recorded') return { payment: LATE, shoppers: 3, way: 'too-late' };
  switch (part) {
    case 'decline':
      return { payment: DECLINING, shoppers: 6, way: 'buy' };
    case 'unknown':
      return { payment: LOSING, shoppers: 6, way: 'buy' };
    case 'void':
      return { payment: NEVER, shoppers: 6, way: 'buy' };
    case 'late':
      return { payment: LATE, shoppers: 6, way: 'buy' };
    case 'refund':
      return { payment: CALM, shoppers: 6, way: 'cancel' };
    case 'callback':
      return { payment: TELLING, shoppers: 6, way: 'buy' };
    default:
      return CALM_TRAFFIC;
  }
}

export const RANDOM_TRAFFIC: CrashTraffic = { payment: MIXED, shoppers: 16, way: 'cancel' };

const QUANTITY_MAX = 2;
const HOT_SHARE = 0.4;
const CANCEL_SHARE = 0.3;
/** After an answer that was no answer: the shop may be gone. */
const PAUSE_MS = 15;

/** What these ask is no probe of the coordinator: the audit holds the shop to every answer. */
function asShopper(writer: HistoryWriter): HistoryWriter {
  return {
    append: (call, _journey, population) => writer.append(call, 0, population),
    flush: () => writer.flush(),
    close: () => writer.close(),
  };
}

export class CrashLoad {
  readonly #parts: CrashLoadParts;
  readonly #traffic: CrashTraffic;
  #isOver = false;
  #keys = 0;
  acknowledged = 0;

  constructor(parts: CrashLoadParts, traffic: CrashTraffic) {
    this.#parts = { ...parts, writer: asShopper(parts.writer) };
    this.#traffic = traffic;
  }

  /** Resolves after `stop`, when everybody has had an answer or none. */
  async run(): Promise<void> {
    const { shoppers, way } = this.#traffic;
    const shop = way === 'too-late' ? () => this.#tooLate() : () => this.#shopOnce(way);
    const lane = async (): Promise<void> => {
      while (!this.#isOver) await shop();
    };
    await Promise.all(Array.from({ length: shoppers }, lane));
  }

  stop(): void {
    this.#isOver = true;
  }

  async #shopOnce(way: 'buy' | 'cancel'): Promise<void> {
    const { prng, clock } = this.#parts;
    const customer = prng.below(CUSTOMERS);
    const plain = PLAIN_ITEMS[prng.below(PLAIN_ITEMS.length)] as number;
    const item = prng.chance(HOT_SHARE) ? HOT_ITEM : plain;
    const quantity = 1 + prng.below(QUANTITY_MAX);
    const order = await this.#buy({ customer, item, quantity });
    if (order === undefined) return clock.sleep(PAUSE_MS);
    if (way === 'buy' || !confirmsOrder(order)) return;
    const mayCancel = this.#traffic.payment === CALM || prng.chance(CANCEL_SHARE);
    if (!mayCancel || this.#isOver) return;
    const { gotOrderId: orderId } = order;
    await this.#ask({ operation: 'cancelOrder', customer, item, orderId });
  }

  /**
   * One holds all units of an item and pays late; when the hold has ended another buys them at once,
   * so that the payment comes too late and is given back.
   */
  async #tooLate(): Promise<void> {
    const { prng, clock } = this.#parts;
    const item = this.#parts.scarceItem();
    const customer = prng.below(CUSTOMERS);
    const quantity = SCARCE_UNITS;
    let isSettled = false;
    const slow = this.#buy({ customer, item, quantity }).finally(() => {
      isSettled = true;
    });
    await clock.sleep(HOLD_TTL_MS);
    const other = (customer + 1) % CUSTOMERS;
    // Until the units are bought, or whoever came first has paid in time after all.
    while (!isSettled && !this.#isOver) {
      const quick = { customer: other, item, quantity, instantPayment: true };
      if ((await this.#buy(quick)) !== undefined) break;
      await clock.sleep(PAUSE_MS);
    }
    await slow;
  }

  /** The order's answer; undefined when nothing could be checked out. */
  async #buy(wanted: {
    readonly customer: number;
    readonly item: number;
    readonly quantity: number;
    readonly instantPayment?: boolean;
  }): Promise<Call | undefined> {
    const { customer, item, quantity, instantPayment = false } = wanted;
    const about = { customer, item, quantity };
    const checkout = await this.#ask({ operation: 'checkout', ...about, direct: true });
    if (checkout.outcome !== 'ok') return undefined;
    const checkoutId = checkout.gotCheckoutId;
    const key = `${this.#parts.keyPrefix}-${this.#keys++}`;
    const order = await this.#ask({
      operation: 'order',
      ...about,
      key,
      checkoutId,
      instantPayment,
    });
    if (confirmsOrder(order)) this.acknowledged++;
    return order;
  }

  #ask(question: Parameters<typeof ask>[1]): Promise<Call> {
    return ask(this.#parts, question);
  }
}
