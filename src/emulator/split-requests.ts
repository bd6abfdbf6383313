import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type Endpoint, readHost } from '../aliyun/endpoint.ts';
import { errorStack, errorText } from '../base/error-text.ts';
import { OssError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { decodeHttpPath, splitTarget } from '../http/address.ts';
import { isolate, isScriptOfOrigin } from '../http/isolation.ts';
import { isOwnPath } from '../http/own-path.ts';
import type { RequestAdmission } from '../http/request-admission.ts';
import { newRequestId } from '../http/request-id.ts';
import { sendAnswer } from '../http/send.ts';
import { ossErrorAnswer } from '../oss/rest/error-answer.ts';
import { busyAnswer } from './busy-answer.ts';

/** Answers a request that is its own and resolves to true; leaves any other untouched and resolves to false. */
export type TakeRequest = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

/** Some sides recognize their requests by form; all others are for one of them. */
export interface Sides {
  /** Called first, one after the other. */
  readonly takers: readonly TakeRequest[];
  readonly listener: RequestListener;
}

/** The side of the emulator itself. */
export interface OwnSides extends Sides {
  /** Takes requests for the service that are to be led to the page. */
  readonly fromRoot: TakeRequest;
}

export interface Listeners {
  /** What is below the prefix of the emulator. Undefined: a path like any other. */
  readonly own: OwnSides | undefined;
  readonly service: Sides;
  /** Of the requests for the service. What is below the prefix is to show what goes on. */
  readonly admission: Pick<RequestAdmission, 'admit' | 'retryAfterSec'>;
}

/**
 * One port for everything that speaks HTTP. The emulator has a path of its own on every host that names no bucket; where
 * the host names one, that path is a key like any other. Everything else is the service. On the hosts of the page it is
 * kept apart from the page.
 */
export function splitRequests({ own, service, admission }: Listeners, endpoint: Endpoint, log: Log): RequestListener {
  const serve = (request: IncomingMessage, response: ServerResponse) =>
    admission.admit()
      ? pass(service, request, response)
      : sendAnswer(busyAnswer(request, admission.retryAfterSec), response);
  const split = async (request: IncomingMessage, response: ServerResponse) => {
    if (readHost(request.headers.host, endpoint).style === 'bucket') return serve(request, response);
    if (own && isOwn(request)) return pass(own, request, response);
    if (own && (await own.fromRoot(request, response))) return;
    isolate(response);
    if (!isScriptOfOrigin(request)) return serve(request, response);
    log.warn('request.refused', { method: request.method, reason: 'a script for the origin of the page' });
    return refuseScript(request, response);
  };
  return (request, response) => {
    split(request, response).catch((error) => {
      // A client that disconnects in the middle of a body or an answer is not a bug.
      if (request.socket.destroyed) log.debug('connection', { reason: errorText(error) });
      else log.error('bug', { stack: errorStack(error) });
      response.destroy();
    });
  };
}

async function pass({ takers, listener }: Sides, request: IncomingMessage, response: ServerResponse): Promise<void> {
  for (const take of takers) {
    if (await take(request, response)) return;
  }
  listener(request, response);
}

/** By the decoded path, as the sides read it; by the received one if it cannot be decoded, which they refuse. */
function isOwn({ url = '/' }: IncomingMessage): boolean {
  const { rawPath } = splitTarget(url);
  return isOwnPath(decodeHttpPath(rawPath) ?? rawPath);
}

function refuseScript(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const refusal = new OssError(
    'AccessDenied',
    'No object is a script on a host name of the page of the emulator; use the host name of the bucket.',
  );
  const { method = '', headers } = request;
  return sendAnswer(ossErrorAnswer(refusal, method, newRequestId(), headers.host ?? ''), response);
}
