import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type {
  MetadataStore,
  PresentVersion,
  Revision,
  VersionListing,
} from '../../src/storage/metadata/metadata-store.ts';
import type { Versioning } from '../../src/storage/metadata/records.ts';
import { timelineEntries } from '../../src/storage/metadata/timeline-entries.ts';
import { bucket, FIRST_CHARACTER, fragment, NOON_MS, object, type StoreTraits } from './metadata-records.ts';

const versioning = fc.constantFrom<Versioning>('Enabled', 'Suspended');

type Step =
  | { readonly kind: 'put' | 'delete'; readonly key: string }
  | { readonly kind: 'delete version'; readonly key: string; readonly index: number }
  | { readonly kind: 'configure'; readonly versioning: Versioning };

/** Versions in buckets with versioning. `open` gives an empty store. */
export function describeMetadataVersions(
  open: () => Promise<MetadataStore>,
  { firstCharacter = FIRST_CHARACTER, runs = 100 }: StoreTraits = {},
): void {
  // Few, so that keys get several versions; some in a group, and one that SQLite's text functions would cut.
  const keys = ['a', 'b/1', 'b/2', `c${firstCharacter}d`, '🎥'];
  const key = fc.constantFrom(...keys);
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('put' as const), key }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), key }) },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('delete version' as const), key, index: fc.nat({ max: 4 }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('configure' as const), versioning }) },
  );
  const withStore = async (use: (store: MetadataStore) => Promise<void>) => {
    const store = await open();
    try {
      await store.putBucket(bucket());
      await use(store);
    } finally {
      await store.close();
    }
  };

  describe('versions', () => {
    test('equal the model after any sequence of writes', async () => {
      const property = fc.asyncProperty(fc.array(step, { maxLength: 40 }), (steps) =>
        withStore(async (store) => {
          const model = new Model(keys);
          for (const each of steps) await perform(store, model, each);
          expect(await everyVersion(store)).toEqual(model.listed());
          expect(await store.bucketUsage('examplebucket')).toMatchObject(model.usage());
          const current = await store.listObjects('examplebucket', { ...FROM_START, delimiter: '' });
          expect(current.items.map((item) => 'object' in item && item.object.location)).toEqual(
            model.currentLocations(),
          );
          for (const name of keys) {
            const newest = model.versions(name)[0];
            expect((await store.getVersion('examplebucket', name))?.versionId).toBe(newest?.versionId);
            for (const { versionId, isMarker } of model.versions(name)) {
              const version = await store.getVersion('examplebucket', name, versionId);
              expect(version).toMatchObject({ versionId, ...(isMarker && { type: 'DeleteMarker' }) });
            }
          }
          expect([...model.released].sort()).toEqual(model.expectedReleases());
        }),
      );
      await fc.assert(property, { numRuns: runs });
    });

    test('page by page give each version and each common prefix once', async () => {
      const limits = fc.integer({ min: 1, max: 5 });
      const delimiters = fc.constantFrom('', '/', firstCharacter);
      const property = fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        limits,
        delimiters,
        fc.constantFrom('', 'b', 'b/'),
        (steps, limit, delimiter, prefix) =>
          withStore(async (store) => {
            const model = new Model(keys);
            for (const each of steps) await perform(store, model, each);
            const paged: VersionListing[] = [];
            let position = { marker: '', versionIdMarker: '' };
            for (let truncated = true; truncated; ) {
              const page = await store.listVersions('examplebucket', { ...position, prefix, delimiter, limit });
              expect(page.items.length).toBeLessThanOrEqual(limit);
              paged.push(...page.items);
              truncated = page.truncated;
              position = positionOf(page.items.at(-1));
            }
            expect(paged.map(summary)).toEqual(model.entries(prefix, delimiter));
          }),
      );
      await fc.assert(property, { numRuns: runs });
    });

    test('are all found when each page is deleted before the next one is asked for', () =>
      withStore(async (store) => {
        await configure(store, 'Enabled');
        for (let index = 0; index < 7; index++) await store.putObject(object('a', { location: `${index}` }));
        await configure(store, 'Suspended');
        await store.deleteObject('examplebucket', 'a', NOON_MS);
        let position = { marker: '', versionIdMarker: '' };
        for (let truncated = true; truncated; ) {
          const query = { ...position, prefix: '', delimiter: '', limit: 1 };
          const page = await store.listVersions('examplebucket', query);
          for (const item of page.items) {
            if ('version' in item) await store.deleteVersion('examplebucket', 'a', item.version.versionId);
          }
          truncated = page.truncated;
          position = positionOf(page.items.at(-1));
        }
        expect(await store.deleteBucket('examplebucket')).toBe('deleted');
      }));

    test('are changed one by one, and not when they are gone', () =>
      withStore(async (store) => {
        await configure(store, 'Enabled');
        const first = await store.putObject(object('a', { location: 'one' }));
        await store.putObject(object('a', { location: 'two' }));
        const changed = object('a', { location: 'other', acl: 'public-read', versionId: first.versionId });
        const seen: (PresentVersion | undefined)[] = [];
        const change = (versionId: string | undefined) => {
          const revise = (present: PresentVersion | undefined): Revision => {
            seen.push(present);
            return { kind: 'amend', record: changed };
          };
          return store.reviseVersion('examplebucket', 'a', versionId, revise, NOON_MS);
        };
        expect(await change(first.versionId)).toMatchObject({ location: 'one' });
        expect(await store.getVersion('examplebucket', 'a', first.versionId)).toEqual(changed);
        expect(await change(first.versionId)).toMatchObject({ location: undefined });
        expect(await store.getObject('examplebucket', 'a')).toMatchObject({ location: 'two', acl: 'default' });
        await store.deleteVersion('examplebucket', 'a', first.versionId);
        expect(await change(first.versionId)).toEqual({ revision: undefined, location: undefined });
        expect(seen).toMatchObject([{ isCurrent: false }, { version: changed, isCurrent: false }, undefined]);
      }));

    test('are deleted as is decided on what is there', () =>
      withStore(async (store) => {
        await configure(store, 'Enabled');
        const first = await store.putObject(object('a', { location: 'one' }));
        const second = await store.putObject(object('a', { location: 'two' }));
        const revise = (versionId: string | undefined, kind: 'delete' | 'delete-version') =>
          store.reviseVersion('examplebucket', 'a', versionId, (present) => present && { kind }, NOON_MS);
        expect(await revise(undefined, 'delete')).toEqual({ revision: { kind: 'delete' }, location: undefined });
        expect(await store.getVersion('examplebucket', 'a')).toMatchObject({ type: 'DeleteMarker' });
        expect(await revise(undefined, 'delete-version')).toMatchObject({ location: undefined });
        expect(await revise(first.versionId, 'delete-version')).toMatchObject({ location: 'one' });
        expect(await store.getObject('examplebucket', 'a')).toMatchObject({ versionId: second.versionId });
      }));

    test('stay when the decision is to do nothing, or to refuse', () =>
      withStore(async (store) => {
        await store.putBucket(bucket());
        await store.putObject(object('a'));
        const nothing = await store.reviseVersion('examplebucket', 'a', undefined, () => undefined, NOON_MS);
        expect(nothing).toEqual({ revision: undefined, location: undefined });
        const refuse = (current: unknown) => {
          throw new Error(current === undefined ? 'new' : 'there');
        };
        const refused = store.reviseVersion('examplebucket', 'a', undefined, refuse, NOON_MS);
        await expect(refused).rejects.toThrow('there');
        await expect(store.putObject(object('a', { location: 'other' }), refuse)).rejects.toThrow('there');
        await expect(store.putObject(object('b'), refuse)).rejects.toThrow('new');
        expect(await store.getObject('examplebucket', 'a')).toEqual(object('a'));
        expect(await store.getObject('examplebucket', 'b')).toBeUndefined();
      }));

    test('of another key or another bucket are not found', () =>
      withStore(async (store) => {
        await configure(store, 'Enabled');
        await store.putBucket(bucket({ name: 'other' }));
        const { versionId } = await store.putObject(object('a'));
        expect(await store.getVersion('examplebucket', 'b', versionId)).toBeUndefined();
        expect(await store.deleteVersion('other', 'a', versionId)).toBeUndefined();
        expect(await store.getVersion('examplebucket', 'a', versionId)).toBeDefined();
      }));

    test('keep a bucket from being deleted, delete markers too', () =>
      withStore(async (store) => {
        await configure(store, 'Enabled');
        const { marker } = await store.deleteObject('examplebucket', 'a', NOON_MS);
        expect(await store.deleteBucket('examplebucket')).toBe('has-objects');
        await store.deleteVersion('examplebucket', 'a', marker?.versionId ?? '');
        expect(await store.deleteBucket('examplebucket')).toBe('deleted');
      }));

    test('are cleared with their bucket', () =>
      withStore(async (store) => {
        await configure(store, 'Enabled');
        await store.putObject(object('a'));
        await store.deleteObject('examplebucket', 'a', NOON_MS);
        await store.clear('examplebucket');
        expect(await everyVersion(store)).toEqual([]);
        expect(await store.bucketUsage('examplebucket')).toMatchObject({ objectCount: 0, deleteMarkerCount: 0 });
      }));
  });

  describe('fragments in a bucket with versioning', () => {
    const range = { sources: ['examplebucket/door'], by: 'start', fromMs: NOON_MS, toMs: NOON_MS + 60_000 } as const;
    const listed = async (store: MetadataStore) =>
      (await timelineEntries(store, range)).map(({ startMs }) => (startMs - NOON_MS) / 1000);
    const keyOf = (index: number) => fragment(index)[0].key;

    test('are left out while a delete marker covers them', () =>
      withStore(async (store) => {
        await configure(store, 'Enabled');
        for (const index of [0, 1, 2]) await store.putFragment(...fragment(index));
        const { marker } = await store.deleteObject('examplebucket', keyOf(1), NOON_MS);
        expect(await listed(store)).toEqual([0, 2]);
        const last = await store.lastFragments('first/playlist.m3u8', 9);
        expect(last.map(({ sequence }) => sequence)).toEqual([0, 2]);
        await store.deleteVersion('examplebucket', keyOf(1), marker?.versionId ?? '');
        expect(await listed(store)).toEqual([0, 1, 2]);
      }));

    test('are left out while another version covers them, and go with their own', () =>
      withStore(async (store) => {
        await configure(store, 'Enabled');
        await store.putFragment(...fragment(0));
        const recorded = await store.getObject('examplebucket', keyOf(0));
        const { versionId } = await store.putObject(object(keyOf(0), { location: 'other bytes' }));
        expect(await listed(store)).toEqual([]);
        await store.deleteVersion('examplebucket', keyOf(0), versionId);
        expect(await listed(store)).toEqual([0]);
        await store.deleteVersion('examplebucket', keyOf(0), recorded?.versionId ?? '');
        expect(await listed(store)).toEqual([]);
      }));

    test('may be stored again', () =>
      withStore(async (store) => {
        await configure(store, 'Enabled');
        await store.putFragment(...fragment(0));
        await store.putFragment(...fragment(0, { durationMs: 2000 }));
        expect(await timelineEntries(store, range)).toMatchObject([{ durationMs: 2000 }]);
      }));

    test.each(['Enabled', 'Suspended'] as const)('of a whole push are stored over deleted ones: %s', (state) =>
      withStore(async (store) => {
        await configure(store, 'Enabled');
        for (const index of [0, 1]) await store.putFragment(...fragment(index));
        await configure(store, state);
        for (const index of [0, 1]) await store.deleteObject('examplebucket', keyOf(index), NOON_MS);
        expect(await listed(store)).toEqual([]);
        const session = { id: 'p', bucket: 'examplebucket', channel: 'door', incarnation: 'first', startedMs: NOON_MS };
        await store.putRecording({
          session: { ...session, endedMs: NOON_MS + 9000, remoteAddr: '', playlistName: 'playlist.m3u8' },
          playlistId: 'first/playlist.m3u8',
          headers: {},
          fragments: [0, 1].map((index) => ({
            startMs: NOON_MS + index * 1000,
            durationMs: 1000,
            sequence: 2 + index,
            discontinuity: index === 0,
            sizeBytes: 3,
            location: `seeded/${index}`,
          })),
        });
        expect(await listed(store)).toEqual([0, 1]);
        const current = await store.getObject('examplebucket', keyOf(1));
        expect(current?.location).toBe('seeded/1');
        expect(current?.versionId === 'null').toBe(state === 'Suspended');
        const latest = (await everyVersion(store)).filter(({ isLatest }) => isLatest);
        expect(latest.map(({ key: name }) => name)).toEqual([keyOf(0), keyOf(1)]);
      }),
    );

    test('of a stream stay in the index and are gone', () =>
      withStore(async (store) => {
        await configure(store, 'Enabled');
        const path = 'examplebucket/door/x.ts';
        const [record, row] = fragment(0, { source: 'live:*/app/s1', path });
        await store.putFragment({ ...record, key: 'door/x.ts' }, row);
        const { marker } = await store.deleteObject('examplebucket', 'door/x.ts', NOON_MS);
        const isGone = async () => {
          const entries = await timelineEntries(store, { ...range, sources: ['live:*/app/s1'] });
          const last = await store.lastFragments('first/playlist.m3u8', 1);
          return [...entries, ...last].map((entry) => entry.isGone);
        };
        expect(await isGone()).toEqual([true, true]);
        await store.deleteVersion('examplebucket', 'door/x.ts', marker?.versionId ?? '');
        expect(await isGone()).toEqual([false, false]);
      }));
  });
}

