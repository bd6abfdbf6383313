import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type Endpoint, readHost } from '../aliyun/endpoint.ts';
import { errorStack, errorText } from '../base/error-text.ts';
import type { Log } from '../base/log.ts';
import { ADMIN_PREFIX } from '../control-plane/admin/admin-app.ts';
import { isMnsRequest } from '../notify/mns/mns-app.ts';

/** Answers a request that is its own and resolves to true; leaves any other untouched and resolves to false. */
export type TakeRequest = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

export interface Listeners {
  /** Called first, one after the other. */
  readonly takers: readonly TakeRequest[];
  readonly mns: RequestListener;
  /** Undefined: the path is a key like any other. */
  readonly admin: RequestListener | undefined;
  readonly rest: RequestListener;
}

/**
 * One port for everything that speaks HTTP. The sides that recognize their requests by form come first. The admin path
 * belongs to the emulator on every host that names no bucket; where the host names one, it is a key like any other. All
 * other requests are OSS.
 */
export function splitRequests(listeners: Listeners, endpoint: Endpoint, log: Log): RequestListener {
  const split = async (request: IncomingMessage, response: ServerResponse) => {
    for (const take of listeners.takers) {
      if (await take(request, response)) return;
    }
    listenerFor(request, listeners, endpoint)(request, response);
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

function listenerFor(request: IncomingMessage, { mns, admin, rest }: Listeners, endpoint: Endpoint): RequestListener {
  if (isMnsRequest(request)) return mns;
  const isAdmin = request.url === ADMIN_PREFIX || request.url?.startsWith(`${ADMIN_PREFIX}/`) === true;
  return admin && isAdmin && readHost(request.headers.host, endpoint).style === 'path' ? admin : rest;
}
