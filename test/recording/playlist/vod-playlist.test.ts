import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TextBytes } from '../../../src/base/text-bytes.ts';
import type { PlaylistFragment } from '../../../src/recording/playlist/fragment-playlists.ts';
import { VodPlaylist } from '../../../src/recording/playlist/vod-playlist.ts';

const START_MS = 1_735_688_400_000;

function fragment(sequence: number, overrides: Partial<PlaylistFragment> = {}): PlaylistFragment {
  return {
    startMs: START_MS + sequence * 5_000,
    durationMs: 5_000,
    sessionId: 'first',
    sequence,
    discontinuity: false,
    discontinuityCount: 0,
    ...overrides,
  };
}

/** The fragments are added so many at a time. */
function textOf(fragments: readonly PlaylistFragment[], atATime = fragments.length): string {
  const playlist = new VodPlaylist();
  for (let at = 0; at < fragments.length; at += atATime) playlist.add(fragments.slice(at, at + atATime));
  expect(playlist.count).toBe(fragments.length);
  return Buffer.concat(playlist.end()).toString();
}

/** The same text as one string, by the rules of the playlist: how it was made before it was written as bytes. */
function expectedText(fragments: readonly PlaylistFragment[]): string {
  const targetSec = fragments.reduce((longest, { durationMs }) => {
    return Math.max(longest, Math.floor(durationMs / 1000 + 0.5));
  }, 1);
  let text = `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-TARGETDURATION:${targetSec}\n`;
  for (const [index, { startMs, durationMs, ...present }] of fragments.entries()) {
    const previous = fragments[index - 1];
    const before = present.discontinuityCount - (present.discontinuity ? 1 : 0);
    const breaks =
      previous !== undefined &&
      (present.discontinuity || present.sessionId !== previous.sessionId || before > previous.discontinuityCount);
    if (breaks) text += '#EXT-X-DISCONTINUITY\n';
    text += `#EXTINF:${(durationMs / 1000).toFixed(3)},\n${startMs}.ts\n`;
  }
  return `${text}#EXT-X-ENDLIST\n`;
}

describe('VodPlaylist', () => {
  it('starts at 0, ends, and separates sessions', () => {
    const second = { sessionId: 'second' };
    const text = textOf([fragment(7), fragment(8, second), fragment(9, second)]);
    expect(text.split('\n')).toEqual([
      '#EXTM3U',
      '#EXT-X-VERSION:3',
      '#EXT-X-MEDIA-SEQUENCE:0',
      '#EXT-X-TARGETDURATION:5',
      '#EXTINF:5.000,',
      '1735688435000.ts',
      '#EXT-X-DISCONTINUITY',
      '#EXTINF:5.000,',
      '1735688440000.ts',
      '#EXTINF:5.000,',
      '1735688445000.ts',
      '#EXT-X-ENDLIST',
      '',
    ]);
  });

  it('does not mark the head of the list, whatever came before it in the recording', () => {
    expect(textOf([fragment(3, { discontinuity: true })])).not.toContain('DISCONTINUITY');
  });

  it('is the same text, byte for byte, whatever it lists and however much of it is added at a time', () => {
    const fragments = fc.array(
      fc.record({
        startMs: fc.oneof(fc.integer({ min: START_MS, max: START_MS + 2_000_000 }), fc.maxSafeNat()),
        durationMs: fc.oneof(fc.constantFrom(0, 499.5, 1_000, 13_320), fc.double({ min: 0, max: 1e7, noNaN: true })),
        sessionId: fc.constantFrom('a', 'b'),
        sequence: fc.nat(),
        discontinuity: fc.boolean(),
        discontinuityCount: fc.nat({ max: 3 }),
      }),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(fragments, fc.integer({ min: 1, max: 9 }), (listed, atATime) => {
        expect(textOf(listed, atATime)).toBe(expectedText(listed));
      }),
    );
  });

  it('of a day is the same text too', () => {
    const day = Array.from({ length: 86_400 }, (_, second) => {
      const push = Math.floor(second / 7_000);
      const startMs = START_MS + second * 1_000 + (second % 3);
      const durationMs = 1_000 + (second % 97) / 3;
      return fragment(second, { startMs, durationMs, sessionId: `push-${push}`, discontinuityCount: push });
    });
    expect(textOf(day, 8_000) === expectedText(day)).toBe(true);
  });

  it('names its fragments as it is told', () => {
    const playlist = new VodPlaylist((text: TextBytes, { sequence }) => text.append(`ä/${sequence}.ts`));
    playlist.add([fragment(1)]);
    expect(Buffer.concat(playlist.end()).toString()).toContain('\nä/1.ts\n');
  });
});