const FROM_START = { prefix: '', marker: '', limit: 1000 };

async function configure(store: MetadataStore, status: Versioning): Promise<void> {
  await store.putBucket(bucket({ configurations: { versioning: JSON.stringify({ status }) } }));
}

async function perform(store: MetadataStore, model: Model, each: Step): Promise<void> {
  switch (each.kind) {
    case 'configure':
      model.versioning = each.versioning;
      return configure(store, each.versioning);
    case 'put': {
      const location = model.newLocation();
      const { versionId, replacedLocation } = await store.putObject(object(each.key, { location }));
      if (replacedLocation !== undefined) model.released.push(replacedLocation);
      return model.put(each.key, { versionId, isMarker: false, location });
    }
    case 'delete': {
      const { marker, location } = await store.deleteObject('examplebucket', each.key, NOON_MS);
      if (location !== undefined) model.released.push(location);
      if (marker) model.put(each.key, { versionId: marker.versionId, isMarker: true, location: '' });
      else model.remove(each.key, 'null');
      return;
    }
    case 'delete version': {
      const chosen = model.versions(each.key)[each.index];
      const versionId = chosen?.versionId ?? 'null';
      const deleted = await store.deleteVersion('examplebucket', each.key, versionId);
      expect(deleted?.versionId).toBe(model.remove(each.key, versionId)?.versionId);
      if (deleted && deleted.type !== 'DeleteMarker') model.released.push(deleted.location);
    }
  }
}

