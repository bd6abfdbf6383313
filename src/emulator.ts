import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { createAdminApp } from './admin/app.ts';
import { ChannelService } from './channel/service.ts';
import { VodService } from './channel/vod.ts';
import { type Clock, systemClock } from './clock.ts';
import { type Config, defaultConfig } from './config.ts';
import { createKeyRing, readCredentialsFile } from './credentials.ts';
import type { Endpoint } from './endpoint.ts';
import { UsageError } from './errors.ts';
import { Events } from './events/events.ts';
import { closeBrokenSessions } from './fragments/recovery.ts';
import { Gateway, PortTaken } from './gateway.ts';
import { createPublishHandler } from './ingest/publish-handler.ts';
import { Registry } from './ingest/registry.ts';
import { type Live, openLive } from './live/live.ts';
import { type Log, silentLog } from './log.ts';
import { lockDataFolder } from './metadata/data-folder-lock.ts';
import { openSqliteStore } from './metadata/sqlite.ts';
import type { MetadataStore } from './metadata/store.ts';
import { openFilesystemStore } from './objects/filesystem.ts';
import { createMemoryStore } from './objects/memory.ts';
import { Objects } from './objects/objects.ts';
import type { ObjectStore } from './objects/store.ts';
import { Uploads } from './objects/uploads.ts';
import type { PlaylistStore } from './playlist/store.ts';
import { createRestApp } from './rest/app.ts';
import { answerClientError } from './rest/client-error.ts';
import { RtmpConnection, socketAddresses } from './rtmp/connection.ts';
import { ffmpegMuxer } from './segmenter/ffmpeg.ts';
import { findFfmpeg } from './segmenter/ffmpeg-binary.ts';
import { mpegTsMuxer } from './segmenter/mpeg-ts/muxer.ts';
import type { MuxerFactory } from './segmenter/segmenter.ts';
import { splitRequests } from './split-requests.ts';
import { readVersion } from './version.ts';

/** What OSS stores playlists as. Source: GetVodPlaylist page. */
const PLAYLIST_HEADERS = { 'content-type': 'application/x-mpegURL' };

const DEFAULT_CHANNEL = { target: { type: 'HLS' }, snapshots: [] };

export interface EmulatorDeps {
  readonly clock?: Clock;
  readonly log?: Log;
}

export interface ListenAddresses {
  /** Port of REST, playback and RTMP. */
  readonly port: number;
  /** The second RTMP port; undefined when it is off or was taken. */
  readonly rtmpPort: number | undefined;
}

/** One emulator: everything it is made of, wired once, started and stopped in order. */
export class Emulator {
  readonly config: Config;
  readonly events = new Events();
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #registry = new Registry();
  #running: Running | undefined;

  constructor(options: Partial<Config> = {}, deps: EmulatorDeps = {}) {
    this.config = defaultConfig(options);
    this.#clock = deps.clock ?? systemClock;
    this.#log = deps.log ?? silentLog;
  }

  /**
   * Resolves when every port answers.
   *
   * @param allowTakenRtmpPort go on without the second RTMP port, with a warning, when it is taken
   * @throws UsageError
   */
  async start(allowTakenRtmpPort = false): Promise<ListenAddresses> {
    const muxer = await this.#muxer();
    const stores = await openStores(this.config);
    try {
      this.#running = await this.#open(stores, muxer, allowTakenRtmpPort);
      return this.#running.addresses;
    } catch (error) {
      await stores.close();
      throw error;
    }
  }

  /** Where it listens. */
  get addresses(): ListenAddresses {
    if (!this.#running) throw new Error('the emulator is not running');
    return this.#running.addresses;
  }

  /** Ends every push as a shutdown does: the open fragments are stored and listed, then the ports close. */
  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    if (!running) return;
    await running.gateway.stopAccepting();
    await this.#registry.stopAll('the emulator is shutting down');
    await running.live.close();
    await running.gateway.close();
    await running.stores.close();
  }

