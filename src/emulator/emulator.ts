import { resolve } from 'node:path';
import { type Clock, keepProcessAlive, systemClock } from '../base/clock.ts';
import { ControllableClock } from '../base/controllable-clock.ts';
import { FollowingClock } from '../base/following-clock.ts';
import { type Log, silentLog } from '../base/log.ts';
import { LoopWait } from '../base/loop-wait.ts';
import { unreported } from '../base/progress.ts';
import { STARTED, STOPPED } from '../base/started.ts';
import { turnOfTheLoop } from '../base/turn-of-the-loop.ts';
import { readVersion } from '../base/version.ts';
import { type Config, defaultConfig } from '../config/config.ts';
import type { Control } from '../control-plane/control/control.ts';
import { createConfigured } from '../control-plane/control/initial-state.ts';
import { Exports } from '../control-plane/export-file/exports.ts';
import { Faults } from '../control-plane/faults/faults.ts';
import { readSeedFile } from '../control-plane/seed/read-file.ts';
import type { Seed } from '../control-plane/seed/seed.ts';
import { Seeder } from '../control-plane/seed/seeder.ts';
import { Events } from '../events/events.ts';
import { PushOverload } from '../ingest/push-overload.ts';
import { Registry } from '../ingest/registry.ts';
import type { Live } from '../live/live.ts';
import { LIVE_OPERATIONS } from '../live/live-operations.ts';
import { Webhook } from '../notify/webhook.ts';
import type { UploadCallbacks } from '../oss/callback/upload-callbacks.ts';
import type { Lifecycle } from '../oss/lifecycle/lifecycle.ts';
import { OPERATIONS } from '../oss/rest/operations.ts';
import type { MuxerFactory } from '../recording/segmenter/segmenter.ts';
import { ReadingPace } from '../rtmp/reading-pace.ts';
import { runAlone, runUnlessRunning, START_LEASE } from '../storage/leases/run-alone.ts';
import { explainStart } from '../storage/make-data-folder.ts';
import { IssuedKeys } from '../sts/issued-keys.ts';
import { createControlSide } from './control-side.ts';
import { type Core, type CoreParts, openCore } from './core.ts';
import { importAtStart } from './import-at-start.ts';
import { createIngestSide } from './ingest-side.ts';
import { openLiveSide } from './live-side.ts';
import { chooseMuxer } from './muxers.ts';
import { type ListenAddresses, Network } from './network.ts';
import { nodeName } from './node-name.ts';
import { nodeUrl } from './node-url.ts';
import { createNotifySide, type NotifySide } from './notify-side.ts';
import { createOssSide, type OssSide } from './oss-side.ts';
import { Repeatedly } from './repeatedly.ts';
import { createRpcSide, type RpcSide } from './rpc-side.ts';
import { sharedSigningCertificate, signingCertificate } from './signing-certificate.ts';
import { splitRequests } from './split-requests.ts';
import { openStores, type Stores } from './stores.ts';
import { createWatchingSide, type WatchingSide } from './watching-side.ts';

/** How long a stop waits for the receiver of the webhook. */
const WEBHOOK_GRACE_MS = 2_000;
/** How often nodes look for what one that died has left. */
const SWEEP_MS = 5_000;
/** How often a node reads again what it keeps in memory of what others may change. */
const REFRESH_MS = 2_000;
/** How often a node stores its events for those who follow them on others. */
const EVENTS_MS = 1_000;

export interface EmulatorDeps {
  /** The clock below `Emulator.clock`; default the real time. */
  readonly clock?: Clock;
  readonly log?: Log;
  /** How busy the event loop is; default as measured. */
  readonly loopWait?: LoopWait;
  /** Made at start and after every reset; by default what the file of the option holds. */
  readonly seed?: Seed;
}

/** What `stop` has to end. */
interface Running {
  readonly control: Control;
  readonly network: Network;
  readonly lifecycle: Lifecycle;
  readonly watching: WatchingSide;
  readonly live: Live;
  readonly notify: NotifySide;
  readonly callbacks: UploadCallbacks;
  readonly webhook: Webhook | undefined;
  /** What this node does for all that share its metadata. */
  readonly upkeep: readonly Repeatedly[];
  readonly exports: Exports;
  readonly stores: Stores;
}

export interface StopOptions {
  /** Gives up what takes long: requests to stores on other machines, which fail, and the export at the end, which is refused. */
  readonly signal?: AbortSignal;
}

/** One emulator. The order of start is that of `#open`, the order of stop that of `stop`. */
export class Emulator {
  readonly config: Config;
  readonly clock: ControllableClock;
  readonly events: Events;
  readonly faults: Faults;
  readonly #parts: CoreParts;
  readonly #seed: Seed | undefined;
  readonly #loopWait: LoopWait | undefined;
  readonly #pace = new ReadingPace(systemClock);
  readonly #realClock: Clock;
  #running: Running | undefined;

