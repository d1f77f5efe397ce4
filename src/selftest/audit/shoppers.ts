/** Simulated shoppers: each looks, holds, pays, repeats, cancels or gives up, as chance decides. */
import type { Clock } from '../../base/clock.ts';
import type { Prng } from '../../base/prng.ts';
import { type Call, createCall, type LoadClient, resetAnswer } from '../../contract/call.ts';
import type { HistoryWriter } from '../../contract/history.ts';
import { traitsOf } from '../../contract/operation.ts';
import { FIRST_NEW_CUSTOMER, type SaleTraffic } from './sale-traffic.ts';
import { HOLD_TTL_MS } from './simulated-shop.ts';

const CHECKOUT_TRIES = 3;
const ORDER_TRIES = 4;
const HURRY_MS = 250;
const POLLS = 4;
const QUEUE_POLLS = 25;
const QUEUE_POLL_MS = 150;

export interface ShoppersOptions {
  readonly client: LoadClient;
  readonly clock: Clock;
  readonly writer: HistoryWriter;
  readonly prng: Prng;
  readonly traffic: SaleTraffic;
}

type Asked = Partial<Call> & Pick<Call, 'operation'>;

/** What one shopper goes on with from request to request. */
interface Shopper {
  readonly journey: number;
  readonly prng: Prng;
  readonly customer: number;
  readonly item: number;
  readonly units: number;
  /** Of the waiting room; '' where there is none, or without a turn. */
  readonly admission: string;
}

export class Shoppers {
  readonly #options: ShoppersOptions;
  readonly #keys = new Map<number, number>();
  /** Admission tokens that somebody was given, the latest last. */
  readonly #tokens: string[] = [];

  constructor(options: ShoppersOptions) {
    this.#options = options;
  }

