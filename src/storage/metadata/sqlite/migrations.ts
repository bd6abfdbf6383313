import { errorText } from '../../../base/error-text.ts';
import { UsageError } from '../../../base/errors.ts';
import { resultCodeOf } from '../../sqlite/result-code.ts';
import type { SqliteConnection } from '../../sqlite/sqlite-driver.ts';
import { SCHEMA_STEPS } from '../sql/schema-steps.ts';
import { nameOf } from './check-schema.ts';

/**
 * The changes of the tables from before there was PostgreSQL, in order. None is edited any more; a change is a new one in
 * `sql/schema-steps.ts`.
 *
 * TEXT columns compare by SQLite's BINARY collation, which is memcmp over UTF-8: exactly the order of names in OSS.
 */
const MIGRATIONS: Readonly<Record<string, readonly string[]>> = {
  '0001 buckets count what they hold': [
    `create table buckets (
           name text primary key,
           acl text not null,
           storageClass text not null,
           createdMs integer not null,
           configurations text not null,
           objectCount integer not null default 0,
           storageBytes integer not null default 0,
           liveChannelCount integer not null default 0,
           multipartUploadCount integer not null default 0
         ) strict, without rowid`,
  ],

  '0002 objects, and uploads with their parts': [
    `create table objects (
           id integer primary key,
           bucket text not null references buckets (name),
           key text not null,
           type text not null,
           sizeBytes integer not null,
           etag text not null,
           lastModifiedMs integer not null,
           acl text not null,
           location text not null,
           crc64 text,
           contentMd5 text,
           headers text not null,
           unique (bucket, key)
         ) strict`,
    `create table uploads (
           uploadId text primary key,
           bucket text not null references buckets (name),
           key text not null,
           initiatedMs integer not null,
           acl text not null,
           headers text not null,
           unique (bucket, key, uploadId)
         ) strict, without rowid`,
    `create table parts (
           uploadId text not null references uploads (uploadId) on delete cascade,
           partNumber integer not null,
           sizeBytes integer not null,
           etag text not null,
           crc64 text not null,
           location text not null,
           lastModifiedMs integer not null,
           primary key (uploadId, partNumber)
         ) strict, without rowid`,
    `create trigger objectsAdded after insert on objects begin
           update buckets set objectCount = objectCount + 1, storageBytes = storageBytes + new.sizeBytes
           where name = new.bucket;
         end`,
    `create trigger objectsResized after update of sizeBytes on objects begin
           update buckets set storageBytes = storageBytes + new.sizeBytes - old.sizeBytes where name = new.bucket;
         end`,
    `create trigger objectsRemoved after delete on objects begin
           update buckets set objectCount = objectCount - 1, storageBytes = storageBytes - old.sizeBytes
           where name = old.bucket;
         end`,
    ...counting('uploads', 'multipartUploadCount'),
  ],

  '0003 channels and the sessions that pushed to them': [
    `create table channels (
           bucket text not null references buckets (name),
           name text not null,
           incarnation text not null,
           description text not null,
           status text not null,
           fragDurationSec integer not null,
           fragCount integer not null,
           playlistName text not null,
           snapshot text,
           lastModifiedMs integer not null,
           primary key (bucket, name)
         ) strict, without rowid`,
    'create index channelsByName on channels (name)',
    ...counting('channels', 'liveChannelCount'),
    `create table sessions (
           number integer primary key,
           id text not null unique,
           bucket text not null,
           channel text not null,
           incarnation text not null,
           startedMs integer not null,
           endedMs integer,
           remoteAddr text not null,
           playlistName text not null
         ) strict`,
    'create index sessionsByChannel on sessions (bucket, channel, incarnation, startedMs)',
    'create index openSessions on sessions (startedMs) where endedMs is null',
  ],

  // The rows of a channel are adjacent and in order of time: a day of a channel is one sequence of pages, even when
  // many channels record at the same time. `any` stores a whole number as an integer, which is faster than a fraction.
  '0004 fragments live and die with their object': [
    `create table livePlaylists (
           number integer primary key,
           id text not null unique,
           nextSequence integer not null
         ) strict`,
    `create table fragments (
           bucket text not null,
           channel text not null,
           startMs integer not null,
           durationMs any not null,
           sessionId text not null,
           playlist integer not null references livePlaylists (number),
           sequence integer not null,
           discontinuity integer not null,
           objectId integer not null unique references objects (id) on delete cascade,
           primary key (bucket, channel, startMs)
         ) strict, without rowid`,
    'create index fragmentsByPlaylist on fragments (playlist, sequence)',
  ],

  // Streams of ApsaraVideo Live are recorded under names that users choose, and are queried by the time of storing.
  // Their rows remain when the objects are deleted, as in the service; a trigger still deletes those of channels.
  '0005 fragments belong to a source and know when they were stored': [
    `create table fragmentsOfSources (
           source text not null,
           startMs integer not null,
           uploadedMs integer not null,
           durationMs any not null,
           sessionId text not null,
           playlist integer not null references livePlaylists (number),
           sequence integer not null,
           discontinuity integer not null,
           path text,
           widthPx integer,
           heightPx integer,
           objectId integer unique references objects (id) on delete set null,
           primary key (source, startMs)
         ) strict, without rowid`,
    `insert into fragmentsOfSources
           (source, startMs, uploadedMs, durationMs, sessionId, playlist, sequence, discontinuity, objectId)
           select fragments.bucket || '/' || channel, startMs, lastModifiedMs, durationMs, sessionId, playlist, sequence,
             discontinuity, objectId
           from fragments join objects on objects.id = objectId`,
    'drop table fragments',
    'alter table fragmentsOfSources rename to fragments',
    'create index fragmentsByPlaylist on fragments (playlist, sequence)',
    'create index fragmentsByUpload on fragments (source, uploadedMs, startMs) where path is not null',
    `create trigger channelFragmentsGo before delete on objects begin
           delete from fragments where objectId = old.id and path is null;
         end`,
  ],

  '0006 documents': [
    `create table documents (
           kind text not null,
           scope text not null,
           name text not null,
           createdMs integer not null,
           body text not null,
           primary key (kind, scope, name)
         ) strict, without rowid`,
  ],

  // For EXT-X-DISCONTINUITY-SEQUENCE, which must stay right when fragments are deleted. Of fragments that were deleted
  // before this migration nothing is known any more.
  '0007 live playlists count their discontinuities': [
    'alter table livePlaylists add column discontinuities integer not null default 0',
    'alter table fragments add column discontinuityCount integer not null default 0',
    `update fragments set discontinuityCount = counted.discontinuities
         from (
           select source, startMs, sum(discontinuity) over (partition by playlist order by sequence) as discontinuities
           from fragments
         ) as counted
         where counted.source = fragments.source and counted.startMs = fragments.startMs and counted.discontinuities > 0`,
    `update livePlaylists set discontinuities =
           coalesce((select max(discontinuityCount) from fragments where playlist = number), 0)`,
  ],

  // What reads current objects uses an index in which nothing else is, so that previous versions and delete markers cost
  // nothing there, and objects without versioning are in no other index. No reference to `buckets`, because SQLite would
  // search all objects for those of a bucket that is deleted: a transaction that adds one reads the row of its bucket.
  '0008 objects have versions': [
    'alter table buckets add column deleteMarkerCount integer not null default 0',
    `alter table buckets add column versioning text as (configurations ->> 'versioning' ->> 'status')`,
    `create table objectVersions (
           id integer primary key,
           bucket text not null,
           key text not null,
           versionId text not null,
           isCurrent integer not null,
           type text not null,
           sizeBytes integer not null,
           etag text not null,
           lastModifiedMs integer not null,
           acl text not null,
           location text not null,
           crc64 text,
           contentMd5 text,
           headers text not null
         ) strict`,
    `insert into objectVersions
           select id, bucket, key, 'null', 1, type, sizeBytes, etag, lastModifiedMs, acl, location, crc64, contentMd5, headers
           from objects`,
    'drop table objects',
    'alter table objectVersions rename to objects',
    `create unique index currentObjects on objects (bucket, key)
           where isCurrent = 1 and type <> 'DeleteMarker'`,
    `create unique index otherVersions on objects (bucket, key, id desc)
           where isCurrent = 0 or type = 'DeleteMarker'`,
    `create unique index otherNullVersions on objects (bucket, key)
           where (isCurrent = 0 or type = 'DeleteMarker') and versionId = 'null'`,
    `create trigger objectsAdded after insert on objects begin
           update buckets set objectCount = objectCount + (new.type <> 'DeleteMarker'),
             deleteMarkerCount = deleteMarkerCount + (new.type = 'DeleteMarker'),
             storageBytes = storageBytes + new.sizeBytes
           where name = new.bucket;
         end`,
    `create trigger objectsResized after update of sizeBytes on objects begin
           update buckets set storageBytes = storageBytes + new.sizeBytes - old.sizeBytes where name = new.bucket;
         end`,
    `create trigger objectsRemoved after delete on objects begin
           update buckets set objectCount = objectCount - (old.type <> 'DeleteMarker'),
             deleteMarkerCount = deleteMarkerCount - (old.type = 'DeleteMarker'),
             storageBytes = storageBytes - old.sizeBytes
           where name = old.bucket;
         end`,
    `create trigger channelFragmentsGo before delete on objects begin
           delete from fragments where objectId = old.id and path is null;
         end`,
    'alter table fragments add column isCovered integer not null default 0',
    `create trigger fragmentsAreCovered after update of isCurrent on objects begin
           update fragments set isCovered = 1 - new.isCurrent where objectId = new.id;
         end`,
  ],

  '0009 objects can be restored, and know when they were last read': [
    'alter table objects add column restore text',
    'alter table objects add column accessedMs integer',
  ],

  '0010 uploads can be sequential': ['alter table uploads add column sequential integer not null default 0'],

  // To count those of a class. Objects of the class of their bucket are not in the index.
  '0011 objects can have a storage class of their own': [
    `create index objectsOfOwnClass on objects (bucket, headers ->> 'x-oss-storage-class', sizeBytes)
           where headers ->> 'x-oss-storage-class' is not null`,
  ],

  // Until now there was one account.
  '0012 buckets belong to accounts': [`alter table buckets add column owner text not null default '1234567890123456'`],
};

