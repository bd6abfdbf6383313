import * as v from 'valibot';
import { playUrl, publishUrl, type UrlBase } from '../../aliyun/endpoint.ts';
import { choice, documented, fields, integer, text } from '../../base/schema.ts';
import type { AudioStat, MediaTotals, VideoStat } from '../../media/stat.ts';
import type { Bucket, ChannelRecord, MetadataStore, Page, PageQuery } from '../../storage/metadata/metadata-store.ts';
import { audio, timeMs, totals, type ViewOf, video } from './view-fields.ts';

/** The push to a channel that is going on. */
export const livePush = fields({
  sessionId: text,
  connectedMs: timeMs,
  /** `ip:port` of the publisher. */
  remoteAddr: text,
  video,
  audio,
  totals,
});

export type LivePush = ViewOf<typeof livePush>;

/** A channel, as it is configured and as it is now. */
export const channelView = fields({
  bucket: text,
  name: text,
  description: v.string(),
  status: documented(choice(['enabled', 'disabled']), 'As configured.'),
  state: documented(choice(['idle', 'live', 'disabled']), 'As it is now.'),
  fragDurationSec: integer(1),
  fragCount: integer(1),
  playlistName: text,
  publishUrl: documented(text, 'Unsigned.'),
  playUrl: documented(text, 'Unsigned.'),
  live: documented(v.nullable(livePush), 'The push that is going on.'),
});

export type ChannelView = ViewOf<typeof channelView>;

/** Who publishes to channels now: the part of the registry of publishers that the views need. */
export interface PublishingChannels {
  find(bucket: string, channel: string): PublishingChannel | undefined;
}

export interface PublishingChannel {
  readonly id: string;
  readonly connectedMs: number;
  readonly remoteAddr: string;
  stat(): { readonly video?: VideoStat; readonly audio?: AudioStat };
  totals(): MediaTotals;
}

/** So large that few emulators need a second page. */
const PAGE_SIZE = 1000;

export async function listBuckets(metadata: MetadataStore): Promise<readonly Bucket[]> {
  return everything((query) => metadata.listBuckets(query));
}

export async function listChannels(metadata: MetadataStore): Promise<readonly ChannelRecord[]> {
  const buckets = await listBuckets(metadata);
  const perBucket = buckets.map(({ name }) => everything((query) => metadata.listChannels(name, query)));
  return (await Promise.all(perBucket)).flat();
}

export function viewChannel(record: ChannelRecord, publishing: PublishingChannels, base: UrlBase): ChannelView {
  const { bucket, name, description, status, fragDurationSec, fragCount, playlistName } = record;
  const push = publishing.find(bucket, name);
  const state = push ? 'live' : 'idle';
  return {
    bucket,
    name,
    description,
    status,
    fragDurationSec,
    fragCount,
    playlistName,
    state: status === 'disabled' ? 'disabled' : state,
    publishUrl: publishUrl(base, bucket, name),
    playUrl: playUrl(base, bucket, name, playlistName),
    live: push ? viewPush(push) : null,
  };
}

function viewPush(push: PublishingChannel): LivePush {
  const { id, connectedMs, remoteAddr } = push;
  const { video = null, audio = null } = push.stat();
  return { sessionId: id, connectedMs, remoteAddr, video, audio, totals: push.totals() };
}

async function everything<Item extends { readonly name: string }>(
  list: (query: PageQuery) => Promise<Page<Item>>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  for (let marker = ''; ; marker = items.at(-1)?.name ?? '') {
    const page = await list({ prefix: '', marker, limit: PAGE_SIZE });
    items.push(...page.items);
    if (!page.truncated) return items;
  }
}
