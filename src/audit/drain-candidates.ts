/** Which items the drain probe sells out: everything in the sale, and a sample of the rest. */
import { Prng } from '../base/prng.ts';
import type { Ledger } from '../contract/ledger.ts';
import type { CatalogueItem, Sale } from '../contract/scenario.ts';

export interface DrainOptions {
  readonly catalogue: readonly CatalogueItem[];
  readonly sale: Sale;
  readonly ledger: Ledger;
  /** How many items outside the sale. */
  readonly sampleSize: number;
  readonly seed: number;
}

/** Items outside the sale with more units than this take too long to sell out one by one. */
const SAMPLE_UNITS_MAX = 60;

/** With the units that the ledger reports available now; items it does not list are left out. */
export function drainCandidates(options: DrainOptions): { item: number; reported: number }[] {
  const { catalogue, sale, ledger, sampleSize, seed } = options;
  const availableOf = new Map(ledger.stock.map((row) => [row.sku, row.available]));
  const hot = new Set(sale.hotItems);
  const chosen: { item: number; reported: number }[] = [];
  const others: { item: number; reported: number }[] = [];
  for (const [item, { sku }] of catalogue.entries()) {
    const reported = availableOf.get(sku);
    if (reported === undefined) continue;
    if (hot.has(item)) chosen.push({ item, reported });
    else if (reported > 0 && reported <= SAMPLE_UNITS_MAX) others.push({ item, reported });
  }
  const prng = new Prng(seed, 'drain-sample');
  for (let i = 0; i < Math.min(sampleSize, others.length); i++) {
    const pick = i + prng.below(others.length - i);
    const candidate = others[pick];
    const replaced = others[i];
    if (candidate === undefined || replaced === undefined) break;
    others[pick] = replaced;
    chosen.push(candidate);
  }
  return chosen;
}
