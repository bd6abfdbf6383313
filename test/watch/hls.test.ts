import { readFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import type { LiveSession } from '../../src/ingest/live-session.ts';
import { readFlvTags } from '../../src/media/flv/file.ts';
import { mpegTsMuxer } from '../../src/recording/segmenter/mpeg-ts-muxer.ts';
import { HlsWindows } from '../../src/watch/hls.ts';
import { clip } from '../support/emulator.ts';
import { newSession } from './support/pushed-stream.ts';

/** Twelve seconds, a key frame every two. */
const TAGS = [...readFlvTags(readFileSync(clip('h264-aac.flv')))];

function feed(session: LiveSession, fromMs: number, toMs: number): void {
  for (const tag of TAGS) if (tag.timestampMs >= fromMs && tag.timestampMs < toMs) session.message(tag);
}

function open() {
  const clock = new ManualClock(0);
  const windows = new HlsWindows({ clock, log: silentLog, muxer: mpegTsMuxer });
  onTestFinished(() => windows.close());
  const session = newSession();
  const playlist = () => windows.playlist(session, (sequence) => `${sequence}.ts`);
  const urisOf = (text: string | undefined) => text?.split('\n').filter((line) => line.endsWith('.ts'));
  return { clock, windows, session, playlist, uris: async () => urisOf(await playlist()) };
}

it('begins with the latest key frame, and answers when its first fragment is whole', async () => {
  const { session, uris } = open();
  feed(session, 0, 3000);
  const first = uris();
  feed(session, 3000, 4100);
  expect(await first).toEqual(['0.ts']);
});

it('lists the latest five, and keeps ten', async () => {
  const { windows, session, uris } = open();
  feed(session, 0, 100);
  const first = uris();
  feed(session, 100, 12_000);
  await first;
  expect(await uris()).toEqual(['0.ts', '1.ts', '2.ts', '3.ts', '4.ts']);
  for (let round = 1; round < 3; round++) {
    for (const tag of TAGS) session.message({ ...tag, timestampMs: tag.timestampMs + round * 12_000 });
  }
  expect(await uris()).toEqual(['12.ts', '13.ts', '14.ts', '15.ts', '16.ts']);
  expect([6, 7, 16].map((sequence) => windows.fragment(session, sequence) !== undefined)).toEqual([false, true, true]);
});

it('is forgotten when nobody asked for a minute, and begun again by the next', async () => {
  const { clock, windows, session, playlist, uris } = open();
  feed(session, 0, 100);
  const first = uris();
  feed(session, 100, 4100);
  await first;
  clock.advance(59_999);
  expect(windows.fragment(session, 0)).toBeDefined();
  clock.advance(60_000);
  expect(windows.fragment(session, 0)).toBeUndefined();
  const again = uris();
  feed(session, 4100, 6100);
  // More than a minute later by the clock: a player at the same address never gets a number twice.
  expect(await again).toEqual(['119.ts']);
  expect(await playlist()).toContain('#EXT-X-DISCONTINUITY\n');
});

it('has no playlist of a stream that shows nothing, or that ends', async () => {
  const { clock, session, playlist } = open();
  const nothing = playlist();
  clock.advance(12_000);
  expect(await nothing).toBeUndefined();
  const ending = playlist();
  session.end({ cause: 'unpublished' });
  expect(await ending).toBeUndefined();
});

it('of a stream that has just ended does not begin', async () => {
  const { session, playlist } = open();
  feed(session, 0, 3000);
  session.end({ cause: 'unpublished' });
  expect(await playlist()).toBeUndefined();
});
