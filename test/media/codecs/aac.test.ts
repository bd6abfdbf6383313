import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAacConfig } from '../../../src/media/codecs/aac.ts';

const bytes = (hex: string) => Buffer.from(hex, 'hex');

describe('AudioSpecificConfig', () => {
  it.each([
    // The first two as ffmpeg writes them; the last as fdk-aac does for HE-AAC v2 with backward compatible signaling.
    ['LC, 44.1 kHz stereo', '1210', 2, 44_100, 44_100, 2, false, false],
    ['LC, 44.1 kHz stereo, saying that there is no SBR', '121056e500', 2, 44_100, 44_100, 2, false, false],
    ['LC, 48 kHz 5.1', '11b0', 2, 48_000, 48_000, 6, false, false],
    ['LC, 48 kHz 7.1', '11b8', 2, 48_000, 48_000, 8, false, false],
    ['LC, 8 kHz mono', '1588', 2, 8000, 8000, 1, false, false],
    ['LC, 96 kHz stereo', '1010', 2, 96_000, 96_000, 2, false, false],
    ['Main, 44.1 kHz stereo', '0a10', 1, 44_100, 44_100, 2, false, false],
    ['LC, rate written out: 37800 Hz stereo', '1780' + '49d410', 2, 37_800, 37_800, 2, false, false],
    ['LC with a program config element', '1200050400002000', 2, 44_100, 44_100, 0, false, false],
    ['HE-AAC, hierarchical', '2b920800', 2, 22_050, 44_100, 2, true, false],
    ['HE-AAC v2, hierarchical', 'eb8a0800', 2, 22_050, 44_100, 2, true, true],
    ['HE-AAC, backward compatible', '139056e5a0', 2, 22_050, 44_100, 2, true, false],
    ['HE-AAC v2, backward compatible', '138856e5a54880', 2, 22_050, 44_100, 2, true, true],
    ['ER AAC LD, 48 kHz stereo', 'b990', 23, 48_000, 48_000, 2, false, false],
  ])('%s', (_, hex, objectType, coreSampleRateHz, sampleRateHz, channels, sbr, ps) => {
    expect(parseAacConfig(bytes(hex))).toMatchObject({
      objectType,
      coreSampleRateHz,
      sampleRateHz,
      channels,
      sbr,
      ps,
    });
  });

  it.each([
    ['nothing', ''],
    ['a single byte', '12'],
    ['a reserved sample rate index', '1690'],
    ['a reserved channel configuration', '1248'],
    ['object type 0', '0210'],
    ['a rate of 0 Hz', '1780000010'],
    ['a rate that is cut short', '1780'],
    ['HE-AAC that is cut short', '2b92'],
    ['a layout without its program config element', '1200'],
  ])('is not %s', (_, hex) => {
    expect(parseAacConfig(bytes(hex))).toBeUndefined();
  });

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (config) => {
        const parsed = parseAacConfig(config);
        return !parsed || (parsed.coreSampleRateHz > 0 && parsed.sampleRateHz > 0 && parsed.objectType > 0);
      }),
      { numRuns: 2000 },
    );
  });
});
