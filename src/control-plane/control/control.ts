import { httpOrigin } from '../../aliyun/endpoint.ts';
import { systemClock } from '../../base/clock.ts';
import type { ControllableClock } from '../../base/controllable-clock.ts';
import { UsageError } from '../../base/errors.ts';
import { KeyedLock } from '../../base/keyed-lock.ts';
import type { Log } from '../../base/log.ts';
import { type ReportProgress, unreported } from '../../base/progress.ts';
import type { Config } from '../../config/config.ts';
import type { Events } from '../../events/events.ts';
import type { Registry } from '../../ingest/registry.ts';
import type { Live } from '../../live/live.ts';
import { DEFAULT_CHANNEL } from '../../oss/channel/channel.ts';
import type { ChannelService } from '../../oss/channel/channel-service.ts';
import type { VodService } from '../../oss/channel/vod.ts';
import type { Lifecycle } from '../../oss/lifecycle/lifecycle.ts';
import type { BackedUp } from '../../storage/backed-up.ts';
import type { Leases } from '../../storage/leases/leases.ts';
import type { BucketUsage, MetadataStore } from '../../storage/metadata/metadata-store.ts';
import type { PendingWrites } from '../../storage/metadata/pending-writes.ts';
import { deleteAll } from '../../storage/objects/delete-all.ts';
import type { ObjectStore } from '../../storage/objects/object-store.ts';
import type { Objects } from '../../storage/objects/objects.ts';
import { shownObjectsUrl } from '../../storage/objects/remote/objects-url.ts';
import type { StoreName } from '../../storage/outages.ts';
import { shownDatabaseUrl } from '../../storage/postgres/shown-database-url.ts';
import type { Viewers } from '../../watch/viewers.ts';
import type { Exports } from '../export-file/exports.ts';
import type { CheckedExport } from '../export-file/read-export.ts';
import type { ExportFile } from '../export-file/write-export.ts';
import type { Faults } from '../faults/faults.ts';
import type { PublishRequest } from '../publisher/publish-request.ts';
import { Publishes, type PublishTarget } from '../publisher/publishes.ts';
import type { KeptRequests } from '../requests/kept-requests.ts';
import { type RepeatView, viewRepeat } from '../requests/repeat.ts';
import { shownSecret } from '../requests/shown-secret.ts';
import type { Seed } from '../seed/seed.ts';
import type { Seeded, Seeder } from '../seed/seeder.ts';
import { ChannelControl } from './channel-control.ts';
import { listBuckets } from './channel-views.ts';
import { Drain } from './drain.ts';
import { createConfigured } from './initial-state.ts';
import { type LifecycleView, viewLifecyclePass } from './lifecycle-views.ts';
import { type DeadLetterBox, LiveControl } from './live-control.ts';
import { NewerDatabase } from './newer-database.ts';
import { type NodeWithLeases, viewNodes } from './node-views.ts';
import { NotFound } from './not-found.ts';
import { ownServer } from './own-server.ts';
import { type Component, checkReadiness } from './readiness.ts';
import { type ResetContent, type ResetSteps, SharedReset } from './shared-reset.ts';
import { SharedResult } from './shared-result.ts';
import { ToldReadiness } from './told-readiness.ts';
import { UrlControl } from './url-control.ts';

const RESET_REFUSAL = {
  description: 'No pushes are taken while the emulator is being reset. Connect again.',
  reason: 'the emulator is being reset',
};
/** Load balancers ask several times in a second. */
const READINESS_KEPT_MS = 2_000;

/** How much an import brought. */
export interface Imported {
  readonly buckets: number;
  /** Previous versions and delete markers included. */
  readonly objects: number;
  readonly channels: number;
  readonly fragments: number;
  /** Of the bytes of objects. */
  readonly sizeBytes: number;
}

