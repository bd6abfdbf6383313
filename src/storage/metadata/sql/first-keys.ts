import { type RawBuilder, sql } from 'kysely';
import type { PageQuery } from '../metadata-store.ts';
import { nameRange, positionAfterGroup } from './name-ranges.ts';

/**
 * A recursive common table expression `entry (key)`: the first key of every entry of a listing that is grouped by a
 * delimiter, one more than its limit. It searches the index once for each entry, so that a folder of a million objects takes
 * no longer than a folder of one. After a group the search continues behind it, after a single key at `key 00`.
 *
 * @param firstKey a query for the first key of a range, null when there is none
 */
export function firstKeys(
  query: PageQuery & { readonly delimiter: string },
  firstKey: (from: RawBuilder<unknown>, end: RawBuilder<unknown>) => RawBuilder<unknown>,
): RawBuilder<unknown> {
  const { from, end } = nameRange(query, query.delimiter);
  const afterKey = sql<string>`cast(cast(entry.key as blob) || x'00' as text)`;
  const next = positionAfterGroup(sql`entry.key`, query, afterKey);
  return sql`
    entry (key) as (
      select * from (${firstKey(from, end)})
      union all
      select (${firstKey(next, end)}) from entry where entry.key is not null
      limit ${query.limit + 1}
    )
  `;
}
