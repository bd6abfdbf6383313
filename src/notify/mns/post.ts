import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Clock } from '../../base/clock.ts';
import type { PushRequest } from './notification.ts';

/** A subscriber that has not answered by then is tried again. Source: HttpEndpoint page of MNS. */
const TIMEOUT_MS = 5_000;

/** Sends one push and resolves to the status of the answer, which is read and dropped. */
export function post({ url, headers, body }: PushRequest, clock: Clock, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    // A connection of its own: a kept one may be closed by the subscriber just as it is used again.
    const request = send(url, { method: 'POST', headers, signal, agent: false }, (response) => {
      response.on('error', reject).on('end', () => resolve(response.statusCode ?? 0));
      response.resume();
    });
    const timer = clock.setTimeout(() => request.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)), TIMEOUT_MS);
    request.on('error', reject).on('close', () => timer.cancel());
    request.end(body);
  });
}
