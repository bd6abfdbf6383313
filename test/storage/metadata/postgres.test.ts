import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UsageError } from '../../../src/base/errors.ts';
import { silentLog } from '../../../src/base/log.ts';
import type { MetadataStore } from '../../../src/storage/metadata/metadata-store.ts';
import { openPostgresStore } from '../../../src/storage/metadata/postgres.ts';
import { shownDatabaseUrl } from '../../../src/storage/postgres/shown-database-url.ts';
import { describeMetadataListing } from '../../contract/metadata-listing.ts';
import { describeMetadataMoves } from '../../contract/metadata-moves.ts';
import { bucket, channel, fragment, NOON_MS, object, part, upload } from '../../contract/metadata-records.ts';
import { describeMetadataStore } from '../../contract/metadata-store.ts';
import { describeMetadataStreams } from '../../contract/metadata-streams.ts';
import { describeMetadataTimelines } from '../../contract/metadata-timelines.ts';
import { describeMetadataVersions } from '../../contract/metadata-versions.ts';
import { POSTGRES, testPostgres } from '../../support/postgres.ts';
import { describeWith } from '../../support/tools.ts';

/** Fewer than of SQLite: each call is a round trip. */
const TRAITS = { firstCharacter: '\u0001', runs: 12 };

describeWith([POSTGRES], 'PostgreSQL', () => {
  let url: string;
  let store: MetadataStore;

  beforeAll(async () => {
    url = await (await testPostgres()).createDatabase();
    store = await openPostgresStore({ url, log: silentLog });
  });
  afterAll(() => store.close());

  /** The one store, empty. To connect for each test would take longer than the tests. */
  const open = async (): Promise<MetadataStore> => {
    await store.clear();
    return { ...store, close: async () => {} };
  };
  describeMetadataStore(open, TRAITS);
  describeMetadataMoves(open);
  describeMetadataStreams(open);
  describeMetadataTimelines(open);
  describeMetadataVersions(open, TRAITS);
  describeMetadataListing(open, TRAITS);

  describe('of several processes', () => {
    let other: MetadataStore;
    beforeAll(async () => {
      other = await openPostgresStore({ url, log: silentLog });
    });
    afterAll(() => other.close());
    const either = (index: number) => (index % 2 === 0 ? store : other);
    const many = Array.from({ length: 40 }, (_, index) => index);

    test('keeps one object of those put at once under a key, and gives back every other location once', async () => {
      await store.clear();
      await store.putBucket(bucket());
      const puts = await Promise.all(
        many.map((index) => either(index).putObject(object('a', { location: `at-${index}` }))),
      );
      const kept = (await other.getObject('examplebucket', 'a'))?.location;
      const locations = [...puts.map(({ replacedLocation }) => replacedLocation), kept].filter(
        (at) => at !== undefined,
      );
      expect(locations.toSorted()).toEqual(many.map((index) => `at-${index}`).toSorted());
    });

    test('loses no object and no location when puts and deletions of a key meet', async () => {
      const outcomes = await Promise.all(
        many.map(async (index) => {
          if (index % 4 === 3) return [(await either(index >> 2).deleteObject('examplebucket', 'b', NOON_MS)).location];
          return [(await either(index).putObject(object('b', { location: `at-${index}` }))).replacedLocation];
        }),
      );
      const kept = (await store.getObject('examplebucket', 'b'))?.location;
      const put = many.filter((index) => index % 4 !== 3).map((index) => `at-${index}`);
      expect([...outcomes.flat(), kept].filter((at) => at !== undefined).toSorted()).toEqual(put.toSorted());
    });

    test('gives each version that is put at once an id, and makes one of them current', async () => {
      await store.putBucket(bucket({ configurations: { versioning: '{"status":"Enabled"}' } }));
      const puts = await Promise.all(many.map((index) => either(index).putObject(object('versioned'))));
      expect(new Set(puts.map(({ versionId }) => versionId)).size).toBe(many.length);
      const { items } = await store.listVersions('examplebucket', {
        prefix: 'versioned',
        marker: '',
        versionIdMarker: '',
        delimiter: '',
        limit: 1000,
      });
      expect(items.filter((item) => 'isLatest' in item && item.isLatest)).toHaveLength(1);
      expect(items).toHaveLength(many.length);
    });

    test('changes a bucket one after another', async () => {
      await store.clear();
      await Promise.all(
        many.map((index) =>
          either(index).changeBucket('examplebucket', (current = bucket()) => ({
            ...current,
            configurations: { ...current.configurations, [`n${index}`]: '{}' },
          })),
        ),
      );
      const { configurations } = (await other.getBucket('examplebucket')) ?? bucket();
      expect(Object.keys(configurations)).toHaveLength(many.length);
    });

    test('deletes a bucket or puts into it, never both', async () => {
      for (let round = 0; round < 15; round += 1) {
        await store.clear();
        await store.putBucket(bucket());
        const into = [
          other.putObject(object('a')),
          other.putFragment(...fragment(0)),
          other.putChannel(channel('door')),
          other.putUpload(upload('big', 'u1')),
        ];
        const [deleted, ...puts] = await Promise.allSettled([store.deleteBucket('examplebucket'), ...into]);
        const isDeleted = deleted?.status === 'fulfilled' && deleted.value === 'deleted';
        const stored = puts.filter(({ status }) => status === 'fulfilled').length;
        expect(stored).toBe(isDeleted ? 0 : puts.length);
        for (const put of puts)
          if (put.status === 'rejected') expect(put.reason).toMatchObject({ code: 'NoSuchBucket' });
      }
    });

    test('gives back every replaced part once, and no part is left of an upload that ends meanwhile', async () => {
      await store.clear();
      await store.putBucket(bucket());
      await store.putUpload(upload('big', 'u1'));
      const outcomes = await Promise.allSettled<readonly string[]>([
        ...many.map(async (index) => {
          const replaced = await either(index).putPart({ ...part('u1', 1), location: `at-${index}` });
          return replaced === undefined ? [] : [replaced];
        }),
        other.deleteUpload('u1').then((parts) => parts.map(({ location }) => location)),
      ]);
      const stored = many.filter((index) => outcomes[index]?.status === 'fulfilled').map((index) => `at-${index}`);
      const released = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []));
      expect(released.toSorted()).toEqual(stored.toSorted());
    });

    test('opens once when many start at the same time', async () => {
      const server = await testPostgres();
      const fresh = await server.createDatabase();
      const stores = await Promise.all(many.slice(0, 6).map(() => openPostgresStore({ url: fresh, log: silentLog })));
      await Promise.all(stores.map((opened, index) => opened.putBucket(bucket({ name: `bucket-${index}` }))));
      expect((await stores[0]?.listBuckets({ prefix: '', marker: '', limit: 10 }))?.items).toHaveLength(stores.length);
      await Promise.all(stores.map((opened) => opened.close()));
    });
  });

  test.each(['a\0b', 'half \ud83c of a pair'])('refuses what it cannot keep: %j', async (text) => {
    await store.clear();
    await store.putBucket(bucket());
    const refused = { code: 'InvalidArgument', status: 400 };
    const query = { prefix: text, marker: '', delimiter: '/', limit: 10 };
    await expect(store.putObject(object(text))).rejects.toMatchObject(refused);
    await expect(store.getObject('examplebucket', text)).rejects.toMatchObject(refused);
    await expect(store.putChannel(channel('door', { description: text }))).rejects.toMatchObject(refused);
    await expect(store.listObjects('examplebucket', query)).rejects.toMatchObject(refused);
  });

  test.each(['a\0b', 'half \ud83c of a pair'])('refuses a header that it cannot keep: %j', async (text) => {
    await store.putBucket(bucket());
    const withHeader = object('header', { headers: { 'x-oss-meta-a': text } });
    await expect(store.putObject(withHeader)).rejects.toMatchObject({ code: 'InvalidArgument' });
  });

  test('takes numbers as numbers only on its own connections', async () => {
    const { types } = (await import('pg')).default;
    expect(types.getTypeParser(20, 'text')('1')).toBe('1');
  });

  test('refuses the database of a version that knows more, or of another encoding', async () => {
    const server = await testPostgres();
    const later = await server.createDatabase();
    await (await openPostgresStore({ url: later, log: silentLog })).close();
    const [name = ''] = later.split('/').slice(-1);
    await server.execute(`insert into kysely_migration (name, timestamp) values ('9999 the future', '2099')`, name);
    await expect(openPostgresStore({ url: later, log: silentLog })).rejects.toThrow(/another version of the emulator/);
    const foreign = await server.createDatabase();
    await server.execute('create table objects (id integer)', foreign.split('/').at(-1));
    await expect(openPostgresStore({ url: foreign, log: silentLog })).rejects.toThrow('tables of another program');
    await server.execute(`create database latin encoding 'LATIN1' locale 'C' template template0`);
    await expect(openPostgresStore({ url: server.urlOf('latin'), log: silentLog })).rejects.toThrow(/encoding LATIN1/);
  });

  test('says where it is without the password', async () => {
    const { port } = await testPostgres();
    const secret = `postgres://nobody:hunter2@127.0.0.1:${port}/absent?password=hunter3`;
    expect(shownDatabaseUrl(secret)).toBe(`postgres://nobody@127.0.0.1:${port}/absent`);
    const refusal: unknown = await openPostgresStore({ url: secret, log: silentLog }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(UsageError);
    expect(String(refusal)).not.toMatch(/hunter/);
  });
});
