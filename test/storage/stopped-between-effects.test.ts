/**
 * The promise of docs/architecture.md: wherever a process stops between two effects on the disk, the next start repairs it.
 * Here an operation is stopped before and after each of its effects, for good, and the folder is opened anew.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { Events } from '../../src/events/events.ts';
import { LivePlaylist } from '../../src/recording/fragments/live-playlist.ts';
import { Recorder, recordingPosition } from '../../src/recording/fragments/recorder.ts';
import { closeBrokenSessions } from '../../src/recording/fragments/recovery.ts';
import { channelShelf } from '../../src/recording/fragments/shelf.ts';
import { createInProcessLeases } from '../../src/storage/leases/in-process-leases.ts';
import type { MetadataStore } from '../../src/storage/metadata/metadata-store.ts';
import { openSqliteStore } from '../../src/storage/metadata/sqlite.ts';
import { compareFiles } from '../../src/storage/objects/filesystem/compare-files.ts';
import { type FilesystemStore, openFilesystemStore } from '../../src/storage/objects/filesystem.ts';
import type { ObjectStore } from '../../src/storage/objects/object-store.ts';
import { Objects } from '../../src/storage/objects/objects.ts';
import { Uploads } from '../../src/storage/objects/uploads.ts';
import { bucket, channel, NOON_MS, session } from '../contract/metadata-records.ts';
import { readAll } from '../contract/object-store.ts';

/** The effects on the disk, by the name of the call. */
const EFFECTS = new Set([
  'putObject',
  'putFragment',
  'reviseVersion',
  'deleteObject',
  'deleteVersion',
  'completeUpload',
  'deleteUpload',
  'putPart',
  'putUpload',
  'commit',
  'delete',
]);
const PART = Buffer.alloc(100 * 1024, 'p');

interface Bench {
  readonly metadata: MetadataStore;
  readonly bytes: ObjectStore;
  readonly objects: Objects;
  readonly uploads: Uploads;
}

const clock = new ManualClock(NOON_MS);

function benchOf(metadata: MetadataStore, bytes: ObjectStore): Bench {
  const objects = new Objects({ metadata, bytes, clock });
  return { metadata, bytes, objects, uploads: new Uploads({ metadata, bytes, clock, objects }) };
}

async function open(folder: string): Promise<{ metadata: MetadataStore; bytes: FilesystemStore }> {
  const metadata = await openSqliteStore({ path: join(folder, 'metadata.sqlite') });
  onTestFinished(() => metadata.close());
  return { metadata, bytes: await openFilesystemStore({ root: join(folder, 'objects') }) };
}

/** Counts the effects of an object's calls; from the one at which the process is to stop on, none returns. */
class Stop {
  readonly reached: Promise<string>;
  #left: number;
  #onReached: (step: string) => void = () => {};

  /** @param at twice the number of effects before it, and one more to stop after the effect */
  constructor(at: number) {
    this.#left = at;
    this.reached = new Promise((resolve) => {
      this.#onReached = resolve;
    });
  }

  over<Target extends object>(target: Target): Target {
    return new Proxy(target, {
      get: (of, name) => {
        const value: unknown = Reflect.get(of, name, of);
        if (typeof value !== 'function') return value;
        if (name === 'create') return (...args: unknown[]) => this.over(Reflect.apply(value, of, args));
        if (!EFFECTS.has(String(name))) return value.bind(of);
        return async (...args: unknown[]) => {
          await this.#pass(`before ${String(name)}`);
          const result: unknown = await Reflect.apply(value, of, args);
          await this.#pass(`after ${String(name)}`);
          return result;
        };
      },
    });
  }

  async #pass(step: string): Promise<void> {
    if (this.#left-- > 0) return;
    this.#onReached(step);
    await new Promise(() => {});
  }
}

const put =
  (key: string, text: string) =>
  async ({ objects }: Bench) => {
    await objects.put('examplebucket', key, Buffer.from(text));
  };

async function begunUpload({ uploads, metadata }: Bench) {
  const { items } = await metadata.listUploads('examplebucket', {
    prefix: '',
    marker: '',
    uploadIdMarker: '',
    delimiter: '',
    limit: 1,
  });
  const [first] = items;
  return first && 'upload' in first ? first.upload : uploads.initiate('examplebucket', 'big', {});
}

async function putPart(bench: Bench, text = PART) {
  await bench.uploads.putPart(await begunUpload(bench), 1, [text]);
}

