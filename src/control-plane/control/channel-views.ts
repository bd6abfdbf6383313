import * as v from 'valibot';
import { playUrl, publishUrl, type UrlBase } from '../../aliyun/endpoint.ts';
import { choice, documented, fields, integer, text } from '../../base/schema.ts';
import type { RegisteredChannel, Registry } from '../../ingest/registry.ts';
import { NO_TOTALS } from '../../media/stat.ts';
import type { Holder } from '../../storage/leases/leases.ts';
import type { MetadataStore, Page, PageQuery } from '../../storage/metadata/metadata-store.ts';
import type { Bucket, ChannelRecord } from '../../storage/metadata/records.ts';
import { audio, timeMs, totals, type ViewOf, video } from './view-fields.ts';

/** The current push to a channel. */
const livePush = fields({
  sessionId: text,
  connectedMs: timeMs,
  /** `ip:port` of the publisher. */
  remoteAddr: text,
  video,
  audio,
  totals,
  node: documented(v.nullable(text), 'The other node that it is pushed to, where nodes share a database.'),
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
  snapshot: documented(
    v.nullable(fields({ roleName: text, destBucket: text, notifyTopic: text, intervalSec: integer(1) })),
    'Pictures of a push.',
  ),
  publishUrl: documented(text, 'Unsigned.'),
  playUrl: documented(text, 'Unsigned.'),
  live: documented(v.nullable(livePush), 'The push that is going on.'),
});

export type ChannelView = ViewOf<typeof channelView>;

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

/** @param elsewhere what has the lease of the channel, on another node */
export function viewChannel(
  record: ChannelRecord,
  publishing: Pick<Registry, 'channel'>,
  elsewhere: Holder | undefined,
  base: UrlBase,
): ChannelView {
  const { bucket, name, description, status, fragDurationSec, fragCount, playlistName, snapshot } = record;
  const registered = publishing.channel({ kind: 'channel', bucket, channel: name });
  const live = registered ? viewPush(registered) : viewPushElsewhere(elsewhere);
  const state = live ? 'live' : 'idle';
  return {
    bucket,
    name,
    description,
    status,
    fragDurationSec,
    fragCount,
    playlistName,
    snapshot,
    state: status === 'disabled' ? 'disabled' : state,
    publishUrl: publishUrl(base, bucket, name),
    playUrl: playUrl(base, bucket, name, playlistName),
    live,
  };
}

function viewPush(registered: RegisteredChannel): LivePush {
  const { id, startedMs, remoteAddr } = registered.push;
  const { video = null, audio = null } = registered.stat();
  return { sessionId: id, connectedMs: startedMs, remoteAddr, video, audio, totals: registered.totals(), node: null };
}

/** As of its latest renewal; null for what is no push. */
function viewPushElsewhere(holder: Holder | undefined): LivePush | null {
  if (!holder?.push) return null;
  const { sessionId, node, push, state } = holder;
  const { video = null, audio = null } = state?.stat ?? {};
  return {
    sessionId,
    connectedMs: push.startedMs,
    remoteAddr: push.remoteAddr,
    video,
    audio,
    totals: state?.totals ?? NO_TOTALS,
    node,
  };
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
