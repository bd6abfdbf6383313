import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/base/errors.ts';
import type { MetadataStore } from '../../src/storage/metadata/metadata-store.ts';
import { STORED_COLUMNS, type StoredRow } from '../../src/storage/metadata/stored-rows.ts';
import { bucket, channel, fragment, NOON_MS, object, part, session, upload } from './metadata-records.ts';

async function allRows(store: MetadataStore): Promise<readonly StoredRow[]> {
  const rows: StoredRow[] = [];
  await store.readAll(async (some) => {
    rows.push(...some);
  });
  return rows;
}

async function* inPieces(rows: readonly StoredRow[]): AsyncGenerator<readonly StoredRow[]> {
  for (let at = 0; at < rows.length; at += 3) yield rows.slice(at, at + 3);
}

async function fill(store: MetadataStore): Promise<void> {
  await store.putBucket(bucket({ configurations: { versioning: '{"status":"Enabled"}' } }));
  for (const location of ['at/1', 'at/2']) await store.putObject(object('a', { location }));
  await store.deleteObject('examplebucket', 'a', NOON_MS);
  await store.putBucket(bucket({ name: 'other' }));
  await store.putObject(object('a', { bucket: 'other', location: 'at/3' }));
  await store.putUpload(upload('big', 'u1'));
  await store.putPart(part('u1', 1));
  await store.putChannel(channel('door'));
  await store.openSession(session('s1'));
  await store.endSession(session('s1'), NOON_MS + 1_000);
  for (let sequence = 0; sequence < 3; sequence++) await store.putFragment(...fragment(sequence));
  await store.putDocument({ kind: 'domain', scope: '', name: 'd', createdMs: NOON_MS, body: '{"a":1}' });
  await store.putDocument({ kind: 'bytes-place', scope: '', name: '', createdMs: NOON_MS, body: '{}' });
}

/** The numbers of playlists are those of the database. */
function withoutNumbers(rows: readonly StoredRow[]) {
  return rows.map(({ table, row: { number: _number, playlist: _playlist, ...row } }) => ({ table, row }));
}

/** How everything moves from one store into another. `open` gives an empty one, which may have the database of the one before. */
export function describeMetadataMoves(open: () => Promise<MetadataStore>): void {
  const withStore = async (use: (store: MetadataStore) => Promise<void>) => {
    const store = await open();
    try {
      await use(store);
    } finally {
      // It outlasts `clear`, and the next test may have the same database.
      await store.deleteDocument('bytes-place', '', '');
      await store.close();
    }
  };

  describe('all rows', () => {
    test('are read with every column, but for the place of the bytes', () =>
      withStore(async (store) => {
        await fill(store);
        const rows = await allRows(store);
        for (const { table, row } of rows) expect(Object.keys(row)).toEqual([...STORED_COLUMNS[table]]);
        expect([...new Set(rows.map(({ table }) => table))]).toEqual(Object.keys(STORED_COLUMNS));
        expect(rows.flatMap(({ table, row }) => (table === 'documents' ? [row.kind] : []))).toEqual(['domain']);
      }));

    test('take the place of all others, and go on as they would have', async () => {
      const view = async (store: MetadataStore) => ({
        usage: await Promise.all(['examplebucket', 'other'].map((name) => store.bucketUsage(name))),
        fragments: await store.lastFragments('first/playlist.m3u8', 9),
      });
      let rows: readonly StoredRow[] = [];
      let before: unknown;
      await withStore(async (store) => {
        await fill(store);
        rows = await allRows(store);
        before = await view(store);
      });
      await withStore(async (store) => {
        await store.putBucket(bucket({ name: 'mine' }));
        await store.putObject(object('gone', { bucket: 'mine', location: 'at/gone' }));
        await store.putDocument({ kind: 'bytes-place', scope: '', name: '', createdMs: NOON_MS, body: '{"mine":1}' });
        expect(await store.replaceAll(() => inPieces(rows))).toEqual(['at/gone']);
        expect(withoutNumbers(await allRows(store))).toEqual(withoutNumbers(rows));
        expect(await view(store)).toEqual(before);
        expect(await store.getBucket('mine')).toBeUndefined();
        expect((await store.getDocument('bytes-place', '', ''))?.body).toBe('{"mine":1}');
        await store.putFragment(...fragment(3));
        expect(await store.nextSequence('first/playlist.m3u8')).toBe(4);
        await store.putObject(object('a', { location: 'at/4' }));
        expect(await locationsOf(store, 'a')).toEqual(['at/4', '', 'at/2', 'at/1']);
      });
    });

    test('that contradict each other change nothing', async () => {
      let rows: readonly StoredRow[] = [];
      await withStore(async (store) => {
        await fill(store);
        rows = (await allRows(store)).filter(({ table }) => table !== 'buckets');
      });
      await withStore(async (store) => {
        await store.putBucket(bucket({ name: 'mine' }));
        await expect(store.replaceAll(() => inPieces(rows))).rejects.toThrow(UsageError);
        expect(await store.getBucket('mine')).toEqual(bucket({ name: 'mine' }));
      });
    });

    test('have no session that was deleted', () =>
      withStore(async (store) => {
        await fill(store);
        await store.deleteSession(session('s1'));
        expect((await allRows(store)).filter(({ table }) => table === 'sessions')).toEqual([]);
      }));
  });
}

/** Of the versions of a key, the newest first; '' for a delete marker. */
async function locationsOf(store: MetadataStore, key: string): Promise<readonly string[]> {
  const query = { prefix: key, marker: '', delimiter: '', limit: 9, versionIdMarker: '' };
  const { items } = await store.listVersions('examplebucket', query);
  return items.map((item) => ('version' in item && item.version.type !== 'DeleteMarker' ? item.version.location : ''));
}
