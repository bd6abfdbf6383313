import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MetadataStore, TimelineQuery } from '../../src/storage/metadata/metadata-store.ts';
import type { FragmentEntry } from '../../src/storage/metadata/records.ts';
import { timelineEntries } from '../../src/storage/metadata/timeline-entries.ts';
import { bucket, fragment, NOON_MS, session, streamFragment } from './metadata-records.ts';

const HOUR_SEC = 3_600;
const DAY_SEC = 24 * HOUR_SEC;
/** No window is longer than six hours. */
const MOST_AT_ONCE = 6 * HOUR_SEC;

/** The contract of every MetadataStore for long timelines. `open` returns an empty store. */
export function describeMetadataTimelines(open: () => Promise<MetadataStore>): void {
  let store: MetadataStore;
  beforeEach(async () => {
    store = await open();
    await store.putBucket(bucket());
  });
  afterEach(() => store.close());

  const DOOR = { sources: ['examplebucket/door'], by: 'start', fromMs: 0, toMs: NOON_MS * 2 } as const;

  /** A push of fragments of one second, from so many seconds after noon on. */
  async function push(id: string, fromSec: number, count: number, sequence: number): Promise<void> {
    const startedMs = NOON_MS + fromSec * 1_000;
    await store.putRecording({
      session: { ...session(id, { startedMs }), endedMs: startedMs + count * 1_000 },
      playlistId: 'first/playlist.m3u8',
      headers: {},
      fragments: Array.from({ length: count }, (_, index) => ({
        startMs: startedMs + index * 1_000,
        durationMs: 1_000 + (index % 7) / 4,
        sequence: sequence + index,
        discontinuity: index === 0,
        sizeBytes: 3,
        location: `${id}/${index}`,
      })),
    });
  }

  const secondsOf = (entries: readonly FragmentEntry[]) => entries.map(({ startMs }) => (startMs - NOON_MS) / 1_000);
  const seconds = async (query: TimelineQuery) => secondsOf(await timelineEntries(store, query));
  const from = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);

  describe('a long timeline', () => {
    test('is given some fragments at a time, each once, and other work goes on meanwhile', async () => {
      await push('one', 0, 3 * HOUR_SEC, 0);
      await push('two', 2 * DAY_SEC, HOUR_SEC, 3 * HOUR_SEC);
      let turns = 0;
      let next = setImmediate(function count() {
        turns += 1;
        next = setImmediate(count);
      });
      const turnsAt: number[] = [];
      const taken: (readonly FragmentEntry[])[] = [];
      await store.timeline(DOOR, () => ({
        add(fragments) {
          turnsAt.push(turns);
          taken.push(fragments);
        },
      }));
      clearImmediate(next);
      expect(secondsOf(taken.flat())).toEqual([...from(0, 3 * HOUR_SEC), ...from(2 * DAY_SEC, HOUR_SEC)]);
      expect(taken.length).toBeGreaterThan(1);
      expect(Math.max(...taken.map(({ length }) => length))).toBeLessThanOrEqual(MOST_AT_ONCE);
      expect(new Set(turnsAt).size).toBe(turnsAt.length);
    });

    test('has what a playlist needs of each fragment, those of a push before and after a break too', async () => {
      await push('one', 0, 100, 0);
      await push('two', 150, 3, 100);
      const entries = await timelineEntries(store, DOOR);
      const kept = { path: null, isGone: false };
      expect(entries[98]).toEqual({
        startMs: NOON_MS + 98_000,
        durationMs: 1_000,
        sessionId: 'one',
        sequence: 98,
        discontinuity: false,
        discontinuityCount: 1,
        ...kept,
      });
      expect(
        entries.slice(99).map(({ sessionId, sequence, discontinuity, discontinuityCount, durationMs }) => {
          return [sessionId, sequence, discontinuity, discontinuityCount, durationMs];
        }),
      ).toEqual([
        ['one', 99, false, 1, 1_000.25],
        ['two', 100, true, 2, 1_000],
        ['two', 101, false, 2, 1_000.25],
        ['two', 102, false, 2, 1_000.5],
      ]);
    });

    test('is taken again from its beginning where it turns out late that the clock was set back', async () => {
      await push('one', 0, 3 * HOUR_SEC, 0);
      const sequence = 3 * HOUR_SEC;
      await store.putFragment(...fragment(0, { startMs: NOON_MS + DAY_SEC * 1_000, sequence, sessionId: 'two' }));
      const back = { startMs: NOON_MS + (DAY_SEC - 5) * 1_000, sequence: sequence + 1, sessionId: 'two' };
      await store.putFragment(...fragment(0, back));
      let begun = 0;
      const taker = await store.timeline(DOOR, () => {
        begun += 1;
        const taken: FragmentEntry[] = [];
        return { taken, add: (fragments: readonly FragmentEntry[]) => void taken.push(...fragments) };
      });
      expect(begun).toBe(2);
      expect(secondsOf(taker.taken)).toEqual([...from(0, 3 * HOUR_SEC), DAY_SEC, DAY_SEC - 5]);
    });

    test.each([
      ['a moment', 0, 0, [0]],
      ['the milliseconds of a second', 1, 999, []],
      ['both ends', 1_000, 3_000, [1, 2, 3]],
      ['nothing before the first', -5_000, -1, []],
      ['a range that ends before it begins', 5_000, 4_000, []],
    ])('of %s has no other', async (_, fromMs, toMs, expected) => {
      await push('one', 0, 10, 0);
      expect(await seconds({ ...DOOR, fromMs: NOON_MS + fromMs, toMs: NOON_MS + toMs })).toEqual(expected);
    });
  });

  describe('a long timeline of streams', () => {
    const STREAMS = ['live:*/app/s1', 'live:example.com/app/s1'];
    const put = (source: string | undefined, sec: number, fields: { uploadedMs?: number } = {}) =>
      store.putFragment(...streamFragment(sec, { ...(source !== undefined && { source }), ...fields }));

    test('has the fragments of several sources in the order of their start, over days', async () => {
      const [one, other] = STREAMS;
      for (const sec of [0, 2, DAY_SEC, 3 * DAY_SEC]) await put(one, sec);
      for (const sec of [1, 3, 2 * DAY_SEC]) await put(other, sec);
      const uploads = { sources: STREAMS, by: 'upload', fromMs: 0, toMs: Number.MAX_SAFE_INTEGER } as const;
      const expected = [0, 1, 2, 3, DAY_SEC, 2 * DAY_SEC, 3 * DAY_SEC];
      expect(await seconds(uploads)).toEqual(expected);
      expect(await seconds({ ...DOOR, sources: STREAMS })).toEqual(expected);
      expect(await seconds({ ...uploads, sources: ['live:*/app/none'] })).toEqual([]);
    });

    test('leaves out what was stored before or after, though it started between the others', async () => {
      for (const sec of [0, 5, 10]) await put(STREAMS[0], sec);
      await put(STREAMS[0], 7, { uploadedMs: NOON_MS + DAY_SEC * 1_000 });
      const range = { fromMs: NOON_MS, toMs: NOON_MS + 60_000 };
      expect(await seconds({ sources: [STREAMS[0] ?? ''], by: 'upload', ...range })).toEqual([0, 5, 10]);
    });
  });
  describe('any timeline', () => {
    const slice = fc.record({
      gapMs: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 7 * HOUR_SEC * 1_000 })),
      durationMs: fc.oneof(
        fc.constantFrom(5_000, 5_000, 5_001, 4_999.5),
        // In whole microseconds: the SQLite of Node 22.13 writes 15 digits of a number into a JSON text, and not 17.
        fc.integer({ min: 1_000, max: 9_000_000 }).map((durationUs) => durationUs / 1_000),
      ),
      storedAfterMs: fc.constantFrom(0, 1, 700),
      startsPush: fc.boolean(),
      discontinuity: fc.boolean(),
      folder: fc.constantFrom('a', 'a', 'a/é "b"'),
      isDeleted: fc.boolean(),
    });
    const recording = fc.array(slice, { minLength: 1, maxLength: 12 });
    type RecordedSlice = typeof slice extends fc.Arbitrary<infer Slice> ? Slice : never;
    let run = 0;

    /** Stores it as a stream whose slices begin at odd or even times; resolves to what a timeline has of it. */
    async function record(slices: readonly RecordedSlice[], odd: number) {
      const name = `${run}-${odd}`;
      const source = `live:*/app/${name}`;
      const expected: { entry: FragmentEntry; uploadedMs: number }[] = [];
      let [startMs, push, discontinuityCount] = [NOON_MS + odd, 0, 0];
      for (const [sequence, each] of slices.entries()) {
        const { durationMs, discontinuity, isDeleted } = each;
        startMs += 2 * Math.ceil(each.gapMs / 2);
        if (each.startsPush) push += 1;
        if (discontinuity) discontinuityCount += 1;
        const uploadedMs = startMs + Math.ceil(durationMs) + each.storedAfterMs;
        const key = `${each.folder}/${name}/${sequence}.ts`;
        const path = `examplebucket/${key}`;
        const kept = { startMs, durationMs, sessionId: `${name}/${push}`, sequence, discontinuity, path };
        const [object, row] = streamFragment(0, { ...kept, source, uploadedMs, playlistId: name });
        await store.putFragment({ ...object, key, location: path }, row);
        if (isDeleted) await store.deleteObject('examplebucket', key, NOON_MS);
        expected.push({ entry: { ...kept, discontinuityCount, isGone: isDeleted }, uploadedMs });
        startMs += 2 * Math.ceil(durationMs / 2);
      }
      return { source, expected };
    }

    test('has what was stored: pushes, gaps, lengths, folders, and slices that are gone, between any two times', async () => {
      const part = fc.tuple(fc.nat({ max: 14 }), fc.nat({ max: 14 }), fc.constantFrom(-1, 0, 1));
      const property = fc.asyncProperty(recording, fc.option(recording), part, async (one, two, [from, to, offMs]) => {
        run += 1;
        const recorded = [await record(one, 0), ...(two ? [await record(two, 1)] : [])];
        const all = recorded.flatMap(({ expected }) => expected);
        all.sort((a, b) => a.entry.startMs - b.entry.startMs);
        for (const by of ['start', 'upload'] as const) {
          const timeOf = ({ entry, uploadedMs }: (typeof all)[number]) => (by === 'start' ? entry.startMs : uploadedMs);
          const times = all.map(timeOf).sort((a, b) => a - b);
          const fromMs = (times[from] ?? NOON_MS) + offMs;
          const toMs = (times[from + to] ?? NOON_MS * 2) + offMs;
          const range = { sources: recorded.map(({ source }) => source), by, fromMs, toMs };
          const expected = all.filter((each) => timeOf(each) >= fromMs && timeOf(each) <= toMs);
          expect(await timelineEntries(store, range)).toEqual(expected.map(({ entry }) => entry));
        }
      });
      await fc.assert(property, { numRuns: 25 });
    });
  });
}
