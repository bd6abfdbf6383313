import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { PushRequest } from './notification.ts';

/** Sends one push and resolves to the status of the answer, whose body is read and dropped. */
export function post({ url, headers, body }: PushRequest, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    // A new connection each time: the subscriber may close a kept one at the moment in which it is used again.
    const request = send(url, { method: 'POST', headers, signal, agent: false }, (response) => {
      response.on('error', reject).on('end', () => resolve(response.statusCode ?? 0));
      response.resume();
    });
    request.on('error', reject);
    request.end(body);
  });
}
