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

export interface MediaPlaylist {
  readonly mediaSequence: number;
  /** How many discontinuities came before the first entry; without it there is no EXT-X-DISCONTINUITY-SEQUENCE. */
  readonly discontinuitySequence?: number;
  readonly targetDurationSec: number;
  readonly entries: Iterable<PlaylistEntry>;
  /** Whether the list is complete: it gets EXT-X-ENDLIST. */
  readonly ended: boolean;
}

export function renderPlaylist(playlist: MediaPlaylist): string {
  let text = '#EXTM3U\n#EXT-X-VERSION:3\n';
  text += `#EXT-X-MEDIA-SEQUENCE:${playlist.mediaSequence}\n`;
  if (playlist.discontinuitySequence !== undefined) {
    text += `#EXT-X-DISCONTINUITY-SEQUENCE:${playlist.discontinuitySequence}\n`;
  }
  text += `#EXT-X-TARGETDURATION:${playlist.targetDurationSec}\n`;
  // The playlist of a day has 86,400 entries but few different durations, and formatting a duration is slow.
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
 * Seconds for EXT-X-TARGETDURATION: the longest entry, rounded half up, but at least `minimumSec`. It is not rounded up:
 * the sample of the page has 13 for a longest entry of 13.320 (RFC 8216, 4.3.3.1 compares rounded durations too).
 */
export function targetDurationSec(entries: readonly { readonly durationMs: number }[], minimumSec: number): number {
  return entries.reduce((longest, entry) => Math.max(longest, Math.floor(entry.durationMs / 1000 + 0.5)), minimumSec);
}
