import { randomUUID } from 'node:crypto';
import type { ChannelConfigurationInput } from '../../aliyun/xml/channel-documents.ts';
import { type Clock, startStopwatch } from '../../base/clock.ts';
import { invalidArgument, OssError } from '../../base/errors.ts';
import { KeyedLock } from '../../base/keyed-lock.ts';
import { type ChannelName, channelId } from '../../base/push-source.ts';
import type { ChannelStat } from '../../media/stat.ts';
import type { CloseBrokenSessions, RewritePlaylists } from '../../recording/fragments/recovery.ts';
import { holderElsewhere } from '../../storage/leases/held-elsewhere.ts';
import type { Holder, Lease, Leases } from '../../storage/leases/leases.ts';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import type { PendingWrites } from '../../storage/metadata/pending-writes.ts';
import type { ChannelRecord, ChannelStatus, SessionRecord } from '../../storage/metadata/records.ts';
import {
  channelAlreadyExists,
  checkChannelConfig,
  checkChannelName,
  checkPlaylistName,
  isChannelStatus,
  noSuchLiveChannel,
} from './channel.ts';
import type { PublishingChannel, PublishingChannels } from './publishing.ts';

/** The service reports the latest ten pushes. Source: GetLiveChannelHistory page. */
const HISTORY_LENGTH = 10;
const LIST_LIMIT = { default: 100, max: 1000 };
const MAX_FILTER_BYTES = 1024;

export interface ChannelListQuery {
  readonly prefix?: string;
  readonly marker?: string;
  /** As in the request; absent or empty means the default. */
  readonly maxKeys?: string;
}

export interface ChannelList {
  readonly prefix: string;
  readonly marker: string;
  readonly maxKeys: number;
  readonly truncated: boolean;
  /** The last name of a truncated list, otherwise empty. */
  readonly nextMarker: string;
  readonly channels: readonly ChannelRecord[];
}

/** A request to publish. */
export interface ChannelPushRequest {
  readonly bucket: string;
  readonly channel: string;
  /** Overrides the channel's own for this session. */
  readonly playlistName?: string;
  readonly remoteAddr: string;
}

/** A push that was admitted. */
export interface Admission {
  readonly channel: ChannelRecord;
  readonly session: SessionRecord;
  /** Of the channel. Whoever attached the push releases it, after the end was written. */
  readonly lease: Lease;
  /** Of pushes that a node which died left open; whoever attached the push calls it before its first fragment is stored. */
  readonly rewritePlaylists: RewritePlaylists | undefined;
  /**
   * Writes into the history that the push ends now. Never rejects: while the store cannot write, the write is repeated,
   * also after this has resolved.
   */
  readonly end: () => Promise<void>;
}

/** Either the push was admitted, or somebody has the lease of the channel. */
type Attempt<Result> =
  | { readonly admitted: { readonly result: Result }; readonly holder?: undefined }
  | { readonly admitted?: undefined; readonly holder: Holder };

export interface ChannelServiceDeps {
  readonly metadata: MetadataStore;
  /** The pushes of this node. */
  readonly publishing: PublishingChannels;
  readonly leases: Leases;
  /** Called under the lease, when its last holder has stopped. */
  readonly closeBroken: CloseBrokenSessions;
  readonly clock: Clock;
  readonly writes: PendingWrites;
}

/**
 * The operations of a LiveChannel. The caller has checked that the bucket exists and that the requester may do it.
 * Operations that depend on the state of one channel (create, delete, status, publish) run one after the other, and those
 * that an idle channel permits only are done under its lease, which a push has from its begin to its end.
 */
export class ChannelService {
  readonly #metadata: MetadataStore;
  readonly #publishing: PublishingChannels;
  readonly #leases: Leases;
  readonly #closeBroken: CloseBrokenSessions;
  readonly #clock: Clock;
  readonly #writes: PendingWrites;
  readonly #lock = new KeyedLock();

  constructor({ metadata, publishing, leases, closeBroken, clock, writes }: ChannelServiceDeps) {
    this.#metadata = metadata;
    this.#publishing = publishing;
    this.#leases = leases;
    this.#closeBroken = closeBroken;
    this.#clock = clock;
    this.#writes = writes;
  }

  /**
   * PutLiveChannel: creates, or replaces the whole configuration of an idle channel; its history stays.
   * @param only what the caller takes for granted; the service has no such condition
   * @throws OssError when name or configuration break a rule, or the channel has a publisher; FileAlreadyExists or
   *   NoSuchLiveChannel when it is not as `only` says
   */
  async put(
    bucket: string,
    name: string,
    input: ChannelConfigurationInput,
    only?: 'new' | 'existing',
  ): Promise<ChannelRecord> {
    checkChannelName(name);
    const config = checkChannelConfig(input);
    if (config.snapshot && !(await this.#isReachable(config.snapshot.destBucket, bucket))) {
      throw invalidArgument('DestBucket', config.snapshot.destBucket, 'DestBucket does not exist.', '0044-00000009');
    }
    return this.#whileIdle(bucket, name, async () => {
      const existing = await this.#metadata.getChannel(bucket, name);
      if (only === 'existing' && !existing) throw noSuchLiveChannel();
      if (only === 'new' && existing) throw channelAlreadyExists();
      const incarnation = existing?.incarnation ?? randomUUID();
      const channel = { bucket, name, incarnation, ...config, lastModifiedMs: this.#clock.now() };
      await this.#metadata.putChannel(channel);
      return channel;
    });
  }

