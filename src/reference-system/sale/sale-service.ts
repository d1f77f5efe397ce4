/** The announced sale: which SKUs, from when to when, how many per customer. */
import type { Clock } from '../../base/clock.ts';
import type { SaleService, SaleWindow } from '../services.ts';

export interface PersistedSale {
  load(): SaleWindow | undefined;
  save(window: SaleWindow): void;
}

const NOT_ANNOUNCED: SaleWindow = {
  skus: [],
  opensAtUs: Number.POSITIVE_INFINITY,
  closesAtUs: null,
  perCustomer: Number.MAX_SAFE_INTEGER,
};

/** `onChange` is told after each announcement. */
export function createSaleService(parts: {
  clock: Clock;
  persisted: PersistedSale;
  onChange: () => void;
}): SaleService {
  let current = parts.persisted.load() ?? NOT_ANNOUNCED;
  let skus = new Set(current.skus);
  return {
    announce: (window) => {
      parts.persisted.save(window);
      current = window;
      skus = new Set(window.skus);
      parts.onChange();
    },
    window: () => current,
    stateOf: (sku) => {
      if (!skus.has(sku)) return 'none';
      const nowUs = parts.clock.nowUs();
      if (nowUs < current.opensAtUs) return 'upcoming';
      return current.closesAtUs !== null && nowUs >= current.closesAtUs ? 'closed' : 'open';
    },
  };
}
