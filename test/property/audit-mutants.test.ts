import { describe, expect, it } from 'vitest';
import { judge } from '../../src/audit/audit.ts';
import { Prng } from '../../src/base/prng.ts';
import type { AuditInput } from '../../src/contract/audit.ts';
import type { OperationRecord } from '../../src/contract/history.ts';
import { CorrectShop } from '../support/correct-shop.ts';
import { type EditableLedger, historyOf } from '../support/history-builder.ts';
import { violated } from '../support/verdicts.ts';

const SEEDS = 50;
const SALES = Array.from({ length: SEEDS }, (_, i) => new CorrectShop(i + 1).run().input);

function recordsOf({ history }: AuditInput): OperationRecord[] {
  return Array.from({ length: history.records }, (_, index) => history.at(index));
}

/** Sales of a correct shop, each with its own stream of chance. */
function forEachSale(visit: (input: AuditInput, prng: Prng, seed: number) => void): void {
  for (const [i, input] of SALES.entries()) visit(input, new Prng(i, 'mutant'), i + 1);
}

function withRecords(input: AuditInput, records: readonly OperationRecord[], lost = 0): AuditInput {
  return { ...input, history: historyOf(records, lost) };
}

/** The same change to every reading of the ledger. */
function withLedgers(input: AuditInput, edit: (ledger: EditableLedger) => void): AuditInput {
  const ledgers = structuredClone(input.ledgers) as EditableLedger[];
  for (const ledger of ledgers) edit(ledger);
  return { ...input, ledgers };
}

describe('knowing less never creates an alarm', () => {
  it('when failed operations become unknown', () => {
    let changed = 0;
    forEachSale((input, prng, seed) => {
      const records = recordsOf(input).map((record) => {
        const isWrite = record.operation !== 'viewStock' && record.operation !== 'orderStatus';
        const noAnswer = record.outcome === 'refused' && record.reason !== 'payment_declined';
        const becomes = isWrite && (record.outcome === 'failed' || noAnswer) && prng.chance(0.3);
        if (becomes) changed++;
        return becomes ? { ...record, outcome: 'unknown' as const } : record;
      });
      const report = judge(withRecords(input, records));
      expect([seed, ...violated(report)], report.reason).toEqual([seed]);
    });
    expect(changed).toBeGreaterThan(SEEDS);
  });

  it('when acknowledgements of checkouts and orders become unknown', () => {
    forEachSale((input, prng, seed) => {
      const records = recordsOf(input).map((record) => {
        if (record.operation !== 'order' || !prng.chance(0.2)) return record;
        return { ...record, outcome: 'unknown' as const, orderId: '', orderStatus: '' };
      });
      const report = judge(withRecords(input, records));
      expect([seed, ...violated(report)], report.reason).toEqual([seed]);
    });
  });

  it('when intervals are wider than they were', () => {
    forEachSale((input, prng, seed) => {
      const records = recordsOf(input).map((record) => ({
        ...record,
        invokedUs: record.invokedUs - prng.below(300_000),
        doneUs: record.doneUs + prng.below(300_000),
      }));
      const report = judge(withRecords(input, records));
      expect([seed, ...violated(report)], report.reason).toEqual([seed]);
    });
  });

  it('when any records are missing and counted as lost', () => {
    forEachSale((input, prng, seed) => {
      const all = recordsOf(input);
      const share = prng.unit();
      const kept = all.filter(() => !prng.chance(share));
      const report = judge(withRecords(input, kept, all.length - kept.length));
      expect([seed, ...violated(report)], report.reason).toEqual([seed]);
      if (kept.length < all.length) expect(report.verdict).toBe('unknown');
    });
  });

  it('when the ledgers cannot be read, and then nothing passes that needs them', () => {
    forEachSale((input, _prng, seed) => {
      const report = judge({ ...input, ledgers: [], ledgerStable: false, settled: false });
      expect([seed, ...violated(report)], report.reason).toEqual([seed]);
      expect(report.verdict).toBe('unknown');
    });
  });
});

