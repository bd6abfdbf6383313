import { createServer, type RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { KeyRing } from '../aliyun/auth/signed-request.ts';
import { createKeyRing, readCredentialsFile } from '../aliyun/credentials.ts';
import { clientAuthority, type Endpoint } from '../aliyun/endpoint.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import { ControllableClock, turnOfTheLoop } from '../base/controllable-clock.ts';
import { type Log, silentLog } from '../base/log.ts';
import { readVersion } from '../base/version.ts';
import { type Config, defaultConfig } from '../config/config.ts';
import { readTls } from '../config/tls.ts';
import { createAdminApp } from '../control-plane/admin/admin-app.ts';
import { Control } from '../control-plane/control/control.ts';
import { createConfigured } from '../control-plane/control/initial-state.ts';
import { requestEvent } from '../control-plane/control/request-event.ts';
import { Faults } from '../control-plane/faults/faults.ts';
import { faultyMetadataStore, faultyObjectStore } from '../control-plane/faults/faulty-stores.ts';
import { ingestFaults } from '../control-plane/faults/push-faults.ts';
import { restFaults, rpcFaults } from '../control-plane/faults/request-faults.ts';
import { MadeBytes } from '../control-plane/seed/made-bytes.ts';
import { readSeedFile } from '../control-plane/seed/read-file.ts';
import type { Seed } from '../control-plane/seed/seed.ts';
import { Seeder } from '../control-plane/seed/seeder.ts';
import { Events } from '../events/events.ts';
import { Webhook } from '../events/webhook.ts';
import { answerClientError } from '../http/client-error.ts';
import { createPublishHandler } from '../ingest/publish-handler.ts';
import { Registry } from '../ingest/registry.ts';
import { type Live, openLive } from '../live/live.ts';
import { LIVE_OPERATIONS } from '../live/live-operations.ts';
import { Gateway, PortTaken } from '../net/gateway.ts';
import { socketAddresses } from '../net/socket-addresses.ts';
import { ChannelService } from '../oss/channel/channel-service.ts';
import { VodService } from '../oss/channel/vod.ts';
import { OPERATIONS } from '../oss/rest/operations.ts';
import { createRestApp } from '../oss/rest/rest-app.ts';
import { closeBrokenSessions } from '../recording/fragments/recovery.ts';
import type { PlaylistStore } from '../recording/playlist/playlist-store.ts';
import type { MuxerFactory } from '../recording/segmenter/segmenter.ts';
import { RtmpConnection } from '../rtmp/connection.ts';
import { ReadingPace } from '../rtmp/reading-pace.ts';
import type { MetadataStore } from '../storage/metadata/metadata-store.ts';
import type { ObjectStore } from '../storage/objects/object-store.ts';
import { Objects } from '../storage/objects/objects.ts';
import { Uploads } from '../storage/objects/uploads.ts';
import { chooseMuxer, findConfiguredFfmpeg, inProcessMuxer } from './muxers.ts';
import { createNotifications, type Notifications } from './notifications.ts';
import { splitRequests } from './split-requests.ts';
import { openStores, type Stores } from './stores.ts';
import { createViewing, type Viewing } from './viewing.ts';

/** What OSS stores playlists as. Source: GetVodPlaylist page. */
const PLAYLIST_HEADERS = { 'content-type': 'application/x-mpegURL' };

/** How long a stop waits for a webhook's receiver. */
const WEBHOOK_GRACE_MS = 2_000;

export interface EmulatorDeps {
  /** What time runs with; `Emulator.clock` is over it. */
  readonly clock?: Clock;
  readonly log?: Log;
  /** Made at start and after every reset; by default what the file of the option holds. */
  readonly seed?: Seed;
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
  readonly clock: ControllableClock;
  readonly events: Events;
  readonly faults: Faults;
  readonly #log: Log;
  readonly #seed: Seed | undefined;
  readonly #registry = new Registry();
  readonly #pace = new ReadingPace(systemClock);
  #running: Running | undefined;

  constructor(options: Partial<Config> = {}, deps: EmulatorDeps = {}) {
    this.config = defaultConfig(options);
    this.clock = new ControllableClock(deps.clock ?? systemClock, () => {
      this.#pace.wakeAll();
      return turnOfTheLoop();
    });
    this.events = new Events(this.clock);
    this.faults = new Faults({ events: this.events, operations: { oss: OPERATIONS, live: LIVE_OPERATIONS } });
    this.#log = deps.log ?? silentLog;
    this.#seed = deps.seed;
  }

  /**
   * Resolves when every port answers.
   *
   * @param allowTakenRtmpPort go on without the second RTMP port, with a warning, when it is taken
   * @throws UsageError
   */
  async start(allowTakenRtmpPort = false): Promise<ListenAddresses> {
    const muxer = await chooseMuxer(this.config, this.clock, this.#log);
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

  /** What people and tests do to it while it runs. */
  get control(): Control {
    if (!this.#running) throw new Error('the emulator is not running');
    return this.#running.control;
  }

  /** Ends every push as a shutdown does: the open fragments are stored and listed, then the ports close. */
  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    if (!running) return;
    this.faults.clear();
    await running.gateway.stopAccepting();
    await this.#registry.close('the emulator is shutting down');
    await running.viewing.close();
    await running.live.close();
    await running.notifications.stop();
    await running.gateway.close();
    await running.webhook?.stop(WEBHOOK_GRACE_MS);
    await running.stores.close();
  }

  async #open(stores: Stores, muxer: MuxerFactory, allowTakenRtmpPort: boolean): Promise<Running> {
    const { config, clock, events } = this;
    const log = this.#log;
    const core = this.#core(stores);
    await closeBrokenSessions({ clock, events, log, ...core });
    await createConfigured(config, core.metadata, core.channels, clock);
    const seeder = new Seeder({ clock, events, ...core });
    const initialSeed = this.#seed ?? (config.seed === undefined ? undefined : readSeedFile(config.seed));
    if (initialSeed) await seeder.seed(initialSeed);
    const live = await this.#openLive(core);
    const notifications = createNotifications({
      config,
      clock,
      log,
      events,
      ...core,
      findFfmpeg: () => findConfiguredFfmpeg(config, log),
    });
    const viewing = createViewing({
      config,
      clock,
      log,
      events,
      endpoint: core.endpoint,
      metadata: stores.metadata,
      directory: live.watching,
    });
    const control = new Control({
      config,
      clock,
      log,
      events,
      faults: this.faults,
      pushes: this.#registry,
      seeder,
      initialSeed,
      channels: core.channels,
      vod: core.vod,
      metadata: stores.metadata,
      bytes: stores.bytes,
      live,
      viewers: viewing.viewers,
      notifications,
      authority: () => clientAuthority(config.host, this.addresses.port),
    });
    const http = createServer(this.#requestListener(core, { live, control, notifications, viewing }));
    http.on('clientError', answerClientError);
    const gateway = new Gateway({
      // Clients judge the certificate by their own time.
      clock,
      log,
      tls: await readTls(config, systemClock.now()),
      onRtmp: this.#rtmpListener(core, live, muxer, notifications),
      onHttp: (socket) => http.emit('connection', socket),
    });
    const port = await gateway.listen(config.host, config.port);
    const rtmpPort = await this.#listenRtmp(gateway, allowTakenRtmpPort);
    // The receiver lives in real time, whatever the clock says.
    const { webhook: url } = config;
    const webhook = url === undefined ? undefined : new Webhook({ url, events, log, clock: systemClock });
    return { stores, gateway, live, viewing, notifications, control, webhook, addresses: { port, rtmpPort } };
  }

  /** What the sides of the emulator share, with faults between it and the stores. */
  #core(stores: Stores): Core {
    const { config, clock, faults } = this;
    const made = new MadeBytes(inProcessMuxer);
    const metadata = faultyMetadataStore(stores.metadata, faults, clock);
    const bytes = faultyObjectStore(made.over(stores.bytes), faults, clock);
    const objects = new Objects({ metadata, bytes, clock });
    const playlists: PlaylistStore = {
      put: (bucket, key, text) => objects.put(bucket, key, Buffer.from(text), { headers: PLAYLIST_HEADERS }),
    };
    return {
      made,
      metadata,
      bytes,
      objects,
      playlists,
      channels: new ChannelService(metadata, this.#registry, clock),
      vod: new VodService(metadata, playlists),
      keys: createKeyRing([
        { accessKeyId: config.accessKeyId, accessKeySecret: config.accessKeySecret },
        ...(config.credentials === undefined ? [] : readCredentialsFile(config.credentials)),
      ]),
      endpoint: {
        serviceDomains: config.domains,
        cnames: new Map(config.cnames.map(({ host, bucket }) => [host, bucket])),
      },
    };
  }

  #openLive({ metadata, objects, playlists, keys, endpoint }: Core): Promise<Live> {
    const { config, clock, events } = this;
    return openLive({
      clock,
      log: this.#log,
      events,
      metadata,
      objects,
      playlists,
      keys,
      endpoint,
      live: this.#registry,
      findFault: rpcFaults(this.faults, clock),
      options: {
        authMode: config.auth,
        publicUrl: config.publicUrl,
        domains: config.liveDomains,
        authKeys: config.liveAuthKeys,
        applications: config.liveApps,
        recordBucket: config.liveRecordBucket,
        maxSlices: config.liveMaxSlices,
        utcOffsetMs: config.liveUtcOffsetMs,
      },
    });
  }

  #requestListener(core: Core, { live, control, notifications, viewing }: Sides): RequestListener {
    const { config, clock, events, faults } = this;
    const { metadata, bytes, objects, channels, vod, keys, endpoint } = core;
    const log = this.#log;
    const uploads = new Uploads({ metadata, bytes, clock, objects });
    const { publicUrl } = config;
    const rest = createRestApp({
      services: { metadata, objects, uploads, channels, vod, keys, clock, region: config.region },
      options: { endpoint, authMode: config.auth, ...(publicUrl !== undefined && { publicUrl }) },
      log,
      onAnswered: (request) => events.emit(requestEvent(request)),
      findFault: restFaults(faults, clock),
    });
    const listeners = { takers: [live.take, viewing.take], rest: rest.callback(), mns: notifications.mns };
    if (config.noAdmin) return splitRequests(listeners, endpoint, log);
    const admin = createAdminApp({
      version: readVersion(),
      config,
      log,
      control,
      clock,
      faults,
      events,
      startedMs: clock.now(),
      rtmpPort: () => this.addresses.rtmpPort ?? null,
      liveSessions: () => this.#registry.size,
      stopwatch: () => systemClock.now(),
      guard: { anywhere: config.adminAnywhere, names: config.domains },
      explanation: (requestId) => live.explanations.page(requestId),
    });
    return splitRequests({ ...listeners, admin: admin.callback() }, endpoint, log);
  }

  #rtmpListener(core: Core, live: Live, muxer: MuxerFactory, { snapshots }: Notifications): (socket: Socket) => void {
    const { config, clock, events } = this;
    const handler = createPublishHandler({
      ...core,
      clock,
      log: this.#log,
      events,
      muxer,
      snapshots,
      domains: live.domains,
      streams: live.streams,
      rooms: live.rooms,
      registry: this.#registry,
      faults: ingestFaults(this.faults, clock),
      authMode: config.auth,
      disableDelayMs: config.disableDelaySec * 1000,
    });
    const limits = { idleMs: config.idleTimeoutSec * 1000 };
    const pace = this.#pace;
    return (socket) => {
      // TLS hands out record by record, a few hundred bytes each: resting after every one would throttle the stream.
      const resting = socket instanceof TLSSocket ? {} : { pace };
      new RtmpConnection(socket, socketAddresses(socket), { handler, timers: clock, limits, ...resting }).start();
    };
  }

  async #listenRtmp(gateway: Gateway, allowTaken: boolean): Promise<number | undefined> {
    const { host, rtmpPort } = this.config;
    if (rtmpPort === undefined) return undefined;
    try {
      return await gateway.listen(host, rtmpPort);
    } catch (error) {
      if (!(error instanceof PortTaken && allowTaken)) {
        await gateway.close();
        throw error;
      }
      this.#log.warn('rtmp.port-taken', { port: rtmpPort, advice: 'the main port speaks RTMP too' });
      return undefined;
    }
  }
}

/** Who answers requests, besides REST. */
interface Sides {
  readonly live: Live;
  readonly control: Control;
  readonly notifications: Notifications;
  readonly viewing: Viewing;
}

interface Running extends Sides {
  readonly stores: Stores;
  readonly gateway: Gateway;
  readonly webhook: Webhook | undefined;
  readonly addresses: ListenAddresses;
}

interface Core {
  readonly made: MadeBytes;
  readonly metadata: MetadataStore;
  readonly bytes: ObjectStore;
  readonly objects: Objects;
  readonly playlists: PlaylistStore;
  readonly channels: ChannelService;
  readonly vod: VodService;
  readonly keys: KeyRing;
  readonly endpoint: Endpoint;
}
