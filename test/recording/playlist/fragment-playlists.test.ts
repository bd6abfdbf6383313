import { describe, expect, it } from 'vitest';
import { type PlaylistFragment, renderLivePlaylist } from '../../../src/recording/playlist/fragment-playlists.ts';

function fragment(sequence: number, overrides: Partial<PlaylistFragment> = {}): PlaylistFragment {
  return {
    startMs: 1_735_688_400_000 + sequence * 5_000,
    durationMs: 5_000,
    sessionId: 'first',
    sequence,
    discontinuity: false,
    discontinuityCount: 0,
    ...overrides,
  };
}

const lines = (text: string) => text.split('\n');

describe('renderLivePlaylist', () => {
  it('counts from the first fragment still listed and never ends', () => {
    const text = renderLivePlaylist([fragment(4), fragment(5), fragment(6)], 5);
    expect(lines(text)[2]).toBe('#EXT-X-MEDIA-SEQUENCE:4');
    expect(text).not.toContain('ENDLIST');
    expect(text).toContain('\n1735688420000.ts\n');
  });

  it('keeps a discontinuity with its fragment until that leaves the window', () => {
    const second = fragment(5, { sessionId: 'second', discontinuity: true });
    expect(lines(renderLivePlaylist([fragment(4), second], 5)).indexOf('#EXT-X-DISCONTINUITY')).toBe(6);
    expect(lines(renderLivePlaylist([second, fragment(6)], 5))[4]).toBe('#EXT-X-DISCONTINUITY');
    expect(renderLivePlaylist([fragment(6), fragment(7)], 5)).not.toContain('DISCONTINUITY');
  });

  it('counts the discontinuities that left the window, when it is asked to', () => {
    const window = [
      fragment(4, { discontinuityCount: 2 }),
      fragment(5, { discontinuityCount: 3, discontinuity: true }),
      fragment(6, { discontinuityCount: 3 }),
    ];
    const sequenceOf = (fragments: readonly PlaylistFragment[]) =>
      /^#EXT-X-DISCONTINUITY-SEQUENCE:(\d+)$/m.exec(renderLivePlaylist(fragments, 5, ['discontinuity-sequence']))?.[1];
    expect(sequenceOf(window)).toBe('2');
    expect(sequenceOf(window.slice(1))).toBe('2');
    expect(sequenceOf(window.slice(2))).toBe('3');
    expect(renderLivePlaylist(window, 5)).not.toContain('DISCONTINUITY-SEQUENCE');
  });

  it('keeps the discontinuity of a fragment that was deleted within the window', () => {
    const window = [fragment(4), fragment(6, { discontinuityCount: 1 }), fragment(7, { discontinuityCount: 1 })];
    expect(lines(renderLivePlaylist(window, 5)).slice(4, 8)).toEqual([
      '#EXTINF:5.000,',
      '1735688420000.ts',
      '#EXT-X-DISCONTINUITY',
      '#EXTINF:5.000,',
    ]);
    expect(renderLivePlaylist(window.slice(1), 5)).not.toContain('#EXT-X-DISCONTINUITY');
  });

  it('announces FragDuration, or the longest fragment where a key frame came late', () => {
    expect(renderLivePlaylist([fragment(0, { durationMs: 2_000 })], 5)).toContain('#EXT-X-TARGETDURATION:5\n');
    expect(renderLivePlaylist([fragment(0, { durationMs: 9_960 })], 5)).toContain('#EXT-X-TARGETDURATION:10\n');
  });
});
