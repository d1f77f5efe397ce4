/** Finds rows of a ledger by a name that they carry. */
import type { RowTable } from './row-table.ts';
import { TextTable } from './text-table.ts';

/** How the rows of one list are named. */
export interface Naming<T> {
  readonly rows: RowTable<T>;
  readonly names: TextTable;
  /** Number of the row's name; −1 for a row without one. */
  readonly nameOf: (row: number) => number;
}

/** By a field that holds an id. */
export function namedBy<T>(
  rows: RowTable<T>,
  names: TextTable,
  field: keyof T & string,
): Naming<T> {
  return { rows, names, nameOf: (row) => rows.numberOf(field, row) };
}

/** By a name that is put together; rows named '' have none. */
export function namedAs<T>(rows: RowTable<T>, textOf: (row: T) => string): Naming<T> {
  const names = new TextTable();
  const numbers = new Int32Array(rows.length);
  let at = 0;
  for (const row of rows) {
    const text = textOf(row);
    numbers[at++] = text === '' ? -1 : names.add(text);
  }
  return { rows, names, nameOf: (row) => numbers[row] as number };
}

/** One row per name: the last one that has it. In order of the names' first appearance. */
export class RowByName<T> {
  readonly #naming: Naming<T>;
  /** By number of the name: the row + 1. */
  readonly #last: Uint32Array;
  readonly #order: Uint32Array;

  constructor(naming: Naming<T>) {
    const { rows, names, nameOf } = naming;
    this.#naming = naming;
    this.#last = new Uint32Array(names.size);
    const order = new Uint32Array(rows.length);
    let distinct = 0;
    for (let row = 0; row < rows.length; row++) {
      const name = nameOf(row);
      if (name < 0) continue;
      if (this.#last[name] === 0) order[distinct++] = name;
      this.#last[name] = row + 1;
    }
    this.#order = order.slice(0, distinct);
  }

  get(name: string): T | undefined {
    const number = this.#naming.names.find(name);
    const row = number < 0 ? 0 : (this.#last[number] ?? 0);
    return row === 0 ? undefined : this.#naming.rows.at(row - 1);
  }

  *values(): Generator<T> {
    for (const name of this.#order) {
      yield this.#naming.rows.at((this.#last[name] as number) - 1);
    }
  }

  *[Symbol.iterator](): Generator<[string, T]> {
    const { rows, names } = this.#naming;
    for (const name of this.#order) {
      yield [names.text(name), rows.at((this.#last[name] as number) - 1)];
    }
  }
}

/** All rows with a name, in their order; names in order of their first appearance. */
export class RowsByName<T> {
  readonly #naming: Naming<T>;
  /** By number of the name: its first row + 1. */
  readonly #first: Uint32Array;
  /** By row: the next one with the same name + 1. */
  readonly #next: Uint32Array;

  constructor(naming: Naming<T>) {
    const { rows, names, nameOf } = naming;
    this.#naming = naming;
    this.#first = new Uint32Array(names.size);
    this.#next = new Uint32Array(rows.length);
    for (let row = rows.length - 1; row >= 0; row--) {
      const name = nameOf(row);
      if (name < 0) continue;
      this.#next[row] = this.#first[name] as number;
      this.#first[name] = row + 1;
    }
  }

  get(name: string): T[] | undefined {
    const number = this.#naming.names.find(name);
    const first = number < 0 ? 0 : (this.#first[number] ?? 0);
    return first === 0 ? undefined : this.#chain(first);
  }

  has(name: string): boolean {
    const number = this.#naming.names.find(name);
    return number >= 0 && (this.#first[number] ?? 0) > 0;
  }

  *values(): Generator<T[]> {
    for (const [, rows] of this) yield rows;
  }

  *[Symbol.iterator](): Generator<[string, T[]]> {
    const { rows, names, nameOf } = this.#naming;
    for (let row = 0; row < rows.length; row++) {
      const name = nameOf(row);
      if (name >= 0 && this.#first[name] === row + 1)
        yield [names.text(name), this.#chain(row + 1)];
    }
  }

  #chain(first: number): T[] {
    const found: T[] = [];
    for (let row = first; row > 0; row = this.#next[row - 1] as number) {
      found.push(this.#naming.rows.at(row - 1));
    }
    return found;
  }
}

/** True when no two of the rows have the same text in a field that holds an id. */
export function areDistinct<T>(
  rows: RowTable<T>,
  among: readonly number[],
  { names, field }: { readonly names: TextTable; readonly field: keyof T & string },
): boolean {
  const seen = new Uint8Array(names.size);
  for (const row of among) {
    const number = rows.numberOf(field, row);
    if (seen[number] === 1) return false;
    seen[number] = 1;
  }
  return true;
}

/** As `duplicates`, by a field that holds an id: no text is looked at when no two are equal. */
export function duplicatesBy<T>(
  rows: RowTable<T>,
  names: TextTable,
  field: keyof T & string,
): [string, T[]][] {
  const seen = new Uint8Array(names.size);
  for (let row = 0; row < rows.length; row++) {
    const number = rows.numberOf(field, row);
    if (seen[number] === 1) return duplicates(rows, (one) => String(one[field]));
    seen[number] = 1;
  }
  return [];
}

/** Names that two or more have, with their rows; what is named '' has no name. */
export function duplicates<T>(rows: Iterable<T>, nameOf: (row: T) => string): [string, T[]][] {
  const names = new TextTable();
  let named = 0;
  for (const row of rows) {
    const name = nameOf(row);
    if (name === '') continue;
    names.add(name);
    named++;
  }
  // The usual case: nothing to look for a second time.
  if (names.size === named) return [];
  const counts = new Uint32Array(names.size);
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const name = nameOf(row);
    if (name === '') continue;
    const number = names.find(name);
    counts[number] = (counts[number] as number) + 1;
  }
  for (const row of rows) {
    const name = nameOf(row);
    if (name === '' || (counts[names.find(name)] as number) < 2) continue;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [row]);
    else group.push(row);
  }
  return [...groups];
}
