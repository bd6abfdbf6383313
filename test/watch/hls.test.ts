import { readFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { turnOfTheLoop } from '../../src/base/turn-of-the-loop.ts';
import { Events } from '../../src/events/events.ts';
import { readFlvTags } from '../../src/media/flv/file.ts';
import { mpegTsMuxer } from '../../src/recording/segmenter/mpeg-ts-muxer.ts';
import type { PublishEnd } from '../../src/rtmp/publish.ts';
import { HlsWindows } from '../../src/watch/hls.ts';
import { clip } from '../support/emulator.ts';
import { newSession, type PushedSession } from './support/pushed-stream.ts';

/** Twelve seconds, a key frame every two. */
const TAGS = [...readFlvTags(readFileSync(clip('h264-aac.flv')))];
const SUBJECT = { domain: '*', app: 'app', stream: 's1' };
const GRACE_MS = 10_000;
const LOST: PublishEnd = { cause: 'disconnected', detail: '' };
const FORBIDDEN: PublishEnd = { cause: 'closed-by-server', detail: '' };

function feed(session: PushedSession, fromMs: number, toMs: number, tags = TAGS): void {
  for (const tag of tags) if (tag.timestampMs >= fromMs && tag.timestampMs < toMs) session.message(tag);
}

function feedAgain(session: PushedSession, rounds: readonly number[]): void {
  for (const round of rounds) {
    for (const tag of TAGS) session.message({ ...tag, timestampMs: tag.timestampMs + round * 12_000 });
  }
}

function urisOf(text: string | undefined): readonly string[] | undefined {
  return text?.split('\n').filter((line) => line.endsWith('.ts'));
}

function headerOf(text: string | undefined, tag: string): number {
  return Number(new RegExp(`^#EXT-X-${tag}:(.*)$`, 'm').exec(text ?? '')?.[1]);
}

function open(startMs = 0, graceMs = GRACE_MS) {
  const clock = new ManualClock(startMs);
  const events = new Events(clock);
  let session: PushedSession | undefined;
  const publish = () => {
    session = newSession();
    events.emit({ type: 'live.published', ...SUBJECT, sessionId: 'session', remoteAddr: '127.0.0.1:5' });
    return session;
  };
  const windows = new HlsWindows({
    clock,
    events,
    log: silentLog,
    muxer: mpegTsMuxer,
    graceMs,
    directory: { findSubject: (subject) => session && { subject, stream: session } },
  });
  onTestFinished(() => windows.close());
  const first = publish();
  const playlist = () => windows.playlist(SUBJECT, session, (sequence) => `${sequence}.ts`);
  return {
    clock,
    events,
    windows,
    session: first,
    publish,
    playlist,
    uris: async () => urisOf(await playlist()),
    /** Ends the push as the registry does: then nothing is pushed any more. */
    async end(cause: PublishEnd = LOST) {
      session?.end(cause);
      session = undefined;
      await turnOfTheLoop();
    },
    has: (sequence: number) => windows.fragment(SUBJECT, sequence) !== undefined,
    isKnown: () => windows.find(() => true) !== undefined,
  };
}

/** A stream of which a player has the playlist: fragments 0 and 1, and half of the next. */
async function openWatched(startMs = 0, graceMs = GRACE_MS) {
  const opened = open(startMs, graceMs);
  feed(opened.session, 0, 100);
  const first = opened.playlist();
  feed(opened.session, 100, 5000);
  return { ...opened, first: await first };
}

it('begins with the latest key frame, and answers when its first fragment is whole', async () => {
  const { session, uris } = open();
  feed(session, 0, 3000);
  const first = uris();
  feed(session, 3000, 4100);
  expect(await first).toEqual(['0.ts']);
});

it('lists five target durations and ten seconds', async () => {
  const { session, playlist, uris } = open();
  feed(session, 0, 100);
  const first = playlist();
  feed(session, 100, 12_000);
  expect(headerOf(await first, 'DISCONTINUITY-SEQUENCE')).toBe(0);
  expect(await uris()).toEqual(['0.ts', '1.ts', '2.ts', '3.ts', '4.ts']);
  feedAgain(session, [1, 2]);
  expect(await uris()).toEqual([7, 8, 9, 10, 11, 12, 13, 14, 15, 16].map((sequence) => `${sequence}.ts`));
  // The discontinuity at the begin has left the playlist.
  expect(headerOf(await playlist(), 'DISCONTINUITY-SEQUENCE')).toBe(1);
});

it('keeps a fragment that left for as long as it and the playlist last', async () => {
  const { clock, session, playlist, has } = open();
  feed(session, 0, 100);
  const first = playlist();
  feed(session, 100, 12_000);
  await first;
  feedAgain(session, [1]);
  clock.advance(21_999);
  expect(has(0)).toBe(true);
  clock.advance(1);
  expect([0, 1, 10].map(has)).toEqual([false, true, true]);
});

it('is forgotten when nobody asked for a minute, and begun again by the next', async () => {
  const { clock, session, playlist, has } = await openWatched();
  clock.advance(59_999);
  expect(has(0)).toBe(true);
  clock.advance(60_000);
  expect(has(0)).toBe(false);
  const again = playlist();
  feed(session, 5000, 6100);
  // More than a minute later by the clock: a player at the same address never gets a number twice.
  const text = await again;
  expect(urisOf(text)).toEqual(['119.ts']);
  expect(text).toContain('#EXT-X-DISCONTINUITY\n');
});

it('has no playlist of a stream that shows nothing, or that ends', async () => {
  const { clock, session, playlist, isKnown } = open();
  const nothing = playlist();
  clock.advance(12_000);
  expect(await nothing).toBeUndefined();
  const ending = playlist();
  session.end({ cause: 'unpublished' });
  expect(await ending).toBeUndefined();
  expect(isKnown()).toBe(false);
});

it('of a stream that has just ended does not begin', async () => {
  const { session, playlist, isKnown } = open();
  feed(session, 0, 3000);
  session.end({ cause: 'unpublished' });
  expect(await playlist()).toBeUndefined();
  expect(isKnown()).toBe(false);
});

it('lists the open fragment when the push ends, and waits for another push', async () => {
  const { end, uris, playlist, has } = await openWatched();
  expect(await uris()).toEqual(['0.ts', '1.ts']);
  await end();
  expect(await uris()).toEqual(['0.ts', '1.ts', '2.ts']);
  expect(await playlist()).toContain('#EXTINF:1.000,\n2.ts\n');
  expect(await playlist()).not.toContain('ENDLIST');
  expect([0, 1, 2].map(has)).toEqual([true, true, true]);
});

it('answers who waits for the first fragment when the push ends', async () => {
  const { session, uris, end } = open();
  feed(session, 0, 100);
  const first = uris();
  feed(session, 100, 1000);
  await end();
  expect(await first).toEqual(['0.ts']);
});

it('is continued by a push that comes back in time', async () => {
  const { clock, end, publish, playlist } = await openWatched();
  await end();
  clock.advance(GRACE_MS - 1);
  const back = publish();
  clock.advance(1);
  // Nobody asks meanwhile.
  feed(back, 0, 4100);
  const text = await playlist();
  expect(urisOf(text)).toEqual(['0.ts', '1.ts', '2.ts', '3.ts', '4.ts']);
  expect(text).toContain('2.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:2.000,\n3.ts\n#EXTINF:2.000,\n4.ts\n');
  expect(text?.match(/#EXT-X-DISCONTINUITY\n/g)).toHaveLength(2);
  expect(text).not.toContain('ENDLIST');
  feed(back, 4100, 12_000);
  feed(
    back,
    12_000,
    20_100,
    TAGS.map((tag) => ({ ...tag, timestampMs: tag.timestampMs + 12_000 })),
  );
  const later = await playlist();
  expect(urisOf(later)?.[0]).toBe('3.ts');
  expect(headerOf(later, 'DISCONTINUITY-SEQUENCE')).toBe(1);
  expect(later).toContain('\n#EXT-X-DISCONTINUITY\n#EXTINF:2.000,\n3.ts\n');
});

it('ends when no push comes back, and stays a minute longer than it lasts; its fragments, until a player has come to them', async () => {
  const { clock, end, playlist, has, isKnown } = await openWatched();
  await end();
  clock.advance(GRACE_MS);
  const text = await playlist();
  expect(urisOf(text)).toEqual(['0.ts', '1.ts', '2.ts']);
  expect(text?.endsWith('2.ts\n#EXT-X-ENDLIST\n')).toBe(true);
  clock.advance(64_999);
  expect(await playlist()).toBe(text);
  clock.advance(1);
  expect(await playlist()).toBeUndefined();
  clock.advance(6_999);
  expect(has(0)).toBe(true);
  clock.advance(1);
  expect([has(0), isKnown()]).toEqual([false, false]);
});

it('ends with its last fragment when there is no grace', async () => {
  const { playlist, end } = await openWatched(0, 0);
  await end();
  expect((await playlist())?.trimEnd().split('\n').slice(-2)).toEqual(['2.ts', '#EXT-X-ENDLIST']);
});

it('ends at once when the publisher is sent away', async () => {
  const { end, playlist } = await openWatched();
  await end(FORBIDDEN);
  expect((await playlist())?.endsWith('2.ts\n#EXT-X-ENDLIST\n')).toBe(true);
});

it('begins again behind its end with higher numbers, and keeps what it had', async () => {
  const { clock, end, publish, playlist, has } = await openWatched();
  await end();
  clock.advance(GRACE_MS);
  expect(await playlist()).toContain('ENDLIST');
  const back = publish();
  feed(back, 0, 100);
  const again = playlist();
  feed(back, 100, 2100);
  const text = await again;
  expect(urisOf(text)).toEqual(['3.ts']);
  expect(text).not.toContain('ENDLIST');
  expect(headerOf(text, 'DISCONTINUITY-SEQUENCE')).toBe(1);
  expect([0, 1, 2].map(has)).toEqual([true, true, true]);
});

it('is not begun again by a push that ended with it and is still being stored', async () => {
  const { clock, session, playlist } = await openWatched();
  session.end(LOST);
  await turnOfTheLoop();
  clock.advance(GRACE_MS);
  expect(await playlist()).toContain('ENDLIST');
  expect(await playlist()).toContain('ENDLIST');
});

it('gives no number of a forgotten window again, however many it gave', async () => {
  const { clock, session, playlist } = await openWatched();
  feedAgain(session, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
  const before = headerOf(await playlist(), 'MEDIA-SEQUENCE');
  expect(before).toBeGreaterThan(100);
  clock.advance(60_000);
  const again = playlist();
  feedAgain(session, [21]);
  const text = await again;
  expect(headerOf(text, 'MEDIA-SEQUENCE')).toBeGreaterThan(before);
  expect(headerOf(text, 'DISCONTINUITY-SEQUENCE')).toBe(1);
});

it('is forgotten by a reset', async () => {
  const { events, end, isKnown } = await openWatched();
  await end();
  events.emit({ type: 'emulator.reset', bucket: 'other' });
  expect(isKnown()).toBe(true);
  events.emit({ type: 'emulator.reset' });
  expect(isKnown()).toBe(false);
});

/** `key` for one key frame every so many milliseconds. */
const SPARSE = [...readFlvTags(readFileSync(clip('h264-aac-key-frame-every-10s.flv')))];

it('keeps its target duration when key frames become rare, and cuts without them', async () => {
  const { session, playlist } = open();
  feed(session, 0, 100);
  const first = playlist();
  feed(session, 100, 4000);
  expect(headerOf(await first, 'TARGETDURATION')).toBe(2);
  feed(
    session,
    0,
    30_000,
    SPARSE.map((tag) => ({ ...tag, timestampMs: tag.timestampMs + 4000 })),
  );
  const text = await playlist();
  expect(headerOf(text, 'TARGETDURATION')).toBe(2);
  for (const [, seconds] of text?.matchAll(/#EXTINF:([\d.]+)/g) ?? []) {
    expect(Math.round(Number(seconds))).toBeLessThanOrEqual(2);
  }
});

it('has the target duration of a first fragment that is long, and then lists more', async () => {
  const { session, playlist } = open();
  feed(session, 0, 100, SPARSE);
  const first = playlist();
  feed(session, 100, 10_100, SPARSE);
  expect(headerOf(await first, 'TARGETDURATION')).toBe(10);
  for (let round = 0; round < 6; round++) {
    feed(
      session,
      0,
      99_999,
      TAGS.map((tag) => ({ ...tag, timestampMs: tag.timestampMs + 10_000 + round * 12_000 })),
    );
  }
  const text = await playlist();
  expect(headerOf(text, 'TARGETDURATION')).toBe(10);
  const totalSec = [...(text?.matchAll(/#EXTINF:([\d.]+)/g) ?? [])].reduce((sum, [, sec]) => sum + Number(sec), 0);
  expect(totalSec).toBeGreaterThanOrEqual(60);
});
