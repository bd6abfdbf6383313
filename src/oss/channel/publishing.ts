/**
 * The publishers of channels, as the rules of channels see them. The registry of publishers in `ingest` implements this
 * port.
 */
import type { ChannelSource } from '../../base/push-source.ts';
import type { MediaStat } from '../../media/stat.ts';

/** One push of a channel. */
export interface ChannelPush {
  readonly id: string;
  readonly source: ChannelSource;
  readonly startedMs: number;
  /** `ip:port` of the publisher. */
  readonly remoteAddr: string;
}

export interface PublishingChannel {
  readonly push: ChannelPush;
  stat(): MediaStat;
  /** Ends the push some time from now, because its channel was disabled. */
  cutSoon(): void;
  /** Takes `cutSoon` back. */
  keep(): void;
}

export interface PublishingChannels {
  channel(source: ChannelSource): PublishingChannel | undefined;
}
