import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TsUnit } from '../../../src/media/frame.ts';
import { programTables } from '../../../src/media/mpeg-ts/psi.ts';
import { TsReader } from '../../../src/media/mpeg-ts/reader.ts';
import { mpegTsMuxer } from '../../../src/recording/segmenter/mpeg-ts-muxer.ts';
import { readClip, shifted } from '../../recording/segmenter/clips.ts';

const clip = readClip('h264-aac-b-frames-slices');

class Collected {
  readonly units: TsUnit[] = [];
  readonly tableSets: boolean[] = [];

  tables(hasAudio: boolean): void {
    this.tableSets.push(hasAudio);
  }

  unit(unit: TsUnit): void {
    this.units.push({ ...unit, packets: Buffer.from(unit.packets) });
  }
}

/** The output of the muxer in process for a clip: a transport stream whose units are known. */
function muxed(shiftMs = 0): Collected {
  const output = new Collected();
  const { videoConfig = Buffer.alloc(0), audioConfig = Buffer.alloc(0) } = clip;
  const events = { onDrain: () => {}, onFailure: () => {} };
  const muxer = mpegTsMuxer({ videoConfig, audioConfig, startDtsMs: shiftMs }, output, events);
  for (const frame of shifted(clip.frames.slice(0, 300), shiftMs)) muxer.write(frame);
  return output;
}

function streamOf({ tableSets, units }: Collected): Buffer {
  return Buffer.concat([
    ...tableSets.map((hasAudio) => programTables(hasAudio)),
    ...units.map(({ packets }) => packets),
  ]);
}

function read(bytes: Buffer, chunkSize: number, startDtsTicks = 0): Collected {
  const output = new Collected();
  const reader = new TsReader(output, startDtsTicks);
  for (let at = 0; at < bytes.length; at += chunkSize) reader.push(bytes.subarray(at, at + chunkSize));
  reader.end();
  return output;
}

const source = muxed();

describe('a stream of known units', () => {
  it.each([1, 187, 188, 189, 1000, 65_536])('is read back from chunks of %d bytes', (chunkSize) => {
    const { units, tableSets } = read(streamOf(source), chunkSize);
    expect(units).toEqual(source.units);
    expect(tableSets).toEqual(source.tableSets);
  });

  it('counts on past 2^33', () => {
    const shiftMs = Math.floor(3 * (2 ** 33 / 90)) - 1000;
    const late = muxed(shiftMs);
    const { units } = read(streamOf(late), 65_536, shiftMs * 90);
    expect(units.map(({ dtsTicks }) => dtsTicks)).toEqual(late.units.map(({ dtsTicks }) => dtsTicks));
    expect(units.at(-1)?.dtsTicks).toBeGreaterThan(3 * 2 ** 33);
  });

  it('gives repeated tables once, other PIDs not at all, and no unit before the tables', () => {
    const other = Buffer.alloc(188, 0xff);
    other.set([0x47, 0x40, 0x11, 0x10]);
    const tables = programTables(true);
    const again = Buffer.from(tables);
    for (const packet of [0, 188]) again[packet + 3] = 0x15;
    const [first, second, third] = source.units.map(({ packets }) => packets);
    if (!first || !second || !third) throw new Error('the clip is empty');
    const { units, tableSets } = read(Buffer.concat([first, tables, second, other, again, third]), 500);
    expect(units.map(({ packets }) => packets)).toEqual([second, third]);
    expect(tableSets).toEqual([true]);
  });

  it('keeps packets of two PIDs that mix in their order, and every byte of them', () => {
    const video = source.units.find((unit) => unit.track === 'video' && unit.packets.length > 4 * 188);
    const audio = source.units.find((unit) => unit.track === 'audio' && unit.packets.length >= 2 * 188);
    if (!video || !audio) throw new Error('the clip has no such units');
    const parts = [video.packets.subarray(0, 376), audio.packets.subarray(0, 188), video.packets.subarray(376)];
    const mixed = Buffer.concat([...parts, audio.packets.subarray(188)]);
    const { units } = read(Buffer.concat([programTables(true), mixed]), 700);
    expect(units.map(({ track }) => track)).toEqual(['video', 'audio']);
    expect(Buffer.concat(units.map(({ packets }) => packets))).toEqual(mixed);
  });

  it('finds its step again after noise', () => {
    const bytes = streamOf(source);
    const noisy = Buffer.concat([
      Buffer.alloc(100, 0x01),
      bytes.subarray(0, 10 * 188),
      Buffer.alloc(31),
      bytes.subarray(10 * 188),
    ]);
    expect(read(noisy, 1000).units).toEqual(source.units);
  });
});

it('survives any bytes', () => {
  const packet = fc.tuple(
    fc.constantFrom(0x00, 0x50, 0x41, 0x40, 0x10),
    fc.uint8Array({ minLength: 186, maxLength: 186 }),
  );
  const stream = fc.array(
    packet.map(([second, rest]) => Buffer.from([0x47, second, ...rest])),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(
      stream,
      fc.uint8Array({ maxLength: 300 }),
      fc.integer({ min: 1, max: 400 }),
      (packets, noise, chunkSize) => {
        const tables = programTables(true);
        const { units } = read(Buffer.concat([tables, ...packets, noise, ...packets]), chunkSize);
        return units.every(({ packets: bytes, dtsTicks }) => bytes.length % 188 === 0 && Number.isInteger(dtsTicks));
      },
    ),
    { numRuns: 500 },
  );
});
