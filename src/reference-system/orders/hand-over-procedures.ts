/** The orders' side of archiving: what is due to go, and letting go of what has been copied. */
import type { Database } from 'better-sqlite3';
import type { Procedure } from '../storage/procedure-module.ts';
import { assertMove, type OrderState } from './order-states.ts';
import type { WriteEvent } from './outbox-procedures.ts';
import { ORDER_COLUMNS, type OrderTuple } from './stored-order.ts';

export type DueArgs = readonly [untilUs: number, nowUs: number, limit: number];

type RestingTuple = readonly [id: string, status: OrderState, customer: string, version: number];

export function handOverProcedures(
  db: Database,
  writeEvent: WriteEvent,
): Record<string, Procedure> {
  const columns = 'SELECT id, status, customer, version FROM orders WHERE open = 0';
  const resting = db.prepare(`${columns} AND changed <= ? ORDER BY changed LIMIT ?`).raw();
  // Changed in the future: before the machine was started again, by a clock that had run longer.
  const fromLaterClock = db.prepare(`${columns} AND changed > ? LIMIT ?`).raw();
  const mark = db.prepare("UPDATE orders SET status = 'archived', version = ? WHERE id = ?");
  const byId = db.prepare(`SELECT ${ORDER_COLUMNS} FROM orders WHERE id = ?`).raw();
  // What can still change is not let go of, whoever asks for it.
  const remove = db.prepare(
    "DELETE FROM orders WHERE id = ? AND open = 0 AND status <> 'confirmed'",
  );
  return {
    /**
     * Completed orders that have rested since `untilUs`. A confirmed one becomes `archived` here, so
     * that from before it is copied nobody can cancel it; the other final states stay as they are.
     */
    archiveDue: ([untilUs, nowUs, limit]: DueArgs): OrderTuple[] => {
      const due = resting.all(untilUs, limit) as RestingTuple[];
      if (due.length === 0) due.push(...(fromLaterClock.all(nowUs, limit) as RestingTuple[]));
      return due.map(([id, status, customer, version]) => {
        if (status === 'confirmed') {
          assertMove(status, 'archived', id);
          writeEvent(id, version + 1, 'archived', { customer, cartUntilUs: 0 });
          mark.run(version + 1, id);
        }
        return byId.get(id) as OrderTuple;
      });
    },
    removeArchived: (ids: readonly string[]) => {
      for (const id of ids) remove.run(id);
    },
  };
}
