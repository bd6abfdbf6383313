import { expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { loadClip } from '../../src/control-plane/publisher/clip.ts';
import { Events } from '../../src/events/events.ts';
import { openStreamPush } from '../../src/ingest/stream-push.ts';
import type { Shelf } from '../../src/recording/fragments/shelf.ts';
import { mpegTsMuxer } from '../../src/recording/segmenter/mpeg-ts-muxer.ts';
import { openSqliteStore } from '../../src/storage/metadata/sqlite.ts';
import { createMemoryStore } from '../../src/storage/objects/memory.ts';
import { NOBODY } from '../watch/support/pushed-stream.ts';

const SHELF: Shelf = {
  source: 'live.example.com/app/cam',
  playlistId: 'slices',
  place: (startMs) => ({ bucket: 'b', key: `${startMs}.ts`, playlistId: 'slices', path: null, picture: null }),
  moved: (place) => place,
  async listed() {},
};

it('is read when a slice of its recording is due, and only then', async () => {
  const { messages } = await loadClip(undefined);
  const metadata = await openSqliteStore({ path: ':memory:' });
  onTestFinished(() => metadata.close());
  const told: number[] = [];
  const { sink, record, stopRecording } = openStreamPush(
    {
      push: {
        id: 'push',
        source: { kind: 'stream', domain: 'live.example.com', app: 'app', stream: 'cam' },
        startedMs: 0,
        endedMs: null,
        remoteAddr: '192.0.2.1:50000',
        localAddr: '192.0.2.2:1935',
        publishDomain: 'live.example.com',
        rawArgs: '',
      },
      publisher: { ...NOBODY, readIn: (inMs) => told.push(inMs) },
      onEnded: async () => {},
    },
    {
      clock: new ManualClock(0),
      log: silentLog,
      events: new Events(),
      metadata,
      bytes: createMemoryStore(),
      muxer: mpegTsMuxer,
    },
  );
  const until = (endMs: number) => messages.filter(({ timestampMs }) => timestampMs < endMs);
  for (const message of until(100)) sink.message(message);
  expect(told).toEqual([]);
  await record(SHELF, 5);
  // Key frames come every two seconds: the recording begins with the second one.
  for (const message of messages.slice(until(100).length, until(5_900).length)) sink.message(message);
  const { timestampMs = 0 } = until(5_900).findLast(({ kind }) => kind === 'video') ?? {};
  expect(told.at(-1)).toBe(8_000 - timestampMs);
  await stopRecording();
  const count = told.length;
  for (const message of messages.slice(until(5_900).length)) sink.message(message);
  expect(told).toHaveLength(count);
});
