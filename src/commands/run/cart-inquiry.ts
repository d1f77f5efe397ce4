/**
 * What the coordinator tries on the bundled shop before it comes to rest: a cart of its own, and a
 * stranger who asks for the orders of others.
 */
import type { Clock } from '../../base/clock.ts';
import type { ForeignProbe } from '../../contract/audit-probe.ts';
import type { History } from '../../contract/history.ts';
import type { CatalogueItem, Sale } from '../../contract/scenario.ts';
import type { Target } from '../../contract/target.ts';
import { type CartProbe, fillCart, lookIntoCart } from '../../engine/cart-probes.ts';
import type { ProbeParts } from '../../engine/probe-calls.ts';
import { buyCheckout } from '../../engine/probe-purchase.ts';
import { ordersToTry, type Stranger, tryCheckout, tryOrders } from './stranger-probes.ts';

/** Fresh customers that it needs: one who buys, and the stranger. */
export const INQUIRY_CUSTOMERS = 2;

export interface InquiryOptions {
  readonly parts: ProbeParts;
  readonly target: Target;
  readonly clock: Clock;
  readonly catalogue: readonly CatalogueItem[];
  readonly sale: Sale;
  /** Numbers of the customers: `first` buys, the next one is the stranger. */
  readonly first: number;
  readonly tokens: readonly string[];
  readonly keyPrefix: string;
}

export class CartInquiry {
  readonly #options: InquiryOptions;
  readonly #cart: CartProbe | undefined;
  #isBought = false;

  constructor(options: InquiryOptions) {
    this.#options = options;
    this.#cart = cartFor(options);
  }

  /** Before the shop comes to rest: an open checkout is bought at once or refused. */
  async ask(history: History): Promise<ForeignProbe[]> {
    const { parts, first, keyPrefix } = this.#options;
    const stranger = this.#stranger();
    const probes = await tryOrders(stranger, ordersToTry(history));
    if (this.#cart === undefined) return probes;
    const checkoutId = await fillCart(parts, this.#cart);
    if (checkoutId === '') return probes;
    probes.push(...(await tryCheckout(stranger, first, checkoutId)));
    const problem = await buyCheckout(parts, {
      customer: first,
      item: this.#cart.kept,
      key: `${keyPrefix}-cart`,
      checkoutId,
    });
    this.#isBought = problem === '';
    return probes;
  }

  /** Once it is at rest: what was bought has left the cart. */
  async lookAgain(): Promise<void> {
    if (this.#cart !== undefined && this.#isBought) {
      await lookIntoCart(this.#options.parts, this.#cart);
    }
  }

  #stranger(): Stranger {
    const { target, clock, tokens, first, keyPrefix } = this.#options;
    const customer = first + 1;
    return { target, clock, customer, token: tokens[customer] ?? '', keyPrefix };
  }
}

/** What is least likely to be sold out: most units, and outside the sale where there is a choice. */
function cartFor({ catalogue, sale, first }: InquiryOptions): CartProbe | undefined {
  const hot = new Set(sale.hotItems);
  const items = [...catalogue.keys()].filter((item) => (catalogue[item]?.units ?? 0) > 0);
  items.sort((a, b) => {
    const byHeat = Number(hot.has(a)) - Number(hot.has(b));
    return byHeat || (catalogue[b]?.units ?? 0) - (catalogue[a]?.units ?? 0);
  });
  const [kept, dropped = -1] = items;
  return kept === undefined ? undefined : { customer: first, kept, dropped };
}