interface ModelVersion {
  readonly versionId: string;
  readonly isMarker: boolean;
  readonly location: string;
}

/** The definition of versioning, written as simply as possible: the versions of each key, newest first. */
class Model {
  versioning: Versioning | undefined;
  readonly released: string[] = [];
  readonly #versions = new Map<string, readonly ModelVersion[]>();
  readonly #keys: readonly string[];
  #locations = 0;

  constructor(keys: readonly string[]) {
    this.#keys = keys;
  }

  newLocation(): string {
    this.#locations += 1;
    return `location-${this.#locations}`;
  }

  versions(name: string): readonly ModelVersion[] {
    return this.#versions.get(name) ?? [];
  }

  put(name: string, version: ModelVersion): void {
    expect(version.versionId === 'null').toBe(this.versioning !== 'Enabled');
    const others = this.versions(name).filter(({ versionId }) => versionId !== version.versionId);
    this.#versions.set(name, [version, ...others]);
  }

  remove(name: string, id: string): ModelVersion | undefined {
    const removed = this.versions(name).find(({ versionId }) => versionId === id);
    this.#versions.set(
      name,
      this.versions(name).filter((version) => version !== removed),
    );
    return removed;
  }

  listed(): readonly object[] {
    return this.#keys.flatMap((name) =>
      this.versions(name).map(({ versionId, isMarker }, index) => ({
        key: name,
        versionId,
        isMarker,
        isLatest: index === 0,
      })),
    );
  }

  entries(prefix: string, delimiter: string): readonly string[] {
    const entries = this.#keys
      .filter((name) => name.startsWith(prefix))
      .flatMap((name) => {
        const at = delimiter === '' ? -1 : name.indexOf(delimiter, prefix.length);
        const versions = this.versions(name);
        return at < 0
          ? versions.map(({ versionId }) => `${name} ${versionId}`)
          : versions.map(() => name.slice(0, at + 1));
      });
    return [...new Set(entries)];
  }

  usage(): object {
    const all = this.#keys.flatMap((name) => this.versions(name));
    const objectCount = all.filter(({ isMarker }) => !isMarker).length;
    return { objectCount, deleteMarkerCount: all.length - objectCount, storageBytes: objectCount * 3 };
  }

  currentLocations(): readonly string[] {
    return this.#keys
      .flatMap((name) => this.versions(name).slice(0, 1))
      .filter(({ isMarker }) => !isMarker)
      .map(({ location }) => location);
  }

  /** Each location that no version has, once. */
  expectedReleases(): readonly string[] {
    const held = this.#keys.flatMap((name) => this.versions(name).map(({ location }) => location));
    const all = Array.from({ length: this.#locations }, (_, index) => `location-${index + 1}`);
    return all.filter((location) => !held.includes(location)).sort();
  }
}

async function everyVersion(store: MetadataStore): Promise<readonly { key: string; isLatest: boolean }[]> {
  const page = await store.listVersions('examplebucket', { ...FROM_START, delimiter: '', versionIdMarker: '' });
  return page.items.flatMap((item) =>
    'version' in item
      ? {
          key: item.version.key,
          versionId: item.version.versionId,
          isMarker: item.version.type === 'DeleteMarker',
          isLatest: item.isLatest,
        }
      : [],
  );
}

function positionOf(item: VersionListing | undefined): { marker: string; versionIdMarker: string } {
  if (!item) return { marker: '', versionIdMarker: '' };
  if ('commonPrefix' in item) return { marker: item.commonPrefix, versionIdMarker: '' };
  return { marker: item.version.key, versionIdMarker: item.version.versionId };
}

function summary(item: VersionListing): string {
  return 'commonPrefix' in item ? item.commonPrefix : `${item.version.key} ${item.version.versionId}`;
}
