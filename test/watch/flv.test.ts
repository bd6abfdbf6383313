import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { avcConfigRecord, parseAvcConfig } from '../../src/media/codecs/avc.ts';
import { readFlvTags } from '../../src/media/flv/file.ts';
import type { MediaMessage } from '../../src/media/flv/media-message.ts';
import { parseVideoTag } from '../../src/media/flv/tags.ts';
import { showFlv } from '../../src/watch/flv.ts';
import { clip } from '../support/emulator.ts';
import { newSession } from './support/pushed-stream.ts';

const TAGS = [...readFlvTags(readFileSync(clip('h264-aac.flv')))];

/** A viewer that reads only when the test calls it. */
class Reader extends Writable {
  readonly chunks: Buffer[] = [];
  #pending: (() => void)[] = [];
  isReading = true;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(chunk);
    if (this.isReading) done();
    else this.#pending.push(done);
  }

  read(): void {
    this.isReading = true;
    for (const done of this.#pending.splice(0)) done();
  }

  get tags(): readonly MediaMessage[] {
    return [...readFlvTags(Buffer.concat(this.chunks))];
  }
}

function feed(session: ReturnType<typeof newSession>, fromMs: number, toMs: number): void {
  for (const tag of TAGS) if (tag.timestampMs >= fromMs && tag.timestampMs < toMs) session.message(tag);
}

function isKeyFrame({ kind, payload }: MediaMessage): boolean {
  const tag = kind === 'video' ? parseVideoTag(payload) : undefined;
  return tag?.kind === 'frame' && tag.keyFrame;
}

it('begins with the latest key frame, which is time 0', () => {
  const session = newSession();
  feed(session, 0, 3000);
  const reader = new Reader();
  showFlv(session, reader);
  feed(session, 3000, 5000);
  const [metadata, video, audio, ...frames] = reader.tags;
  expect([metadata?.kind, video?.kind, audio?.kind]).toEqual(['data', 'video', 'audio']);
  const [first] = frames;
  expect(first && isKeyFrame(first)).toBe(true);
  const keyFrame = TAGS.findIndex((tag) => tag.timestampMs >= 2000 && isKeyFrame(tag));
  const originMs = TAGS[keyFrame]?.timestampMs ?? 0;
  const pushed = TAGS.slice(keyFrame).filter(({ timestampMs }) => timestampMs >= originMs && timestampMs < 5000);
  const describe = ({ kind, payload }: MediaMessage) => `${kind} of ${payload.length} bytes`;
  expect(frames.map(describe)).toEqual(pushed.map(describe));
  expect(frames.map(({ timestampMs }) => timestampMs + originMs)).toEqual(pushed.map(({ timestampMs }) => timestampMs));
});

it('sent before the first picture waits for it', () => {
  const session = newSession();
  const reader = new Reader();
  showFlv(session, reader);
  const [metadata, ...configurations] = TAGS.slice(0, 3);
  for (const tag of configurations) session.message(tag);
  for (const tag of TAGS.filter(({ kind }) => kind === 'audio').slice(1, 20)) session.message(tag);
  expect(metadata?.kind).toBe('data');
  feed(session, 0, 500);
  const frames = reader.tags.slice(3);
  expect(frames[0] && isKeyFrame(frames[0])).toBe(true);
  expect(frames.every(({ timestampMs }) => timestampMs < 1000)).toBe(true);
});

it('leaves frames out for a viewer who does not read, and goes on with a key frame', async () => {
  const session = newSession();
  const reader = new Reader({ highWaterMark: 1 });
  showFlv(session, reader);
  feed(session, 0, 1000);
  reader.isReading = false;
  const rounds = 200;
  for (let round = 0; round < rounds; round++) {
    for (const tag of TAGS) session.message({ ...tag, timestampMs: tag.timestampMs + 1000 + round * 12_000 });
  }
  expect(reader.writableLength).toBeLessThan(9 * 1024 * 1024);
  const drained = once(reader, 'drain');
  reader.read();
  await drained;
  const lastMs = reader.tags.at(-1)?.timestampMs ?? 0;
  for (const tag of TAGS) session.message({ ...tag, timestampMs: tag.timestampMs + 1000 + rounds * 12_000 });
  const later = reader.tags.filter(({ timestampMs }) => timestampMs > lastMs);
  expect(later[0] && isKeyFrame(later[0])).toBe(true);
});

it('ends for a viewer who reads nothing for a minute', async () => {
  const clock = new ManualClock(0);
  const session = newSession();
  const reader = new Reader({ highWaterMark: 1 });
  const { ended } = showFlv(session, reader, clock);
  feed(session, 0, 1000);
  reader.isReading = false;
  let round = 0;
  const push = (rounds: number) => {
    for (const last = round + rounds; round < last; round++) {
      for (const tag of TAGS) session.message({ ...tag, timestampMs: tag.timestampMs + 1000 + round * 12_000 });
    }
  };
  push(200);
  clock.advance(59_000);
  push(1);
  expect(reader.destroyed).toBe(false);
  clock.advance(2_000);
  push(1);
  expect(await ended).toBe('the viewer did not read');
  expect(reader.destroyed).toBe(true);
});

