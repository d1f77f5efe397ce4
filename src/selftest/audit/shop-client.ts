/** A load client without a network: calls the shop's services, and loses what bad luck loses. */
import type { Clock } from '../../base/clock.ts';
import type { Prng } from '../../base/prng.ts';
import {
  type Call,
  type ClientStats,
  type LoadClient,
  NO_CLIENT_STATS,
} from '../../contract/call.ts';
import { customerIdOf } from '../../contract/customer.ts';
import {
  type Checkout,
  type OrderView,
  type QueuePlace,
  Refusal,
} from '../../reference-system/services.ts';
import { applyRuling, rulingOfRefusal, rulingOfTransport } from '../../targets/outcome-table.ts';
import type { ShopLife, SimulatedShop } from './simulated-shop.ts';
import type { WalletOfCards } from './wallet-of-cards.ts';

const NETWORK_MS = 20;
const SHED_CODES: ReadonlySet<string> = new Set(['overloaded', 'rate_limited']);

export interface ShopClientOptions {
  readonly shop: SimulatedShop;
  readonly clock: Clock;
  readonly prng: Prng;
  readonly skus: readonly string[];
  readonly wallet: WalletOfCards;
  /** Of requests, and of answers. */
  readonly lossShare: number;
  readonly timeoutMs: number;
}

export class ShopClient implements LoadClient {
  readonly #options: ShopClientOptions;
  /** Calls that the shop works on: all of them are cut when it dies. */
  readonly #served = new Set<() => void>();

