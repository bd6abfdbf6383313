/** What each call of the control API does. */
import { isAbsolute } from 'node:path';
import { httpOrigin, rtmpOrigin } from '../../aliyun/endpoint.ts';
import type { ControllableClock } from '../../base/controllable-clock.ts';
import { resolveMoment } from '../../base/dates.ts';
import { UsageError } from '../../base/errors.ts';
import type { ReportProgress } from '../../base/progress.ts';
import type { Config } from '../../config/config.ts';
import type { EventOf, Events } from '../../events/events.ts';
import { shownDatabaseUrl } from '../../storage/postgres/shown-database-url.ts';
import type { Control } from '../control/control.ts';
import { NotFound } from '../control/not-found.ts';
import type { Faults, SetFault } from '../faults/faults.ts';
import type { Publication } from '../publisher/publishes.ts';
import { channelHandlers } from './channel-handlers.ts';
import type { Api } from './control-api.ts';
import { type EventFeed, readFilter } from './event-feed.ts';
import { liveHandlers } from './live-handlers.ts';
import type { AnswerOf, InputOf } from './route.ts';

/** Calls whose answer is not a JSON document that a handler returns. */
export type SpecialCall = 'health' | 'ready' | 'export' | 'import' | 'eventStream' | 'metrics' | 'openapi';

export type Handlers = {
  readonly [Name in Exclude<keyof Api, SpecialCall>]: (
    input: InputOf<Api[Name]>,
    report: ReportProgress,
  ) => AnswerOf<Api[Name]> | Promise<AnswerOf<Api[Name]>>;
};

export interface HandlerDeps {
  readonly version: string;
  readonly config: Config;
  readonly startedMs: number;
  readonly rtmpPort: () => number | null;
  readonly control: Control;
  readonly clock: ControllableClock;
  readonly faults: Faults;
  readonly events: Events;
  /** What those read who follow them. */
  readonly feed: EventFeed;
  /** The number of current pushes. */
  readonly countPushes: () => number;
  /** Real milliseconds, for measuring. */
  readonly stopwatch: () => number;
}

const MOVED_CLOCK = 'A moved clock';

const DEFAULT_LIMIT = { requests: 100 };

/** @throws NotFound, UsageError and OssError (the handlers), which are answered with a status each */
export function createHandlers(deps: HandlerDeps): Handlers {
  return {
    ...stateHandlers(deps),
    ...clockHandlers(deps),
    ...faultHandlers(deps),
    ...publishHandlers(deps),
    ...channelHandlers(deps),
    ...liveHandlers(deps.control.live),
    ...eventHandlers(deps),
  };
}

function stateHandlers(deps: HandlerDeps) {
  const { control, config, version, stopwatch } = deps;
  return {
    drain: () => {
      // A push that cannot be stored is told of in the log.
      void control.drain();
      return { draining: true as const, liveSessions: deps.countPushes(), timeoutSec: config.drainTimeoutSec };
    },
    info: () => {
      const { region, accessKeyId, accessKeySecret, auth, segmenter, buckets } = config;
      return {
        version,
        region,
        accessKeyId,
        accessKeySecret,
        segmenter,
        authMode: auth,
        startedMs: deps.startedMs,
        endpoint: httpOrigin(control.urls.base),
        rtmpUrl: rtmpOrigin(control.urls.base),
        rtmpPort: deps.rtmpPort(),
        storage: storageOf(config),
        buckets: buckets.map(({ name, acl }) => ({ name, acl })),
      };
    },
    nodes: async () => ({ nodes: await control.nodes() }),
    usage: async () => ({
      buckets: (await control.usage()).map(({ name, objectCount, storageBytes, liveChannelCount }) => ({
        name,
        objects: objectCount,
        sizeBytes: storageBytes,
        channels: liveChannelCount,
      })),
    }),
    reset: async ({ body }: InputOf<Api['reset']>, report: ReportProgress) => {
      const startMs = stopwatch();
      await control.reset(body.bucket, report);
      return { ok: true as const, durationMs: stopwatch() - startMs };
    },
    seed: async ({ body }: InputOf<Api['seed']>, report: ReportProgress) => {
      const startMs = stopwatch();
      return { ...(await control.seed(body, report)), durationMs: stopwatch() - startMs };
    },
    backup: async ({ body }: InputOf<Api['backup']>) => {
      checkAbsolute(body.folder);
      const startMs = stopwatch();
      return { ...(await control.backUp(body.folder)), durationMs: stopwatch() - startMs };
    },
    runLifecycle: async ({ body }: InputOf<Api['runLifecycle']>) => {
      const startMs = stopwatch();
      return { buckets: await control.runLifecycle(body.bucket), durationMs: stopwatch() - startMs };
    },
  };
}

/** The caller is in another folder than the emulator, and no shell has replaced a `~`. */
function checkAbsolute(folder: string): void {
  if (!isAbsolute(folder))
    throw new UsageError(`The folder "${folder}" is no absolute path on the machine of the emulator.`);
}

