import { type Kysely, type Migration, Migrator, sql } from 'kysely';
import { isError } from '../../../base/error-code.ts';
import { UsageError } from '../../../base/errors.ts';
import { SCHEMA_STEPS } from '../sql/schema-steps.ts';
import type { Tables } from '../sql/tables.ts';

/**
 * The tables as `sqlite/migrations.ts` leaves them after its last change. What differs:
 * - Names order by their bytes: `collate "C"`, whatever the database has.
 * - JSON is text, so that it is read as it was written.
 * - A bucket does not count what it holds. A counter would be one row that all writers of a bucket wait for.
 */
const FIRST_SCHEMA = [
  `create table buckets (
     name text collate "C" primary key,
     acl text not null,
     "storageClass" text not null,
     "createdMs" bigint not null,
     owner text not null,
     configurations text not null,
     versioning text generated always as ((configurations::json ->> 'versioning')::json ->> 'status') stored
   )`,
  'create sequence "objectIds" as bigint',
  `create table objects (
     id bigint primary key default nextval('"objectIds"'),
     bucket text collate "C" not null,
     key text collate "C" not null,
     "versionId" text not null,
     "isCurrent" integer not null,
     type text not null,
     "sizeBytes" bigint not null,
     etag text not null,
     "lastModifiedMs" bigint not null,
     acl text not null,
     location text not null,
     crc64 text,
     "contentMd5" text,
     headers text not null,
     restore text,
     "accessedMs" bigint
   )`,
  `create unique index "currentObjects" on objects (bucket, key)
     where "isCurrent" = 1 and type <> 'DeleteMarker'`,
  `create unique index "otherVersions" on objects (bucket, key, id desc)
     where "isCurrent" = 0 or type = 'DeleteMarker'`,
  `create unique index "otherNullVersions" on objects (bucket, key)
     where ("isCurrent" = 0 or type = 'DeleteMarker') and "versionId" = 'null'`,
  `create index "objectsOfOwnClass" on objects (bucket, (headers::json ->> 'x-oss-storage-class'), "sizeBytes")
     where headers::json ->> 'x-oss-storage-class' is not null`,
  `create table uploads (
     "uploadId" text collate "C" primary key,
     bucket text collate "C" not null references buckets (name),
     key text collate "C" not null,
     "initiatedMs" bigint not null,
     acl text not null,
     headers text not null,
     sequential integer not null default 0,
     unique (bucket, key, "uploadId")
   )`,
  `create table parts (
     "uploadId" text collate "C" not null references uploads ("uploadId") on delete cascade,
     "partNumber" integer not null,
     "sizeBytes" bigint not null,
     etag text not null,
     crc64 text not null,
     location text not null,
     "lastModifiedMs" bigint not null,
     primary key ("uploadId", "partNumber")
   )`,
  `create table channels (
     bucket text collate "C" not null references buckets (name),
     name text collate "C" not null,
     incarnation text not null,
     description text not null,
     status text not null,
     "fragDurationSec" integer not null,
     "fragCount" integer not null,
     "playlistName" text not null,
     snapshot text,
     "lastModifiedMs" bigint not null,
     primary key (bucket, name)
   )`,
  'create index "channelsByName" on channels (name)',
  `create table sessions (
     number bigint generated always as identity primary key,
     id text collate "C" not null unique,
     bucket text collate "C" not null,
     channel text collate "C" not null,
     incarnation text collate "C" not null,
     "startedMs" bigint not null,
     "endedMs" bigint,
     "remoteAddr" text not null,
     "playlistName" text not null
   )`,
  'create index "sessionsByChannel" on sessions (bucket, channel, incarnation, "startedMs")',
  'create index "openSessions" on sessions ("startedMs") where "endedMs" is null',
  `create table "livePlaylists" (
     number bigint generated always as identity primary key,
     id text collate "C" not null unique,
     "nextSequence" bigint not null,
     discontinuities bigint not null default 0
   )`,
  `create table fragments (
     source text collate "C" not null,
     "startMs" bigint not null,
     "uploadedMs" bigint not null,
     "durationMs" double precision not null,
     "sessionId" text collate "C" not null,
     playlist bigint not null references "livePlaylists" (number),
     sequence bigint not null,
     discontinuity integer not null,
     "discontinuityCount" bigint not null default 0,
     path text collate "C",
     "widthPx" integer,
     "heightPx" integer,
     "objectId" bigint unique references objects (id) on delete set null,
     "isCovered" integer not null default 0,
     primary key (source, "startMs")
   )`,
  'create index "fragmentsByPlaylist" on fragments (playlist, sequence)',
  'create index "fragmentsByUpload" on fragments (source, "uploadedMs", "startMs") where path is not null',
  `create function "channelFragmentsGo"() returns trigger language plpgsql as $$ begin
     delete from fragments where "objectId" = old.id and path is null;
     return old;
   end $$`,
  `create trigger "channelFragmentsGo" before delete on objects
     for each row execute function "channelFragmentsGo"()`,
  `create function "fragmentsAreCovered"() returns trigger language plpgsql as $$ begin
     update fragments set "isCovered" = 1 - new."isCurrent" where "objectId" = new.id;
     return null;
   end $$`,
  `create trigger "fragmentsAreCovered" after update of "isCurrent" on objects
     for each row when (old."isCurrent" <> new."isCurrent") execute function "fragmentsAreCovered"()`,
  `create table documents (
     kind text collate "C" not null,
     scope text collate "C" not null,
     name text collate "C" not null,
     "createdMs" bigint not null,
     body text not null,
     primary key (kind, scope, name)
   )`,
];

