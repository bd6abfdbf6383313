import { type Kysely, sql } from 'kysely';
import { isDiskFull } from '../../machine-fault.ts';
import type { MetadataStore, Revise } from '../metadata-store.ts';
import type { Reserve } from '../reserve.ts';
import type { Tables } from '../sql/tables.ts';

/** The store with deletions that succeed on a full disk, where a deletion is the only help. */
export function deletingWithReserve(store: MetadataStore, db: Kysely<Tables>, reserve: Reserve): MetadataStore {
  /** @param isDeletion whether it turned out to be one */
  const deleting = async <Result>(remove: () => Promise<Result>, isDeletion = () => true): Promise<Result> => {
    // The bytes of what was deleted before may have made room for it.
    reserve.take();
    try {
      return await remove();
    } catch (error) {
      if (!isDiskFull(error) || !isDeletion()) throw error;
    }
    await emptyLog(db);
    try {
      return await remove();
    } catch (error) {
      if (!isDiskFull(error)) throw error;
    }
    reserve.release();
    await emptyLog(db);
    return remove();
  };
  return {
    ...store,
    deleteBucket: (name) => deleting(() => store.deleteBucket(name)),
    deleteObject: (bucket, key, deletedMs) => deleting(() => store.deleteObject(bucket, key, deletedMs)),
    reviseVersion(bucket, key, versionId, revise, atMs) {
      let isDeletion = false;
      const noted: Revise = (present) => {
        const revision = revise(present);
        isDeletion = revision !== undefined && revision.kind !== 'amend';
        return revision;
      };
      return deleting(
        () => store.reviseVersion(bucket, key, versionId, noted, atMs),
        () => isDeletion,
      );
    },
    deleteVersion: (bucket, key, versionId) => deleting(() => store.deleteVersion(bucket, key, versionId)),
    deleteUpload: (uploadId) => deleting(() => store.deleteUpload(uploadId)),
    deleteChannel: (bucket, name) => deleting(() => store.deleteChannel(bucket, name)),
    deleteDocument: (kind, scope, name) => deleting(() => store.deleteDocument(kind, scope, name)),
    clear: (bucket, fence) => deleting(() => store.clear(bucket, fence)),
  };
}

/**
 * Moves the log into the database, so that it is written from its beginning again, over the room that it has. Where the database
 * would have to grow for that, it may fail.
 */
async function emptyLog(db: Kysely<Tables>): Promise<void> {
  try {
    await sql`pragma wal_checkpoint(restart)`.execute(db);
  } catch (error) {
    if (!isDiskFull(error)) throw error;
  }
}
