import { describe, expect, it } from 'vitest';
import { OggOpusReader } from '../../../src/watch/audio/ogg-opus.ts';
import { oggOpus, oggPage, opusHeaders } from './ogg-writer.ts';

/** Reads chunks; returns the packets as [size, first byte, start]. */
function read(...pieces: readonly Buffer[]): readonly (readonly number[])[] {
  const found: number[][] = [];
  const reader = new OggOpusReader((data, startTicks) => found.push([data.length, data[0] ?? -1, startTicks]));
  for (const piece of pieces) reader.push(piece);
  return found;
}

const packets = [Buffer.alloc(10, 1), Buffer.alloc(255, 2), Buffer.alloc(1275, 3), Buffer.alloc(1, 4)];
const expected = [
  [10, 1, -312],
  [255, 2, 648],
  [1275, 3, 1608],
  [1, 4, 2568],
];

describe('OggOpusReader', () => {
  it('gives each packet and where it begins, the pre-skip taken off', () => {
    expect(read(oggOpus(packets))).toEqual(expected);
  });

  it.each([1, 2, 7, 26, 27, 28, 100, 1300])('reads the same in pieces of %i bytes', (sizeBytes) => {
    const ogg = oggOpus(packets);
    const pieces: Buffer[] = [];
    for (let at = 0; at < ogg.length; at += sizeBytes) pieces.push(ogg.subarray(at, at + sizeBytes));
    expect(read(...pieces)).toEqual(expected);
  });

  it('keeps nothing of a piece that its owner overwrites', () => {
    const ogg = oggOpus(packets);
    const first = Buffer.from(ogg.subarray(0, 100));
    const found: Buffer[] = [];
    const reader = new OggOpusReader((data) => found.push(data));
    reader.push(first);
    first.fill(0xff);
    const second = Buffer.from(ogg.subarray(100));
    reader.push(second);
    second.fill(0xff);
    expect(found).toEqual(packets);
  });

  it('takes several packets of one page, which has the end of the last', () => {
    expect(read(opusHeaders(), oggPage(2, 4 * 960, packets))).toEqual(expected);
  });

  it('joins a packet that goes on in the next page', () => {
    const long = Buffer.alloc(600, 7);
    const first = oggPage(2, -1, [long.subarray(0, 510)], { unfinished: true });
    const second = oggPage(3, 960, [long.subarray(510)], { continued: true });
    expect(read(opusHeaders(), first, second)).toEqual([[600, 7, -312]]);
  });

  it('refuses what is not Ogg, not Opus, or has no end', () => {
    expect(() => read(Buffer.alloc(27, 0x41))).toThrow('not an Ogg page');
    expect(() => read(oggPage(0, 0, [Buffer.from('\x01vorbis and so on')]))).toThrow('not Opus in Ogg');
    expect(() => read(oggPage(0, 0, [Buffer.from('OpusHead')]))).toThrow(RangeError);
    const endless = Array.from({ length: 3 }, (_, index) =>
      oggPage(index + 2, -1, [Buffer.alloc(255 * 200)], { unfinished: true }),
    );
    expect(() => read(opusHeaders(), ...endless)).toThrow('too large');
  });
});
