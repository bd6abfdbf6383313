/**
 * OSS over HTTP, from a request to its answer: id -> address -> authenticate -> detect -> authorize -> handle -> error
 * to XML. Order of the checks and form of errors: "Error responses" and "Common HTTP headers" pages.
 */

import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import Koa from 'koa';
import type { AuthMode } from '../../aliyun/auth/mode.ts';
import type { ReadPresent } from '../../aliyun/auth/request-time.ts';
import type { ReceivedRequest, Resource } from '../../aliyun/auth/signed-request.ts';
import { SigningKeys } from '../../aliyun/auth/signing-keys.ts';
import { type Endpoint, readHost, regionOfHost, urlBaseFor } from '../../aliyun/endpoint.ts';
import { errorStack, errorText } from '../../base/error-text.ts';
import { OssError } from '../../base/errors.ts';
import { KeyedLock } from '../../base/keyed-lock.ts';
import type { Log } from '../../base/log.ts';
import { decodeHttpPath, readResource } from '../../http/address.ts';
import type { Answer } from '../../http/answer.ts';
import { type AnsweredRequest, type FindRestFault, type RestFault, shapeAnswer } from '../../http/observer.ts';
import { localAuthority, readQuery, receiveRequest } from '../../http/receive-request.ts';
import { sendAnswer } from '../../http/send.ts';
import { socketAddresses } from '../../net/socket-addresses.ts';
import type { Bucket } from '../../storage/metadata/metadata-store.ts';
import { openPostedForm } from '../form/posted-form.ts';
import { authorizeAccount, authorizeInBucket, requireBucket } from './authorize.ts';
import { answerPreflight, corsHeaders, corsOf, varyHeader } from './cors.ts';
import { createDetect, createIsSubResourceName, type Detect } from './detect.ts';
import { refuseEncryption } from './encryption.ts';
import { ossErrorAnswer, toOssError } from './error-answer.ts';
import { visibleHeaders } from './hidden-headers.ts';
import { identify, identifyForm } from './identify.ts';
import { badAddress, checkObjectKey } from './object/object-names.ts';
import type { Operation } from './operation.ts';
import { OPERATIONS } from './operations.ts';
import { checkReferer } from './referer.ts';
import type { BucketCall, Call, Services } from './rest-call.ts';
import { serveWebsite } from './serve-website.ts';

export interface RestOptions {
  readonly endpoint: Endpoint;
  /** The base of URLs in answers, instead of the address of the request, e.g. `http://media.example.test:9000`. */
  readonly publicUrl?: string;
  /** Any web page may read objects of buckets without CORS rules. Default true. */
  readonly defaultCors?: boolean;
  /** Default `strict`. */
  readonly authMode?: AuthMode;
  /** The region of V4 signatures where the host names none; without it any is accepted there. */
  readonly signingRegion?: string;
}

export interface RestDeps {
  readonly services: Omit<Services, 'bucketLock'>;
  /** The present, for the checks of signatures. */
  readonly readPresent: ReadPresent;
  readonly options: RestOptions;
  readonly log: Log;
  /** Called for every request, after its answer was handed to the connection. */
  readonly onAnswered?: (request: AnsweredRequest) => void;
  /** Called before every operation. */
  readonly findFault?: FindRestFault;
}

/** Of a read that a website makes: what the browser asked for selects no operation. */
const NO_QUERY: ReadonlyMap<string, string> = new Map();

/** What the steps of the pipeline share. */
interface Pipeline extends RestDeps {
  readonly detect: Detect;
  /** Whether a query parameter makes another operation. */
  readonly isSubResourceName: (name: string) => boolean;
  readonly signingKeys: SigningKeys;
  readonly services: Services;
}

/** The known facts of a request at any step, for the log line and the headers of the answer. */
interface Trace {
  readonly requestId: string;
  readonly startedMs: number;
  operation?: string;
  resource?: Resource;
  bucket?: Bucket | undefined;
  cors: Readonly<Record<string, string>>;
  refusal?: OssError;
  fault?: RestFault | undefined;
}