it('leaves configurations out for a viewer who does not read, and goes on with the latest', async () => {
  const session = newSession();
  const reader = new Reader({ highWaterMark: 1 });
  showFlv(session, reader);
  feed(session, 0, 1000);
  reader.isReading = false;
  const header = TAGS.find(({ kind }) => kind === 'video')?.payload ?? Buffer.alloc(0);
  const { sequenceParameterSets: sps = [], pictureParameterSets: pps = [] } = parseAvcConfig(header.subarray(5)) ?? {};
  const headers = Array.from({ length: 600 }, (_, index) => {
    const other = Buffer.alloc(32_000, index);
    other[0] = 0x68;
    return Buffer.concat([header.subarray(0, 5), avcConfigRecord(sps, [...pps, other], 4) ?? Buffer.alloc(0)]);
  });
  for (const payload of headers) session.message({ kind: 'video', timestampMs: 1000, payload });
  expect(reader.writableLength).toBeLessThan(9 * 1024 * 1024);
  const drained = once(reader, 'drain');
  reader.read();
  await drained;
  const count = reader.tags.length;
  // The latest is needed, so a stream without changes goes on with it.
  feed(session, 1000, 3000);
  const [config, first] = reader.tags.slice(count);
  expect(config?.payload.subarray(5)).toEqual(headers.at(-1)?.subarray(5));
  expect(first && isKeyFrame(first)).toBe(true);
});

/** What a viewer gets of a clip whose times are shifted: from `fromMs` on by the first number, and so on. */
function shownOver(shifts: readonly { readonly fromMs: number; readonly byMs: number }[]) {
  const session = newSession();
  const reader = new Reader();
  showFlv(session, reader);
  for (const tag of TAGS) {
    const { byMs = 0 } = shifts.findLast(({ fromMs }) => tag.timestampMs >= fromMs) ?? {};
    session.message({ ...tag, timestampMs: (tag.timestampMs + byMs) >>> 0 });
  }
  return reader.tags.filter(({ kind }) => kind !== 'data');
}

it.each([
  [
    'back to 0',
    [
      { fromMs: 0, byMs: 1_000_000 },
      { fromMs: 5_000, byMs: -5_000 },
    ],
  ],
  ['back a few seconds, again and again', [3_000, 6_000, 9_000].map((fromMs) => ({ fromMs, byMs: -fromMs + 1_000 }))],
  ['forward by minutes', [{ fromMs: 5_000, byMs: 600_000 }]],
  [
    'at 2^24',
    [
      { fromMs: 0, byMs: 2 ** 24 - 5_000 },
      { fromMs: 5_000, byMs: -5_000 },
    ],
  ],
  [
    'at 2^32',
    [
      { fromMs: 0, byMs: 2 ** 32 - 5_000 },
      { fromMs: 5_000, byMs: -4_800 },
    ],
  ],
  ['within a group of pictures', [{ fromMs: 5_100, byMs: 9_000_000 }]],
])('goes on when the clock of the encoder jumps %s', (_, shifts) => {
  const shown = shownOver(shifts);
  const straight = shownOver([]);
  expect(shown.map(({ kind, payload }) => `${kind} ${payload.length}`)).toEqual(
    straight.map(({ kind, payload }) => `${kind} ${payload.length}`),
  );
  for (const [index, { timestampMs }] of straight.entries()) {
    expect(Math.abs((shown[index]?.timestampMs ?? 0) - timestampMs)).toBeLessThan(250);
  }
  for (const track of ['video', 'audio']) {
    const times = shown.filter(({ kind }) => kind === track).map(({ timestampMs }) => timestampMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  }
});

it('ends with the stream', async () => {
  const session = newSession();
  const reader = new Reader();
  const { ended } = showFlv(session, reader);
  feed(session, 0, 1000);
  session.end({ cause: 'unpublished' });
  expect(await ended).toBe('the stream ended');
  expect(reader.writableEnded).toBe(true);
});

it('is not shown to who left while being let in', async () => {
  const session = newSession();
  const reader = new Reader();
  reader.destroy();
  await once(reader, 'close');
  const { ended } = showFlv(session, reader);
  expect(await Promise.race([ended, Promise.resolve('still watching')])).toBe('the viewer left');
  feed(session, 0, 1000);
  expect(reader.chunks).toEqual([]);
});

it('of a stream that has just ended ends too', async () => {
  const session = newSession();
  feed(session, 0, 1000);
  session.end({ cause: 'unpublished' });
  const reader = new Reader();
  const { ended } = showFlv(session, reader);
  await Promise.resolve();
  expect(reader.writableEnded).toBe(true);
  expect(await ended).toBe('the stream ended');
});
