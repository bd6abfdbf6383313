import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UsageError } from '../../../src/base/errors.ts';
import type { MetadataStore } from '../../../src/storage/metadata/metadata-store.ts';
import { openSqliteStore } from '../../../src/storage/metadata/sqlite.ts';
import { STORED_COLUMNS } from '../../../src/storage/metadata/stored-rows.ts';
import { describeMetadataListing } from '../../contract/metadata-listing.ts';
import { describeMetadataMoves } from '../../contract/metadata-moves.ts';
import { bucket, channel, fragment, object } from '../../contract/metadata-records.ts';
import { describeMetadataStore } from '../../contract/metadata-store.ts';
import { describeMetadataStreams } from '../../contract/metadata-streams.ts';
import { describeMetadataTimelines } from '../../contract/metadata-timelines.ts';
import { describeMetadataVersions } from '../../contract/metadata-versions.ts';
import { DRIVERS } from '../sqlite/drivers.ts';

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

/** Columns of `buckets` that triggers keep. */
const COUNTERS = ['objectCount', 'deleteMarkerCount', 'storageBytes', 'liveChannelCount', 'multipartUploadCount'];

test('there is a driver', () => {
  expect(DRIVERS).not.toEqual([]);
});

describe.each(DRIVERS)('$name in a file', (driver) => {
  const open = (path = newPath()) => openSqliteStore({ path, driver });
  describeMetadataStore(open);
  describeMetadataMoves(open);

  test('has no column that a move would forget', async () => {
    const path = newPath();
    await (await open(path)).close();
    const database = driver.open(path, 0);
    const ofDatabase = new Set(['versioning', 'number', ...COUNTERS]);
    for (const [table, stored] of Object.entries(STORED_COLUMNS)) {
      const columns = database.prepare(`select name from pragma_table_info('${table}')`).all([]);
      const known = new Set<string>(stored);
      const forgotten = columns
        .map((row) => Object(row).name)
        .filter((name) => !known.has(name) && !ofDatabase.has(name));
      expect([table, forgotten]).toEqual([table, []]);
    }
    database.close();
  });

  test.each([
    ['nothing', async () => {}],
    ['a compiled query', (store: MetadataStore) => store.getBucket('examplebucket')],
    ['a query of Kysely', (store: MetadataStore) => store.listBuckets({ prefix: '', marker: '', limit: 1 })],
  ])('has closed its file after %s, so that the WAL is gone', async (_, work) => {
    const path = newPath();
    const store = await open(path);
    await work(store);
    await store.close();
    const files = (await readdir(folder)).filter((name) => name.startsWith(`${basename(path)}`));
    expect(files).toEqual([basename(path)]);
  });

  test('keeps everything when it is opened again', async () => {
    const path = newPath();
    const first = await open(path);
    await first.putBucket(bucket());
    await first.putChannel(channel('door'));
    await first.putFragment(...fragment(0));
    await first.close();
    const second = await open(path);
    expect(await second.getChannel('examplebucket', 'door')).toEqual(channel('door'));
    expect(await second.nextSequence('first/playlist.m3u8')).toBe(1);
    await second.close();
  });

  test('is written so that a killed process leaves nothing half-done', async () => {
    const path = newPath();
    const store = await open(path);
    const reader = driver.open(path, 0);
    expect(reader.prepare('pragma journal_mode').all([])).toEqual([{ journal_mode: 'wal' }]);
    reader.close();
    await store.close();
  });

  test('refuses a file that is not a database', async () => {
    const path = newPath();
    await writeFile(path, 'a letter to a friend, long enough to be taken for a page of a database'.repeat(20));
    await expect(open(path)).rejects.toThrow(UsageError);
  });

  test('refuses a database of a version that knows more', async () => {
    const path = newPath();
    await (await open(path)).close();
    const raw = driver.open(path, 0);
    raw.exec("insert into kysely_migration (name, timestamp) values ('9999 the future', '2099')");
    raw.close();
    await expect(open(path)).rejects.toThrow(/another version of the emulator/);
  });
});

describe.each(DRIVERS)('$name in memory', (driver) => {
  const open = () => openSqliteStore({ path: ':memory:', driver });
  describeMetadataStore(open);
  describeMetadataStreams(open);
  describeMetadataTimelines(open);
  describeMetadataVersions(open);
  describeMetadataListing(open);

  test('is a world of its own per store', async () => {
    const [one, other] = [await open(), await open()];
    await one.putBucket(bucket());
    await one.putObject(object('a'));
    expect(await other.getBucket('examplebucket')).toBeUndefined();
    await one.close();
    await other.close();
  });
});

test('each driver reads what the other has written', async () => {
  const path = newPath();
  for (const [index, driver] of [...DRIVERS, ...DRIVERS].entries()) {
    const store = await openSqliteStore({ path, driver });
    await store.putBucket(bucket({ name: `bucket-${index}` }));
    const { items } = await store.listBuckets({ prefix: '', marker: '', limit: 10 });
    expect(items.map(({ name }) => name)).toEqual(Array.from({ length: index + 1 }, (_, at) => `bucket-${at}`));
    await store.close();
  }
});
