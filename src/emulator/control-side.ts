import { createHmac, randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { readVersion } from '../base/version.ts';
import type { AdminDeps } from '../control-plane/admin/admin-app.ts';
import { createGuard } from '../control-plane/admin/guard.ts';
import { leadFromRoot } from '../control-plane/admin/lead-from-root.ts';
import { Metrics } from '../control-plane/admin/metrics.ts';
import { ownEventFeed } from '../control-plane/admin/own-event-feed.ts';
import { sharedEventFeed } from '../control-plane/admin/shared-event-feed.ts';
import { Control } from '../control-plane/control/control.ts';
import type { Exports } from '../control-plane/export-file/exports.ts';
import type { Seed } from '../control-plane/seed/seed.ts';
import type { Seeder } from '../control-plane/seed/seeder.ts';
import type { Live } from '../live/live.ts';
import type { Core } from './core.ts';
import { chooseMuxer } from './muxers.ts';
import type { Network } from './network.ts';
import type { NotifySide } from './notify-side.ts';
import type { OssSide } from './oss-side.ts';
import type { RpcSide } from './rpc-side.ts';
import type { TakeRequest } from './split-requests.ts';
import type { Stores } from './stores.ts';
import type { WatchingSide } from './watching-side.ts';

/** The control plane: the same operations in process and over HTTP. */
export interface ControlSide {
  readonly control: Control;
  /** Over HTTP; undefined when it is switched off. */
  readonly http: ControlHttp | undefined;
}

export interface ControlHttp {
  /** Answers the requests that are refused. */
  readonly guard: TakeRequest;
  /** Leads a browser from the root of the service to the page. */
  readonly fromRoot: TakeRequest;
  /** Answers all others. */
  readonly listener: RequestListener;
}

export interface ControlParts {
  readonly oss: OssSide;
  readonly live: Live;
  readonly rpc: RpcSide;
  readonly notify: NotifySide;
  readonly watching: WatchingSide;
  readonly network: Network;
  readonly exports: Exports;
  readonly seeder: Seeder;
  readonly initialSeed: Seed | undefined;
}

export function createControlSide(
  core: Core,
  { plain, leases, sharedEvents, writes, objects, backUp, isAway }: Stores,
  parts: ControlParts,
): ControlSide {
  const { config, clock, log, events, faults, registry } = core;
  const { oss, live, rpc, notify, watching, network, exports, seeder, initialSeed } = parts;
  const control = new Control({
    config,
    clock,
    log,
    events,
    faults,
    leases,
    publishing: registry,
    seeder,
    initialSeed,
    channels: oss.channels,
    vod: oss.vod,
    lifecycle: oss.lifecycle,
    metadata: plain.metadata,
    bytes: plain.bytes,
    objects,
    backUp,
    exports,
    async closeBroken() {
      await oss.closeBroken();
      await live.closeBroken();
    },
    writes,
    live,
    requests: oss.requests,
    accounts: [core.issuedKeys, oss.accessBlocks, oss.requests],
    viewers: watching.viewers,
    notifications: notify,
    callbacks: oss.callbacks,
    addresses: () => network.addresses,
    isAway,
    checkSegmenter: (signal) => chooseMuxer(config, clock, silentLog, signal),
  });
  if (config.noAdmin) return { control, http: undefined };
  // Another one at every start. Behind a proxy the page is of one node, and its calls come to any: theirs is the same for all.
  // It is in the page and in no log.
  const token = leases.isShared
    ? createHmac('sha256', live.secret).update('page').digest('base64url')
    : randomBytes(24).toString('base64url');
  const countPushes = () => registry.size;
  const listener = createdAtFirst({
    version: readVersion(),
    config,
    log,
    control,
    clock,
    faults,
    events,
    feed: sharedEvents ? sharedEventFeed(sharedEvents) : ownEventFeed(events),
    startedMs: clock.now(),
    rtmpPort: () => network.addresses.rtmpPort ?? null,
    countPushes,
    // From now on it counts events.
    metrics: new Metrics({ events, control, countPushes, traffic: () => network.traffic }),
    stopwatch: () => systemClock.now(),
    token,
    explanation: (requestId) => rpc.explanations.page(requestId),
  });
  const guarded = {
    anywhere: config.adminAnywhere,
    names: [...config.domains, ...config.adminHosts],
    token,
    log,
  };
  const http = { guard: createGuard(guarded), fromRoot: leadFromRoot(guarded), listener };
  return { control, http };
}

/** The control API and the page are loaded when somebody asks for them: most tests never do, and a start is shorter by that. */
function createdAtFirst(deps: AdminDeps): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  let created: Promise<RequestListener> | undefined;
  const create = async () => {
    const { createAdminApp } = await import('../control-plane/admin/admin-app.ts');
    return createAdminApp(deps).callback();
  };
  return async (request, response) => {
    created ??= create();
    (await created)(request, response);
  };
}