/**
 * Brings an empty or older database up to date. Of several that start at once one does it, and the others wait: kysely holds an
 * advisory lock of the transaction.
 *
 * @throws UsageError when a newer version or another program wrote it
 */
export async function migratePostgres(db: Kysely<Tables>): Promise<void> {
  await refuseForeign(db);
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations() } });
  const { error } = await migrator.migrateToLatest();
  if (isError(error) && error.message.startsWith('corrupted migrations')) throw otherVersion();
  if (error) throw error;
}

/**
 * Whether a start could use the database, which is empty, older, or up to date. Changes nothing.
 *
 * @throws UsageError when a newer version or another program wrote it
 */
export async function checkPostgres(db: Kysely<Tables>): Promise<void> {
  await refuseForeign(db);
  const { rows: tables } = await sql<{ name: string | null }>`
    select to_regclass('kysely_migration')::text as name
  `.execute(db);
  if (tables[0]?.name == null) return;
  const { rows: made } = await sql<{ name: string }>`select name from kysely_migration`.execute(db);
  const known = migrations();
  if (made.some(({ name }) => !(name in known))) throw otherVersion();
}

function otherVersion(): UsageError {
  return new UsageError(
    'The database of --metadata was written by another version of the emulator: use that version or another database.',
  );
}

/** Where another program has its tables, some of ours could have the same names. */
async function refuseForeign(db: Kysely<Tables>): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    select tablename as name from pg_tables where schemaname = current_schema()
  `.execute(db);
  // Of several that start at once, the first one makes these two before its transaction.
  const names = rows.map(({ name }) => name).filter((name) => !name.startsWith('kysely_migration'));
  if (names.length === 0 || names.includes('livePlaylists')) return;
  throw new UsageError('The database of --metadata has tables of another program: create one for the emulator alone.');
}

function migrations(): Record<string, Migration> {
  const steps = SCHEMA_STEPS.map(({ name, postgres }) => [name, migrationOf(postgres)] as const);
  return Object.fromEntries([['0012 where PostgreSQL begins', migrationOf(FIRST_SCHEMA)] as const, ...steps]);
}

function migrationOf(statements: readonly string[]): Migration {
  return {
    async up(db) {
      for (const statement of statements) await sql.raw(statement).execute(db);
    },
  };
}
