import type { CompiledQuery } from 'kysely';

/** What runs compiled queries: Kysely, or something that does no more than that. */
export interface QueryRunner {
  executeQuery<Row>(query: CompiledQuery<Row>): Promise<{ readonly rows: Row[] }>;
}

/**
 * Queries that are compiled once and run with `parameters` instead of the values they were built with, in the order of
 * their text. Used for the queries of every request and every fragment: building and compiling a query takes longer
 * than running it.
 */
export async function allRows<Row>(
  using: QueryRunner,
  query: CompiledQuery<Row>,
  parameters: readonly (string | number | null)[],
): Promise<Row[]> {
  const { rows } = await using.executeQuery<Row>({ ...query, parameters });
  return rows;
}

export async function firstRow<Row>(
  using: QueryRunner,
  query: CompiledQuery<Row>,
  parameters: readonly (string | number | null)[],
): Promise<Row | undefined> {
  const [row] = await allRows(using, query, parameters);
  return row;
}

/**
 * For queries that always give one row.
 * @throws Error when there is no row, which is a bug
 */
export async function onlyRow<Row>(
  using: QueryRunner,
  query: CompiledQuery<Row>,
  parameters: readonly (string | number | null)[],
): Promise<Row> {
  const row = await firstRow(using, query, parameters);
  if (!row) throw new Error(`no row from: ${query.sql}`);
  return row;
}
