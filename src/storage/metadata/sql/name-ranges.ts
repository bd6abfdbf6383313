import { type RawBuilder, sql } from 'kysely';
import type { Page, PageQuery } from '../metadata-store.ts';

/**
 * Ranges of names. Names compare by their UTF-8 bytes, so the bounds are bytes too. A bound need not be a valid name:
 * the byte 0xFF never occurs in UTF-8, so `prefix FF` comes after every name that begins with `prefix` and before all
 * names that follow these.
 */
export interface NameRange {
  /** The first name that may be in the range, inclusive. */
  readonly from: RawBuilder<string>;
  /** After the last name of the range, exclusive. */
  readonly end: RawBuilder<string>;
}

const AFTER_ALL_WITH_PREFIX = Buffer.of(0xff);
const RIGHT_AFTER = Buffer.of(0);

/**
 * Names that begin with the query's prefix and come after its marker. When names are grouped by a delimiter, a marker
 * within a group means the whole group, because it has been listed already.
 */
export function nameRange(query: Pick<PageQuery, 'prefix' | 'marker'>, delimiter = ''): NameRange {
  const prefix = Buffer.from(query.prefix);
  const afterMarker = positionAfter(query.marker, commonPrefixOf(query.marker, query.prefix, delimiter));
  const from = Buffer.compare(afterMarker, prefix) > 0 ? afterMarker : prefix;
  return { from: text(from), end: text(Buffer.concat([prefix, AFTER_ALL_WITH_PREFIX])) };
}

/** The part of `name` up to and including the first delimiter after `prefix`; undefined when there is none. */
export function commonPrefixOf(name: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '' || !name.startsWith(prefix)) return undefined;
  const at = name.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : name.slice(0, at + delimiter.length);
}

/**
 * In SQL: where the search continues behind the entry of the name in column `name`, which begins with the query's prefix.
 * After the name `a/b/c` with the delimiter `/` after the prefix `a/` that is `a/b/ FF`; it is `otherwise` when the name is
 * in no group. Positions are computed on bytes, because SQLite's text functions end at a NUL.
 */
export function positionAfterGroup(
  name: RawBuilder<unknown>,
  { prefix, delimiter }: { readonly prefix: string; readonly delimiter: string },
  otherwise: RawBuilder<string | null> = sql<null>`null`,
): RawBuilder<string | null> {
  if (delimiter === '') return otherwise;
  const prefixBytes = Buffer.byteLength(prefix);
  const delimiterBytes = Buffer.from(delimiter);
  const nameBytes = sql`cast(${name} as blob)`;
  const behindPrefix = sql`instr(substr(${nameBytes}, ${prefixBytes + 1}), ${delimiterBytes})`;
  const group = sql`substr(${nameBytes}, 1, ${prefixBytes + delimiterBytes.length - 1} + ${behindPrefix})`;
  return sql<string | null>`case ${behindPrefix} when 0 then ${otherwise} else cast(${group} || x'ff' as text) end`;
}

/** A page of at most `limit` items. `rows` were selected with a limit of one more. */
export function toPage<Row, Item>(rows: readonly Row[], limit: number, toItem: (row: Row) => Item): Page<Item> {
  return { items: rows.slice(0, limit).map(toItem), truncated: rows.length > limit };
}

function positionAfter(marker: string, commonPrefix: string | undefined): Buffer {
  if (commonPrefix !== undefined) return Buffer.concat([Buffer.from(commonPrefix), AFTER_ALL_WITH_PREFIX]);
  return marker === '' ? Buffer.alloc(0) : Buffer.concat([Buffer.from(marker), RIGHT_AFTER]);
}

/** TEXT of exactly these bytes; a JavaScript string cannot contain them. */
function text(bytes: Buffer): RawBuilder<string> {
  return sql<string>`cast(${bytes} as text)`;
}
