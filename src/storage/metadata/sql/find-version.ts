import { type Kysely, sql } from 'kysely';
import { NULL_VERSION, type ObjectRecord } from '../records.ts';
import { versionNumber } from '../version-id.ts';
import { firstRow, type QueryRunner } from './compiled.ts';
import {
  IS_CURRENT_OBJECT,
  IS_OTHER_VERSION,
  OBJECT_COLUMNS,
  type ObjectRow,
  toObject,
  VERSION_COLUMNS,
  type VersionRow,
} from './object-columns.ts';
import type { Tables } from './tables.ts';

export type FindVersion = (
  using: QueryRunner,
  bucket: string,
  key: string,
  versionId: string,
) => Promise<VersionRow | undefined>;

/** An id says the number of its row, except `null`, of which a key has at most one. */
export function versionFinder(db: Kysely<Tables>): FindVersion {
  const byId = sql<VersionRow>`
    select ${VERSION_COLUMNS} from objects where id = ${0} and bucket = ${''} and key = ${''} and "versionId" = ${''}
  `.compile(db);
  const nullVersion = sql<VersionRow>`
    select ${VERSION_COLUMNS} from objects
    where ${IS_CURRENT_OBJECT} and bucket = ${''} and key = ${''} and "versionId" = 'null'
    union all
    select ${VERSION_COLUMNS} from objects
    where ${IS_OTHER_VERSION} and bucket = ${''} and key = ${''} and "versionId" = 'null'
    limit 1
  `.compile(db);
  return async (using, bucket, key, versionId) => {
    if (versionId === NULL_VERSION) return firstRow(using, nullVersion, [bucket, key, bucket, key]);
    const number = versionNumber(versionId);
    return number === undefined ? undefined : firstRow(using, byId, [number, bucket, key, versionId]);
  };
}

/** A row of the index of current objects, which has no delete markers. */
export type CurrentRow = ObjectRow & Pick<ObjectRecord, 'type'>;

export function currentObjects(db: Kysely<Tables>) {
  return db.selectFrom('objects').select(OBJECT_COLUMNS).where(IS_CURRENT_OBJECT).$castTo<CurrentRow>();
}

export type ReadCurrentObject = (using: QueryRunner, bucket: string, key: string) => Promise<ObjectRecord | undefined>;

export function currentObjectReader(db: Kysely<Tables>): ReadCurrentObject {
  const byKey = currentObjects(db).where('bucket', '=', '').where('key', '=', '').compile();
  return async (using, bucket, key) => {
    const row = await firstRow(using, byKey, [bucket, key]);
    return row && toObject(row);
  };
}

export type FindCurrent = (using: QueryRunner, bucket: string, key: string) => Promise<VersionRow | undefined>;

/** A delete marker is looked for only when there is no object. */
export function currentFinder(db: Kysely<Tables>): FindCurrent {
  const query = sql<VersionRow>`
    select ${VERSION_COLUMNS} from objects where ${IS_CURRENT_OBJECT} and bucket = ${''} and key = ${''}
    union all
    select ${VERSION_COLUMNS} from objects where "isCurrent" = 1 and id = (
      select id from objects where ${IS_OTHER_VERSION} and bucket = ${''} and key = ${''} order by id desc limit 1
    )
    limit 1
  `.compile(db);
  return (using, bucket, key) => firstRow(using, query, [bucket, key, bucket, key]);
}
