import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { MetadataStore } from '../metadata-store.ts';
import { type NamedLocation, NULL_VERSION, type PastPush, type SessionRecord, type Versioning } from '../records.ts';
import { makeVersionId } from '../version-id.ts';
import { checked } from './check-fence.ts';
import { reserveSequence } from './fragment-rows.ts';
import { IS_CURRENT_OBJECT, IS_OTHER_VERSION } from './object-columns.ts';
import { bucketIsMissing } from './references.ts';
import type { SqlDialect } from './sql-dialect.ts';
import type { Tables } from './tables.ts';

type RecordingQueries = Pick<MetadataStore, 'putRecording' | 'clear'>;

export function recordingQueries(db: Kysely<Tables>, dialect: SqlDialect): RecordingQueries {
  return {
    putRecording: (recording) => dialect.transaction(db, (trx) => putRecording(trx, dialect, recording)),
    async clear(bucket, fence) {
      const named = await dialect.transaction(
        db,
        checked(fence, (trx) => (bucket === undefined ? dialect.clearAll(trx) : clearBucket(trx, dialect, bucket))),
      );
      // A delete marker has none.
      return named.map(({ location }) => location).filter((location) => location !== '');
    },
  };
}

/**
 * A day of two-second fragments is 43,200 objects. The database reads all of them from one JSON text, which is much faster
 * than one statement for each.
 */
async function putRecording(trx: Kysely<Tables>, dialect: SqlDialect, recording: PastPush): Promise<void> {
  const { session, playlistId, fragments, headers } = recording;
  const { bucket, channel } = session;
  if (dialect.locks) await dialect.locks.bucket(trx, bucket);
  await trx.deleteFrom('sessions').where('id', '=', session.id).execute();
  await trx.insertInto('sessions').values(session).execute();
  const last = fragments.at(-1);
  if (!last) return;
  const breaks = fragments.filter(({ discontinuity }) => discontinuity).length;
  const { number: playlist, discontinuities } = await reserveSequence(trx, playlistId, last.sequence, breaks);
  let discontinuityCount = discontinuities - breaks;
  const versioning = await readVersioning(trx, bucket);
  const ids = versioning === 'Enabled' ? await dialect.newObjectIds(trx, fragments.length) : [];
  const rows = JSON.stringify(
    fragments.map(({ startMs, durationMs, sequence, discontinuity, sizeBytes, location }, index) => {
      if (discontinuity) discontinuityCount += 1;
      const position = [sequence, discontinuity ? 1 : 0, sizeBytes, location, discontinuityCount];
      const id = ids[index];
      const version = id === undefined ? [null, NULL_VERSION] : [id, makeVersionId(id)];
      return [startMs, durationMs, ...position, ...version];
    }),
  );
  if (versioning !== null) await coverEarlier(trx, dialect, versioning, session, rows);
  const { field } = dialect;
  const endMs = dialect.whole(sql`(${field(0, 'bigint')}) + (${field(1, 'double precision')})`);
  const key = keyOf(dialect, channel);
  await sql`
    insert into objects
      (id, bucket, key, "versionId", "isCurrent", type, "sizeBytes", etag, "lastModifiedMs", acl, location, headers)
    select ${dialect.objectIdOr(field(7, 'bigint'))}, ${bucket}, ${key}, ${field(8, 'text')}, 1, 'Normal',
      ${field(4, 'bigint')}, ${dialect.randomEtag}, ${endMs}, 'default', ${field(5, 'text')}, ${JSON.stringify(headers)}
    from ${dialect.jsonRows(rows)}
  `.execute(trx);
  await sql`
    insert into fragments
      (source, "startMs", "uploadedMs", "durationMs", "sessionId", playlist, sequence, discontinuity, "discontinuityCount",
       "objectId")
    select ${`${bucket}/${channel}`}, ${field(0, 'bigint')}, ${endMs}, ${field(1, 'double precision')}, ${session.id},
      ${playlist}, ${field(2, 'bigint')}, ${field(3, 'bigint')}, ${field(6, 'bigint')},
      (select id from objects where bucket = ${bucket} and key = ${key} and ${IS_CURRENT_OBJECT})
    from ${dialect.jsonRows(rows)}
  `.execute(trx);
}

/** The key of the fragment in an element of `jsonRows`, which begins with its start. */
function keyOf({ field }: SqlDialect, channel: string): RawBuilder<string> {
  return sql`${`${channel}/`} || (${field(0, 'text')}) || '.ts'`;
}

async function readVersioning(trx: Kysely<Tables>, name: string): Promise<Versioning | null> {
  const bucket = await trx.selectFrom('buckets').select('versioning').where('name', '=', name).executeTakeFirst();
  if (!bucket) throw bucketIsMissing(name);
  return bucket.versioning;
}

/**
 * In a bucket with versioning, fragments of the same names may have been deleted before: then delete markers are current,
 * and the index still knows the covered fragments. `rows` begin with the start.
 */
async function coverEarlier(
  trx: Kysely<Tables>,
  dialect: SqlDialect,
  versioning: Versioning,
  { bucket, channel }: Pick<SessionRecord, 'bucket' | 'channel'>,
  rows: string,
): Promise<void> {
  const elements = dialect.jsonRows(rows);
  const keys = sql`select ${keyOf(dialect, channel)} from ${elements}`;
  const starts = sql`select ${dialect.field(0, 'bigint')} from ${elements}`;
  await sql`
    delete from fragments
    where source = ${`${bucket}/${channel}`} and "startMs" in (${starts}) and "isCovered" = 1
  `.execute(trx);
  const currentMarker = sql`${IS_OTHER_VERSION} and bucket = ${bucket} and key in (${keys}) and "isCurrent" = 1`;
  if (versioning === 'Suspended') {
    await sql`delete from objects where ${currentMarker} and "versionId" = 'null'`.execute(trx);
  }
  await sql`update objects set "isCurrent" = 0 where ${currentMarker}`.execute(trx);
}

/** Fragments of channels are deleted with their objects. Sequence numbers are not used again. */
async function clearBucket(
  trx: Kysely<Tables>,
  { locks }: SqlDialect,
  bucket: string,
): Promise<readonly NamedLocation[]> {
  if (locks) await locks.bucket(trx, bucket);
  const cleared: NamedLocation[][] = [];
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
  return cleared.flat();
}
