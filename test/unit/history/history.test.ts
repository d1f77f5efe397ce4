import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSystemClock, createVirtualClock } from '../../../src/base/clock.ts';
import { EcomsimError } from '../../../src/base/errors.ts';
import { type Call, createCall } from '../../../src/contract/call.ts';
import type { History, OperationRecord } from '../../../src/contract/history.ts';
import { OPERATION_NAMES } from '../../../src/contract/operation.ts';
import { OUTCOMES, REASONS } from '../../../src/contract/outcome.ts';
import { boundedText, FLAG, IDS } from '../../../src/history/history-format.ts';
import { openHistory } from '../../../src/history/history-reader.ts';
import { createHistoryWriter } from '../../../src/history/history-writer.ts';

let dir: string;
let path: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ecomsim-history-'));
  path = join(dir, 'segment-0.history');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const START_US = 5_000_000_000;

interface Entry {
  call: Call;
  journey: number;
  population: number;
}

function entry(index: number, fields: Partial<Call> = {}): Entry {
  const call = Object.assign(createCall(), {
    operation: 'order',
    outcome: 'ok',
    status: 201,
    customer: index,
    item: 3,
    key: `key-${index}`,
    checkoutId: `checkout-${index}`,
    gotOrderId: `order-${index}`,
    gotOrderStatus: 'confirmed',
    gotUnits: 1,
    gotTotalMinor: 1999,
    dispatchedAtUs: START_US + index * 10,
    doneAtUs: START_US + index * 10 + 7,
    ...fields,
  });
  return { call, journey: index, population: 1 };
}

async function write(entries: readonly Entry[], at = path, startUs = START_US): Promise<void> {
  const writer = createHistoryWriter({ path: at, startUs, clock: createVirtualClock() });
  for (const { call, journey, population } of entries) writer.append(call, journey, population);
  await writer.close();
}

const has = (call: Call, id: 'hasKey' | 'hasCheckoutId' | 'hasOrderId'): boolean =>
  (IDS[call.operation] & FLAG[id]) !== 0;

function recordsOf(history: History): OperationRecord[] {
  const records: OperationRecord[] = [];
  history.forEach((record) => {
    records.push({ ...record });
  });
  return records;
}

function errorOf(task: () => unknown): unknown {
  try {
    task();
  } catch (error) {
    return error;
  }
  return undefined;
}

const manyEntries = (count: number): Entry[] => Array.from({ length: count }, (_, i) => entry(i));

