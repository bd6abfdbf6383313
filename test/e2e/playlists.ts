/**
 * HLS playlists as the emulator writes them (RFC 8216), read without code of src/, so that an error there is not
 * repeated here.
 */

export interface ListedFragment {
  readonly name: string;
  readonly durationSec: number;
  /** There is a discontinuity before it. */
  readonly discontinuity: boolean;
}

export interface Playlist {
  readonly mediaSequence: number;
  readonly targetDurationSec: number;
  readonly ended: boolean;
  readonly fragments: readonly ListedFragment[];
}

const HEADER = /^#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-MEDIA-SEQUENCE:(\d+)\n#EXT-X-TARGETDURATION:(\d+)\n/;
const ENTRY = /(#EXT-X-DISCONTINUITY\n)?#EXTINF:(\d+\.\d{3}),\n(\d{13}\.ts)\n/y;
const END = '#EXT-X-ENDLIST\n';

/** @throws Error at the first line that is not allowed there */
function parsePlaylist(text: string): Playlist {
  const header = HEADER.exec(text);
  if (!header) throw new Error(`not a playlist of the emulator:\n${text}`);
  const fragments: ListedFragment[] = [];
  let position = header[0].length;
  ENTRY.lastIndex = position;
  for (let entry = ENTRY.exec(text); entry; entry = ENTRY.exec(text)) {
    position = ENTRY.lastIndex;
    fragments.push({ discontinuity: entry[1] !== undefined, durationSec: Number(entry[2]), name: entry[3] ?? '' });
  }
  const rest = text.slice(position);
  if (rest !== '' && rest !== END) throw new Error(`unexpected in a playlist:\n${rest}`);
  return {
    mediaSequence: Number(header[1]),
    targetDurationSec: Number(header[2]),
    ended: rest === END,
    fragments,
  };
}

export async function fetchPlaylist(url: string): Promise<Playlist> {
  return parsePlaylist(await fetchText(url));
}

async function fetchText(url: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return response.text();
}
