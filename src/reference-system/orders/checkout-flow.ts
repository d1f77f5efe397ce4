/** First call of an order: validate what is to be bought, then hold it until it expires. */
import { assert } from '../../base/assert.ts';
import type { Clock } from '../../base/clock.ts';
import type { CrashPoints } from '../crash-points.ts';
import {
  type CartService,
  type CatalogueService,
  type Checkout,
  type CheckoutWishes,
  type InventoryService,
  type Line,
  Refusal,
  type SaleService,
} from '../services.ts';
import type { Store } from '../storage/store.ts';
import type { CheckoutArgs } from './claim-procedures.ts';
import { holdLines, missingOf } from './hold-lines.ts';
import type { IdSource } from './id-source.ts';
import { encodeLines, type StoredLine } from './stored-order.ts';

export interface OrderLimits {
  readonly maxLines: number;
  readonly maxUnitsPerLine: number;
}

export const DEFAULT_ORDER_LIMITS: OrderLimits = { maxLines: 50, maxUnitsPerLine: 100 };

export interface CheckoutDeps {
  readonly store: Store;
  readonly inventory: InventoryService;
  readonly cart: CartService;
  readonly catalogue: CatalogueService;
  readonly sale: SaleService;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly holdTtlMs: number;
  readonly limits: OrderLimits;
  readonly crashPoints: CrashPoints;
}

/**
 * Holds first and stores second: two services have no transaction in common, and a crash between
 * the two leaves nothing but a hold that expires. Throws Refusal.
 */
export async function checkOut(
  deps: CheckoutDeps,
  customer: string,
  direct: readonly Line[] | null,
  { partial = false }: CheckoutWishes = {},
): Promise<Checkout> {
  const cartUntilUs = direct === null ? Math.floor(deps.clock.nowUs()) : 0;
  const wanted =
    direct === null ? await cartLines(deps.cart, customer) : aggregate(direct, deps.limits);
  const perCustomer = deps.sale.window().perCustomer;
  const valid = validate(deps, wanted);
  assert(Number.isSafeInteger(totalOf(valid)), 'an order total must be a safe integer');
  const id = deps.ids.next('k');
  const expiresAtUs = Math.floor(deps.clock.nowUs() + deps.holdTtlMs * 1000);
  const holding = { checkoutId: id, customer, lines: valid, expiresAtUs, perCustomer, partial };
  const lines = await holdLines(deps.inventory, holding);
  deps.crashPoints.reach('checkout: held');
  const totalMinor = totalOf(lines);
  const currency = deps.catalogue.currency();
  const row: CheckoutArgs = [
    ...([id, customer, encodeLines(lines), totalMinor] as const),
    ...([currency, expiresAtUs, perCustomer, cartUntilUs] as const),
  ];
  try {
    await deps.store.callAdmitted('putCheckout', row);
  } catch (error) {
    await deps.inventory.release(id);
    throw error;
  }
  deps.crashPoints.reach('checkout: stored');
  const shown = lines.map(({ sku, units, priceMinor }) => ({ sku, units, priceMinor }));
  const missing = missingOf(valid, lines);
  return { id, customer, lines: shown, missing, totalMinor, currency, expiresAtUs };
}

interface WantedLine extends Line {
  /** The price that the cart locked; undefined when bought directly. */
  readonly lockedMinor: number | undefined;
}

async function cartLines(cart: CartService, customer: string): Promise<WantedLine[]> {
  const { lines } = await cart.view(customer);
  const wanted = lines.map(({ sku, quantity, priceMinor }) => {
    return { sku, quantity, lockedMinor: priceMinor };
  });
  return wanted.sort(bySku);
}

/** One line per SKU, in SKU order: the order in which everyone takes them. */
function aggregate(lines: readonly Line[], limits: OrderLimits): WantedLine[] {
  const units = new Map<string, number>();
  for (const { sku, quantity } of lines) {
    // Before they are added up: a negative line must not make room for another.
    requireQuantity(sku, quantity, limits);
    units.set(sku, (units.get(sku) ?? 0) + quantity);
  }
  const wanted = [...units].map(([sku, quantity]) => ({ sku, quantity, lockedMinor: undefined }));
  return wanted.sort(bySku);
}

/** By code unit, as the database compares. */
function bySku(a: Line, b: Line): number {
  return a.sku < b.sku ? -1 : a.sku > b.sku ? 1 : 0;
}

function validate(deps: CheckoutDeps, wanted: readonly WantedLine[]): StoredLine[] {
  const { catalogue, sale, limits } = deps;
  if (wanted.length === 0) throw new Refusal(409, 'empty_cart');
  if (wanted.length > limits.maxLines) {
    throw new Refusal(422, 'cart_limit', { maxLines: limits.maxLines });
  }
  const limitedSkus = sale.window().skus;
  return wanted.map(({ sku, quantity, lockedMinor }) => {
    requireQuantity(sku, quantity, limits);
    const product = catalogue.product(sku);
    if (product === undefined) throw new Refusal(404, 'not_found', { sku });
    const state = sale.stateOf(sku);
    if (state === 'upcoming' || state === 'closed') {
      throw new Refusal(409, 'sale_closed', { sku, sale: state });
    }
    const { priceMinor } = product;
    if (lockedMinor !== undefined && lockedMinor !== priceMinor) {
      throw new Refusal(409, 'price_changed', { sku, lockedMinor, priceMinor });
    }
    return { sku, units: quantity, priceMinor, limited: limitedSkus.includes(sku) };
  });
}

function requireQuantity(sku: string, quantity: number, { maxUnitsPerLine }: OrderLimits): void {
  if (Number.isSafeInteger(quantity) && quantity >= 1 && quantity <= maxUnitsPerLine) return;
  throw new Refusal(422, 'cart_limit', { sku, maxQuantity: maxUnitsPerLine });
}

function totalOf(lines: readonly StoredLine[]): number {
  return lines.reduce((sum, line) => sum + line.units * line.priceMinor, 0);
}