/** A Koa application for `http.createServer(app.callback())`, or for mounting behind other middleware. */
export function createRestApp(deps: RestDeps): Koa {
  const detect = createDetect(OPERATIONS);
  const pipeline = {
    ...deps,
    detect,
    isSubResourceName: createIsSubResourceName(OPERATIONS),
    signingKeys: new SigningKeys(),
    services: { ...deps.services, bucketLock: new KeyedLock() },
  };
  const app = new Koa();
  // Broken connections only; errors within a request are answered.
  app.on('error', (error: Error) => deps.log.debug('connection', { reason: error.message }));
  app.use(async (context) => {
    context.respond = false;
    await serveRequest(context.req, context.res, pipeline);
  });
  return app;
}

async function serveRequest(request: IncomingMessage, response: ServerResponse, pipeline: Pipeline): Promise<void> {
  const { clock } = pipeline.services;
  const received = receiveRequest(request);
  const trace = beginTrace(clock.now());
  const plain = await answerRequest(received, request, pipeline, trace);
  const answer = shapeAnswer(plain, trace.fault?.shape);
  const elapsedMs = Math.max(0, clock.now() - trace.startedMs);
  const headers = {
    ...commonHeaders(trace, elapsedMs),
    ...trace.cors,
    ...answer.headers,
    ...varyHeader(trace.bucket, answer.headers.vary),
  };
  let cut: string | undefined;
  try {
    await sendAnswer({ ...answer, headers: visibleHeaders(headers, trace.bucket, trace.operation) }, response);
  } catch (error) {
    response.destroy();
    cut = `answer cut: ${errorText(error)}`;
  }
  report(request, answer.status, pipeline, trace, cut);
}

async function answerRequest(
  received: ReceivedRequest,
  body: IncomingMessage,
  pipeline: Pipeline,
  trace: Trace,
): Promise<Answer> {
  try {
    return await handleRequest(received, body, pipeline, trace);
  } catch (error) {
    trace.refusal = toOssError(error);
    const { reason } = trace.refusal;
    if (trace.refusal !== error) {
      const what = reason === undefined ? { stack: errorStack(error) } : { reason };
      pipeline.log.error(reason === undefined ? 'bug' : 'machine.fault', { id: trace.requestId, ...what });
    }
    return ossErrorAnswer(trace.refusal, received.method, trace.requestId, received.headers.get('host') ?? '');
  }
}

async function handleRequest(
  received: ReceivedRequest,
  body: IncomingMessage,
  pipeline: Pipeline,
  trace: Trace,
): Promise<Answer> {
  const { isSubResourceName, signingKeys, services, readPresent, options, log } = pipeline;
  const { method, headers } = received;
  const host = readHost(headers.get('host'), options.endpoint);
  const query = readQuery(received.rawQuery);
  const path = decodeHttpPath(received.rawPath);
  if (path === undefined) throw badAddress(query);
  const candidates = readResource(host, path);
  trace.resource = candidates[0];

  if (headers.has('origin') || method === 'OPTIONS') {
    const [{ bucket, key }] = candidates;
    trace.bucket = await services.metadata.getBucket(bucket);
    const cors = corsOf(trace.bucket, key !== '' && options.defaultCors !== false);
    if (method === 'OPTIONS') {
      trace.operation = 'OptionObject';
      return answerPreflight(cors, headers);
    }
    trace.cors = corsHeaders(cors, headers.get('origin'), method);
  }

  const identifying = {
    ...readPresent(candidates[0]),
    mode: options.authMode ?? 'strict',
    keys: services.keys,
    signingKeys,
    region: regionOfHost(headers.get('host')) ?? options.signingRegion,
    onLetThrough: ({ code, ec, reason }: OssError) =>
      log.warn('auth.let-through', { id: trace.requestId, code, ec, reason }),
  };
  const urls = urlBaseFor(host, headers.get('host'), localAuthority(body), options.publicUrl);
  const asked = { method, query, body, urls, onBucketHost: host.style === 'bucket' };
  if (!isFormPost(method, candidates[0], query, isSubResourceName)) {
    return handleCall({ ...asked, headers, caller: identify(received, candidates, identifying) }, pipeline, trace);
  }
  const { bucket } = candidates[0];
  const since = services.objects.epoch(bucket);
  const form = await openPostedForm(body, headers);
  try {
    services.objects.checkEpoch(bucket, since);
    const caller = identifyForm(form.fields, candidates[0], identifying);
    return await handleCall({ ...asked, headers: form.headers, caller, form }, pipeline, trace);
  } finally {
    form.close();
  }
}

