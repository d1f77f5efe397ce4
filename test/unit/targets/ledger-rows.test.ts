import { describe, expect, it } from 'vitest';
import { EcomsimError } from '../../../src/base/errors.ts';
import {
  readChargeRow,
  readEventRow,
  readHoldRow,
  readNotificationRow,
  readObservation,
  readOrderRow,
  readProcessUsage,
  readStockRow,
} from '../../../src/targets/reference/ledger-rows.ts';
import { RowReader } from '../../../src/targets/reference/row-reader.ts';

const STOCK = { sku: 's', seeded: 5, restocked: 0, available: 2, held: 1, committed: 2 };
const HOLD = {
  id: 'h',
  checkoutId: 'c',
  sku: 's',
  units: 1,
  state: 'held',
  createdAtUs: 1.5,
  expiresAtUs: 2.5,
  resolvedAtUs: 0,
  resolutions: 0,
};
const ORDER = {
  id: 'o',
  key: 'k',
  customer: 'c-1',
  checkoutId: 'co',
  status: 'confirmed',
  lines: [{ sku: 's', units: 1, priceMinor: 100 }],
  totalMinor: 100,
  currency: 'EUR',
  confirmedSeq: 1,
  returnedSeq: 0,
  createdAtUs: 3,
};
const EVENT = { id: 'e', seq: 1, type: 'order.confirmed', orderId: 'o', version: 1 };
const CHARGE = {
  id: 'ch_1',
  orderId: 'o',
  key: 'o',
  amountMinor: 100,
  currency: 'EUR',
  status: 'captured',
  atUs: 4,
};
const NOTIFICATION = { orderId: 'o', sent: 1 };
const PROCESS = {
  name: 'shop',
  pid: 7,
  cpuMs: 1.5,
  rssBytes: 1000,
  loopBusyMs: 0.5,
  storeBusyMs: 0,
};
const OBSERVATION = {
  atUs: 1,
  hotAvailable: 1,
  hotHeld: 0,
  ordersConfirmed: 3,
  queueLength: 0,
  processes: [PROCESS],
};

type Case = readonly [name: string, row: object, read: (row: RowReader) => object];

const CASES: readonly Case[] = [
  ['stock', STOCK, readStockRow],
  ['hold', HOLD, readHoldRow],
  ['order', ORDER, readOrderRow],
  ['event', EVENT, readEventRow],
  ['charge', CHARGE, readChargeRow],
  ['notification', NOTIFICATION, readNotificationRow],
  ['process', PROCESS, readProcessUsage],
  ['observation', OBSERVATION, readObservation],
];

function problemOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof EcomsimError && error.code === 'TARGET_BAD_ANSWER') return error.message;
    throw error;
  }
  return '';
}

describe('a row of a ledger', () => {
  for (const [name, row, read] of CASES) {
    it(`${name}: is read field by field, without what nobody asked for`, () => {
      expect(read(new RowReader({ ...row, extra: 1 }, 'row 0'))).toEqual(row);
    });

    it(`${name}: is refused, by name, for each field that is missing or of another kind`, () => {
      for (const field of Object.keys(row)) {
        for (const wrong of [undefined, null, {}, true, Number.NaN]) {
          const spoilt = new RowReader({ ...row, [field]: wrong }, 'row 17 of /ledger/x');
          const problem = problemOf(() => read(spoilt));
          expect(problem).toContain('row 17 of /ledger/x');
          expect(problem).toContain(`"${field}"`);
        }
      }
    });
  }

  it.each([null, 7, 'row', [], undefined])('is refused when it is %j', (row) => {
    expect(problemOf(() => new RowReader(row, 'row 3'))).toMatch(/^row 3: it is .* not an object$/);
  });

  it('may count stock below nothing: a shop that oversells must be able to say so', () => {
    expect(readStockRow(new RowReader({ ...STOCK, available: -2 }, 'row')).available).toBe(-2);
  });

  it('may be a charge that was barred before it was tried', () => {
    const barred = { ...CHARGE, key: '', currency: '', amountMinor: 0, status: 'voided' };
    expect(readChargeRow(new RowReader(barred, 'row'))).toEqual(barred);
  });

  it.each([
    ['a negative count', { ...HOLD, units: -1 }],
    ['a broken count', { ...HOLD, units: 1.5 }],
    ['a count beyond counting', { ...HOLD, units: 2 ** 53 }],
    ['a state that does not exist', { ...HOLD, state: 'lost' }],
    ['an empty id', { ...HOLD, id: '' }],
    ['an id with an escape sequence', { ...HOLD, id: '\u001b]0;x' }],
    ['an id that runs from right to left', { ...HOLD, id: 'a\u202eb' }],
    ['an id of 300 characters', { ...HOLD, id: 'x'.repeat(300) }],
    ['a time before all times', { ...HOLD, createdAtUs: -1 }],
  ])('is refused with %s', (_name, row) => {
    expect(problemOf(() => readHoldRow(new RowReader(row, 'row 0')))).not.toBe('');
  });

  it('names the line of an order that is wrong', () => {
    const order = { ...ORDER, lines: [ORDER.lines[0], { sku: 's', units: '1', priceMinor: 1 }] };
    expect(problemOf(() => readOrderRow(new RowReader(order, 'row 5')))).toBe(
      'row 5, lines[1]: "units" is "1", not a whole number',
    );
  });

  it('shows a wrong value short and harmless', () => {
    const hostile = { ...HOLD, units: `\u001b[2J${'x'.repeat(500)}` };
    const problem = problemOf(() => readHoldRow(new RowReader(hostile, 'row 0')));
    expect(problem).toMatch(/^[\x20-\x7e]+$/);
    expect(problem.length).toBeLessThan(120);
  });
});
