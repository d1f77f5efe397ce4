// Completed orders that were moved to an archive are judged like those that were not.
import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/audit/audit.ts';
import { isSameOrder } from '../../../src/audit/whole-ledger.ts';
import type { AuditInput, AuditReport } from '../../../src/contract/audit.ts';
import type { Ledger, OrderRow } from '../../../src/contract/ledger.ts';
import { SaleStory } from '../../support/history-builder.ts';
import { unjudged, violated } from '../../support/verdicts.ts';

function sale(): SaleStory {
  const story = new SaleStory({ units: [4, 10] });
  story.buy({ customer: 1, atMs: 100 });
  story.buy({ customer: 2, atMs: 110 });
  story.decline({ customer: 4, atMs: 130 });
  return story;
}

/** What becomes of the orders in every reading. */
function handedOver(
  split: (orders: readonly OrderRow[]) => { live: OrderRow[]; archived: OrderRow[] },
): AuditInput {
  const input = sale().input();
  const ledgers = input.ledgers.map((ledger): Ledger => {
    const { live, archived } = split(ledger.orders);
    return { ...ledger, orders: live, archived };
  });
  return { ...input, ledgers };
}

const asArchived = (row: OrderRow): OrderRow =>
  row.status === 'confirmed' ? { ...row, status: 'archived' } : row;

describe('orders in the archive', () => {
  it('are as good as those that are live', () => {
    const report = judge(handedOver((orders) => ({ live: [], archived: orders.map(asArchived) })));
    expect([violated(report), unjudged(report)]).toEqual([[], []]);
    expect(report.verdict).toBe('pass');
    const live = judge(sale().input());
    // What is said of the archive itself has nothing to say without one.
    const checks = ({ invariants }: AuditReport): [string, number][] =>
      invariants.filter(({ id }) => id !== 'E4').map(({ id, checked }) => [id, checked]);
    expect(checks(report)).toEqual(checks(live));
  });

  it('count once while they are handed over', () => {
    const report = judge(
      handedOver((orders) => {
        const rows = orders.map(asArchived);
        return { live: rows, archived: rows.slice(0, 1) };
      }),
    );
    expect([violated(report), report.verdict]).toEqual([[], 'pass']);
  });

  it('are missed when they are in neither place', () => {
    const report = judge(handedOver((orders) => ({ live: orders.slice(1), archived: [] })));
    expect(report.lostOrders).toBe(1);
    expect(violated(report)).toContain('O1');
  });

  it('are two orders under one id when the places differ', () => {
    const report = judge(
      handedOver((orders) => ({
        live: orders.map(asArchived),
        archived: orders.slice(0, 1).map((row) => ({ ...asArchived(row), totalMinor: 1 })),
      })),
    );
    expect(report.verdict).toBe('fail');
  });
});

describe('two rows', () => {
  const row = sale().input().ledgers[0]?.orders[0] as OrderRow;

  it('are the same whatever the order of their fields', () => {
    const reversed = Object.fromEntries(Object.entries(row).reverse()) as unknown as OrderRow;
    expect(isSameOrder(row, reversed)).toBe(true);
  });

  it.each(Object.keys(row) as (keyof OrderRow)[])('differ when %s does', (field) => {
    const value = row[field];
    const other = typeof value === 'number' ? value + 1 : typeof value === 'string' ? 'x' : [];
    expect(isSameOrder(row, { ...row, [field]: other })).toBe(false);
  });
});
