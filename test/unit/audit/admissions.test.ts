import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/audit/audit.ts';
import type { AuditInput } from '../../../src/contract/audit.ts';
import { customerIdOf } from '../../../src/contract/customer.ts';
import type { AdmissionRow, Ledger } from '../../../src/contract/ledger.ts';
import type { WaitingRoomPromise } from '../../../src/contract/target.ts';
import { type EditableLedger, SaleStory, START_US } from '../../support/history-builder.ts';
import { resultOf, violated } from '../../support/verdicts.ts';

const PROMISE: WaitingRoomPromise = {
  ratePerSec: 10,
  burst: 2,
  atOnce: 3,
  tokenTtlMs: 5000,
  checkouts: 1,
};

type Row = { -readonly [K in keyof AdmissionRow]: AdmissionRow[K] };

/** Customers 1 to 3 come at 0, 100 and 200 ms, are told 50 ms later, and buy. */
class QueuedSale {
  readonly story = new SaleStory({ units: [9, 9], hotItems: [0] });
  readonly rows: Row[] = [];

  constructor() {
    for (const customer of [1, 2, 3]) {
      const atMs = customer * 100;
      this.admit(customer, atMs);
      this.story.buy({ customer, atMs: atMs + 200 });
    }
    // Other items are nobody's concern.
    this.story.buy({ customer: 9, item: 1, atMs: 1500 });
  }

  admit(customer: number, atMs: number): Row {
    const seq = this.rows.length + 1;
    const row: Row = {
      id: `w-${seq}`,
      customer: customerIdOf(customer),
      joinedSeq: seq,
      joinedAtUs: START_US + atMs * 1000,
      admittedSeq: seq,
      admittedAtUs: START_US + (atMs + 50) * 1000,
      expiresAtUs: START_US + (atMs + 50 + PROMISE.tokenTtlMs) * 1000,
      uses: 1,
    };
    this.rows.push(row);
    this.story.record({ operation: 'joinQueue', reason: 'waiting', customer }, atMs, 5);
    this.story.record({ operation: 'queueStatus', customer }, atMs + 60, 5);
    return row;
  }

  input(promise: Partial<WaitingRoomPromise> = {}): AuditInput {
    const base = this.story.input({}, (ledger: EditableLedger) => {
      Object.assign(ledger, { admissions: structuredClone(this.rows) } satisfies Partial<Ledger>);
    });
    const waitingRoom = { ...PROMISE, ...promise };
    return { ...base, promises: { ...base.promises, waitingRoom, admitsInOrder: true } };
  }
}

const A4 = (input: AuditInput) => resultOf(judge(input), 'A4');
const at = (ms: number): number => START_US + ms * 1000;

describe('a sale behind a waiting room', () => {
  it('is found correct where it is', () => {
    const report = judge(new QueuedSale().input());
    expect(violated(report)).toEqual([]);
    expect(A4(new QueuedSale().input())).toMatchObject({ verdict: 'pass', reason: '' });
    expect(A4(new QueuedSale().input()).checked).toBeGreaterThan(8);
  });

  it('is not judged where there is no book', () => {
    const { story } = new QueuedSale();
    expect(A4(story.input())).toMatchObject({ verdict: 'unknown', judged: false, applies: false });
  });

  it.each<[string, (sale: QueuedSale) => void]>([
    [
      'held sale items without having been told',
      ({ story, rows }) => {
        story.buy({ customer: 4, atMs: 900 });
        rows.push({
          ...(rows[2] as Row),
          id: 'w-4',
          customer: 'c-4',
          joinedSeq: 4,
          admittedSeq: 4,
        });
      },
    ],
    [
      'held sale items 2 times with tokens used 1 times',
      ({ story }) => story.buy({ customer: 2, atMs: 900 }),
    ],
    [
      'held sale items while no token of theirs was good',
      ({ rows }) => {
        (rows[1] as Row).expiresAtUs = at(300);
      },
    ],
    [
      'held sale items while no token of theirs was good',
      ({ rows }) => {
        (rows[1] as Row).admittedAtUs = at(500);
      },
    ],
    [
      'was used for 2 checkouts, allowed are 1',
      ({ rows }) => {
        (rows[0] as Row).uses = 2;
      },
    ],
    [
      'was admitted before the sale opened',
      ({ rows }) => {
        (rows[0] as Row).admittedAtUs = at(-20);
      },
    ],
    [
      'more were admitted than 10 a second, 2 of them at once',
      ({ rows }) => {
        for (const row of rows) row.admittedAtUs = at(150);
      },
    ],
    [
      '4 tokens were good at a time, allowed are 3',
      (sale) => {
        for (const customer of [5, 6, 7, 8]) sale.admit(customer, customer * 100).uses = 0;
      },
    ],
  ])('is convicted: somebody %s', (summary, change) => {
    const sale = new QueuedSale();
    change(sale);
    const { verdict, violations } = A4(sale.input());
    expect(verdict).toBe('fail');
    const [found] = violations.filter((violation) => violation.summary.includes(summary));
    expect(found, JSON.stringify(violations)).toBeDefined();
    expect(found?.witness.length).toBeGreaterThan(0);
    expect(found?.witness.length).toBeLessThanOrEqual(10);
  });

  it.each<[string, (sale: QueuedSale) => void]>([
    [
      'an answer came while the token expired',
      ({ rows }) => {
        (rows[0] as Row).expiresAtUs = at(305);
      },
    ],
    [
      'the checkout began while the token was made',
      ({ rows }) => {
        (rows[0] as Row).admittedAtUs = at(309);
      },
    ],
    [
      'a token was used by a checkout whose answer was lost',
      ({ story, rows }) => {
        story.record(
          { operation: 'checkout', outcome: 'unknown', reason: 'timeout', customer: 3, item: 0 },
          1200,
        );
        rows.push({ ...(rows[2] as Row), id: 'w-4', joinedSeq: 4, admittedSeq: 4 });
        (rows[3] as Row).admittedAtUs = at(1000);
      },
    ],
    [
      'somebody waits in vain',
      (sale) => Object.assign(sale.admit(7, 800), { admittedSeq: 0, uses: 0 }),
    ],
    [
      'the probes of the audit need no token',
      ({ story }) => {
        story.drain(0, 20_000);
      },
    ],
  ])('stays quiet when %s', (_, change) => {
    const sale = new QueuedSale();
    change(sale);
    const result = A4(sale.input());
    expect(result.violations).toEqual([]);
    expect(result.verdict).toBe('pass');
  });

  it('does not accuse anybody of not having been told when records are missing', () => {
    const sale = new QueuedSale();
    const records = sale.story.records.filter(({ operation }) => operation !== 'queueStatus');
    sale.story.records.splice(0, sale.story.records.length, ...records);
    sale.story.lost = 3;
    expect(A4(sale.input())).toMatchObject({ verdict: 'unknown', violations: [] });
  });

  it('is beyond judgement in its instants when the clock of the shop was moved', () => {
    const sale = new QueuedSale();
    (sale.rows[1] as Row).expiresAtUs = at(300);
    const faults = [{ name: 'clock-jump', fromMs: 100, toMs: 200, clockSkewMs: 5000 }];
    expect(A4({ ...sale.input(), faults })).toMatchObject({ verdict: 'unknown', judged: false });
  });
});
