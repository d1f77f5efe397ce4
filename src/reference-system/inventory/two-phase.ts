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

/** Calls a procedure that ends holds: `Store.callAdmitted` but for strategies that watch it. */
type CallResolving = <R>(procedure: string, args: unknown) => Promise<R>;

export function twoPhaseActions(
  { store, clock }: StrategyContext,
  call: CallResolving = (procedure, args) => store.callAdmitted(procedure, args),
): Omit<StrategyActions, 'hold'> {
  const resolve = (procedure: string, checkoutId: string): Promise<ResolveOutcome> =>
    call(procedure, [checkoutId, Math.floor(clock.nowUs())]);
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
      const expired = await call<number>('expireDue', args);
      if (expired < EXPIRE_BATCH) clockChecked = true;
      return expired;
    },
    stockOf: async (sku) => (await store.call<number | null>('stockOf', sku)) ?? undefined,
  };
}

/** For a strategy whose whole `hold` is one procedure. `noteSteals` is told of units from elsewhere. */
export function guardedActions(
  context: StrategyContext,
  noteSteals: (units: number) => void = () => {},
): StrategyActions {
  const { store, clock } = context;
  return {
    ...twoPhaseActions(context),
    async hold(request) {
      const reply = await store.call<HoldReply>('hold', holdArgs(request, clock.nowUs()));
      if (reply[2] !== undefined) noteSteals(reply[2]);
      return holdOutcome(reply);
    },
  };
}

export function skusOf(request: HoldRequest): string[] {
  return request.lines.map((line) => line.sku);
}

/** The refusal for the first line of which too little was read; undefined when all is there. */
export function firstShort(
  request: HoldRequest,
  freeUnits: readonly number[],
): HoldOutcome | undefined {
  const short = request.lines.find((line, i) => (freeUnits[i] ?? 0) < line.quantity);
  return short === undefined ? undefined : { held: false, code: 'sold_out', sku: short.sku };
}

/** Another shopper was always faster: nothing was taken, and trying again later may help. */
export function contention(request: HoldRequest): HoldOutcome {
  return { held: false, code: 'contention', sku: request.lines[0]?.sku ?? '' };
}
