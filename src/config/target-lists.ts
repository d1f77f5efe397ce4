/** Lists that a target file says how to read: the products, and what the audit asks the ledger. */
import type { LedgerMapping, LedgerRead, TargetMapping } from '../contract/target-mapping.ts';
import { type FieldReader, isTree } from './field-reader.ts';
import { quoteValue } from './problem.ts';
import { REQUEST_FIELDS, readRequest } from './target-requests.ts';

const MAX_SKUS = 100_000;
const MAX_SKU_CHARS = 200;
const MAX_WORDS = 100;
const PRODUCT_COLUMNS = ['sku', 'title', 'priceMinor', 'units'] as const;
const ORDER_COLUMNS = ['id', 'key', 'status', 'lines', 'sku', 'units', 'totalMinor', 'currency'];
const PAYMENT_COLUMNS = ['id', 'order', 'status', 'amountMinor', 'currency'];
const PRODUCTS_HOW =
  'name the SKUs: [ sku-1, sku-2 ], or read them: { request: GET /…, items: "$[*]", sku: $.id }';

export function readProducts(reader: FieldReader): TargetMapping['products'] | undefined {
  const value = reader.raw('products');
  if (value === undefined) {
    reader.missing('products', PRODUCTS_HOW);
    return undefined;
  }
  if (isTree(value)) {
    const group = reader.group('products');
    if (group === undefined) return undefined;
    group.only([...REQUEST_FIELDS, 'items', 'next', ...PRODUCT_COLUMNS]);
    const read = readPages(group, PRODUCT_COLUMNS, ['sku']);
    return read && { kind: 'read', read };
  }
  const skus = reader.words('products', MAX_SKUS);
  const seen = new Set<string>();
  for (const [index, sku] of skus.entries()) {
    if (sku === '' || sku.length > MAX_SKU_CHARS) {
      reader.report(['products', index], `${quoteValue(sku)} is no SKU`);
    } else if (seen.has(sku))
      reader.report(['products', index], `${quoteValue(sku)} is there twice`);
    seen.add(sku);
  }
  if (Array.isArray(value) && value.length === 0) reader.report(['products'], 'names no product');
  return { kind: 'list', skus };
}

/** Columns are fields beside the request, each a JSON path within a row. */
function readPages(
  group: FieldReader,
  columns: readonly string[],
  required: readonly string[],
): LedgerRead | undefined {
  const request = readRequest(group);
  const items = group.needed('items', 'say where the rows are: items: "$.items[*]"');
  const next = group.text('next');
  for (const name of required) {
    if (!group.has(name)) group.missing(name, `say where a row has it: ${name}: $.${name}`);
  }
  const named: Record<string, string> = {};
  for (const name of columns) {
    const path = group.text(name);
    if (path !== undefined) named[name] = path;
  }
  if (request === undefined || items === undefined) return undefined;
  return { request, items, ...(next !== undefined && { next }), columns: named };
}

export function readLedger(reader: FieldReader): LedgerMapping {
  const ledger = reader.group('ledger');
  if (ledger === undefined) return {};
  ledger.only(['stock', 'orders', 'payments']);
  const stock = readStock(ledger.group('stock'));
  const orders = readOrders(ledger.group('orders'));
  const payments = readPayments(ledger.group('payments'));
  return { ...(stock && { stock }), ...(orders && { orders }), ...(payments && { payments }) };
}

function readStock(group: FieldReader | undefined): LedgerMapping['stock'] | undefined {
  if (group === undefined) return undefined;
  group.only([...REQUEST_FIELDS, 'units']);
  const request = readRequest(group);
  const units = group.needed('units', 'say where the answer has them: units: $.available');
  return request && units !== undefined ? { request, units } : undefined;
}

function readOrders(group: FieldReader | undefined): LedgerMapping['orders'] | undefined {
  if (group === undefined) return undefined;
  const states = ['confirmed', 'cancelled', 'refused', 'pending'] as const;
  group.only([...REQUEST_FIELDS, 'items', 'next', ...ORDER_COLUMNS, ...states]);
  const read = readPages(group, ORDER_COLUMNS, ['id', 'status', 'sku', 'units']);
  if (!group.has('confirmed')) {
    group.missing('confirmed', 'name the statuses of orders that were bought: [ confirmed, sent ]');
  }
  const [confirmed = [], cancelled = [], refused = [], pending = []] = disjoint(group, states);
  return read && { ...read, confirmed, cancelled, refused, pending };
}

function readPayments(group: FieldReader | undefined): LedgerMapping['payments'] | undefined {
  if (group === undefined) return undefined;
  const states = ['captured', 'refunded'] as const;
  group.only([...REQUEST_FIELDS, 'items', 'next', ...PAYMENT_COLUMNS, ...states]);
  const read = readPages(group, PAYMENT_COLUMNS, ['id', 'order', 'status']);
  if (!group.has('captured')) {
    group.missing('captured', 'name the statuses of payments that were taken: [ captured ]');
  }
  const [captured = [], refunded = []] = disjoint(group, states);
  return read && { ...read, captured, refunded };
}

/** One word cannot mean two things. */
function disjoint(group: FieldReader, names: readonly string[]): string[][] {
  const meaning = new Map<string, string>();
  return names.map((name) => {
    const words = group.words(name, MAX_WORDS);
    for (const word of words) {
      const other = meaning.get(word);
      if (other !== undefined && other !== name) {
        group.report([name], `${quoteValue(word)} stands under ${other} as well`);
      }
      meaning.set(word, name);
    }
    return words;
  });
}
