import { UsageError } from '../../../base/errors.ts';
import type { SqliteConnection } from '../../sqlite/sqlite-driver.ts';
import { TABLE_NAMES } from '../sql/tables.ts';

/**
 * Before anything is written: the tables would be added to those of another program, whose file it is.
 *
 * @returns whether the database holds nothing
 * @throws UsageError when the database holds something, but was never migrated
 */
export function refuseForeign(database: SqliteConnection, path: string): boolean {
  const names = database.prepare('select name from sqlite_schema').all([]).map(nameOf);
  if (names.length === 0) return true;
  if (names.includes('kysely_migration')) return false;
  throw new UsageError(`${path} is the database of another program: choose another --data-dir.`);
}

export function nameOf(row: unknown): unknown {
  return typeof row === 'object' && row !== null && 'name' in row ? row.name : undefined;
}

/**
 * After the migrations: a database from which somebody removed a table would fail only when the table is used.
 *
 * @throws UsageError when a table is missing
 */
export function checkSchema(database: SqliteConnection, path: string): void {
  const tables = database.prepare("select name from sqlite_schema where type = 'table'").all([]).map(nameOf);
  const missing = TABLE_NAMES.filter((table) => !tables.includes(table));
  if (missing.length === 0) return;
  throw new UsageError(
    `${path} lacks ${missing.join(', ')} and is damaged: put back a copy of it, or choose another --data-dir.`,
  );
}
