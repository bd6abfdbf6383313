import { type Kysely, sql } from 'kysely';
import type { MetadataStore, PastPush } from '../metadata-store.ts';
import { reserveSequence } from './fragment-rows.ts';
import { refuseMissingBucket } from './references.ts';
import type { Tables } from './tables.ts';

type RecordingQueries = Pick<MetadataStore, 'putRecording' | 'clear'>;

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
  const rows = JSON.stringify(
    fragments.map(({ startMs, durationMs, sequence, discontinuity, sizeBytes, location }) => {
      if (discontinuity) discontinuityCount += 1;
      return [startMs, durationMs, sequence, discontinuity ? 1 : 0, sizeBytes, location, discontinuityCount];
    }),
  );
  const key = sql`${channel} || '/' || (value ->> 0) || '.ts'`;
  const insertObjects = sql`
    insert into objects (bucket, key, type, sizeBytes, etag, lastModifiedMs, acl, location, headers)
    select ${bucket}, ${key}, 'Normal', value ->> 4, hex(randomblob(16)),
      cast((value ->> 0) + (value ->> 1) as integer), 'default', value ->> 5, ${JSON.stringify(headers)}
    from json_each(${rows})
  `;
  await refuseMissingBucket(insertObjects.execute(trx), bucket);
  await sql`
    insert into fragments
      (source, startMs, uploadedMs, durationMs, sessionId, playlist, sequence, discontinuity, discontinuityCount, objectId)
    select ${bucket} || '/' || ${channel}, value ->> 0, cast((value ->> 0) + (value ->> 1) as integer), value ->> 1,
      ${session.id}, ${playlist}, value ->> 2, value ->> 3, value ->> 6,
      (select id from objects where bucket = ${bucket} and key = ${key})
    from json_each(${rows})
  `.execute(trx);
}

/** Buckets are deleted first, so that the triggers for their counters have nothing to update. */
async function clearAll(trx: Kysely<Tables>): Promise<void> {
  await sql`pragma defer_foreign_keys = on`.execute(trx);
  for (const table of [
    'buckets',
    'fragments',
    'livePlaylists',
    'objects',
    'uploads',
    'channels',
    'sessions',
    'documents',
  ] as const) {
    await trx.deleteFrom(table).execute();
  }
}

/**
 * Fragments of channels are deleted with their objects, parts with their uploads. Sequence numbers are not used again.
 */
async function clearBucket(trx: Kysely<Tables>, bucket: string): Promise<void> {
  for (const table of ['objects', 'uploads', 'channels', 'sessions'] as const) {
    await trx.deleteFrom(table).where('bucket', '=', bucket).execute();
  }
  // `0` is the character after the slash.
  await trx.deleteFrom('fragments').where('path', '>=', `${bucket}/`).where('path', '<', `${bucket}0`).execute();
}
