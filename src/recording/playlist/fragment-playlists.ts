import { renderPlaylist, targetDurationSec } from './m3u8.ts';

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
    const previous = window[index - 1];
    const discontinuity = fragment.discontinuity || (previous !== undefined && lostDiscontinuity(previous, fragment));
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
export function lostDiscontinuity(previous: PlaylistFragment, fragment: PlaylistFragment): boolean {
  return discontinuitiesBefore(fragment) > previous.discontinuityCount;
}
