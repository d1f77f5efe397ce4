/** Opens SQLite files, and keeps what was opened for as long as the process lives. */
import Database from 'better-sqlite3';

/**
 * From Node 24.19 on a statement or database of the binding that is collected while the process is
 * idle ends it (`Assertion failed: (env) != nullptr`); nothing that is referenced is collected. A
 * shop opens a handful of files and prepares each statement once, so this costs some kilobytes.
 */
const KEPT: object[] = [];

/** Throws what SQLite throws. `pragmas` are set one after the other: `synchronous = FULL`. */
export function openSqlite(file: string, pragmas: readonly string[]): Database.Database {
  const db = new Database(file);
  const prepare = db.prepare.bind(db);
  db.prepare = ((source: string) => {
    const statement = prepare(source);
    KEPT.push(statement);
    return statement;
  }) as typeof db.prepare;
  KEPT.push(db);
  for (const pragma of pragmas) {
    // Not `db.pragma`: it lets go of its statement.
    const statement = db.prepare(`PRAGMA ${pragma}`);
    if (statement.reader) statement.all();
    else statement.run();
  }
  return db;
}
