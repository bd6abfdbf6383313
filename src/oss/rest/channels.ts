/** What the HTTP side needs of the channels: ports, filled by whoever puts the emulator together. */

import type { ChannelConfigurationInput } from '../../aliyun/xml/channel-documents.ts';
import type { ChannelStat } from '../../media/stat.ts';
import type { ChannelRecord, SessionRecord } from '../../storage/metadata/metadata-store.ts';

/**
 * The rules of live channels. Every method throws an OssError with the service's code; that the bucket exists and the
 * caller may do this has been checked before. Query values are as received; absent and empty ones are left out.
 */
export interface Channels {
  put(bucket: string, name: string, config: ChannelConfigurationInput): Promise<ChannelRecord>;
  putStatus(bucket: string, name: string, status: string): Promise<void>;
  info(bucket: string, name: string): Promise<ChannelRecord>;
  stat(bucket: string, name: string): Promise<ChannelStat>;
  /** The latest pushes, oldest first. */
  history(bucket: string, name: string): Promise<readonly SessionRecord[]>;
  list(bucket: string, query: ChannelListQuery): Promise<ChannelPage>;
  delete(bucket: string, name: string): Promise<void>;
}

export interface ChannelListQuery {
  readonly prefix?: string;
  readonly marker?: string;
  readonly maxKeys?: string;
}

export interface ChannelPage {
  readonly prefix: string;
  readonly marker: string;
  readonly maxKeys: number;
  readonly truncated: boolean;
  readonly nextMarker: string;
  readonly channels: readonly ChannelRecord[];
}

/** Playlists over a time range: stored beside the fragments, or only answered. ETags are without quotes. */
export interface Vod {
  post(bucket: string, channel: string, playlistName: string, query: VodQuery): Promise<{ etag: string }>;
  get(bucket: string, channel: string, query: VodQuery): Promise<{ text: string; etag: string }>;
}

/** Unix seconds, as received. */
export interface VodQuery {
  readonly startTime?: string;
  readonly endTime?: string;
}
