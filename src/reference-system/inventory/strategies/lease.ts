/**
 * A distributed lock that ends by itself: a holder who was paused writes after another has taken
 * over. With fencing the database refuses the one who was overtaken; without, it oversells.
 */
import type { Database } from 'better-sqlite3';
import type { StrategyOptions } from '../../../contract/profile.ts';
import { Undone } from '../../storage/procedure-module.ts';
import type { HoldArgs, HoldReply } from '../hold-tables.ts';
import { Leases } from '../leases.ts';
import { plainCells } from '../stock-cells.ts';
import { DEFAULT_LOCK_HOLD_MS } from '../strategy-options.ts';
import {
  contention,
  firstShort,
  holdArgs,
  holdOutcome,
  skusOf,
  twoPhaseActions,
} from '../two-phase.ts';
import type { InventoryStrategy, StoreSide } from './strategy.ts';

/** Per line the fencing token, or null without fencing. */
type Tokens = readonly number[] | null;
type ReadArgs = readonly [skus: readonly string[], tokens: Tokens];
type WriteArgs = readonly [hold: HoldArgs, tokens: Tokens];

export const lease: InventoryStrategy = {
  name: 'lease',
  explanation: 'distributed lock with an end; oversells after a pause without fencing (emulated)',
  declaredBreaches: ({ fencing }) => (fencing ? [] : ['I1', 'I3', 'I6', 'I7', 'I8']),
  emulated: () => 'the locks and the paused holder are in the one process of the shop',
  longestWaitMs: (options) => options.lockTimeoutMs + options.leasePauseMs + holdMsOf(options),

  schema: `
CREATE TABLE IF NOT EXISTS stock_fences (
  sku TEXT PRIMARY KEY,
  token INTEGER NOT NULL
) WITHOUT ROWID;
`,

  inStore: (db) => leaseSide(db),

  actions(context) {
    const { store, clock, options, counting } = context;
    const leases = new Leases(clock, options.leaseTtlMs);
    let holds = 0;

    /** Undefined when one of them could not be had; then none is kept. */
    async function acquireAll(skus: readonly string[], untilUs: number) {
      const startUs = clock.nowUs();
      const tokens: number[] = [];
      for (const sku of skus) {
        const token = await leases.acquire(sku, (untilUs - clock.nowUs()) / 1000);
        if (token === undefined) break;
        tokens.push(token);
      }
      counting.lockWaitMs += (clock.nowUs() - startUs) / 1000;
      if (tokens.length === skus.length) return tokens;
      releaseAll(skus, tokens);
      return undefined;
    }

    function releaseAll(skus: readonly string[], tokens: readonly number[]): void {
      tokens.forEach((token, i) => {
        leases.release(skus[i] as string, token);
      });
    }

    function pauseMs(): number {
      if (options.leasePauseMs === 0 || ++holds % options.leasePauseEvery !== 0) return 0;
      return options.leasePauseMs;
    }

    return {
      ...twoPhaseActions(context),
      async recover() {
        leases.startAfter(await store.call<number>('lastFence', null));
      },
      async hold(request) {
        const skus = skusOf(request);
        const untilUs = clock.nowUs() + options.lockTimeoutMs * 1000;
        for (let attempt = 0; ; attempt++) {
          const held = await acquireAll(skus, untilUs);
          if (held === undefined) {
            counting.conflicts++;
            return contention(request);
          }
          const tokens: Tokens = options.fencing ? held : null;
          try {
            const free = await store.callAdmitted<number[] | null>('leaseRead', [skus, tokens]);
            const short = free === null ? undefined : firstShort(request, free);
            if (short !== undefined) return short;
            await clock.sleep(holdMsOf(options) + pauseMs());
            const args: WriteArgs = [holdArgs(request, clock.nowUs()), tokens];
            const reply =
              free === null ? null : await store.callAdmitted<HoldReply>('leaseWrite', args);
            if (reply !== null && reply[0] !== 'contention') return holdOutcome(reply);
          } finally {
            releaseAll(skus, held);
          }
          counting.conflicts++;
          if (attempt >= options.retries) return contention(request);
          counting.attempts++;
        }
      },
    };
  },
};

function holdMsOf({ lockHoldMs }: StrategyOptions): number {
  return lockHoldMs ?? DEFAULT_LOCK_HOLD_MS;
}

function leaseSide(db: Database): StoreSide {
  const cells = plainCells(db);
  const fence = db.prepare(
    `INSERT INTO stock_fences (sku, token) VALUES (?, ?)
     ON CONFLICT DO UPDATE SET token = excluded.token WHERE token <= excluded.token`,
  );
  const lastFence = db.prepare('SELECT coalesce(max(token), 0) FROM stock_fences').pluck();
  const isOvertaken = (sku: string, token: number | undefined): boolean =>
    token !== undefined && fence.run(sku, token).changes === 0;
  return {
    cells,
    procedures: (tables) => ({
      lastFence: () => lastFence.get(),
      /**
       * Reading with a token bars all earlier ones: otherwise a holder who was overtaken could
       * still write between this reading and its write. Null when this one was overtaken itself.
       */
      leaseRead: ([skus, tokens]: ReadArgs) =>
        skus.some((sku, i) => isOvertaken(sku, tokens?.[i]))
          ? null
          : skus.map((sku) => cells.freeOf(sku) ?? 0),
      leaseWrite: ([hold, tokens]: WriteArgs) => {
        let overtakenAt = '';
        const reply = tables.hold(hold, (sku, units, i) => {
          if (isOvertaken(sku, tokens?.[i])) {
            overtakenAt = sku;
            return false;
          }
          // Trusts the check that was made under the lease; a stock does not go below nothing.
          cells.add(sku, -Math.min(units, cells.freeOf(sku) ?? 0));
          return true;
        });
        return overtakenAt === '' ? reply : new Undone(['contention', overtakenAt]);
      },
    }),
  };
}
