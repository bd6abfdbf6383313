/**
 * Which bucket a host name means, and which URLs an answer gives for it.
 *
 * Clients reach a local emulator in four ways: path style on a service domain or an IP address, virtual-host style
 * below a service domain, a CNAME, and - ali-oss with an IP endpoint - virtual-host style with a Host of the real cloud
 * (`<bucket>.oss-<region>.aliyuncs.com`) over a connection to the emulator. The last is understood, but never appears
 * in an answer: clients would connect to the real service.
 */
import { percentEncode, percentEncodePath } from './auth/canonical.ts';
import type { Resource } from './auth/signed-request.ts';

export interface Endpoint {
  /** Lower case, without port: `localhost`, `oss.localhost`. A name below one of them starts with a bucket. */
  readonly serviceDomains: readonly string[];
  /** Lower-case host name to the bucket it stands for. */
  readonly cnames: ReadonlyMap<string, string>;
}

/** What a Host (or the host of an RTMP `tcUrl`) means; `aliyun` marks names of the real cloud. */
export type HostReading =
  | { readonly style: 'path'; readonly aliyun: boolean }
  | { readonly style: 'bucket'; readonly bucket: string; readonly aliyun: boolean };

const ALIYUN_DOMAIN = '.aliyuncs.com';

/** Reads `host[:port]`. A name that is neither configured nor one of Alibaba Cloud means the service, in path style. */
export function readHost(host: string | undefined, endpoint: Endpoint): HostReading {
  const name = hostName(host ?? '');
  const cnameBucket = endpoint.cnames.get(name);
  if (cnameBucket !== undefined) return { style: 'bucket', bucket: cnameBucket, aliyun: false };
  if (endpoint.serviceDomains.includes(name)) return { style: 'path', aliyun: false };
  const domain = longestDomainAbove(name, endpoint.serviceDomains);
  if (domain !== undefined) return { style: 'bucket', bucket: name.slice(0, -domain.length - 1), aliyun: false };
  if (!name.endsWith(ALIYUN_DOMAIN)) return { style: 'path', aliyun: false };
  return readAliyunName(name.slice(0, -ALIYUN_DOMAIN.length));
}

/**
 * Whether a host (lower case, without port) is an address or a service domain, and so not a domain of ApsaraVideo Live.
 */
export function isServiceHost(host: string, { serviceDomains }: Endpoint): boolean {
  return /^[\d.]+$/.test(host) || host.includes(':') || serviceDomains.includes(host);
}

/** `<bucket>.<region endpoint>`; the region endpoint alone, or an empty label (ali-oss listBuckets), is the service. */
function readAliyunName(labels: string): HostReading {
  const dot = labels.indexOf('.');
  if (dot <= 0) return { style: 'path', aliyun: true };
  return { style: 'bucket', bucket: labels.slice(0, dot), aliyun: true };
}

/** The region in a name of the real cloud, `<bucket>.oss-<region>[-internal].aliyuncs.com`. */
export function regionOfHost(host = ''): string | undefined {
  const name = hostName(host);
  if (!name.endsWith('.aliyuncs.com')) return undefined;
  const [, region] = /(?:^|\.)oss-(?!accelerate)([a-z0-9-]+?)(?:-internal)?\.aliyuncs\.com$/.exec(name) ?? [];
  return region;
}

/** With both `localhost` and `oss.localhost` configured, `b.oss.localhost` is bucket `b`, not `b.oss`. */
function longestDomainAbove(name: string, domains: readonly string[]): string | undefined {
  let longest: string | undefined;
  for (const domain of domains) {
    if (name.endsWith(`.${domain}`) && domain.length > (longest?.length ?? 0)) longest = domain;
  }
  return longest;
}

/** Lower case, without the port, a trailing dot or the brackets of an IPv6 literal. */
export function hostName(host: string): string {
  if (host.startsWith('[')) return host.slice(1, Math.max(1, host.indexOf(']')));
  const colon = host.indexOf(':');
  const name = (colon < 0 ? host : host.slice(0, colon)).toLowerCase();
  return name.endsWith('.') ? name.slice(0, -1) : name;
}

