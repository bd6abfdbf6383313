import { type Kysely, sql } from 'kysely';
import type { DeletedObject, MetadataStore, Revision } from '../metadata-store.ts';
import type { DeleteMarker } from '../records.ts';
import { firstRow, type QueryRunner } from './compiled.ts';
import { currentFinder, versionFinder } from './find-version.ts';
import { IS_CURRENT_OBJECT, IS_OTHER_VERSION, markerValues, type VersionRow, versionOf } from './object-columns.ts';
import { objectReplacer, placeFinder, versionPutter } from './object-writer.ts';
import type { SqlDialect } from './sql-dialect.ts';
import type { Tables } from './tables.ts';
import { versionLister } from './version-listing.ts';

type VersionQueries = Pick<
  MetadataStore,
  'deleteObject' | 'getVersion' | 'reviseVersion' | 'deleteVersion' | 'listVersions'
>;

export function versionQueries(db: Kysely<Tables>, dialect: SqlDialect): VersionQueries {
  const findVersion = versionFinder(db);
  const findCurrent = currentFinder(db);
  /** That version, or the current one. */
  const find = (using: QueryRunner, bucket: string, key: string, versionId: string | undefined) =>
    versionId === undefined ? findCurrent(using, bucket, key) : findVersion(using, bucket, key, versionId);
  const { deleteObject, deleteIn } = objectRemover(db, dialect);
  const replace = objectReplacer(db);
  const { locks } = dialect;
  const carryOut = async (trx: Kysely<Tables>, row: VersionRow, revision: Revision, atMs: number) => {
    switch (revision.kind) {
      case 'delete':
        return (await deleteIn(trx, row.bucket, row.key, atMs)).location;
      case 'delete-version':
        await deleteRow(trx, row);
        // A delete marker has no bytes.
        return row.location || undefined;
      case 'amend':
        await replace(trx, row.id, revision.record, row.versionId, row.location);
        return row.location === revision.record.location ? undefined : row.location;
    }
  };
  return {
    deleteObject,
    getVersion: async (bucket, key, versionId) => {
      const row = await find(dialect.runnerOf(db), bucket, key, versionId);
      return row && versionOf(row);
    },
    reviseVersion: (bucket, key, versionId, revise, atMs) =>
      dialect.transaction(db, async (trx) => {
        if (locks) await locks.key(trx, bucket, key);
        const row = await find(trx, bucket, key, versionId);
        const revision = revise(row && { version: versionOf(row), isCurrent: row.isCurrent === 1 });
        if (!row || !revision) return { revision: undefined, location: undefined };
        return { revision, location: await carryOut(trx, row, revision, atMs) };
      }),
    deleteVersion: (bucket, key, versionId) =>
      dialect.transaction(db, async (trx) => {
        if (locks) await locks.key(trx, bucket, key);
        const row = await findVersion(trx, bucket, key, versionId);
        if (!row) return undefined;
        await deleteRow(trx, row);
        return versionOf(row);
      }),
    listVersions: versionLister(db, dialect, findVersion),
  };
}

type DeleteIn = (trx: QueryRunner, bucket: string, key: string, deletedMs: number) => Promise<DeletedObject>;

interface ObjectRemover extends Pick<MetadataStore, 'deleteObject'> {
  /** The same in a transaction, which has locked the key. */
  readonly deleteIn: DeleteIn;
}

/** Without versioning one statement deletes an object; only when it finds none, the versioning is looked up. */
function objectRemover(db: Kysely<Tables>, dialect: SqlDialect): ObjectRemover {
  const { locks } = dialect;
  const findPlace = placeFinder(db);
  const putOnTop = versionPutter(db, dialect);
  const deletePlain = sql<{ location: string }>`
    delete from objects where ${IS_CURRENT_OBJECT} and bucket = ${''} and key = ${''}
      and (select versioning from buckets where name = ${''}) is null
    returning location
  `.compile(db);
  const putMarker: DeleteIn = async (trx, bucket, key, deletedMs) => {
    const place = await findPlace(trx, bucket, key);
    if (place.versioning === null) return { location: undefined };
    const markerOf = (versionId: string): DeleteMarker => {
      return { type: 'DeleteMarker', bucket, key, versionId, lastModifiedMs: deletedMs };
    };
    const put = await putOnTop(trx, { bucket, key }, place.versioning, (versionId) =>
      markerValues(markerOf(versionId)),
    );
    return { marker: markerOf(put.versionId), location: put.replacedLocation };
  };
  const deletePlainIn = (using: QueryRunner, bucket: string, key: string): Promise<DeletedObject | undefined> =>
    firstRow(using, deletePlain, [bucket, key, bucket]);
  const deleteIn: DeleteIn = async (trx, bucket, key, deletedMs) =>
    (await deletePlainIn(trx, bucket, key)) ?? putMarker(trx, bucket, key, deletedMs);
  return {
    deleteIn,
    async deleteObject(bucket, key, deletedMs) {
      if (!locks) {
        const deleted = await deletePlainIn(dialect.runnerOf(db), bucket, key);
        return deleted ?? dialect.compiledTransaction(db, undefined, (trx) => putMarker(trx, bucket, key, deletedMs));
      }
      return dialect.compiledTransaction(db, undefined, async (trx) => {
        // A write that has read the row before would change a row that is gone.
        await locks.key(trx, bucket, key);
        return deleteIn(trx, bucket, key, deletedMs);
      });
    },
  };
}

async function deleteRow(trx: Kysely<Tables>, { id, bucket, key, isCurrent }: VersionRow): Promise<void> {
  await trx.deleteFrom('objects').where('id', '=', id).execute();
  if (isCurrent === 0) return;
  await sql`
    update objects set "isCurrent" = 1 where id = (
      select id from objects where ${IS_OTHER_VERSION} and bucket = ${bucket} and key = ${key} order by id desc limit 1
    )
  `.execute(trx);
}
