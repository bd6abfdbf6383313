/** Data folders with so much data that uploading it would take too long. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { newBucket } from '../../src/storage/metadata/new-bucket.ts';
import { openSqliteStore } from '../../src/storage/metadata/sqlite.ts';

export interface Contents {
  readonly channels: number;
  /** One second long each; the first channel has those of a day, the others share the rest. */
  readonly fragments: number;
  /** In a bucket of their own: half of them current delete markers, half ten versions for each key. */
  readonly versions: number;
}

export const BUCKET = 'examplebucket';
export const VERSIONED_BUCKET = 'versionedbucket';
export const FRAGMENTS_PER_DAY = 86_400;
/** 2023-11-15, 00:00 UTC. */
export const DAY_START_SEC = 1_700_006_400;

/** The name the SQL below gives to the channel of that number, from 0 on. */
export function channelName(n: number): string {
  return `channel-${String(n).padStart(6, '0')}`;
}

/**
 * Writes the rows without their files, in a few statements: through the methods of the store a million fragments take
 * minutes. The rows are the same as those methods write; indices and triggers are those of the store.
 */
export async function fillDataFolder(folder: string, contents: Contents): Promise<void> {
  const path = join(folder, 'metadata.sqlite');
  const store = await openSqliteStore({ path });
  const versioning = JSON.stringify({ status: 'Enabled' });
  for (const [name, configurations] of [
    [BUCKET, {}],
    [VERSIONED_BUCKET, { versioning }],
  ] as const) {
    await store.putBucket({ ...newBucket(name, 'private', 0), configurations });
  }
  await store.close();
  const database = new Database(path);
  database.pragma('synchronous = off');
  database.pragma('foreign_keys = on');
  const fill = database.transaction(() => {
    for (const statement of FILL)
      database.prepare(statement).run({ ...contents, bucket: BUCKET, versioned: VERSIONED_BUCKET });
  });
  fill();
  database.close();
}

const CHANNEL = "printf('channel-%06d', n % @channels)";
/** Fragment n of the first day, or of the rest: channel after channel, then the next second. */
const FRAGMENT_CHANNEL = `case when n < ${FRAGMENTS_PER_DAY} then 'channel-000000' else ${CHANNEL} end`;
const FRAGMENT_START = `1000 * (${DAY_START_SEC} + case when n < ${FRAGMENTS_PER_DAY} then n else 100000 + n end)`;

const IS_MARKER = '(n < @versions / 2)';

function numbers(count: string): string {
  return `with recursive number (n) as (select 0 union all select n + 1 from number where n + 1 < ${count})`;
}

const FILL = [
  `${numbers('@channels')}
   insert into channels (bucket, name, incarnation, description, status, fragDurationSec, fragCount, playlistName,
                         snapshot, lastModifiedMs)
   select @bucket, ${CHANNEL}, hex(randomblob(16)), '', 'enabled', 1, 3, 'playlist.m3u8', null, 0 from number`,
  `insert into livePlaylists (id, nextSequence)
   select incarnation || '/' || playlistName, @fragments from channels order by name`,
  `${numbers('@fragments')}
   insert into objects (id, bucket, key, versionId, isCurrent, type, sizeBytes, etag, lastModifiedMs, acl, location, headers)
   select n + 1, @bucket, ${FRAGMENT_CHANNEL} || '/' || (${FRAGMENT_START}) || '.ts', 'null', 1, 'Normal', 250000,
          hex(randomblob(16)), 0, 'default', @bucket || '/' || n, '{"content-type":"video/MP2T"}' from number`,
  `${numbers('@fragments')}
   insert into fragments (source, startMs, uploadedMs, durationMs, sessionId, playlist, sequence, discontinuity, objectId)
   select @bucket || '/' || ${FRAGMENT_CHANNEL}, ${FRAGMENT_START}, ${FRAGMENT_START} + 1000, 1000.0, 'd2c7b9de-4f0b-4a8e-9d3f-0c6f8f1f4a11',
          case when n < ${FRAGMENTS_PER_DAY} then 1 else n % @channels + 1 end, n, 0, n + 1 from number`,
  `${numbers('@versions')}
   insert into objects (id, bucket, key, versionId, isCurrent, type, sizeBytes, etag, lastModifiedMs, acl, location, headers)
   select @fragments + n + 1, @versioned,
          iif(${IS_MARKER}, printf('gone/%07d', n), printf('kept/%07d', n / 10)), 'version-' || n,
          ${IS_MARKER} or n % 10 = 9, iif(${IS_MARKER}, 'DeleteMarker', 'Normal'), iif(${IS_MARKER}, 0, 250000),
          hex(randomblob(16)), 0, 'default', @versioned || '/' || n, '{"content-type":"video/MP2T"}' from number`,
];
