/** The part of MNS over HTTP that a consumer of notifications needs. `isMnsRequest` recognizes its requests. */

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { ReadPresent } from '../../aliyun/auth/request-time.ts';
import type { KeyRing } from '../../aliyun/auth/signed-request.ts';
import { errorText } from '../../base/error-text.ts';
import type { Log } from '../../base/log.ts';
import type { Answer } from '../../http/answer.ts';
import { readBody } from '../../http/body.ts';
import { newRequestId } from '../../http/request-id.ts';
import { sendAnswer } from '../../http/send.ts';
import { isStoreAway, logFailedRequest, machineFault } from '../../storage/machine-fault.ts';
import { MAX_DOCUMENT_BYTES, mnsErrorDocument } from './mns-documents.ts';
import { MnsError } from './mns-error.ts';
import { type MnsAnswer, type MnsCall, runOperation } from './mns-operations.ts';
import type { MnsService } from './mns-service.ts';
import { CERTIFICATE_PATH, MNS_VERSION } from './notification.ts';
import type { SharedDefinitions } from './shared-definitions.ts';
import { verifyRequest } from './signature.ts';

export interface MnsAppDeps {
  readonly readPresent: ReadPresent;
  readonly log: Log;
  readonly keys: KeyRing;
  readonly service: MnsService;
  /** Where nodes share the definitions. */
  readonly shared: SharedDefinitions | undefined;
  /** Whether a request must be signed. */
  readonly verify: boolean;
  /** In PEM; for the subscribers, to verify the signatures of pushes. */
  readonly certificatePem: () => Promise<string>;
  /** `http://host:port` by which this client reaches the emulator. */
  readonly serviceUrl: (request: IncomingMessage) => string;
}

/** No other service uses this form of Authorization or this version header. */
export function isMnsRequest({ headers, url }: IncomingMessage): boolean {
  return (
    headers.authorization?.startsWith('MNS ') === true ||
    headers['x-mns-version'] !== undefined ||
    url === CERTIFICATE_PATH
  );
}

export function createMnsApp(deps: MnsAppDeps): RequestListener {
  return (request, response) => {
    serve(request, response, deps).catch((error) => {
      deps.log.debug('connection', { reason: errorText(error) });
      response.destroy();
    });
  };
}

async function serve(request: IncomingMessage, response: ServerResponse, deps: MnsAppDeps): Promise<void> {
  if (request.url === CERTIFICATE_PATH) {
    response.setHeader('content-type', 'application/x-pem-file');
    response.end(await deps.certificatePem());
    return;
  }
  const requestId = newRequestId();
  await sendAnswer(mnsAnswer(await answerRequest(request, response, requestId, deps), requestId), response);
}

function mnsAnswer({ status, document = '', location }: MnsAnswer, requestId: string): Answer {
  return {
    status,
    headers: {
      ...(document !== '' && { 'content-type': 'text/xml;charset=utf-8' }),
      ...(location !== undefined && { location }),
      'x-mns-request-id': requestId,
      'x-mns-version': MNS_VERSION,
    },
    ...(status !== 204 && { body: document }),
  };
}

/** The answer to a request that nobody can work on now; undefined for one that is not for MNS. */
export function mnsBusyAnswer(request: IncomingMessage): Answer | undefined {
  if (!isMnsRequest(request)) return undefined;
  const requestId = newRequestId();
  const error = new MnsError('ServiceUnavailable');
  return mnsAnswer(refusalAnswerOf(error, requestId, request.headers.host ?? ''), requestId);
}

function refusalAnswerOf(refusal: MnsError, requestId: string, host: string): MnsAnswer {
  return { status: refusal.status, document: mnsErrorDocument(refusal, requestId, host) };
}

async function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
  { readPresent, log, keys, service, shared, verify, serviceUrl }: MnsAppDeps,
): Promise<MnsAnswer> {
  const { method = '', url: target = '/', headers } = request;
  const [path = '', query] = target.split('?');
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    const refuse = (reason: string) => new MnsError('InvalidArgument', { reason });
    const body = await readBody(request, MAX_DOCUMENT_BYTES, refuse);
    if (!body) throw refuse('the body is too large');
    if (verify) verifyRequest({ method, target, headers: singleHeaders(headers) }, body, keys, readPresent({}));
    const call: MnsCall = {
      method,
      path,
      query: new URLSearchParams(query),
      body,
      serviceUrl: serviceUrl(request),
      gone: gone.signal,
    };
    const answer = await runOperation(call, service, shared);
    log.info('mns.request', { id: requestId, op: `${method} ${path}`, status: answer.status });
    return answer;
  } catch (error) {
    const refusal = toMnsError(error);
    if (refusal !== error) logFailedRequest(log, error, { id: requestId });
    const { status, code, reason } = refusal;
    log.info('mns.request', { id: requestId, op: `${method} ${path}`, status, code, reason });
    return refusalAnswerOf(refusal, requestId, headers.host ?? '');
  }
}

function toMnsError(error: unknown): MnsError {
  if (error instanceof MnsError) return error;
  if (isStoreAway(error)) return new MnsError('ServiceUnavailable', { reason: error.message });
  return new MnsError('InternalError', { reason: machineFault(error) });
}

/** Node joins repeated headers into one text, except a few that MNS does not use. */
function singleHeaders(headers: IncomingMessage['headers']): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => !Array.isArray(entry[1])),
  );
}
