/**
 * An atomic counter in a cache decides, and the database follows. The many who come too late are
 * refused without a word to the database; who dies between the two loses units until the counter is
 * compared with the database again. An embedded counter stands in for the cache server.
 */
import type { Database } from 'better-sqlite3';
import { type HoldOutcome, type HoldRequest, Refusal } from '../../services.ts';
import { type Procedure, Undone } from '../../storage/procedure-module.ts';
import { type CachedState, CounterCache, type Returned } from '../counter-cache.ts';
import { Gate } from '../gate.ts';
import type { HoldArgs, HoldReply } from '../hold-tables.ts';
import { plainCells } from '../stock-cells.ts';
import { holdArgs, holdOutcome, twoPhaseActions } from '../two-phase.ts';
import type { InventoryStrategy, StoreSide } from './strategy.ts';

type Reported<R> = readonly [result: R, returned: readonly Returned[]];

export const counterFirst: InventoryStrategy = {
  name: 'counter-first',
  explanation: 'counter in a cache, the database follows; a crash between loses units for a while',
  declaredBreaches: () => ['I2'],
  emulated: () => 'a counter in the process of the shop stands in for a cache server',
  inStore: (db) => reportingSide(db),

  actions(context) {
    const { store, clock, options, counting } = context;
    const cache = new CounterCache(context);
    const gate = new Gate();
    /** The counter follows the database in what is given back. */
    const counted = <R>(procedure: string, args: unknown): Promise<R> =>
      gate.with(async () => {
        const [result, returned] = await store.callAdmitted<Reported<R>>(procedure, args);
        cache.giveBack(returned);
        return result;
      });
    const plain = twoPhaseActions(context, counted);
    let reconcileAtUs = clock.nowUs() + options.reconcileEveryMs * 1000;

    async function holdCounted(request: HoldRequest): Promise<HoldOutcome> {
      const refusal = cache.take(request);
      if (refusal !== undefined) return refusal;
      try {
        const args = holdArgs(request, clock.nowUs());
        const [reply, isNew] = await store.call<readonly [HoldReply, boolean]>('hold', args);
        if (!isNew) cache.undo(request);
        return holdOutcome(reply);
      } catch (error) {
        // Whatever else went wrong, it cannot be known whether the units were taken: the next
        // reconciliation settles it.
        if (error instanceof Refusal) cache.undo(request);
        throw error;
      }
    }

    return {
      ...plain,
      hold: (request) => gate.with(() => holdCounted(request)),
      seed: (rows) =>
        gate.alone(async () => {
          await plain.seed(rows);
          await cache.read();
        }),
      restock: (sku, units) =>
        gate.with(async () => {
          await plain.restock(sku, units);
          cache.add(sku, units);
        }),
      recover: async () => {
        await cache.read({ keepKnown: true });
      },
      // At once, whoever is in the middle of a hold; who comes now waits until it is made again.
      wipeCache: () => {
        cache.wipe();
        return gate.alone(async () => {
          await cache.read();
        });
      },
      async tidy() {
        if (options.reconcileEveryMs === 0 || clock.nowUs() < reconcileAtUs) return;
        reconcileAtUs = clock.nowUs() + options.reconcileEveryMs * 1000;
        await gate.alone(async () => {
          counting.repairedUnits += await cache.read();
        });
      },
    };
  },
};

/** A database that says, with every answer, which units came back. */
function reportingSide(db: Database): StoreSide {
  const plain = plainCells(db);
  const skus = db.prepare('SELECT sku FROM stock ORDER BY sku').pluck();
  const claims = db.prepare('SELECT customer, sku, units FROM claims WHERE units > 0').raw();
  const claimant = db
    .prepare('SELECT customer FROM holds WHERE checkout = ? AND sku = ? AND limited = 1')
    .pluck();
  let returned: Returned[] = [];
  let taken = false;
  const reporting =
    (procedure: Procedure | undefined): Procedure =>
    (args) => {
      returned = [];
      const result: unknown = procedure?.(args);
      return [result, returned];
    };
  return {
    cells: {
      ...plain,
      // The last line: a counter that is too high must not sell what is not there.
      take(sku, units, checkout) {
        taken = plain.take(sku, units, checkout);
        return taken;
      },
      giveBack(sku, units, checkout) {
        plain.giveBack(sku, units, checkout);
        const customer = claimant.get(checkout, sku) as string | undefined;
        returned.push([sku, units, customer ?? '']);
      },
    },
    procedures: (_tables, shared) => ({
      commit: reporting(shared['commit']),
      release: reporting(shared['release']),
      returnUnits: reporting(shared['returnUnits']),
      expireDue: reporting(shared['expireDue']),
      hold: (args: HoldArgs) => {
        taken = false;
        const reply: unknown = shared['hold']?.(args);
        if (reply instanceof Undone) return new Undone([reply.value, false]);
        return [reply, taken];
      },
      cachedState: (): CachedState => ({
        free: (skus.all() as string[]).map((sku) => [sku, plain.freeOf(sku) ?? 0]),
        claims: claims.all() as CachedState['claims'],
      }),
    }),
  };
}
