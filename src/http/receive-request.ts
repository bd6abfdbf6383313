import type { IncomingMessage } from 'node:http';
import { parseQuery, type ReceivedRequest } from '../aliyun/auth/signed-request.ts';
import { socketAddresses } from '../net/socket-addresses.ts';
import { splitTarget } from './address.ts';

/** The request as it arrived, nothing decoded. */
export function receiveRequest(request: IncomingMessage): ReceivedRequest {
  const headers = new Map<string, string>();
  const { rawHeaders } = request;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    const value = rawHeaders[at + 1] ?? '';
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before},${value}`);
  }
  return { method: request.method ?? 'GET', ...splitTarget(request.url ?? '/'), headers };
}

/** The decoded query; of repeated parameters the first counts. Throws InvalidArgument. */
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

/**
 * The body of a request that may be for somebody else. Undefined when it is longer: nothing is read then if its length was
 * given, else what was read of it is lost. The request stays open, so that it can still be answered.
 */
export async function readShortBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return undefined;
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, sizeBytes);
}
