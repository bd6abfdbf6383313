/**
 * Text of the playlists OSS writes: version 3 media playlists, the header tags in the order of the GetVodPlaylist
 * sample, LF line ends. Source: PutLiveChannel and GetVodPlaylist pages; RFC 8216 for what the tags mean.
 */

export interface PlaylistEntry {
  readonly uri: string;
  readonly durationMs: number;
  /** There is a discontinuity between the previous entry and this one. */
  readonly discontinuity: boolean;
}

export interface PlaylistHead {
  readonly mediaSequence: number;
  /** How many discontinuities came before the first entry; without it there is no EXT-X-DISCONTINUITY-SEQUENCE. */
  readonly discontinuitySequence?: number;
  readonly targetDurationSec: number;
}

export interface MediaPlaylist extends PlaylistHead {
  readonly entries: readonly PlaylistEntry[];
  /** Whether the list is complete: it gets EXT-X-ENDLIST. */
  readonly ended: boolean;
}

export const DISCONTINUITY = '#EXT-X-DISCONTINUITY\n';
export const ENDED = '#EXT-X-ENDLIST\n';

export function renderPlaylist(playlist: MediaPlaylist): string {
  const entries = playlist.entries.map(
    ({ uri, durationMs, discontinuity }) => `${discontinuity ? DISCONTINUITY : ''}${entryInfo(durationMs)}${uri}\n`,
  );
  return `${playlistHead(playlist)}${entries.join('')}${playlist.ended ? ENDED : ''}`;
}

export function playlistHead({ mediaSequence, discontinuitySequence, targetDurationSec }: PlaylistHead): string {
  let text = '#EXTM3U\n#EXT-X-VERSION:3\n';
  text += `#EXT-X-MEDIA-SEQUENCE:${mediaSequence}\n`;
  if (discontinuitySequence !== undefined) text += `#EXT-X-DISCONTINUITY-SEQUENCE:${discontinuitySequence}\n`;
  return `${text}#EXT-X-TARGETDURATION:${targetDurationSec}\n`;
}

/** The line before the URI of an entry. */
export function entryInfo(durationMs: number): string {
  return `#EXTINF:${(durationMs / 1000).toFixed(3)},\n`;
}

/**
 * Seconds for EXT-X-TARGETDURATION: the longest entry, rounded half up, but at least `minimumSec`. It is not rounded up:
 * the sample of the page has 13 for a longest entry of 13.320 (RFC 8216, 4.3.3.1 compares rounded durations too).
 */
export function targetDurationSec(entries: readonly { readonly durationMs: number }[], minimumSec: number): number {
  return entries.reduce((longest, { durationMs }) => Math.max(longest, roundedSec(durationMs)), minimumSec);
}

/** Half up. */
export function roundedSec(durationMs: number): number {
  return Math.floor(durationMs / 1000 + 0.5);
}
