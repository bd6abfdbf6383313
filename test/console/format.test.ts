import { describe, expect, it } from 'vitest';
import { bitRate, count, duration, fileSize, roughly } from '../../src/console/format.ts';

describe('figures', () => {
  it.each([
    [0, '0 kbit/s'],
    [64_400, '64 kbit/s'],
    [999_000, '999 kbit/s'],
    [2_345_678, '2.35 Mbit/s'],
  ])('%d bits per second are %s', (bitsPerSec, text) => {
    expect(bitRate(bitsPerSec)).toBe(text);
  });

  it.each([
    [0, '0:00'],
    [-500, '0:00'],
    [59_900, '1:00'],
    [754_000, '12:34'],
    [3_723_000, '1:02:03'],
    [183_845_000, '2 d 3:04:05'],
  ])('%d ms last %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it.each([
    [10_000, '10 s'],
    [60_000, '1 min'],
    [3_600_000, '1 h'],
    [5_400_000, '1 h 30 min'],
    [86_400_000, '24 h'],
    [604_800_000, '7 d'],
    [219_600_000, '2 d 13 h'],
  ])('%d ms are roughly %s', (ms, text) => {
    expect(roughly(ms)).toBe(text);
  });

  it.each([
    [0, '0 B'],
    [1023, '1,023 B'],
    [1024, '1 KiB'],
    [1_500_000, '1.4 MiB'],
    [5 * 1024 ** 3, '5 GiB'],
    [3 * 1024 ** 5, '3,072 TiB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(fileSize(bytes)).toBe(text);
  });

  it('counts in words', () => {
    expect([count(1, 'push', 'pushes'), count(2, 'push', 'pushes'), count(17_280, 'fragment')]).toEqual([
      '1 push',
      '2 pushes',
      '17,280 fragments',
    ]);
  });
});
