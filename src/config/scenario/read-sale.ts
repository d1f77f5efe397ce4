/** The sale of a scenario file: when it opens, for which items, and how many units there are. */

import { suggestion } from '../../base/nearest-name.ts';
import { parseDurationMs } from '../../base/units.ts';
import type { Phase } from '../../contract/scenario.ts';
import type { DraftSale, StockRule, StockRun } from '../../contract/scenario-draft.ts';
import type { Path } from '../document.ts';
import type { FieldReader } from '../field-reader.ts';
import { decimal, durationMs, field, wholeNumber } from '../fields.ts';
import { quoteValue } from '../problem.ts';

const SALE_FIELDS = ['opensAt', 'closesAt', 'hotItems', 'demandToStock', 'units', 'perCustomer'];
const MAX_ITEMS = 100_000;
const MAX_UNITS = 1_000_000_000;
const MAX_RUNS = 100_000;
const DAY = 24 * 3_600_000;
const SALE: Path = ['sale'];

const RUN = /^(?:(\d{1,6})\s*x\s*)?(\d{1,10})$/;

const fields = {
  items: wholeNumber({ min: 0, max: MAX_ITEMS }),
  rank: wholeNumber({ min: 1, max: MAX_ITEMS }),
  demandToStock: decimal({ min: 0.01, max: 1_000_000 }),
  perCustomer: wholeNumber({ min: 1, max: 1_000_000 }),
  instant: durationMs({ min: 0, max: DAY }),
  run: field<StockRun>({
    read: (value) => {
      const match = RUN.exec(String(value).trim());
      return match === null
        ? undefined
        : { items: Number(match[1] ?? '1'), units: Number(match[2]) };
    },
    expected: () => 'a number of units; write 40, or 7x120 for seven items with 120 each',
    check: ({ items, units }) => (items >= 1 && units <= MAX_UNITS ? undefined : 'is out of range'),
  }),
};

/** How a time since the start of the load, as written, moves when phases are stretched. */
export type Clockwork = (writtenMs: number) => number;

export interface ReadSale {
  readonly sale: DraftSale;
  readonly stock: StockRule;
}

export function readSale(
  reader: FieldReader,
  phases: readonly Phase[],
  clockwork: Clockwork,
): ReadSale {
  reader.group(SALE, SALE_FIELDS);
  const instants = { reader, phases, clockwork };
  const opensAtMs = readInstant('opensAt', instants) ?? 0;
  const closesAtMs = readInstant('closesAt', instants) ?? null;
  if (closesAtMs !== null && closesAtMs <= opensAtMs && !reader.isWrong([...SALE, 'opensAt'])) {
    reader.report([...SALE, 'closesAt'], 'is not after opensAt');
  }
  const perCustomer = [...SALE, 'perCustomer'];
  const isLimited = reader.get(perCustomer) !== undefined;
  return {
    sale: {
      opensAtMs,
      closesAtMs,
      hotItems: readHotItems(reader),
      perCustomer: isLimited ? reader.read(perCustomer, fields.perCustomer, 1) : null,
    },
    stock: readStock(reader),
  };
}

/** A time from the start of the load, or the name of the phase that begins then. */
function readInstant(
  name: string,
  {
    reader,
    phases,
    clockwork,
  }: { reader: FieldReader; phases: readonly Phase[]; clockwork: Clockwork },
): number | undefined {
  const path = [...SALE, name];
  const value = reader.get(path);
  if (value === undefined || (name === 'closesAt' && value === 'never')) return undefined;
  const isTime = typeof value !== 'string' || parseDurationMs(value) !== undefined;
  if (isTime) return clockwork(reader.read(path, fields.instant, 0));
  const index = phases.findIndex((phase) => phase.name === value);
  if (index >= 0) {
    return phases.slice(0, index).reduce((sum, { durationMs }) => sum + durationMs, 0);
  }
  const names = phases.map((phase) => phase.name);
  reader.report(
    path,
    `${quoteValue(value)} is neither a time like 5s nor a phase${suggestion(value, names)}; ` +
      `phases: ${names.join(', ')}`,
  );
  return undefined;
}

/** How many of the first ranks, or a list of ranks; 1 is the most popular. */
function readHotItems(reader: FieldReader): number[] | null {
  const path = [...SALE, 'hotItems'];
  const value = reader.get(path);
  if (value === undefined) return null;
  if (Array.isArray(value)) {
    const ranks = reader.readSome(path, fields.rank) ?? [];
    return ranks.map((rank) => rank - 1);
  }
  return Array.from({ length: reader.read(path, fields.items, 0) }, (_, rank) => rank);
}

function readStock(reader: FieldReader): StockRule {
  const path = [...SALE, 'demandToStock'];
  const isByDemand = reader.get(path) !== undefined;
  const demandToStock = reader.read(path, fields.demandToStock, 1);
  const runs = readRuns(reader, [...SALE, 'units']);
  if (runs !== undefined) return { kind: 'stated', runs, demandToStock };
  return isByDemand ? { kind: 'demand', demandToStock } : { kind: 'plenty' };
}

function readRuns(reader: FieldReader, path: Path): StockRun[] | undefined {
  const runs = reader.readSome(path, fields.run);
  if (runs === undefined || runs.length <= MAX_RUNS) return runs;
  reader.report(path, `lists more than ${MAX_RUNS} entries`);
  return undefined;
}
