import { httpOrigin } from '../../aliyun/endpoint.ts';
import { systemClock } from '../../base/clock.ts';
import { type ReportProgress, unreported } from '../../base/progress.ts';
import type { Registry } from '../../ingest/registry.ts';
import { DEFAULT_CHANNEL } from '../../oss/channel/channel.ts';
import type { VodService } from '../../oss/channel/vod.ts';
import type { BackedUp } from '../../storage/backed-up.ts';
import type { BucketUsage } from '../../storage/metadata/metadata-store.ts';
import type { Viewers } from '../../watch/viewers.ts';
import type { ExportFile } from '../export-file/write-export.ts';
import type { PublishRequest } from '../publisher/publish-request.ts';
import { Publishes, type PublishTarget } from '../publisher/publishes.ts';
import type { KeptRequests } from '../requests/kept-requests.ts';
import { type RepeatView, viewRepeat } from '../requests/repeat.ts';
import { shownSecret } from '../requests/shown-secret.ts';
import type { Seed } from '../seed/seed.ts';
import type { Seeded } from '../seed/seeder.ts';
import { ChannelControl } from './channel-control.ts';
import { listBuckets } from './channel-views.ts';
import { Contents, type ContentsDeps, type Imported } from './contents.ts';
import { Drain } from './drain.ts';
import { type LifecycleView, viewLifecyclePass } from './lifecycle-views.ts';
import { type DeadLetterBox, LiveControl } from './live-control.ts';
import { NewerDatabase } from './newer-database.ts';
import { NodeReadiness, type NodeReadinessDeps } from './node-readiness.ts';
import { type NodeWithLeases, viewNodes } from './node-views.ts';
import { NotFound } from './not-found.ts';
import { refuseBesideOthers } from './other-nodes.ts';
import { ownServer } from './own-server.ts';
import type { Component } from './readiness.ts';
import { UrlControl } from './url-control.ts';

export interface ControlDeps extends ContentsDeps, NodeReadinessDeps {
  readonly vod: VodService;
  readonly requests: Pick<KeptRequests, 'find'>;
  /** The present publishers. */
  readonly publishing: ContentsDeps['publishing'] &
    Pick<Registry, 'channel' | 'user' | 'stopAll' | 'size' | 'refuseNew' | 'empty'>;
  readonly viewers: Viewers;
  /** Topics, subscriptions, queues, and the messages that could not be delivered. */
  readonly notifications: DeadLetterBox & { clear(): Promise<void> };
}

/** What people and tests do to a running emulator; the in-process API and the control API are two ways to it. */
export class Control {
  readonly publishes: Publishes;
  readonly live: LiveControl;
  readonly channels: ChannelControl;
  readonly urls: UrlControl;
  readonly #deps: ControlDeps;
  readonly #contents: Contents;
  readonly #readiness: NodeReadiness;
  readonly #drain: Drain;
  readonly #newerDatabase: NewerDatabase;

