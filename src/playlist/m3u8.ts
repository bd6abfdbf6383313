/**
 * Text of the playlists OSS writes: version 3 media playlists, the header tags in the order of the GetVodPlaylist
 * sample, LF line ends. Source: PutLiveChannel and GetVodPlaylist pages; RFC 8216 for what the tags mean.
 */

export interface PlaylistEntry {
  readonly uri: string;
  readonly durationMs: number;
  /** The timeline breaks between the entry before this one and this one. */
  readonly discontinuity: boolean;
}

export interface MediaPlaylist {
  readonly mediaSequence: number;
  readonly targetDurationSec: number;
  readonly entries: readonly PlaylistEntry[];
  /** Nothing will be added any more. */
  readonly ended: boolean;
}

export function renderPlaylist(playlist: MediaPlaylist): string {
  let text = `#EXTM3U
#EXT-X-VERSION:3
#EXT-X-MEDIA-SEQUENCE:${playlist.mediaSequence}
#EXT-X-TARGETDURATION:${playlist.targetDurationSec}
`;
  // Of a day of fragments most have one of a few durations; growing a text by long pieces is what costs.
  const extinfs = new Map<number, string>();
  for (const { uri, durationMs, discontinuity } of playlist.entries) {
    const extinf = extinfs.get(durationMs) ?? `#EXTINF:${(durationMs / 1000).toFixed(3)},\n`;
    extinfs.set(durationMs, extinf);
    if (discontinuity) text += '#EXT-X-DISCONTINUITY\n';
    text += `${extinf}${uri}\n`;
  }
  return playlist.ended ? `${text}#EXT-X-ENDLIST\n` : text;
}

/**
 * Seconds for EXT-X-TARGETDURATION: the longest entry, rounded half up, and no less than `minimumSec`. Rounded, not the
 * ceiling: the page's sample has 13 for a longest entry of 13.320 (RFC 8216, 4.3.3.1 compares rounded durations too).
 */
export function targetDurationSec(entries: readonly PlaylistEntry[], minimumSec: number): number {
  return entries.reduce((longest, entry) => Math.max(longest, Math.floor(entry.durationMs / 1000 + 0.5)), minimumSec);
}
