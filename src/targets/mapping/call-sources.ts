/** Where the placeholders of an operation get their values: the call, the user feed, the session. */
import { InvariantError } from '../../base/assert.ts';
import type { Call } from '../../contract/call.ts';
import { userColumnOf } from '../../contract/target-mapping/placeholders.ts';
import type { TargetMapping } from '../../contract/target-mapping.ts';
import { SEARCH_WORDS } from '../search-words.ts';
import { escapeInPath, escapeInString, isFieldValue, type ValueSource } from './rendering.ts';
import type { ValueIndex } from './session-values.ts';

export class CallSources {
  readonly #users: TargetMapping['users'];
  readonly #shared: Readonly<Record<string, string>>;
  readonly #values: ValueIndex;
  readonly #skus: readonly string[];
  readonly #paymentTokens: readonly string[];
  readonly #sources = new Map<string, ValueSource<Call> | undefined>();

  constructor(mapping: TargetMapping, values: ValueIndex, skus: readonly string[]) {
    this.#users = mapping.users;
    this.#shared = mapping.shared ?? {};
    this.#values = values;
    this.#skus = skus;
    this.#paymentTokens = mapping.paymentTokens ?? [];
  }

  /** Undefined when the name is no placeholder. */
  of(name: string): ValueSource<Call> | undefined {
    if (!this.#sources.has(name)) this.#sources.set(name, this.#create(name));
    return this.#sources.get(name);
  }

  #create(name: string): ValueSource<Call> | undefined {
    const shared = Object.hasOwn(this.#shared, name) ? this.#shared[name] : undefined;
    switch (name) {
      case 'sku':
        return this.#sku();
      case 'quantity':
        return numberSource((call) => `${call.quantity}`);
      case 'customer':
        return numberSource((call) => `${call.customer}`);
      case 'key':
      case 'checkoutId':
      case 'orderId':
        return this.#values.idSource(name);
      case 'paymentToken':
        return { text: paymentTokens(this.#paymentTokens) };
      case 'searchWords':
        return searchWords();
    }
    const column = userColumnOf(name);
    if (column !== undefined) return this.#user(column);
    if (this.#values.has(name)) return this.#values.source(name, shared);
    return shared === undefined ? undefined : constantSource(shared);
  }

  #sku(): ValueSource<Call> {
    const skus = this.#skus;
    const paths = skus.map((sku) => escapeInPath(sku));
    const strings = skus.map((sku) => escapeInString(sku));
    const ofItem = <T>(values: readonly T[], { item, operation }: Call): T => {
      if (item >= 0 && item < skus.length) return values[item] as T;
      throw new InvariantError(`${operation} needs an item of the catalogue, not ${item}`);
    };
    return {
      text: (call) => ofItem(skus, call),
      inPath: (call) => ofItem(paths, call),
      inString: (call) => ofItem(strings, call),
      headerSafe: skus.every((sku) => isFieldValue(sku)),
    };
  }

  /** Row i belongs to customer i modulo rows. */
  #user(column: string): ValueSource<Call> | undefined {
    const index = this.#users?.columns.indexOf(column) ?? -1;
    const rows = this.#users?.rows ?? [];
    if (index < 0) return undefined;
    return {
      text: ({ customer }) => rows[customer % rows.length]?.[index],
      headerSafe: rows.every((row) => isFieldValue(row[index] ?? '')),
    };
  }
}

function numberSource(text: (call: Call) => string): ValueSource<Call> {
  return { text, json: text, inPath: text, inString: text, headerSafe: true };
}

function constantSource(value: string): ValueSource<Call> {
  return { text: () => value };
}

/** What the bundled shop takes: `tok_instant` is paid at once, another one is another payload. */
function paymentTokens(known: readonly string[]): (call: Call) => string {
  return ({ operation, instantPayment, customer }) => {
    if (operation === 'orderChanged') return `tok_other${customer}`;
    return instantPayment ? 'tok_instant' : (known[customer] ?? `tok_c${customer}`);
  };
}

function searchWords(): ValueSource<Call> {
  return {
    text: ({ variate }) => SEARCH_WORDS[Math.floor(variate * SEARCH_WORDS.length)] ?? '',
  };
}