export interface ControlDeps {
  readonly config: Config;
  readonly clock: ControllableClock;
  readonly log: Log;
  readonly events: Events;
  readonly faults: Faults;
  /** Without faults, as `bytes`. */
  readonly metadata: MetadataStore;
  readonly writes: PendingWrites;
  readonly bytes: ObjectStore;
  readonly objects: Pick<Objects, 'beginEpoch'>;
  readonly backUp: (folder: string) => Promise<BackedUp>;
  readonly exports: Exports;
  /** Ends the pushes that imported rows say are open. */
  readonly closeBroken: () => Promise<void>;
  readonly channels: ChannelService;
  readonly vod: VodService;
  readonly lifecycle: Lifecycle;
  readonly seeder: Seeder;
  /** The seed of the start, made again by every reset. */
  readonly initialSeed: Seed | undefined;
  readonly live: Live;
  readonly requests: Pick<KeptRequests, 'find'>;
  /** What is kept in memory of accounts; emptied after the stores were. */
  readonly accounts: readonly { clear(): void }[];
  /** Of this node and those that share its metadata. */
  readonly leases: Leases;
  /** The present publishers. */
  readonly publishing: Pick<
    Registry,
    'channel' | 'user' | 'stopAll' | 'suspend' | 'readmit' | 'size' | 'refuseNew' | 'empty'
  >;
  readonly viewers: Viewers;
  /** Topics, subscriptions, queues, and the messages that could not be delivered. */
  readonly notifications: DeadLetterBox & { clear(): Promise<void> };
  /** Calls to the servers of uploads. */
  readonly callbacks: { clear(): Promise<void> };
  /** The main port, and the second one for RTMP. */
  readonly addresses: () => { readonly port: number; readonly rtmpPort: number | undefined };
  /** Whether a store on another machine does not answer at present. */
  readonly isAway: (store: StoreName) => boolean;
  /** Rejects when the segmenter of the configuration cannot run. */
  readonly checkSegmenter: (signal: AbortSignal) => Promise<unknown>;
}

/** What people and tests do to a running emulator; the in-process API and the control API are two ways to it. */
export class Control {
  readonly publishes: Publishes;
  readonly live: LiveControl;
  readonly channels: ChannelControl;
  readonly urls: UrlControl;
  readonly #deps: ControlDeps;
  /** Of what is done to everything that is stored. */
  readonly #whole = new KeyedLock();
  readonly #checked: SharedResult<readonly Component[]>;
  readonly #told: ToldReadiness;
  readonly #drain: Drain;
  readonly #reset: SharedReset;
  readonly #newerDatabase: NewerDatabase;

  constructor(deps: ControlDeps) {
    this.#deps = deps;
    const { clock, log, events, live, publishing, viewers, notifications, config } = deps;
    this.#checked = new SharedResult(systemClock, READINESS_KEPT_MS, () => this.#check());
    this.#told = new ToldReadiness({ clock: systemClock, log, isAway: deps.isAway });
    this.#drain = new Drain({ clock: systemClock, log, publishing, timeoutMs: config.drainTimeoutSec * 1000 });
    this.#newerDatabase = new NewerDatabase({ leases: deps.leases, publishing, log });
    this.#reset = new SharedReset({ leases: deps.leases, steps: this.#resetSteps(), clock: systemClock, log });
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
  async reset(bucket?: string, report: ReportProgress = unreported): Promise<void> {
    const imported = bucket === undefined ? await this.#deps.exports.ofStart(report) : undefined;
    if (imported) return this.#replace(imported, report, () => this.#seedAgain());
    await this.#whole.run('', async () => {
      if (bucket !== undefined && !(await this.#deps.metadata.getBucket(bucket))) {
        throw new NotFound(`There is no bucket "${bucket}" to reset.`);
      }
      const { empty, restore } = this.#contentOfStart(report);
      await this.#reset.make(bucket, { empty, restore });
    });
  }

  /**
   * Everything as it is now, as a file.
   * @throws UsageError when other nodes share the database
   */
  async export(): Promise<ExportFile> {
    await this.refuseBesideOthers('An export');
    return this.#deps.exports.begin();
  }

  /**
   * Puts an export in the place of everything that there is. Pushes end first, as with a reset, and faults are cleared; but
   * nothing happens before the whole export has come and was found good.
   * @throws UsageError when it is not good, or other nodes share the database
   */
  async import(chunks: AsyncIterable<Uint8Array>, report: ReportProgress = unreported): Promise<Imported> {
    await this.refuseBesideOthers('An import');
    const checked = await this.#deps.exports.read(chunks, report);
    await this.#replace(checked, report);
    const { buckets, objects, channels, fragments } = checked.counts;
    this.#deps.events.emit({ type: 'emulator.imported', buckets, channels, objects, fragments });
    return { buckets, objects, channels, fragments, sizeBytes: checked.head.sizeBytes };
  }

