import type { ChannelConfigurationInput } from '../../aliyun/xml/channel-documents.ts';
import type { Clock } from '../../base/clock.ts';
import { type Moment, resolveMoment } from '../../base/dates.ts';
import { OssError, withAdvice } from '../../base/errors.ts';
import { type ReportProgress, unreported } from '../../base/progress.ts';
import { channelId } from '../../base/push-source.ts';
import type { Registry } from '../../ingest/registry.ts';
import type { ChannelService } from '../../oss/channel/channel-service.ts';
import { NO_FRAGMENT_EC, type VodService } from '../../oss/channel/vod.ts';
import { heldElsewhere, holderElsewhere } from '../../storage/leases/held-elsewhere.ts';
import type { Leases } from '../../storage/leases/leases.ts';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import type { ChannelRecord, FragmentEntry, SessionRecord } from '../../storage/metadata/records.ts';
import { timelineEntries } from '../../storage/metadata/timeline-entries.ts';
import { type ChannelView, listChannels, viewChannel } from './channel-views.ts';
import { NotFound } from './not-found.ts';
import type { UrlControl } from './url-control.ts';

/** A configuration as people write it. What is left out has the default of PutLiveChannel. */
export interface WrittenChannel {
  readonly description?: string;
  readonly status?: string;
  readonly type?: string;
  readonly fragDurationSec?: number;
  readonly fragCount?: number;
  readonly playlistName?: string;
  readonly snapshot?: {
    readonly roleName: string;
    readonly destBucket: string;
    readonly notifyTopic: string;
    readonly intervalSec?: number;
  };
}

export interface ChannelControlDeps {
  readonly clock: Clock;
  readonly channels: ChannelService;
  readonly vod: VodService;
  readonly metadata: MetadataStore;
  readonly leases: Leases;
  readonly publishing: Pick<Registry, 'channel'>;
  /** Of the URLs in answers. */
  readonly urls: Pick<UrlControl, 'base' | 'playlist'>;
}

/** What people see of channels and do to them, by the rules of the service and without a signature. */
export class ChannelControl {
  readonly #deps: ChannelControlDeps;

  constructor(deps: ChannelControlDeps) {
    this.#deps = deps;
  }

  /** Of all buckets. */
  async list(): Promise<readonly ChannelView[]> {
    const records = await listChannels(this.#deps.metadata);
    const elsewhere = await heldElsewhere(this.#deps.leases);
    return records.map((record) =>
      viewChannel(
        record,
        this.#deps.publishing,
        elsewhere.get(channelId({ bucket: record.bucket, channel: record.name })),
        this.#deps.urls.base,
      ),
    );
  }

  /** Undefined when there is no such channel. */
  async get(bucket: string, name: string): Promise<ChannelView | undefined> {
    const record = await this.#deps.metadata.getChannel(bucket, name);
    if (!record) return undefined;
    const elsewhere = await holderElsewhere(this.#deps.leases, channelId({ bucket, channel: name }));
    return viewChannel(record, this.#deps.publishing, elsewhere, this.#deps.urls.base);
  }

  /** Its finished pushes, oldest first; the latest `limit` of them. */
  async history(bucket: string, name: string, limit: number): Promise<readonly SessionRecord[]> {
    const record = await this.#deps.metadata.getChannel(bucket, name);
    return record ? this.#deps.metadata.listSessions(bucket, name, record.incarnation, limit) : [];
  }

  /** Stored fragments that begin in the range, oldest first. */
  fragments(bucket: string, channel: string, fromMs: number, toMs: number): Promise<readonly FragmentEntry[]> {
    const sources = [channelId({ bucket, channel })];
    return timelineEntries(this.#deps.metadata, { sources, by: 'start', fromMs, toMs });
  }

  /**
   * Stores a VOD playlist of a range, as PostVodPlaylist does.
   * @throws NotFound when the channel does not exist
   * @throws OssError when PostVodPlaylist would be refused, e.g. because the range has no fragment
   */
  async vod(
    bucket: string,
    channel: string,
    range: { readonly from: Moment; readonly to: Moment; readonly playlistName?: string },
    report: ReportProgress = unreported,
  ): Promise<{ readonly key: string; readonly url: string; readonly etag: string }> {
    const { playlistName = 'vod.m3u8' } = range;
    const nowMs = this.#deps.clock.now();
    const moments = { fromMs: resolveMoment(range.from, nowMs), toMs: resolveMoment(range.to, nowMs) };
    await this.existing(bucket, channel);
    const { etag } = await this.#deps.vod
      .postRange(bucket, channel, playlistName, moments, report)
      .catch((error: unknown) => {
        throw error instanceof OssError && error.ec === NO_FRAGMENT_EC ? withAdvice(error, emptyRange(moments)) : error;
      });
    const key = `${channel}/${playlistName}`;
    return { key, etag, url: await this.#deps.urls.playlist({ bucket, key }) };
  }

  /** @throws NotFound when there is no such channel */
  async existing(bucket: string, channel: string): Promise<ChannelRecord> {
    const record = await this.#deps.metadata.getChannel(bucket, channel);
    if (!record) throw new NotFound(`There is no channel "${channel}" in the bucket "${bucket}".`);
    return record;
  }

  /**
   * @param only refuses to replace an existing channel, or to create one
   * @throws NotFound when there is no such bucket
   * @throws OssError when PutLiveChannel would be refused, or by `only`
   */
  async put(bucket: string, name: string, written: WrittenChannel, only?: 'new' | 'existing'): Promise<void> {
    if (!(await this.#deps.metadata.getBucket(bucket))) throw new NotFound(`There is no bucket "${bucket}".`);
    await this.#deps.channels.put(bucket, name, inputOf(written), only);
  }

  /**
   * @throws NotFound when there is no such channel
   * @throws OssError when PutLiveChannelStatus would be refused
   */
  async putStatus(bucket: string, name: string, status: string): Promise<void> {
    await this.existing(bucket, name);
    await this.#deps.channels.putStatus(bucket, name, status);
  }

  /**
   * @throws NotFound when there is no such channel
   * @throws OssError when DeleteLiveChannel would be refused
   */
  async delete(bucket: string, name: string): Promise<void> {
    await this.existing(bucket, name);
    await this.#deps.channels.delete(bucket, name);
  }
}

/** As the body of a PutLiveChannel says it: what is absent there is undefined, and every number is a text. */
function inputOf(written: WrittenChannel): ChannelConfigurationInput {
  const { description, status, type = 'HLS', fragDurationSec, fragCount, playlistName, snapshot } = written;
  return {
    description,
    status,
    target: {
      type,
      fragDuration: fragDurationSec?.toString(),
      fragCount: fragCount?.toString(),
      playlistName,
    },
    snapshots: snapshot
      ? [
          {
            roleName: snapshot.roleName,
            destBucket: snapshot.destBucket,
            notifyTopic: snapshot.notifyTopic,
            interval: snapshot.intervalSec?.toString(),
          },
        ]
      : [],
  };
}

function emptyRange({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): string {
  const [from, to] = [fromMs, toMs].map((ms) => new Date(ms).toISOString());
  return `No fragment of it begins from ${from} to ${to}: name another range, or push first.`;
}
