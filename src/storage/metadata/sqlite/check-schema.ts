import { type Kysely, sql } from 'kysely';
import { UsageError } from '../../../base/errors.ts';
import { TABLE_NAMES, type Tables } from './tables.ts';

/**
 * After the migrations: a database from which somebody removed a table would fail only when the table is used.
 *
 * @throws UsageError when a table is missing
 */
export async function checkSchema(db: Kysely<Tables>, path: string): Promise<void> {
  const { rows } = await sql<{ name: string }>`select name from sqlite_schema where type = 'table'`.execute(db);
  const missing = TABLE_NAMES.filter((table) => !rows.some(({ name }) => name === table));
  if (missing.length === 0) return;
  throw new UsageError(
    `${path} lacks ${missing.join(', ')} and is damaged: put back a copy of it, or choose another --data-dir.`,
  );
}
