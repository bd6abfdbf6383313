import { type Kysely, sql } from 'kysely';
import {
  type MetadataStore,
  type NamedBytes,
  NULL_VERSION,
  type PastPush,
  type SessionRecord,
  type Versioning,
} from '../metadata-store.ts';
import { makeVersionId } from '../version-id.ts';
import { reserveSequence } from './fragment-rows.ts';
import { IS_CURRENT_OBJECT, IS_OTHER_VERSION } from './object-columns.ts';
import { bucketIsMissing } from './references.ts';
import type { Tables } from './tables.ts';

type RecordingQueries = Pick<MetadataStore, 'putRecording' | 'clear'>;
type Named = Pick<NamedBytes, 'location'>;

export function recordingQueries(db: Kysely<Tables>): RecordingQueries {
  return {
    putRecording: (recording) => db.transaction().execute((trx) => putRecording(trx, recording)),
    clear: (bucket) =>
      db.transaction().execute((trx) => (bucket === undefined ? clearAll(trx) : clearBucket(trx, bucket))),
  };
}

/**
 * A day of two-second fragments is 43,200 objects. SQLite reads all of them from one JSON text, which is much faster
 * than one statement for each.
 */
async function putRecording(trx: Kysely<Tables>, recording: PastPush): Promise<void> {
  const { session, playlistId, fragments, headers } = recording;
  const { bucket, channel } = session;
  await trx.deleteFrom('sessions').where('id', '=', session.id).execute();
  await trx.insertInto('sessions').values(session).execute();
  const last = fragments.at(-1);
  if (!last) return;
  const breaks = fragments.filter(({ discontinuity }) => discontinuity).length;
  const { number: playlist, discontinuities } = await reserveSequence(trx, playlistId, last.sequence, breaks);
  let discontinuityCount = discontinuities - breaks;
  const { versioning, nextId } = await readBucket(trx, bucket);
  const rows = JSON.stringify(
    fragments.map(({ startMs, durationMs, sequence, discontinuity, sizeBytes, location }, index) => {
      if (discontinuity) discontinuityCount += 1;
      const position = [sequence, discontinuity ? 1 : 0, sizeBytes, location, discontinuityCount];
      const [id, versionId] =
        versioning === 'Enabled' ? [nextId + index, makeVersionId(nextId + index)] : [null, NULL_VERSION];
      return [startMs, durationMs, ...position, id, versionId];
    }),
  );
  if (versioning !== null) await coverEarlier(trx, versioning, session, rows);
  const key = sql`${channel} || '/' || (value ->> 0) || '.ts'`;
  await sql`
    insert into objects
      (id, bucket, key, versionId, isCurrent, type, sizeBytes, etag, lastModifiedMs, acl, location, headers)
    select value ->> 7, ${bucket}, ${key}, value ->> 8, 1, 'Normal', value ->> 4, hex(randomblob(16)),
      cast((value ->> 0) + (value ->> 1) as integer), 'default', value ->> 5, ${JSON.stringify(headers)}
    from json_each(${rows})
  `.execute(trx);
  await sql`
    insert into fragments
      (source, startMs, uploadedMs, durationMs, sessionId, playlist, sequence, discontinuity, discontinuityCount, objectId)
    select ${bucket} || '/' || ${channel}, value ->> 0, cast((value ->> 0) + (value ->> 1) as integer), value ->> 1,
      ${session.id}, ${playlist}, value ->> 2, value ->> 3, value ->> 6,
      (select id from objects where bucket = ${bucket} and key = ${key} and ${IS_CURRENT_OBJECT})
    from json_each(${rows})
  `.execute(trx);
}

async function readBucket(
  trx: Kysely<Tables>,
  name: string,
): Promise<{ readonly versioning: Versioning | null; readonly nextId: number }> {
  const { rows } = await sql<{ versioning: Versioning | null; nextId: number }>`
    select versioning, (select coalesce(max(id), 0) + 1 from objects) as nextId from buckets where name = ${name}
  `.execute(trx);
  if (!rows[0]) throw bucketIsMissing(name);
  return rows[0];
}

/**
 * In a bucket with versioning, fragments of the same names may have been deleted before: then delete markers are current,
 * and the index still knows the covered fragments. `rows` begin with the start.
 */
async function coverEarlier(
  trx: Kysely<Tables>,
  versioning: Versioning,
  { bucket, channel }: Pick<SessionRecord, 'bucket' | 'channel'>,
  rows: string,
): Promise<void> {
  const keys = sql`select ${channel} || '/' || (value ->> 0) || '.ts' from json_each(${rows})`;
  await sql`
    delete from fragments
    where source = ${bucket} || '/' || ${channel} and startMs in (select value ->> 0 from json_each(${rows})) and isCovered = 1
  `.execute(trx);
  const currentMarker = sql`${IS_OTHER_VERSION} and bucket = ${bucket} and key in (${keys}) and isCurrent = 1`;
  if (versioning === 'Suspended') {
    await sql`delete from objects where ${currentMarker} and versionId = 'null'`.execute(trx);
  }
  await sql`update objects set isCurrent = 0 where ${currentMarker}`.execute(trx);
}

/** Buckets are deleted first, so that the triggers for their counters have nothing to update. */
async function clearAll(trx: Kysely<Tables>): Promise<readonly string[]> {
  await sql`pragma defer_foreign_keys = on`.execute(trx);
  for (const table of ['buckets', 'fragments', 'livePlaylists'] as const) await trx.deleteFrom(table).execute();
  const ofObjects = await trx.deleteFrom('objects').returning('location').execute();
  const ofParts = await trx.deleteFrom('parts').returning('location').execute();
  for (const table of ['uploads', 'channels', 'sessions', 'documents'] as const) await trx.deleteFrom(table).execute();
  return locationsOf([ofObjects, ofParts]);
}

/** Fragments of channels are deleted with their objects. Sequence numbers are not used again. */
async function clearBucket(trx: Kysely<Tables>, bucket: string): Promise<readonly string[]> {
  const cleared: Named[][] = [];
  for (const rows of [IS_CURRENT_OBJECT, IS_OTHER_VERSION]) {
    const ofBucket = trx.deleteFrom('objects').where(rows).where('bucket', '=', bucket);
    cleared.push(await ofBucket.returning('location').execute());
  }
  const uploads = trx.selectFrom('uploads').select('uploadId').where('bucket', '=', bucket);
  cleared.push(await trx.deleteFrom('parts').where('uploadId', 'in', uploads).returning('location').execute());
  for (const table of ['uploads', 'channels', 'sessions'] as const) {
    await trx.deleteFrom(table).where('bucket', '=', bucket).execute();
  }
  // `0` is the character after the slash.
  await trx.deleteFrom('fragments').where('path', '>=', `${bucket}/`).where('path', '<', `${bucket}0`).execute();
  return locationsOf(cleared);
}

/** A delete marker has none. */
function locationsOf(cleared: readonly (readonly Named[])[]): readonly string[] {
  return cleared
    .flat()
    .map(({ location }) => location)
    .filter((location) => location !== '');
}
