import type { CompiledQuery, Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/**
 * Queries that are compiled once and run with `parameters` instead of the values they were built with, in the order of
 * their text. Used for the queries of every request and every fragment: building and compiling a query takes longer
 * than running it.
 */
export async function allRows<Row>(
  db: Kysely<Tables>,
  query: CompiledQuery<Row>,
  parameters: readonly (string | number | null)[],
): Promise<Row[]> {
  const { rows } = await db.executeQuery<Row>({ ...query, parameters });
  return rows;
}

export async function firstRow<Row>(
  db: Kysely<Tables>,
  query: CompiledQuery<Row>,
  parameters: readonly (string | number | null)[],
): Promise<Row | undefined> {
  const [row] = await allRows(db, query, parameters);
  return row;
}

/**
 * For queries that always give one row.
 * @throws Error when there is no row, which is a bug
 */
export async function onlyRow<Row>(
  db: Kysely<Tables>,
  query: CompiledQuery<Row>,
  parameters: readonly (string | number | null)[],
): Promise<Row> {
  const row = await firstRow(db, query, parameters);
  if (!row) throw new Error(`no row from: ${query.sql}`);
  return row;
}
