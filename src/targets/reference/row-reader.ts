/** Reads one row of a foreign list field by field; what is not as agreed is named exactly. */
import { EcomsimError } from '../../base/errors.ts';

const MAX_TEXT_CHARS = 256;
/** No control or format characters: rows end up in reports and terminals. */
const PLAIN_TEXT = /^[^\p{Cc}\p{Cf}\p{Cs}]*$/u;

export class RowReader {
  readonly #where: string;
  readonly #row: Readonly<Record<string, unknown>>;

  /** Throws TARGET_BAD_ANSWER when `row` is no object, and so do all methods. */
  constructor(row: unknown, where: string) {
    this.#where = where;
    if (typeof row !== 'object' || row === null || Array.isArray(row)) {
      this.#refuse(row, 'an object');
    }
    this.#row = row as Record<string, unknown>;
  }

  text(field: string): string {
    const value = this.#row[field];
    const isText =
      typeof value === 'string' && value.length <= MAX_TEXT_CHARS && PLAIN_TEXT.test(value);
    return isText ? value : this.#refuse(value, 'a short plain text', field);
  }

  /** Text that is not empty. */
  id(field: string): string {
    const value = this.text(field);
    return value === '' ? this.#refuse(value, 'an id', field) : value;
  }

  oneOf<T extends string>(field: string, allowed: readonly T[]): T {
    const value = this.#row[field];
    const found = allowed.find((one) => one === value);
    return found ?? this.#refuse(value, `one of ${allowed.join(', ')}`, field);
  }

  flag(field: string): boolean {
    const value = this.#row[field];
    return typeof value === 'boolean' ? value : this.#refuse(value, 'true or false', field);
  }

  /** A whole number ≥ 0. */
  count(field: string): number {
    const value = this.whole(field);
    return value >= 0 ? value : this.#refuse(value, 'a whole number ≥ 0', field);
  }

  /** Any whole number. */
  whole(field: string): number {
    const value = this.#row[field];
    return Number.isSafeInteger(value)
      ? (value as number)
      : this.#refuse(value, 'a whole number', field);
  }

  /** A finite number ≥ 0. */
  quantity(field: string): number {
    const value = this.#row[field];
    const isQuantity = typeof value === 'number' && Number.isFinite(value) && value >= 0;
    return isQuantity ? value : this.#refuse(value, 'a number ≥ 0', field);
  }

  list<T>(field: string, maxItems: number, read: (row: RowReader) => T): T[] {
    const value = this.#row[field];
    if (!Array.isArray(value) || value.length > maxItems) {
      return this.#refuse(value, `a list of at most ${maxItems}`, field);
    }
    const where = `${this.#where}, ${field}`;
    return value.map((item: unknown, index) => read(new RowReader(item, `${where}[${index}]`)));
  }

  /** An object with the one field, or without any when the row has no such field. */
  maybe<F extends string, T>(field: F, read: (row: RowReader) => T): { readonly [K in F]?: T } {
    const value = this.#row[field];
    if (value === undefined) return {};
    return { [field]: read(new RowReader(value, `${this.#where}, ${field}`)) } as { [K in F]: T };
  }

  #refuse(value: unknown, expected: string, field?: string): never {
    const what = field === undefined ? 'it' : `"${field}"`;
    throw new EcomsimError(
      'TARGET_BAD_ANSWER',
      `${this.#where}: ${what} is ${shown(value)}, not ${expected}`,
    );
  }
}

/** A foreign value, short and harmless to print. */
function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = Array.isArray(value) ? `a list of ${value.length}` : JSON.stringify(value);
  const plain = text.replaceAll(/[^\x20-\x7e]/g, '?');
  return plain.length > 60 ? `${plain.slice(0, 57)}...` : plain;
}