  async #open(stores: Stores, muxer: MuxerFactory, allowTakenRtmpPort: boolean): Promise<Running> {
    const { config, events } = this;
    const { metadata, bytes } = stores;
    const clock = this.#clock;
    const log = this.#log;
    const objects = new Objects({ metadata, store: bytes, clock });
    const playlists: PlaylistStore = {
      put: (bucket, key, text) => objects.put(bucket, key, Buffer.from(text), { headers: PLAYLIST_HEADERS }),
    };
    await closeBrokenSessions({ clock, events, log, metadata, playlists });
    const channels = new ChannelService(metadata, this.#registry, clock);
    await createBuckets(config, metadata, clock);
    await createChannels(config, metadata, channels);
    const vod = new VodService(metadata, playlists);
    const keys = createKeyRing([
      { accessKeyId: config.accessKeyId, accessKeySecret: config.accessKeySecret },
      ...(config.credentials === undefined ? [] : readCredentialsFile(config.credentials)),
    ]);
    const endpoint: Endpoint = {
      serviceDomains: config.domains,
      cnames: new Map(config.cnames.map(({ host, bucket }) => [host, bucket])),
    };
    const live = await openLive({
      ...{ clock, log, events, metadata, objects, playlists, keys, endpoint, live: this.#registry },
      options: {
        ...{ authMode: config.auth, publicUrl: config.publicUrl },
        ...{ domains: config.liveDomains, authKeys: config.liveAuthKeys, recordBucket: config.liveRecordBucket },
        ...{ maxSlices: config.liveMaxSlices, utcOffsetMs: config.liveUtcOffsetMs },
      },
    });
    const publishHandler = createPublishHandler({
      ...{ clock, log, events, metadata, objects: bytes, playlists, channels, keys, endpoint, muxer },
      ...{ domains: live.domains, streams: live.streams },
      registry: this.#registry,
      authMode: config.auth,
      disableDelayMs: config.disableDelaySec * 1000,
    });
    const uploads = new Uploads({ metadata, store: bytes, clock, objects });
    const rest = createRestApp({
      services: { metadata, objects, uploads, channels, vod, keys, clock, region: config.region },
      options: {
        endpoint,
        authMode: config.auth,
        ...(config.publicUrl !== undefined && { publicUrl: config.publicUrl }),
      },
      log,
    });
    const admin = createAdminApp({ version: readVersion(), liveSessions: () => this.#registry.size });
    const listeners = { takers: [live.take], admin: admin.callback(), rest: rest.callback() };
    const http = createServer(splitRequests(listeners, endpoint, log));
    http.on('clientError', answerClientError);
    const limits = { idleMs: config.idleTimeoutSec * 1000 };
    const onRtmp = (socket: Socket) => {
      new RtmpConnection(socket, socketAddresses(socket), { handler: publishHandler, timers: clock, limits }).start();
    };
    const gateway = new Gateway({ clock, log, onRtmp, onHttp: (socket) => http.emit('connection', socket) });
    const port = await gateway.listen(config.host, config.port);
    const rtmpPort = await this.#listenRtmp(gateway, onRtmp, allowTakenRtmpPort);
    return { stores, gateway, live, addresses: { port, rtmpPort } };
  }

  async #listenRtmp(
    gateway: Gateway,
    onRtmp: (socket: Socket) => void,
    allowTaken: boolean,
  ): Promise<number | undefined> {
    const { host, rtmpPort } = this.config;
    if (rtmpPort === undefined) return undefined;
    try {
      return await gateway.listen(host, rtmpPort, onRtmp);
    } catch (error) {
      if (!(error instanceof PortTaken && allowTaken)) {
        await gateway.close();
        throw error;
      }
      this.#log.warn('rtmp.port-taken', { port: rtmpPort, advice: 'the main port speaks RTMP too' });
      return undefined;
    }
  }

  async #muxer(): Promise<MuxerFactory> {
    if (this.config.segmenter === 'mpeg-ts') return mpegTsMuxer;
    const { ffmpeg } = this.config;
    const binary = await findFfmpeg({ environment: process.env, ...(ffmpeg !== undefined && { path: ffmpeg }) });
    if (!binary.found) {
      throw new UsageError(
        `--segmenter ffmpeg needs ffmpeg, but ${binary.reason}; install it or name it with --ffmpeg.`,
      );
    }
    this.#log.info('ffmpeg.found', { path: binary.path, version: binary.version });
    return ffmpegMuxer({ path: binary.path, clock: this.#clock });
  }
}

interface Running {
  readonly stores: Stores;
  readonly gateway: Gateway;
  readonly live: Live;
  readonly addresses: ListenAddresses;
}

interface Stores {
  readonly metadata: MetadataStore;
  readonly bytes: ObjectStore;
  close(): Promise<void>;
}

async function openStores(config: Config): Promise<Stores> {
  if (config.memory) {
    return closing(await openSqliteStore({ path: ':memory:' }), createMemoryStore(), async () => {});
  }
  await mkdir(config.dataDir, { recursive: true });
  const lock = await lockDataFolder(config.dataDir);
  try {
    const metadata = await openSqliteStore({ path: join(config.dataDir, 'metadata.sqlite') });
    const bytes = await openFilesystemStore({ root: join(config.dataDir, 'objects') });
    return closing(metadata, bytes, () => lock.release());
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function closing(metadata: MetadataStore, bytes: ObjectStore, release: () => Promise<void>): Stores {
  return {
    metadata,
    bytes,
    async close() {
      await metadata.close();
      await bytes.close();
      await release();
    },
  };
}

async function createBuckets({ buckets }: Config, metadata: MetadataStore, clock: Clock): Promise<void> {
  for (const { name, acl } of buckets) {
    const existing = await metadata.getBucket(name);
    if (existing) continue;
    await metadata.putBucket({ name, acl, storageClass: 'Standard', createdMs: clock.now(), configurations: {} });
  }
}

/** In the first bucket, for the banner and for people who want to push before they write any code. */
async function createChannels(config: Config, metadata: MetadataStore, channels: ChannelService): Promise<void> {
  const bucket = config.buckets[0]?.name;
  if (bucket === undefined) return;
  for (const name of config.channels) {
    if (!(await metadata.getChannel(bucket, name))) await channels.put(bucket, name, DEFAULT_CHANNEL);
  }
}
