/** Rows of one list of a ledger as columns; a row is a small view that decodes what is asked for. */
import type { Buffer } from 'node:buffer';
import type { OrderLine, Rows } from '../contract/ledger.ts';
import { boundedText } from '../history/history-format.ts';
import type { Kind, Schema } from './ledger-schema.ts';
import { isLines, type LedgerTexts } from './ledger-texts.ts';
import { type ByteField, RowParser } from './row-parser.ts';

const FIRST_ROWS = 64;
const INT32_MIN = -(2 ** 31);

/** Narrow for as long as all its numbers are small ones. */
class NumberColumn {
  #values: Int32Array | Float64Array = new Int32Array(FIRST_ROWS);

  get(row: number): number {
    return this.#values[row] as number;
  }

  set(row: number, value: number): void {
    if (row >= this.#values.length) this.#replace(this.#values.length * 2);
    // INT32_MIN stands for an absent number. The test also sorts out NaN, fractions and −0.
    if ((value | 0) !== value || Object.is(value, -0) || value === INT32_MIN) this.#widen();
    this.#values[row] = value;
  }

  setAbsent(row: number): void {
    if (row >= this.#values.length) this.#replace(this.#values.length * 2);
    this.#values[row] = this.#values instanceof Int32Array ? INT32_MIN : Number.NaN;
  }

  isAbsent(row: number): boolean {
    const value = this.#values[row] as number;
    return this.#values instanceof Int32Array ? value === INT32_MIN : Number.isNaN(value);
  }

  #widen(): void {
    if (this.#values instanceof Float64Array) return;
    const wide = Float64Array.from(this.#values);
    for (let row = 0; row < wide.length; row++) {
      if (wide[row] === INT32_MIN) wide[row] = Number.NaN;
    }
    this.#values = wide;
  }

  #replace(rows: number): void {
    const wide = this.#values instanceof Float64Array;
    const larger = wide ? new Float64Array(rows) : new Int32Array(rows);
    larger.set(this.#values);
    this.#values = larger;
  }
}

/** One field of a list: how a value goes in and comes out. */
interface Field extends ByteField {
  readonly column: NumberColumn;
  /** Throws when the value is of the wrong type. */
  set(row: number, value: unknown): void;
  get(row: number): unknown;
}

function wrongType(name: string, row: number, wanted: string): TypeError {
  return new TypeError(`${name} of row ${row + 1} of a list is not ${wanted}`);
}

function numberField(name: string, isOptional: boolean): Field {
  const column = new NumberColumn();
  return {
    name,
    column,
    isOptional,
    setNumber: (row, value) => column.set(row, value),
    setAbsent: (row) => column.setAbsent(row),
    set: (row, value) => {
      if (typeof value === 'number') column.set(row, value);
      else if (isOptional && (value === undefined || value === null)) column.setAbsent(row);
      else throw wrongType(name, row, 'a number');
    },
    get: isOptional
      ? (row) => (column.isAbsent(row) ? undefined : column.get(row))
      : (row) => column.get(row),
  };
}

/** A field of which the column keeps the number in a table. */
function tableField<T>(
  name: string,
  table: { add(value: T): number; at(number: number): T },
  isOne: (value: unknown) => value is T,
): Field & { readonly column: NumberColumn } {
  const column = new NumberColumn();
  return {
    name,
    column,
    isOptional: false,
    setAbsent: (row) => column.setAbsent(row),
    set: (row, value) => {
      if (!isOne(value)) throw wrongType(name, row, 'what a ledger has there');
      column.set(row, table.add(value));
    },
    get: (row) => table.at(column.get(row)),
  };
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';

function fieldOf(name: string, kind: Kind, texts: LedgerTexts): Field {
  switch (kind) {
    case 'number':
    case 'optional':
      return numberField(name, kind === 'optional');
    case 'flag':
      return tableField(name, { add: Number, at: (number) => number === 1 }, isFlag);
    case 'lines': {
      const table = texts.lines;
      const access = {
        add: (lines: readonly OrderLine[]) => table.add(lines),
        at: (number: number) => table.lines(number),
      };
      const field = tableField(name, access, isLines);
      return {
        ...field,
        setList: (row, bytes, from, to) => {
          const number = table.addJson(bytes, from, to);
          if (number >= 0) field.column.set(row, number);
          return number >= 0;
        },
      };
    }
    case 'label': {
      const table = texts.label;
      const access = {
        add: (text: string) => table.add(text),
        at: (number: number) => table.text(number),
      };
      const field = tableField(name, access, isText);
      const setAscii: ByteField['setAscii'] = (row, bytes, from, to) =>
        field.column.set(row, table.add(bytes.toString('latin1', from, to)));
      return { ...field, setAscii };
    }
    default: {
      const table = texts[kind];
      const access = {
        add: (text: string) => table.add(boundedText(text)),
        at: (number: number) => table.text(number),
      };
      const field = tableField(name, access, isText);
      const setAscii: ByteField['setAscii'] = (row, bytes, from, to) =>
        field.column.set(row, table.addAscii(bytes, from, to));
      return { ...field, setAscii };
    }
  }
}

/** A view of one row; its getters are made for the list it belongs to. */
class RowView {
  // Declared only: a field that is defined before it is set costs as much as all the rest.
  declare readonly row: number;

  constructor(row: number) {
    this.row = row;
  }
}

function viewOf(fields: readonly Field[]): typeof RowView {
  class View extends RowView {
    /** As it is stored. */
    toJSON(): object {
      return Object.fromEntries(fields.map(({ name, get }) => [name, get(this.row)]));
    }
  }
  for (const { name, get } of fields) {
    Object.defineProperty(View.prototype, name, {
      get(this: RowView) {
        return get(this.row);
      },
    });
  }
  return View;
}

/** Rows of one list, added in order. */
export class RowTable<T> implements Rows<T> {
  readonly #fields: readonly Field[];
  readonly #byName: ReadonlyMap<string, Field>;
  readonly #View: typeof RowView;
  readonly #parser: RowParser;
  #length = 0;

  constructor(schema: Schema<T>, texts: LedgerTexts) {
    const kinds = Object.entries(schema) as [string, Kind][];
    this.#fields = kinds.map(([name, kind]) => fieldOf(name, kind, texts));
    this.#byName = new Map(this.#fields.map((field) => [field.name, field]));
    this.#View = viewOf(this.#fields);
    this.#parser = new RowParser(this.#fields);
  }

  get length(): number {
    return this.#length;
  }

  /** Throws when it is no row of this list; then nothing is added. */
  add(row: unknown): void {
    if (typeof row !== 'object' || row === null) {
      throw new TypeError(`row ${this.#length + 1} of a list is no row`);
    }
    for (const { name, set } of this.#fields) {
      set(this.#length, (row as Record<string, unknown>)[name]);
    }
    this.#length++;
  }

  /** As `add`, of a row as JSON. Throws SyntaxError as well. */
  addJson(bytes: Buffer): void {
    if (this.#parser.parse(this.#length, bytes)) {
      this.#length++;
      return;
    }
    const row: unknown = JSON.parse(bytes.toString('utf8'));
    this.add(row);
    this.#parser.learn(Object.keys(row as object));
  }

  /** Adds a copy of a row of another reading that shares the texts. */
  addFrom(other: RowTable<T>, row: number): void {
    const fields = this.#fields;
    for (let i = 0; i < fields.length; i++) {
      const { column } = fields[i] as Field;
      const source = (other.#fields[i] as Field).column;
      if (source.isAbsent(row)) column.setAbsent(this.#length);
      else column.set(this.#length, source.get(row));
    }
    this.#length++;
  }

  at(row: number): T {
    return new this.#View(row) as T;
  }

  /** The number that a field's text has in its table, without making the text. */
  numberOf(field: keyof T & string, row: number): number {
    return (this.#byName.get(field) as Field).column.get(row);
  }

  *[Symbol.iterator](): Generator<T> {
    for (let row = 0; row < this.#length; row++) yield this.at(row);
  }

  map<U>(change: (row: T) => U): U[] {
    const results: U[] = [];
    for (const row of this) results.push(change(row));
    return results;
  }

  filter(test: (row: T) => boolean): T[] {
    const found: T[] = [];
    for (const row of this) if (test(row)) found.push(row);
    return found;
  }

  some(test: (row: T) => boolean): boolean {
    for (const row of this) if (test(row)) return true;
    return false;
  }
}
