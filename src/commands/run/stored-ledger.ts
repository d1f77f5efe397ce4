/**
 * Ledgers on disk: JSON with one row per line, so that a large one is read row by row, and only where
 * it differs from the reading before.
 */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { LEDGER_LISTS, type ListName, OFFERED_LISTS } from '../../audit/ledger-schema.ts';
import { LedgerTable, tableOf } from '../../audit/ledger-table.ts';
import type { LedgerTexts } from '../../audit/ledger-texts.ts';
import type { RowTable } from '../../audit/row-table.ts';
import { EcomsimError, messageOf } from '../../base/errors.ts';
import type { Ledger, LedgerRows } from '../../contract/ledger.ts';

/** Larger files can only be read row by row. */
const WHOLE_BYTES_MAX = 512 * 1024 * 1024;
const READ_BYTES = 1 << 20;
/** A row longer than this is none that we wrote. */
const LINE_BYTES_MAX = 1 << 22;
const PART_CHARACTERS = 1 << 18;
/** Rows of the reading before that are looked through for one that stayed as it was. */
const LOOK_AHEAD = 4;
const NEW_LINE = 10;

/** The text of a ledger file in parts of moderate size. */
export function* ledgerParts(ledger: LedgerRows): Generator<string> {
  let part = '';
  let opening = '{';
  for (const name of [...LEDGER_LISTS, ...OFFERED_LISTS]) {
    const rows: Iterable<unknown> | undefined = ledger[name];
    if (rows === undefined) continue;
    part += `${opening}"${name}":[`;
    opening = '\n],';
    let separator = '\n';
    for (const row of rows) {
      part += separator + JSON.stringify(row);
      separator = ',\n';
      if (part.length < PART_CHARACTERS) continue;
      yield part;
      part = '';
    }
  }
  yield `${part}${opening}"pending":${JSON.stringify(ledger.pending)}}\n`;
}

