/**
 * One writer per SKU decides for all who ask: their holds are queued, and a batch of them is one
 * call to the store that reads the stock once, decides in memory, and writes the stock once.
 */
import type { Database } from 'better-sqlite3';
import { EcomsimError, messageOf } from '../../../base/errors.ts';
import { Undone } from '../../storage/procedure-module.ts';
import type { HoldArgs, HoldReply, HoldTables } from '../hold-tables.ts';
import { plainCells } from '../stock-cells.ts';
import { holdArgs, holdOutcome, twoPhaseActions } from '../two-phase.ts';
import { WriterQueues } from '../writer-queues.ts';
import type { InventoryStrategy } from './strategy.ts';

type FailedReply = readonly ['failed', message: string];
type BatchReply = HoldReply | FailedReply;

export const singleWriter: InventoryStrategy = {
  name: 'single-writer',
  explanation: 'one queue per SKU, decided in batches; few writes for many holds, backlog waits',
  declaredBreaches: () => [],
  emulated: () => '',

  inStore(db) {
    return {
      cells: plainCells(db),
      procedures: (tables) => ({ holdMany: holdMany(db, tables) }),
    };
  },

  actions(context) {
    const { store, clock } = context;
    const queues = new WriterQueues<HoldArgs, BatchReply>(clock, (batch) =>
      store.call('holdMany', batch),
    );
    return {
      ...twoPhaseActions(context),
      async hold(request) {
        const args = holdArgs(request, clock.nowUs());
        // A hold of several SKUs is decided by the writer of the first; the store thread, which is
        // one, keeps the writers apart.
        const reply = await queues.call(request.lines[0]?.sku ?? '', args);
        if (reply[0] === 'failed') throw new EcomsimError('STORE_FAILED', reply[1]);
        return holdOutcome(reply);
      },
    };
  },
};

/** Decides a batch in the order in which it was asked; one that fails leaves the others alone. */
function holdMany(db: Database, tables: HoldTables): (batch: readonly HoldArgs[]) => BatchReply[] {
  const cells = plainCells(db);
  const savepoint = db.prepare('SAVEPOINT one_hold');
  const release = db.prepare('RELEASE one_hold');
  const rollback = db.prepare('ROLLBACK TO one_hold');

  function decide(args: HoldArgs, free: Map<string, number>): BatchReply {
    const taken: (readonly [sku: string, units: number])[] = [];
    const take = (sku: string, units: number): boolean => {
      let left = free.get(sku);
      if (left === undefined) {
        left = cells.freeOf(sku) ?? 0;
        free.set(sku, left);
      }
      if (left < units) return false;
      free.set(sku, left - units);
      taken.push([sku, units]);
      return true;
    };
    const putBack = (): void => {
      for (const [sku, units] of taken) free.set(sku, (free.get(sku) ?? 0) + units);
    };
    savepoint.run();
    let reply: BatchReply;
    try {
      const result = tables.hold(args, take);
      if (result instanceof Undone) {
        rollback.run();
        putBack();
        reply = result.value as HoldReply;
      } else {
        reply = result;
      }
    } catch (error) {
      // A full disk ends the whole transaction, and with it the batch.
      if (!db.inTransaction) throw error;
      rollback.run();
      putBack();
      reply = ['failed', messageOf(error)];
    }
    release.run();
    return reply;
  }

  return (batch) => {
    const free = new Map<string, number>();
    const replies = batch.map((args) => decide(args, free));
    for (const [sku, left] of free) {
      // The most frequent batch of a sale takes nothing, and then nothing is written.
      if (left !== (cells.freeOf(sku) ?? 0)) cells.reset(sku, left);
    }
    return replies;
  };
}
