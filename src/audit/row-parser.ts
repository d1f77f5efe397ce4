/**
 * Reads rows of a stored ledger straight from their bytes, without a string for every id: the way
 * that our own writer lays them out. What looks any different is left to the JSON parser.
 */
import type { Buffer } from 'node:buffer';

/** A column as the parser fills it. */
export interface ByteField {
  readonly name: string;
  readonly isOptional: boolean;
  /** Takes a number, where numbers go. */
  readonly setNumber?: (row: number, value: number) => void;
  /** Takes printable ASCII without escapes, where texts go. */
  readonly setAscii?: (row: number, bytes: Buffer, from: number, to: number) => void;
  /** Takes the text of a list of flat objects, where such lists go; false: it is none. */
  readonly setList?: (row: number, bytes: Buffer, from: number, to: number) => boolean;
  setAbsent(row: number): void;
}

const QUOTE = 34;
const COMMA = 44;
const MINUS = 45;
const ZERO = 48;
const COLON = 58;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
/** So many digits are a whole number without rounding. */
const DIGITS_MAX = 15;
/** Longer texts are shortened, which is not done here. */
const TEXT_MAX = 120;

interface Expected {
  readonly field: ByteField;
  /** `"name":` */
  readonly opening: Uint8Array;
}

export class RowParser {
  readonly #fields: readonly ByteField[];
  /** Fields in the order of the last row that was different. */
  #expected: readonly Expected[];
  #missing: readonly ByteField[] = [];
  #at = 0;

  constructor(fields: readonly ByteField[]) {
    this.#fields = fields;
    this.#expected = fields.map(expectedOf);
  }

  /** Learns the order of fields from a row that `parse` could not read. */
  learn(names: readonly string[]): void {
    const byName = new Map(this.#fields.map((field) => [field.name, field]));
    const present = names.flatMap((name) => byName.get(name) ?? []);
    this.#expected = present.map(expectedOf);
    this.#missing = this.#fields.filter((field) => !present.includes(field));
  }

  /** Fills the row's columns; false when the bytes are not as expected, whatever it wrote then. */
  parse(row: number, bytes: Buffer): boolean {
    if (this.#missing.some(({ isOptional }) => !isOptional)) return false;
    if (bytes[0] !== OPEN_BRACE) return false;
    this.#at = 1;
    const expected = this.#expected;
    for (let i = 0; i < expected.length; i++) {
      const { field, opening } = expected[i] as Expected;
      if (i > 0 && bytes[this.#at++] !== COMMA) return false;
      for (let j = 0; j < opening.length; j++) {
        if (bytes[this.#at++] !== opening[j]) return false;
      }
      if (!this.#value(row, bytes, field)) return false;
    }
    if (bytes[this.#at] !== CLOSE_BRACE || this.#at !== bytes.length - 1) return false;
    for (const field of this.#missing) field.setAbsent(row);
    return true;
  }

  #value(row: number, bytes: Buffer, field: ByteField): boolean {
    if (field.setNumber !== undefined) return this.#number(row, bytes, field.setNumber);
    if (field.setAscii !== undefined) return this.#text(row, bytes, field.setAscii);
    if (field.setList !== undefined) return this.#list(row, bytes, field.setList);
    return false;
  }

  #number(row: number, bytes: Buffer, set: NonNullable<ByteField['setNumber']>): boolean {
    let at = this.#at;
    const isNegative = bytes[at] === MINUS;
    if (isNegative) at++;
    const from = at;
    let value = 0;
    for (; at < bytes.length; at++) {
      const digit = (bytes[at] as number) - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    const digits = at - from;
    if (digits === 0 || digits > DIGITS_MAX) return false;
    // −0 and leading zeros are none that we wrote.
    if (bytes[from] === ZERO && (digits > 1 || isNegative)) return false;
    this.#at = at;
    set(row, isNegative ? -value : value);
    return true;
  }

  #text(row: number, bytes: Buffer, set: NonNullable<ByteField['setAscii']>): boolean {
    if (bytes[this.#at] !== QUOTE) return false;
    const from = this.#at + 1;
    let at = from;
    for (; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (byte === QUOTE) break;
      if (byte < 0x20 || byte >= 0x7f || byte === BACKSLASH) return false;
    }
    if (at >= bytes.length || at - from > TEXT_MAX) return false;
    this.#at = at + 1;
    set(row, bytes, from, at);
    return true;
  }

  #list(row: number, bytes: Buffer, set: NonNullable<ByteField['setList']>): boolean {
    if (bytes[this.#at] !== OPEN_BRACKET) return false;
    const to = bytes.indexOf(CLOSE_BRACKET, this.#at) + 1;
    if (to === 0 || !set(row, bytes, this.#at, to)) return false;
    this.#at = to;
    return true;
  }
}

function expectedOf(field: ByteField): Expected {
  const opening = Uint8Array.from(JSON.stringify(field.name), (character) =>
    character.charCodeAt(0),
  );
  return { field, opening: Uint8Array.of(...opening, COLON) };
}
