import { type Kysely, sql } from 'kysely';
import type { DeletedObject, DeleteMarker, MetadataStore } from '../metadata-store.ts';
import { firstRow } from './compiled.ts';
import { currentFinder, versionFinder } from './find-version.ts';
import {
  IS_CURRENT_OBJECT,
  IS_OTHER_VERSION,
  markerValues,
  toVersion,
  type VersionRow,
  versionOf,
} from './object-columns.ts';
import { objectReplacer, placeFinder, versionPutter } from './object-writer.ts';
import type { SqlDialect } from './sql-dialect.ts';
import type { Tables } from './tables.ts';
import { versionLister } from './version-listing.ts';

type VersionQueries = Pick<
  MetadataStore,
  'deleteObject' | 'getVersion' | 'updateVersion' | 'deleteVersion' | 'listVersions'
>;

export function versionQueries(db: Kysely<Tables>, dialect: SqlDialect): VersionQueries {
  const findVersion = versionFinder(db);
  const findCurrent = currentFinder(db);
  const remove = objectRemover(db, dialect);
  const replace = objectReplacer(db);
  const { locks } = dialect;
  return {
    deleteObject: remove,
    getVersion: async (bucket, key, versionId) => {
      if (versionId === undefined) {
        const current = await findCurrent(db, bucket, key);
        return current && toVersion(current);
      }
      const row = await findVersion(db, bucket, key, versionId);
      return row && versionOf(row);
    },
    updateVersion: (object) =>
      dialect.transaction(db, async (trx) => {
        if (locks) await locks.key(trx, object.bucket, object.key);
        const row = await findVersion(trx, object.bucket, object.key, object.versionId);
        if (!row) return undefined;
        await replace(trx, row.id, object, object.versionId, row.location);
        return row.location;
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

/** Without versioning one statement deletes an object; only when it finds none, the versioning is looked up. */
function objectRemover(db: Kysely<Tables>, dialect: SqlDialect): MetadataStore['deleteObject'] {
  const { locks } = dialect;
  const findPlace = placeFinder(db);
  const putOnTop = versionPutter(db, dialect);
  const deletePlain = sql<{ location: string }>`
    delete from objects where ${IS_CURRENT_OBJECT} and bucket = ${''} and key = ${''}
      and (select versioning from buckets where name = ${''}) is null
    returning location
  `.compile(db);
  // A write that has read the row before would change a row that is gone.
  const removeLocked = (bucket: string, key: string) =>
    dialect.transaction(db, async (trx) => {
      if (locks) await locks.key(trx, bucket, key);
      return firstRow(trx, deletePlain, [bucket, key, bucket]);
    });
  const putMarker = async (bucket: string, key: string, deletedMs: number): Promise<DeletedObject> => {
    return dialect.transaction(db, async (trx) => {
      if (locks) await locks.key(trx, bucket, key);
      const place = await findPlace(trx, bucket, key);
      if (place.versioning === null) return { location: undefined };
      const markerOf = (versionId: string): DeleteMarker => {
        return { type: 'DeleteMarker', bucket, key, versionId, lastModifiedMs: deletedMs };
      };
      const put = await putOnTop(trx, { bucket, key }, place.versioning, (versionId) =>
        markerValues(markerOf(versionId)),
      );
      return { marker: markerOf(put.versionId), location: put.replacedLocation };
    });
  };
  return async (bucket, key, deletedMs) => {
    const deleted = locks ? await removeLocked(bucket, key) : await firstRow(db, deletePlain, [bucket, key, bucket]);
    return deleted ?? putMarker(bucket, key, deletedMs);
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
