import { type RawBuilder, sql } from 'kysely';
import type { PageQuery } from '../metadata-store.ts';
import { nameRange } from './name-ranges.ts';

/**
 * A recursive common table expression `entry (key)`: the first key of every entry of a listing that is grouped by a
 * delimiter, one more than its limit. It searches the index once for each entry, so that a folder of a million objects takes
 * no longer than a folder of one.
 *
 * Positions are computed on bytes, because SQLite's text functions end at a NUL. After the key `a/b/c` with the
 * delimiter `/` after the prefix `a/` the search continues at `a/b/ FF`, after a single key at `key 00`.
 *
 * @param firstKey a query for the first key of a range, null when there is none
 */
export function firstKeys(
  query: PageQuery & { readonly delimiter: string },
  firstKey: (from: RawBuilder<unknown>, end: RawBuilder<unknown>) => RawBuilder<unknown>,
): RawBuilder<unknown> {
  const { from, end } = nameRange(query, query.delimiter);
  const prefixBytes = Buffer.byteLength(query.prefix);
  const delimiter = Buffer.from(query.delimiter);
  const keyBytes = sql`cast(entry.key as blob)`;
  const behindPrefix = sql`instr(substr(${keyBytes}, ${prefixBytes + 1}), ${delimiter})`;
  const commonPrefix = sql`substr(${keyBytes}, 1, ${prefixBytes + delimiter.length - 1} + ${behindPrefix})`;
  const next = sql`cast(case ${behindPrefix} when 0 then ${keyBytes} || x'00' else ${commonPrefix} || x'ff' end as text)`;
  return sql`
    entry (key) as (
      select * from (${firstKey(from, end)})
      union all
      select (${firstKey(next, end)}) from entry where entry.key is not null
      limit ${query.limit + 1}
    )
  `;
}
