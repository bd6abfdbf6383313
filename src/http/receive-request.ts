import type { IncomingMessage } from 'node:http';
import { parseQuery, type ReceivedRequest } from '../aliyun/auth/signed-request.ts';
import { socketAddresses } from '../net/socket-addresses.ts';
import { splitTarget } from './address.ts';
import { DECLARED_LENGTH_HEADER } from './request-framing.ts';

/** The request as it arrived; nothing is decoded. */
export function receiveRequest(request: IncomingMessage): ReceivedRequest {
  const headers = new Map<string, string>();
  const { rawHeaders } = request;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const received = (rawHeaders[at] ?? '').toLowerCase();
    const name = received === DECLARED_LENGTH_HEADER ? 'content-length' : received;
    const value = rawHeaders[at + 1] ?? '';
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before},${value}`);
  }
  return { method: request.method ?? 'GET', headers, ...splitTarget(request.url ?? '/') };
}

/**
 * The decoded query, with the first value of a repeated parameter.
 * @throws OssError InvalidArgument
 */
export function readQuery(rawQuery: string): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  for (const { name, value } of parseQuery(rawQuery)) {
    if (!query.has(name)) query.set(name, value);
  }
  return query;
}

/** `address:port` on which the connection was accepted. */
export function localAuthority({ socket }: IncomingMessage): string {
  return socketAddresses(socket).localAddr;
}