  constructor(options: ShopClientOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {}

  async close(): Promise<void> {}

  stats(): ClientStats {
    return NO_CLIENT_STATS;
  }

  /** The shop has died: whoever waits for an answer sees the connection break. */
  cutAll(): void {
    for (const cut of this.#served) cut();
    this.#served.clear();
  }

  execute(call: Call, done: (call: Call) => void): void {
    const { clock, prng, lossShare, timeoutMs } = this.#options;
    let isDone = false;
    const finish = (answer: () => void): void => {
      if (isDone) return;
      isDone = true;
      clock.cancel(timer);
      answer();
      call.doneAtUs = clock.nowUs();
      done(call);
    };
    const timer = clock.after(timeoutMs, () =>
      finish(() => applyRuling(call, rulingOfTransport('timeout', true))),
    );
    if (prng.chance(lossShare)) return;
    clock.after(this.#delayMs(), () => {
      const { life } = this.#options.shop;
      if (life === undefined) {
        finish(() => applyRuling(call, rulingOfTransport('connection_lost', false)));
        return;
      }
      const cut = (): void =>
        finish(() => applyRuling(call, rulingOfTransport('connection_lost', true)));
      this.#served.add(cut);
      const send = (answer: () => void): void => {
        if (!this.#served.delete(cut) || prng.chance(lossShare)) return;
        clock.after(this.#delayMs(), () => finish(answer));
      };
      // The call is the shopper's own and may be used again once it is done: it is copied.
      this.#serve(life, { ...call }).then(
        (answer) => send(() => answer(call)),
        (error: unknown) => send(() => refuse(call, error)),
      );
    });
  }

  #delayMs(): number {
    return 1 + this.#options.prng.unit() * NETWORK_MS;
  }

  /** Resolves with what writes the answer into the call. Rejects as the services do. */
  async #serve(life: ShopLife, call: Call): Promise<(call: Call) => void> {
    const { orders, inventory, cart, waitingRoom } = life;
    const customer = customerIdOf(call.customer);
    const isCounted = call.operation !== 'viewStock';
    if (isCounted && life.limit?.take(customer) === false) throw new Refusal(429, 'rate_limited');
    const sku = this.#options.skus[call.item] ?? '';
    switch (call.operation) {
      case 'viewStock': {
        const stock = await inventory.stockOf(sku);
        if (stock === undefined) throw new Refusal(404, 'not_found');
        return (to) => {
          accept(to, 200);
          to.gotStock = stock;
        };
      }
      case 'addToCart':
        await cart.put(customer, { sku, quantity: call.quantity });
        return (to) => accept(to, 200);
      case 'viewCart': {
        const { lines } = await cart.view(customer);
        return (to) => {
          accept(to, 200);
          to.gotUnits = lines.reduce((sum, line) => sum + line.quantity, 0);
        };
      }
      case 'checkout': {
        const lines = call.direct ? [{ sku, quantity: call.quantity }] : null;
        const [token = ''] = call.values ?? [];
        const checkout =
          waitingRoom === undefined
            ? await orders.checkout(customer, lines)
            : await waitingRoom.checkOut(customer, token, (gate) =>
                orders.checkout(customer, lines, { gate }),
              );
        return (to) => showCheckout(to, checkout);
      }
      case 'joinQueue':
      case 'queueStatus': {
        const asked = call.operation === 'joinQueue' ? waitingRoom?.join(customer) : undefined;
        const place = (await asked) ?? waitingRoom?.look(customer);
        if (place === undefined) throw new Refusal(404, 'not_found');
        return (to) => showPlace(to, place);
      }
      case 'order':
      case 'orderDuplicate':
      case 'orderReplay':
      case 'orderChanged': {
        const request = { checkoutId: call.checkoutId, paymentToken: this.#paymentTokenOf(call) };
        const { order, accepted, replayed } = await orders.order(customer, call.key, request);
        return (to) => {
          showOrder(to, order, accepted ? 202 : 201);
          if (accepted) to.reason = 'accepted';
          to.gotReplayed = replayed;
        };
      }
      case 'orderStatus': {
        const found = await orders.byKey(customer, call.key);
        if (found === undefined) throw new Refusal(404, 'not_found');
        if (found === 'tombstoned') throw new Refusal(410, 'tombstoned');
        return (to) => showOrder(to, found, 200);
      }
      case 'tombstoneKey': {
        const outcome = await orders.tombstone(customer, call.key);
        if (outcome !== 'tombstoned') throw new Refusal(409, 'key_used');
        return (to) => {
          accept(to, 200);
          to.gotOrderStatus = 'tombstoned';
        };
      }
      case 'cancelOrder': {
        const order = await orders.cancel(customer, call.orderId);
        return (to) => showOrder(to, order, 200);
      }
      default:
        throw new Error(`the simulated shop has no ${call.operation}`);
    }
  }

  #paymentTokenOf({ operation, instantPayment, customer }: Call): string {
    if (instantPayment) return 'tok_instant';
    if (operation === 'orderChanged') return `tok_other_${customer}`;
    return this.#options.wallet.tokenOf(customer) ?? `tok_${customer}`;
  }
}

function showPlace(call: Call, place: QueuePlace): void {
  accept(call, 200);
  if (place.status === 'waiting') call.reason = 'waiting';
  else call.values = [place.token];
}

function accept(call: Call, status: number): void {
  call.status = status;
  call.outcome = 'ok';
}

function showCheckout(call: Call, checkout: Checkout): void {
  accept(call, 201);
  call.gotCheckoutId = checkout.id;
  call.gotTotalMinor = checkout.totalMinor;
  call.gotUnits = checkout.lines.reduce((sum, line) => sum + line.units, 0);
  call.gotExpiresAtUs = checkout.expiresAtUs;
}

function showOrder(call: Call, order: OrderView, status: number): void {
  accept(call, status);
  call.gotOrderId = order.id;
  call.gotOrderStatus = order.status;
  call.gotTotalMinor = order.totalMinor;
  call.gotUnits = order.lines.reduce((sum, line) => sum + line.units, 0);
}

function refuse(call: Call, error: unknown): void {
  if (!(error instanceof Refusal)) {
    // A failure of the shop itself: whether it had an effect, nobody knows.
    call.status = 500;
    applyRuling(call, rulingOfRefusal(500, 'internal', false));
    return;
  }
  call.status = error.status;
  call.gotReplayed = error.replayed;
  applyRuling(call, rulingOfRefusal(error.status, error.code, SHED_CODES.has(error.code)));
}
