// Prices that the coordinator changed during the run: which the audit admits, and when.
import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/audit/audit.ts';
import { PriceHistory } from '../../../src/audit/price-history.ts';
import type { AuditInput, PriceCommand } from '../../../src/contract/audit.ts';
import { type EditableLedger, PRICE_MINOR, SaleStory } from '../../support/history-builder.ts';
import { violated } from '../../support/verdicts.ts';

const FIVE_S_US = 5_000_000;
const DEARER: PriceCommand = {
  item: 0,
  priceMinor: PRICE_MINOR + 500,
  sentUs: FIVE_S_US,
  doneUs: FIVE_S_US + 10_000,
};

/** One order at `atMs` for the price that is told for it. */
function sold(atMs: number, priceMinor: number, changes: readonly PriceCommand[]): AuditInput {
  const story = new SaleStory({ units: [5] });
  story.buy({ customer: 1, atMs });
  const input = story.input({ priceChanges: changes }, (ledger) => {
    for (const row of ledger.orders) {
      row.totalMinor = priceMinor;
      for (const line of row.lines) line.priceMinor = priceMinor;
    }
    for (const charge of ledger.charges) charge.amountMinor = priceMinor;
  });
  const { history } = input;
  return {
    ...input,
    history: {
      ...history,
      forEach: (visit) => {
        history.forEach((record, index) => {
          const wasTold = record.totalMinor >= 0;
          visit(wasTold ? { ...record, totalMinor: priceMinor } : record, index);
        });
      },
    },
  };
}

const verdict = (input: AuditInput): readonly string[] => violated(judge(input));

describe('an order', () => {
  it('may be at the new price after the change, and at the old one before', () => {
    expect(verdict(sold(6000, PRICE_MINOR + 500, [DEARER]))).toEqual([]);
    expect(verdict(sold(1000, PRICE_MINOR, [DEARER]))).toEqual([]);
  });

  it('may be at the old price as long as a checkout from before may still be open', () => {
    expect(verdict(sold(8000, PRICE_MINOR, [DEARER]))).toEqual([]);
    expect(verdict(sold(30_000, PRICE_MINOR, [DEARER]))).toEqual(['O4']);
  });

  it('may be at an older price still when it came too late for its checkout', () => {
    const late = sold(30_000, PRICE_MINOR, [DEARER]);
    const ledgers = structuredClone(late.ledgers) as EditableLedger[];
    for (const row of ledgers.flatMap(({ orders }) => orders)) row.status = 'expired';
    expect(verdict({ ...late, ledgers })).not.toContain('O4');
  });

  it('may not cost anything but what its checkout said', () => {
    const dearer = sold(6000, PRICE_MINOR + 500, [DEARER]);
    const told = ({ history }: AuditInput, totalMinor: number): AuditInput => ({
      ...dearer,
      history: {
        ...history,
        forEach: (visit) => {
          history.forEach((record, index) => {
            const isTold = record.operation === 'checkout' && record.outcome === 'ok';
            visit(isTold ? { ...record, totalMinor } : record, index);
          });
        },
      },
    });
    expect(verdict(told(dearer, PRICE_MINOR + 500))).toEqual([]);
    expect(verdict(told(dearer, PRICE_MINOR))).toEqual(['O4']);
  });

  it('may not be at a price that was never or not yet told', () => {
    expect(verdict(sold(6000, PRICE_MINOR + 1, [DEARER]))).toEqual(['O4']);
    expect(verdict(sold(1000, PRICE_MINOR + 500, [DEARER]))).toEqual(['O4']);
  });

  it('may be at either price after a change that nobody confirmed', () => {
    const unsure = [{ ...DEARER, doneUs: null }];
    expect(verdict(sold(30_000, PRICE_MINOR, unsure))).toEqual([]);
    expect(verdict(sold(30_000, PRICE_MINOR + 500, unsure))).toEqual([]);
    expect(verdict(sold(30_000, PRICE_MINOR + 1, unsure))).toEqual(['O4']);
  });
});

describe('a history of prices', () => {
  const input = new SaleStory({ units: [5, 5] }).input({
    priceChanges: [DEARER, { item: 0, priceMinor: 7, sentUs: 9_000_000, doneUs: 9_010_000 }],
  });
  const prices = new PriceHistory(input);

  it('knows each price between its command and the answer to the next', () => {
    expect(prices.admits(0, DEARER.priceMinor, 9_005_000, 9_005_000)).toBe(true);
    expect(prices.admits(0, DEARER.priceMinor, 9_010_001, 9_020_000)).toBe(false);
    expect(prices.admits(0, 7, 9_020_000, 9_020_000)).toBe(true);
    expect(prices.admits(0, PRICE_MINOR, 0, 1)).toBe(true);
    expect(prices.admits(0, PRICE_MINOR, 9_000_000, 9_000_001)).toBe(false);
    expect(prices.told(0)).toBe(`${PRICE_MINOR} or ${DEARER.priceMinor} or 7`);
  });

  it('leaves the other items alone, and knows of no others', () => {
    expect(prices.admits(1, input.catalogue[1]?.priceMinor ?? -1, 9_020_000, 9_020_000)).toBe(true);
    expect(prices.admits(1, 7, 9_020_000, 9_020_000)).toBe(false);
    expect(prices.admits(2, PRICE_MINOR, 0, 1)).toBeUndefined();
  });
});
