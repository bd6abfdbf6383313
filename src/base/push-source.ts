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

/** What one user publishes in a room of ApsaraVideo Live. */
export interface RoomSource {
  readonly kind: 'room';
  readonly appId: string;
  readonly channelId: string;
  readonly userId: string;
}

/** One text per source: no name in it holds a slash, and no bucket a colon. */
export function sourceId(source: Source): string {
  switch (source.kind) {
    case 'channel':
      return `${source.bucket}/${source.channel}`;
    case 'stream':
      return `live:${source.domain}/${source.app}/${source.stream}`;
    case 'room':
      return `room:${source.appId}/${source.channelId}/${source.userId}`;
  }
}
