import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MetadataStore, ObjectListing, UploadListing } from '../../src/storage/metadata/metadata-store.ts';
import { bucket, channel, FIRST_CHARACTER, object, type StoreTraits, upload } from './metadata-records.ts';

interface ListQuery {
  readonly prefix: string;
  readonly marker: string;
  readonly delimiter: string;
  readonly limit: number;
}

/** Listings against a naive model. `open` gives an empty store. */
export function describeMetadataListing(
  open: () => Promise<MetadataStore>,
  { firstCharacter = FIRST_CHARACTER, runs = 100 }: StoreTraits = {},
): void {
  // Few characters, so that keys share prefixes; the ends of the UTF-8 ranges, to test the order.
  const characters = ['a', 'b', '/', firstCharacter, '\u007f', 'é', '\ud7ff', '\ue000', '\uffff', '🎥', '\u{10ffff}'];
  const name = fc.string({ unit: fc.constantFrom(...characters), minLength: 1, maxLength: 6 });
  const nameOrEmpty = fc.oneof(fc.constant(''), name);
  const names = fc.uniqueArray(name, { maxLength: 30 });
  const delimiter = fc.constantFrom('', '/', 'a', '🎥', '/a', firstCharacter, '\u{10ffff}');
  const withStore = async (use: (store: MetadataStore) => Promise<void>) => {
    const store = await open();
    try {
      await store.putBucket(bucket());
      await use(store);
    } finally {
      await store.close();
    }
  };

  describe('listing objects', () => {
    test('equals the model for every prefix, marker, delimiter and limit', async () => {
      const query = fc.record({
        prefix: nameOrEmpty,
        marker: nameOrEmpty,
        delimiter,
        limit: fc.integer({ min: 1, max: 8 }),
      });
      const property = fc.asyncProperty(names, fc.array(query, { minLength: 1, maxLength: 10 }), (keys, queries) =>
        withStore(async (store) => {
          for (const key of keys) await store.putObject(object(key));
          for (const each of queries) expect(await list(store, each)).toEqual(modelPage(keys, each));
        }),
      );
      await fc.assert(property, { numRuns: 1.5 * runs });
    });

    test('page by page gives exactly the whole', async () => {
      const property = fc.asyncProperty(
        names,
        nameOrEmpty,
        delimiter,
        fc.integer({ min: 1, max: 5 }),
        (keys, prefix, by, limit) =>
          withStore(async (store) => {
            for (const key of keys) await store.putObject(object(key));
            const query = { prefix, delimiter: by };
            const paged: string[] = [];
            for (let truncated = true; truncated && paged.length <= keys.length; ) {
              const page = await list(store, { ...query, marker: paged.at(-1) ?? '', limit });
              paged.push(...page.entries);
              truncated = page.truncated;
            }
            expect(paged).toEqual(modelPage(keys, { ...query, marker: '', limit: 1000 }).entries);
          }),
      );
      await fc.assert(property, { numRuns: runs });
    });

    test('looks into its own bucket only', () =>
      withStore(async (store) => {
        for (const other of ['examplebucke', 'examplebucket2']) {
          await store.putBucket(bucket({ name: other }));
          await store.putObject(object('a/b', { bucket: other }));
        }
        await store.putObject(object('c/d'));
        const query = { prefix: '', marker: '', delimiter: '/', limit: 10 };
        expect(await list(store, query)).toEqual({ entries: ['c/'], truncated: false });
      }));

    test('gives whole objects beside the common prefixes, and hides a prefix that the marker lies in', () =>
      withStore(async (store) => {
        for (const key of ['a', 'b/1', 'b/2', 'c']) await store.putObject(object(key));
        const query = { prefix: '', delimiter: '/', limit: 10 };
        const all = await store.listObjects('examplebucket', { ...query, marker: '' });
        expect(all.items).toEqual([{ object: object('a') }, { commonPrefix: 'b/' }, { object: object('c') }]);
        for (const marker of ['b/', 'b/1', 'b/9']) {
          const rest = await store.listObjects('examplebucket', { ...query, marker });
          expect(rest.items).toEqual([{ object: object('c') }]);
        }
      }));
  });

  test('listing uploads gives each upload and each common prefix once, page by page, in order', async () => {
    const keys = fc.array(name, { maxLength: 20 });
    const limit = fc.integer({ min: 1, max: 5 });
    const property = fc.asyncProperty(keys, nameOrEmpty, delimiter, limit, (all, prefix, by, most) =>
      withStore(async (store) => {
        for (const [index, key] of all.entries()) await store.putUpload(upload(key, `u${(index * 7) % 20}-${index}`));
        const uploads = all.map((key, index) => ({ key, uploadId: `u${(index * 7) % 20}-${index}` }));
        const listed: string[] = [];
        let query = { prefix, delimiter: by, marker: '', uploadIdMarker: '', limit: most };
        for (let truncated = true; truncated && listed.length <= all.length; ) {
          const page = await store.listUploads('examplebucket', query);
          listed.push(...page.items.map(uploadName));
          const last = page.items.at(-1);
          const next = last && ('upload' in last ? last.upload : { key: last.commonPrefix, uploadId: '' });
          query = { ...query, marker: next?.key ?? '', uploadIdMarker: next?.uploadId ?? '' };
          truncated = page.truncated;
        }
        const entries = modelPage([...new Set(all)], { ...query, marker: '', limit: 1000 }).entries;
        const ids = (key: string) =>
          uploads.filter((each) => each.key === key).map((each) => `${key} ${each.uploadId}`);
        const isGroup = (entry: string) => by !== '' && entry.slice(prefix.length).includes(by);
        expect(listed).toEqual(entries.flatMap((entry) => (isGroup(entry) ? [entry] : ids(entry).sort())));
      }),
    );
    await fc.assert(property, { numRuns: 1.5 * runs });
  });

  test('listing channels equals the model', async () => {
    const property = fc.asyncProperty(
      names,
      nameOrEmpty,
      nameOrEmpty,
      fc.integer({ min: 1, max: 8 }),
      (all, prefix, marker, limit) =>
        withStore(async (store) => {
          for (const each of all) await store.putChannel(channel(each));
          const page = await store.listChannels('examplebucket', { prefix, marker, limit });
          const listed = { entries: page.items.map((item) => item.name), truncated: page.truncated };
          expect(listed).toEqual(modelPage(all, { prefix, marker, limit, delimiter: '' }));
        }),
    );
    await fc.assert(property, { numRuns: runs });
  });
}

