import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openSqliteStore } from '../../../src/storage/metadata/sqlite.ts';
import { timelineEntries } from '../../../src/storage/metadata/timeline-entries.ts';
import { findSqlite } from '../../../src/storage/sqlite/find-sqlite.ts';
import { bucket, fragment, NOON_MS, object } from '../../contract/metadata-records.ts';

/** The database before migration 0009. */
const BEFORE_RESTORES = `
  drop index openDocuments;
  alter table buckets drop column owner;
  drop index objectsOfOwnClass;
  alter table uploads drop column sequential;
  alter table objects drop column restore;
  alter table objects drop column accessedMs;
  delete from kysely_migration where name >= '0009';
`;

/** The database before migration 0008. */
const BEFORE_VERSIONS = `
  ${BEFORE_RESTORES}
  create table objectsBefore (
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
  ) strict;
  insert into objectsBefore
    select id, bucket, key, type, sizeBytes, etag, lastModifiedMs, acl, location, crc64, contentMd5, headers from objects;
  drop table objects;
  alter table objectsBefore rename to objects;
  create trigger channelFragmentsGo before delete on objects begin
    delete from fragments where objectId = old.id and path is null;
  end;
  alter table fragments drop column isCovered;
  alter table buckets drop column versioning;
  alter table buckets drop column deleteMarkerCount;
  delete from kysely_migration where name >= '0008';
`;

/** The database before migration 0005. */
const BEFORE_SOURCES = `
  ${BEFORE_VERSIONS}
  drop trigger channelFragmentsGo;
  drop table fragments;
  drop table documents;
  alter table livePlaylists drop column discontinuities;
  create table fragments (
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
  ) strict, without rowid;
  create index fragmentsByPlaylist on fragments (playlist, sequence);
  delete from kysely_migration where name >= '0005';
`;

test('fragments of a database from before sources keep their place', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'metadata.sqlite');
  const store = await openSqliteStore({ path });
  await store.putBucket(bucket());
  await store.putFragment(...fragment(3));
  await store.close();
  const raw = (await findSqlite()).open(path, 0);
  raw.exec('pragma foreign_keys = off');
  raw.exec(BEFORE_SOURCES);
  raw.exec(`insert into fragments
    select 'examplebucket', 'door', ${NOON_MS + 3000}, 4004.5, 'a-push', 1, 3, 1, objects.id from objects`);
  raw.close();

  const migrated = await openSqliteStore({ path });
  onTestFinished(() => migrated.close());
  const range = { sources: ['examplebucket/door'], by: 'start', fromMs: 0, toMs: NOON_MS * 2 } as const;
  expect(await timelineEntries(migrated, range)).toEqual([
    {
      startMs: NOON_MS + 3000,
      durationMs: 4004.5,
      sessionId: 'a-push',
      sequence: 3,
      discontinuity: true,
      discontinuityCount: 1,
      path: null,
      isGone: false,
    },
  ]);
  expect(await migrated.lastFragments('first/playlist.m3u8', 9)).toHaveLength(1);
  await migrated.deleteObject('examplebucket', fragment(3)[0].key, NOON_MS);
  expect(await timelineEntries(migrated, range)).toEqual([]);
});

test('live playlists of a database from before they were counted count the discontinuities that are left', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'metadata.sqlite');
  const store = await openSqliteStore({ path });
  await store.putBucket(bucket());
  for (const index of [0, 1, 2, 3]) await store.putFragment(...fragment(index, { discontinuity: index % 2 === 1 }));
  await store.putFragment(...fragment(4, { playlistId: 'first/other.m3u8', sequence: 0 }));
  await store.close();
  const raw = (await findSqlite()).open(path, 0);
  raw.exec('pragma foreign_keys = off');
  raw.exec(`
    ${BEFORE_VERSIONS}
    alter table livePlaylists drop column discontinuities;
    alter table fragments drop column discontinuityCount;
    delete from kysely_migration where name >= '0007';
  `);
  raw.close();

  const migrated = await openSqliteStore({ path });
  onTestFinished(() => migrated.close());
  await migrated.putFragment(...fragment(5, { sequence: 4, discontinuity: true }));
  const countsOf = async (playlistId: string) =>
    (await migrated.lastFragments(playlistId, 9)).map(({ discontinuityCount }) => discontinuityCount);
  expect(await countsOf('first/playlist.m3u8')).toEqual([0, 1, 1, 2, 3]);
  expect(await countsOf('first/other.m3u8')).toEqual([0]);
});

test('objects of a database from before versions are the current ones, and keep their fragments', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'metadata.sqlite');
  const store = await openSqliteStore({ path });
  await store.putBucket(bucket());
  await store.putObject(object('a'));
  for (const index of [0, 1]) await store.putFragment(...fragment(index));
  await store.close();
  const raw = (await findSqlite()).open(path, 0);
  raw.exec('pragma foreign_keys = off');
  raw.exec(BEFORE_VERSIONS);
  raw.close();

  const migrated = await openSqliteStore({ path });
  onTestFinished(() => migrated.close());
  const query = { prefix: '', marker: '', delimiter: '', limit: 9 };
  const listed = await migrated.listObjects('examplebucket', query);
  expect(listed.items).toEqual([{ object: object('a') }, { object: fragment(0)[0] }, { object: fragment(1)[0] }]);
  expect(await migrated.bucketUsage('examplebucket')).toMatchObject({ objectCount: 3, deleteMarkerCount: 0 });
  await migrated.putBucket(bucket({ configurations: { versioning: '{"status":"Enabled"}' } }));
  await migrated.putObject(object('a', { location: 'other bytes' }));
  await migrated.deleteObject('examplebucket', fragment(0)[0].key, NOON_MS);
  const versions = await migrated.listVersions('examplebucket', { ...query, versionIdMarker: '' });
  expect(versions.items).toHaveLength(5);
  expect(await migrated.getVersion('examplebucket', 'a', 'null')).toEqual(object('a'));
  expect(await migrated.lastFragments('first/playlist.m3u8', 9)).toMatchObject([{ sequence: 1 }]);
});

test('objects of a database from before restores were never restored and never read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'metadata.sqlite');
  const store = await openSqliteStore({ path });
  await store.putBucket(bucket());
  await store.putObject(object('key'));
  await store.close();
  const raw = (await findSqlite()).open(path, 0);
  raw.exec(BEFORE_RESTORES);
  raw.close();

  const migrated = await openSqliteStore({ path });
  onTestFinished(() => migrated.close());
  expect(await migrated.getObject('examplebucket', 'key')).toEqual(object('key'));
});
