import { type Kysely, sql } from 'kysely';
import type { CheckCurrent, StoredObject } from '../metadata-store.ts';
import { type NewObject, NULL_VERSION, type Versioning } from '../records.ts';
import { makeVersionId } from '../version-id.ts';
import { allRows, firstRow, onlyRow, type QueryRunner } from './compiled.ts';
import { currentObjectReader } from './find-version.ts';
import { IS_CURRENT_OBJECT, IS_OTHER_VERSION, OBJECT_COLUMNS, objectValues } from './object-columns.ts';
import { bucketIsMissing } from './references.ts';
import type { SqlDialect } from './sql-dialect.ts';
import type { Tables } from './tables.ts';

/** Where a version is written: what its bucket says, and the object that is current until then. */
interface Place {
  readonly versioning: Versioning | null;
  readonly id: number | null;
  readonly versionId: string | null;
  readonly location: string | null;
}

export interface WrittenObject extends StoredObject {
  readonly id: number;
  /** The row of the object that was current before: the same row, when it was replaced. */
  readonly previousId: number | null;
}

/** Stores an object. Must run in a transaction. Rejects with NoSuchBucket when there is no such bucket. */
export type WriteObject = (trx: QueryRunner, object: NewObject, check?: CheckCurrent) => Promise<WrittenObject>;

export function objectWriter(db: Kysely<Tables>, dialect: SqlDialect): WriteObject {
  const findPlace = placeFinder(db);
  const replace = objectReplacer(db);
  const putOnTop = versionPutter(db, dialect);
  const insert = versionInserter(db, dialect);
  const { locks } = dialect;
  const readCurrent = currentObjectReader(db);
  return async (trx, object, check) => {
    if (locks) await locks.key(trx, object.bucket, object.key);
    if (check) check(await readCurrent(trx, object.bucket, object.key));
    const place = await findPlace(trx, object.bucket, object.key);
    if (place.id !== null && place.versioning !== 'Enabled' && place.versionId === NULL_VERSION) {
      await replace(trx, place.id, object, NULL_VERSION, place.location);
      const replacedLocation = place.location ?? undefined;
      return { id: place.id, versionId: NULL_VERSION, replacedLocation, previousId: place.id };
    }
    if (place.versioning === null) {
      const id = await insert(trx, null, objectValues(object, NULL_VERSION));
      return { id, versionId: NULL_VERSION, replacedLocation: undefined, previousId: null };
    }
    const put = await putOnTop(trx, object, place.versioning, (versionId) => objectValues(object, versionId));
    return { ...put, previousId: place.id };
  };
}

type FindPlace = (trx: QueryRunner, bucket: string, key: string) => Promise<Place>;

/** Rejects with NoSuchBucket when there is no such bucket. */
export function placeFinder(db: Kysely<Tables>): FindPlace {
  const query = db
    .selectFrom('buckets')
    .leftJoin('objects', (join) =>
      join.onRef('objects.bucket', '=', 'buckets.name').on('objects.key', '=', '').on(IS_CURRENT_OBJECT),
    )
    .select(['versioning', 'objects.id', 'objects.versionId', 'objects.location'])
    .where('buckets.name', '=', '')
    .compile();
  return async (trx, bucket, key) => {
    const place = await firstRow(trx, query, [key, bucket]);
    if (!place) throw bucketIsMissing(bucket);
    return place;
  };
}

type ReplaceVersion = (
  trx: QueryRunner,
  id: number,
  object: NewObject,
  versionId: string,
  location: string | null,
) => Promise<void>;

/**
 * Changes a row. When its bytes change, the fragment that it contained is deleted; a new ACL or tag does not delete it.
 */
export function objectReplacer(db: Kysely<Tables>): ReplaceVersion {
  const assignments = OBJECT_COLUMNS.map((column) => sql`${sql.ref(column)} = ${null}`);
  const update = sql`update objects set ${sql.join(assignments)} where id = ${0}`.compile(db);
  const deleteFragment = db.deleteFrom('fragments').where('objectId', '=', 0).where('path', 'is', null).compile();
  return async (trx, id, object, versionId, location) => {
    await allRows(trx, update, [...objectValues(object, versionId), id]);
    if (location !== object.location) await allRows(trx, deleteFragment, [id]);
  };
}

type InsertVersion = (
  trx: QueryRunner,
  id: number | null,
  values: readonly (string | number | null)[],
) => Promise<number>;

/** Inserts a row that is current; without an id it gets the next one. */
function versionInserter(db: Kysely<Tables>, dialect: SqlDialect): InsertVersion {
  const values = OBJECT_COLUMNS.map(() => sql`${null}`);
  const insert = sql<{ id: number }>`
    insert into objects (id, "isCurrent", ${sql.join(OBJECT_COLUMNS.map((column) => sql.ref(column)))})
    values (${dialect.objectIdOr(sql`${null}`)}, 1, ${sql.join(values)}) returning id
  `.compile(db);
  return async (trx, id, row) => (await onlyRow(trx, insert, [id, ...row])).id;
}

type PutVersion = (
  trx: QueryRunner,
  name: { readonly bucket: string; readonly key: string },
  versioning: Versioning,
  toRow: (versionId: string) => readonly (string | number | null)[],
) => Promise<{ id: number; versionId: string; replacedLocation: string | undefined }>;

/**
 * Puts a version on top of the others of its key, in a bucket with versioning. While it is suspended, the version has the
 * id `null` and replaces that of the same id.
 */
export function versionPutter(db: Kysely<Tables>, dialect: SqlDialect): PutVersion {
  const insert = versionInserter(db, dialect);
  const nextId = dialect.nextObjectId.compile(db);
  const ofKey = sql`bucket = ${''} and key = ${''}`;
  const deleteNull = sql<{ location: string }>`
    delete from objects where id = (
      select id from objects where ${IS_CURRENT_OBJECT} and "versionId" = 'null' and ${ofKey}
      union all
      select id from objects where ${IS_OTHER_VERSION} and "versionId" = 'null' and ${ofKey}
    ) returning location
  `.compile(db);
  const cover = sql`
    update objects set "isCurrent" = 0 where "isCurrent" = 1 and id = coalesce(
      (select id from objects where ${IS_CURRENT_OBJECT} and ${ofKey}),
      (select id from objects where ${IS_OTHER_VERSION} and ${ofKey} order by id desc limit 1)
    )
  `.compile(db);
  return async (trx, { bucket, key }, versioning, toRow) => {
    const twice = [bucket, key, bucket, key];
    const replaced = versioning === 'Suspended' ? await firstRow(trx, deleteNull, twice) : undefined;
    await allRows(trx, cover, twice);
    const { id } = await onlyRow(trx, nextId, []);
    const versionId = versioning === 'Enabled' ? makeVersionId(id) : NULL_VERSION;
    await insert(trx, id, toRow(versionId));
    // A delete marker has no bytes.
    return { id, versionId, replacedLocation: replaced?.location || undefined };
  };
}
