import { type Endpoint, hostName, isServiceHost, readHost } from '../aliyun/endpoint.ts';
import type { Source, StreamSource } from '../base/push-source.ts';
import { isRoomAddress, isRoomApp } from '../live/rooms/token.ts';
import type { ConnectCommand, PublishCommand } from '../rtmp/publish.ts';

/**
 * Where a push is meant to go. The SDKs sign three path forms for a channel, and encoders spread them differently over
 * `app`, `tcUrl` and the publish name, so everything is put together again before it is read.
 *
 * | path                  | who signs it                                          |
 * |-----------------------|-------------------------------------------------------|
 * | `live/<channel>`      | all SDKs, with the bucket in the host (or nowhere)     |
 * | `<bucket>/live/<ch>`  | Go, Python, C, C# on an IP address; ali-oss sldEnable  |
 * | `live/<bucket>/<ch>`  | C++ on an IP address                                   |
 */
export type PushAddress = ChannelPushAddress | StreamPushAddress | RoomPushAddress | { readonly kind: 'nothing' };

/** Of a channel of OSS. */
export interface ChannelPushAddress {
  readonly kind: 'channel';
  /** Undefined when neither path nor host names one. */
  readonly bucket: string | undefined;
  readonly channel: string;
  /** Parameters of the publish name, then those of `app` and `tcUrl` it does not repeat; still percent-encoded. */
  readonly rawQuery: string;
  readonly playlistName: string | undefined;
}

/** Of a stream of ApsaraVideo Live. */
export interface StreamPushAddress {
  readonly kind: 'stream';
  readonly source: StreamSource;
  /** The host in the URL: lower case, without port. */
  readonly host: string;
  /** As for a channel. */
  readonly rawQuery: string;
  readonly authKey: string | undefined;
}

/** Of a user of a room. Room, user and signature are in the stream name. */
export interface RoomPushAddress {
  readonly kind: 'room';
  readonly app: string;
  readonly streamName: string;
  readonly authKey: string | undefined;
}

/** What events and fault rules name of an address, as far as it is known. Of a room nothing: its address is a secret. */
export interface PushNames {
  readonly bucket?: string;
  readonly channel?: string;
  readonly app?: string;
  readonly stream?: string;
}

export interface PushAddressOptions {
  readonly endpoint: Endpoint;
  /** Whether a host is known to be a domain of ApsaraVideo Live. */
  readonly isLiveDomain: (host: string) => boolean;
}

/**
 * The address of a push. That of a room cannot be confused with another one. A known live domain, or one in the
 * parameter `vhost`, makes it a stream; then the application `live` makes it a channel, so that a misspelt channel name
 * is an error; then everything that is not in a bucket is a stream.
 */
export function readPushAddress(command: PublishCommand, options: PushAddressOptions): PushAddress {
  const app = splitQuery(command.app);
  const name = splitQuery(command.streamName);
  const parameters = mergeQueries([name.query, app.query, splitQuery(command.tcUrl).query]);
  const authKey = parameterOf(parameters, 'auth_key');
  if (isRoomAddress(app.path, name.path)) {
    return { kind: 'room', app: app.path, streamName: name.path, authKey };
  }
  const path = decodeRtmpPath([app.path, name.path].filter((part) => part !== '').join('/'));
  const host = hostOfUrl(command.tcUrl);
  const rawQuery = [...parameters.values()].join('&');
  const service = findService(app.path, host, parameterOf(parameters, 'vhost'), options);
  if (path === undefined || service === 'none') return { kind: 'nothing' };
  if (service === 'oss') {
    const found = readChannelPath(path);
    if (!found) return { kind: 'nothing' };
    const { channel, bucket = bucketOfHost(host, options.endpoint) } = found;
    return { kind: 'channel', bucket, channel, rawQuery, playlistName: parameterOf(parameters, 'playlistName') };
  }
  const slash = path.indexOf('/');
  if (slash < 1) return { kind: 'nothing' };
  const source: StreamSource = {
    kind: 'stream',
    domain: service.domain,
    app: path.slice(0, slash),
    stream: path.slice(slash + 1),
  };
  return { kind: 'stream', source, host, rawQuery, authKey };
}

/**
 * What `connect` says about the address; the stream name comes later: the bucket of a channel, or the application of a
 * stream or a room. Undefined when nothing can be published there.
 */