  /** Resolves when the last of them has left. */
  async run(): Promise<void> {
    const { traffic, prng, clock } = this.#options;
    const visits = Array.from({ length: traffic.shoppers }, async (_, journey) => {
      const own = prng.fork(`shopper ${journey}`);
      await clock.sleep(own.unit() * traffic.arriveForMs);
      const returns = own.chance(traffic.returningShare);
      const hot = own.chance(traffic.hotShare) || traffic.units.length === 1;
      await this.#visit({
        journey,
        prng: own,
        customer: returns ? own.below(traffic.returning) : FIRST_NEW_CUSTOMER + journey,
        item: hot ? 0 : 1 + own.below(traffic.units.length - 1),
        units: 1 + own.below(traffic.maxUnits),
        admission: '',
      });
    });
    await Promise.all(visits);
  }

  async #visit(shopper: Shopper): Promise<void> {
    const { traffic } = this.#options;
    const { prng, item } = shopper;
    for (let look = 0; look < traffic.looks; look++) {
      await this.#send(shopper, { operation: 'viewStock', item });
    }
    const isCart = prng.chance(traffic.cartShare);
    if (isCart) {
      // A cart is known by the item that was put into it first.
      const buyer = await this.#admitted({ ...shopper, item: 0, units: 1 });
      if (await this.#fillCart(buyer)) await this.#buy(buyer, false, 1);
      return;
    }
    const second = prng.chance(traffic.secondCheckoutShare);
    const buyer = await this.#admitted(shopper);
    await Promise.all([
      this.#buy(buyer, true, CHECKOUT_TRIES),
      second ? this.#buyAgain(buyer) : undefined,
    ]);
  }

  /** Waits for a turn; whoever has no patience tries the token of somebody else. */
  async #admitted(shopper: Shopper): Promise<Shopper> {
    const { traffic, clock } = this.#options;
    if (traffic.admission === null || shopper.item !== 0) return shopper;
    const found = this.#tokens.at(-1);
    if (found !== undefined && shopper.prng.chance(traffic.foreignTokenShare)) {
      return { ...shopper, admission: found };
    }
    let operation: 'joinQueue' | 'queueStatus' = 'joinQueue';
    for (let poll = 0; poll < QUEUE_POLLS; poll++) {
      const place = await this.#send(shopper, { operation, item: 0 });
      const [token] = place.values ?? [];
      if (place.outcome === 'ok' && token !== undefined) {
        this.#tokens.push(token);
        return { ...shopper, admission: token };
      }
      if (place.reason === 'sale_closed') break;
      operation = place.outcome === 'ok' ? 'queueStatus' : 'joinQueue';
      await clock.sleep(QUEUE_POLL_MS);
    }
    return shopper;
  }

  async #buyAgain(shopper: Shopper): Promise<void> {
    const twin = { ...shopper, prng: shopper.prng.fork('twin') };
    await this.#options.clock.sleep(twin.prng.below(HURRY_MS));
    await this.#buy(twin, true, 1);
  }

  async #fillCart(shopper: Shopper): Promise<boolean> {
    const { traffic } = this.#options;
    const put = (item: number, quantity: number): Promise<Call> =>
      this.#send(shopper, { operation: 'addToCart', item, quantity });
    const items = shopper.prng.chance(0.3) ? 1 : Math.min(2, traffic.units.length);
    for (let item = 0; item < items; item++) {
      if ((await put(item, 1)).outcome !== 'ok') return false;
    }
    await this.#send(shopper, { operation: 'viewCart', item: 0 });
    if (!shopper.prng.chance(0.3)) return true;
    // Out again, and in twice at the same time: both must be in it.
    const out = await put(0, 0);
    const twice = await Promise.all([put(0, 1), put(0, 1)]);
    await this.#send(shopper, { operation: 'viewCart', item: 0 });
    // Who is not sure of what is in it does not buy it.
    return [out, ...twice].every(({ outcome }) => outcome === 'ok');
  }

  async #buy(shopper: Shopper, direct: boolean, tries: number): Promise<void> {
    const { clock, traffic } = this.#options;
    const { prng, item, units } = shopper;
    for (let attempt = 1; attempt <= tries; attempt++) {
      const asked: Asked = { operation: 'checkout', item, quantity: units, direct, attempt };
      if (traffic.admission !== null) asked.values = [shopper.admission];
      const opened = await this.#send(shopper, asked);
      if (opened.outcome === 'ok') {
        if (prng.chance(traffic.abandonShare)) return;
        const isLate = prng.chance(traffic.lateShare);
        const thinkMs = isLate ? HOLD_TTL_MS * (0.9 + 0.2 * prng.unit()) : prng.unit() * 1200;
        await clock.sleep(thinkMs);
        await this.#pay(shopper, opened);
        return;
      }
      await clock.sleep(100 + prng.unit() * 900);
    }
  }

  async #pay(shopper: Shopper, opened: Call): Promise<void> {
    const { traffic } = this.#options;
    const { prng, item } = shopper;
    const key = `key-${this.#serialOf(traffic.sharedKeys ? shopper.customer : 0)}`;
    const asked = { item, key, checkoutId: opened.gotCheckoutId, quantity: opened.gotUnits };
    const [order] = await Promise.all([
      this.#order(shopper, asked),
      this.#clickAgain(shopper, asked),
      this.#poll(shopper, asked),
    ]);
    await this.#probe(shopper, asked, order);
    if (order.outcome !== 'ok') return;
    if (prng.chance(0.3)) await this.#send(shopper, { ...asked, operation: 'orderStatus' });
    if (!prng.chance(traffic.cancelShare)) return;
    await this.#options.clock.sleep(prng.unit() * 800);
    const orderId = order.gotOrderId;
    const cancel: Asked = { operation: 'cancelOrder', item, orderId, key: asked.key };
    const cancelled = await this.#send(shopper, cancel);
    if (cancelled.outcome === 'ok' && prng.chance(0.5)) {
      await this.#send(shopper, { ...asked, operation: 'orderStatus' });
    }
    if (cancelled.outcome === 'unknown') {
      await this.#send(shopper, { ...cancel, attempt: 2 });
    }
  }

  /** Who counts alone uses the keys that others use as well, each of them once. */
  #serialOf(counter: number): number {
    const serial = (this.#keys.get(counter) ?? 0) + 1;
    this.#keys.set(counter, serial);
    return serial;
  }

  /** Sends the order again under its key for as long as nobody knows what became of it. */
  async #order(shopper: Shopper, asked: Partial<Call>): Promise<Call> {
    const { clock } = this.#options;
    for (let attempt = 1; ; attempt++) {
      const order = await this.#send(shopper, { ...asked, operation: 'order', attempt });
      const isOpen = order.outcome === 'unknown' || order.reason === 'connect_failed';
      if (!isOpen || attempt === ORDER_TRIES || shopper.prng.chance(0.2)) return order;
      await clock.sleep(50 + shopper.prng.unit() * 500);
    }
  }

  async #clickAgain(shopper: Shopper, asked: Partial<Call>): Promise<void> {
    const { traffic, clock } = this.#options;
    const { prng } = shopper;
    const pauseMs = prng.below(HURRY_MS);
    if (prng.chance(traffic.duplicateShare)) {
      await clock.sleep(pauseMs);
      await this.#send(shopper, { ...asked, operation: 'orderDuplicate' });
    } else if (prng.chance(traffic.secondKeyShare)) {
      await clock.sleep(pauseMs);
      await this.#send(shopper, { ...asked, key: `${asked.key}-second`, operation: 'order' });
    }
  }

  async #poll(shopper: Shopper, asked: Partial<Call>): Promise<void> {
    const { traffic, clock } = this.#options;
    if (!shopper.prng.chance(traffic.pollShare)) return;
    for (let poll = 0; poll < POLLS; poll++) {
      await this.#send(shopper, { ...asked, operation: 'orderStatus' });
      await clock.sleep(100);
    }
  }

  /** What the contract says of a key that was used. */
  async #probe(shopper: Shopper, asked: Partial<Call>, order: Call): Promise<void> {
    const { traffic } = this.#options;
    const isFinal = order.outcome === 'ok' || order.reason === 'payment_declined';
    if (!isFinal) return;
    if (shopper.prng.chance(traffic.replayShare)) {
      await this.#send(shopper, { ...asked, operation: 'orderReplay' });
    }
    if (shopper.prng.chance(traffic.changedShare)) {
      await this.#send(shopper, { ...asked, operation: 'orderChanged' });
    }
  }

  #send({ customer, journey }: Shopper, asked: Asked): Promise<Call> {
    const { client, clock, writer } = this.#options;
    const call = Object.assign(createCall(), asked, { customer });
    resetAnswer(call);
    call.intendedAtUs = clock.nowUs();
    call.dispatchedAtUs = call.intendedAtUs;
    return new Promise((resolve) => {
      client.execute(call, (answered) => {
        if (traitsOf(answered.operation).recorded) writer.append(answered, journey, 0);
        resolve(answered);
      });
    });
  }
}
