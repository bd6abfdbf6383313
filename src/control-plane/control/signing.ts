import { signRtmpUrl } from '../../aliyun/auth/rtmp-url.ts';
import type { AccessKey } from '../../aliyun/auth/signed-request.ts';
import { signV1Url } from '../../aliyun/auth/v1-query.ts';
import { objectUrl, publishUrl, type UrlBase } from '../../aliyun/endpoint.ts';
import { documented, fields, integer, optional, text } from '../../base/schema.ts';
import { shellWord } from '../../base/shell-word.ts';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import { timeMs, type ViewOf } from './view-fields.ts';

/** A hundred years. */
const MAX_EXPIRES_SEC = 100 * 366 * 86_400;

/** A channel to sign for. */
export const signRequest = fields({
  channel: text,
  bucket: documented(optional(text), 'Default the first bucket.'),
  expiresSec: documented(optional(integer(1, MAX_EXPIRES_SEC)), 'From now; default a day.'),
  playlistName: optional(text),
});

export type SignRequest = ViewOf<typeof signRequest>;

/** What a person or an encoder needs to push to a channel, and to watch it. */
export const signedUrls = fields({
  url: documented(text, 'Signed ingest URL, for ffmpeg and others.'),
  server: documented(text, 'For OBS: Server.'),
  streamKey: documented(text, 'For OBS: Stream key.'),
  playUrl: documented(text, 'Of the live playlist; signed where the bucket is private.'),
  ffmpeg: documented(text, 'A command that pushes a test picture.'),
  expiresMs: timeMs,
});

export type SignedUrls = ViewOf<typeof signedUrls>;

export interface SignedChannel {
  readonly bucket: string;
  readonly channel: string;
  /** Of the live playlist that the push writes. */
  readonly playlistName: string;
  /** The parameters to sign, e.g. a playlistName that overrides that of the channel. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The bucket is private: the playlist needs a signature too. */
  readonly isPrivate: boolean;
}

export function signChannel(base: UrlBase, target: SignedChannel, key: AccessKey, expiresMs: number): SignedUrls {
  const expiresSec = Math.floor(expiresMs / 1000);
  const query = signRtmpUrl(target, key, expiresSec, target.parameters);
  const url = `${publishUrl(base, target.bucket, target.channel)}?${query}`;
  const slash = url.indexOf('/live/') + '/live'.length;
  const playlist = { bucket: target.bucket, key: `${target.channel}/${target.playlistName}` };
  return {
    url,
    server: url.slice(0, slash),
    streamKey: url.slice(slash + 1),
    playUrl: target.isPrivate
      ? signPlaylistUrl(base, playlist, key, expiresSec)
      : objectUrl(base, playlist.bucket, playlist.key),
    ffmpeg: ffmpegCommand(url),
    expiresMs: expiresSec * 1000,
  };
}

/** The URL of a playlist of a private bucket; the answer has every entry signed too. */
function signPlaylistUrl(
  base: UrlBase,
  { bucket, key }: { readonly bucket: string; readonly key: string },
  accessKey: AccessKey,
  expiresSec: number,
): string {
  const subResource = 'x-oss-process=hls/sign';
  // The signed text has the sub-resource after the key.
  const signed = signV1Url({ bucket, key: `${key}?${subResource}` }, accessKey, expiresSec);
  return `${objectUrl(base, bucket, key)}?${subResource.replace('/', '%2F')}&${signed}`;
}

/**
 * The URL of a stored playlist, signed if its bucket is private.
 * @param isAbsolute its entries lie in another bucket, and are not signed with it
 */
export async function playlistUrl(
  target: { readonly bucket: string; readonly key: string; readonly isAbsolute?: boolean },
  metadata: Pick<MetadataStore, 'getBucket'>,
  signer: { readonly base: UrlBase; readonly accessKey: AccessKey; readonly expiresSec: number },
): Promise<string> {
  const { base, accessKey, expiresSec } = signer;
  const url = objectUrl(base, target.bucket, target.key);
  if ((await metadata.getBucket(target.bucket))?.acl !== 'private') return url;
  if (target.isAbsolute) return `${url}?${signV1Url(target, accessKey, expiresSec)}`;
  return signPlaylistUrl(base, target, accessKey, expiresSec);
}

export function ffmpegCommand(url: string): string {
  const source = '-re -f lavfi -i testsrc2=size=1280x720:rate=30 -f lavfi -i sine=frequency=440';
  const codecs = '-c:v libx264 -preset veryfast -g 60 -pix_fmt yuv420p -c:a aac';
  return `ffmpeg ${source} ${codecs} -f flv ${shellWord(url)}`;
}