describe('a change to the evidence of a correct sale is convicted by its invariant', () => {
  const pick = <T>(rows: readonly T[], prng: Prng): T => rows[prng.below(rows.length)] as T;
  const bought = (ledger: EditableLedger): EditableLedger['orders'] =>
    ledger.orders.filter((row) => row.status === 'confirmed' && !row.key.startsWith('drain'));

  /** Each gets the ledger and the same draw for all readings. */
  const mutants: [string, string, (ledger: EditableLedger, prng: Prng) => void][] = [
    [
      'an acknowledged order is dropped',
      'O1',
      (ledger, prng) => {
        const gone = pick(bought(ledger), prng);
        ledger.orders = ledger.orders.filter((row) => row.id !== gone.id);
      },
    ],
    [
      'a phantom order is added',
      'O2',
      (ledger, prng) => {
        ledger.orders.push({ ...pick(bought(ledger), prng), id: 'phantom', key: 'phantom' });
      },
    ],
    [
      'a capture is repeated',
      'P1',
      (ledger, prng) => {
        const { id } = pick(bought(ledger), prng);
        const charge = ledger.charges.find((row) => row.orderId === id)!;
        ledger.charges.push({ ...charge, id: 'again', key: 'again' });
      },
    ],
    [
      'a capture is dropped',
      'P3',
      (ledger, prng) => {
        const { id } = pick(bought(ledger), prng);
        ledger.charges = ledger.charges.filter((row) => row.orderId !== id);
      },
    ],
    [
      'a commit is moved behind the expiry of its hold',
      'I4',
      (ledger, prng) => {
        const { checkoutId } = pick(bought(ledger), prng);
        const hold = ledger.holds.find((row) => row.checkoutId === checkoutId)!;
        hold.resolvedAtUs = hold.expiresAtUs + 20_000;
      },
    ],
    [
      'an order changes hands',
      'O2',
      (ledger, prng) => {
        pick(bought(ledger), prng).customer = 'c-424242';
      },
    ],
    [
      'a unit appears from nowhere',
      'I3',
      (ledger, prng) => {
        pick(ledger.stock, prng).available += 1;
      },
    ],
    [
      'a line costs something else',
      'O4',
      (ledger, prng) => {
        pick(bought(ledger), prng).lines[0]!.priceMinor -= 1;
      },
    ],
    [
      'a completion event is repeated',
      'E1',
      (ledger, prng) => {
        const { id } = pick(bought(ledger), prng);
        ledger.events.push({ id: 'again', seq: 0, type: 'order.confirmed', orderId: id });
      },
    ],
    [
      'a notification is repeated',
      'E3',
      (ledger, prng) => {
        const { id } = pick(bought(ledger), prng);
        ledger.notifications.push({ orderId: id, sent: 1 });
      },
    ],
    [
      'a refund is given that nobody asked for',
      'P5',
      (ledger, prng) => {
        const { id } = pick(bought(ledger), prng);
        const charge = ledger.charges.find((row) => row.orderId === id)!;
        charge.refundedMinor = charge.amountMinor;
      },
    ],
  ];

  for (const [name, invariant, mutate] of mutants) {
    it(name, () => {
      forEachSale((input, _prng, seed) => {
        if (bought(input.ledgers[0] as EditableLedger).length === 0) return;
        const mutant = withLedgers(input, (ledger) => mutate(ledger, new Prng(seed, 'pick')));
        expect([seed, violated(judge(mutant)).includes(invariant)]).toEqual([seed, true]);
      });
    });
  }

  it('a stock read is moved out of what was possible', () => {
    forEachSale((input, _prng, seed) => {
      const records = recordsOf(input);
      const read = records.findLast(
        (record) => record.operation === 'viewStock' && record.stock >= 0,
      );
      if (read === undefined) return;
      read.stock = 10_000;
      // Whoever had looked before may also have seen it rise.
      const found = violated(judge(withRecords(input, records))).filter((id) => id !== 'I8');
      expect([seed, ...found]).toEqual([seed, 'I6', 'I7']);
    });
  });
});

/** Numbers every hold of an item as a shop that counts them would: in the order of the answers. */
function withTickets(input: AuditInput): { input: AuditInput; numbered: OperationRecord[] } {
  const records = recordsOf(input);
  const numbered = records
    .filter(({ operation, outcome }) => operation === 'checkout' && outcome === 'ok')
    .sort((a, b) => a.doneUs - b.doneUs);
  for (const [number, record] of numbered.entries()) record.ticket = number;
  const promises = { ...input.promises, tickets: true };
  return { input: { ...withRecords(input, records), promises }, numbered };
}

describe('the numbers that holds are answered with', () => {
  it('are silent in the order of the answers', () => {
    forEachSale((sale, _prng, seed) => {
      const { input } = withTickets(sale);
      expect([seed, ...violated(judge(input))]).toEqual([seed]);
    });
  });

  it('are convicted when two are swapped beyond what real time allows', () => {
    let swapped = 0;
    forEachSale((sale, _prng, seed) => {
      const { input, numbered } = withTickets(sale);
      const first = numbered.find(({ item }) => item === 0);
      const later = numbered.findLast(
        ({ item, invokedUs }) => item === 0 && invokedUs > (first?.doneUs ?? 0),
      );
      if (first === undefined || later === undefined) return;
      [first.ticket, later.ticket] = [later.ticket ?? -1, first.ticket ?? -1];
      const records = recordsOf(input);
      expect([seed, ...violated(judge(withRecords(input, records)))]).toEqual([seed, 'I7b']);
      swapped++;
    });
    expect(swapped).toBeGreaterThan(SEEDS / 2);
  });
});

describe('calling an order failed of which nobody knows', () => {
  it('is convicted where it was carried out, and silent where it was not', () => {
    const counts = { convicted: 0, silent: 0 };
    forEachSale((input, _prng, seed) => {
      const rows = new Set(
        input.ledgers.flatMap((ledger) => [...ledger.orders].map(({ key }) => key)),
      );
      for (const { key, journey, result } of input.resolutions) {
        const records = recordsOf(input);
        const own = records.filter((record) => record.key === key && record.journey === journey);
        if (own.length === 0 || own.some(({ outcome }) => outcome === 'ok')) continue;
        for (const record of own) if (record.outcome === 'unknown') record.outcome = 'failed';
        const resolutions = input.resolutions.filter((one) => one.key !== key);
        const found = violated(judge({ ...withRecords(input, records), resolutions }));
        if (result === 'absent' && !rows.has(key)) {
          expect([seed, key, ...found]).toEqual([seed, key]);
          counts.silent++;
        } else if (result === 'applied' && found.includes('O2')) counts.convicted++;
      }
    });
    expect(counts.convicted).toBeGreaterThan(5);
    expect(counts.silent).toBeGreaterThan(5);
  });
});
