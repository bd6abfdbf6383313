/**
 * Whose stream a push carries. Everything behind admission sees a push by its source alone: who is live, history,
 * fragments, events.
 */
export type Source = ChannelSource | StreamSource | RoomSource;

/** A LiveChannel of OSS. */
export interface ChannelSource {
  readonly kind: 'channel';
  readonly bucket: string;
  readonly channel: string;
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
