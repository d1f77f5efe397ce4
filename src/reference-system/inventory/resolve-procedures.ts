/** How holds end: commit, release and expiry compare-and-set one state, so exactly one wins. */
import type { Database } from 'better-sqlite3';
import { assert } from '../../base/assert.ts';
import type { ResolveOutcome } from '../services.ts';
import type { Procedure } from '../storage/procedure-module.ts';
import { COMMITTED, EXPIRED, HELD, RELEASED } from './hold-tables.ts';
import type { StockCells } from './stock-cells.ts';

type HoldLine = readonly [
  sku: string,
  units: number,
  state: number,
  expires: number,
  limited: number,
  customer: string,
  returned: number,
];

type ResolveArgs = readonly [checkout: string, nowUs: number];

const ALREADY: readonly ResolveOutcome[] = [
  'done',
  'already_committed',
  'already_released',
  'already_expired',
];

export function resolveProcedures(db: Database, cells: StockCells): Record<string, Procedure> {
  const linesOf = db
    .prepare(
      `SELECT sku, units, state, expires, limited, customer, returned FROM holds
       WHERE checkout = ? ORDER BY sku`,
    )
    .raw();
  const setState = db.prepare(
    `UPDATE holds SET state = ?, resolved = ?, resolutions = resolutions + 1
     WHERE checkout = ? AND state = ${HELD}`,
  );
  const setReturned = db.prepare(
    `UPDATE holds SET returned = 1 WHERE checkout = ? AND state = ${COMMITTED} AND returned = 0`,
  );
  const unclaim = db.prepare('UPDATE claims SET units = units - ? WHERE customer = ? AND sku = ?');
  const due = db
    .prepare(`SELECT checkout FROM holds WHERE state = ${HELD} AND expires <= ? LIMIT ?`)
    .pluck();
  const fromLaterClock = db
    .prepare(`SELECT checkout FROM holds WHERE state = ${HELD} AND created > ? LIMIT ?`)
    .pluck();

  function giveBack(checkout: string, lines: readonly HoldLine[]): void {
    for (const [sku, units, , , limited, customer] of lines) {
      cells.giveBack(sku, units, checkout);
      if (limited === 1) unclaim.run(units, customer, sku);
    }
  }

  function move(checkout: string, lines: readonly HoldLine[], state: number, nowUs: number): void {
    const { changes } = setState.run(state, nowUs, checkout);
    assert(changes === lines.length, `holds of ${checkout} are not in one state`);
    if (state === COMMITTED) cells.sold?.(checkout);
    else giveBack(checkout, lines);
  }

  function resolve([checkout, nowUs]: ResolveArgs, state: number): ResolveOutcome {
    const lines = linesOf.all(checkout) as HoldLine[];
    const first = lines[0];
    if (first === undefined) return 'unknown_checkout';
    if (first[2] !== HELD) return ALREADY[first[2]] as ResolveOutcome;
    if (first[3] <= nowUs && state === COMMITTED) {
      move(checkout, lines, EXPIRED, nowUs);
      return 'already_expired';
    }
    move(checkout, lines, state, nowUs);
    return 'done';
  }

  return {
    commit: (args: ResolveArgs) => resolve(args, COMMITTED),
    release: (args: ResolveArgs) => resolve(args, RELEASED),
    returnUnits: ([checkout]: ResolveArgs): ResolveOutcome => {
      const lines = linesOf.all(checkout) as HoldLine[];
      const first = lines[0];
      if (first === undefined) return 'unknown_checkout';
      assert(first[2] !== HELD, `the holds of ${checkout} are still open`);
      if (first[2] !== COMMITTED) return ALREADY[first[2]] as ResolveOutcome;
      if (setReturned.run(checkout).changes === 0) return 'already_released';
      giveBack(checkout, lines);
      return 'done';
    },
    expireDue: ([nowUs, limit, checkClock]: readonly [number, number, number]): number => {
      const checkouts = new Set(due.all(nowUs, limit) as string[]);
      if (checkClock === 1) {
        for (const id of fromLaterClock.all(nowUs, limit) as string[]) checkouts.add(id);
      }
      let holds = 0;
      for (const checkout of checkouts) {
        const lines = linesOf.all(checkout) as HoldLine[];
        move(checkout, lines, EXPIRED, nowUs);
        holds += lines.length;
      }
      return holds;
    },
  };
}
