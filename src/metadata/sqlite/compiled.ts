import type { CompiledQuery, Kysely } from 'kysely';
import type { Schema } from './schema.ts';

/**
 * The first row of a query that was compiled once, with `parameters` in place of the values it was built with, in the order
 * of its text. For what every request asks: building and compiling a query costs more than SQLite takes to answer it.
 */
export async function firstRow<Row>(
  db: Kysely<Schema>,
  query: CompiledQuery<Row>,
  parameters: readonly string[],
): Promise<Row | undefined> {
  const { rows } = await db.executeQuery<Row>({ ...query, parameters });
  return rows[0];
}
