import { playUrl, publishUrl, type UrlBase } from '../../aliyun/endpoint.ts';
import type { RegisteredChannel, Registry } from '../../ingest/registry.ts';
import type { AudioStat, MediaTotals, VideoStat } from '../../media/stat.ts';
import type { Bucket, ChannelRecord, MetadataStore, Page, PageQuery } from '../../storage/metadata/metadata-store.ts';

/** A push that is going on. */
export interface LivePush {
  readonly sessionId: string;
  readonly connectedMs: number;
  /** `ip:port` of the publisher. */
  readonly remoteAddr: string;
  readonly video: VideoStat | null;
  readonly audio: AudioStat | null;
  readonly totals: MediaTotals;
}

/** A channel, as it is configured and as it is now. */
export interface ChannelView {
  readonly bucket: string;
  readonly name: string;
  readonly description: string;
  /** As configured. */
  readonly status: 'enabled' | 'disabled';
  /** As it is now. */
  readonly state: 'idle' | 'live' | 'disabled';
  readonly fragDurationSec: number;
  readonly fragCount: number;
  readonly playlistName: string;
  /** Unsigned. */
  readonly publishUrl: string;
  readonly playUrl: string;
  readonly live: LivePush | null;
}

/** Large enough that few need a second. */
const PAGE_SIZE = 1000;

export async function listBuckets(metadata: MetadataStore): Promise<readonly Bucket[]> {
  return everything((query) => metadata.listBuckets(query));
}

export async function listChannels(metadata: MetadataStore): Promise<readonly ChannelRecord[]> {
  const buckets = await listBuckets(metadata);
  const perBucket = buckets.map(({ name }) => everything((query) => metadata.listChannels(name, query)));
  return (await Promise.all(perBucket)).flat();
}

export function viewChannel(record: ChannelRecord, pushes: Pick<Registry, 'channel'>, base: UrlBase): ChannelView {
  const { bucket, name, description, status, fragDurationSec, fragCount, playlistName } = record;
  const live = pushes.channel({ kind: 'channel', bucket, channel: name });
  const state = live ? 'live' : 'idle';
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
    live: live ? viewPush(live) : null,
  };
}

function viewPush(publishing: RegisteredChannel): LivePush {
  const { id, startedMs, remoteAddr } = publishing.push;
  const { video = null, audio = null } = publishing.stat();
  return { sessionId: id, connectedMs: startedMs, remoteAddr, video, audio, totals: { ...publishing.totals() } };
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
