import { describe, expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import { turnOfTheLoop } from '../../src/base/turn-of-the-loop.ts';
import { type Clip, loadClip } from '../../src/control-plane/publisher/clip.ts';
import { BackPressure } from '../../src/ingest/back-pressure.ts';
import {
  type PushRecording,
  type PushRecordingDeps,
  type PushRecordingOptions,
  startPushRecording,
} from '../../src/ingest/push-recording.ts';
import { parseVideoTag } from '../../src/media/flv/tags.ts';
import type { ListedFragment, Shelf } from '../../src/recording/fragments/shelf.ts';
import { mpegTsMuxer } from '../../src/recording/segmenter/mpeg-ts-muxer.ts';
import { openSqliteStore } from '../../src/storage/metadata/sqlite.ts';
import { createMemoryStore } from '../../src/storage/objects/memory.ts';
import { NOBODY } from '../watch/support/pushed-stream.ts';

const FRAME_MS = 40;

async function setUp(options: Partial<PushRecordingOptions> = {}, deps: Partial<PushRecordingDeps> = {}) {
  const happened: string[] = [];
  const logged: string[] = [];
  const listed: ListedFragment[] = [];
  const metadata = await openSqliteStore({ path: ':memory:' });
  onTestFinished(() => metadata.close());
  await metadata.putBucket({
    name: 'b',
    acl: 'private',
    storageClass: 'Standard',
    createdMs: 0,
    owner: '1234567890123456',
    configurations: {},
  });
  const shelf: Shelf = {
    source: 'b/cam',
    playlistId: 'b/cam/playlist.m3u8',
    place: (startMs) => ({
      bucket: 'b',
      key: `cam/${startMs}.ts`,
      playlistId: 'b/cam/playlist.m3u8',
      path: null,
      picture: null,
    }),
    moved: (place) => place,
    async listed(fragment) {
      listed.push(fragment);
    },
  };
  const recording = await startPushRecording(
    {
      shelf,
      log: createLog(
        'debug',
        (line) => logged.push(line),
        () => 0,
      ),
      sessionId: 'push',
      fragDurationSec: 2,
      publisher: NOBODY,
      backPressure: new BackPressure({
        pause: () => happened.push('pause'),
        resume: () => happened.push('resume'),
      }),
      onFailure: (what, error) => happened.push(`${what}: ${error.message}`),
      ...options,
    },
    { clock: new ManualClock(1_000), metadata, bytes: createMemoryStore(), muxer: mpegTsMuxer, ...deps },
  );
  return { recording, happened, logged, listed };
}

/** Writes the first picture of the clip 25 times per second; `isKeyFrame` marks some of them as key frames. */
function feed(
  { segmenter }: PushRecording,
  { messages }: Clip,
  { durationMs, isKeyFrame }: { readonly durationMs: number; readonly isKeyFrame: (dtsMs: number) => boolean },
): void {
  const tags = messages.filter(({ kind }) => kind === 'video').map(({ payload }) => parseVideoTag(payload));
  for (const tag of tags) if (tag.kind === 'config') segmenter.videoConfig(tag.config);
  const picture = tags.find(({ kind }) => kind === 'frame');
  if (picture?.kind !== 'frame') throw new Error('the clip has no picture');
  for (let dtsMs = 0; dtsMs < durationMs; dtsMs += FRAME_MS) {
    segmenter.write({ kind: 'video', dtsMs, keyFrame: isKeyFrame(dtsMs), compositionMs: 0, data: picture.data });
  }
}

const EVERY_TWO_SECONDS = { durationMs: 6_000, isKeyFrame: (dtsMs: number) => dtsMs % 2_000 === 0 };
const ONLY_THE_FIRST = { durationMs: 61_000, isKeyFrame: (dtsMs: number) => dtsMs === 0 };

describe('the recording of a push', () => {
  it('has stored and listed every fragment when it has ended', async () => {
    const { recording, happened, listed } = await setUp();
    feed(recording, await loadClip(undefined), EVERY_TWO_SECONDS);
    await recording.end();
    expect(listed.map(({ key, durationMs }) => ({ key, durationMs }))).toEqual([
      { key: 'cam/1000.ts', durationMs: 2_000 },
      { key: 'cam/1001.ts', durationMs: 2_000 },
      { key: 'cam/1002.ts', durationMs: 2_000 },
    ]);
    expect(happened).toEqual([]);
  });

  it('reports a cut without a key frame to the owner that asks for it', async () => {
    const cuts: number[] = [];
    const { recording, listed } = await setUp({ onForcedCut: (durationMs) => cuts.push(durationMs) });
    feed(recording, await loadClip(undefined), ONLY_THE_FIRST);
    await recording.end();
    expect(cuts).toEqual([60_000]);
    expect(listed.map(({ forcedCut }) => forcedCut)).toEqual([true, false]);
  });

  it('makes the publisher wait while the store is busy', async () => {
    const store = createMemoryStore();
    let storeGoesOn = () => {};
    const busy = new Promise<void>((resolve) => {
      storeGoesOn = resolve;
    });
    const bytes: PushRecordingDeps['bytes'] = {
      ...store,
      create: (place) => {
        const writer = store.create(place);
        return {
          sizeBytes: 0,
          write: (bytes) => {
            writer.write(bytes);
            return busy;
          },
          commit: () => writer.commit(),
          abort: () => writer.abort(),
        };
      },
    };
    const { recording, happened, listed } = await setUp({}, { bytes });
    feed(recording, await loadClip(undefined), EVERY_TWO_SECONDS);
    expect(happened).toEqual(['pause']);
    storeGoesOn();
    await recording.end();
    expect(happened.at(-1)).toBe('resume');
    expect(listed).toHaveLength(3);
  });

  it('records while what comes before its first fragment is done, and stores nothing until then', async () => {
    let goOn = () => {};
    const before = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const { recording, happened, listed } = await setUp({ before: () => before });
    feed(recording, await loadClip(undefined), EVERY_TWO_SECONDS);
    const ended = recording.end();
    await turnOfTheLoop();
    expect(listed).toEqual([]);
    goOn();
    await ended;
    expect(listed).toHaveLength(3);
    expect(happened).toEqual([]);
  });

  it('names the part that failed', async () => {
    const { recording, happened } = await setUp(
      {},
      {
        muxer: () => {
          throw new Error('no process');
        },
      },
    );
    feed(recording, await loadClip(undefined), EVERY_TWO_SECONDS);
    await recording.end();
    expect(happened).toEqual(['segmenter: no process']);
  });

  it('of a store that fails ends the push, by the recorder', async () => {
    const bytes: PushRecordingDeps['bytes'] = {
      ...createMemoryStore(),
      create: () => ({
        sizeBytes: 0,
        write() {
          throw new Error('no disk');
        },
        commit: () => Promise.reject(new Error('no disk')),
        abort: async () => {},
      }),
    };
    const { recording, happened, listed } = await setUp({}, { bytes });
    feed(recording, await loadClip(undefined), EVERY_TWO_SECONDS);
    await recording.end();
    expect(happened).toEqual(['recorder: no disk']);
    expect(listed).toEqual([]);
  });
});
