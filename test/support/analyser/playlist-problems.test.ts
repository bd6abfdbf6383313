/** Each rule of the analyser finds a planted fault, and good playlists have none. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type MediaPlaylist, readMediaPlaylist } from './media-playlist.ts';
import { goodRecording } from './planted.ts';
import { durationProblems, recordingProblems, reloadProblems, targetDurationProblems } from './playlist-problems.ts';
import type { Fragment } from './transport-stream-problems.ts';

/** A live playlist of segments `<letter><number>.ts` of 2 s; `|` is a discontinuity. */
function load(mediaSequence: number, segments: string, changes: Partial<MediaPlaylist> = {}): MediaPlaylist {
  return {
    mediaSequence,
    discontinuitySequence: undefined,
    targetDurationSec: 2,
    ended: false,
    segments: [...segments.matchAll(/(\|?)(\w)/g)].map(([, mark, letter], at) => ({
      uri: `${letter}${mediaSequence + at}.ts`,
      durationSec: 2,
      discontinuity: mark === '|',
    })),
    ...changes,
  };
}

describe('the text of a playlist', () => {
  const TEXT =
    '#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-MEDIA-SEQUENCE:7\n#EXT-X-DISCONTINUITY-SEQUENCE:2\n' +
    '#EXT-X-TARGETDURATION:2\n#EXTINF:2.000,\na.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:1.5,\nb.ts\n#EXT-X-ENDLIST\n';

  it('is read', () => {
    expect(readMediaPlaylist(TEXT)).toEqual({
      mediaSequence: 7,
      discontinuitySequence: 2,
      targetDurationSec: 2,
      segments: [
        { uri: 'a.ts', durationSec: 2, discontinuity: false },
        { uri: 'b.ts', durationSec: 1.5, discontinuity: true },
      ],
      ended: true,
    });
  });

  it.each([
    ['another first line', (text: string) => text.slice(1), '#EXTM3U is not the first line'],
    ['no target duration', (text: string) => text.replace(/#EXT-X-TARGET.*\n/, ''), 'no EXT-X-TARGETDURATION'],
    ['a segment without duration', (text: string) => text.replace(/#EXTINF:1.*\n/, ''), 'no EXTINF before b.ts'],
    ['a tag twice', (text: string) => text.replace('#EXTINF', '#EXT-X-MEDIA-SEQUENCE:8\n#EXTINF'), 'is there twice'],
    ['a header tag that is late', (text: string) => `${text}#EXT-X-MEDIA-SEQUENCE:8\n`, 'after the first segment'],
    ['an unknown tag', (text: string) => `${text}#EXT-X-OTHER\n`, 'unknown line: #EXT-X-OTHER'],
    ['a discontinuity before nothing', (text: string) => `${text}#EXT-X-DISCONTINUITY\n`, 'no segment after'],
  ])('with %s is refused', (_, change, message) => {
    expect(() => readMediaPlaylist(change(TEXT))).toThrow(message);
  });
});

describe('durations', () => {
  let fragments: readonly Fragment[];
  let playlist: MediaPlaylist;
  beforeAll(async () => {
    const good = await goodRecording();
    fragments = good.fragments;
    const segments = fragments.map(({ name, discontinuity }, at) => {
      return { uri: name, durationSec: good.durationsSec[at] ?? 0, discontinuity };
    });
    playlist = load(0, '', { segments });
  });

  const withDuration = (at: number, changeSec: number): MediaPlaylist => ({
    ...playlist,
    segments: playlist.segments.map((segment, index) =>
      index === at ? { ...segment, durationSec: segment.durationSec + changeSec } : segment,
    ),
  });

  const durationsOf = ({ segments }: MediaPlaylist) => segments.map(({ durationSec }) => durationSec);

  it('of a good recording have no problem, whole or in parts', async () => {
    const bytesOf = async (uri: string) => fragments.find(({ name }) => name === uri)?.bytes ?? Buffer.alloc(0);
    expect(await recordingProblems(playlist, bytesOf)).toEqual([]);
    expect(await recordingProblems(playlist, async () => Buffer.alloc(0))).not.toEqual([]);
  });

  it.each([
    [0, 0.003],
    [1, -0.003],
    [2, 1],
    [3, -0.1],
  ])('of segment %d that are wrong by %d s are found', (at, changeSec) => {
    expect(durationProblems(durationsOf(withDuration(at, changeSec)), fragments)).toEqual([
      expect.stringContaining(`${at}.ts: EXTINF says`),
    ]);
  });

  it.each([
    [0, 0.001],
    [3, 0.05],
  ])('of segment %d may differ by %d s', (at, changeSec) => {
    expect(durationProblems(durationsOf(withDuration(at, changeSec)), fragments)).toEqual([]);
  });

  it('longer than the target duration, when rounded, are found', () => {
    expect(targetDurationProblems(withDuration(1, 0.6))).toEqual([expect.stringContaining('TARGETDURATION of 2')]);
    expect(targetDurationProblems(withDuration(1, 0.4))).toEqual([]);
  });
});

describe('the loads of a live playlist', () => {
  const DS = (discontinuitySequence: number) => ({ discontinuitySequence });

  it.each<[string, MediaPlaylist[]]>([
    ['one load', [load(0, 'aaa')]],
    ['the same again', [load(3, 'aaa'), load(3, 'aaa')]],
    ['a window that moves', [load(0, 'aaa'), load(1, 'aaa'), load(5, 'aaa')]],
    ['a discontinuity that leaves it', [load(0, 'a|bb', DS(0)), load(1, '|bb', DS(0)), load(2, 'bb', DS(1))]],
    ['the same without the number', [load(0, 'a|bb'), load(1, '|bb'), load(2, 'bb')]],
    ['an end', [load(0, 'aaa'), load(1, 'aaa', { ended: true }), load(1, 'aaa', { ended: true })]],
  ])('of %s have no problem', (_, loads) => {
    expect(reloadProblems(loads)).toEqual([]);
  });

  it.each<[string, MediaPlaylist[], RegExp]>([
    ['MEDIA-SEQUENCE', [load(4, 'aaa'), load(3, 'aaaa')], /load 1: MEDIA-SEQUENCE went from 4 to 3/],
    ['the sequence after a restart', [load(4, 'aaa'), load(0, 'b')], /MEDIA-SEQUENCE went from 4 to 0/],
    ['the end of the list', [load(4, 'aaa'), load(4, 'aa')], /the number of the last segment went from 6 to 5/],
    ['another segment under a number', [load(0, 'aaa'), load(1, 'bba')], /segment 1 was a1\.ts and is b1\.ts/],
    [
      'a forgotten number',
      [load(0, 'aaa'), load(0, 'aaa').segments.slice(1)].map((each) =>
        Array.isArray(each) ? { ...load(0, ''), segments: each } : each,
      ),
      /segment 0 was a0\.ts and is a1\.ts/,
    ],
    ['DISCONTINUITY-SEQUENCE', [load(0, 'aa', DS(2)), load(1, 'aa', DS(1))], /DISCONTINUITY-SEQUENCE went from 2 to 1/],
    ['its disappearance', [load(0, 'aa', DS(2)), load(1, 'aa')], /DISCONTINUITY-SEQUENCE went from 2 to 0/],
    ['a discontinuity that is not counted', [load(0, '|bb', DS(0)), load(1, 'bb', DS(0))], /number of segment 1 was 1/],
    ['one that is counted too early', [load(0, 'a|bb', DS(0)), load(1, '|bb', DS(1))], /number of segment 1 was 1/],
    ['a discontinuity that comes late', [load(0, 'aa'), load(0, 'a|a')], /EXT-X-DISCONTINUITY of segment 1 changed/],
    ['a discontinuity that is gone', [load(0, 'a|a'), load(0, 'aa')], /EXT-X-DISCONTINUITY of segment 1 changed/],
    ['TARGETDURATION', [load(0, 'a'), load(0, 'a', { targetDurationSec: 3 })], /TARGETDURATION went from 2 to 3/],
    [
      'EXTINF',
      [load(0, 'a'), load(0, 'a', { segments: [{ uri: 'a0.ts', durationSec: 1, discontinuity: false }] })],
      /EXTINF of segment 0/,
    ],
    ['an end that was none', [load(0, 'a', { ended: true }), load(0, 'a')], /ENDLIST is gone/],
    ['segments after the end', [load(0, 'a', { ended: true }), load(0, 'aa', { ended: true })], /added after ENDLIST/],
  ])('%s: found', (_, loads, problem) => {
    expect(reloadProblems(loads)).toContainEqual(expect.stringMatching(problem));
  });
});
