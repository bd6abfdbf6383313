import { type RawBuilder, sql } from 'kysely';
import type { Page, PageQuery } from '../metadata-store.ts';
import type { SqlDialect } from './sql-dialect.ts';

/** Ranges of names. Names compare by their UTF-8 bytes, which is the order of their code points. */
export interface NameRange {
  /** The first name that may be in the range, inclusive. */
  readonly from: string;
  /** After the last name of the range, exclusive. */
  readonly end: string;
}

const LAST_CODE_POINT = 0x10ffff;
const SURROGATES = { first: 0xd800, last: 0xdfff };

/** After every name: no name is longer than 1,023 bytes, which this text has one more of. */
const AFTER_ALL = '\u{10ffff}'.repeat(256);

/**
 * Names that begin with the query's prefix and come after its marker. When names are grouped by a delimiter, a marker
 * within a group means the whole group, because it has been listed already.
 */
export function nameRange(
  { prefix, marker }: Pick<PageQuery, 'prefix' | 'marker'>,
  { firstCharacter }: SqlDialect,
  delimiter = '',
): NameRange {
  const group = commonPrefixOf(marker, prefix, delimiter);
  const afterMarker = group !== undefined ? afterAllWith(group) : marker === '' ? '' : marker + firstCharacter;
  return { from: isBefore(prefix, afterMarker) ? afterMarker : prefix, end: afterAllWith(prefix) };
}

/** The part of `name` up to and including the first delimiter after `prefix`; undefined when there is none. */
export function commonPrefixOf(name: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '' || !name.startsWith(prefix)) return undefined;
  const at = name.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : name.slice(0, at + delimiter.length);
}

/**
 * In SQL: where the search continues behind the entry of the name in column `name`, which begins with the query's prefix.
 * After the name `a/b/c` with the delimiter `/` after the prefix `a/` that is `a/b0`, because `0` is the character after the
 * slash; it is `otherwise` when the name is in no group.
 */
export function positionAfterGroup(
  name: RawBuilder<unknown>,
  { prefix, delimiter }: { readonly prefix: string; readonly delimiter: string },
  dialect: SqlDialect,
  otherwise: RawBuilder<string | null> = sql<null>`null`,
): RawBuilder<string | null> {
  if (delimiter === '') return otherwise;
  const position = dialect.delimiterPosition(name, prefix, delimiter);
  const afterGroup = dialect.cutAtDelimiter(name, prefix, position, afterAllWith(delimiter));
  return sql<string | null>`case ${position} when 0 then ${otherwise} else ${afterGroup} end`;
}

/** A page of at most `limit` items. `rows` were selected with a limit of one more. */
export function toPage<Row, Item>(rows: readonly Row[], limit: number, toItem: (row: Row) => Item): Page<Item> {
  return { items: rows.slice(0, limit).map(toItem), truncated: rows.length > limit };
}

/** The first text after all that begin with this one: its last code point is one higher. */
function afterAllWith(text: string): string {
  const codePoints = [...text].map((character) => character.codePointAt(0) ?? 0);
  while (codePoints.at(-1) === LAST_CODE_POINT) codePoints.pop();
  const last = codePoints.pop();
  // Without a higher one, what has the longest names behind it.
  if (last === undefined) return text + AFTER_ALL;
  return String.fromCodePoint(...codePoints, nextCodePoint(last));
}

function nextCodePoint(codePoint: number): number {
  const isNextSurrogate = codePoint + 1 >= SURROGATES.first && codePoint + 1 <= SURROGATES.last;
  return isNextSurrogate ? SURROGATES.last + 1 : codePoint + 1;
}

function isBefore(one: string, other: string): boolean {
  return Buffer.compare(Buffer.from(one), Buffer.from(other)) < 0;
}
