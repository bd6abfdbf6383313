import { type Endpoint, isServiceHost, readHost } from '../aliyun/endpoint.ts';
import type { StreamSource } from '../base/push-source.ts';
import { isRoomAddress, isRoomApp } from '../live/rooms/token.ts';
import type { ConnectRequest, PublishRequest } from '../rtmp/publish.ts';
import { decodePath, isLiveApp, mergeQueries, queryParameter, splitQuery } from './address.ts';

/** What a push is for: a channel of OSS (whose address is read separately), a stream of ApsaraVideo Live, or a room. */
export type PublishTarget =
  | { readonly kind: 'channel' }
  | { readonly kind: 'stream'; readonly source: StreamSource; readonly host: string; readonly rawQuery: string }
  /** The stream name says for whom. */
  | { readonly kind: 'room'; readonly app: string; readonly streamName: string; readonly rawQuery: string }
  | { readonly kind: 'nothing'; readonly reason: string };

export interface TargetOptions {
  readonly endpoint: Endpoint;
  /** Whether a host is known to be a domain of ApsaraVideo Live. */
  readonly isLiveDomain: (host: string) => boolean;
}

/**
 * Which of them a push means. The address of a room cannot be taken for anything else. A known live domain, or one named
 * by `vhost`, decides for a stream; then the application `live` for a channel, so that a channel's misspelt name stays an
 * error; then whatever is no bucket is a stream.
 */
export function readPublishTarget(request: PublishRequest, options: TargetOptions): PublishTarget {
  const app = splitQuery(request.app);
  const name = splitQuery(request.streamName);
  const rawQuery = mergeQueries([name.query, app.query, splitQuery(request.tcUrl).query]);
  if (isRoomAddress(app.path, name.path)) {
    return { kind: 'room', app: app.path, streamName: name.path, rawQuery };
  }
  const domain = domainOf(request, rawQuery, options);
  if (domain === 'channel') return { kind: 'channel' };
  if (domain === 'nothing') return { kind: 'nothing', reason: 'a bucket has no application but live' };
  const path = decodePath([app.path, name.path].filter((part) => part !== '').join('/'));
  const slash = path?.indexOf('/') ?? -1;
  if (path === undefined || slash < 1) {
    return { kind: 'nothing', reason: 'the URL must be rtmp://<host>/<app>/<stream>' };
  }
  const source: StreamSource = {
    kind: 'stream',
    domain: domain.name,
    app: path.slice(0, slash),
    stream: path.slice(slash + 1),
  };
  return { kind: 'stream', source, host: hostOf(request), rawQuery };
}

/** Whether `connect` may go on; the name of the stream, and with it the rest of the address, comes later. */
export function acceptsConnect(request: ConnectRequest, options: TargetOptions): boolean {
  if (isLiveApp(request.app) || isRoomApp(request.app)) return true;
  const { path, query } = splitQuery(request.app);
  const rawQuery = mergeQueries([query, splitQuery(request.tcUrl).query]);
  const app = decodePath(path) ?? '';
  return app !== '' && !app.includes('/') && domainOf(request, rawQuery, options) !== 'nothing';
}

function domainOf(
  request: ConnectRequest,
  rawQuery: string,
  { endpoint, isLiveDomain }: TargetOptions,
): { readonly name: string } | 'channel' | 'nothing' {
  const host = hostOf(request);
  const vhost = queryParameter(rawQuery, 'vhost');
  if (vhost) return { name: vhost.toLowerCase() };
  // Somebody may have called a domain like us; channels are pushed there all the same.
  if (!isServiceHost(host, endpoint) && isLiveDomain(host)) return { name: host };
  if (isLiveApp(request.app)) return 'channel';
  const reading = readHost(host, endpoint);
  if (reading.style === 'bucket') return 'nothing';
  return { name: reading.aliyun || isBare(host, endpoint) ? '*' : host };
}

/** An address, or a name that is no domain: `localhost`, that of a container, ours. */
function isBare(host: string, endpoint: Endpoint): boolean {
  return isServiceHost(host, endpoint) || !host.includes('.');
}

/** Lower case, without port; of an IPv6 literal without its brackets. */
function hostOf({ tcUrl }: ConnectRequest): string {
  const match = /^rtmps?:\/\/(?:\[([^\]]*)\]|([^/:?]*))/i.exec(tcUrl);
  return (match?.[1] ?? match?.[2] ?? '').toLowerCase();
}