describe('the history', () => {
  it('gives back every field of a record', async () => {
    await write([
      entry(7, {
        reason: 'accepted',
        attempt: 2,
        gotReplayed: true,
        gotExpiresAtUs: START_US + 99,
      }),
    ]);
    const history = openHistory([path]);
    expect(history.startUs).toBe(START_US);
    expect(history.lost).toBe(0);
    expect(history.at(0)).toEqual({
      operation: 'order',
      outcome: 'ok',
      reason: 'accepted',
      attempt: 2,
      status: 201,
      journey: 7,
      customer: 7,
      population: 1,
      item: 3,
      units: 1,
      invokedUs: 70,
      doneUs: 77,
      key: 'key-7',
      checkoutId: 'checkout-7',
      orderId: 'order-7',
      totalMinor: 1999,
      stock: -1,
      expiresUs: 99,
      orderStatus: 'confirmed',
      replayed: true,
      ticket: -1,
    });
  });

  it('keeps the stock of a stock read apart from totals', async () => {
    await write([entry(0, { operation: 'viewStock', gotStock: 41, gotTotalMinor: -1 })]);
    expect(openHistory([path]).at(0)).toMatchObject({ stock: 41, totalMinor: -1, expiresUs: -1 });
  });

  it('takes the asked quantity and the sent ids where the answer had none', async () => {
    const fields = { quantity: 3, gotUnits: -1, orderId: 'asked', gotOrderId: '' };
    await write([entry(0, { operation: 'cancelOrder', ...fields })]);
    expect(openHistory([path]).at(0)).toMatchObject({ units: 3, orderId: 'asked' });
  });

  it('keeps an id that is of no use to the audit out of the file', async () => {
    const ids = { key: 'k', checkoutId: 'held', gotCheckoutId: '', gotOrderId: '' };
    await write([
      entry(0, { operation: 'checkout', ...ids, orderId: 'bought before' }),
      entry(1, { operation: 'viewStock', ...ids }),
      entry(2, { operation: 'order', ...ids }),
    ]);
    expect(recordsOf(openHistory([path]))).toMatchObject([
      { key: '', checkoutId: '', orderId: '' },
      { key: '', checkoutId: '', orderId: '' },
      { key: 'k', checkoutId: 'held', orderId: '' },
    ]);
  });

  it('takes 48 bytes for a record without ids, and 21 for an id of the bundled shop', async () => {
    const id = 'k-mwsrznczc9446d2b01b91b8bed';
    const without: Partial<Call> = { operation: 'viewStock', gotOrderStatus: '' };
    const withOne: Partial<Call> = { operation: 'checkout', gotOrderStatus: '', gotCheckoutId: id };
    const sizes: number[] = [];
    for (const fields of [without, withOne]) {
      await write(Array.from({ length: 512 }, (_, i) => entry(i, fields)));
      sizes.push((statSync(path).size - 32 - 32 - 48) / 512);
    }
    expect(sizes).toEqual([48, 48 + 21]);
  });

  it('round-trips any calls over any number of blocks', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.string({ unit: fc.constantFrom(...'0123456789abcdef-kz'), maxLength: 199 }),
      fc.constantFrom('confirmed', 'payment_unknown', 'k-mwsrznczc9446d2b01b91b8bed'),
    );
    const callOf = fc.record({
      operation: fc.constantFrom(...OPERATION_NAMES),
      outcome: fc.constantFrom(...OUTCOMES),
      reason: fc.constantFrom(...REASONS),
      status: fc.nat(999),
      customer: fc.nat(0xffffffff),
      item: fc.integer({ min: -1, max: 2 ** 31 - 1 }),
      gotUnits: fc.nat(2 ** 31 - 1),
      key: text,
      gotCheckoutId: text,
      gotOrderId: text,
      gotOrderStatus: text,
      gotTotalMinor: fc.integer({ min: -(2 ** 47), max: 2 ** 47 - 1 }),
      gotStock: fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
      gotExpiresAtUs: fc.constantFrom(-1, START_US, START_US + 2 ** 33 + 1),
      gotReplayed: fc.boolean(),
      gotTicket: fc.constantFrom(-1, 0, 17, Number.MAX_SAFE_INTEGER),
      dispatchedAtUs: fc.integer({ min: START_US - 2 ** 31, max: START_US + 2 ** 40 }),
      serviceUs: fc.nat(2 ** 32 - 1),
      attempt: fc.integer({ min: 1, max: 255 }),
    });
    const property = fc.asyncProperty(
      fc.array(callOf, { maxLength: 40 }),
      fc.integer({ min: 1, max: 40 }),
      async (fields, repeat) => {
        const calls = fields.map(({ serviceUs, ...rest }) =>
          Object.assign(createCall(), rest, { doneAtUs: rest.dispatchedAtUs + serviceUs }),
        );
        const entries = Array.from({ length: repeat }, () => calls)
          .flat()
          .map((call, journey) => ({ call, journey, population: journey % 65536 }));
        await write(entries);
        const history = openHistory([path]);
        const expected = entries.map(({ call, journey, population }) => ({
          operation: call.operation,
          outcome: call.outcome,
          reason: call.reason,
          attempt: call.attempt,
          status: call.status,
          journey,
          customer: call.customer,
          population,
          item: call.item,
          units: call.gotUnits,
          invokedUs: call.dispatchedAtUs - START_US,
          doneUs: call.doneAtUs - START_US,
          key: has(call, 'hasKey') ? call.key : '',
          checkoutId: has(call, 'hasCheckoutId') ? call.gotCheckoutId : '',
          orderId: has(call, 'hasOrderId') ? call.gotOrderId : '',
          totalMinor: call.operation === 'viewStock' ? -1 : call.gotTotalMinor,
          stock: call.operation === 'viewStock' ? call.gotStock : -1,
          expiresUs: call.gotExpiresAtUs < 0 ? -1 : call.gotExpiresAtUs - START_US,
          orderStatus: call.gotOrderStatus,
          replayed: call.gotReplayed,
          ticket: call.operation === 'checkout' ? call.gotTicket : -1,
        }));
        expect(recordsOf(history)).toEqual(expected);
        expect(history.lost).toBe(0);
        for (const index of [0, Math.floor(expected.length / 2), expected.length - 1]) {
          if (index in expected) expect(history.at(index)).toEqual(expected[index]);
        }
      },
    );
    await fc.assert(property, { numRuns: 40 });
  });

  it('lets a visitor look at other records while it visits', async () => {
    await write(manyEntries(1200));
    const history = openHistory([path]);
    const customers: number[] = [];
    history.forEach((record, index) => {
      history.at(history.records - 1 - index);
      customers.push(record.customer);
    });
    expect(customers).toEqual(Array.from({ length: 1200 }, (_, i) => i));
  });

  it('puts several segments on one time axis', async () => {
    const other = join(dir, 'segment-1.history');
    await write([entry(1)]);
    await write([entry(2)], other, START_US + 1000);
    const history = openHistory([path, other]);
    expect(recordsOf(history).map((record) => record.invokedUs)).toEqual([10, 20]);
    expect(history.segments).toBe(2);
  });

  it('keeps two long ids apart and within their limit', async () => {
    const long = 'x'.repeat(5000);
    await write([entry(0, { key: `${long}a` }), entry(1, { key: `${long}b` })]);
    const [first, second] = recordsOf(openHistory([path])).map((record) => record.key);
    expect(first).toBe(boundedText(`${long}a`));
    expect(first).toHaveLength(200);
    expect(first).not.toBe(second);
  });

  it('survives instants and numbers that no field can hold', async () => {
    const fields = {
      dispatchedAtUs: Number.NaN,
      doneAtUs: Infinity,
      gotUnits: 2 ** 40,
      item: 1e300,
    };
    await write([entry(0, fields)]);
    const record = openHistory([path]).at(0);
    expect(record.units).toBe(-1);
    expect(record.item).toBe(-1);
    expect(Number.isSafeInteger(record.invokedUs) && Number.isSafeInteger(record.doneUs)).toBe(
      true,
    );
  });
});

