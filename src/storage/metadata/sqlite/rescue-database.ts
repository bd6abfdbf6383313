import Database from 'better-sqlite3';
import { type RescuedTable, rescueRows } from './read-damaged.ts';

/** Whether SQLite finds nothing wrong with the file; it reads all of it. */
export function isWhole(path: string): boolean {
  try {
    const database = new Database(path, { readonly: true });
    try {
      return database.pragma('integrity_check', { simple: true }) === 'ok';
    } finally {
      database.close();
    }
  } catch {
    return false;
  }
}

/** Copies what can be read of the database at `path` into the new one at `freshPath`. */
export function rescueDatabase(path: string, freshPath: string): readonly RescuedTable[] {
  const fresh = new Database(freshPath);
  try {
    const damaged = new Database(path, { readonly: true });
    try {
      return rescueRows(damaged, fresh);
    } finally {
      damaged.close();
    }
  } finally {
    // No WAL is left, so that the file can be renamed.
    fresh.pragma('journal_mode = delete');
    fresh.close();
  }
}
