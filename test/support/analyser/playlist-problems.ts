/** What is wrong with media playlists, in words, by RFC 8216. */
import type { MediaPlaylist, MediaSegment } from './media-playlist.ts';
import { ticksBetween } from './transport-stream.ts';
import { type Fragment, picturesOf, stretchesOf, transportStreamProblems } from './transport-stream-problems.ts';

const EXTINF_TOLERANCE_MS = 2;

/** Everything that is wrong with a playlist and the fragments that it lists; `fetchBytes` gets them by their URI. */
export async function recordingProblems(
  playlist: MediaPlaylist,
  fetchBytes: (uri: string) => Promise<Buffer>,
): Promise<string[]> {
  const fragments: Fragment[] = [];
  for (const { uri, discontinuity } of playlist.segments) {
    fragments.push({ name: uri, discontinuity, bytes: await fetchBytes(uri) });
  }
  const streamProblems = transportStreamProblems(fragments);
  return [
    ...streamProblems,
    ...durationProblems(
      playlist.segments.map(({ durationSec }) => durationSec),
      fragments,
    ),
    ...targetDurationProblems(playlist),
  ];
}

/** 4.3.3.1: no EXTINF, rounded to whole seconds, is longer. */
export function targetDurationProblems({ targetDurationSec, segments }: MediaPlaylist): string[] {
  return segments
    .filter(({ durationSec }) => Math.round(durationSec) > targetDurationSec)
    .map(({ uri, durationSec }) => `${uri}: EXTINF ${durationSec} with a TARGETDURATION of ${targetDurationSec}`);
}

/**
 * EXTINF against the pictures: to the first picture of the next fragment; before a discontinuity and at the end, where
 * nobody knows how long the last picture lasts, at least to the last picture.
 *
 * @param durationsSec of the fragments, in their order
 */
export function durationProblems(durationsSec: readonly number[], fragments: readonly Fragment[]): string[] {
  const problems: string[] = [];
  const timed = fragments.map((fragment, at) => ({
    discontinuity: fragment.discontinuity,
    name: fragment.name,
    statedMs: (durationsSec[at] ?? 0) * 1000,
    pictures: picturesOf(fragment),
  }));
  for (const stretch of stretchesOf(timed)) {
    for (const [at, { name, statedMs, pictures }] of stretch.entries()) {
      const [first, last] = [pictures[0], pictures.at(-1)];
      if (first === undefined || last === undefined) continue;
      const next = stretch[at + 1]?.pictures[0];
      const actualMs = ticksBetween(first, next ?? last) / 90;
      const differs = next !== undefined && Math.abs(actualMs - statedMs) > EXTINF_TOLERANCE_MS;
      const isShort = next === undefined && statedMs < actualMs - EXTINF_TOLERANCE_MS;
      if (differs || isShort) problems.push(`${name}: EXTINF says ${statedMs} ms, its pictures ${actualMs} ms`);
    }
  }
  return problems;
}

/**
 * 6.2.1 and 6.2.2: the loads of one live playlist, in the order in which they were made. A segment keeps its number, its
 * duration and its discontinuity sequence number as long as it is listed. The last is only known where the playlist has
 * EXT-X-DISCONTINUITY-SEQUENCE; one without it in any load is judged by the other rules.
 */
export function reloadProblems(loads: readonly MediaPlaylist[]): string[] {
  const problems: string[] = [];
  const isNumbered = loads.some(({ discontinuitySequence }) => discontinuitySequence !== undefined);
  for (const [at, load] of loads.entries()) {
    const before = loads[at - 1];
    if (before) {
      for (const problem of reloadPairProblems(before, load, isNumbered)) problems.push(`load ${at}: ${problem}`);
    }
  }
  return problems;
}

function reloadPairProblems(before: MediaPlaylist, after: MediaPlaylist, isNumbered: boolean): string[] {
  const problems: string[] = [];
  const fell = (name: string, from = 0, to = 0) => {
    if (to < from) problems.push(`${name} went from ${from} to ${to}`);
  };
  fell('MEDIA-SEQUENCE', before.mediaSequence, after.mediaSequence);
  fell('DISCONTINUITY-SEQUENCE', before.discontinuitySequence, after.discontinuitySequence);
  fell('the number of the last segment', lastNumber(before), lastNumber(after));
  if (before.targetDurationSec !== after.targetDurationSec) {
    problems.push(`TARGETDURATION went from ${before.targetDurationSec} to ${after.targetDurationSec}`);
  }
  if (before.ended && !after.ended) problems.push('ENDLIST is gone');
  if (before.ended && lastNumber(after) > lastNumber(before)) problems.push('segments were added after ENDLIST');
  const known = numbered(before);
  for (const [number, segment] of numbered(after)) {
    const same = known.get(number);
    if (!same) continue;
    if (same.uri !== segment.uri) problems.push(`segment ${number} was ${same.uri} and is ${segment.uri}`);
    if (same.durationSec !== segment.durationSec) {
      problems.push(`EXTINF of segment ${number} was ${same.durationSec} and is ${segment.durationSec}`);
    }
    if (same.discontinuity !== segment.discontinuity) problems.push(`EXT-X-DISCONTINUITY of segment ${number} changed`);
    if (isNumbered && same.discontinuityNumber !== segment.discontinuityNumber) {
      problems.push(
        `the discontinuity sequence number of segment ${number} was ${same.discontinuityNumber} and is ${segment.discontinuityNumber}`,
      );
    }
  }
  return problems;
}

function lastNumber({ mediaSequence, segments }: MediaPlaylist): number {
  return mediaSequence + segments.length - 1;
}

/** 6.2.1: the number of a segment counts the discontinuities before it, its own included. */
function numbered(playlist: MediaPlaylist): Map<number, MediaSegment & { readonly discontinuityNumber: number }> {
  let discontinuityNumber = playlist.discontinuitySequence ?? 0;
  return new Map(
    playlist.segments.map((segment, at) => {
      if (segment.discontinuity) discontinuityNumber++;
      return [playlist.mediaSequence + at, { ...segment, discontinuityNumber }];
    }),
  );
}
