/** Taking the units of a checkout: all lines or none, or, where the shopper agrees, what there is. */
import { type HoldOutcome, type HoldRequest, type InventoryService, Refusal } from '../services.ts';
import type { StoredLine } from './stored-order.ts';

/** Others buy meanwhile: what was there when it was looked up may be gone when it is taken. */
const PARTIAL_ATTEMPTS = 4;

export interface HoldLinesRequest extends Pick<HoldRequest, 'checkoutId' | 'customer'> {
  readonly expiresAtUs: number;
  readonly perCustomer: number;
  /** One per SKU, in SKU order. */
  readonly lines: readonly StoredLine[];
  /** Fewer units, or no line at all, will do for whatever is short. */
  readonly partial: boolean;
}

/** The lines that are held now: at least one. Throws Refusal, and then nothing is held. */
export async function holdLines(
  inventory: InventoryService,
  { lines, partial, ...request }: HoldLinesRequest,
): Promise<readonly StoredLine[]> {
  let wanted = lines;
  for (let attempt = 1; ; attempt++) {
    const outcome = await inventory.hold({
      ...request,
      lines: wanted.map(({ sku, units }) => ({ sku, quantity: units })),
      limitedSkus: wanted.filter((line) => line.limited).map((line) => line.sku),
    });
    if (outcome.held) return wanted;
    const mayShrink = partial && outcome.code === 'sold_out' && attempt < PARTIAL_ATTEMPTS;
    if (!mayShrink) throw refusalOf(outcome);
    wanted = await inStock(inventory, wanted);
    if (wanted.length === 0) throw refusalOf(outcome);
  }
}

/** The lines cut down to what is free at this moment. */
async function inStock(
  inventory: InventoryService,
  lines: readonly StoredLine[],
): Promise<StoredLine[]> {
  const free = await Promise.all(lines.map(({ sku }) => inventory.stockOf(sku)));
  const cut = lines.map((line, at) => ({ ...line, units: Math.min(line.units, free[at] ?? 0) }));
  return cut.filter(({ units }) => units > 0);
}

function refusalOf(outcome: Extract<HoldOutcome, { held: false }>): Refusal {
  const status = outcome.code === 'contention' ? 503 : 409;
  return new Refusal(status, outcome.code, { sku: outcome.sku });
}

/** What of `lines` is not among `held`. */
export function missingOf(
  lines: readonly StoredLine[],
  held: readonly StoredLine[],
): { sku: string; quantity: number }[] {
  const units = new Map(held.map((line) => [line.sku, line.units]));
  const missing = lines.map(({ sku, units: wanted }) => {
    return { sku, quantity: wanted - (units.get(sku) ?? 0) };
  });
  return missing.filter(({ quantity }) => quantity > 0);
}
