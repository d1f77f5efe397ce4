import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SCHEMAS } from '../../../src/audit/ledger-schema.ts';
import { LedgerTexts } from '../../../src/audit/ledger-texts.ts';
import { RowTable } from '../../../src/audit/row-table.ts';
import type { OrderRow } from '../../../src/contract/ledger.ts';

const id = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.nat(50).map((n) => `o-${n.toString(16).padStart(32, '0')}`),
  fc.constantFrom('', '"', '\\', ']', '},{', 'a'.repeat(119), 'b'.repeat(121), 'c'.repeat(300)),
);
const amount = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, -(2 ** 31), 2 ** 31, Number.MAX_SAFE_INTEGER, 999_999_999_999_999),
);
const order: fc.Arbitrary<OrderRow> = fc.record({
  id,
  key: id,
  customer: id,
  checkoutId: id,
  status: fc.constantFrom('confirmed', 'declined', 'é', 'x"y'),
  lines: fc.array(fc.record({ sku: id, units: amount, priceMinor: amount }), { maxLength: 3 }),
  totalMinor: amount,
  currency: fc.constantFrom('EUR', 'JPY'),
  confirmedSeq: amount,
  returnedSeq: amount,
  createdAtUs: amount,
});

function tableOf(): RowTable<OrderRow> {
  return new RowTable(SCHEMAS.orders, new LedgerTexts());
}

function shuffled(row: OrderRow, turn: number): object {
  const entries = Object.entries(row);
  return Object.fromEntries([...entries.slice(turn), ...entries.slice(0, turn)]);
}

describe('a row of a ledger read from its bytes', () => {
  it('is the one that the JSON parser makes, whatever the order of its fields', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(order, fc.constantFrom(0, 0, 3))), (rows) => {
        const table = tableOf();
        const expected = tableOf();
        for (const [row, turn] of rows) {
          const json = JSON.stringify(shuffled(row, turn));
          table.addJson(Buffer.from(json));
          expected.add(JSON.parse(json));
        }
        expect(JSON.parse(JSON.stringify([...table]))).toEqual(
          JSON.parse(JSON.stringify([...expected])),
        );
      }),
      { numRuns: 150 },
    );
  });

  it('leaves out what is optional and absent, also when the rows before had it', () => {
    const table = new RowTable(SCHEMAS.events, new LedgerTexts());
    const rows = [
      { id: 'e-1', seq: 1, type: 'order.confirmed', orderId: 'o-1', version: 1 },
      { id: 'e-2', seq: 2, type: 'order.confirmed', orderId: 'o-2' },
      { id: 'e-3', seq: 3, type: 'order.confirmed', orderId: 'o-3' },
      { id: 'e-4', seq: 4, type: 'order.confirmed', orderId: 'o-4', version: 7 },
    ];
    for (const row of rows) table.addJson(Buffer.from(JSON.stringify(row)));
    expect(table.map(({ version }) => version)).toEqual([1, undefined, undefined, 7]);
  });

  const whole = { orderId: 'o-1', sent: 1 };
  it.each([
    ['a field is missing', '{"orderId":"o-2"}'],
    ['a number is a text', '{"orderId":"o-2","sent":"1"}'],
    ['a text is a number', '{"orderId":2,"sent":1}'],
    ['the row is cut off', '{"orderId":"o-2","sent":1'],
    ['something follows', '{"orderId":"o-2","sent":1}}'],
    ['a number has a leading zero', '{"orderId":"o-2","sent":01}'],
    ['a text holds a control character', '{"orderId":"o\u0001","sent":1}'],
  ])('is refused and adds nothing when %s', (_, json) => {
    const table = new RowTable(SCHEMAS.notifications, new LedgerTexts());
    table.addJson(Buffer.from(JSON.stringify(whole)));
    expect(() => table.addJson(Buffer.from(json))).toThrow();
    expect(table.map((row) => ({ ...(row as { toJSON?(): object }).toJSON?.() }))).toEqual([whole]);
  });
});
