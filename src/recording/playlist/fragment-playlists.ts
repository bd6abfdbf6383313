import { type PlaylistEntry, renderPlaylist, targetDurationSec } from './m3u8.ts';

/** The fields of a recorded fragment that a playlist needs. */
export interface PlaylistFragment {
  readonly startMs: number;
  readonly durationMs: number;
  readonly sessionId: string;
  readonly sequence: number;
  readonly discontinuity: boolean;
}

/** Name of a fragment in the folder of its channel: the wall clock time of its start. */
export function fragmentName(startMs: number): string {
  return `${startMs}.ts`;
}

/**
 * The live playlist: `window` is the last FragCount fragments. It has no EXT-X-ENDLIST, also after the stream ended. A
 * discontinuity stays with its fragment until the fragment leaves the window (RFC 8216, 6.2.1).
 */
export function renderLivePlaylist(window: readonly PlaylistFragment[], fragDurationSec: number): string {
  const entries = window.map((fragment) => entryOf(fragment, fragment.discontinuity));
  return renderPlaylist({
    mediaSequence: window[0]?.sequence ?? 0,
    targetDurationSec: targetDurationSec(entries, fragDurationSec),
    entries,
    ended: false,
  });
}

/**
 * The VOD playlist of a time range. There is a discontinuity between two sessions, because they do not share a timeline;
 * the first entry needs none.
 *
 * @param uriOf default: the name in the channel's folder
 */
export function renderVodPlaylist<Fragment extends PlaylistFragment>(
  fragments: readonly Fragment[],
  uriOf: (fragment: Fragment) => string = ({ startMs }) => fragmentName(startMs),
): string {
  return renderPlaylist({
    mediaSequence: 0,
    targetDurationSec: targetDurationSec(fragments, 1),
    entries: vodEntries(fragments, uriOf),
    ended: true,
  });
}

/** A generator, because a day can have 86,400 entries and an array of them costs more than the text. */
function* vodEntries<Fragment extends PlaylistFragment>(
  fragments: readonly Fragment[],
  uriOf: (fragment: Fragment) => string,
): Generator<PlaylistEntry> {
  let previous: Fragment | undefined;
  for (const fragment of fragments) {
    const breaks = fragment.discontinuity || fragment.sessionId !== previous?.sessionId;
    const { durationMs } = fragment;
    yield { uri: uriOf(fragment), durationMs, discontinuity: previous !== undefined && breaks };
    previous = fragment;
  }
}

function entryOf({ startMs, durationMs }: PlaylistFragment, discontinuity: boolean): PlaylistEntry {
  return { uri: fragmentName(startMs), durationMs, discontinuity };
}