  async #replace(checked: CheckedExport, report: ReportProgress, seed = async () => {}): Promise<void> {
    const { exports, closeBroken } = this.#deps;
    await this.#whole.run('', () =>
      this.#reset.make(undefined, {
        empty: (_bucket, fence) => exports.store(checked, report, fence),
        restore: async () => {
          await closeBroken();
          await this.#createConfigured();
          await seed();
        },
      }),
    );
  }

  /** Before the stop. */
  close(): Promise<void> {
    return this.#reset.close();
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
  async refuseBesideOthers(what: string): Promise<void> {
    const { leases } = this.#deps;
    if (!leases.isShared) return;
    const others = (await leases.presentNodes()).filter(({ id }) => id !== leases.owner);
    if (others.length === 0) return;
    const names = others.map(({ name }) => name).join(', ');
    throw new UsageError(`${what} is for a single node, and others share the database: ${names}. Stop them first.`);
  }

  /**
   * Copies the data folder while it is used; a start with the copy as `--data-dir` restores it.
   * @throws UsageError when everything is in memory, or the copy cannot be made there
   */
  backUp(folder: string): Promise<BackedUp> {
    return this.#whole.run('', () => this.#deps.backUp(folder));
  }

  #resetSteps(): ResetSteps {
    const { clock, faults, writes, objects, publishing } = this.#deps;
    const { live, accounts, events, notifications, callbacks, lifecycle } = this.#deps;
    return {
      ...this.#contentOfStart(unreported),
      end: async (bucket) => {
        if (bucket === undefined) {
          // First, because both may delay the steps below.
          faults.clear();
          clock.reset();
          this.publishes.clear();
          await notifications.clear();
          await callbacks.clear();
        }
        await lifecycle.stop();
        await publishing.suspend(RESET_REFUSAL, bucket);
        if (bucket === undefined) await writes.drop();
        objects.beginEpoch(bucket);
      },
      forget: async (bucket) => {
        if (bucket !== undefined) return;
        for (const kept of accounts) kept.clear();
        await live.reset();
      },
      goOn: async (bucket, wasReset) => {
        await publishing.readmit();
        lifecycle.start();
        if (wasReset) events.emit({ type: 'emulator.reset', ...(bucket !== undefined && { bucket }) });
      },
    };
  }

  #contentOfStart(report: ReportProgress): ResetContent {
    const { metadata, bytes } = this.#deps;
    return {
      empty: async (bucket, fence) => {
        await deleteAll(bytes, await metadata.clear(bucket, fence), report);
      },
      restore: async (bucket) => {
        await this.#createConfigured();
        if (bucket === undefined) await this.#seedAgain();
      },
    };
  }

  #createConfigured(): Promise<void> {
    const { config, metadata, channels, clock } = this.#deps;
    return createConfigured(config, metadata, channels, clock);
  }

  async #seedAgain(): Promise<void> {
    const { seeder, initialSeed } = this.#deps;
    if (initialSeed) await seeder.seed(initialSeed);
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
    return this.#checked.get();
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

  async #check(): Promise<readonly Component[]> {
    const { metadata, bytes, config, checkSegmenter } = this.#deps;
    const { port, rtmpPort } = this.#deps.addresses();
    const http = ownServer(config, port);
    const components = await checkReadiness({
      clock: systemClock,
      http,
      rtmp: rtmpPort === undefined ? [http] : [http, ownServer(config, rtmpPort)],
      metadata,
      newerDatabase: this.#newerDatabase.reason,
      bytes,
      storage: config.memory ? 'in memory' : config.dataDir,
      database: config.metadata === undefined ? undefined : shownDatabaseUrl(config.metadata),
      objects: config.objects === undefined ? undefined : shownObjectsUrl(config.objects),
      segmenter: config.segmenter,
      checkSegmenter,
    });
    this.#told.tell(components);
    return components;
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
