import { type Endpoint, readHost } from '../aliyun/endpoint.ts';
import type { ConnectRequest, PublishRequest } from '../rtmp/publish.ts';

/**
 * Where an RTMP URL points. The SDKs sign three path forms and encoders spread them differently over `app`, `tcUrl` and
 * the publish name, so everything is put together again before it is read.
 *
 * | path                  | who signs it                                          |
 * |-----------------------|-------------------------------------------------------|
 * | `live/<channel>`      | everybody, with the bucket in the host (or nowhere)    |
 * | `<bucket>/live/<ch>`  | Go, Python, C, C# on an IP address; ali-oss sldEnable  |
 * | `live/<bucket>/<ch>`  | C++ on an IP address                                   |
 */
export interface PublishAddress {
  /** Undefined when neither path nor host names one. */
  readonly bucket: string | undefined;
  readonly channel: string;
  /** Parameters of the publish name, then those of `app` and `tcUrl` it does not repeat; still percent-encoded. */
  readonly rawQuery: string;
}

/** The application of OSS: `live`, alone or next to the bucket. Anything after it is judged at `publish`. */
export function isLiveApp(app: string): boolean {
  const segments = decodePath(splitQuery(app).path)?.split('/') ?? [];
  return segments[0] === 'live' || segments[1] === 'live';
}

/** Undefined when the path has none of the three forms. */
export function readPublishAddress(request: PublishRequest, endpoint: Endpoint): PublishAddress | undefined {
  const app = splitQuery(request.app);
  const name = splitQuery(request.streamName);
  const path = decodePath([app.path, name.path].filter((part) => part !== '').join('/'));
  const target = path === undefined ? undefined : readPath(path);
  if (!target) return undefined;
  return {
    channel: target.channel,
    bucket: target.bucket ?? bucketOfHost(request, endpoint),
    rawQuery: mergeQueries([name.query, app.query, splitQuery(request.tcUrl).query]),
  };
}

/** The decoded value of one parameter. A `+` stands for itself: no SDK sends it for a space in an RTMP URL. */
export function queryParameter(rawQuery: string, name: string): string | undefined {
  for (const pair of rawQuery.split('&')) {
    if (nameOf(pair) === name) return decodePath(pair.slice(name.length + 1));
  }
  return undefined;
}

function readPath(path: string): { bucket?: string; channel: string } | undefined {
  const [first = '', second = '', third, ...more] = path.split('/').filter((segment) => segment !== '');
  if (more.length > 0) return undefined;
  if (third === undefined) return first === 'live' && second !== '' ? { channel: second } : undefined;
  if (second === 'live') return { bucket: first, channel: third };
  return first === 'live' ? { bucket: second, channel: third } : undefined;
}

function bucketOfHost({ tcUrl }: ConnectRequest, endpoint: Endpoint): string | undefined {
  const host = /^rtmps?:\/\/([^/?]*)/i.exec(tcUrl)?.[1];
  const reading = readHost(host, endpoint);
  return reading.style === 'bucket' ? reading.bucket : undefined;
}

export function splitQuery(text: string): { path: string; query: string } {
  const mark = text.indexOf('?');
  return mark < 0 ? { path: text, query: '' } : { path: text.slice(0, mark), query: text.slice(mark + 1) };
}

export function mergeQueries(queries: readonly string[]): string {
  const pairs = new Map<string, string>();
  for (const pair of queries.flatMap((query) => query.split('&'))) {
    if (pair !== '' && !pairs.has(nameOf(pair))) pairs.set(nameOf(pair), pair);
  }
  return [...pairs.values()].join('&');
}

function nameOf(pair: string): string {
  const equals = pair.indexOf('=');
  return equals < 0 ? pair : pair.slice(0, equals);
}

/** Percent-decodes; what is not an escape stands for itself, because OBS decodes the name before sending it. */
export function decodePath(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, '%25'));
  } catch {
    return undefined;
  }
}
