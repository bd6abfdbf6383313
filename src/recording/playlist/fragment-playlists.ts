import { type PlaylistEntry, renderPlaylist, targetDurationSec } from './m3u8.ts';

/** The fields of a recorded fragment that a playlist needs. */
export interface PlaylistFragment {
  readonly startMs: number;
  readonly durationMs: number;
  readonly sessionId: string;
  readonly sequence: number;
  readonly discontinuity: boolean;
  /** How many discontinuities its playlist has had up to its beginning, its own included. */
  readonly discontinuityCount: number;
}

/**
 * What live playlists may have beyond those of the service. `discontinuity-sequence`: EXT-X-DISCONTINUITY-SEQUENCE
 * (RFC 8216, 4.3.3.3).
 */
export type PlaylistExtension = 'discontinuity-sequence';

/** Name of a fragment in the folder of its channel: the wall clock time of its start. */
export function fragmentName(startMs: number): string {
  return `${startMs}.ts`;
}

/**
 * The live playlist: `window` is the last FragCount fragments. It has no EXT-X-ENDLIST, also after the stream ended. A
 * discontinuity stays with its fragment until the fragment leaves the window (RFC 8216, 6.2.1).
 */
export function renderLivePlaylist(
  window: readonly PlaylistFragment[],
  fragDurationSec: number,
  extensions: readonly PlaylistExtension[] = [],
): string {
  const [first] = window;
  const entries = window.map((fragment, index) => {
    const discontinuity = fragment.discontinuity || lostDiscontinuity(window[index - 1], fragment);
    return { uri: fragmentName(fragment.startMs), durationMs: fragment.durationMs, discontinuity };
  });
  return renderPlaylist({
    mediaSequence: first?.sequence ?? 0,
    ...(first &&
      extensions.includes('discontinuity-sequence') && { discontinuitySequence: discontinuitiesBefore(first) }),
    targetDurationSec: targetDurationSec(entries, fragDurationSec),
    entries,
    ended: false,
  });
}

/** The discontinuity of the fragment itself has not left the playlist as long as the fragment is in it. */
function discontinuitiesBefore({ discontinuity, discontinuityCount }: PlaylistFragment): number {
  return discontinuityCount - (discontinuity ? 1 : 0);
}

/** Whether a fragment with a discontinuity was deleted between the two. */
function lostDiscontinuity(previous: PlaylistFragment | undefined, fragment: PlaylistFragment): boolean {
  return previous !== undefined && discontinuitiesBefore(fragment) > previous.discontinuityCount;
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
    const isOtherPush = fragment.sessionId !== previous?.sessionId;
    const breaks = fragment.discontinuity || isOtherPush || lostDiscontinuity(previous, fragment);
    const { durationMs } = fragment;
    yield { uri: uriOf(fragment), durationMs, discontinuity: previous !== undefined && breaks };
    previous = fragment;
  }
}
