import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type Endpoint, readHost } from '../aliyun/endpoint.ts';
import { errorStack } from '../base/error-text.ts';
import type { Log } from '../base/log.ts';
import { ADMIN_PREFIX } from '../control-plane/admin/admin-app.ts';
import { isMnsRequest } from '../notify/mns/mns-app.ts';

/** Answers a request and resolves to true if it is its own; else nothing has happened to it. */
export type TakeRequest = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

export interface Listeners {
  /** Asked first, one after the other. */
  readonly takers: readonly TakeRequest[];
  readonly mns: RequestListener;
  /** Absent: the path is a key like any other. */
  readonly admin?: RequestListener;
  readonly rest: RequestListener;
}

/**
 * One port for everything that speaks HTTP. Who recognizes its requests by their form is asked first; the admin path is
 * ours on every host that names no bucket, and in a bucket a key like any other; what remains is OSS.
 */
export function splitRequests({ takers, ...listeners }: Listeners, endpoint: Endpoint, log: Log): RequestListener {
  const split = async (request: IncomingMessage, response: ServerResponse) => {
    for (const take of takers) {
      if (await take(request, response)) return;
    }
    listenerFor(request, listeners, endpoint)(request, response);
  };
  return (request, response) => {
    split(request, response).catch((error) => {
      // Who left in the middle of a body, or of the answer, is nobody's bug.
      if (request.socket.destroyed) log.debug('connection', { reason: String(error) });
      else log.error('bug', { stack: errorStack(error) });
      response.destroy();
    });
  };
}

function listenerFor(
  request: IncomingMessage,
  { mns, admin, rest }: Omit<Listeners, 'takers'>,
  endpoint: Endpoint,
): RequestListener {
  if (isMnsRequest(request)) return mns;
  const isAdmin = request.url === ADMIN_PREFIX || request.url?.startsWith(`${ADMIN_PREFIX}/`) === true;
  return admin && isAdmin && readHost(request.headers.host, endpoint).style === 'path' ? admin : rest;
}
