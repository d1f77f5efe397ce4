/** The announcement on disk, so that a restarted shop keeps selling by the same clock. */
import path from 'node:path';
import type { SaleWindow } from '../services.ts';
import { readSnapshot, writeSnapshot } from '../snapshot-file.ts';
import type { PersistedSale } from './sale-service.ts';

type StoredSale = Omit<SaleWindow, 'opensAtUs'> & { readonly opensAtUs: number | null };

export function saleFileIn(dataDir: string): PersistedSale {
  const file = path.join(dataDir, 'sale.json');
  return {
    load: () => {
      const stored = readSnapshot(file) as StoredSale | undefined;
      if (stored === undefined) return undefined;
      // JSON has no Infinity: a sale without a date is stored with null.
      return { ...stored, opensAtUs: stored.opensAtUs ?? Number.POSITIVE_INFINITY };
    },
    save: (window) => writeSnapshot(file, window),
  };
}