  constructor(options: Partial<Config> = {}, deps: EmulatorDeps = {}) {
    this.config = defaultConfig(options);
    const base = deps.clock ?? systemClock;
    const shared = this.config.metadata === undefined ? undefined : new FollowingClock(base);
    this.#realClock = shared ?? base;
    this.clock = new ControllableClock(this.#realClock, () => {
      this.#pace.wakeAll();
      return turnOfTheLoop();
    });
    this.events = new Events(this.clock, shared && { node: nodeName(this.config) });
    this.faults = new Faults({ events: this.events, operations: { oss: OPERATIONS, live: LIVE_OPERATIONS } });
    this.#seed = deps.seed;
    this.#loopWait = deps.loopWait;
    this.#parts = {
      config: this.config,
      clock: this.clock,
      followClock: (aheadMs) => shared?.follow(aheadMs),
      log: deps.log ?? silentLog,
      events: this.events,
      faults: this.faults,
      registry: new Registry(),
    };
  }

  /**
   * Resolves when every port answers.
   *
   * @param allowTakenRtmpPort when the second RTMP port is taken, warn and do without it
   * @throws UsageError when an option cannot be carried out: a port is taken, a file or program is missing
   */
  async start(allowTakenRtmpPort = false): Promise<ListenAddresses> {
    const { config, clock, log } = this.#parts;
    // A wait for a database, or for another node, is a timer, which keeps no process alive.
    const letEnd = keepProcessAlive();
    try {
      const muxer = await chooseMuxer(config, clock, log);
      const stores = await openStores(this.#parts);
      try {
        this.#running = await this.#open(stores, muxer, allowTakenRtmpPort);
        STARTED.publish(this.addresses);
        return this.addresses;
      } catch (error) {
        await stores.close();
        throw config.memory ? error : explainStart(error, config.dataDir);
      }
    } finally {
      letEnd();
    }
  }

  get addresses(): ListenAddresses {
    return this.#whileRunning.network.addresses;
  }

  /** What people and tests do to it while it runs. */
  get control(): Control {
    return this.#whileRunning.control;
  }

  /**
   * Ends every push as a shutdown does: the open fragments are stored and listed, then the ports close, and the export is written
   * that is configured.
   * @throws UsageError when it cannot be written; all else is done then
   */
  async stop({ signal }: StopOptions = {}): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    if (!running) return;
    const giveUp = () => running.stores.giveUp();
    if (signal?.aborted) giveUp();
    else signal?.addEventListener('abort', giveUp, { once: true });
    this.faults.clear();
    await running.network.serveWaiting();
    const answered = running.network.answerAll();
    // Uploads that wait for a server are answered before their connections end.
    await running.callbacks.close();
    await running.control.close();
    await running.lifecycle.stop();
    await Promise.all(running.upkeep.map((repeated) => repeated.stop()));
    await this.#parts.registry.close('the emulator is shutting down');
    await running.watching.close();
    await running.live.close();
    await running.notify.stop();
    await answered;
    // Both have a limit. One after the other would take longer than `docker stop` waits.
    await Promise.all([running.network.close(), running.webhook?.stop(WEBHOOK_GRACE_MS)]);
    try {
      const { exportOnExit } = this.config;
      if (exportOnExit !== undefined) {
        await running.exports.writeFile(exportOnExit, unreported, signal);
        this.#parts.log.info('export.written', { file: resolve(exportOnExit) });
      }
    } finally {
      await running.stores.close();
      signal?.removeEventListener('abort', giveUp);
      STOPPED.publish({});
    }
  }

  async #open(stores: Stores, muxer: MuxerFactory, allowTakenRtmpPort: boolean): Promise<Running> {
    const { metadata, objects, playlists, made } = stores;
    const core = openCore(this.#parts, await IssuedKeys.open(metadata, this.clock));
    const { config, clock, log, events } = core;

    const signing = stores.leases.isShared
      ? sharedSigningCertificate(metadata)
      : signingCertificate(config, stores.isAtPath);
    const oss = createOssSide(core, stores, signing);
    const { channels, lifecycle, callbacks } = oss;
    const { playlistExtensions: extensions } = config;
    const seeder = new Seeder({ clock, events, metadata, objects, playlists, channels, made, extensions });
    const initialSeed = this.#seed ?? (config.seed === undefined ? undefined : readSeedFile(config.seed));
    const exports = new Exports({
      config,
      clock,
      made,
      version: readVersion(),
      metadata: stores.plain.metadata,
      bytes: stores.plain.bytes,
      holdDeletions: () => stores.holdDeletions(),
    });
    await this.#prepare(core, stores, oss, exports, async () => {
      if (initialSeed) await seeder.seed(initialSeed);
    });

    const live = await openLiveSide(core, stores);
    const rpc = createRpcSide(core, stores, live);
    const notify = createNotifySide(core, stores, signing);
    const watching = createWatchingSide(core, stores, live.watching, this.#realClock);
    const loopWait = this.#loopWait ?? new LoopWait({ clock: systemClock, turn: turnOfTheLoop });
    const network = new Network(core, loopWait);
    const parts = { oss, live, rpc, notify, watching, network, exports, seeder, initialSeed };
    const { control, http } = createControlSide(core, stores, parts);

    const own = http && {
      takers: [http.guard, oss.take, notify.take, watching.takeOwn],
      fromRoot: http.fromRoot,
      listener: http.listener,
    };
    const service = { takers: [oss.take, rpc.take, watching.take, notify.take], listener: oss.rest };
    const onHttp = splitRequests({ own, service, admission: network.admission }, core.endpoint, log);
    const { snapshots } = notify;
    const overload = new PushOverload({
      maxWaitMs: config.maxPushWaitSec * 1000,
      countPushes: () => core.registry.size,
    });
    loopWait.onMeasured((waitMs) => overload.measured(waitMs));
    const onRtmp = createIngestSide(core, stores, {
      channels,
      accessBlocks: oss.accessBlocks,
      live,
      snapshots,
      muxer,
      overload,
      pace: this.#pace,
      realClock: this.#realClock,
    });
    await network.open({ onHttp, onRtmp }, allowTakenRtmpPort);
    await this.#announceAddress(core, stores, network, watching).catch(async (error) => {
      await network.close();
      throw error;
    });
    // The receiver runs in real time, independent of the clock of the emulator.
    const { webhook: url } = config;
    const webhook =
      url === undefined ? undefined : new Webhook({ url, events, log, clock: systemClock, send: core.send });
    const upkeep = stores.leases.isShared ? this.#upkeep(core, stores, { oss, live, rpc, notify, watching }) : [];
    for (const repeated of upkeep) repeated.start();
    lifecycle.start();
    stores.settle();
    return { control, network, lifecycle, watching, live, notify, callbacks, webhook, upkeep, exports, stores };
  }

  /** What other nodes may have left open is ended by one of them, and what they may have changed is read by each. */
  #upkeep(
    { log, issuedKeys }: Core,
    { leases, sharedEvents }: Stores,
    {
      oss,
      live,
      rpc,
      notify,
      watching,
    }: { oss: OssSide; live: Live; rpc: RpcSide; notify: NotifySide; watching: WatchingSide },
  ) {
    const closeBroken = async () => {
      await oss.closeBroken();
      await live.closeBroken();
      await rpc.forgetNonces();
      await sharedEvents?.forget();
    };
    const sweep = () => runUnlessRunning(leases, 'sweep-of-broken-sessions', closeBroken);
    const continueDeliveries = async () => {
      await live.outbox.takeOver();
      await notify.takeOver();
    };
    // Not after the other one, which may wait for the store, or fail.
    const sweepDeliveries = () => runUnlessRunning(leases, 'sweep-of-waiting-deliveries', continueDeliveries);
    const storeEvents = async () => sharedEvents?.store();
    const refresh = async () => {
      oss.accessBlocks.clear();
      await issuedKeys.read();
      await live.domains.readNew();
      await live.elsewhere.read();
      watching.forwarder.endLost();
    };
    return [
      new Repeatedly({ what: 'sweep of broken sessions', intervalMs: SWEEP_MS, action: sweep, log }),
      new Repeatedly({ what: 'sweep of waiting deliveries', intervalMs: SWEEP_MS, action: sweepDeliveries, log }),
      new Repeatedly({ what: 'events', intervalMs: EVENTS_MS, action: storeEvents, log }),
      new Repeatedly({ what: 'refresh', intervalMs: REFRESH_MS, action: refresh, log }),
    ];
  }

  /** Where nodes start at the same time, the first one makes what there must be, and the others find it. */
  async #prepare(
    core: Core,
    { metadata, leases }: Stores,
    oss: OssSide,
    exports: Exports,
    seed: () => Promise<void>,
  ): Promise<void> {
    await runAlone(leases, START_LEASE, async () => {
      await importAtStart(core.config, metadata, exports);
      await oss.closeBroken();
      await createConfigured(core.config, metadata, oss.channels, core.clock);
      // A seed would change what the others work with.
      if (!leases.isShared || (await leases.presentNodes()).length === 0) await seed();
      await leases.announce();
    });
  }

  /** From now on other nodes forward here what they are asked for. */
  async #announceAddress(
    { config, log }: Core,
    { leases }: Stores,
    { addresses }: Network,
    { forwarder: { key } }: WatchingSide,
  ): Promise<void> {
    if (!leases.isShared) return;
    const url = nodeUrl(config, addresses.port);
    if (url !== undefined) await leases.announce({ url, key });
    else
      log.warn('node.no-address', { advice: 'what is pushed here can be watched at this node only: give --node-url' });
  }

  get #whileRunning(): Running {
    if (!this.#running) throw new Error('the emulator is not running');
    return this.#running;
  }
}
