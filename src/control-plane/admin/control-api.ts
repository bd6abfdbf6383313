/**
 * The control API, call by call. The routes, docs/control-api.md and /_emulator/openapi.json are all made from this
 * table, and the tests check every answer against it.
 */
import * as v from 'valibot';
import { moment } from '../../base/dates.ts';
import { documented, fields, integer, optional, text } from '../../base/schema.ts';
import { lifecycleView } from '../control/lifecycle-views.ts';
import { nodeView } from '../control/node-views.ts';
import { presignedUrl, presignRequest } from '../control/presigning.ts';
import { signedUrls, signRequest } from '../control/signing.ts';
import { EXPORT_TYPE } from '../export-file/export-format.ts';
import { faultRuleSchema } from '../faults/fault-rule.ts';
import { publishRequestSchema } from '../publisher/publish-request.ts';
import { repeatView } from '../requests/repeat.ts';
import { seedSchema } from '../seed/seed.ts';
import { CHANNEL_API } from './channel-api.ts';
import { LIVE_API } from './live-api.ts';
import { route } from './route.ts';
import {
  byId,
  clockState,
  done,
  drained,
  eventFilter,
  eventPage,
  fault,
  health,
  info,
  numberText,
  readiness,
  request,
  running,
} from './schemas.ts';

