import { afterEach, beforeEach, expect, it } from 'vitest';
import { type BytesPlace, claimPlace, memoryPlace, refuseOtherPlace } from '../../src/emulator/bytes-place.ts';
import type { MetadataStore } from '../../src/storage/metadata/metadata-store.ts';
import { openSqliteStore } from '../../src/storage/metadata/sqlite.ts';

let database: MetadataStore;
let other: MetadataStore;
beforeEach(async () => {
  database = await openSqliteStore({ path: ':memory:' });
  other = await openSqliteStore({ path: ':memory:' });
});
afterEach(async () => {
  await database.close();
  await other.close();
});

function place(shown: string, isShared = true): BytesPlace {
  let mark: string | undefined;
  return {
    shown,
    isShared,
    readMark: async () => mark,
    async writeMark(id) {
      mark = id;
    },
  };
}

it('keeps database and place together, also when the database was emptied', async () => {
  const first = place('a');
  await claimPlace(database, first);
  await database.clear();
  await claimPlace(database, first);
  await expect(claimPlace(database, place('b'))).rejects.toThrow(/are in a, not in b: .* choose another database/);
  await expect(claimPlace(other, first)).rejects.toThrow('a holds the objects of another database');
  await expect(refuseOtherPlace(database, 'c')).rejects.toThrow('are in a, not in c');
  await refuseOtherPlace(other, 'c');
});

it('leaves a new database without a place when that cannot be used', async () => {
  const mistyped = { ...place('exmaple'), writeMark: () => Promise.reject(new Error('NoSuchBucket')) };
  await expect(claimPlace(database, mistyped)).rejects.toThrow('NoSuchBucket');
  await claimPlace(database, place('example'));
});

it('refuses a place of another database that has a place too', async () => {
  const second = place('b');
  await claimPlace(database, place('a'));
  await claimPlace(other, second);
  await expect(claimPlace(database, second)).rejects.toThrow('are in a, not in b');
});

it('lets all start at once that have one place, and one of those that have different ones', async () => {
  const shared = place('a');
  await Promise.all([1, 2, 3].map(() => claimPlace(database, shared)));
  await claimPlace(database, shared);
  const places = ['b', 'c', 'd'].map((shown) => place(shown));
  const outcomes = await Promise.allSettled(places.map((one) => claimPlace(other, one)));
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected', 'rejected']);
});

it('knows a folder by its mark, not by its name, which folders of other machines have too', async () => {
  await claimPlace(database, place('/data', false));
  await expect(claimPlace(database, place('/data', false))).rejects.toThrow('are in /data, not in /data');
});

it('takes the memory of an emulator for gone when another one starts', async () => {
  await claimPlace(database, memoryPlace());
  await expect(claimPlace(database, memoryPlace())).rejects.toThrow('in the memory of the emulator');
});
