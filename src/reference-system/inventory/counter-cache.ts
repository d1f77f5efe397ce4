/**
 * What a cache in front of the database decides by, in one step as a script in a cache server would:
 * the units that are free, and what each customer has claimed of those with a purchase limit.
 */
import type { HoldOutcome, HoldRequest } from '../services.ts';
import { CounterFile } from './counter-file.ts';
import type { StrategyContext } from './strategies/strategy.ts';
import { firstShort, skusOf } from './two-phase.ts';

/** Units that came back; the customer whose claim ends with them, '' for none. */
export type Returned = readonly [sku: string, units: number, customer: string];

/** The same facts as the database has them. */
export interface CachedState {
  readonly free: readonly (readonly [sku: string, units: number])[];
  readonly claims: readonly (readonly [customer: string, sku: string, units: number])[];
}

export class CounterCache {
  readonly #context: StrategyContext;
  readonly #claims = new Map<string, number>();
  #opened: CounterFile | undefined;

  constructor(context: StrategyContext) {
    this.#context = context;
  }

  /** Takes all that is asked for, or nothing and says why. */
  take(request: HoldRequest): HoldOutcome | undefined {
    const file = this.#file;
    const free = skusOf(request).map((sku) => file.get(sku) ?? 0);
    const refusal = firstShort(request, free) ?? this.#firstOverLimit(request);
    if (refusal === undefined) this.#move(request, -1);
    return refusal;
  }

  /** For a request that came to nothing after all. */
  undo(request: HoldRequest): void {
    this.#move(request, 1);
  }

  giveBack(returned: readonly Returned[]): void {
    for (const [sku, units, customer] of returned) {
      this.add(sku, units);
      if (customer !== '') this.#claim(customer, sku, -units);
    }
  }

  add(sku: string, units: number): void {
    const file = this.#file;
    file.set(sku, (file.get(sku) ?? 0) + units);
  }

  /** Until it is read again nothing seems to be free. */
  wipe(): void {
    this.#file.clear();
    this.#claims.clear();
  }

  /**
   * Takes over what the database says, but for the counters that are known where `keepKnown`.
   * Returns by how many units they were wrong. Nothing else may be under way.
   */
  async read({ keepKnown = false } = {}): Promise<number> {
    const file = this.#file;
    const state = await this.#context.store.callAdmitted<CachedState>('cachedState', null);
    let wrong = 0;
    for (const [sku, free] of state.free) {
      const counted = file.get(sku);
      if (counted === free || (keepKnown && counted !== undefined)) continue;
      if (counted !== undefined) wrong += Math.abs(free - counted);
      file.set(sku, free);
    }
    this.#claims.clear();
    for (const [customer, sku, units] of state.claims) this.#claim(customer, sku, units);
    return wrong;
  }

  get #file(): CounterFile {
    this.#opened ??= new CounterFile(this.#context.dataDir);
    return this.#opened;
  }

  #firstOverLimit(request: HoldRequest): HoldOutcome | undefined {
    const { customer, lines, limitedSkus, perCustomer } = request;
    const over = lines.find(({ sku, quantity }) => {
      const claimed = this.#claims.get(claimKey(customer, sku)) ?? 0;
      return limitedSkus.includes(sku) && claimed + quantity > perCustomer;
    });
    return over === undefined ? undefined : { held: false, code: 'limit_reached', sku: over.sku };
  }

  #move({ customer, lines, limitedSkus }: HoldRequest, sign: 1 | -1): void {
    for (const { sku, quantity } of lines) {
      this.add(sku, sign * quantity);
      if (limitedSkus.includes(sku)) this.#claim(customer, sku, -sign * quantity);
    }
  }

  #claim(customer: string, sku: string, units: number): void {
    const key = claimKey(customer, sku);
    const claimed = (this.#claims.get(key) ?? 0) + units;
    if (claimed > 0) this.#claims.set(key, claimed);
    else this.#claims.delete(key);
  }
}

function claimKey(customer: string, sku: string): string {
  return `${customer} ${sku}`;
}
