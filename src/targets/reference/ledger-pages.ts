/** Reads a paged list to its end, with a limit on everything that could make it endless. */
import { EcomsimError } from '../../base/errors.ts';
import type { ControlClient } from './control-client.ts';
import { RowReader } from './row-reader.ts';

const PAGE_ROWS = 5000;
const MAX_ROWS = 20_000_000;
const MAX_CURSOR_CHARS = 256;

/** Throws TARGET_UNREACHABLE or TARGET_BAD_ANSWER. */
export async function readPages<T>(
  client: ControlClient,
  path: string,
  read: (row: RowReader) => T,
  timeoutMs: number,
): Promise<T[]> {
  const rows: T[] = [];
  let after: string | null = null;
  do {
    const cursor: string = after === null ? '' : `&after=${encodeURIComponent(after)}`;
    const page = await client.send({
      method: 'GET',
      path: `${path}?limit=${PAGE_ROWS}${cursor}`,
      timeoutMs,
    });
    const { items } = page;
    if (!Array.isArray(items)) throw bad(path, 'has no list of items');
    for (const item of items as readonly unknown[]) {
      rows.push(read(new RowReader(item, `row ${rows.length} of ${path}`)));
    }
    if (rows.length > MAX_ROWS) throw bad(path, `has more than ${MAX_ROWS} rows`);
    after = nextCursor(path, page['next'], items.length, after);
  } while (after !== null);
  return rows;
}

function nextCursor(
  path: string,
  next: unknown,
  rowsInPage: number,
  after: string | null,
): string | null {
  // A list that fits into one answer needs no cursor.
  if (next === null || next === undefined) return null;
  if (typeof next !== 'string' || next === '' || next.length > MAX_CURSOR_CHARS) {
    throw bad(path, 'has a cursor that is no short text');
  }
  if (next === after || rowsInPage === 0) throw bad(path, 'has pages that lead nowhere');
  return next;
}

function bad(path: string, problem: string): EcomsimError {
  return new EcomsimError('TARGET_BAD_ANSWER', `${path} ${problem}`);
}