async function list(store: MetadataStore, query: ListQuery): Promise<{ entries: string[]; truncated: boolean }> {
  const page = await store.listObjects('examplebucket', query);
  return { entries: page.items.map(entryName), truncated: page.truncated };
}

function entryName(item: ObjectListing): string {
  return 'object' in item ? item.object.key : item.commonPrefix;
}

function uploadName(item: UploadListing): string {
  return 'upload' in item ? `${item.upload.key} ${item.upload.uploadId}` : item.commonPrefix;
}

/** The definition of a listing, written as simply as possible. */
function modelPage(keys: readonly string[], query: ListQuery): { entries: string[]; truncated: boolean } {
  const entries = keys
    .filter((key) => key.startsWith(query.prefix))
    .map((key) => {
      const at = query.delimiter === '' ? -1 : key.indexOf(query.delimiter, query.prefix.length);
      return at < 0 ? key : key.slice(0, at + query.delimiter.length);
    });
  const later = [...new Set(entries)].sort(byUtf8).filter((entry) => isAfterMarker(entry, query));
  return { entries: later.slice(0, query.limit), truncated: later.length > query.limit };
}

function isAfterMarker(entry: string, { marker }: ListQuery): boolean {
  return marker === '' || byUtf8(entry, marker) > 0;
}

function byUtf8(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
