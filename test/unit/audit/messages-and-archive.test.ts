// P6, E2 and E4: messages of the gateway, events of an order, and the way into the archive.
import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/audit/audit.ts';
import type { AuditInput } from '../../../src/contract/audit.ts';
import type { CallbackEffectRow, CallbackRow } from '../../../src/contract/ledger.ts';
import { type EditableLedger, SaleStory, START_US } from '../../support/history-builder.ts';
import { resultOf, unjudged, violated } from '../../support/verdicts.ts';

function sale(): SaleStory {
  const story = new SaleStory({ units: [4] });
  story.buy({ customer: 1, atMs: 100 });
  story.buy({ customer: 2, atMs: 200 });
  return story;
}

describe('messages of the payment gateway', () => {
  const sent: CallbackRow = {
    id: 'm-1',
    orderId: 'o-1',
    kind: 'captured',
    amountMinor: 1000,
    currency: 'EUR',
    atUs: START_US + 250_000,
    sent: 3,
    isForged: false,
  };
  const effect: CallbackEffectRow = {
    id: 'm-1',
    orderId: 'o-1',
    applied: 1,
    repeated: 2,
    refused: 0,
  };

  function told(rows: Partial<CallbackRow>, came: Partial<CallbackEffectRow>): AuditInput {
    return sale().input({}, (ledger) => {
      ledger.callbacks = [{ ...sent, ...rows }];
      ledger.callbackEffects = [{ ...effect, ...came }];
    });
  }

  it('may be repeated, lost, refused or forged as long as each counts once at most', () => {
    expect(violated(judge(told({}, {})))).toEqual([]);
    expect(violated(judge(told({ sent: 1 }, { applied: 0, repeated: 0, refused: 1 })))).toEqual([]);
    expect(violated(judge(told({ isForged: true }, { applied: 0, refused: 3 })))).toEqual([]);
    const madeUp = { id: 'nobody-sent-it', orderId: '', applied: 0, refused: 1 };
    expect(violated(judge(told({}, madeUp)))).toEqual([]);
    expect(unjudged(judge(told({}, {})))).toEqual([]);
  });

  it('convict when one counts twice, is forged, was never sent or meant another order', () => {
    const cases: [Partial<CallbackRow>, Partial<CallbackEffectRow>, string][] = [
      [{}, { applied: 2 }, 'changed the order 2 times'],
      [{ isForged: true }, {}, 'is forged and changed the order'],
      [{ id: 'm-2' }, {}, 'changed the order, but the gateway never sent it'],
      [{ orderId: 'o-2' }, {}, 'was sent about order o-2'],
    ];
    for (const [row, came, what] of cases) {
      const report = judge(told(row, came));
      expect(violated(report)).toEqual(['P6']);
      const [found] = resultOf(report, 'P6').violations;
      expect(found?.summary).toBe(`message m-1 about order o-1 ${what}`);
      expect(found?.witness.length).toBeGreaterThan(2);
    }
  });

  it('convict when two rows of effects add up', () => {
    const input = sale().input({}, (ledger) => {
      ledger.callbacks = [{ ...sent }];
      ledger.callbackEffects = [{ ...effect }, { ...effect }];
    });
    expect(violated(judge(input))).toEqual(['P6']);
  });
});

describe('events of an order', () => {
  /** Versions of the events of the first order, in the order of the log. */
  function numbered(versions: readonly (number | undefined)[]): AuditInput {
    return sale().input({}, (ledger) => {
      const [first, second] = ledger.events;
      if (first === undefined || second === undefined) throw new Error('two orders');
      second.version = 1;
      ledger.events = [second];
      for (const [i, version] of versions.entries()) {
        const type = i === 0 ? first.type : 'order.archived';
        const event = { ...first, id: `e-${i}`, seq: 10 + i, type };
        ledger.events.push(version === undefined ? event : { ...event, version });
      }
    });
  }

  it('are numbered without a gap', () => {
    expect(violated(judge(numbered([1])))).toEqual([]);
    expect(violated(judge(numbered([1, 2, 3])))).toEqual([]);
    expect(violated(judge(numbered([1, 3])))).toEqual(['E2']);
    expect(violated(judge(numbered([2])))).toEqual(['E2']);
  });

  it('are in the order of the log, and all of them numbered', () => {
    expect(violated(judge(numbered([1, 3, 2])))).toEqual(['E2']);
    expect(violated(judge(numbered([1, 1])))).toEqual(['E2']);
    const report = judge(numbered([1, undefined]));
    expect(resultOf(report, 'E2').violations[0]?.summary).toBe(
      'order o-1: event e-1 has no version',
    );
  });

  it('leave a gap to be filled while they are on their way', () => {
    const input = { ...numbered([1, 3]), settled: false };
    expect(violated(judge(input))).toEqual([]);
    expect(unjudged(judge(input))).toContain('E2');
  });
});

describe('the way into the archive', () => {
  /** `move` says what each reading shows: two before the drain probe, one after. */
  function moved(move: (ledger: EditableLedger, reading: number) => void): AuditInput {
    let reading = 0;
    const input = sale().input({}, (ledger) => {
      ledger.archived = [];
      move(ledger, reading++);
    });
    return { ...input, ledgerReadAtUs: [0, 1, 9].map((sec) => START_US + (20 + sec) * 1e6) };
  }

  function archive(ledger: EditableLedger): EditableLedger['orders'][number] {
    const row = ledger.orders.shift();
    if (row === undefined) throw new Error('an order');
    const archived = { ...row, lines: row.lines.map((line) => ({ ...line })), status: 'archived' };
    ledger.archived?.push(archived);
    return archived;
  }

  it('may be gone at any time between two readings', () => {
    expect(violated(judge(moved((ledger) => archive(ledger))))).toEqual([]);
    const between = moved((ledger, reading) => {
      if (reading === 2) archive(ledger);
    });
    expect(violated(judge(between))).toEqual([]);
  });

  it('may show an order in both places, but not for long', () => {
    const both = (ledger: EditableLedger): void => {
      ledger.archived?.push(structuredClone(ledger.orders[0]) as never);
    };
    const handedOver = moved((ledger, reading) => {
      if (reading < 2) both(ledger);
      else archive(ledger);
    });
    expect(violated(judge(handedOver))).toEqual([]);
    const report = judge(moved(both));
    expect(violated(report)).toEqual(['E4']);
    expect(resultOf(report, 'E4').violations[0]?.summary).toBe(
      'order o-1 stays in the live list and in the archive',
    );
  });

  it('loses no order', () => {
    const input = moved((ledger, reading) => {
      if (reading === 2) ledger.orders.shift();
    });
    expect(violated(judge(input))).toContain('E4');
  });

  it('changes no order', () => {
    const input = moved((ledger, reading) => {
      const archived = archive(ledger);
      if (reading === 2) archived.checkoutId = 'co-other';
    });
    expect(violated(judge(input))).toContain('E4');
  });

  it('is for finished orders, each once', () => {
    const unfinished = moved((ledger) => {
      archive(ledger).status = 'paying';
    });
    expect(violated(judge(unfinished))).toContain('E4');
    const twice = moved((ledger) => {
      ledger.archived?.push({ ...archive(ledger) });
    });
    expect(violated(judge(twice))).toContain('E4');
  });
});
