import { expect, it } from 'vitest';
import { AudioTimes } from '../../src/media/audio-times.ts';
import type { TsUnit } from '../../src/media/frame.ts';
import { packetize, packetsSizeBytes } from '../../src/media/mpeg-ts/packets.ts';
import { pesHeaderSizeBytes, STREAM_ID_AUDIO, writePesHeader } from '../../src/media/mpeg-ts/pes.ts';
import { pesPackets } from '../support/analyser/transport-stream.ts';

const PID = 0x101;

function audioUnit(dtsTicks: number): TsUnit {
  const times = { ptsTicks: dtsTicks, dtsTicks };
  const pesSize = pesHeaderSizeBytes(times);
  const packets = Buffer.alloc(packetsSizeBytes(pesSize, false));
  writePesHeader(packets, packets.length - pesSize, STREAM_ID_AUDIO, times, 0);
  packetize(packets, pesSize, PID);
  return { track: 'audio', dtsTicks, keyFrame: true, packets };
}

function restore(remembered: readonly number[], smoothed: readonly number[]): TsUnit[] {
  const units: TsUnit[] = [];
  const times = new AudioTimes({ tables: () => {}, unit: (unit) => units.push(unit) });
  for (const ticks of remembered) times.remember(ticks);
  for (const ticks of smoothed) times.unit(audioUnit(ticks));
  return units;
}

it.each<[string, number[], number[], number[]]>([
  ['each frame its own', [0, 2070, 4140, 6210], [0, 2090, 4180, 6270], [0, 2070, 4140, 6210]],
  ['nothing of a frame that never came out', [0, 2070, 4140, 6210], [0, 4180, 6270], [0, 4140, 6210]],
  ['the same to frames of the same time', [90, 90, 2070], [90, 95, 2080], [90, 90, 2070]],
  ['what ffmpeg says to a frame nobody remembers', [], [2090], [2090]],
])('gives back %s', (_, remembered, smoothed, expected) => {
  const units = restore(remembered, smoothed);
  expect(units.map(({ dtsTicks }) => dtsTicks)).toEqual(expected);
  const written = units.map(({ packets }) => pesPackets(packets, PID)[0]);
  expect(written).toEqual(expected.map((ticks) => pesPackets(audioUnit(ticks).packets, PID)[0]));
});

it('leaves video alone', () => {
  const unit: TsUnit = { track: 'video', dtsTicks: 7, keyFrame: true, packets: Buffer.alloc(188) };
  const passed: TsUnit[] = [];
  new AudioTimes({ tables: () => {}, unit: (each) => passed.push(each) }).unit(unit);
  expect(passed).toEqual([unit]);
});

it('forgets the oldest of very many frames that never come out', () => {
  const units = restore(
    Array.from({ length: 5000 }, (_, index) => index * 90),
    [0],
  );
  expect(units[0]?.dtsTicks).toBe((5000 - 4096) * 90);
});
