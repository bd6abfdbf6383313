import { expect, it } from 'vitest';
import type { TsUnit } from '../../../src/media/frame.ts';
import { Cutter } from '../../../src/recording/segmenter/cutter.ts';
import { cuttingRule } from '../../../src/recording/segmenter/segmenter.ts';
import { continuityBreaks, readPackets } from '../../support/analyser/transport-stream.ts';
import { MemorySink } from './memory-sink.ts';

const RULE = { fragDurationMs: 2000, maxFragDurationMs: 6000 };

function unit(track: TsUnit['track'], dtsMs: number, keyFrame = false): TsUnit {
  const packets = Buffer.alloc(188, 0xff);
  packets.set([0x47, 0x1f, 0xff, 0x10]);
  return { track, dtsTicks: dtsMs * 90, keyFrame, packets };
}

/** The packets of `unit` in the stream. */
function countUnits(ts: Buffer): number {
  return readPackets(ts).filter(({ pid }) => pid === 0x1fff).length;
}

function cut(units: readonly TsUnit[], discontinuity = false): MemorySink {
  const sink = new MemorySink();
  const cutter = new Cutter(RULE, sink);
  if (discontinuity) cutter.markDiscontinuity();
  cutter.tables(true);
  for (const each of units) cutter.unit(each);
  cutter.finish();
  return sink;
}

it.each([
  [1, 60_000],
  [30, 60_000],
  [31, 62_000],
  [100, 200_000],
])('rule: FragDuration %d s is forced at %d ms', (fragDurationSec, maxFragDurationMs) => {
  expect(cuttingRule(fragDurationSec)).toEqual({ fragDurationMs: fragDurationSec * 1000, maxFragDurationMs });
});

it('cuts at a key frame at the duration, not one a millisecond before it', () => {
  const { fragments } = cut([0, 1999, 3999, 4000, 5999].map((dtsMs) => unit('video', dtsMs, true)));
  expect(fragments.map(({ startDtsTicks }) => startDtsTicks / 90)).toEqual([0, 3999, 5999]);
});

it('cuts at the limit at a picture, even if sound comes first', () => {
  const { fragments } = cut([
    unit('video', 0, true),
    unit('video', 5999),
    unit('audio', 6000, true),
    unit('video', 6001),
    unit('video', 6040, true),
  ]);
  const summary = fragments.map(({ durationMs, forcedCut, bytes }) => [durationMs, forcedCut, countUnits(bytes)]);
  expect(summary).toEqual([
    [6001, true, 3],
    [39 + 39, false, 2],
  ]);
  expect(fragments.map(({ sizeBytes }) => sizeBytes)).toEqual(fragments.map(({ bytes }) => bytes.length));
});

it('cuts at sound when the pictures have stopped', () => {
  const sound = Array.from({ length: 200 }, (_, second) => unit('audio', second * 100, true));
  const { fragments } = cut([unit('video', 0, true), ...sound]);
  expect(fragments.map(({ durationMs, forcedCut }) => [durationMs, forcedCut])).toEqual([
    [7000, true],
    [7000, true],
    [5900, false],
  ]);
});

it('does not call a cut at a key frame forced, however late it is', () => {
  const { fragments } = cut([unit('video', 0, true), unit('video', 7000, true)]);
  expect(fragments.map(({ durationMs, forcedCut }) => [durationMs, forcedCut])).toEqual([
    [7000, false],
    [7000, false],
  ]);
});

it('gives the last fragment one more frame step, and a single picture a nominal one', () => {
  expect(cut([0, 33, 67, 100].map((ms) => unit('video', ms, ms === 0))).fragments[0]?.durationMs).toBeCloseTo(133);
  expect(cut([0, 40, 80, 1080].map((ms) => unit('video', ms, ms === 0))).fragments[0]?.durationMs).toBe(1440);
  expect(cut([0, 960, 1000].map((ms) => unit('video', ms, ms === 0))).fragments[0]?.durationMs).toBe(1040);
  expect(cut([unit('video', 500, true)]).fragments[0]?.durationMs).toBe(40);
});

it('marks the first fragment only as a break', () => {
  const { fragments } = cut(
    [0, 2000, 4000].map((ms) => unit('video', ms, true)),
    true,
  );
  expect(fragments.map(({ discontinuity }) => discontinuity)).toEqual([true, false, false]);
});

it('numbers the tables on from fragment to fragment', () => {
  const { bytes, fragments } = cut(Array.from({ length: 20 }, (_, index) => unit('video', index * 2000, true)));
  expect(fragments.length).toBe(20);
  const tables = readPackets(bytes).filter(({ pid }) => pid === 0 || pid === 0x1001);
  expect(tables.map(({ pid }) => pid)).toEqual(Array.from({ length: 20 }, () => [0, 0x1001]).flat());
  expect(continuityBreaks(bytes)).toEqual([]);
});

