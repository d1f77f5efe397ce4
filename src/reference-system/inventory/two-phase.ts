/** The actions that strategies share: resolving a hold is one compare-and-set for all of them. */
import { assert } from '../../base/assert.ts';
import type { HoldOutcome, HoldRequest, ResolveOutcome } from '../services.ts';
import type { HoldArgs, HoldReply } from './hold-tables.ts';
import type { StrategyActions, StrategyContext } from './strategies/strategy.ts';

/** No hold may outlive this; one that would was made before the host clock started again. */
const MAX_HOLD_US = 24 * 3600 * 1e6;
const EXPIRE_BATCH = 256;

export function holdArgs(request: HoldRequest, nowUs: number): HoldArgs {
  const { checkoutId, customer, expiresAtUs, perCustomer, limitedSkus } = request;
  assert(expiresAtUs <= nowUs + MAX_HOLD_US, 'a hold must end within a day');
  const lines: (string | number)[] = [];
  for (const { sku, quantity } of request.lines) {
    lines.push(sku, quantity, limitedSkus.includes(sku) ? 1 : 0);
  }
  return [checkoutId, customer, Math.floor(nowUs), Math.floor(expiresAtUs), perCustomer, lines];
}

export function holdOutcome([code, sku]: HoldReply): HoldOutcome {
  return code === 'held' ? { held: true } : { held: false, code, sku };
}

export function twoPhaseActions({ store, clock }: StrategyContext): Omit<StrategyActions, 'hold'> {
  const resolve = (procedure: string, checkoutId: string): Promise<ResolveOutcome> =>
    store.callAdmitted(procedure, [checkoutId, Math.floor(clock.nowUs())]);
  // A host that was restarted counts its time from 0 again: found once, at the first sweep.
  let clockChecked = false;
  return {
    commit: (checkoutId) => resolve('commit', checkoutId),
    release: (checkoutId) => resolve('release', checkoutId),
    returnUnits: (checkoutId) => resolve('returnUnits', checkoutId),
    seed: async (rows) => {
      await store.call('seed', rows);
    },
    restock: async (sku, units) => {
      await store.call('restock', [sku, units]);
    },
    expireBatch: async () => {
      const checkClock = clockChecked ? 0 : 1;
      const args = [Math.floor(clock.nowUs()), EXPIRE_BATCH, checkClock];
      const expired = await store.callAdmitted<number>('expireDue', args);
      if (expired < EXPIRE_BATCH) clockChecked = true;
      return expired;
    },
    stockOf: async (sku) => (await store.call<number | null>('stockOf', sku)) ?? undefined,
  };
}

/** For a strategy whose whole `hold` is one procedure. */
export function guardedActions(context: StrategyContext): StrategyActions {
  const { store, clock } = context;
  return {
    ...twoPhaseActions(context),
    async hold(request) {
      return holdOutcome(await store.call<HoldReply>('hold', holdArgs(request, clock.nowUs())));
    },
  };
}
