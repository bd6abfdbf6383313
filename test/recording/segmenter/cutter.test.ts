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

it.each([
  ['nothing came', [], undefined],
  ['there was one key frame', [[0, true]], undefined],
  [
    'another one comes before',
    [
      [0, true],
      [900, true],
      [1000, false],
    ],
    undefined,
  ],
  [
    'the next one closes the fragment',
    [
      [0, true],
      [1000, true],
      [1200, false],
    ],
    800,
  ],
  [
    'it comes later than the duration',
    [
      [0, true],
      [1500, true],
      [2900, false],
    ],
    100,
  ],
  [
    'it is late',
    [
      [0, true],
      [1000, true],
      [2100, false],
    ],
    undefined,
  ],
  [
    'key frames come more seldom than fragments end',
    [
      [0, true],
      [3000, true],
      [3500, false],
    ],
    2500,
  ],
] as const)('foresees the next cut when %s', (_, pictures, nextCutMs) => {
  const cutter = new Cutter(RULE, new MemorySink());
  for (const [dtsMs, keyFrame] of pictures) cutter.unit(unit('video', dtsMs, keyFrame));
  expect(cutter.nextCutMs).toBe(nextCutMs);
});
