// The same laws as for the shop of the tests, on the evidence of the bundled shop under bad luck.
import { beforeAll, describe, expect, it } from 'vitest';
import { judge } from '../../src/audit/audit.ts';
import { Prng } from '../../src/base/prng.ts';
import type { AuditInput } from '../../src/contract/audit.ts';
import type { OperationRecord } from '../../src/contract/history.ts';
import { badLuckOf } from '../../src/selftest/audit/false-alarms.ts';
import { simulateSale } from '../../src/selftest/audit/simulate-sale.ts';
import { violatedIn } from '../../src/selftest/audit/violated-in.ts';
import { historyOf } from '../support/history-builder.ts';

const SEEDS = 8;
const sales: AuditInput[] = [];

beforeAll(async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const traffic = { ...badLuckOf(seed), closesAtMs: null };
    const { input } = await simulateSale({ seed, strategy: 'guarded-update', traffic });
    sales.push(input);
  }
});

function withRecords(
  input: AuditInput,
  change: (record: OperationRecord) => OperationRecord,
): AuditInput {
  const { history } = input;
  const records = Array.from({ length: history.records }, (_, i) => change(history.at(i)));
  return { ...input, history: historyOf(records) };
}

describe('knowing less about a sale of the bundled shop never creates an alarm', () => {
  it('when answers of writes become unknown', () => {
    for (const [i, input] of sales.entries()) {
      const prng = new Prng(i, 'unknown');
      const less = withRecords(input, (record) => {
        const isWrite = record.operation === 'order' || record.operation === 'orderDuplicate';
        if (!isWrite || !prng.chance(0.25)) return record;
        return { ...record, outcome: 'unknown', orderId: '', orderStatus: '' };
      });
      expect([i, ...violatedIn(judge(less))]).toEqual([i]);
    }
  });

  it('when intervals are wider than they were', () => {
    for (const [i, input] of sales.entries()) {
      const prng = new Prng(i, 'wider');
      const less = withRecords(input, (record) => ({
        ...record,
        invokedUs: record.invokedUs - prng.below(200_000),
        doneUs: record.doneUs + prng.below(200_000),
      }));
      expect([i, ...violatedIn(judge(less))]).toEqual([i]);
    }
  });
});

describe('a witness that saw nothing proves nothing', () => {
  it('when the ledger is answered with empty pages', () => {
    for (const input of sales) {
      const empty = { orders: [], archived: [], holds: [], stock: [], charges: [], events: [] };
      const ledgers = input.ledgers.map((ledger) => ({ ...ledger, ...empty, notifications: [] }));
      expect(judge({ ...input, ledgers }).verdict).not.toBe('pass');
    }
  });

  it('when the faults that a run asked for never happened', () => {
    for (const input of sales) {
      const wanted = { ...input, requiredGoals: ['in_doubt_resolved'], resolutions: [] };
      expect(judge(wanted).verdict).not.toBe('pass');
    }
  });
});
