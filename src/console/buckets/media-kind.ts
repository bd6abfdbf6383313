/** How an object can be shown on the page. */
export type MediaKind = 'playlist' | 'fragment' | 'video' | 'audio' | 'picture' | 'flv';

const BY_ENDING: Readonly<Record<string, MediaKind>> = {
  m3u8: 'playlist',
  ts: 'fragment',
  flv: 'flv',
  mp4: 'video',
  m4v: 'video',
  mov: 'video',
  webm: 'video',
  aac: 'audio',
  m4a: 'audio',
  mp3: 'audio',
  ogg: 'audio',
  wav: 'audio',
  gif: 'picture',
  jpeg: 'picture',
  jpg: 'picture',
  png: 'picture',
  webp: 'picture',
};

/** By the ending of the key, because many clients store everything as `application/octet-stream`; then by the type. */
export function mediaKind(key: string, contentType: string): MediaKind | undefined {
  const ending = /\.(\w+)$/.exec(key)?.[1]?.toLowerCase() ?? '';
  const known = Object.hasOwn(BY_ENDING, ending) ? BY_ENDING[ending] : undefined;
  if (known) return known;
  const [type] = contentType.split('/');
  if (type === 'video' || type === 'audio') return type;
  return /^image\/(?!svg)/.test(contentType) ? 'picture' : undefined;
}

/** A playlist of one fragment: the player takes playlists only. The player finds the duration in the fragment. */
export function playlistOfFragment(url: string): string {
  return ['#EXTM3U', '#EXT-X-VERSION:3', '#EXT-X-TARGETDURATION:10', '#EXTINF:10,', url, '#EXT-X-ENDLIST', ''].join(
    '\n',
  );
}