/**
 * The beginning of the URLs in an answer: `authority` is `host[:port]`, with the bucket in it unless the style is path.
 */
export interface UrlBase {
  readonly scheme: 'http' | 'https';
  readonly style: 'path' | 'bucket';
  readonly authority: string;
}

/**
 * The base of URLs by which the client reaches the emulator as it did with this request.
 *
 * @param host the Host header as received
 * @param local `address:port` on which the connection was accepted, used when the Host is missing or one of the real
 * cloud
 * @param publicUrl the configured public address of the emulator, e.g. `http://media.example.test:9000`; path style
 */
export function urlBaseFor(
  reading: HostReading,
  host: string | undefined,
  local: string,
  publicUrl: string | undefined,
): UrlBase {
  if (publicUrl !== undefined) return publicUrlBase(publicUrl);
  if (reading.aliyun || !host) return { scheme: 'http', style: 'path', authority: local };
  return { scheme: 'http', style: reading.style, authority: host };
}

export function publicUrlBase(publicUrl: string): UrlBase {
  const { protocol, host } = new URL(publicUrl);
  return { scheme: protocol === 'https:' ? 'https' : 'http', style: 'path', authority: host };
}

/** `http://host:port` */
export function httpOrigin({ scheme, authority }: UrlBase): string {
  return `${scheme}://${authority}`;
}

/** `rtmp://host:port`, with a public URL of https too: the service knows no other, and the port speaks both. */
export function rtmpOrigin({ authority }: UrlBase): string {
  return `rtmp://${authority}`;
}

/** `rtmp://…/live/<channel>`, port included: SDK tests compare it with their endpoint. */
export function publishUrl(base: UrlBase, bucket: string, channel: string): string {
  return `${rtmpOrigin(base)}${bucketPath(base, bucket)}/live/${percentEncode(channel)}`;
}

/** `http` without a public URL, even when the call came over https (Java, Python and Go SDK tests). */
export function playUrl(base: UrlBase, bucket: string, channel: string, playlistName: string): string {
  return objectUrl(base, bucket, `${channel}/${playlistName}`);
}

export function objectUrl(base: UrlBase, bucket: string, key: string): string {
  return `${httpOrigin(base)}${bucketPath(base, bucket)}/${percentEncodePath(key)}`;
}

/**
 * The path of a resource in path style. Browsers take a segment `.` or `..` for a folder, also percent-encoded, so the
 * slashes of a key with such segments are encoded.
 */
export function resourceTarget({ bucket, key }: Resource): string {
  if (bucket === '' || key === '') return `/${percentEncode(bucket)}`;
  const hasDots = key.split('/').some((segment) => segment === '.' || segment === '..');
  return hasDots ? `/${percentEncode(`${bucket}/${key}`)}` : `/${percentEncodePath(`${bucket}/${key}`)}`;
}

/** `host[:port]` as the endpoint of an SDK: the authority without the bucket. */
export function serviceAuthority({ style, authority }: UrlBase, bucket: string): string {
  return style === 'bucket' && authority.startsWith(`${bucket}.`) ? authority.slice(bucket.length + 1) : authority;
}

/**
 * The endpoint for clients within the region: `oss-cn-hangzhou-internal.aliyuncs.com`. Only service domains with names
 * of the service have one.
 */
export function intranetAuthority(authority: string): string {
  return authority.replace(/^(oss-[a-z0-9-]+)(?<!-internal)\.aliyuncs\.com(?=$|:)/, '$1-internal.aliyuncs.com');
}

function bucketPath(base: UrlBase, bucket: string): string {
  return base.style === 'path' ? `/${bucket}` : '';
}

/** The name or address by which clients on this machine reach what listens on `host`. */
export function clientHost(host: string): string {
  return host === 'localhost' || host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
}

/** The same with the port, as in a URL. */
export function clientAuthority(host: string, port: number): string {
  const name = clientHost(host);
  return `${name.includes(':') ? `[${name}]` : name}:${port}`;
}