export const API = {
  health: route({
    method: 'GET',
    path: '/health',
    what: 'The process answers. Asks no store.',
    callers: 'monitor',
    query: fields({
      draining: documented(
        optional(v.literal('404')),
        'Answer with this status while it is draining, by which haproxy knows (`http-check disable-on-404`).',
      ),
    }),
    answer: health,
  }),
  ready: route({
    method: 'GET',
    path: '/ready',
    what: 'Whether new pushes and requests may come: checks what the emulator needs, at most every 2 s; otherwise 503 with the same document. Details are for callers on this machine.',
    callers: 'monitor',
    answer: readiness,
  }),
  drain: route({
    method: 'POST',
    path: '/drain',
    what: 'Before a stop: from now on no new pushes are taken, and `/ready` says 503; the present ones end by themselves, or after `--drain-timeout`. There is no way back.',
    answer: drained,
    status: 202,
  }),
  info: route({ method: 'GET', path: '/info', what: 'Addresses, credentials and how it was started.', answer: info }),
  nodes: route({
    method: 'GET',
    path: '/nodes',
    what: 'The nodes that share the database, and the leases of each; a single one where nothing is shared.',
    answer: fields({ nodes: v.array(nodeView) }),
  }),
  reset: route({
    method: 'POST',
    path: '/reset',
    what: 'Back to how it was started, publishers, faults and clock included; or one bucket emptied. Of all nodes that share the database: 503 when one does not follow in time.',
    body: fields({ bucket: documented(optional(text), 'Only this one; faults and clock stay.') }),
    progress: true,
    answer: fields({ ok: v.literal(true), durationMs: v.number() }),
  }),
  seed: route({
    method: 'POST',
    path: '/seed',
    what: 'Makes buckets, objects, channels, and recordings of the past.',
    body: seedSchema,
    progress: true,
    answer: fields({
      buckets: integer(0),
      objects: integer(0),
      channels: integer(0),
      pushes: integer(0),
      fragments: integer(0),
      durationMs: v.number(),
    }),
  }),

  backup: route({
    method: 'POST',
    path: '/backup',
    what: 'Copies the data folder while it is used; to restore it, start with the copy as `--data-dir`.',
    body: fields({
      folder: documented(text, 'An absolute path on the machine of the emulator: does not exist, or is empty.'),
    }),
    answer: fields({
      folder: text,
      files: integer(0),
      sizeBytes: integer(0),
      missing: documented(integer(0), 'Files that rows name, but that were not there.'),
      changed: documented(integer(0), 'Files of another size than what was stored, copied as they are.'),
      durationMs: v.number(),
    }),
  }),

  export: route({
    method: 'GET',
    path: '/export',
    what: 'Everything as one file, as it is at this moment, to be imported by an emulator with whatever storage. It has no keys and other secrets, but those in settings (`callback` URLs, keys of notifications). For an emulator without other nodes.',
    answer: EXPORT_TYPE,
  }),
  import: route({
    method: 'POST',
    path: '/import',
    what: 'Puts an export in the place of everything that there is, as a reset does: pushes end, faults are cleared, and the clock becomes that of the export. Nothing changes before the whole file has come and was found good; otherwise 400. For an emulator without other nodes.',
    upload: EXPORT_TYPE,
    progress: true,
    answer: fields({
      buckets: integer(0),
      objects: documented(integer(0), 'Previous versions and delete markers included.'),
      channels: integer(0),
      fragments: integer(0),
      sizeBytes: documented(integer(0), 'Of the bytes of objects.'),
      durationMs: v.number(),
    }),
  }),
  usage: route({
    method: 'GET',
    path: '/usage',
    what: 'What is stored: the buckets, with the number and size of their objects and the number of their channels.',
    answer: fields({
      buckets: v.array(
        fields({
          name: text,
          objects: documented(integer(0), 'Previous versions included.'),
          sizeBytes: integer(0),
          channels: integer(0),
        }),
      ),
    }),
  }),

  clock: route({ method: 'GET', path: '/clock', what: 'What time it is in here.', answer: clockState }),
  freezeClock: route({ method: 'POST', path: '/clock/freeze', what: 'Time stands still.', answer: clockState }),
  setClock: route({
    method: 'POST',
    path: '/clock/set',
    what: 'Jumps to a point in time; forwards, timers on the way fire.',
    body: fields({ to: moment }),
    answer: clockState,
  }),
  advanceClock: route({
    method: 'POST',
    path: '/clock/advance',
    what: 'Moves time forward; timers on the way fire, each at its time.',
    body: fields({ ms: integer(0) }),
    answer: clockState,
  }),
  resumeClock: route({
    method: 'POST',
    path: '/clock/resume',
    what: 'Time runs on from where it stands.',
    answer: clockState,
  }),
  resetClock: route({ method: 'POST', path: '/clock/reset', what: 'Back to the real time.', answer: clockState }),

  runLifecycle: route({
    method: 'POST',
    path: '/lifecycle/run',
    what: 'Executes the lifecycle rules of the buckets by the present time, and answers when that is done.',
    body: fields({ bucket: documented(optional(text), 'Only those of this one.') }),
    answer: fields({
      buckets: documented(v.array(lifecycleView), 'Those in which something was due.'),
      durationMs: v.number(),
    }),
  }),

  faults: route({
    method: 'GET',
    path: '/faults',
    what: 'The rules that are set, in the order in which they are tried.',
    answer: fields({ faults: v.array(fault) }),
  }),
  faultOperations: route({
    method: 'GET',
    path: '/faults/operations',
    what: 'The operations that a rule can match: those of OSS and those of ApsaraVideo Live.',
    answer: fields({ oss: v.array(text), live: v.array(text) }),
  }),
  addFault: route({
    method: 'POST',
    path: '/faults',
    what: 'Sets a rule.',
    body: faultRuleSchema,
    answer: fault,
    status: 201,
  }),
  removeFault: route({ method: 'DELETE', path: '/faults/:id', what: 'Removes a rule.', params: byId, answer: done }),
  clearFaults: route({ method: 'DELETE', path: '/faults', what: 'Removes every rule.', answer: done }),

  publish: route({
    method: 'POST',
    path: '/publish',
    what: 'Begins to push a clip over RTMP, as an encoder would; answers when the push was accepted.',
    body: publishRequestSchema,
    answer: running,
    status: 202,
  }),
  publishes: route({
    method: 'GET',
    path: '/publish',
    what: 'The pushes begun here, the latest last.',
    answer: fields({ publishes: v.array(running) }),
  }),
  stopPublish: route({
    method: 'DELETE',
    path: '/publish/:id',
    what: 'Ends one; answers when everything it sent is stored.',
    params: byId,
    answer: running,
  }),

  sign: route({
    method: 'POST',
    path: '/sign',
    what: 'A signed ingest URL, ready to paste.',
    body: signRequest,
    answer: signedUrls,
  }),
  presign: route({
    method: 'POST',
    path: '/presign',
    what: 'Signs a request of the REST API of OSS, for programs that have no SDK; the page does with it all that it does to buckets and objects.',
    body: presignRequest,
    answer: presignedUrl,
  }),
  ...CHANNEL_API,

  ...LIVE_API,

  events: route({
    method: 'GET',
    path: '/events',
    what: 'What happened, in order, on all nodes that share the database; with `waitMs` answers as soon as there is something.',
    query: fields({
      after: documented(optional(numberText), 'Only events with a higher id; default 0, all that are remembered.'),
      waitMs: documented(optional(numberText), 'Wait so long for the first; at most 60000, default 0.'),
      limit: documented(optional(numberText), 'Default 1000.'),
      ...eventFilter,
    }),
    answer: eventPage,
  }),
  eventStream: route({
    method: 'GET',
    path: '/events/stream',
    what: 'The same as server-sent events; continues after `Last-Event-ID` or `after`, otherwise with the next event.',
    query: fields({ after: optional(numberText), ...eventFilter }),
    answer: 'text/event-stream',
  }),
  requests: route({
    method: 'GET',
    path: '/requests',
    what: 'The latest requests to OSS and to ApsaraVideo Live that this node answered, latest first, with the reason of every refusal.',
    query: fields({
      limit: documented(optional(numberText), 'Default 100.'),
      operation: optional(text),
      bucket: optional(text),
      refused: documented(optional(v.picklist(['true', 'false'])), 'Only those that were (not) refused.'),
    }),
    answer: fields({ requests: v.array(request) }),
  }),
  repeatRequest: route({
    method: 'GET',
    path: '/requests/:requestId',
    what: 'How one of the latest requests to OSS that this node answered can be made again: signed anew, as curl, and as code for SDKs.',
    params: fields({ requestId: text }),
    answer: repeatView,
  }),

  metrics: route({
    method: 'GET',
    path: '/metrics',
    what: 'Counters and gauges for Prometheus; docs/metrics.md lists them.',
    answer: 'text/plain',
  }),
  openapi: route({
    method: 'GET',
    path: '/openapi.json',
    what: 'This API as OpenAPI 3.1.',
    callers: 'visitor',
    answer: v.looseObject({ openapi: v.literal('3.1.0') }),
  }),
} as const;

export type Api = typeof API;
