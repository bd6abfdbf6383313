import { type Kysely, sql } from 'kysely';
import { UsageError } from '../../../base/errors.ts';
import type { Tables } from './tables.ts';

const TABLES = [
  'buckets',
  'channels',
  'documents',
  'fragments',
  'livePlaylists',
  'objects',
  'parts',
  'sessions',
  'uploads',
] as const satisfies readonly (keyof Tables)[];

/**
 * After the migrations: a database from which somebody removed a table would fail only when the table is used.
 *
 * @throws UsageError when a table is missing
 */
export async function checkSchema(db: Kysely<Tables>, path: string): Promise<void> {
  const { rows } = await sql<{ name: string }>`select name from sqlite_schema where type = 'table'`.execute(db);
  const missing = TABLES.filter((table) => !rows.some(({ name }) => name === table));
  if (missing.length === 0) return;
  throw new UsageError(
    `${path} lacks ${missing.join(', ')} and is damaged: put back a copy of it, or choose another --data-dir.`,
  );
}