/** The lines of a file, one after the other, without their ends. */
class LineReader {
  readonly #fd: number;
  #bytes = Buffer.alloc(READ_BYTES);
  #from = 0;
  #to = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Undefined at the end. The bytes are valid until the next call. */
  next(): Buffer | undefined {
    for (;;) {
      const at = this.#bytes.subarray(0, this.#to).indexOf(NEW_LINE, this.#from);
      if (at >= 0) {
        const line = this.#bytes.subarray(this.#from, at);
        this.#from = at + 1;
        return line;
      }
      if (!this.#fill()) break;
    }
    if (this.#from === this.#to) return undefined;
    const rest = this.#bytes.subarray(this.#from, this.#to);
    this.#from = this.#to;
    return rest;
  }

  #fill(): boolean {
    if (this.#from > 0) {
      this.#bytes.copyWithin(0, this.#from, this.#to);
      this.#to -= this.#from;
      this.#from = 0;
    }
    if (this.#to === this.#bytes.length) {
      if (this.#to >= LINE_BYTES_MAX) throw new NotByLine();
      this.#bytes = Buffer.concat([this.#bytes], this.#bytes.length * 2);
    }
    const got = readSync(this.#fd, this.#bytes, this.#to, this.#bytes.length - this.#to, null);
    this.#to += got;
    return got > 0;
  }
}

/** The file is not laid out as we write it; it may be JSON all the same. */
class NotByLine extends Error {}

const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const COMMA = 44;
const LIST = /^(?:\{|\],)"(\w+)":\[$/;
const END = /^\],"pending":(\{.*\})\}$/;
const LISTS: readonly string[] = [...LEDGER_LISTS, ...OFFERED_LISTS];

/** The text of a row, or undefined when the line is none. */
function rowOf(line: Buffer): Buffer | undefined {
  const end = line[line.length - 1] === COMMA ? line.length - 1 : line.length;
  const isRow = line[0] === OPEN_BRACE && line[end - 1] === CLOSE_BRACE;
  return isRow ? line.subarray(0, end) : undefined;
}

/** The list that begins with this line, or undefined when none does. */
function listOf(line: Buffer): ListName | undefined {
  if (line[line.length - 1] !== OPEN_BRACKET) return undefined;
  const name = LIST.exec(line.toString('utf8'))?.[1] ?? '';
  if (!LISTS.includes(name)) throw new NotByLine();
  return name as ListName;
}

/** The rows of the reading before, a few at a time, while another one is read beside it. */
class EarlierRows {
  readonly table: LedgerTable;
  readonly #lines: LineReader;
  #window: { readonly text: Buffer; readonly row: number }[] = [];
  /** The line that ended the list before. */
  #ahead: Buffer | undefined;
  #rows = 0;
  #isOver = true;

  constructor(table: LedgerTable, fd: number) {
    this.table = table;
    this.#lines = new LineReader(fd);
  }

  /** Goes to the beginning of a list; lists come in one order, and one may be missing. */
  begin(name: ListName): void {
    this.#window = [];
    this.#rows = 0;
    this.#isOver = true;
    while (this.#ahead === undefined || listOf(this.#ahead) !== name) {
      const line = this.#lines.next();
      if (line === undefined) return;
      if (rowOf(line) === undefined) this.#ahead = Buffer.from(line);
    }
    this.#isOver = false;
  }

  /** The number of a row with exactly this text that is not far ahead, or −1. */
  find(text: Buffer): number {
    // The usual case: nothing has changed, and nothing has to be kept.
    if (this.#window.length === 0 && !this.#isOver) {
      const line = this.#lines.next();
      const row = line === undefined ? undefined : rowOf(line);
      if (row?.equals(text) === true) return this.#rows++;
      this.#take(line);
    }
    while (!this.#isOver && this.#window.length < LOOK_AHEAD) this.#fill();
    const at = this.#window.findIndex((one) => one.text.equals(text));
    if (at < 0) return -1;
    const found = this.#window[at]?.row ?? -1;
    this.#window.splice(0, at + 1);
    return found;
  }

  #fill(): void {
    this.#take(this.#lines.next());
  }

  #take(line: Buffer | undefined): void {
    const text = line === undefined ? undefined : rowOf(line);
    if (text !== undefined) this.#window.push({ text: Buffer.from(text), row: this.#rows++ });
    else {
      this.#isOver = true;
      this.#ahead = line === undefined ? undefined : Buffer.from(line);
    }
  }
}

/** Throws NotByLine, SyntaxError or TypeError. */
function readByLine(fd: number, texts: LedgerTexts, earlier: EarlierRows | undefined): LedgerTable {
  const table = new LedgerTable(texts);
  const lines = new LineReader(fd);
  let list: RowTable<never> | undefined;
  let earlierList: RowTable<never> | undefined;
  for (let line = lines.next(); line !== undefined; line = lines.next()) {
    const row = rowOf(line);
    if (row !== undefined && list !== undefined) {
      const same = earlierList === undefined ? -1 : (earlier?.find(row) ?? -1);
      if (same >= 0 && earlierList !== undefined) list.addFrom(earlierList, same);
      else list.addJson(row);
      continue;
    }
    if (line[0] === CLOSE_BRACKET && line[line.length - 1] === CLOSE_BRACE) {
      const pending = END.exec(line.toString('utf8'))?.[1];
      if (pending === undefined) throw new NotByLine();
      table.pending = JSON.parse(pending);
      return table;
    }
    const name = listOf(line);
    if (name === undefined) throw new NotByLine();
    list = table.list(name);
    earlier?.begin(name);
    earlierList = earlier?.table.list(name);
  }
  throw new NotByLine();
}

/** Where the reading before is stored, and what it was read as. */
export interface StoredLedger {
  readonly file: string;
  readonly table: LedgerTable;
}

function isSameFile(a: number, b: number): boolean {
  if (fstatSync(a).size !== fstatSync(b).size) return false;
  const [some, other] = [Buffer.alloc(READ_BYTES), Buffer.alloc(READ_BYTES)];
  for (;;) {
    const got = readSync(a, some, 0, READ_BYTES, null);
    if (readSync(b, other, 0, READ_BYTES, null) !== got) return false;
    if (!some.subarray(0, got).equals(other.subarray(0, got))) return false;
    if (got === 0) return true;
  }
}

/** Hands opened files to `task` and closes them whatever happens. */
function withFiles<T>(files: readonly string[], task: (fds: readonly number[]) => T): T {
  const fds: number[] = [];
  try {
    for (const file of files) fds.push(openSync(file, 'r'));
    return task(fds);
  } finally {
    for (const fd of fds) closeSync(fd);
  }
}

function readWhole(file: string, fd: number, texts: LedgerTexts): LedgerTable {
  const { size } = fstatSync(fd);
  if (size > WHOLE_BYTES_MAX) throw new Error(`it is larger than ${WHOLE_BYTES_MAX} bytes`);
  const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const lists = (typeof value === 'object' && value !== null ? value : {}) as Partial<Ledger>;
  const missing = LEDGER_LISTS.filter((name) => !Array.isArray(lists[name]));
  if (missing.length > 0) throw new Error(`it is no ledger: no ${missing.join(', ')}`);
  return tableOf(lists as Ledger, texts);
}

/** Throws INVALID_HISTORY when the file is no ledger. */
export function loadLedger(
  file: string,
  texts: LedgerTexts,
  before: StoredLedger | undefined,
): LedgerTable {
  const files = before === undefined ? [file] : [file, before.file];
  try {
    const isSame = withFiles(files, ([fd, other]) =>
      fd !== undefined && other !== undefined ? isSameFile(fd, other) : false,
    );
    if (isSame && before !== undefined) return before.table;
    return withFiles(files, ([fd = -1, other = -1]) => {
      try {
        const earlier = before === undefined ? undefined : new EarlierRows(before.table, other);
        return readByLine(fd, texts, earlier);
      } catch (error) {
        if (!(error instanceof NotByLine)) throw error;
        return readWhole(file, fd, texts);
      }
    });
  } catch (error) {
    throw new EcomsimError('INVALID_HISTORY', `cannot read ${file}: ${messageOf(error)}`, {
      details: ['name the folder of a run, as it stands under reports/'],
      cause: error,
    });
  }
}
