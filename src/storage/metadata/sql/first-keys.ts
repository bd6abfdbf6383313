import { type RawBuilder, sql } from 'kysely';
import type { PageQuery } from '../metadata-store.ts';
import { nameRange, positionAfterGroup } from './name-ranges.ts';
import type { SqlDialect } from './sql-dialect.ts';

/**
 * A recursive common table expression `entry (key, number)`: the first key of every entry of a listing that is grouped by a
 * delimiter, one more than its limit. It searches the index once for each entry, so that a folder of a million objects takes
 * no longer than a folder of one. After a group the search continues behind it, after a single key right after it.
 *
 * @param firstKey a query for the first key of a range, null when there is none
 */
export function firstKeys(
  query: PageQuery & { readonly delimiter: string },
  dialect: SqlDialect,
  firstKey: (from: RawBuilder<unknown>, end: RawBuilder<unknown>) => RawBuilder<unknown>,
): RawBuilder<unknown> {
  const { from, end } = nameRange(query, dialect, query.delimiter);
  const next = positionAfterGroup(sql`entry.key`, query, dialect, dialect.rightAfter(sql`entry.key`));
  // PostgreSQL has no limit in a recursive query.
  return sql`
    entry (key, number) as (
      select (${firstKey(sql`${from}`, sql`${end}`)}), 1
      union all
      select (${firstKey(next, sql`${end}`)}), number + 1 from entry
      where entry.key is not null and number <= ${sql.lit(query.limit)}
    )
  `;
}