export function readConnectAddress(command: ConnectCommand, options: PushAddressOptions): PushNames | undefined {
  const { path, query } = splitQuery(command.app);
  const host = hostOfUrl(command.tcUrl);
  const vhost = parameterOf(mergeQueries([query, splitQuery(command.tcUrl).query]), 'vhost');
  const service = findService(path, host, vhost, options);
  if (service === 'oss') {
    const bucket = readAppBucket(path) ?? bucketOfHost(host, options.endpoint);
    return bucket === undefined ? {} : { bucket };
  }
  const [app = '', ...more] = decodeRtmpPath(path)?.split('/') ?? [];
  if (isLiveApp(path) || isRoomApp(path)) return { app };
  return service === 'none' || app === '' || more.length > 0 ? undefined : { app };
}

/** The names in an address, or in the source that was admitted for it. */
export function namesIn(address: PushAddress | Source): PushNames {
  switch (address.kind) {
    case 'channel': {
      const { bucket, channel } = address;
      return bucket === undefined ? { channel } : { bucket, channel };
    }
    case 'stream': {
      const { app, stream } = 'source' in address ? address.source : address;
      return { app, stream };
    }
    case 'room':
    case 'nothing':
      return {};
  }
}

/** Which service the push is for: OSS, ApsaraVideo Live in some domain, or none. */
function findService(
  app: string,
  host: string,
  vhost: string | undefined,
  { endpoint, isLiveDomain }: PushAddressOptions,
): 'oss' | { readonly domain: string } | 'none' {
  if (vhost) return { domain: vhost.toLowerCase() };
  // A user may have added a domain with the emulator's own name; channels are still pushed there.
  if (!isServiceHost(host, endpoint) && isLiveDomain(host)) return { domain: host };
  if (isLiveApp(app)) return 'oss';
  const reading = readHost(host, endpoint);
  // A bucket has no application but `live`.
  if (reading.style === 'bucket') return 'none';
  return { domain: reading.aliyun || isBare(host, endpoint) ? '*' : host };
}

/** The application of OSS: `live`, alone or next to the bucket. What follows it is checked at `publish`. */
function isLiveApp(app: string): boolean {
  const segments = decodeRtmpPath(app)?.split('/') ?? [];
  return segments[0] === 'live' || segments[1] === 'live';
}

/** Undefined when the path has none of the three forms. */
function readChannelPath(path: string): { bucket?: string; channel: string } | undefined {
  const [first = '', second = '', third, ...more] = path.split('/').filter((segment) => segment !== '');
  if (more.length > 0) return undefined;
  if (third === undefined) return first === 'live' && second !== '' ? { channel: second } : undefined;
  if (second === 'live') return { bucket: first, channel: third };
  return first === 'live' ? { bucket: second, channel: third } : undefined;
}

/** The bucket next to `live` in an application that `isLiveApp`. */
function readAppBucket(app: string): string | undefined {
  const [first, second] =
    decodeRtmpPath(app)
      ?.split('/')
      .filter((segment) => segment !== '') ?? [];
  return second === 'live' ? first : second;
}

function bucketOfHost(host: string, endpoint: Endpoint): string | undefined {
  const reading = readHost(host, endpoint);
  return reading.style === 'bucket' ? reading.bucket : undefined;
}

/** An IP address, or a name that is not a domain: `localhost`, the name of a container or of the emulator. */
function isBare(host: string, endpoint: Endpoint): boolean {
  return isServiceHost(host, endpoint) || !host.includes('.');
}

function hostOfUrl(tcUrl: string): string {
  return hostName(/^rtmps?:\/\/([^/?]*)/i.exec(tcUrl)?.[1] ?? '');
}

function splitQuery(text: string): { path: string; query: string } {
  const mark = text.indexOf('?');
  return mark < 0 ? { path: text, query: '' } : { path: text.slice(0, mark), query: text.slice(mark + 1) };
}

/** Every `name=value` by its name, both still percent-encoded; of repeated names the first counts. */
function mergeQueries(queries: readonly string[]): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  for (const pair of queries.flatMap((query) => query.split('&'))) {
    const equals = pair.indexOf('=');
    const name = equals < 0 ? pair : pair.slice(0, equals);
    if (pair !== '' && !pairs.has(name)) pairs.set(name, pair);
  }
  return pairs;
}

/** The decoded value of one parameter. A `+` stays a plus: no SDK sends it for a space in an RTMP URL. */
function parameterOf(parameters: ReadonlyMap<string, string>, name: string): string | undefined {
  const pair = parameters.get(name);
  return pair === undefined ? undefined : decodeRtmpPath(pair.slice(name.length + 1));
}

/** Percent-decodes. What is not an escape stays as it is, because OBS decodes the name before it sends it. */
function decodeRtmpPath(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, '%25'));
  } catch {
    return undefined;
  }
}
