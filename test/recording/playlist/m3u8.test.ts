import { describe, expect, it } from 'vitest';
import { renderPlaylist, targetDurationSec } from '../../../src/recording/playlist/m3u8.ts';

const entry = (uri: string, durationMs: number, discontinuity = false) => ({ uri, durationMs, discontinuity });

describe('renderPlaylist', () => {
  it('writes the sample of the GetVodPlaylist page byte for byte', () => {
    const text = renderPlaylist({
      mediaSequence: 0,
      targetDurationSec: 13,
      entries: [entry('1543895706266.ts', 10_120), entry('1543895706323.ts', 13_320)],
      ended: true,
    });
    expect(text).toBe(
      [
        '#EXTM3U',
        '#EXT-X-VERSION:3',
        '#EXT-X-MEDIA-SEQUENCE:0',
        '#EXT-X-TARGETDURATION:13',
        '#EXTINF:10.120,',
        '1543895706266.ts',
        '#EXTINF:13.320,',
        '1543895706323.ts',
        '#EXT-X-ENDLIST',
        '',
      ].join('\n'),
    );
  });

  it('marks a break in the timeline before the entry it precedes', () => {
    const entries = [entry('1.ts', 4_000), entry('2.ts', 5_280, true)];
    const text = renderPlaylist({ mediaSequence: 7, targetDurationSec: 5, entries, ended: false });
    expect(text).toBe(
      '#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-MEDIA-SEQUENCE:7\n#EXT-X-TARGETDURATION:5\n' +
        '#EXTINF:4.000,\n1.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:5.280,\n2.ts\n',
    );
  });

  it('counts the discontinuities before the first entry where it is told how many there were', () => {
    const text = renderPlaylist({
      mediaSequence: 7,
      discontinuitySequence: 2,
      targetDurationSec: 5,
      entries: [entry('1.ts', 4_000)],
      ended: false,
    });
    expect(text).toContain('#EXT-X-MEDIA-SEQUENCE:7\n#EXT-X-DISCONTINUITY-SEQUENCE:2\n');
  });
});

describe('targetDurationSec', () => {
  it('is the longest entry rounded half up, not the ceiling', () => {
    expect(targetDurationSec([entry('a', 13_320)], 1)).toBe(13);
    expect(targetDurationSec([entry('a', 13_499)], 1)).toBe(13);
    expect(targetDurationSec([entry('a', 13_500)], 1)).toBe(14);
  });

  it('is never below the minimum', () => {
    expect(targetDurationSec([entry('a', 1_200)], 5)).toBe(5);
    expect(targetDurationSec([], 5)).toBe(5);
  });
});