/** Whether a POST to a bucket is PostObject: no parameter selects another operation. */
function isFormPost(
  method: string,
  { bucket, key }: Resource,
  query: ReadonlyMap<string, string>,
  isSubResourceName: (name: string) => boolean,
): boolean {
  if (method !== 'POST' || bucket === '' || key !== '') return false;
  return ![...query.keys()].some(isSubResourceName);
}

/** A request whose caller is known. */
type IdentifiedCall = Omit<Call, 'requestId' | 'bucketName' | 'key'> & { readonly method: string };

async function handleCall(
  { method, ...asked }: IdentifiedCall,
  { detect, services, findFault }: Pipeline,
  trace: Trace,
): Promise<Answer> {
  const { resource } = asked.caller;
  const operation = detect({ method, resource, query: asked.query, headers: asked.headers });
  const { bucket: bucketName } = resource;
  const key = asked.form?.key ?? resource.key;
  trace.resource = { bucket: bucketName, key };
  trace.operation = operation.name;
  trace.fault = findFault?.({ operation: operation.name, bucket: bucketName, key });
  await trace.fault?.strike(asked.body);
  const call = { ...asked, requestId: trace.requestId, bucketName, key };
  return runOperation(operation, call, { detect, services }, trace);
}

async function runOperation(
  operation: Operation,
  call: Call,
  { detect, services }: Pick<Pipeline, 'detect' | 'services'>,
  trace: Trace,
): Promise<Answer> {
  const { handler } = operation;
  if (!handler) {
    throw new OssError('NotImplemented', `The emulator does not implement the operation ${operation.name}.`);
  }
  if (handler.scope === 'account') {
    authorizeAccount(operation, call, services);
    return handler.run(call, services);
  }
  trace.bucket = await requireBucket(call.bucketName, services);
  const bucketCall = { ...call, bucket: trace.bucket };
  const page = await serveWebsite(operation, bucketCall, (read) => {
    const { method } = operation;
    const found = detect({
      method,
      resource: { bucket: read.bucketName, key: read.key },
      query: NO_QUERY,
      headers: read.headers,
    });
    return runInBucket(found, read, services);
  });
  return page ?? runInBucket(operation, bucketCall, services);
}

async function runInBucket(operation: Operation, call: BucketCall, services: Services): Promise<Answer> {
  const { handler } = operation;
  if (handler?.scope !== 'bucket') throw new RangeError(`${operation.name} is no operation in a bucket`);
  await authorizeInBucket(operation, call, services);
  refuseEncryption(operation.name, call);
  if (operation.permission === 'read object') checkReferer(call.bucket, call);
  if (operation.level === 'object') checkObjectKey(call.key);
  return handler.run(call, services);
}

function beginTrace(nowMs: number): Trace {
  // As at the service: 24 digits, of which the first 8 are the time.
  const seconds = Math.floor(nowMs / 1000)
    .toString(16)
    .padStart(8, '0')
    .slice(-8);
  const random = randomUUID().replaceAll('-', '').slice(-16);
  return { requestId: `${seconds}${random}`.toUpperCase(), startedMs: nowMs, cors: {} };
}

function commonHeaders(trace: Trace, elapsedMs: number): Readonly<Record<string, string>> {
  return {
    server: 'AliyunOSS',
    date: new Date(trace.startedMs + elapsedMs).toUTCString(),
    'x-oss-request-id': trace.requestId,
    'x-oss-server-time': String(Math.round(elapsedMs)),
  };
}

/** Writes the log line and calls `onAnswered`. */
function report(request: IncomingMessage, status: number, pipeline: Pipeline, trace: Trace, cut?: string): void {
  const { requestId, operation, resource, refusal } = trace;
  const { method = '', url = '', socket } = request;
  const bucket = resource?.bucket || undefined;
  const key = resource?.key || undefined;
  const durationMs = Math.max(0, pipeline.services.clock.now() - trace.startedMs);
  const { code, ec, reason } = refusal ?? {};
  const line = { id: requestId, op: operation ?? method, bucket, key, status, code, ec, ms: durationMs };
  pipeline.log.info('request', { ...line, reason: cut ?? reason });
  const { remoteAddr } = socketAddresses(socket);
  const answered = { requestId, remoteAddr, method, target: url, operation, bucket, key, status, durationMs, refusal };
  pipeline.onAnswered?.(answered);
}
