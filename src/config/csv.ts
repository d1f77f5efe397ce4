/**
 * CSV text → columns and rows of text (RFC 4180: quotes, doubled quotes, line ends within quotes).
 * The first line names the columns. What the values mean is for the caller to check; it gets the
 * line of every row for its own problems.
 */
import { type Problem, quoteValue } from './problem.ts';

export interface CsvTable {
  /** Not empty, each name once, without blanks around it. */
  readonly columns: readonly string[];
  /** As many values as columns in every row, exactly as written. */
  readonly rows: readonly (readonly string[])[];
  /** 1-based line that each row begins on. */
  readonly lines: readonly number[];
}

export interface CsvDocument {
  readonly table: CsvTable;
  /** In the order of the lines; the table is not to be used when there is one. */
  readonly problems: readonly Problem[];
}

/** For `readTextFile`: what a million rows of a few short values need. */
export const MAX_CSV_BYTES = 64 * 1024 * 1024;
export const MAX_CSV_ROWS = 1_000_000;
export const MAX_CSV_COLUMNS = 100;
export const MAX_CSV_FIELD_CHARS = 10_000;
/** A file that is wrong throughout is not read to its end. */
const MAX_PROBLEMS = 1000;

const QUOTE = 0x22;
const COMMA = 0x2c;
const LF = 0x0a;
const CR = 0x0d;

/** Empty lines are passed over. Never throws for what the text is. */
export function parseCsv(text: string, source: string): CsvDocument {
  return new CsvReader(text, source).read();
}

class CsvReader {
  readonly #text: string;
  readonly #source: string;
  readonly #problems: Problem[] = [];
  #at = 0;
  #line = 1;

  constructor(text: string, source: string) {
    this.#text = text.startsWith('\ufeff') ? text.slice(1) : text;
    this.#source = source;
  }

  read(): CsvDocument {
    const rows: string[][] = [];
    const lines: number[] = [];
    const columns = this.#header();
    while (columns.length > 0 && this.#at < this.#text.length) {
      if (this.#problems.length >= MAX_PROBLEMS) {
        this.#report(this.#line, 'the rest was not read');
        break;
      }
      const line = this.#line;
      const row = this.#row();
      if (row === undefined) continue;
      if (rows.length >= MAX_CSV_ROWS) {
        this.#report(line, `has more than ${MAX_CSV_ROWS} rows; the rest was not read`);
        break;
      }
      if (row.length !== columns.length) {
        this.#report(line, `has ${count(row)} where the first line names ${columns.length}`);
      }
      rows.push(row);
      lines.push(line);
    }
    if (columns.length > 0 && rows.length === 0) this.#report(1, 'has no rows under its names');
    return { table: { columns, rows, lines }, problems: this.#problems };
  }

  #header(): string[] {
    let line = this.#line;
    let names: string[] | undefined;
    while (names === undefined && this.#at < this.#text.length) {
      line = this.#line;
      names = this.#row()?.map((name) => name.trim());
    }
    if (names === undefined) {
      this.#report(1, 'is empty; the first line names the columns ("email,password")');
      return [];
    }
    if (names.length === 1 && /[;\t]/.test(names[0] as string)) {
      this.#report(line, 'the columns must be separated by commas');
    }
    if (names.length > MAX_CSV_COLUMNS) {
      this.#report(line, `has ${names.length} columns; at most ${MAX_CSV_COLUMNS} are read`);
      return [];
    }
    names.forEach((name, index) => {
      if (name === '') this.#report(line, `column ${index + 1} has no name`);
      else if (names.indexOf(name) < index) {
        this.#report(line, `column ${index + 1} has the name ${quoteValue(name)} of another`);
      }
    });
    return names;
  }

  /** The values up to the end of the line; undefined when the line is empty. */
  #row(): string[] | undefined {
    if (this.#endLine()) return undefined;
    const values: string[] = [];
    for (;;) {
      values.push(this.#value());
      if (this.#text.charCodeAt(this.#at) !== COMMA) break;
      this.#at++;
    }
    this.#endLine();
    return values;
  }

  #value(): string {
    const line = this.#line;
    const isQuoted = this.#text.charCodeAt(this.#at) === QUOTE;
    const value = isQuoted ? this.#quoted() : this.#plain();
    if (value.length > MAX_CSV_FIELD_CHARS) {
      this.#report(line, `a value has more than ${MAX_CSV_FIELD_CHARS} characters`);
    }
    return value;
  }

  #plain(): string {
    const value = this.#untilBreak();
    if (value.includes('"')) {
      const hint = 'put the whole value in quotes and double the ones within';
      this.#report(this.#line, `${quoteValue(value)} has a quote in it; ${hint}`);
    }
    return value;
  }

  #quoted(): string {
    const line = this.#line;
    let value = '';
    for (;;) {
      const from = ++this.#at;
      const end = this.#text.indexOf('"', from);
      const part = this.#text.slice(from, end < 0 ? undefined : end);
      value += part;
      this.#countLines(part);
      this.#at = end < 0 ? this.#text.length : end + 1;
      if (end < 0) {
        this.#report(line, 'the quote that a value begins with is never closed');
        return value;
      }
      if (this.#text.charCodeAt(this.#at) !== QUOTE) break;
      value += '"';
    }
    const after = this.#untilBreak();
    if (after !== '') {
      this.#report(this.#line, `${quoteValue(after)} follows the closing quote of a value`);
    }
    return value;
  }

  /** Up to a comma or the end of the line. */
  #untilBreak(): string {
    const from = this.#at;
    for (; this.#at < this.#text.length; this.#at++) {
      const unit = this.#text.charCodeAt(this.#at);
      if (unit === COMMA || unit === LF || unit === CR) break;
    }
    return this.#text.slice(from, this.#at);
  }

  #countLines(part: string): void {
    for (let at = part.indexOf('\n'); at >= 0; at = part.indexOf('\n', at + 1)) this.#line++;
  }

  /** Takes a line end (LF, CR LF or CR), when one is here. */
  #endLine(): boolean {
    const unit = this.#text.charCodeAt(this.#at);
    if (unit !== LF && unit !== CR) return false;
    const isPair = unit === CR && this.#text.charCodeAt(this.#at + 1) === LF;
    this.#at += isPair ? 2 : 1;
    this.#line++;
    return true;
  }

  #report(line: number, message: string): void {
    this.#problems.push({ source: this.#source, line, column: 1, path: '', message });
  }
}

function count(row: readonly string[]): string {
  return row.length === 1 ? 'one value' : `${row.length} values`;
}
