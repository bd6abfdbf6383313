import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { hostName } from '../../aliyun/endpoint.ts';

export interface GuardOptions {
  /** Also allows callers on other machines. */
  readonly anywhere: boolean;
  /** Host names of the emulator besides localhost and IP addresses. */
  readonly names: readonly string[];
}

/**
 * Why a caller must not control the emulator, or undefined when it may. Web pages are refused by two checks: the origin
 * that browsers send, and the Host header, because the name of a page can be made to resolve to this machine.
 */
export function guardRefusal(request: IncomingMessage, { anywhere, names }: GuardOptions): string | undefined {
  const { origin, host = '' } = request.headers;
  if (!anywhere && !isLoopback(request.socket.remoteAddress ?? '')) {
    return 'The control API answers callers on this machine only; start with --admin-anywhere to change that.';
  }
  if (!anywhere && !isOurName(hostName(host), names)) {
    return `The control API does not answer to the name "${host}"; use localhost, or start with --admin-anywhere.`;
  }
  if (isFromElsewhere(request) || (origin !== undefined && !isSameOrigin(origin, host))) {
    return 'The control API refuses web pages of other origins.';
  }
  return undefined;
}

/** The request comes from a page of another site and is not a followed link. Source: Fetch Metadata, W3C. */
function isFromElsewhere({ method, headers }: IncomingMessage): boolean {
  const isFollowedLink =
    method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return headers['sec-fetch-site'] === 'cross-site' && !isFollowedLink;
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address);
}

/** IP addresses need no name resolution, and browsers resolve `localhost` and the names below it themselves. */
function isOurName(name: string, names: readonly string[]): boolean {
  return name === '' || isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost') || names.includes(name);
}

function isSameOrigin(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}
