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
  readonly entries: Iterable<PlaylistEntry>;
  /** Nothing will be added any more. */
  readonly ended: boolean;
}

export function renderPlaylist(playlist: MediaPlaylist): string {
  let text = '#EXTM3U\n#EXT-X-VERSION:3\n';
  text += `#EXT-X-MEDIA-SEQUENCE:${playlist.mediaSequence}\n`;
  text += `#EXT-X-TARGETDURATION:${playlist.targetDurationSec}\n`;
  // A day's playlist has 86,400 entries and few durations, which take long to write.
  const infos = new Map<number, string>();
  for (const { uri, durationMs, discontinuity } of playlist.entries) {
    let info = infos.get(durationMs);
    if (info === undefined) {
      info = `#EXTINF:${(durationMs / 1000).toFixed(3)},\n`;
      infos.set(durationMs, info);
    }
    if (discontinuity) text += '#EXT-X-DISCONTINUITY\n';
    text += `${info}${uri}\n`;
  }
  return playlist.ended ? `${text}#EXT-X-ENDLIST\n` : text;
}

/**
 * Seconds for EXT-X-TARGETDURATION: the longest entry, rounded half up, and no less than `minimumSec`. Rounded, not the
 * ceiling: the page's sample has 13 for a longest entry of 13.320 (RFC 8216, 4.3.3.1 compares rounded durations too).
 */
export function targetDurationSec(entries: readonly { readonly durationMs: number }[], minimumSec: number): number {
  return entries.reduce((longest, entry) => Math.max(longest, Math.floor(entry.durationMs / 1000 + 0.5)), minimumSec);
}