it('writes new tables, with the next version, into the open fragment and at the start of the following ones', () => {
  const sink = new MemorySink();
  const cutter = new Cutter(RULE, sink);
  cutter.tables(false);
  cutter.unit(unit('video', 0, true));
  cutter.tables(false);
  cutter.tables(true);
  for (const each of [unit('audio', 10), unit('video', 2000, true)]) cutter.unit(each);
  cutter.finish();
  const versions = sink.fragments.map(({ bytes }) =>
    readPackets(bytes).flatMap(({ pid, payload }) => (pid === 0x1001 ? [(payload.readUInt8(6) >> 1) & 0x1f] : [])),
  );
  expect(versions).toEqual([[0, 1], [1]]);
  expect(sink.fragments.map(({ bytes }) => readPackets(bytes)[0]?.pid)).toEqual([0, 0]);
  expect(continuityBreaks(sink.bytes)).toEqual([]);
});

it('writes clock references between units into the fragment before them', () => {
  const { fragments } = cut([unit('video', 0, true), unit('audio', 2249), unit('video', 2250, true)]);
  const references = fragments.map(({ bytes }) => readPackets(bytes).flatMap(({ pcrTicks }) => pcrTicks ?? []));
  expect(references[0]?.map((ticks) => ticks / 90)).toEqual(Array.from({ length: 22 }, (_, n) => 100 * (n + 1)));
  expect(
    fragments.map(({ bytes }) =>
      readPackets(bytes)
        .slice(0, 3)
        .map(({ pid }) => pid),
    ),
  ).toEqual([
    [0, 0x1001, 0x1fff],
    [0, 0x1001, 0x1fff],
  ]);
});

it('has nothing to close where nothing came', () => {
  expect(cut([]).fragments).toEqual([]);
});

/** Times of `count` pictures or key frames at `perSecond`, as RTMP rounds them. */
const series = (count: number, perSecond: number) =>
  Array.from({ length: count }, (_, index) => Math.floor((index * 1000) / perSecond));

it.each([
  { what: 'nothing came', keyFrames: [], foreseenMs: Infinity },
  { what: 'there was one key frame: the limit', keyFrames: [0], foreseenMs: 6000 },
  { what: 'the next key frame is the one', keyFrames: [0, 1000], pictures: [1200], foreseenMs: 2000 },
  { what: 'it is due after the duration', keyFrames: [0, 1500], pictures: [2900], foreseenMs: 3000 },
  { what: 'it is far after the duration', keyFrames: [0, 3000], pictures: [3500], foreseenMs: 6000 },
  { what: 'others come before it', keyFrames: [0, 100], pictures: [150], foreseenMs: 2000 },
  { what: 'the last of others before it has come', keyFrames: [0, 900, 1800], pictures: [1900], foreseenMs: 2700 },
  { what: 'every picture is a key frame, a millisecond off for each', keyFrames: series(58, 30), foreseenMs: 2002 },
  { what: 'key frames come at three per second, rounded', keyFrames: series(6, 3), foreseenMs: 2000 },
  { what: 'key frames come at 29.97 / 15 per second', keyFrames: series(4, 29.97 / 15), foreseenMs: 2001 },
  { what: 'their distance has changed', keyFrames: [0, 1000, 1600], pictures: [1640], foreseenMs: 2200 },
  { what: 'the next one closes it, whatever comes before', keyFrames: [0, 700], pictures: [1450], foreseenMs: 2100 },
  { what: 'it did not come: the limit', keyFrames: [0, 1000], pictures: [1960, 2000, 2040], foreseenMs: 6000 },
  { what: 'it came late', keyFrames: [0, 1000, 2100], pictures: [2140], foreseenMs: 4300 },
  { what: 'the limit comes before the key frame', keyFrames: [0, 7000], pictures: [7040], foreseenMs: 7000 + 6000 },
  {
    what: 'the limit is between two pictures',
    keyFrames: [0],
    pictures: series(86, 1000 / 70).slice(1),
    foreseenMs: 6020,
  },
] as const)('foresees the next cut when $what', ({ keyFrames, pictures = [], foreseenMs }) => {
  const cutter = new Cutter(RULE, new MemorySink());
  for (const dtsMs of keyFrames) cutter.unit(unit('video', dtsMs, true));
  for (const dtsMs of pictures) cutter.unit(unit('video', dtsMs));
  expect(cutter.nextCutMs).toBe(foreseenMs);
});

it('foresees no key frame by sound, and the limit in sound alone', () => {
  const cutter = new Cutter(RULE, new MemorySink());
  for (const dtsMs of [0, 500, 8000]) cutter.unit(unit('audio', dtsMs, true));
  // The second fragment has begun with the last sound.
  expect(cutter.nextCutMs).toBe(8000 + RULE.maxFragDurationMs);
});
