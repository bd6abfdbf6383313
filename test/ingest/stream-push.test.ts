import { describe, expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { turnOfTheLoop } from '../../src/base/turn-of-the-loop.ts';
import { loadClip } from '../../src/control-plane/publisher/clip.ts';
import { Events } from '../../src/events/events.ts';
import type { RegisteredStream } from '../../src/ingest/registry.ts';
import { openStreamPush } from '../../src/ingest/stream-push.ts';
import type { Shelf } from '../../src/recording/fragments/shelf.ts';
import { mpegTsMuxer } from '../../src/recording/segmenter/mpeg-ts-muxer.ts';
import { openSqliteStore } from '../../src/storage/metadata/sqlite.ts';
import { createMemoryStore } from '../../src/storage/objects/memory.ts';
import type { ObjectStore } from '../../src/storage/objects/object-store.ts';
import { NOBODY } from '../watch/support/pushed-stream.ts';

const SHELF: Shelf = {
  source: 'live.example.com/app/cam',
  playlistId: 'slices',
  place: (startMs) => ({ bucket: 'b', key: `${startMs}.ts`, playlistId: 'slices', path: null, picture: null }),
  moved: (place) => place,
  async listed() {},
};

async function openPush({
  bytes = createMemoryStore(),
  readIn = () => {},
  whenEnded = async () => {},
}: {
  readonly bytes?: ObjectStore;
  readonly readIn?: (inMs: number) => void;
  readonly whenEnded?: (push: RegisteredStream) => Promise<void>;
}) {
  const metadata = await openSqliteStore({ path: ':memory:' });
  onTestFinished(() => metadata.close());
  const events = new Events();
  const clock = new ManualClock(0);
  const push = openStreamPush(
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
      publisher: { ...NOBODY, readIn },
      onEnded: () => whenEnded(push),
    },
    { clock, log: silentLog, events, metadata, bytes, muxer: mpegTsMuxer },
  );
  return { push, events, clock };
}

it('is read when a slice of its recording is due, and only then', async () => {
  const { messages } = await loadClip(undefined);
  const told: number[] = [];
  const { push } = await openPush({ readIn: (inMs) => told.push(inMs) });
  const { sink, record, stopRecording } = push;
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

describe('the end of a push tells what all of its recordings have lost', () => {
  /** Takes everything, and stores nothing: it says so when the promise resolves. */
  function failingStore(until: Promise<void>): ObjectStore {
    const commit = async () => {
      await until;
      throw new Error('no disk');
    };
    return { ...createMemoryStore(), create: () => ({ sizeBytes: 0, write() {}, commit, abort: async () => {} }) };
  }

  interface Course {
    readonly push: RegisteredStream;
    /** Begins a recording, into which one slice comes. */
    readonly record: () => Promise<void>;
  }

  it.each<{
    what: string;
    course: (course: Course) => Promise<unknown>;
    whenEnded?: (course: Course) => Promise<unknown>;
    lostFragments: number;
  }>([
    { what: 'one that goes on', course: ({ record }) => record(), lostFragments: 1 },
    {
      what: 'one that is being stopped',
      async course({ push, record }) {
        await record();
        void push.stopRecording();
      },
      lostFragments: 1,
    },
    {
      what: 'one that is being stopped, and the next one',
      async course({ push, record }) {
        await record();
        void push.stopRecording();
        await record();
      },
      lostFragments: 2,
    },
    {
      what: 'two that are being stopped',
      async course({ push, record }) {
        await record();
        void push.stopRecording();
        await record();
        void push.stopRecording();
      },
      lostFragments: 2,
    },
    {
      what: 'one that is stopped when the push has ended',
      course: async () => {},
      async whenEnded({ push, record }) {
        await record();
        await push.stopRecording();
      },
      lostFragments: 1,
    },
  ])('$what', async ({ course, whenEnded, lostFragments }) => {
    const { messages } = await loadClip(undefined);
    let isFree = false;
    let fail = () => {};
    const failed = new Promise<void>((resolve) => {
      fail = resolve;
    });
    const { push, events, clock } = await openPush({
      bytes: failingStore(failed),
      async whenEnded() {
        await whenEnded?.(all);
        isFree = true;
      },
    });
    const rest = [...messages];
    const all: Course = {
      push,
      async record() {
        await push.record(SHELF, 60);
        // Key frames come every two seconds.
        const untilMs = (rest[0]?.timestampMs ?? 0) + 2_500;
        while (rest[0] && rest[0].timestampMs < untilMs) push.sink.message(rest.shift() ?? expect.fail());
        clock.advance(2_500);
      },
    };
    await course(all);
    const told = events.waitFor('live.ended');
    const ended = push.sink.end({ cause: 'unpublished' });
    await turnOfTheLoop();
    expect(isFree).toBe(false);
    expect(events.since(0).map(({ type }) => type)).not.toContain('live.ended');
    fail();
    await ended;
    expect(await told).toMatchObject({ cause: 'unpublished', lostFragments });
  });
});