  constructor(deps: ControlDeps) {
    this.#deps = deps;
    const { clock, log, events, live, publishing, viewers, notifications, config } = deps;
    this.#drain = new Drain({ clock: systemClock, log, publishing, timeoutMs: config.drainTimeoutSec * 1000 });
    this.#newerDatabase = new NewerDatabase({ leases: deps.leases, publishing, log });
    this.#readiness = new NodeReadiness(deps, this.#newerDatabase);
    this.#contents = new Contents(deps, () => this.publishes.clear());
    this.urls = new UrlControl({
      config,
      clock,
      metadata: deps.metadata,
      port: () => deps.addresses().port,
      channel: (bucket, name) => this.channels.existing(bucket, name),
    });
    this.live = new LiveControl({
      clock,
      live,
      publishing,
      viewers,
      deadLetters: notifications,
      authKeys: config.liveAuthKeys,
      urls: this.urls,
      bucketNames: async () => new Set((await listBuckets(deps.metadata)).map(({ name }) => name)),
    });
    this.channels = new ChannelControl({
      clock,
      channels: deps.channels,
      metadata: deps.metadata,
      vod: deps.vod,
      leases: deps.leases,
      publishing,
      urls: this.urls,
    });
    this.publishes = new Publishes({ clock, events, prepare: (request) => this.#prepare(request) });
  }

  /**
   * Back to the state after the start; with a bucket, only what is in it. Pushes end first, and nothing of them is kept. Other
   * nodes that share the database do the same.
   * @throws NotFound when there is no such bucket
   * @throws OssError ServiceUnavailable when another node does not do so in time
   */
  reset(bucket?: string, report?: ReportProgress): Promise<void> {
    return this.#contents.reset(bucket, report);
  }

  /**
   * Everything as it is now, as a file.
   * @throws UsageError when other nodes share the database
   */
  export(): Promise<ExportFile> {
    return this.#contents.export();
  }

  /**
   * Puts an export in the place of everything that there is. Pushes end first, as with a reset, and faults are cleared; but
   * nothing happens before the whole export has come and was found good.
   * @throws UsageError when it is not good, or other nodes share the database
   */
  import(chunks: AsyncIterable<Uint8Array>, report?: ReportProgress): Promise<Imported> {
    return this.#contents.import(chunks, report);
  }

  /**
   * Copies the data folder while it is used; a start with the copy as `--data-dir` restores it.
   * @throws UsageError when everything is in memory, or the copy cannot be made there
   */
  backUp(folder: string): Promise<BackedUp> {
    return this.#contents.backUp(folder);
  }

  /** Before the stop. */
  close(): Promise<void> {
    return this.#contents.close();
  }

  /** The nodes that share the metadata, and what each has a lease for. */
  async nodes(): Promise<readonly NodeWithLeases[]> {
    const { leases } = this.#deps;
    const [nodes, held] = await Promise.all([leases.nodes(), leases.held()]);
    return viewNodes(nodes, held, leases.owner);
  }

  /**
   * For what changes one node only, or everything that the others work with.
   * @throws UsageError when there are other nodes
   */
  refuseBesideOthers(what: string): Promise<void> {
    return refuseBesideOthers(this.#deps.leases, what);
  }

  /** @throws UsageError when a part of the seed is not valid */
  seed(seed: Seed, report: ReportProgress = unreported): Promise<Seeded> {
    return this.#deps.seeder.seed(seed, report);
  }

  /**
   * Executes the lifecycle rules of all buckets, or of one, by the present time. Resolves to the buckets in which something
   * was due.
   * @throws NotFound when there is no such bucket
   * @throws DatabaseFault, StoreUnavailable when a store is away
   */
  async runLifecycle(bucket?: string): Promise<readonly LifecycleView[]> {
    const { lifecycle, metadata } = this.#deps;
    if (bucket !== undefined && !(await metadata.getBucket(bucket)))
      throw new NotFound(`There is no bucket "${bucket}".`);
    return (await lifecycle.run(bucket)).map(viewLifecyclePass);
  }

  /**
   * How one of the latest requests can be made again.
   * @throws NotFound when it is not remembered, or no operation
   */
  repeat(requestId: string): RepeatView {
    const { requests, config } = this.#deps;
    const kept = requests.find(requestId);
    const access = {
      endpoint: httpOrigin(this.urls.base),
      accessKeyId: config.accessKeyId,
      accessKeySecret: shownSecret(config),
    };
    const repeat = kept && viewRepeat(kept, { access, sign: (request) => this.urls.presign(request) });
    if (repeat) return repeat;
    throw new NotFound(
      `The request ${requestId} cannot be made again: this node remembers the latest thousand requests to OSS, since its start or reset.`,
    );
  }

  /** Number and size of the objects of every bucket. */
  async usage(): Promise<readonly (BucketUsage & { readonly name: string })[]> {
    const { metadata } = this.#deps;
    const buckets = await listBuckets(metadata);
    return Promise.all(buckets.map(async ({ name }) => ({ name, ...(await metadata.bucketUsage(name)) })));
  }

  /** Checked at most once in some seconds, because that may start a process, writes bytes, and connects to every port. */
  components(): Promise<readonly Component[]> {
    return this.#readiness.components();
  }

  /** From now on no push may begin. Resolves when none is left. */
  drain(): Promise<void> {
    return this.#drain.begin();
  }

  /** The same, but resolves when every push has ended or has had its time: those that are left go on. */
  giveTime(): Promise<void> {
    return this.#drain.giveTime();
  }

  /** It serves, and takes no new pushes: a drain has begun, or the database is newer. New connections had better go elsewhere. */
  get isDraining(): boolean {
    return this.#drain.hasBegun || this.#newerDatabase.reason !== undefined;
  }

  /** Makes the channel if there is none. */
  async #prepare(request: PublishRequest): Promise<PublishTarget> {
    const { config, metadata, channels, addresses } = this.#deps;
    const server = ownServer(config, addresses().port);
    if (request.url !== undefined) return { channel: null, url: request.url, server };
    const { channel = '', bucket = this.urls.firstBucket, playlistName } = request;
    if (!(await metadata.getBucket(bucket))) throw new NotFound(`There is no bucket "${bucket}" to publish into.`);
    if (!(await metadata.getChannel(bucket, channel))) await channels.put(bucket, channel, DEFAULT_CHANNEL);
    const url = this.urls.ownPublishUrl({ bucket, channel }, playlistName);
    return { channel: { bucket, name: channel }, url, server };
  }
}
