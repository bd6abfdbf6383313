import { createHash } from 'node:crypto';
import { invalidArgument, OssError } from '../../base/errors.ts';
import { type ReportProgress, unreported } from '../../base/progress.ts';
import { channelId } from '../../base/push-source.ts';
import type { PlaylistStore } from '../../recording/playlist/playlist-store.ts';
import { VodPlaylist } from '../../recording/playlist/vod-playlist.ts';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import type { FragmentEntry } from '../../storage/metadata/records.ts';
import { checkChannelName, noSuchLiveChannel } from './channel.ts';

/** A playlist spans at most a day. Source: PostVodPlaylist page. */
const MAX_SPAN_SEC = 86_400;

/** Of the refusal of a range in which no fragment begins. */
export const NO_FRAGMENT_EC = '0044-00000308';

export interface VodQuery {
  /** Unix seconds, as in the request. */
  readonly startTime?: string;
  readonly endTime?: string;
}

/** Of the times at which fragments begin. Both ends are inclusive. */
export interface VodRange {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface MadePlaylist {
  readonly pieces: readonly Buffer[];
  readonly sizeBytes: number;
  readonly etag: string;
}

/**
 * PostVodPlaylist and GetVodPlaylist. Their pages want a channel that exists, so what a deleted one recorded cannot be had.
 * Without fragments in the range the answer does not depend on the channel: the test of ali-oss asks for a deleted one, and
 * expects "no ts file found".
 */
export class VodService {
  readonly #metadata: MetadataStore;
  readonly #playlists: PlaylistStore;

  constructor(metadata: MetadataStore, playlists: PlaylistStore) {
    this.#metadata = metadata;
    this.#playlists = playlists;
  }

  /**
   * Stores `<channel>/<playlistName>`, and replaces an existing object.
   * @throws OssError InvalidChannelName, InvalidArgument, NoSuchLiveChannel
   */
  async post(bucket: string, channel: string, playlistName: string, query: VodQuery): Promise<{ etag: string }> {
    checkChannelName(channel);
    checkPlaylistName(playlistName);
    return this.#store(bucket, channel, playlistName, readRange(query), unreported);
  }

  /**
   * The same for a range that does not begin and end with a second. It is as long as the service takes it; the seconds of its ends
   * count as a whole.
   * @throws OssError as `post`
   */
  async postRange(
    bucket: string,
    channel: string,
    playlistName: string,
    { fromMs, toMs }: VodRange,
    report: ReportProgress,
  ): Promise<{ etag: string }> {
    checkChannelName(channel);
    checkPlaylistName(playlistName);
    checkSpan(fromMs / 1000, toMs / 1000);
    const whole = { fromMs: Math.floor(fromMs / 1000) * 1000, toMs: Math.ceil(toMs / 1000) * 1000 };
    return this.#store(bucket, channel, playlistName, whole, report);
  }

  async #store(
    bucket: string,
    channel: string,
    playlistName: string,
    range: VodRange,
    report: ReportProgress,
  ): Promise<{ etag: string }> {
    const playlist = await this.#playlist(bucket, channel, range);
    const total = playlist.count;
    await report({ done: 0, total, unit: 'fragments' });
    const stored = await this.#playlists.put(bucket, `${channel}/${playlistName}`, playlist.end());
    await report({ done: total, total, unit: 'fragments' });
    return stored;
  }

  /**
   * Makes the playlist without storing it. The ETag is the same as that of `post`.
   * @throws OssError InvalidArgument, NoSuchLiveChannel
   */
  async get(bucket: string, channel: string, query: VodQuery): Promise<MadePlaylist> {
    checkVodChannelName(channel);
    const pieces = (await this.#playlist(bucket, channel, readRange(query))).end();
    const md5 = createHash('md5');
    let sizeBytes = 0;
    for (const piece of pieces) {
      md5.update(piece);
      sizeBytes += piece.length;
    }
    return { pieces, sizeBytes, etag: md5.digest('hex').toUpperCase() };
  }

  async #playlist(bucket: string, channel: string, { fromMs, toMs }: VodRange): Promise<VodPlaylist<FragmentEntry>> {
    const range = { sources: [channelId({ bucket, channel })], by: 'start', fromMs, toMs } as const;
    const playlist = await this.#metadata.timeline(range, () => new VodPlaylist<FragmentEntry>());
    if (playlist.count === 0) {
      throw new OssError('InvalidArgument', 'No ts file found in specified time span.', { ec: NO_FRAGMENT_EC });
    }
    if (!(await this.#metadata.getChannel(bucket, channel))) throw noSuchLiveChannel();
    return playlist;
  }
}

function readRange(query: VodQuery): VodRange {
  const startSec = parseUnixSeconds('startTime', query.startTime, '0044-00000304');
  const endSec = parseUnixSeconds('endTime', query.endTime, '0044-00000305');
  checkSpan(startSec, endSec);
  const fromMs = startSec * 1000;
  return { fromMs, toMs: startSec === endSec ? fromMs + 999 : endSec * 1000 };
}

/** Equal times are permitted and mean that second: the ali-oss test sends them and expects "no ts file found". */
function checkSpan(startSec: number, endSec: number): void {
  if (endSec < startSec) {
    throw invalidArgument('endTime', String(endSec), 'endTime must not be earlier than startTime.', '0044-00000306');
  }
  if (endSec - startSec > MAX_SPAN_SEC) {
    throw invalidArgument('endTime', String(endSec), 'The time span must not exceed one day.', '0044-00000307');
  }
}

function checkPlaylistName(name: string): void {
  if (name.endsWith('.m3u8')) return;
  throw invalidArgument('PlaylistName', name, 'Playlist name must ends with ".m3u8".', '0044-00000403');
}

/** GetVodPlaylist has its own EC for an invalid name. */
function checkVodChannelName(channel: string): void {
  try {
    checkChannelName(channel);
  } catch (error) {
    throw error instanceof OssError ? invalidArgument('ChannelName', channel, error.message, '0044-00000302') : error;
  }
}

function parseUnixSeconds(name: string, text: string | undefined, ec: string): number {
  if (text !== undefined && /^\d{1,15}$/.test(text)) return Number(text);
  throw invalidArgument(name, text ?? '', `${name} must be an integer of seconds since the Unix epoch.`, ec);
}
