import { readdir, readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { turnOfTheLoop } from '../../../src/base/turn-of-the-loop.ts';
import { type EmulatorEvent, Events } from '../../../src/events/events.ts';
import { LivePlaylist } from '../../../src/recording/fragments/live-playlist.ts';
import { Recorder, type RecorderOptions, recordingPosition } from '../../../src/recording/fragments/recorder.ts';
import { channelShelf } from '../../../src/recording/fragments/shelf.ts';
import type { PlaylistExtension } from '../../../src/recording/playlist/fragment-playlists.ts';
import type { FragmentInfo } from '../../../src/recording/segmenter/segmenter.ts';
import type { MetadataStore } from '../../../src/storage/metadata/metadata-store.ts';
import type { ChannelRecord, FragmentEntry } from '../../../src/storage/metadata/records.ts';
import { openSqliteStore } from '../../../src/storage/metadata/sqlite.ts';
import { timelineEntries } from '../../../src/storage/metadata/timeline-entries.ts';
import { openFilesystemStore } from '../../../src/storage/objects/filesystem.ts';
import { createMemoryStore } from '../../../src/storage/objects/memory.ts';
import type { ObjectStore } from '../../../src/storage/objects/object-store.ts';
import { DatabaseFault } from '../../../src/storage/postgres/database-fault.ts';
import { fragment } from '../../contract/metadata-records.ts';
import { read, readAll, store } from '../../contract/object-store.ts';
import { temporaryFolder } from '../../e2e/command.ts';

const START_MS = 1_735_688_400_000;
const INFO: FragmentInfo = {
  durationMs: 5_000,
  startDtsTicks: 0,
  discontinuity: false,
  forcedCut: false,
  sizeBytes: 188,
};
const PACKET = Buffer.alloc(188, 0x47);

const CHANNEL: ChannelRecord = {
  bucket: 'bucket',
  name: 'cam',
  incarnation: 'first-life',
  description: '',
  status: 'enabled',
  fragDurationSec: 5,
  fragCount: 2,
  playlistName: 'playlist.m3u8',
  snapshot: null,
  lastModifiedMs: START_MS,
};

interface Bench {
  readonly clock: ManualClock;
  readonly metadata: MetadataStore;
  readonly bytes: ObjectStore;
  readonly playlists: Map<string, string>;
  readonly happened: EmulatorEvent[];
  readonly failures: Error[];
  readonly busy: Promise<void>[];
  listed(): Promise<readonly FragmentEntry[]>;
  /** Writes the playlist of the channel with other fields. */
  write(fields: Partial<ChannelRecord>): Promise<void>;
  /** @param metadata what its rows are written to; default that of the bench */
  record(overrides?: Partial<RecorderOptions>, metadata?: MetadataStore): Promise<Recorder>;
}

async function setUp(extensions: readonly PlaylistExtension[] = []): Promise<Bench> {
  const clock = new ManualClock(START_MS);
  const events = new Events();
  const metadata = await openSqliteStore({ path: ':memory:' });
  const bytes = createMemoryStore();
  onTestFinished(() => metadata.close());
  await metadata.putBucket({
    name: 'bucket',
    acl: 'private',
    storageClass: 'Standard',
    createdMs: 0,
    owner: '1234567890123456',
    configurations: {},
  });
  await metadata.putChannel(CHANNEL);
  const bench = {
    clock,
    metadata,
    bytes,
    playlists: new Map<string, string>(),
    happened: [] as EmulatorEvent[],
    failures: [] as Error[],
    busy: [] as Promise<void>[],
  };
  events.subscribe((event) => bench.happened.push(event));
  const put = async (bucket: string, key: string, text: string) => {
    bench.playlists.set(`${bucket}/${key}`, text);
    return { etag: '' };
  };
  const shelfOn = (rows: MetadataStore) => {
    const playlist = new LivePlaylist({
      events,
      metadata: rows,
      channel: CHANNEL,
      playlists: { put },
      playlistName: CHANNEL.playlistName,
      extensions,
    });
    return channelShelf({ kind: 'channel', bucket: 'bucket', channel: 'cam' }, playlist, events);
  };
  const listed = () =>
    timelineEntries(metadata, { sources: ['bucket/cam'], by: 'start', fromMs: 0, toMs: START_MS * 2 });
  const record = async (overrides: Partial<RecorderOptions> = {}, rows = metadata) => {
    const shelf = shelfOn(rows);
    return new Recorder(
      {
        clock,
        metadata: rows,
        bytes,
        shelf,
        sessionId: 's1',
        onFailure: (error) => bench.failures.push(error),
        onBusy: (until) => bench.busy.push(until),
        ...overrides,
      },
      await recordingPosition(metadata, shelf),
    );
  };
  const write = (fields: Partial<ChannelRecord>) =>
    new LivePlaylist({
      events,
      metadata,
      extensions,
      channel: { ...CHANNEL, ...fields },
      playlists: { put },
      playlistName: CHANNEL.playlistName,
    }).write();
  return { ...bench, listed, write, record };
}

/** Relative to the root. */
async function storedFiles(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(root, join(parentPath, name)));
}

