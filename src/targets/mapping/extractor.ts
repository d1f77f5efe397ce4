/**
 * What is taken from an answer: fields with a meaning go to the call, after the checks that every
 * target's answers get; all others become values of the session. All of it or nothing.
 */
import { defined } from '../../base/assert.ts';
import type { Call } from '../../contract/call.ts';
import { type JsonPath, parseJsonPath } from '../../contract/target-mapping/json-path.ts';
import { isMeaning, type Meaning } from '../../contract/target-mapping/placeholders.ts';
import { idOf, storedValue, type ValueIndex } from './session-values.ts';

/** False when the value is not what its meaning asks for. */
type Take = (call: Call, body: unknown, path: JsonPath) => boolean;

/** Lines of one order, shelves of one product … : more is no answer of a shop. */
const MAX_ADDED = 1000;
const STATUS_WORD = /^[a-z_]{1,40}$/;

export interface ExtractorOptions {
  readonly values: ValueIndex;
  /** A target's own word for a status of an order → ours. */
  readonly statuses: ReadonlyMap<string, string>;
}

export class Extractor {
  readonly isEmpty: boolean;
  readonly readsStock: boolean;
  readonly #takes: readonly { readonly take: Take; readonly path: JsonPath }[];
  readonly #reads: readonly { readonly slot: number; readonly path: JsonPath }[];
  readonly #found: string[];
  readonly #values: ValueIndex;

  constructor(extract: Readonly<Record<string, string>>, options: ExtractorOptions) {
    const takes: { take: Take; path: JsonPath }[] = [];
    const reads: { slot: number; path: JsonPath }[] = [];
    const takeOf = takersWith(options);
    for (const [name, text] of Object.entries(extract)) {
      const path = compiledPath(text);
      if (isMeaning(name)) takes.push({ take: takeOf[name], path });
      else reads.push({ slot: options.values.slotOf(name), path });
    }
    this.isEmpty = takes.length + reads.length === 0;
    this.readsStock = Object.hasOwn(extract, 'stock');
    this.#takes = takes;
    this.#reads = reads;
    this.#found = reads.map(() => '');
    this.#values = options.values;
  }

  /** False when something is missing or not as it should be: then nothing of it is kept. */
  read(call: Call, body: unknown): boolean {
    for (const { take, path } of this.#takes) {
      if (!take(call, body, path)) return forget(call);
    }
    for (let i = 0; i < this.#reads.length; i++) {
      const found = storedValue(this.#reads[i]?.path.first(body));
      if (found === undefined) return forget(call);
      this.#found[i] = found;
    }
    for (let i = 0; i < this.#reads.length; i++) {
      const { slot } = this.#reads[i] as { slot: number };
      this.#values.put(call, slot, this.#found[i] as string);
    }
    return true;
  }
}

/** Checked before: a mapping that is compiled has no bad path. */
export function compiledPath(text: string): JsonPath {
  return defined(parseJsonPath(text).path, `a JSON path, not "${text}"`);
}

function forget(call: Call): false {
  call.gotCheckoutId = '';
  call.gotOrderId = '';
  call.gotOrderStatus = '';
  call.gotUnits = -1;
  call.gotTotalMinor = -1;
  call.gotStock = -1;
  call.gotExpiresAtUs = -1;
  call.gotTicket = -1;
  return false;
}

/** Whole numbers of all places together; undefined when one of them is none. */
function sumOf(body: unknown, path: JsonPath, least: number): number | undefined {
  const numbers = path.all(body, MAX_ADDED);
  if (numbers === undefined) return undefined;
  let sum = 0;
  for (const number of numbers) {
    if (!Number.isSafeInteger(number) || (number as number) < least) return undefined;
    sum += number as number;
  }
  return Number.isSafeInteger(sum) ? sum : undefined;
}

function takersWith({ values, statuses }: ExtractorOptions): Readonly<Record<Meaning, Take>> {
  const takeId = (name: 'checkoutId' | 'orderId', call: Call, value: unknown): string => {
    const id = idOf(value, values.strict);
    if (id !== undefined && typeof value === 'number') {
      values.put(call, values.slotOf(name), storedValue(value) as string);
    }
    return id ?? '';
  };
  return {
    checkoutId: (call, body, path) => {
      call.gotCheckoutId = takeId('checkoutId', call, path.first(body));
      return call.gotCheckoutId !== '';
    },
    orderId: (call, body, path) => {
      call.gotOrderId = takeId('orderId', call, path.first(body));
      return call.gotOrderId !== '';
    },
    status: (call, body, path) => {
      call.gotOrderStatus = statusOf(path.first(body), statuses, values.strict);
      return call.gotOrderStatus !== '';
    },
    units: (call, body, path) => {
      call.gotUnits = sumOf(body, path, 0) ?? -1;
      return call.gotUnits >= 0;
    },
    totalMinor: (call, body, path) => {
      call.gotTotalMinor = sumOf(body, path, 0) ?? -1;
      return call.gotTotalMinor >= 0;
    },
    stock: (call, body, path) => {
      // A negative stock is read as it is: that is for the audit to see.
      const stock = sumOf(body, path, Number.MIN_SAFE_INTEGER);
      call.gotStock = stock ?? -1;
      return stock !== undefined;
    },
    expiresInMs: (call, body, path) => {
      const ms = path.first(body);
      if (!isInstant(ms)) return false;
      // Counted from when the answer came: never before the target's own count ends.
      call.gotExpiresAtUs = Math.round(call.firstByteAtUs + ms * 1000);
      return true;
    },
    expiresAtUs: (call, body, path) => {
      const us = path.first(body);
      if (!isInstant(us)) return false;
      call.gotExpiresAtUs = Math.round(us);
      return true;
    },
    ticket: (call, body, path) => {
      const ticket = path.first(body);
      if (!Number.isSafeInteger(ticket) || (ticket as number) < 0) return false;
      call.gotTicket = ticket as number;
      return true;
    },
  };
}

function isInstant(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

/** Ours for theirs; other words in lower case. '' when it is no status. */
function statusOf(value: unknown, statuses: ReadonlyMap<string, string>, strict: boolean): string {
  if (typeof value === 'string' && STATUS_WORD.test(value) && statuses.size === 0) return value;
  if (strict || (typeof value !== 'string' && typeof value !== 'number')) return '';
  const ours = statuses.get(String(value));
  if (ours !== undefined) return ours;
  const word = String(value).toLowerCase().replaceAll(/[ -]/g, '_');
  return STATUS_WORD.test(word) ? word : '';
}
