/**
 * OSS over HTTP, from a request to its answer: id -> address -> authenticate -> detect -> authorize -> handle -> error
 * to XML. Order of the checks and form of errors: "Error responses" and "Common HTTP headers" pages.
 *
 * Fields that are added come before a spread: V8 takes a microsecond for each that is added to a copy.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import Koa from 'koa';
import type { AuthMode } from '../../aliyun/auth/mode.ts';
import type { ReadPresent } from '../../aliyun/auth/request-time.ts';
import type { ReceivedRequest, Resource } from '../../aliyun/auth/signed-request.ts';
import { SigningKeys } from '../../aliyun/auth/signing-keys.ts';
import { type Endpoint, readHost, regionOfHost, urlBaseFor } from '../../aliyun/endpoint.ts';
import { errorText } from '../../base/error-text.ts';
import { OssError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { decodeHttpPath, readResource } from '../../http/address.ts';
import type { Answer } from '../../http/answer.ts';
import { type AnsweredRequest, type FindRestFault, shapeAnswer } from '../../http/observer.ts';
import { localAuthority, readQuery, receiveRequest } from '../../http/receive-request.ts';
import { sendAnswer } from '../../http/send.ts';
import { logFailedRequest } from '../../storage/machine-fault.ts';
import { openPostedForm } from '../form/posted-form.ts';
import { authorizeAccount, authorizeInBucket, requireBucket } from './authorize.ts';
import { answerPreflight, corsHeaders, corsOf, varyHeader } from './cors.ts';
import { createDetect, createIsSubResourceName, type Detect } from './detect.ts';
import { refuseEncryption } from './encryption.ts';
import { ossErrorAnswer, toOssError } from './error-answer.ts';
import { visibleHeaders } from './hidden-headers.ts';
import { type IdentifyOptions, identify, identifyForm } from './identify.ts';
import { badAddress, checkObjectKey } from './object/object-names.ts';
import type { Operation } from './operation.ts';
import { OPERATIONS } from './operations.ts';
import { checkReferer } from './referer.ts';
import type { BucketCall, Call, Services } from './rest-call.ts';
import { serveWebsite } from './serve-website.ts';
import { beginTrace, commonHeaders, reportTrace, type Trace } from './trace.ts';

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
  readonly services: Services;
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

/** A Koa application for `http.createServer(app.callback())`, or for mounting behind other middleware. */
export function createRestApp(deps: RestDeps): Koa {
  const detect = createDetect(OPERATIONS);
  const pipeline = {
    ...deps,
    detect,
    isSubResourceName: createIsSubResourceName(OPERATIONS),
    signingKeys: new SigningKeys(),
    services: deps.services,
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
  const headers = Object.assign(
    commonHeaders(trace, elapsedMs),
    trace.cors,
    answer.headers,
    varyHeader(trace.bucket, answer.headers.vary),
  );
  let cut: string | undefined;
  try {
    await sendAnswer({ ...answer, headers: visibleHeaders(headers, trace.bucket, trace.operation) }, response);
  } catch (error) {
    response.destroy();
    cut = `answer cut: ${errorText(error)}`;
  }
  const { log, onAnswered } = pipeline;
  reportTrace(request, received.headers, answer.status, trace, { clock, log, onAnswered }, cut);
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
    if (trace.refusal !== error) logFailedRequest(pipeline.log, error, { id: trace.requestId });
    return ossErrorAnswer(trace.refusal, received.method, trace.requestId, received.headers.get('host') ?? '');
  }
}

async function handleRequest(
  received: ReceivedRequest,
  body: IncomingMessage,
  pipeline: Pipeline,
  trace: Trace,
): Promise<Answer> {
  const { isSubResourceName, options } = pipeline;
  const { method, headers } = received;
  const host = readHost(headers.get('host'), options.endpoint);
  const query = readQuery(received.rawQuery);
  const path = decodeHttpPath(received.rawPath);
  if (path === undefined) throw badAddress(query);
  const candidates = readResource(host, path);
  const [best] = candidates;
  trace.resource = best;

  if (headers.has('origin') || method === 'OPTIONS') {
    const preflight = await answerCors(received, best, pipeline, trace);
    if (preflight) return preflight;
  }

  const urls = urlBaseFor(host, headers.get('host'), localAuthority(body), options.publicUrl);
  const asked = { method, headers, query, body, urls, onBucketHost: host.style === 'bucket' };
  const identifying = identifyOptions(headers, best, pipeline, trace);
  if (isFormPost(method, best, query, isSubResourceName)) {
    return handleForm(asked, best, identifying, pipeline, trace);
  }
  return handleCall({ caller: identify(received, candidates, identifying), ...asked }, pipeline, trace);
}

/** What web pages of other origins are told: the answer to a preflight, or the headers of the answer to come. */
async function answerCors(
  { method, headers }: ReceivedRequest,
  { bucket, key }: Resource,
  { services, options }: Pipeline,
  trace: Trace,
): Promise<Answer | undefined> {
  trace.bucket = await services.metadata.getBucket(bucket);
  const cors = corsOf(trace.bucket, key !== '' && options.defaultCors !== false);
  if (method === 'OPTIONS') {
    trace.operation = 'OptionObject';
    return answerPreflight(cors, headers);
  }
  trace.cors = corsHeaders(cors, headers.get('origin'), method);
  return undefined;
}

function identifyOptions(
  headers: ReadonlyMap<string, string>,
  resource: Resource,
  { signingKeys, services, readPresent, options, log }: Pipeline,
  { requestId }: Trace,
): IdentifyOptions {
  return {
    mode: options.authMode ?? 'strict',
    keys: services.keys,
    signingKeys,
    region: regionOfHost(headers.get('host')) ?? options.signingRegion,
    onLetThrough: ({ code, ec, reason }) => log.warn('auth.let-through', { id: requestId, code, ec, reason }),
    ...readPresent(resource),
  };
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

/** A request as it was received, with its address read. */
type Asked = Omit<IdentifiedCall, 'caller' | 'form'>;

/** A request whose caller is known. */
type IdentifiedCall = Omit<Call, 'requestId' | 'bucketName' | 'key' | 'noteDocument'> & { readonly method: string };

/** PostObject: the form says who calls, and what for. */
async function handleForm(
  asked: Asked,
  resource: Resource,
  identifying: IdentifyOptions,
  pipeline: Pipeline,
  trace: Trace,
): Promise<Answer> {
  const { objects } = pipeline.services;
  const since = objects.epoch(resource.bucket);
  const form = await openPostedForm(asked.body, asked.headers);
  try {
    objects.checkEpoch(resource.bucket, since);
    const caller = identifyForm(form.fields, resource, identifying);
    return await handleCall({ ...asked, headers: form.headers, caller, form }, pipeline, trace);
  } finally {
    form.close();
  }
}

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
  const noteDocument = (bytes: Buffer) => {
    trace.document = bytes;
  };
  const call = { requestId: trace.requestId, bucketName, key, noteDocument, ...asked };
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
  const bucketCall = { bucket: trace.bucket, ...call };
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