/** The store, of which one method fails as often as there are faults. */
function failing(metadata: MetadataStore, method: 'putFragment' | 'lastFragments', faults: unknown[]): MetadataStore {
  return new Proxy(metadata, {
    get(target, name) {
      const member = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) =>
        name === method && faults.length > 0 ? Promise.reject(faults.shift()) : Reflect.apply(member, target, args);
    },
  });
}

async function recordOne(recorder: Recorder, info: FragmentInfo = INFO): Promise<void> {
  const fragment = recorder.open();
  fragment.write(Buffer.from(PACKET));
  fragment.close(info);
  await recorder.flushed();
}

describe('Recorder', () => {
  it('stores bytes, index and playlist, and says so last', async () => {
    const bench = await setUp();
    await recordOne(await bench.record());
    const object = await bench.metadata.getObject('bucket', `cam/${START_MS}.ts`);
    expect(object).toMatchObject({ sizeBytes: 188, type: 'Normal', headers: { 'content-type': 'video/MP2T' } });
    expect(object?.etag).toMatch(/^[0-9A-F]{32}$/);
    const reader = await bench.bytes.open(object?.location ?? '');
    expect(await readAll(reader)).toEqual(PACKET);
    expect(bench.playlists.get('bucket/cam/playlist.m3u8')).toContain(`#EXTINF:5.000,\n${START_MS}.ts\n`);
    expect(bench.happened.map(({ type }) => type)).toEqual(['playlist.written', 'fragment.stored']);
  });

  it('names fragments by the clock, and by one more while the name is taken', async () => {
    const bench = await setUp();
    const recorder = await bench.record();
    await recordOne(recorder);
    await recordOne(recorder);
    bench.clock.advance(40);
    await recordOne(recorder);
    await recordOne(await bench.record({ sessionId: 's2' }));
    const stored = await bench.listed();
    expect(stored.map(({ startMs }) => startMs - START_MS)).toEqual([0, 1, 40, 41]);
  });

  it('continues the sequence over pushes, with a discontinuity where the second begins', async () => {
    const bench = await setUp();
    const first = await bench.record();
    await recordOne(first);
    await recordOne(first, { ...INFO, discontinuity: true });
    await recordOne(await bench.record({ sessionId: 's2' }));
    const stored = await bench.listed();
    expect(stored.map(({ sequence, discontinuity }) => [sequence, discontinuity])).toEqual([
      [0, false],
      [1, true],
      [2, true],
    ]);
    expect(bench.playlists.get('bucket/cam/playlist.m3u8')?.split('\n').slice(2, 5)).toEqual([
      '#EXT-X-MEDIA-SEQUENCE:1',
      '#EXT-X-TARGETDURATION:5',
      '#EXT-X-DISCONTINUITY',
    ]);
  });

  it('names fragments by a clock that was set back, and leaves those alone that have such a name', async () => {
    const bench = await setUp();
    const recorder = await bench.record();
    for (const atMs of [0, 5_000, 10_000, 15_000]) {
      bench.clock.set(START_MS + atMs);
      await recordOne(recorder);
    }
    for (const atMs of [5_000, 5_000, 10_001, 12_000]) {
      bench.clock.set(START_MS + atMs);
      await recordOne(recorder);
    }
    expect(bench.failures).toEqual([]);
    const stored = await bench.listed();
    expect(stored.map(({ startMs, sequence }) => [startMs - START_MS, sequence])).toEqual([
      [0, 0],
      [5_000, 1],
      [10_000, 2],
      [15_000, 3],
      [5_001, 4],
      [5_002, 5],
      [10_001, 6],
      [12_000, 7],
    ]);
    for (const { startMs } of stored) {
      expect(await bench.metadata.getObject('bucket', `cam/${startMs}.ts`)).toMatchObject({ sizeBytes: 188 });
    }
    expect(bench.playlists.get('bucket/cam/playlist.m3u8')).toContain(
      `#EXTINF:5.000,\n${START_MS + 10_001}.ts\n#EXTINF:5.000,\n${START_MS + 12_000}.ts\n`,
    );
  });

  it('finds the next free name after those of an earlier push, however many there are', async () => {
    const bench = await setUp();
    const first = await bench.record();
    for (let index = 0; index < 20; index++) await recordOne(first);
    const second = await bench.record({ sessionId: 's2' });
    for (let index = 0; index < 3; index++) await recordOne(second);
    const stored = await bench.listed();
    expect(stored.map(({ startMs }) => startMs - START_MS)).toEqual(Array.from({ length: 23 }, (_, index) => index));
  });

  it('counts discontinuities for ever: over pushes, deletion, a restart and another FragCount', async () => {
    const bench = await setUp(['discontinuity-sequence']);
    const sequence = () =>
      /DISCONTINUITY-SEQUENCE:(\d+)/.exec(bench.playlists.get('bucket/cam/playlist.m3u8') ?? '')?.[1];
    const push = async (sessionId: string, fragments: number) => {
      const recorder = await bench.record({ sessionId });
      for (let index = 0; index < fragments; index++) await recordOne(recorder);
    };
    await push('s1', 3);
    expect(sequence()).toBe('0');
    await push('s2', 2);
    expect(sequence()).toBe('0');
    await push('s3', 3);
    expect(sequence()).toBe('2');
    for (const { startMs } of await bench.listed())
      await bench.metadata.deleteObject('bucket', `cam/${startMs}.ts`, START_MS);
    await push('s4', 3);
    expect(sequence()).toBe('3');
    await bench.write({ fragCount: 3 });
    expect(sequence()).toBe('2');
    await bench.write({ incarnation: 'second-life' });
    expect(sequence()).toBe('2');
    await bench.write({ fragCount: 1 });
    expect(sequence()).toBe('3');
  });

  it('lists nothing that was given up', async () => {
    const bench = await setUp();
    const recorder = await bench.record();
    const fragment = recorder.open();
    fragment.write(Buffer.from(PACKET));
    fragment.abort();
    await recorder.flushed();
    expect(await bench.listed()).toEqual([]);
    expect(bench.playlists.size).toBe(0);
    expect(bench.failures).toEqual([]);
  });

  it('reports a full disk once, and lists nothing of the fragment', async () => {
    const bench = await setUp();
    const full = new Error('ENOSPC: no space left on device');
    const create: ObjectStore['create'] = () => ({
      sizeBytes: 0,
      write: () => {
        throw full;
      },
      commit: () => Promise.reject(full),
      abort: async () => {},
    });
    await recordOne(await bench.record({ bytes: { ...bench.bytes, create } }));
    expect(bench.failures).toEqual([full]);
    expect(await bench.listed()).toEqual([]);
  });

  it.each([
    ['the last write', 1],
    ['a write before others', 3],
  ])('lists nothing of a fragment of which %s fails while the fragment is being stored', async (_what, writes) => {
    const bench = await setUp();
    const full = new Error('ENOSPC: no space left on device');
    const done: string[] = [];
    const create: ObjectStore['create'] = () => ({
      sizeBytes: 0,
      write: () => (done.push('write') === 1 ? turnOfTheLoop().then(() => Promise.reject(full)) : undefined),
      async commit() {
        done.push('commit');
        return 'bucket/half';
      },
      async abort() {
        done.push('abort');
      },
    });
    const recorder = await bench.record({ bytes: { ...bench.bytes, create } });
    const fragment = recorder.open();
    for (let count = 0; count < writes; count++) fragment.write(Buffer.from(PACKET));
    fragment.close(INFO);
    await recorder.flushed();
    expect(done).toEqual(['write', 'abort']);
    expect(bench.failures).toEqual([full]);
    expect(await bench.listed()).toEqual([]);
  });

  it.each([
    ['are stored', undefined, ['a', 'b']],
    ['are deleted when storing the one before fails', new Error('the database is away'), []],
  ])('sends the bytes of a fragment when it is closed; they %s', async (_what, failure, kept) => {
    const bench = await setUp();
    const names = ['a', 'b'];
    const locations = new Set<string>();
    const create: ObjectStore['create'] = () => ({
      sizeBytes: 188,
      write: () => undefined,
      async commit() {
        const location = names.shift() ?? '';
        locations.add(location);
        return location;
      },
      abort: async () => {},
    });
    let goOn = () => {};
    const before = new Promise<void>((resolve, reject) => {
      goOn = () => (failure ? reject(failure) : resolve());
    });
    const remove = async (location: string) => void locations.delete(location);
    const recorder = await bench.record({ bytes: { ...bench.bytes, create, delete: remove }, before: () => before });
    for (let count = 0; count < 2; count++) {
      bench.clock.advance(5_000);
      recorder.open().close(INFO);
    }
    await expect.poll(() => [...locations]).toEqual(['a', 'b']);
    expect(await bench.listed()).toEqual([]);
    goOn();
    await recorder.flushed();
    expect([...locations]).toEqual(kept);
    expect(await bench.listed()).toHaveLength(kept.length);
    expect(bench.failures).toEqual(failure ? [failure] : []);
  });

  it.each([
    ['is there', (path: string) => readFile(path)],
    ['was lost', (path: string) => rm(path)],
  ])('takes the place of an object of its name whose file %s', async (_what, change) => {
    const bench = await setUp();
    const root = await temporaryFolder();
    const bytes = await openFilesystemStore({ root });
    const key = `cam/${START_MS}.ts`;
    const location = await store(bytes, { bucket: 'bucket', key }, Buffer.from('before'));
    const [before] = fragment(0);
    await bench.metadata.putObject({ ...before, bucket: 'bucket', key, location });
    await change(join(root, location));
    await recordOne(await bench.record({ bytes }));
    const object = await bench.metadata.getObject('bucket', key);
    expect(await read(bytes, object?.location ?? '')).toEqual(PACKET);
    expect(await storedFiles(root)).toEqual([object?.location]);
    expect(bench.failures).toEqual([]);
  });

  const away = new DatabaseFault('PostgreSQL cannot be reached', 'ECONNREFUSED', { isLoss: true });
  const slow = new DatabaseFault('PostgreSQL is slow', '57014', { isPassing: true });
  const maybe = new DatabaseFault('PostgreSQL cannot be reached', '', { isLoss: true, mayBeDone: true });
  const readOnly = new DatabaseFault('PostgreSQL is read-only', '25006');

  it.each([
    ['the row of a fragment', 'putFragment'],
    ['the window of its playlist', 'lastFragments'],
  ] as const)('waits for a database that is away or slow: %s', async (_what, method) => {
    const bench = await setUp();
    const faults = [away, slow, away];
    await recordOne(await bench.record({}, failing(bench.metadata, method, faults)));
    expect(bench.failures).toEqual([]);
    expect(faults).toEqual([]);
    const [listed] = await bench.listed();
    expect(bench.playlists.get('bucket/cam/playlist.m3u8')).toContain(`${listed?.startMs}.ts`);
    const object = await bench.metadata.getObject('bucket', `cam/${START_MS}.ts`);
    expect(await readAll(await bench.bytes.open(object?.location ?? ''))).toEqual(PACKET);
  });

  it.each([
    ['what somebody has to mend', readOnly],
    ['a row that may be there', maybe],
    ['what is no fault of the database', new Error('no')],
  ])('does not try again: %s', async (_what, fault) => {
    const bench = await setUp();
    await recordOne(await bench.record({}, failing(bench.metadata, 'putFragment', [fault])));
    expect(bench.failures).toEqual([fault]);
    expect(await bench.listed()).toEqual([]);
  });

  it('ends at once when storing fails, whatever the store does with the fragments after it', async () => {
    const bench = await setUp();
    const away = new Error('no answer within 60 s');
    let recorded = 0;
    const committed: number[] = [];
    const ended: number[] = [];
    const create: ObjectStore['create'] = ({ signal }) => {
      const number = recorded++;
      const tried = new Promise<never>((_, reject) => {
        signal?.addEventListener('abort', () => {
          ended.push(number);
          reject(signal.reason);
        });
      });
      tried.catch(() => {});
      return {
        sizeBytes: 188,
        write: () => undefined,
        commit() {
          committed.push(number);
          return number === 0 ? turnOfTheLoop().then(() => Promise.reject(away)) : tried;
        },
        abort: async () => {},
      };
    };
    const recorder = await bench.record({ bytes: { ...bench.bytes, create } });
    for (let count = 0; count < 3; count++) recorder.open().close(INFO);
    await expect.poll(() => bench.failures).toEqual([away]);
    const last = recorder.open();
    last.write(Buffer.from(PACKET));
    last.close(INFO);
    await recorder.flushed();
    expect(await bench.listed()).toEqual([]);
    expect([committed, ended]).toEqual([
      [0, 1, 2],
      [1, 2, 3],
    ]);
  });

  it('stores the fragments before one of which a write fails, and sends none after it', async () => {
    const bench = await setUp();
    const full = new Error('no more may');
    const sent: string[] = [];
    const create: ObjectStore['create'] = (hint) => {
      const writer = bench.bytes.create(hint);
      const isLater = hint.key > `cam/${START_MS + 10_000}.ts`;
      return {
        get sizeBytes() {
          return writer.sizeBytes;
        },
        write(chunk) {
          if (isLater) throw full;
          return writer.write(chunk);
        },
        commit() {
          sent.push(hint.key);
          return writer.commit();
        },
        abort: () => writer.abort(),
      };
    };
    let goOn = () => {};
    const before = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const recorder = await bench.record({ bytes: { ...bench.bytes, create }, before: () => before });
    const record = () => {
      const fragment = recorder.open();
      fragment.write(Buffer.from(PACKET));
      fragment.close(INFO);
      bench.clock.advance(5_000);
    };
    for (let count = 0; count < 4; count++) record();
    expect(bench.failures).toEqual([full]);
    goOn();
    await recorder.flushed();
    const stored = await bench.listed();
    expect(stored.map(({ startMs }) => startMs - START_MS)).toEqual([0, 5_000, 10_000]);
    record();
    await recorder.flushed();
    expect(sent).toHaveLength(3);
    expect(bench.failures).toEqual([full]);
  });

  it.each([
    { what: 'nothing fails', lost: undefined, listed: 3 },
    {
      what: 'the first write of the second one fails',
      unwritable: 1,
      lost: { fragments: 2, durationMs: 9_000 },
      listed: 1,
    },
    {
      what: 'the row of the first one fails',
      row: 'putFragment',
      lost: { fragments: 3, durationMs: 13_000 },
      listed: 0,
    },
    // The fragment itself is stored.
    { what: 'its playlist fails', row: 'lastFragments', lost: { fragments: 2, durationMs: 9_000 }, listed: 1 },
  ] as const)('tells at the end how much was lost: $what', async ({ lost, listed, ...failure }) => {
    const bench = await setUp();
    const create: ObjectStore['create'] = (hint) => {
      const writer = bench.bytes.create(hint);
      const isUnwritable = 'unwritable' in failure && hint.key >= `cam/${START_MS + failure.unwritable}.ts`;
      return isUnwritable ? { ...writer, write: () => Promise.reject(new Error('no disk')) } : writer;
    };
    const metadata =
      'row' in failure ? failing(bench.metadata, failure.row, [new Error('no database')]) : bench.metadata;
    const recorder = await bench.record({ bytes: { ...bench.bytes, create } }, metadata);
    for (const durationMs of [4_000, 4_500, 4_500]) {
      const fragment = recorder.open();
      fragment.write(Buffer.from(PACKET));
      fragment.close({ ...INFO, durationMs });
    }
    expect(await recorder.flushed()).toEqual(lost);
    expect(await bench.listed()).toHaveLength(listed);
  });

  it('asks for a pause when more fragments wait to be stored than a minute has', async () => {
    const bench = await setUp();
    let store = () => {};
    const stored = new Promise<void>((resolve) => {
      store = resolve;
    });
    const recorder = await bench.record({ before: () => stored });
    const record = () => {
      const fragment = recorder.open();
      fragment.write(Buffer.from(PACKET));
      fragment.close(INFO);
    };
    for (let count = 0; count < 60; count++) record();
    expect(bench.busy).toEqual([]);
    record();
    expect(bench.busy).toHaveLength(1);
    store();
    await Promise.all(bench.busy);
    expect(await bench.listed()).toHaveLength(61);
    record();
    expect(bench.busy).toHaveLength(1);
  });

  it('keeps the order of bytes in a store that makes it wait, and asks for a pause', async () => {
    const bench = await setUp();
    const written: number[] = [];
    const create: ObjectStore['create'] = (hint) => {
      const writer = bench.bytes.create(hint);
      return {
        get sizeBytes() {
          return writer.sizeBytes;
        },
        write: async (chunk) => {
          const copy = Buffer.from(chunk);
          await Promise.resolve();
          written.push(copy[0] ?? -1);
          await writer.write(copy);
        },
        commit: () => writer.commit(),
        abort: () => writer.abort(),
      };
    };
    const recorder = await bench.record({ bytes: { ...bench.bytes, create } });
    const fragment = recorder.open();
    const packet = Buffer.alloc(188);
    for (const first of [1, 2, 3]) fragment.write(packet.fill(first));
    fragment.close({ ...INFO, sizeBytes: 564 });
    await recorder.flushed();
    await Promise.all(bench.busy);
    expect(written).toEqual([1, 2, 3]);
    expect(bench.busy.length).toBeGreaterThan(0);
    const object = await bench.metadata.getObject('bucket', `cam/${START_MS}.ts`);
    const reader = await bench.bytes.open(object?.location ?? '');
    expect(reader.sizeBytes).toBe(564);
  });
});