describe('a damaged history', () => {
  const RECORDS = 1300;

  it('is read up to the cut when it was truncated anywhere, and says that something is missing', async () => {
    await write(manyEntries(RECORDS));
    const whole = readFileSync(path);
    await fc.assert(
      fc.property(fc.integer({ min: 32, max: whole.length - 1 }), (length) => {
        writeFileSync(path, whole.subarray(0, length));
        const history = openHistory([path]);
        const read = recordsOf(history).map((record) => record.customer);
        expect(read).toEqual(Array.from({ length: read.length }, (_, i) => i));
        expect(read.length).toBeLessThanOrEqual(RECORDS);
        expect(history.lost).toBeGreaterThan(0);
      }),
      { numRuns: 100 },
    );
  });

  it('never shows a record of which a byte was flipped, and counts it as lost', async () => {
    await write(manyEntries(RECORDS));
    const whole = readFileSync(path);
    const position = fc.integer({ min: 32, max: whole.length - 1 });
    await fc.assert(
      fc.property(position, fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const damaged = Buffer.from(whole);
        damaged[at] = (damaged[at] ?? 0) ^ mask;
        writeFileSync(path, damaged);
        const history = openHistory([path]);
        const isWrong = ({ key, customer, invokedUs }: OperationRecord): boolean =>
          key !== `key-${customer}` || invokedUs !== customer * 10;
        expect(recordsOf(history).filter(isWrong)).toEqual([]);
        // Spare bytes of a block header carry nothing, so nothing is lost with them.
        if (history.lost === 0) expect(history.records).toBe(RECORDS);
        else expect(history.records).toBeLessThanOrEqual(RECORDS);
      }),
      { numRuns: 150 },
    );
  });

  it('loses exactly the block that was hit when the segment was closed', async () => {
    await write(manyEntries(RECORDS));
    const damaged = readFileSync(path);
    damaged[200] = (damaged[200] ?? 0) ^ 1;
    writeFileSync(path, damaged);
    const history = openHistory([path]);
    expect(history.records + history.lost).toBe(RECORDS);
    expect(history.lost).toBeGreaterThan(0);
  });

  it('knows from the footer how much is missing even if the way to it is gone', async () => {
    await write(manyEntries(RECORDS));
    const damaged = readFileSync(path);
    damaged[32] = 0;
    writeFileSync(path, damaged);
    const history = openHistory([path]);
    expect([history.records, history.lost]).toEqual([0, RECORDS]);
  });

  it('is incomplete when its writer never closed it, even if no byte is torn', async () => {
    const writer = createHistoryWriter({ path, startUs: START_US, clock: createVirtualClock() });
    for (const { call, journey, population } of manyEntries(10)) {
      writer.append(call, journey, population);
    }
    await writer.flush();
    const history = openHistory([path]);
    expect([history.records, history.lost]).toEqual([10, 1]);
    await writer.close();
    expect(openHistory([path]).lost).toBe(0);
  });

  it('is accepted as empty but incomplete when its worker died before the first write', () => {
    writeFileSync(path, '');
    const history = openHistory([path]);
    expect([history.records, history.lost]).toEqual([0, 1]);
  });

  it('is refused with INVALID_HISTORY when it is no history at all', async () => {
    const cases: [string, () => void][] = [
      ['does not begin', () => writeFileSync(path, 'x'.repeat(100))],
      ['ends within', () => writeFileSync(path, 'x')],
      ['ENOENT', () => rmSync(path)],
      [
        'regular file',
        () => {
          rmSync(path, { force: true });
          path = dir;
        },
      ],
    ];
    for (const [reason, prepare] of cases) {
      prepare();
      const error = errorOf(() => openHistory([path]));
      expect(error).toBeInstanceOf(EcomsimError);
      expect(error).toMatchObject({ code: 'INVALID_HISTORY' });
      expect(String(error)).toContain(reason);
    }
  });

  it('is refused when a block with a good checksum holds impossible codes', async () => {
    await write([entry(0)]);
    const whole = readFileSync(path);
    const patches: [number, string][] = [
      [0, 'operation code'],
      [2, 'reason code'],
      [19, 'item'],
      [41, 'outside its block'],
    ];
    for (const [offset, words] of patches) {
      const forged = Buffer.from(whole);
      forged[64 + offset] = offset === 19 ? 0x80 : 0xff;
      const textBytes = forged.readUInt32LE(32 + 12);
      const block = forged.subarray(32, 32 + 32 + 48 + textBytes);
      block.writeUInt32LE(crc32(block.subarray(32), crc32(block.subarray(0, 20))), 20);
      writeFileSync(path, forged);
      const error = errorOf(() => openHistory([path]));
      expect(error).toMatchObject({ code: 'INVALID_HISTORY' });
      expect(String(error)).toContain(words);
    }
  });

  it('is refused when it is larger than the caller allows', async () => {
    await write(manyEntries(100));
    const error = errorOf(() => openHistory([path], { maxBytes: 1000 }));
    expect(error).toMatchObject({ code: 'INVALID_HISTORY' });
  });

  it('ignores what follows its footer', async () => {
    await write(manyEntries(5));
    appendFileSync(path, 'rubbish');
    expect(openHistory([path]).records).toBe(5);
    truncateSync(path, 40);
    expect(openHistory([path]).lost).toBe(1);
  });
});