/** What has been carried out, in the tables of kysely's Migrator, which did it before: older versions can open the file. */
const RECORD = `
  create table if not exists kysely_migration (
    name varchar(255) not null primary key,
    timestamp varchar(255) not null
  );
  create table if not exists kysely_migration_lock (
    id varchar(255) not null primary key,
    is_locked integer default 0 not null
  );
  insert or ignore into kysely_migration_lock values ('migration_lock', 0);
`;
const RECORD_ONE = `insert into kysely_migration values (?, strftime('%Y-%m-%dT%H:%M:%fZ'))`;

/**
 * Brings an empty or older database up to date, within the transaction of the caller.
 *
 * @throws UsageError when it was written by a newer version, or has other tables than the version that it names
 */
export function migrate(database: SqliteConnection, path: string): void {
  try {
    database.exec(RECORD);
    const done = database.prepare('select name from kysely_migration order by name').all([]).map(nameOf);
    const all = migrations();
    if (done.some((name, index) => name !== all[index]?.name)) {
      throw new UsageError(
        `${path} was written by another version of the emulator: use that version or another folder.`,
      );
    }
    const record = database.prepare(RECORD_ONE);
    for (const { name, statements } of all.slice(done.length)) {
      database.exec(statements.join(';\n'));
      record.run([name]);
    }
  } catch (error) {
    if (resultCodeOf(error) !== 'ERROR') throw error;
    // The record of the migrations is lost, or a part of it: what they make is there already, or what they change is not.
    throw new UsageError(
      `${path} is damaged, its tables are not those of the version that it names (${errorText(error)}): put back a copy of it, or choose another --data-dir.`,
    );
  }
}

function migrations(): readonly { readonly name: string; readonly statements: readonly string[] }[] {
  return [
    ...Object.entries(MIGRATIONS).map(([name, statements]) => ({ name, statements })),
    ...SCHEMA_STEPS.map(({ name, sqlite }) => ({ name, statements: sqlite })),
  ];
}

/**
 * Triggers that keep `counter` of the bucket equal to the number of its rows in `table`; counting a million is slow.
 */
function counting(table: string, counter: string): readonly string[] {
  return [
    `create trigger ${table}Added after insert on ${table} begin
       update buckets set ${counter} = ${counter} + 1 where name = new.bucket;
     end`,
    `create trigger ${table}Removed after delete on ${table} begin
       update buckets set ${counter} = ${counter} - 1 where name = old.bucket;
     end`,
  ];
}
