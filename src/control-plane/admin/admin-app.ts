import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import Router from '@koa/router';
import Koa, { type Context } from 'koa';
import { RpcError } from '../../aliyun/rpc-error.ts';
import { systemClock } from '../../base/clock.ts';
import { errorText } from '../../base/error-text.ts';
import { OssError, UsageError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { type ReportProgress, unreported } from '../../base/progress.ts';
import { readFields } from '../../base/schema.ts';
import { decodeHttpPath, splitTarget } from '../../http/address.ts';
import { bodyChunks, readBody } from '../../http/body.ts';
import { acceptsGzip } from '../../http/gzip.ts';
import { OWN_PREFIX } from '../../http/own-path.ts';
import { cutReason } from '../../http/send.ts';
import { isLoopback } from '../../net/loopback.ts';
import { MnsError } from '../../notify/mns/mns-error.ts';
import { RtmpRefusedError } from '../../rtmp/client.ts';
import { isStoreAway, logFailedRequest, machineFault } from '../../storage/machine-fault.ts';
import { NotFound } from '../control/not-found.ts';
import type { Component } from '../control/readiness.ts';
import { NoRoomForImport } from '../export-file/disk-full.ts';
import { EXPORT_TYPE } from '../export-file/export-format.ts';
import { serveConsole } from './console.ts';
import { API, type Api } from './control-api.ts';
import { methodsOf } from './endpoints.ts';
import { readFilter } from './event-feed.ts';
import { streamEvents } from './event-stream.ts';
import { createHandlers, type HandlerDeps, type SpecialCall } from './handlers.ts';
import type { Metrics } from './metrics.ts';
import { openApiDocument } from './openapi.ts';
import { leadToPage, readDotNames } from './places.ts';
import { LINES_TYPE, ProgressLines } from './progress-lines.ts';
import { refusalOf } from './refusal.ts';
import type { InputOf, Route } from './route.ts';
import { writeRefusal } from './written-refusal.ts';

/** The path of the control API and the page. No bucket name has an underscore, so it hides no bucket. */

/** What a browser saves an export as. */
const EXPORT_NAME = 'oss-livechannel-export.tar';

/** Large, because seeds may contain objects. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** The explanation of a refused call is text; what it quotes came from a request. */
const EXPLANATION_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

export interface AdminDeps extends HandlerDeps {
  /** What the page must send with its calls. */
  readonly token: string;
  readonly log: Log;
  readonly metrics: Metrics;
  /** The page that says why a call of ApsaraVideo Live was refused. */
  readonly explanation: (requestId: string) => string;
}

/** Less is a packet or three anyway. */
const LARGE_CHARS = 4 * 1024;

const compress = promisify(gzip);

const NO_SCRIPTS = "script-src 'none'; object-src 'none'; frame-ancestors 'none'";

type Answerer = (input: unknown, report: ReportProgress, context: Context) => unknown;

/** The control API and the page. The guard comes before it. */
export function createAdminApp(deps: AdminDeps): Koa {
  const router = new Router({ prefix: OWN_PREFIX });
  // The cast: TypeScript cannot express in a loop that each handler takes the input of its own route.
  const answerers = { ...createHandlers(deps), ...specialHandlers(deps) } as Record<string, Answerer>;
  for (const [name, route] of Object.entries<Route>(API)) {
    const answer = answerers[name];
    if (!answer) throw new Error(`the call ${name} has no handler`);
    router.register(route.path, [route.method], (context: Context) => serve(context, route, answer, deps.log));
  }
  router.get('/errors', (context) => {
    context.type = 'html';
    context.set('content-security-policy', EXPLANATION_POLICY);
    context.body = deps.explanation(String(context.query.requestId ?? ''));
  });
  const app = new Koa();
  app.on('error', (error: Error) => deps.log.debug('connection', { reason: error.message }));
  app.use((context, next) => {
    // Opened in a window, an answer is a document of the page's origin: it runs nothing, unless it has a policy of its own.
    context.set('content-security-policy', NO_SCRIPTS);
    return answerErrors(context, next, deps.log);
  });
  app.use(refuseUnreadablePath);
  app.use(leadToPage(OWN_PREFIX));
  app.use(readDotNames);
  app.use(router.routes());
  app.use(serveConsole(OWN_PREFIX, deps.token));
  app.use(refuseUnknown);
  return app;
}

/** The router would take a name that it cannot decode as it is. */
function refuseUnreadablePath(context: Context, next: () => Promise<unknown>): Promise<unknown> {
  if (decodeHttpPath(splitTarget(context.url).rawPath) !== undefined) return next();
  throw new UsageError('The path has a bad escape, is not UTF-8, or holds a NUL; percent-encode its names as UTF-8.');
}

function refuseUnknown(context: Context): void {
  const { method, path } = context;
  const allowed = methodsOf(path.slice(OWN_PREFIX.length));
  const isWrongMethod = allowed.length > 0 && !allowed.includes(method);
  const what = isWrongMethod ? `${path} takes ${allowed.join(', ')}, not ${method}` : `There is nothing at ${path}`;
  if (isWrongMethod) context.set('allow', allowed.join(', '));
  context.status = isWrongMethod ? 405 : 404;
  const { headers, body } = writeRefusal(`${what}; see ${OWN_PREFIX}/openapi.json.`, context.headers.accept);
  context.set(headers);
  context.body = body;
}

function specialHandlers(deps: AdminDeps) {
  const { control, metrics } = deps;
  return {
    health: ({ query }: InputOf<Api['health']>, _report: ReportProgress, context: Context) => {
      const { isDraining } = control;
      if (isDraining && query.draining !== undefined) context.status = Number(query.draining);
      return { status: isDraining ? 'draining' : 'ok', version: deps.version, liveSessions: deps.countPushes() };
    },
    ready: async (_input: unknown, _report: ReportProgress, context: Context) => {
      const { isDraining: draining } = control;
      const components = await control.components();
      const ready = !draining && components.every(({ state }) => state === 'ok');
      if (!ready) context.status = 503;
      const isLocal = deps.config.adminAnywhere || isLoopback(context.req.socket.remoteAddress ?? '');
      return { ready, draining, components: isLocal ? components : components.map(withoutDetail) };
    },
    export: async (_input: unknown, _report: ReportProgress, context: Context) => {
      const file = await control.export();
      context.set({ 'content-type': EXPORT_TYPE, 'content-disposition': `attachment; filename="${EXPORT_NAME}"` });
      if (file.sizeBytes !== undefined) context.length = file.sizeBytes;
      context.respond = false;
      context.res.statusCode = 200;
      let sentBytes = 0;
      const counted = async function* () {
        for await (const chunk of file.chunks(unreported)) {
          yield chunk;
          sentBytes += chunk.length;
        }
      };
      // The caller sees by the length, and by the end that is missing, that it is not whole.
      await pipeline(counted(), context.res).catch((error: unknown) => {
        // Who has all of it closes the connection, perhaps before the temporary files are gone and the answer is ended.
        if (sentBytes === file.sizeBytes) return;
        deps.log.warn('export.broken-off', { reason: errorText(cutReason(context.res, error)) });
      });
    },
    import: async (_input: unknown, report: ReportProgress, context: Context) => {
      const startMs = deps.stopwatch();
      try {
        const imported = await control.import(bodyChunks(context.req, cutShort), report);
        return { ...imported, durationMs: deps.stopwatch() - startMs };
      } finally {
        // What was not read is read and dropped, so that a caller who is still sending receives the answer.
        context.req.resume();
      }
    },
    eventStream: ({ query }: InputOf<Api['eventStream']>, _report: ReportProgress, context: Context) => {
      const { after, ...filter } = query;
      context.respond = false;
      streamEvents(context.req, context.res, deps, after, readFilter(filter));
    },
    metrics: async (_input: unknown, _report: ReportProgress, context: Context) => {
      const { contentType, text } = await metrics.render();
      context.type = contentType;
      return text;
    },
    openapi: () => openApiDocument(deps.version, OWN_PREFIX),
  } satisfies Record<SpecialCall, unknown>;
}

function cutShort(reason: string): UsageError {
  return new UsageError(`The export did not come to its end (${reason}): nothing was imported, send it again.`);
}

async function serve(context: Context, route: Route, answer: Answerer, log: Log): Promise<void> {
  const input = {
    params: read(route.params, context.params, 'The path'),
    query: read(route.query, { ...context.query }, 'The query'),
    body: route.body ? read(route.body, await readJson(context), 'The request') : {},
  };
  if (route.progress && context.get('accept').includes(LINES_TYPE)) return serveLines(context, input, answer, log);
  context.status = route.status ?? 200;
  const body = await answer(input, unreported, context);
  if (context.respond === false) return;
  context.set('cache-control', 'no-store');
  context.body = body;
  if (typeof body === 'object' && body !== null) await compressLarge(context, JSON.stringify(body));
}

/** The page asks for lists every second while something is live, perhaps over a slow link. */
async function compressLarge(context: Context, json: string): Promise<void> {
  if (json.length < LARGE_CHARS) return;
  context.vary('accept-encoding');
  if (!acceptsGzip(context.get('accept-encoding'))) return;
  context.body = await compress(json);
  context.type = 'json';
  context.set('content-encoding', 'gzip');
}

/** An error before the first line is answered as without lines. */
async function serveLines(context: Context, input: unknown, answer: Answerer, log: Log): Promise<void> {
  const lines = new ProgressLines(context.res, systemClock);
  try {
    const result = await answer(input, (progress) => lines.report(progress), context);
    context.respond = false;
    lines.end({ result });
  } catch (error) {
    if (!lines.hasBegun) throw error;
    context.respond = false;
    logFault(error, log);
    lines.end({ error: errorText(error), status: statusOf(error) });
  }
}

function read(schema: Route['body'] | Route['query'], input: unknown, what: string): unknown {
  return schema ? readFields(schema, input, what) : {};
}

async function readJson(context: Context): Promise<unknown> {
  const body = await readBody(context.req, MAX_BODY_BYTES);
  if (!body) throw new UsageError(`The request: more than ${MAX_BODY_BYTES} bytes.`);
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    throw new UsageError(`The request is not JSON: ${errorText(error)}.`);
  }
}

async function answerErrors(context: Context, next: () => Promise<unknown>, log: Log): Promise<void> {
  try {
    await next();
  } catch (error) {
    context.status = statusOf(error);
    context.body = refusalOf(error);
    logFault(error, log);
  }
}

function logFault(error: unknown, log: Log): void {
  if (error instanceof NoRoomForImport) log.error('machine.fault', { reason: error.message });
  else if (statusOf(error) === 500 || machineFault(error) !== undefined) logFailedRequest(log, error);
}

function statusOf(error: unknown): number {
  if (error instanceof NotFound) return 404;
  if (error instanceof NoRoomForImport) return 507;
  if (error instanceof UsageError) return 400;
  if (error instanceof RtmpRefusedError || error instanceof MnsError) return 409;
  if (isStoreAway(error)) return 503;
  return error instanceof OssError || error instanceof RpcError ? error.status : 500;
}

/** Paths and addresses are nobody's business on other machines. */
function withoutDetail({ name, state }: Component): Component {
  return { name, state, detail: 'told to callers on this machine only' };
}
