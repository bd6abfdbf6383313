import { type PlaylistEntry, renderPlaylist, targetDurationSec } from './m3u8.ts';

/** What a playlist needs to know of a recorded fragment. */
export interface PlaylistFragment {
  readonly startMs: number;
  readonly durationMs: number;
  readonly sessionId: string;
  readonly sequence: number;
  readonly discontinuity: boolean;
}

/** Name of a fragment in its channel's folder: the wall clock at its opening. */
export function fragmentName(startMs: number): string {
  return `${startMs}.ts`;
}

/**
 * The rolling playlist: `window` is the last FragCount fragments. It never ends, not even with the stream. A
 * discontinuity stays with its fragment until that leaves the window (RFC 8216, 6.2.1).
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
 * The finished playlist of a time range. Fragments of two sessions share no timeline, even where the first of them left
 * the live window long before the second began; the head of the list needs no mark.
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

/** One by one: a day has 86,400, and to keep them all until the text is written costs more than to write it. */
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