  /**
   * PutLiveChannelStatus. When a channel is disabled during a push, the publisher is cut some seconds later.
   * @throws OssError when name or status break a rule, or there is no such channel
   */
  async putStatus(bucket: string, name: string, status: string): Promise<void> {
    checkChannelName(name);
    if (!isChannelStatus(status)) {
      throw invalidArgument('status', status, 'The status must be enabled or disabled.', '0017-00000255');
    }
    await this.#exclusively(bucket, name, async () => {
      const channel = await this.#existing(bucket, name);
      await this.#metadata.putChannel({ ...channel, status, lastModifiedMs: this.#clock.now() });
      this.#tellPublisher(bucket, name, status);
    });
  }

  /**
   * GetLiveChannelInfo.
   * @throws OssError InvalidChannelName when the name breaks a rule; NoSuchLiveChannel when there is no such channel
   */
  async info(bucket: string, name: string): Promise<ChannelRecord> {
    checkChannelName(name);
    return this.#existing(bucket, name);
  }

  /**
   * GetLiveChannelStat.
   * @throws OssError as `info`
   */
  async stat(bucket: string, name: string): Promise<ChannelStat> {
    const channel = await this.info(bucket, name);
    if (channel.status === 'disabled') return { status: 'Disabled' };
    const publishing = this.#publisher(bucket, name);
    if (!publishing) return this.#statElsewhere({ bucket, channel: name });
    const { startedMs, remoteAddr } = publishing.push;
    return { status: 'Live', connectedMs: startedMs, remoteAddr, ...publishing.stat() };
  }

  /**
   * GetLiveChannelHistory: finished pushes only, oldest first.
   * @throws OssError as `info`
   */
  async history(bucket: string, name: string): Promise<readonly SessionRecord[]> {
    const channel = await this.info(bucket, name);
    return this.#metadata.listSessions(bucket, name, channel.incarnation, HISTORY_LENGTH);
  }

  /**
   * ListLiveChannel.
   * @throws OssError InvalidArgument when a parameter of the query breaks a rule
   */
  async list(bucket: string, query: ChannelListQuery): Promise<ChannelList> {
    const { prefix = '', marker = '' } = query;
    const maxKeys = parseMaxKeys(query.maxKeys);
    checkFilter('prefix', prefix, '0044-00000102');
    checkFilter('marker', marker, '0044-00000103');
    const page = await this.#metadata.listChannels(bucket, { prefix, marker, limit: maxKeys });
    const nextMarker = page.truncated ? (page.items.at(-1)?.name ?? '') : '';
    return { prefix, marker, maxKeys, truncated: page.truncated, nextMarker, channels: page.items };
  }

  /**
   * DeleteLiveChannel; deleting what does not exist succeeds. Recorded files stay.
   * @throws OssError InvalidChannelName when the name breaks a rule; ChannelStillLive when the channel has a publisher
   */
  async delete(bucket: string, name: string): Promise<void> {
    checkChannelName(name);
    await this.#whileIdle(bucket, name, async () => {
      await this.#metadata.deleteChannel(bucket, name);
    });
  }

  /**
   * Opens a push if the channel exists, is enabled and free. `attach` registers its publisher, in the same step.
   * @throws OssError InvalidChannelName or InvalidArgument (playlistName) when a name breaks the rules;
   *   NoSuchLiveChannel, LiveChannelDisabled or ChannelStillLive when the channel does not exist, is disabled or has a
   *   publisher
   */
  async admit<Result>(request: ChannelPushRequest, attach: (admission: Admission) => Promise<Result>): Promise<Result> {
    const { bucket, channel: name } = request;
    checkChannelName(name);
    if (request.playlistName !== undefined) checkPlaylistName(request.playlistName);
    for (;;) {
      const { admitted, holder } = await this.#exclusively(bucket, name, () => this.#tryToAdmit(request, attach));
      if (admitted) return admitted.result;
      if (!(await this.#leases.outlive(holder))) throw new OssError('ChannelStillLive', 'Already publishing.');
    }
  }

  async #tryToAdmit<Result>(
    request: ChannelPushRequest,
    attach: (admission: Admission) => Promise<Result>,
  ): Promise<Attempt<Result>> {
    const { bucket, channel: name } = request;
    const channel = await this.#existing(bucket, name);
    if (channel.status === 'disabled') {
      throw new OssError('LiveChannelDisabled', 'Live channel is disabled by owner.');
    }
    const session = this.#newSession(request, channel);
    const { id: sessionId, startedMs, remoteAddr } = session;
    const source = channelId({ bucket, channel: name });
    const { lease, holder } = await this.#leases.acquire({ source, sessionId, push: { startedMs, remoteAddr } });
    if (!lease) return { holder };
    const end = this.#endOf(session, lease);
    let rewritePlaylists: RewritePlaylists | undefined;
    try {
      if (lease.isTakeover) rewritePlaylists = await this.#closeBroken(session, lease.fence);
      await this.#metadata.openSession(session, lease.fence);
    } catch (error) {
      await lease.release();
      throw error;
    }
    try {
      return { admitted: { result: await attach({ channel, session, lease, rewritePlaylists, end }) } };
    } catch (error) {
      await end();
      await lease.release();
      throw error;
    }
  }

  /** The time may be set during a push. Its end is its start and the time that has passed, so that its length is right. */
  #endOf(session: SessionRecord, { fence }: Lease): () => Promise<void> {
    const passedMs = startStopwatch(this.#clock);
    return () => {
      const endedMs = session.startedMs + passedMs();
      return this.#writes.make(`end of push ${session.id}`, () => this.#metadata.endSession(session, endedMs, fence));
    };
  }

  #newSession({ remoteAddr, playlistName }: ChannelPushRequest, channel: ChannelRecord): SessionRecord {
    return {
      id: randomUUID(),
      bucket: channel.bucket,
      channel: channel.name,
      incarnation: channel.incarnation,
      startedMs: this.#clock.now(),
      endedMs: null,
      remoteAddr,
      playlistName: playlistName ?? channel.playlistName,
    };
  }

  #exclusively<Result>(bucket: string, name: string, action: () => Promise<Result>): Promise<Result> {
    return this.#lock.run(channelId({ bucket, channel: name }), action);
  }

  async #existing(bucket: string, name: string): Promise<ChannelRecord> {
    const channel = await this.#metadata.getChannel(bucket, name);
    if (channel) return channel;
    throw noSuchLiveChannel();
  }

  /** Whether the bucket exists and belongs to the account of the other one: a role reads and writes for its account. */
  async #isReachable(destBucket: string, bucket: string): Promise<boolean> {
    const found = await this.#metadata.getBucket(destBucket);
    return found !== undefined && found.owner === (await this.#metadata.getBucket(bucket))?.owner;
  }

  /**
   * Under the lease of the channel, so that no push begins meanwhile. What another node changes now is waited for.
   * @throws OssError ChannelStillLive
   */
  #whileIdle<Result>(bucket: string, name: string, action: () => Promise<Result>): Promise<Result> {
    return this.#exclusively(bucket, name, async () => {
      const lease = await this.#leaseOfIdle(channelId({ bucket, channel: name }));
      try {
        const broken = lease.isTakeover ? await this.#closeBroken({ bucket, channel: name }, lease.fence) : undefined;
        await broken?.();
        return await action();
      } finally {
        await lease.release();
      }
    });
  }

  async #leaseOfIdle(source: string): Promise<Lease> {
    for (;;) {
      const { lease, holder } = await this.#leases.acquire({ source, sessionId: randomUUID() });
      if (lease) return lease;
      if (holder.push || !(await this.#leases.outlive(holder))) {
        throw new OssError('ChannelStillLive', "Live channel couldn't be updated or deleted when channel is live.", {
          ec: '0044-00000201',
        });
      }
    }
  }

  /** Of a push that another node has; what is sent is as of its latest renewal. */
  async #statElsewhere(channel: ChannelName): Promise<ChannelStat> {
    const holder = await holderElsewhere(this.#leases, channelId(channel));
    if (!holder?.push) return { status: 'Idle' };
    const { startedMs, remoteAddr } = holder.push;
    return { status: 'Live', connectedMs: startedMs, remoteAddr, ...holder.state?.stat };
  }

  #tellPublisher(bucket: string, name: string, status: ChannelStatus): void {
    const publishing = this.#publisher(bucket, name);
    if (status === 'disabled') publishing?.cutSoon();
    else publishing?.keep();
  }

  #publisher(bucket: string, name: string): PublishingChannel | undefined {
    return this.#publishing.channel({ kind: 'channel', bucket, channel: name });
  }
}

function parseMaxKeys(text = ''): number {
  if (text === '') return LIST_LIMIT.default;
  const value = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 1 && value <= LIST_LIMIT.max) return value;
  throw invalidArgument('max-keys', text, 'The max-keys must be an integer between 1 and 1000.', '0044-00000101');
}

function checkFilter(name: string, value: string, ec: string): void {
  if (Buffer.byteLength(value) <= MAX_FILTER_BYTES) return;
  throw invalidArgument(name, value, `The length of ${name} must not exceed 1024 bytes.`, ec);
}
