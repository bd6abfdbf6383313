import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UsageError } from '../../../src/base/errors.ts';
import { openSqliteStore } from '../../../src/storage/metadata/sqlite.ts';
import { describeMetadataListing } from '../../contract/metadata-listing.ts';
import { bucket, channel, fragment, object } from '../../contract/metadata-records.ts';
import { describeMetadataStore } from '../../contract/metadata-store.ts';
import { describeMetadataStreams } from '../../contract/metadata-streams.ts';
import { describeMetadataVersions } from '../../contract/metadata-versions.ts';

let folder: string;
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'metadata-'));
});
afterAll(() => rm(folder, { recursive: true }));

function newPath(): string {
  files += 1;
  return join(folder, `${files}.sqlite`);
}

describe('SQLite in a file', () => {
  describeMetadataStore(() => openSqliteStore({ path: newPath() }));

  test('keeps everything when it is opened again', async () => {
    const path = newPath();
    const first = await openSqliteStore({ path });
    await first.putBucket(bucket());
    await first.putChannel(channel('door'));
    await first.putFragment(...fragment(0));
    await first.close();
    const second = await openSqliteStore({ path });
    expect(await second.getChannel('examplebucket', 'door')).toEqual(channel('door'));
    expect(await second.nextSequence('first/playlist.m3u8')).toBe(1);
    await second.close();
  });

  test('is written so that a killed process leaves nothing half-done', async () => {
    const path = newPath();
    const store = await openSqliteStore({ path });
    const reader = new Database(path, { readonly: true });
    expect(reader.pragma('journal_mode', { simple: true })).toBe('wal');
    reader.close();
    await store.close();
  });

  test('refuses a file that is not a database', async () => {
    const path = newPath();
    await writeFile(path, 'a letter to a friend, long enough to be taken for a page of a database'.repeat(20));
    await expect(openSqliteStore({ path })).rejects.toThrow(UsageError);
  });

  test('refuses a database of a version that knows more', async () => {
    const path = newPath();
    await (await openSqliteStore({ path })).close();
    const raw = new Database(path);
    raw.prepare('insert into kysely_migration (name, timestamp) values (?, ?)').run('9999 the future', '2099');
    raw.close();
    await expect(openSqliteStore({ path })).rejects.toThrow(/another version of the emulator/);
  });
});

describe('SQLite in memory', () => {
  describeMetadataStore(() => openSqliteStore({ path: ':memory:' }));
  describeMetadataStreams(() => openSqliteStore({ path: ':memory:' }));
  describeMetadataVersions(() => openSqliteStore({ path: ':memory:' }));
  describeMetadataListing(() => openSqliteStore({ path: ':memory:' }));

  test('is a world of its own per store', async () => {
    const [one, other] = [await openSqliteStore({ path: ':memory:' }), await openSqliteStore({ path: ':memory:' })];
    await one.putBucket(bucket());
    await one.putObject(object('a'));
    expect(await other.getBucket('examplebucket')).toBeUndefined();
    await one.close();
    await other.close();
  });
});
