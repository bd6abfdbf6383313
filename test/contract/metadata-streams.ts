import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MetadataStore } from '../../src/storage/metadata/metadata-store.ts';
import { BYTES_PLACE_KIND, type DocumentRecord } from '../../src/storage/metadata/records.ts';
import { timelineEntries } from '../../src/storage/metadata/timeline-entries.ts';
import { bucket, fragment, NOON_MS, streamFragment } from './metadata-records.ts';

/** The contract of every MetadataStore for streams of ApsaraVideo Live. `open` returns an empty store. */
export function describeMetadataStreams(open: () => Promise<MetadataStore>): void {
  let store: MetadataStore;
  beforeEach(async () => {
    store = await open();
    await store.putBucket(bucket());
  });
  afterEach(() => store.close());

  describe('fragments of streams', () => {
    const STREAM = 'live:*/app/s1';
    const uploaded = async (fromIndex: number, toIndex: number, sources = [STREAM]) => {
      const range = { fromMs: NOON_MS + fromIndex * 1000, toMs: NOON_MS + toIndex * 1000 };
      const entries = await timelineEntries(store, { sources, by: 'upload', ...range });
      return entries.map(({ startMs }) => (startMs - NOON_MS) / 1000);
    };

    test('are found by when they were stored, both ends included', async () => {
      for (const index of [0, 1, 2, 3]) await store.putFragment(...streamFragment(index));
      await store.putFragment(...streamFragment(8, { source: 'live:*/app/s2', uploadedMs: NOON_MS + 2000 }));
      await store.putFragment(...fragment(1));
      expect(await uploaded(2, 3)).toEqual([1, 2]);
      expect(await uploaded(9, 10)).toEqual([]);
    });

    test('each have the place of their object', async () => {
      for (const index of [0, 1, 2]) await store.putFragment(...streamFragment(index));
      const range = { sources: [STREAM], by: 'start', fromMs: 0, toMs: NOON_MS * 2 } as const;
      const places = (await timelineEntries(store, range)).map(({ path }) => path);
      expect(places).toEqual([0, 1, 2].map((index) => streamFragment(index)[1].path));
      expect(new Set(places).size).toBe(3);
    });

    test('of several sources come in the order of their start', async () => {
      await store.putFragment(...streamFragment(0));
      await store.putFragment(...streamFragment(1, { source: 'live:example.com/app/s1' }));
      await store.putFragment(...streamFragment(2));
      expect(await uploaded(0, 9, [STREAM, 'live:example.com/app/s1'])).toEqual([0, 1, 2]);
    });

    test('are found by their upload where the clock was set back', async () => {
      const put = (index: number, startSec: number, uploadedSec: number) =>
        store.putFragment(
          ...streamFragment(index, { startMs: NOON_MS + startSec * 1000, uploadedMs: NOON_MS + uploadedSec * 1000 }),
        );
      await put(0, 0, 5);
      // During this one.
      await put(1, 5, -50);
      await put(2, -50, -45);
      expect(await uploaded(-55, -40)).toEqual([5, -50]);
      expect(await uploaded(-55, 9)).toEqual([0, 5, -50]);
      expect(await uploaded(0, 9)).toEqual([0]);
    });

    test('outlive their object, and say so', async () => {
      for (const index of [0, 1]) await store.putFragment(...streamFragment(index));
      await store.deleteObject('examplebucket', streamFragment(0)[0].key, NOON_MS);
      await store.putObject({ ...streamFragment(1)[0], location: 'other bytes' });
      const [gone, replaced] = await timelineEntries(store, {
        sources: [STREAM],
        by: 'start',
        fromMs: 0,
        toMs: NOON_MS * 2,
      });
      expect(gone).toMatchObject({ path: 'examplebucket/record/app/s1/0.ts', isGone: true });
      expect(replaced).toMatchObject({ isGone: false });
    });

    test('remember their picture', async () => {
      await store.putFragment(...streamFragment(0));
      await store.putFragment(...streamFragment(1, { picture: null }));
      expect(await store.fragmentPicture(STREAM, NOON_MS)).toEqual({ widthPx: 640, heightPx: 360 });
      expect(await store.fragmentPicture(STREAM, NOON_MS + 1000)).toBeUndefined();
    });

    test('are forgotten when the bucket of their objects is cleared, and those in other buckets are kept', async () => {
      // Bucket names that sort directly before and after `examplebucket/`.
      const others = ['examplebucke', 'examplebucket-2', 'examplebucket0', 'other'];
      await store.putFragment(...streamFragment(0));
      for (const [index, name] of others.entries()) {
        await store.putBucket(bucket({ name }));
        const [record, row] = streamFragment(index + 1);
        await store.putFragment({ ...record, bucket: name }, { ...row, path: `${name}/${record.key}` });
      }
      await store.clear('examplebucket');
      expect(await uploaded(0, 9)).toEqual([1, 2, 3, 4]);
      expect(await store.getObject('examplebucket', streamFragment(0)[0].key)).toBeUndefined();
      await store.clear('other');
      expect(await uploaded(0, 9)).toEqual([1, 2, 3]);
    });

    test('the first one that was stored at a time or later is found, of whichever source', async () => {
      for (const index of [0, 5]) await store.putFragment(...streamFragment(index));
      await store.putFragment(...fragment(0));
      const { source } = streamFragment(0)[1];
      const startOf = async (fromMs: number, sources = [source, 'another', 'examplebucket/door']) =>
        (await store.firstUploaded(sources, fromMs))?.startMs;
      const [first, second] = [0, 5].map((index) => streamFragment(index)[1]);
      expect(await startOf(first?.uploadedMs ?? 0)).toBe(first?.startMs);
      expect(await startOf((first?.uploadedMs ?? 0) + 1)).toBe(second?.startMs);
      expect(await startOf((second?.uploadedMs ?? 0) + 1)).toBeUndefined();
      expect(await startOf(0, ['another'])).toBeUndefined();
    });

    test('are forgotten by age, unlike those of channels', async () => {
      for (const index of [0, 5]) await store.putFragment(...streamFragment(index));
      await store.putFragment(...fragment(0));
      await store.forgetStreamFragments(NOON_MS + 3000);
      expect(await uploaded(0, 9)).toEqual([5]);
      expect(await store.lastFragmentStart('examplebucket/door')).toBe(NOON_MS);
      expect(await store.getObject('examplebucket', streamFragment(0)[0].key)).toBeDefined();
    });
  });

  describe('documents', () => {
    const document = (name: string, fields: Partial<DocumentRecord> = {}): DocumentRecord => ({
      kind: 'rule',
      scope: 'example.com',
      name,
      createdMs: NOON_MS,
      body: '{"a":1}',
      ...fields,
    });

    test('are replaced, read and deleted by kind, scope and name', async () => {
      await store.putDocument(document('a'));
      await store.putDocument(document('a', { body: '{"a":2}', createdMs: NOON_MS + 1 }));
      await store.putDocument(document('a', { kind: 'other' }));
      const second = document('a', { body: '{"a":2}', createdMs: NOON_MS + 1 });
      expect(await store.getDocument('rule', 'example.com', 'a')).toEqual(second);
      expect(await store.deleteDocument('rule', 'example.com', 'a')).toBe(true);
      expect(await store.deleteDocument('rule', 'example.com', 'a')).toBe(false);
      expect(await store.getDocument('other', 'example.com', 'a')).toBeDefined();
    });

    test('are created once, whoever comes first', async () => {
      const bodies = ['1', '2', '3'];
      const created = await Promise.all(bodies.map((body) => store.createDocument(document('a', { body }))));
      const kept = await store.getDocument(document('a').kind, document('a').scope, 'a');
      expect(created).toEqual(bodies.map(() => kept));
    });

    test('stay when everything is deleted, if they say where the bytes are', async () => {
      const place = document('', { kind: BYTES_PLACE_KIND });
      await store.putDocument(document('a'));
      await store.putDocument(place);
      await store.clear();
      expect(await store.listDocuments(BYTES_PLACE_KIND)).toEqual([place]);
      expect(await store.listDocuments(document('a').kind)).toEqual([]);
      await store.deleteDocument(BYTES_PLACE_KIND, place.scope, place.name);
    });

    test('of pushes and recordings are found as long as they have no end', async () => {
      const of = (name: string, endedMs: number | null, fields: Partial<DocumentRecord> = {}) =>
        store.putDocument(document(name, { kind: 'push', body: JSON.stringify({ endedMs, app: 'show' }), ...fields }));
      await of('young', null, { createdMs: NOON_MS + 5 });
      await of('old', null, { scope: 'example.org' });
      await of('ended', 5);
      await of('recording', null, { kind: 'recording' });
      await of('other', null, { kind: 'other' });
      const names = async (scope?: string) => (await store.listOpenDocuments('push', scope)).map(({ name }) => name);
      expect(await names()).toEqual(['old', 'young']);
      expect(await names('example.com')).toEqual(['young']);
      await of('young', 7);
      expect(await names()).toEqual(['old']);
      await of('ended', null);
      expect(await names('example.com')).toEqual(['ended']);
    });

    test('are listed by age, and forgotten by it', async () => {
      await store.putDocument(document('young', { createdMs: NOON_MS + 5 }));
      await store.putDocument(document('old', { scope: 'example.org' }));
      await store.putDocument(document('middle', { createdMs: NOON_MS + 2 }));
      const names = async (scope?: string) => (await store.listDocuments('rule', scope)).map(({ name }) => name);
      expect(await names()).toEqual(['old', 'middle', 'young']);
      expect(await names('example.com')).toEqual(['middle', 'young']);
      await store.forgetDocuments('rule', NOON_MS + 5);
      expect(await names()).toEqual(['young']);
    });
  });
}
