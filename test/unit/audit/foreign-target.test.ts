// Audits of a target that is not ours: what it does not show is not judged, what it shows still is.
import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/audit/audit.ts';
import { EVIDENCE_NEEDED, INVARIANTS } from '../../../src/audit/invariants.ts';
import { OwnRows } from '../../../src/audit/own-rows.ts';
import type { AuditInput } from '../../../src/contract/audit.ts';
import { EVIDENCE_KINDS, type EvidenceKind } from '../../../src/contract/evidence-kind.ts';
import type { Ledger, OrderRow } from '../../../src/contract/ledger.ts';
import { type EditableLedger, historyOf, SaleStory } from '../../support/history-builder.ts';
import { resultOf, violated } from '../../support/verdicts.ts';

function sale(): SaleStory {
  const story = new SaleStory({ units: [3, 5] });
  story.buy({ customer: 1, atMs: 100 });
  story.buy({ customer: 2, atMs: 200 });
  return story;
}

/** Everything that the target does not offer is gone from its ledger, as it is on a real one. */
function withhold(ledger: EditableLedger, offered: ReadonlySet<EvidenceKind>): void {
  if (!offered.has('holds')) ledger.holds = [];
  if (!offered.has('orders')) ledger.orders = [];
  if (!offered.has('charges')) ledger.charges = [];
  if (!offered.has('events')) ledger.events = [];
  if (!offered.has('notifications')) ledger.notifications = [];
  ledger.stock = offered.has('stock')
    ? ledger.stock.map((row) => ({ ...row, held: 0, committed: 0 }))
    : [];
}

function input(story: SaleStory, evidence: readonly EvidenceKind[]): AuditInput {
  const whole = story.input({}, (ledger) => withhold(ledger, new Set(evidence)));
  return { ...whole, promises: { ...whole.promises, evidence } };
}

const notJudged = (report: ReturnType<typeof judge>): string[] =>
  report.invariants.filter(({ judged }) => judged === false).map(({ id }) => id);

describe('the audit of a target that is not ours', () => {
  it('passes on the client history alone, and says what it did not judge and why', () => {
    const report = judge(input(sale(), ['sales', 'supply', 'stock']));
    expect(report.verdict, report.reason).toBe('pass');
    expect(resultOf(report, 'I1')).toMatchObject({ verdict: 'pass', checked: 2 });
    expect(resultOf(report, 'P1')).toMatchObject({
      judged: false,
      verdict: 'unknown',
      checked: 0,
      reason: 'the payments cannot be read (ledger.payments)',
    });
    expect(notJudged(report)).toContain('I4');
    expect(notJudged(report)).not.toContain('O3');
  });

  it('finds an oversell from acknowledgements and the stock at the start', () => {
    const story = sale();
    for (let customer = 3; customer < 6; customer++) {
      story.buy({ customer, atMs: 200 + customer * 100 });
    }
    const report = judge(input(story, ['sales', 'supply', 'stock']));
    expect(violated(report)).toEqual(['I1']);
    expect(report.oversoldUnits).toBe(2);
  });

  it('says nothing about overselling without the stock at the start', () => {
    const story = sale();
    for (let customer = 3; customer < 6; customer++) {
      story.buy({ customer, atMs: 200 + customer * 100 });
    }
    const report = judge(input(story, ['sales']));
    expect(violated(report)).toEqual([]);
    expect(notJudged(report)).toContain('I1');
    expect(report.verdict).toBe('pass');
  });

  it('finds a lost order where orders can be read', () => {
    const story = sale();
    const lost = story.orders[0] as OrderRow;
    const given = input(story, ['sales', 'supply', 'stock', 'orders']);
    const ledgers = given.ledgers.map((ledger) => ({
      ...ledger,
      orders: ledger.orders.filter(({ id }) => id !== lost.id),
    }));
    expect(violated(judge({ ...given, ledgers }))).toContain('O1');
    expect(violated(judge(given))).toEqual([]);
  });

  it('finds a double charge where payments can be read', () => {
    const story = sale();
    const given = input(story, ['sales', 'orders', 'charges']);
    const ledgers = given.ledgers.map((ledger) => ({
      ...ledger,
      charges: [...ledger.charges].flatMap((charge) => [
        charge,
        { ...charge, id: `${charge.id}-2` },
      ]),
    }));
    expect(judge({ ...given, ledgers }).doubleCharges).toBeGreaterThan(0);
  });

  it('is no pass when nothing at all could be judged', () => {
    const report = judge(input(sale(), []));
    expect(notJudged(report)).toHaveLength(INVARIANTS.length);
    expect(report.verdict).toBe('unknown');
    expect(report.reason).toBe('the target offers no evidence for any invariant');
  });

  it('judges everything where the target shows everything, as without a list', () => {
    const story = sale();
    const whole = story.input();
    const promises = { ...whole.promises, evidence: EVIDENCE_KINDS };
    expect(judge({ ...whole, promises })).toEqual(judge(whole));
  });

  it('knows what every invariant needs', () => {
    expect(Object.keys(EVIDENCE_NEEDED)).toEqual(INVARIANTS.map(({ id }) => id));
  });
});

describe('a ledger that others write to', () => {
  const foreign: OrderRow = {
    id: 'theirs',
    key: 'their-key',
    customer: 'somebody',
    checkoutId: '',
    status: 'unexplained: shipped',
    lines: [{ sku: 'sku-0', units: 7, priceMinor: 0 }],
    totalMinor: -1,
    currency: '',
    confirmedSeq: 9,
    returnedSeq: 0,
    createdAtUs: 0,
  };

  function mixed(story: SaleStory): Ledger {
    const ledger = story.ledger();
    const renamed = ledger.orders.map((row) => ({ ...row, customer: `their name ${row.id}` }));
    const charge = { ...(ledger.charges[0] as Ledger['charges'][number]), orderId: 'theirs' };
    return { ...ledger, orders: [foreign, ...renamed], charges: [charge, ...ledger.charges] };
  }

  it('is reduced to our orders and their payments, with our names for customers', () => {
    const story = sale();
    const own = new OwnRows(historyOf(story.records)).of(mixed(story));
    expect(own.orders).toEqual(story.ledger().orders);
    expect(own.charges).toEqual(story.ledger().charges);
  });

  it('finds our orders by their ids where it knows no keys', () => {
    const story = sale();
    const ledger = mixed(story);
    const keyless = { ...ledger, orders: ledger.orders.map((row) => ({ ...row, key: '' })) };
    const own = new OwnRows(historyOf(story.records)).of(keyless);
    expect(own.orders.map(({ id }) => id)).toEqual(story.orders.map(({ id }) => id));
  });

  it('cannot be used when one of our orders is in a state that nobody explained', () => {
    const story = sale();
    const ledger = story.ledger();
    const [first, ...rest] = ledger.orders;
    const orders = [{ ...(first as OrderRow), status: 'unexplained: shipped' }, ...rest];
    const own = new OwnRows(historyOf(story.records));
    expect(() => own.of({ ...ledger, orders })).toThrow('lists neither as confirmed');
  });
});
