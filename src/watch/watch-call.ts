/** The parts of an HTTP request on which the answer to a viewer depends, and the addresses in it. */
import type { IncomingMessage } from 'node:http';
import { isSubResource } from '../aliyun/auth/sub-resources.ts';
import { hostName } from '../aliyun/endpoint.ts';
import type { RoomSubject } from '../events/subjects.ts';
import { decodeHttpPath, splitTarget } from '../http/address.ts';
import { isOwnPath, OWN_PREFIX } from '../http/own-path.ts';
import { receiveRequest } from '../http/receive-request.ts';
import { socketAddresses } from '../net/socket-addresses.ts';
import type { PlayExtension, WatchAddress } from './directory.ts';

/** More than the size of any offer. */
export const MAX_OFFER_BYTES = 64 * 1024;

/**
 * The location of a WHEP session, followed by its id. Not below the path of the emulator, which viewers on other machines
 * cannot call; only the viewer knows the id. No bucket name has an underscore, so it hides no bucket.
 */
export const WHEP_PREFIX = '/_whep/';
/** The address of a stream on every host, also when a bucket has the name of its app. */
const LIVE_PREFIX = `${OWN_PREFIX}/live/`;
/** The address of a user of a room, without a token. */
const ROOMS_PREFIX = `${OWN_PREFIX}/rooms/`;

export interface WatchCall {
  readonly method: string;
  /** Percent-decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** Lower case, without port. */
  readonly host: string;
  /** `ip:port`. */
  readonly remoteAddr: string;
  /** Path and query as they came. */
  readonly target: string;
  /** By another node, which has found that it is for viewers. */
  readonly isForwarded: boolean;
}

/** A fast check. It rules out most requests, which are for objects. */
export function mayBeViewer({
  method,
  url = '/',
  headers,
}: Pick<IncomingMessage, 'method' | 'url' | 'headers'>): boolean {
  switch (method) {
    case 'GET':
    case 'HEAD':
      return /\.(flv|m3u8|ts)(\?|$)/.test(url);
    case 'OPTIONS':
      return headers['access-control-request-method'] !== undefined;
    case 'POST':
      return mayBeOffer(url, headers);
    default:
      return url.startsWith(WHEP_PREFIX);
  }
}

/** OSS has no operation that takes such a body without credentials and without a sub-resource. */
function mayBeOffer(url: string, headers: IncomingMessage['headers']): boolean {
  const type = headers['content-type'] ?? '';
  const isTyped = isSdp(type) || /^(application\/(json|x-www-form-urlencoded)|text\/plain)\b/i.test(type);
  if (!isTyped || hasCredentials(headers.authorization)) return false;
  // SDP is accepted with chunked encoding too: only WHEP sends it.
  if (headers['content-length'] === undefined && !isSdp(type)) return false;
  const { rawQuery } = splitTarget(url);
  const names = [...new URLSearchParams(rawQuery).keys()];
  return !names.some((name) => isSubResource(name) || /^(x-oss-|OSSAccessKeyId$|Signature$)/.test(name));
}

/** Media types are case-insensitive (RFC 9110, 8.3.1). */
export function isSdp(contentType: string): boolean {
  return /^application\/sdp\b/i.test(contentType);
}

/** Clients of WHEP may send a bearer token, which is ignored; any other credentials are for OSS. */
function hasCredentials(authorization: string | undefined): boolean {
  return authorization !== undefined && !/^bearer /i.test(authorization);
}

/** Undefined when the path cannot be decoded. */
export function readCall(request: IncomingMessage): WatchCall | undefined {
  const { method, rawPath, rawQuery, headers } = receiveRequest(request);
  const path = decodeHttpPath(rawPath);
  if (path === undefined) return undefined;
  return {
    method,
    path,
    query: new URLSearchParams(rawQuery),
    headers,
    host: hostName(headers.get('host') ?? ''),
    remoteAddr: socketAddresses(request.socket).remoteAddr,
    target: rawQuery === '' ? rawPath : `${rawPath}?${rawQuery}`,
    isForwarded: false,
  };
}

/** The stream of a path `/<app>/<name><extension>`; undefined when it has another form. */
export function readWatchAddress(
  { path, host, query }: WatchCall,
  extension: '' | PlayExtension = '',
): WatchAddress | undefined {
  const isLive = path.startsWith(LIVE_PREFIX);
  if (isOwnPath(path) && !isLive) return undefined;
  const rest = path.slice(isLive ? LIVE_PREFIX.length : 1);
  const [app = '', file = '', ...more] = rest.split('/');
  if (app === '' || more.length > 0 || !file.endsWith(extension) || file.length === extension.length) return undefined;
  return {
    host: query.get('vhost')?.toLowerCase() ?? host,
    app,
    name: file.slice(0, file.length - extension.length),
    extension,
    authKey: query.get('auth_key') ?? undefined,
  };
}

/** The user of a path `/_emulator/rooms/<AppId>/<ChannelId>/<UserId>`. */
export function readUser({ path }: WatchCall): RoomSubject | undefined {
  if (!path.startsWith(ROOMS_PREFIX)) return undefined;
  const [appId = '', channelId = '', userId = '', ...more] = path.slice(ROOMS_PREFIX.length).split('/');
  return userId === '' || more.length > 0 ? undefined : { appId, channelId, userId };
}

/** Suffixes of the stream name exclude a track; an `@` may be part of the name itself. */
export function readWishes(call: WatchCall): {
  readonly call: WatchCall;
  readonly video: boolean;
  readonly audio: boolean;
} {
  const [suffixes = ''] = /(@sub(audio|video)=(yes|no))*$/.exec(call.path) ?? [];
  return {
    call: { ...call, path: call.path.slice(0, call.path.length - suffixes.length) },
    video: !suffixes.includes('@subvideo=no'),
    audio: !suffixes.includes('@subaudio=no'),
  };
}

/** The name that a viewer gives itself. */
export function viewerName({ query }: WatchCall): string | undefined {
  return query.get('uid') || undefined;
}
