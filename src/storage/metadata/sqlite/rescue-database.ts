import { rmSync } from 'node:fs';
import { DATABASE_SUFFIXES } from '../../sqlite/database-suffixes.ts';
import { findSqlite } from '../../sqlite/find-sqlite.ts';
import { resultCodeOf } from '../../sqlite/result-code.ts';
import { BUSY_TIMEOUT_MS, type SqliteConnection } from '../../sqlite/sqlite-driver.ts';
import { copyWithHeader } from './mend-header.ts';
import { type RescuedTable, rescueRows } from './read-damaged.ts';

/** What says nothing of what is in the file. */
const UNREAD: readonly unknown[] = ['CANTOPEN', 'PERM', 'READONLY', 'BUSY', 'NOMEM'];

/**
 * Whether SQLite finds nothing wrong with the file; it reads all of it.
 *
 * @throws Error of SQLite when the file cannot be read
 */
export async function isWhole(path: string): Promise<boolean> {
  const { open } = await findSqlite();
  try {
    return closing(open(path, BUSY_TIMEOUT_MS, { readOnly: true }), (database) => {
      const [found] = database.prepare('pragma integrity_check').all([]);
      return (
        typeof found === 'object' && found !== null && 'integrity_check' in found && found.integrity_check === 'ok'
      );
    });
  } catch (error) {
    if (UNREAD.includes(resultCodeOf(error))) throw error;
    return false;
  }
}

/** Copies what can be read of the database at `path` into the new one at `freshPath`. */
export async function rescueDatabase(path: string, freshPath: string): Promise<readonly RescuedTable[]> {
  const { open } = await findSqlite();
  const copy = `${path}.copy`;
  const readable = copyWithHeader(path, freshPath, copy) ? copy : path;
  try {
    return closing(open(freshPath, BUSY_TIMEOUT_MS), (fresh) => {
      const rescued = closing(open(readable, BUSY_TIMEOUT_MS), (damaged) => rescueRows(damaged, fresh));
      // No WAL is left, so that the file can be renamed.
      fresh.prepare('pragma journal_mode = delete').all([]);
      return rescued;
    });
  } finally {
    for (const suffix of DATABASE_SUFFIXES) rmSync(copy + suffix, { force: true });
  }
}

function closing<Result>(database: SqliteConnection, use: (database: SqliteConnection) => Result): Result {
  try {
    return use(database);
  } finally {
    database.close();
  }
}
