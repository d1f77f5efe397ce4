/** I1: never more units sold, or surely in use at one instant, than there ever were. */

import type { Attempt } from './attempt.ts';
import type { AuditContext } from './context.ts';
import type { Findings } from './findings.ts';
import { TextTable } from './text-table.ts';
import {
  describeMove,
  groupedMoves,
  type RunningPeak,
  runningPeak,
  type UnitMove,
  unitMoves,
} from './unit-moves.ts';

const WITNESSES = 9;

interface Excess {
  readonly units: number;
  /** Units there were at most when it happened. */
  readonly supply: number;
  readonly how: () => string;
  readonly witness: () => string[];
}

function soldExcess(
  context: AuditContext,
  moves: readonly UnitMove[],
  peak: RunningPeak,
  supply: number,
): Excess {
  const counted = (): readonly UnitMove[] => moves.slice(0, peak.until);
  return {
    units: peak.units - supply,
    supply,
    how: () => {
      const toProbe = counted().reduce(
        (sum, { acknowledged, units }) => sum + (acknowledged?.byDrain === true ? units : 0),
        0,
      );
      const probed = toProbe > 0 ? `, ${toProbe} of them to the drain probe` : '';
      return `${peak.units} units sold in the order of the ledger and of acknowledgements${probed}`;
    },
    witness: () =>
      counted()
        .slice(-WITNESSES)
        .map((move) => describeMove(context, move)),
  };
}

/** Sold to shoppers as they were told, and to the drain probe as it counted: no ledger needed. */
function drainExcess(context: AuditContext, item: number, supply: number): Excess {
  const bought = context.input.drainProbes
    .filter((probe) => probe.item === item)
    .reduce((sum, probe) => sum + probe.bought, 0);
  let toldProbe = 0;
  let toldShoppers = 0;
  const counted = new TextTable();
  const orders = context.acknowledged.filter((order) => {
    if (order.item !== item || !order.singleLine) return false;
    const { orderId } = order;
    if (context.mayBeCancelled(orderId)) return false;
    // Two keys may have been told of one order.
    return orderId === '' || counted.addNew(orderId);
  });
  for (const order of orders) {
    if (order.byDrain) toldProbe += order.units;
    else toldShoppers += order.units;
  }
  const sold = toldShoppers + Math.max(toldProbe, bought);
  return {
    units: bought === 0 ? 0 : sold - supply,
    supply,
    how: () => `${toldShoppers} units acknowledged and ${bought} more bought by the drain probe`,
    witness: () =>
      orders
        .slice(-WITNESSES)
        .flatMap(({ evidence }) => evidence.slice(0, 1).map((a) => context.describe.attempt(a))),
  };
}

/**
 * What was sold before a restock was even commanded: everything that the ledger places before an
 * order whose confirmation a client had in hand by then.
 */
function soldBeforeRestocks(
  context: AuditContext,
  item: number,
  moves: readonly UnitMove[],
): Excess[] {
  return context.supply.restocksOf(item).map(({ sentUs }) => {
    const last = moves.findLastIndex(
      ({ position, units, acknowledged }) =>
        // When an order was acknowledged tells nothing of when it was given back.
        units > 0 &&
        Number.isFinite(position) &&
        acknowledged !== undefined &&
        acknowledged.ackedUs <= sentUs,
    );
    const supply = context.supply.mostUntil(item, sentUs - 1);
    const excess = soldExcess(context, moves, runningPeak(moves, last + 1), supply);
    return {
      ...excess,
      how: () => `${excess.how()}, before the restock at ${context.describe.at(sentUs)}`,
    };
  });
}

function usedExcess(context: AuditContext, item: number): Excess {
  const { units: lessRestocks, atUs } = context.occupancy.sureLessRestocks.of(item).peak();
  const supply = context.supply.mostUntil(item, atUs);
  const atFirst = context.supply.mostUntil(item, Number.NEGATIVE_INFINITY);
  const units = lessRestocks + supply - atFirst;
  return {
    units: units - supply,
    supply,
    how: () => `${units} units surely held or sold at ${context.describe.at(atUs)}`,
    witness: () => {
      const { evidence, acknowledged, describe } = context;
      const held: Attempt[] = [];
      for (const { opened } of evidence.checkouts.values()) {
        if (opened?.item !== item) continue;
        if (opened.doneUs <= atUs && opened.expiresUs > atUs) held.push(opened);
      }
      const sold = acknowledged
        .filter((order) => order.item === item && order.ackedUs <= atUs)
        .flatMap((order) => order.evidence.slice(0, 1));
      return [...sold, ...held]
        .sort((a, b) => a.doneUs - b.doneUs)
        .slice(-WITNESSES)
        .map((attempt) => describe.attempt(attempt));
    },
  };
}

/** All items that anybody held or bought. */
function itemsUsed(context: AuditContext, byItem: ReadonlyMap<number, unknown>): Set<number> {
  const items = new Set(byItem.keys());
  for (const item of context.evidence.itemsTried) items.add(item);
  for (const probe of context.input.drainProbes) items.add(probe.item);
  items.delete(-1);
  return items;
}

export function checkOversell(context: AuditContext, findings: Findings): void {
  const byItem = groupedMoves(unitMoves(context, context.last), ({ item }) => item);
  const drained = new Set(context.input.drainProbes.map(({ item }) => item));
  for (const item of itemsUsed(context, byItem)) {
    const supply = context.supply.most(item);
    const moves = byItem.get(item) ?? [];
    findings.check(moves.length);
    const excesses = [
      soldExcess(context, moves, runningPeak(moves), supply),
      ...soldBeforeRestocks(context, item, moves),
      usedExcess(context, item),
      ...(drained.has(item) ? [drainExcess(context, item, supply)] : []),
    ];
    const worst = excesses.reduce((a, b) => (b.units > a.units ? b : a));
    if (worst.units <= 0) continue;
    context.counts.oversoldUnits += worst.units;
    const name = context.describe.item(item);
    findings.violation(
      `${name}: ${worst.units} more than the ${worst.supply} there were: ${worst.how()}`,
      worst.witness,
    );
  }
}
