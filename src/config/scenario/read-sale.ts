/** The sale of a scenario file: when it opens, for which items, and how many units there are. */

import type { PriceChange, Restock } from '../../contract/scenario.ts';
import type { DraftSale, StockRule, StockRun } from '../../contract/scenario-draft.ts';
import type { Path } from '../document.ts';
import type { DocumentReader } from '../document-reader.ts';
import { decimal, field, share, wholeNumber } from '../fields.ts';
import { readInstant, requireInstant, type Timetable } from './instants.ts';

const SALE_FIELDS = [
  'opensAt',
  'closesAt',
  'hotItems',
  'demandToStock',
  'units',
  'perCustomer',
  'restocks',
  'prices',
];
const MAX_ITEMS = 100_000;
const MAX_UNITS = 1_000_000_000;
const MAX_RUNS = 100_000;
const RESTOCK_EXAMPLE = '[{ at: 20s, item: 1, units: 50 }]';
const PRICES_EXAMPLE = '[{ at: 20s, item: 1, to: 80% }]';
/** Of the first price. */
const MAX_FACTOR = 100;
const SALE: Path = ['sale'];

const RUN = /^(?:(\d{1,6})\s*x\s*)?(\d{1,10})$/;

const fields = {
  items: wholeNumber({ min: 0, max: MAX_ITEMS }),
  rank: wholeNumber({ min: 1, max: MAX_ITEMS }),
  demandToStock: decimal({ min: 0.01, max: 1_000_000 }),
  perCustomer: wholeNumber({ min: 1, max: 1_000_000 }),
  units: wholeNumber({ min: 1, max: MAX_UNITS }),
  factor: share({ min: 0, max: MAX_FACTOR }),
  run: field<StockRun>({
    read: (value) => {
      const isText = typeof value === 'string' || typeof value === 'number';
      const match = isText ? RUN.exec(String(value).trim()) : null;
      return match === null
        ? undefined
        : { items: Number(match[1] ?? '1'), units: Number(match[2]) };
    },
    expected: () => 'a number of units; write 40, or 7x120 for seven items with 120 each',
    check: ({ items, units }) => (items >= 1 && units <= MAX_UNITS ? undefined : 'is out of range'),
  }),
};

export interface ReadSale {
  readonly sale: DraftSale;
  readonly stock: StockRule;
}

export function readSale(reader: DocumentReader, times: Timetable): ReadSale {
  reader.group(SALE, SALE_FIELDS);
  const opensAtMs = readInstant(reader, [...SALE, 'opensAt'], times) ?? 0;
  const closesAt = [...SALE, 'closesAt'];
  const isOpenEnded = reader.get(closesAt) === 'never';
  const closesAtMs = isOpenEnded ? null : (readInstant(reader, closesAt, times) ?? null);
  if (closesAtMs !== null && closesAtMs <= opensAtMs && !reader.isWrong([...SALE, 'opensAt'])) {
    reader.report(closesAt, 'is not after opensAt');
  }
  const perCustomer = [...SALE, 'perCustomer'];
  const isLimited = reader.get(perCustomer) !== undefined;
  return {
    sale: {
      opensAtMs,
      closesAtMs,
      hotItems: readHotItems(reader),
      perCustomer: isLimited ? reader.read(perCustomer, fields.perCustomer, 1) : null,
      restocks: readRestocks(reader, times),
      priceChanges: readPrices(reader, times),
    },
    stock: readStock(reader),
  };
}

function readRestocks(reader: DocumentReader, times: Timetable): Restock[] {
  const path = [...SALE, 'restocks'];
  const restocks = reader.entries(path, ['at', 'item', 'units'], RESTOCK_EXAMPLE).map((at) => {
    return {
      atMs: requireInstant(reader, [...at, 'at'], times),
      item: readItem(reader, at),
      units: reader.require([...at, 'units'], fields.units, 1),
    };
  });
  return restocks.sort((a, b) => a.atMs - b.atMs);
}

function readPrices(reader: DocumentReader, times: Timetable): PriceChange[] {
  const path = [...SALE, 'prices'];
  const changes = reader.entries(path, ['at', 'item', 'to'], PRICES_EXAMPLE).map((at) => ({
    atMs: requireInstant(reader, [...at, 'at'], times),
    item: readItem(reader, at),
    factor: reader.require([...at, 'to'], fields.factor, 1),
  }));
  return changes.sort((a, b) => a.atMs - b.atMs);
}

/** As hotItems counts: 1 is the most popular, and meant when none is named. */
function readItem(reader: DocumentReader, entry: Path): number {
  const path = [...entry, 'item'];
  return reader.get(path) === undefined ? 0 : reader.read(path, fields.rank, 1) - 1;
}

/** How many of the first ranks, or a list of ranks; 1 is the most popular. */
function readHotItems(reader: DocumentReader): number[] | null {
  const path = [...SALE, 'hotItems'];
  const value = reader.get(path);
  if (value === undefined) return null;
  if (Array.isArray(value)) {
    const ranks = reader.readSome(path, fields.rank) ?? [];
    return ranks.map((rank) => rank - 1);
  }
  return Array.from({ length: reader.read(path, fields.items, 0) }, (_, rank) => rank);
}

function readStock(reader: DocumentReader): StockRule {
  const path = [...SALE, 'demandToStock'];
  const isByDemand = reader.get(path) !== undefined;
  const demandToStock = reader.read(path, fields.demandToStock, 1);
  const runs = readRuns(reader, [...SALE, 'units']);
  if (runs !== undefined) return { kind: 'stated', runs, demandToStock };
  return isByDemand ? { kind: 'demand', demandToStock } : { kind: 'plenty' };
}

function readRuns(reader: DocumentReader, path: Path): StockRun[] | undefined {
  const runs = reader.readSome(path, fields.run);
  if (runs === undefined || runs.length <= MAX_RUNS) return runs;
  reader.report(path, `lists more than ${MAX_RUNS} entries`);
  return undefined;
}