function clockHandlers({ clock, events, control }: HandlerDeps) {
  const state = () => ({
    now: new Date(clock.now()).toISOString(),
    nowMs: clock.now(),
    frozen: clock.isFrozen,
    offsetMs: clock.offsetMs,
  });
  const changed = () => {
    events.emit({ type: 'clock.changed', nowMs: clock.now(), frozen: clock.isFrozen });
    return state();
  };
  return {
    clock: state,
    freezeClock: async () => {
      await control.refuseBesideOthers(MOVED_CLOCK);
      clock.freeze();
      return changed();
    },
    setClock: async ({ body }: InputOf<Api['setClock']>) => {
      await control.refuseBesideOthers(MOVED_CLOCK);
      await clock.set(resolveMoment(body.to, clock.now()));
      return changed();
    },
    advanceClock: async ({ body }: InputOf<Api['advanceClock']>) => {
      await control.refuseBesideOthers(MOVED_CLOCK);
      await clock.advance(body.ms);
      return changed();
    },
    resumeClock: () => {
      clock.resume();
      return changed();
    },
    resetClock: () => {
      clock.reset();
      return changed();
    },
  };
}

function faultHandlers({ faults, control }: HandlerDeps) {
  return {
    faults: () => ({ faults: faults.list().map(viewFault) }),
    faultOperations: () => faults.operations,
    addFault: async ({ body }: InputOf<Api['addFault']>) => {
      await control.refuseBesideOthers('A fault rule');
      return viewFault(faults.add(body));
    },
    removeFault: ({ params }: InputOf<Api['removeFault']>) => {
      if (!faults.remove(params.id)) throw new NotFound(`There is no fault rule "${params.id}".`);
      return { ok: true as const };
    },
    clearFaults: () => {
      faults.clear();
      return { ok: true as const };
    },
  };
}

function publishHandlers({ control }: HandlerDeps) {
  const { publishes } = control;
  return {
    publish: async ({ body }: InputOf<Api['publish']>) => viewPublication(await publishes.start(body)),
    publishes: () => ({ publishes: publishes.list().map(viewPublication) }),
    stopPublish: async ({ params }: InputOf<Api['stopPublish']>) => {
      const publication = publishes.find(params.id);
      if (!publication) throw new NotFound(`There is no push "${params.id}".`);
      // A failure is part of the answer.
      await publication.stop().catch(() => {});
      return viewPublication(publication);
    },
    sign: ({ body }: InputOf<Api['sign']>) => control.urls.sign(body),
    presign: ({ body }: InputOf<Api['presign']>) => control.urls.presign(body),
  };
}

function eventHandlers({ events, feed, control }: HandlerDeps) {
  return {
    events: ({ query }: InputOf<Api['events']>) => feed.poll(query, readFilter(query)),
    repeatRequest: ({ params }: InputOf<Api['repeatRequest']>) => control.repeat(params.requestId),
    requests: ({ query }: InputOf<Api['requests']>) => {
      const { limit = DEFAULT_LIMIT.requests, operation, bucket, refused } = query;
      const fits = (event: EventOf<'request.answered'>): boolean =>
        (operation === undefined || event.operation === operation) &&
        (bucket === undefined || event.bucket === bucket) &&
        (refused === undefined || (event.refusal !== undefined) === (refused === 'true'));
      const requests = events
        .since(0)
        .flatMap((event) => (event.type === 'request.answered' && fits(event) ? [event] : []));
      return { requests: requests.slice(-limit).reverse().map(viewRequest) };
    },
  };
}

function storageOf({ memory, dataDir, metadata }: Config): string {
  if (metadata !== undefined) return shownDatabaseUrl(metadata);
  return memory ? 'memory' : dataDir;
}

function viewFault({ id, rule, phase, matched, fired }: SetFault) {
  return { id, rule, phase, matched, fired };
}

function viewPublication({ id, request, bucket, channel, state, sentMs, detail }: Publication) {
  return { id, request, bucket, channel, state, sentMs: Math.round(sentMs), detail };
}

function viewRequest(event: EventOf<'request.answered'>) {
  const { id, atMs, requestId, remoteAddr, method, target, operation, bucket, key, status, durationMs, refusal } =
    event;
  return {
    id,
    atMs,
    requestId,
    remoteAddr,
    method,
    target,
    status,
    durationMs,
    operation: operation ?? null,
    bucket: bucket ?? null,
    key: key ?? null,
    refusal: refusal
      ? {
          code: refusal.code,
          message: refusal.message,
          ec: refusal.ec ?? null,
          reason: refusal.reason ?? null,
          expectedStringToSign: refusal.comparison?.expected ?? null,
          signedStringToSign: refusal.comparison?.signed ?? null,
        }
      : null,
  };
}
