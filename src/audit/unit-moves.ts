/**
 * Units that ever became a customer's or came back, in the order of the shop's ledger, with what
 * was acknowledged to clients but is missing there: the ledger may convict, never lower a count.
 */

import { customerIdOf } from '../contract/customer.ts';
import type { OrderRow } from '../contract/ledger.ts';
import type { AcknowledgedOrder } from './acknowledged-orders.ts';
import { keyOf } from './attempt.ts';
import type { AuditContext } from './context.ts';
import type { LedgerIndex } from './ledger-index.ts';
import { isConfirmedStatus } from './order-states.ts';
import { TextTable } from './text-table.ts';

export interface UnitMove {
  readonly item: number;
  /** As ledgers name customers. */
  readonly customer: string;
  /** Negative when they come back. */
  readonly units: number;
  /** Place in the ledger's own order; what is not in the ledger comes last. */
  readonly position: number;
  readonly row: OrderRow | undefined;
  readonly acknowledged: AcknowledgedOrder | undefined;
}

export function wasConfirmed(row: OrderRow): boolean {
  return row.confirmedSeq > 0 || isConfirmedStatus(row.status);
}

/** Its units are the customer's now, as far as the ledger says. */
export function isOwned(row: OrderRow): boolean {
  return wasConfirmed(row) && row.returnedSeq === 0;
}

/** The ledger's row of an acknowledged order, found by id or, without one, by key. */
export function rowOf(order: AcknowledgedOrder, index: LedgerIndex): OrderRow | undefined {
  if (order.orderId !== '') return index.orderById.get(order.orderId);
  return index.orderByKey.get(keyOf(customerIdOf(order.customer), order.key));
}

/** Made for every order of a sale, so that it says who by looking at the order. */
class OrderMove implements UnitMove {
  declare readonly item: number;
  declare readonly units: number;
  declare readonly position: number;
  declare readonly row: OrderRow | undefined;
  declare readonly acknowledged: AcknowledgedOrder | undefined;

  constructor({ item, units, position, row, acknowledged }: Omit<UnitMove, 'customer'>) {
    this.item = item;
    this.units = units;
    this.position = position;
    this.row = row;
    this.acknowledged = acknowledged;
  }

  get customer(): string {
    return this.row?.customer ?? customerIdOf(this.acknowledged?.customer ?? -1);
  }
}

type VisitMove = (move: UnitMove) => void;

function movesOfRow(context: AuditContext, row: OrderRow, visit: VisitMove): void {
  const acknowledged = context.acknowledgedById.get(row.id);
  const confirmedSeq = row.confirmedSeq;
  const position = confirmedSeq > 0 ? confirmedSeq : Number.POSITIVE_INFINITY;
  // A return counts unless the client owns the order and never asked to cancel it.
  const returns =
    row.returnedSeq > 0 && (acknowledged === undefined || context.mayBeCancelled(row.id));
  let sum = 0;
  for (const { sku, units } of row.lines) {
    const item = context.itemOf.get(sku) ?? -1;
    sum += units;
    visit(new OrderMove({ item, units, position, row, acknowledged }));
    if (!returns) continue;
    visit(new OrderMove({ item, units: -units, position: row.returnedSeq, row, acknowledged }));
  }
  const more = acknowledged === undefined ? 0 : acknowledged.units - sum;
  if (acknowledged !== undefined && more > 0 && !returns) {
    visit(new OrderMove({ item: acknowledged.item, units: more, position, row, acknowledged }));
  }
}

/** Returns before confirmations at one position, which can only lower the running count. */
function byPosition(a: UnitMove, b: UnitMove): number {
  if (a.position !== b.position) return a.position < b.position ? -1 : 1;
  return a.units - b.units;
}

/** Several checks look at the same moves. */
const known = new WeakMap<AuditContext, Map<LedgerIndex | undefined, readonly UnitMove[]>>();

/** All moves in order; a row that the ledger shows twice counts once. */
export function unitMoves(
  context: AuditContext,
  index: LedgerIndex | undefined,
): readonly UnitMove[] {
  const byIndex = known.get(context) ?? new Map<LedgerIndex | undefined, readonly UnitMove[]>();
  known.set(context, byIndex);
  const moves = byIndex.get(index) ?? collectMoves(context, index);
  byIndex.set(index, moves);
  return moves;
}

function collectMoves(context: AuditContext, index: LedgerIndex | undefined): UnitMove[] {
  const moves: UnitMove[] = [];
  forEachMove(context, index, (move) => moves.push(move));
  return moves.sort(byPosition);
}

/** All moves, in no order. */
export function forEachMove(
  context: AuditContext,
  index: LedgerIndex | undefined,
  visit: VisitMove,
): void {
  for (const row of index?.orderById.values() ?? []) {
    if (wasConfirmed(row)) movesOfRow(context, row, visit);
  }
  const counted = new TextTable();
  for (const acknowledged of context.acknowledged) {
    const { orderId, item, units } = acknowledged;
    if (orderId !== '' && !counted.addNew(orderId)) continue;
    const row = index === undefined ? undefined : rowOf(acknowledged, index);
    if (row !== undefined && wasConfirmed(row)) continue;
    if (context.mayBeCancelled(orderId)) continue;
    const position = Number.POSITIVE_INFINITY;
    visit(new OrderMove({ item, units, position, row: undefined, acknowledged }));
  }
}

/** Units per SKU that the orders of a reading own at its end. */
export function ownedUnits(index: LedgerIndex): Map<string, number> {
  const owned = new Map<string, number>();
  for (const row of index.orderById.values()) {
    if (!isOwned(row)) continue;
    for (const { sku, units } of row.lines) owned.set(sku, (owned.get(sku) ?? 0) + units);
  }
  return owned;
}

export interface RunningPeak {
  readonly units: number;
  /** The moves up to the peak. */
  readonly until: number;
}

/** The highest running count of the first `among` moves. */
export function runningPeak(moves: readonly UnitMove[], among = moves.length): RunningPeak {
  let count = 0;
  let units = 0;
  let until = 0;
  for (let i = 0; i < among; i++) {
    count += (moves[i] as UnitMove).units;
    if (count <= units) continue;
    units = count;
    until = i + 1;
  }
  return { units, until };
}

export function groupedMoves<K>(
  moves: readonly UnitMove[],
  keyOfMove: (move: UnitMove) => K,
): Map<K, UnitMove[]> {
  const groups = new Map<K, UnitMove[]>();
  for (const move of moves) {
    const key = keyOfMove(move);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [move]);
    else group.push(move);
  }
  return groups;
}

/** One line of a witness for a move. */
export function describeMove(context: AuditContext, move: UnitMove): string {
  if (move.row !== undefined) return context.describe.order(move.row);
  const answer = move.acknowledged?.evidence[0];
  if (answer !== undefined) return context.describe.attempt(answer);
  return `acknowledged when looked up by key: ${move.units} × ${context.describe.item(move.item)}`;
}
