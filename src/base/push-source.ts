/**
 * The source of an admitted push: the channel, the stream, or the user of a room. After admission all code identifies a
 * push by its source: the registry of publishers, history, fragments, events.
 */
export type Source = ChannelSource | StreamSource | RoomSource;

export interface ChannelName {
  readonly bucket: string;
  readonly channel: string;
}

/** A LiveChannel of OSS. */
export interface ChannelSource extends ChannelName {
  readonly kind: 'channel';
}

/** A stream of ApsaraVideo Live. */
export interface StreamSource {
  readonly kind: 'stream';
  /** Lower case; `*` for a push to an address without a domain, which answers to every domain. */
  readonly domain: string;
  readonly app: string;
  readonly stream: string;
}

/** A channel of an application of ApsaraVideo Live: one room. */
export interface RoomName {
  readonly appId: string;
  readonly channelId: string;
}

/** What one user publishes in a room. */
export interface RoomSource extends RoomName {
  readonly kind: 'room';
  readonly userId: string;
}

/** What the ids of streams begin with, and what those of rooms do. */
export const STREAM_ID = 'live:';
export const ROOM_ID = 'room:';

/** The `sourceId` of a channel. */
export function channelId({ bucket, channel }: ChannelName): string {
  return `${bucket}/${channel}`;
}

/** A room, for its lease: all users of a room are on one node. */
export function roomId({ appId, channelId }: RoomName): string {
  return `${ROOM_ID}${appId}/${channelId}`;
}

/** The stream that has this `sourceId`; undefined for another source. */
export function streamOf(id: string): StreamSource | undefined {
  const [, domain, app, stream] = /^live:([^/]+)\/([^/]+)\/([^/]+)$/.exec(id) ?? [];
  if (domain === undefined || app === undefined || stream === undefined) return undefined;
  return { kind: 'stream', domain, app, stream };
}

/** The room that has this `roomId`; undefined for another source. */
export function roomOf(id: string): RoomName | undefined {
  const [, appId, channelId] = /^room:([^/]+)\/([^/]+)$/.exec(id) ?? [];
  return appId === undefined || channelId === undefined ? undefined : { appId, channelId };
}

/** One text per source: no name in it holds a slash, and no bucket a colon. */
export function sourceId(source: Source): string {
  switch (source.kind) {
    case 'channel':
      return channelId(source);
    case 'stream':
      return `${STREAM_ID}${source.domain}/${source.app}/${source.stream}`;
    case 'room':
      return `${roomId(source)}/${source.userId}`;
  }
}