async function record({ metadata, bytes, objects }: Bench) {
  const door = channel('door');
  const playlists = { put: (name: string, key: string, text: string) => objects.put(name, key, Buffer.from(text)) };
  const events = new Events(clock);
  const playlist = new LivePlaylist({
    events,
    metadata,
    playlists,
    channel: door,
    playlistName: 'playlist.m3u8',
    extensions: [],
  });
  const shelf = channelShelf({ kind: 'channel', bucket: 'examplebucket', channel: 'door' }, playlist, events);
  const position = await recordingPosition(metadata, shelf);
  const options = { clock, metadata, bytes, shelf, sessionId: 'a-push', onFailure: () => {}, onBusy: () => {} };
  const recorder = new Recorder(options, position);
  const writer = recorder.open();
  writer.write(Buffer.alloc(188, 0x47));
  writer.close({ durationMs: 5000, startDtsTicks: 0, discontinuity: false, forcedCut: false, sizeBytes: 188 });
  clock.advance(5000);
  await recorder.flushed();
}

const OPERATIONS: readonly {
  readonly name: string;
  readonly before?: (bench: Bench) => Promise<unknown>;
  readonly run: (bench: Bench) => Promise<unknown>;
}[] = [
  { name: 'a new object', run: put('k', 'new') },
  { name: 'an object that replaces another', before: put('k', 'old'), run: put('k', 'new') },
  {
    name: 'a new version',
    async before(bench) {
      await bench.metadata.putBucket(bucket({ configurations: { versioning: '{"status":"Enabled"}' } }));
      await put('k', 'old')(bench);
    },
    run: put('k', 'new'),
  },
  {
    name: 'an append',
    before: ({ objects }) => objects.append('examplebucket', 'k', 0, [Buffer.from('one')]),
    run: ({ objects }) => objects.append('examplebucket', 'k', 3, [Buffer.from('two')]),
  },
  { name: 'a deletion', before: put('k', 'old'), run: ({ objects }) => objects.delete('examplebucket', 'k') },
  { name: 'a part', run: (bench) => putPart(bench) },
  {
    name: 'a part that replaces another',
    before: (bench) => putPart(bench),
    run: (bench) => putPart(bench, Buffer.alloc(9)),
  },
  {
    name: 'the end of an upload',
    before: (bench) => putPart(bench),
    run: async (bench) => bench.uploads.complete(await begunUpload(bench), undefined),
  },
  {
    name: 'the abort of an upload',
    before: (bench) => putPart(bench),
    run: async (bench) => bench.uploads.abort(await begunUpload(bench)),
  },
  { name: 'a fragment', before: record, run: record },
];

/** The bytes of every row can be read, and have the length that the row says. */
async function checkRows(folder: string, { metadata, bytes }: Awaited<ReturnType<typeof open>>): Promise<void> {
  const query = { prefix: '', marker: '', versionIdMarker: '', delimiter: '', limit: 1000 };
  for (const item of (await metadata.listVersions('examplebucket', query)).items) {
    if (!('version' in item) || item.version.type === 'DeleteMarker') continue;
    expect((await readAll(await bytes.open(item.version.location))).length).toBe(item.version.sizeBytes);
  }
  const none = { count: 0, first: undefined };
  const nothing = { unnamed: { count: 0, sizeBytes: 0 }, gone: none, changed: none, unreadable: none };
  expect(await compareFiles(join(folder, 'objects'), () => metadata.locations())).toEqual(nothing);
  expect(await readdir(join(folder, 'objects/.incoming'))).toEqual([]);
}

describe.each(OPERATIONS)('stopped between two effects, $name', ({ before, run }) => {
  it('leaves nothing that the next start does not repair', async () => {
    const steps: string[] = [];
    for (let at = 0; ; at++) {
      const folder = await mkdtemp(join(tmpdir(), 'stopped-'));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      const first = await open(folder);
      await first.metadata.putBucket(bucket());
      await first.metadata.putChannel(channel('door'));
      await first.metadata.openSession(session('a-push'));
      await before?.(benchOf(first.metadata, first.bytes));
      const stop = new Stop(at);
      const step = await Promise.race([
        stop.reached,
        run(benchOf(stop.over(first.metadata), stop.over(first.bytes))).then(() => undefined),
      ]);

      const next = await open(folder);
      const { metadata, bytes } = next;
      const { objects } = benchOf(metadata, bytes);
      const playlists = { put: (name: string, key: string, text: string) => objects.put(name, key, Buffer.from(text)) };
      await closeBrokenSessions({
        clock,
        events: new Events(clock),
        log: silentLog,
        metadata,
        leases: createInProcessLeases(),
        playlists,
        extensions: [],
      });
      const { signal } = new AbortController();
      await bytes.sweep({ named: metadata.locations(), moveTo: join(folder, 'swept'), signal });
      await checkRows(folder, next);
      const fragments = await metadata.lastFragments('first/playlist.m3u8', 3);
      if (fragments.length > 0) {
        const { reader } = await objects.open('examplebucket', 'door/playlist.m3u8');
        expect(String(await readAll(reader)).match(/\.ts$/gm)).toHaveLength(fragments.length);
      }
      if (step === undefined) break;
      steps.push(step);
    }
    // Otherwise nothing was stopped.
    expect(steps.length).toBeGreaterThanOrEqual(4);
  });
});