describe('the history writer', () => {
  it('counts records as lost and never throws when the disk is full', async () => {
    const writer = createHistoryWriter({
      path: '/dev/full',
      startUs: START_US,
      clock: createVirtualClock(),
    });
    for (const { call, journey, population } of manyEntries(700)) {
      writer.append(call, journey, population);
    }
    await writer.flush();
    for (const { call, journey, population } of manyEntries(300)) {
      writer.append(call, journey, population);
    }
    expect(await writer.close()).toEqual({ records: 0, lost: 1000 });
  });

  it('stops at its size limit and tells the reader how much it dropped', async () => {
    const clock = createVirtualClock();
    const writer = createHistoryWriter({ path, startUs: START_US, clock, maxBytes: 200_000 });
    for (const { call, journey, population } of manyEntries(5000)) {
      writer.append(call, journey, population);
    }
    const closed = await writer.close();
    expect(closed.records).toBeGreaterThan(0);
    expect(closed.records + closed.lost).toBe(5000);
    const history = openHistory([path]);
    expect(history.records).toBe(closed.records);
    expect(history.lost).toBeGreaterThan(0);
  });

  it('drops and counts what exceeds its memory while the disk is busy', async () => {
    const writer = createHistoryWriter({ path, startUs: START_US, clock: createVirtualClock() });
    const one = entry(0).call;
    const total = 60_000;
    for (let i = 0; i < total; i++) writer.append(one, i, 0);
    const closed = await writer.close();
    expect(closed.lost).toBeGreaterThan(0);
    expect(closed.records + closed.lost).toBe(total);
    const history = openHistory([path]);
    expect([history.records, history.lost]).toEqual([closed.records, closed.lost]);
  });

  it('says at once that its file cannot be created', () => {
    const options = { startUs: 0, clock: createVirtualClock() };
    const error = errorOf(() => createHistoryWriter({ path: join(dir, 'no', 'x'), ...options }));
    expect(error).toMatchObject({ code: 'OUTPUT_NOT_WRITABLE' });
  });

  it('spills by itself so that a killed worker loses little', async () => {
    const clock = createVirtualClock();
    const writer = createHistoryWriter({ path, startUs: START_US, clock });
    writer.append(entry(0).call, 0, 0);
    clock.advance(500);
    // Only the write of the operating system is awaited here: nobody has asked for a flush.
    const system = createSystemClock();
    for (let i = 0; i < 500 && openHistory([path]).records === 0; i++) await system.sleep(2);
    expect(openHistory([path]).records).toBe(1);
    await writer.close();
  });

  it('closes once however often it is asked', async () => {
    const writer = createHistoryWriter({ path, startUs: START_US, clock: createVirtualClock() });
    writer.append(entry(0).call, 0, 0);
    const closings = [writer.close(), writer.close()];
    expect(await Promise.all(closings)).toEqual([
      { records: 1, lost: 0 },
      { records: 1, lost: 0 },
    ]);
  });
});
