import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { openSqliteStore } from '../../../src/storage/metadata/sqlite.ts';
import { bucket, fragment, NOON_MS, object } from '../../contract/metadata-records.ts';

const WITHOUT_RESTORES = `
  drop index objectsOfOwnClass;
  alter table uploads drop column sequential;
  alter table objects drop column restore;
  alter table objects drop column accessedMs;
  delete from kysely_migration where name >= '0009';
`;

/** The database before migration 0005. */
const BEFORE = `
  ${WITHOUT_RESTORES}
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
  const raw = new Database(path);
  raw.pragma('foreign_keys = off');
  raw.exec(BEFORE);
  raw.exec(`insert into fragments
    select 'examplebucket', 'door', ${NOON_MS + 3000}, 4004.5, 'a-push', 1, 3, 1, objects.id from objects`);
  raw.close();

  const migrated = await openSqliteStore({ path });
  onTestFinished(() => migrated.close());
  const range = { sources: ['examplebucket/door'], by: 'start', fromMs: 0, toMs: NOON_MS * 2 } as const;
  expect(await migrated.timeline(range)).toEqual([
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
  await migrated.deleteObject('examplebucket', fragment(3)[0].key);
  expect(await migrated.timeline(range)).toEqual([]);
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
  const raw = new Database(path);
  raw.exec(`
    ${WITHOUT_RESTORES}
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

test('objects of a database from before restores were never restored and never read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'metadata.sqlite');
  const store = await openSqliteStore({ path });
  await store.putBucket(bucket());
  await store.putObject(object('key'));
  await store.close();
  const raw = new Database(path);
  raw.exec(WITHOUT_RESTORES);
  raw.close();

  const migrated = await openSqliteStore({ path });
  onTestFinished(() => migrated.close());
  expect(await migrated.getObject('examplebucket', 'key')).toEqual(object('key'));
});
