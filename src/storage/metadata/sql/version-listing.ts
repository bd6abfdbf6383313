import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { MetadataStore, Page, VersionListing, VersionQuery } from '../metadata-store.ts';
import { NULL_VERSION } from '../records.ts';
import { versionNumber } from '../version-id.ts';
import { allRows } from './compiled.ts';
import type { FindVersion } from './find-version.ts';
import { firstKeys } from './first-keys.ts';
import { commonPrefixOf, nameRange, toPage } from './name-ranges.ts';
import { IS_CURRENT_OBJECT, IS_OTHER_VERSION, VERSION_COLUMNS, type VersionRow, versionOf } from './object-columns.ts';
import type { SqlDialect } from './sql-dialect.ts';
import type { Tables } from './tables.ts';

interface ListingQueries {
  readonly dialect: SqlDialect;
  readonly findVersion: FindVersion;
  readonly readVersions: ReadVersions;
}

export function versionLister(
  db: Kysely<Tables>,
  dialect: SqlDialect,
  findVersion: FindVersion,
): MetadataStore['listVersions'] {
  const queries = { dialect, findVersion, readVersions: versionsOfKeyReader(db) };
  return (bucket, query) => listVersions(db, queries, bucket, query);
}

async function listVersions(
  db: Kysely<Tables>,
  { dialect, findVersion, readVersions }: ListingQueries,
  bucket: string,
  query: VersionQuery,
): Promise<Page<VersionListing>> {
  const limit = query.limit + 1;
  const listed: VersionListing[] = [];
  const add = (rows: readonly VersionRow[]) => {
    for (const row of rows) listed.push({ version: versionOf(row), isLatest: row.isCurrent === 1 });
  };
  const older = await positionInKey(db, findVersion, bucket, query);
  if (older !== undefined) add(await readVersions(bucket, query.marker, older, limit));
  if (query.delimiter === '') {
    if (listed.length < limit) add(await everyVersion(db, dialect, bucket, query, limit - listed.length));
    return toPage(listed, query.limit, (item) => item);
  }
  for (const key of listed.length < limit ? await keysOfEntries(db, dialect, bucket, query) : []) {
    if (listed.length >= limit) break;
    const commonPrefix = commonPrefixOf(key, query.prefix, query.delimiter);
    if (commonPrefix !== undefined) listed.push({ commonPrefix });
    else add(await readVersions(bucket, key, Number.MAX_SAFE_INTEGER, limit - listed.length));
  }
  return toPage(listed, query.limit, (item) => item);
}

/**
 * The number before which the versions of the key `marker` are still to be listed; undefined when none are. The version of
 * `versionIdMarker` may be deleted meanwhile: its id still says its number. Only `null` does not, and then the key is listed
 * again from its newest version on.
 */
async function positionInKey(
  db: Kysely<Tables>,
  findVersion: FindVersion,
  bucket: string,
  { marker, versionIdMarker, prefix, delimiter }: VersionQuery,
): Promise<number | undefined> {
  if (versionIdMarker === '' || !marker.startsWith(prefix)) return undefined;
  if (commonPrefixOf(marker, prefix, delimiter) !== undefined) return undefined;
  if (versionIdMarker !== NULL_VERSION) return versionNumber(versionIdMarker);
  const row = await findVersion(db, bucket, marker, NULL_VERSION);
  return row?.id ?? Number.MAX_SAFE_INTEGER;
}

/** Both indexes are in the order of the listing. Each is read up to the limit: PostgreSQL would read and sort all of both. */
async function everyVersion(
  db: Kysely<Tables>,
  dialect: SqlDialect,
  bucket: string,
  query: VersionQuery,
  limit: number,
): Promise<readonly VersionRow[]> {
  const { from, end } = nameRange(query, dialect);
  const inRange = sql`bucket = ${bucket} and key >= ${from} and key < ${end}`;
  const { rows } = await sql<VersionRow>`
    select * from (
      select ${VERSION_COLUMNS} from objects where ${IS_CURRENT_OBJECT} and ${inRange} order by key limit ${limit}
    ) as current
    union all
    select * from (
      select ${VERSION_COLUMNS} from objects where ${IS_OTHER_VERSION} and ${inRange} order by key, id desc limit ${limit}
    ) as other
    order by key, id desc
    limit ${limit}
  `.execute(db);
  return rows;
}

async function keysOfEntries(
  db: Kysely<Tables>,
  dialect: SqlDialect,
  bucket: string,
  query: VersionQuery,
): Promise<readonly string[]> {
  const firstOf = (rows: RawBuilder<boolean>, from: RawBuilder<unknown>, end: RawBuilder<unknown>) =>
    sql`(select min(key) from objects where ${rows} and bucket = ${bucket} and key >= ${from} and key < ${end})`;
  const firstKey = (from: RawBuilder<unknown>, end: RawBuilder<unknown>) => {
    const [object, other] = [firstOf(IS_CURRENT_OBJECT, from, end), firstOf(IS_OTHER_VERSION, from, end)];
    return sql`select ${dialect.smaller(object, other)}`;
  };
  const { rows } = await sql<{ key: string }>`
    with recursive ${firstKeys(query, dialect, firstKey)}
    select key from entry where key is not null order by key
  `.execute(db);
  return rows.map(({ key }) => key);
}

type ReadVersions = (
  bucket: string,
  key: string,
  beforeNumber: number,
  limit: number,
) => Promise<readonly VersionRow[]>;

/** Runs for every key of a listing with a delimiter, so the query is compiled once. */
function versionsOfKeyReader(db: Kysely<Tables>): ReadVersions {
  const query = sql<VersionRow>`
    select ${VERSION_COLUMNS} from objects where ${IS_CURRENT_OBJECT} and bucket = ${''} and key = ${''} and id < ${0}
    union all
    select ${VERSION_COLUMNS} from objects where ${IS_OTHER_VERSION} and bucket = ${''} and key = ${''} and id < ${0}
    order by id desc
    limit ${0}
  `.compile(db);
  return (bucket, key, beforeNumber, limit) => {
    const place = [bucket, key, beforeNumber];
    return allRows(db, query, [...place, ...place, limit]);
  };
}
