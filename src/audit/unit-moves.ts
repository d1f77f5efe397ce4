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

function movesOfRow(context: AuditContext, row: OrderRow): UnitMove[] {
  const acknowledged = context.acknowledgedById.get(row.id);
  const moves: UnitMove[] = [];
  const { customer } = row;
  const position = row.confirmedSeq > 0 ? row.confirmedSeq : Number.POSITIVE_INFINITY;
  // A return counts unless the client owns the order and never asked to cancel it.
  const returns =
    row.returnedSeq > 0 && (acknowledged === undefined || context.mayBeCancelled(row.id));
  let units = 0;
  for (const line of row.lines) {
    const item = context.itemOf.get(line.sku) ?? -1;
    units += line.units;
    moves.push({ item, customer, units: line.units, position, row, acknowledged });
    if (!returns) continue;
    const back = { item, customer, units: -line.units, position: row.returnedSeq };
    moves.push({ ...back, row, acknowledged });
  }
  const more = acknowledged === undefined ? 0 : acknowledged.units - units;
  if (acknowledged !== undefined && more > 0 && !returns) {
    moves.push({ item: acknowledged.item, customer, units: more, position, row, acknowledged });
  }
  return moves;
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
  for (const row of index?.orderById.values() ?? []) {
    if (wasConfirmed(row)) moves.push(...movesOfRow(context, row));
  }
  const counted = new Set<string>();
  for (const acknowledged of context.acknowledged) {
    const { orderId, item, units, customer } = acknowledged;
    if (orderId !== '' && counted.has(orderId)) continue;
    counted.add(orderId);
    const row = index === undefined ? undefined : rowOf(acknowledged, index);
    if (row !== undefined && wasConfirmed(row)) continue;
    if (context.mayBeCancelled(orderId)) continue;
    const position = Number.POSITIVE_INFINITY;
    const owner = customerIdOf(customer);
    moves.push({ item, customer: owner, units, position, row: undefined, acknowledged });
  }
  return moves.sort(byPosition);
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

/** The highest running count. */
export function runningPeak(moves: readonly UnitMove[]): RunningPeak {
  let count = 0;
  let peak: RunningPeak = { units: 0, until: 0 };
  for (const [i, move] of moves.entries()) {
    count += move.units;
    if (count > peak.units) peak = { units: count, until: i + 1 };
  }
  return peak;
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
