import { decodeUrlText, type RtmpParameter } from '../aliyun/auth/rtmp-query.ts';
import { queryValue } from '../aliyun/auth/signed-request.ts';
import { type Endpoint, isServiceHost, readHost } from '../aliyun/endpoint.ts';
import type { Source, StreamSource } from '../base/push-source.ts';
import { isRoomAddress, isRoomApp } from '../live/rooms/token.ts';
import type { ConnectCommand, PublishCommand } from '../rtmp/publish.ts';
import { hasLiveApp, readChannelPath } from './channel-path.ts';
import { joinPushedUrl, type PushedUrl } from './pushed-url.ts';

/** Where a push is meant to go. It does not depend on how the encoder divided the URL (pushed-url.ts). */
export type PushAddress = ChannelPushAddress | StreamPushAddress | RoomPushAddress | NoPushAddress;

/** Of a channel of OSS. */
export interface ChannelPushAddress {
  readonly kind: 'channel';
  /** Undefined when neither path nor host names one. */
  readonly bucket: string | undefined;
  readonly channel: string;
  /** Of the publish name, then those of `app` and `tcUrl` that it does not repeat. */
  readonly parameters: readonly RtmpParameter[];
}

/** Of a stream of ApsaraVideo Live. */
export interface StreamPushAddress {
  readonly kind: 'stream';
  readonly source: StreamSource;
  /** The host in the URL: lower case, without port. */
  readonly host: string;
  /** As for a channel. */
  readonly parameters: readonly RtmpParameter[];
  readonly authKey: string | undefined;
}

/** Of a user of a room. Room, user and signature are in the stream name. */
export interface RoomPushAddress {
  readonly kind: 'room';
  readonly app: string;
  readonly streamName: string;
  readonly authKey: string | undefined;
}

export interface NoPushAddress {
  readonly kind: 'nothing';
  /** It is signed as that of a channel, and only `live` is missing in its path. */
  readonly lacksLive?: true;
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
 * parameter `vhost`, makes it a stream; then a path with the application `live` makes it a channel, so that a misspelt
 * channel name is an error; then everything that is not in a bucket is a stream. No stream name has a slash, so
 * `<bucket>/live/<name>` is a channel wherever the encoder divided it.
 */
export function readPushAddress(command: PublishCommand, options: PushAddressOptions): PushAddress {
  const url = joinPushedUrl(command);
  const { host, segments = [], parameters } = url;
  const [app = '', ...names] = segments;
  const name = names.join('/');
  const authKey = queryValue(parameters, 'auth_key');
  if (isRoomAddress(app, name)) return { kind: 'room', app, streamName: name, authKey };
  const { domain, isCertain } = readDomain(url, options);
  const path = isCertain ? undefined : readChannelPath(segments);
  if (path) {
    const { channel, bucket = bucketOfHost(host, options.endpoint) } = path;
    return { kind: 'channel', bucket, channel, parameters };
  }
  if (!isCertain && isSignedForChannel(parameters)) {
    return segments.length < 2 || hasLiveApp(segments) ? { kind: 'nothing' } : { kind: 'nothing', lacksLive: true };
  }
  if (domain === undefined || name === '' || !(isCertain || isStream(url))) return { kind: 'nothing' };
  const source: StreamSource = { kind: 'stream', domain, app: decodeFurther(app), stream: decodeFurther(name) };
  return { kind: 'stream', source, host, parameters, authKey };
}

/**
 * What `connect` says about the address; the rest of it comes later: the bucket of a channel, or the application of a
 * stream or a room. The first segment alone can be either, and is called the application. Undefined when no publish
 * name can complete it.
 */
export function readConnectAddress(command: ConnectCommand, options: PushAddressOptions): PushNames | undefined {
  const url = joinPushedUrl({ app: command.app, tcUrl: command.tcUrl, streamName: '' });
  const { host, segments, parameters } = url;
  if (!segments) return undefined;
  const [app, second] = segments;
  const { domain, isCertain } = readDomain(url, options);
  const bucketHost = bucketOfHost(host, options.endpoint);
  if (!isCertain && (app === undefined || app === bucketHost || hasLiveApp(segments))) {
    const bucket = (app === 'live' ? second : app) ?? bucketHost;
    return bucket === undefined ? {} : { bucket };
  }
  if (app === undefined) return {};
  // What only `tcUrl` has may come a second time as the publish name.
  const { length } = joinPushedUrl({ app: command.app, tcUrl: '', streamName: '' }).segments ?? [];
  const isFitting = length < 2 || (length === 2 && (isCertain || has(parameters, 'auth_key')));
  const isPossible = isRoomApp(app) || hasLiveApp(segments) || (domain !== undefined && isFitting);
  return isPossible ? { app: decodeFurther(app) } : undefined;
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

/** The domain of ApsaraVideo Live that a stream would belong to. */
interface StreamDomain {
  /** Undefined at a host that names a bucket: a bucket has no application but `live`. */
  readonly domain: string | undefined;
  /** Whether host or `vhost` say that the push is for ApsaraVideo Live. */
  readonly isCertain: boolean;
}

function readDomain({ host, parameters }: PushedUrl, { endpoint, isLiveDomain }: PushAddressOptions): StreamDomain {
  const vhost = queryValue(parameters, 'vhost');
  if (vhost) return { domain: vhost.toLowerCase(), isCertain: true };
  // A user may have added a domain with the emulator's own name; channels are still pushed there.
  if (!isServiceHost(host, endpoint) && isLiveDomain(host)) return { domain: host, isCertain: true };
  const reading = readHost(host, endpoint);
  if (reading.style === 'bucket') return { domain: undefined, isCertain: false };
  return { domain: reading.aliyun || isBare(host, endpoint) ? '*' : host, isCertain: false };
}

function bucketOfHost(host: string, endpoint: Endpoint): string | undefined {
  const reading = readHost(host, endpoint);
  return reading.style === 'bucket' ? reading.bucket : undefined;
}

/** An IP address, or a name that is not a domain: `localhost`, the name of a container or of the emulator. */
function isBare(host: string, endpoint: Endpoint): boolean {
  return isServiceHost(host, endpoint) || !host.includes('.');
}

/** Where neither host nor `vhost` say it: whether the path can be that of a stream. */
function isStream({ segments = [], parameters, hasName }: PushedUrl): boolean {
  // With everything in `app`, `<app>/<stream>` and a bucket with a misspelt `live` look the same.
  if (!hasName && !has(parameters, 'auth_key')) return false;
  return segments.length === 2 || !hasLiveApp(segments);
}

/** Streams have `auth_key`, and nothing of this. */
function isSignedForChannel(parameters: PushedUrl['parameters']): boolean {
  return has(parameters, 'OSSAccessKeyId') && has(parameters, 'Signature') && !has(parameters, 'auth_key');
}

function has(parameters: PushedUrl['parameters'], name: string): boolean {
  return queryValue(parameters, name) !== undefined;
}

/** A percent sign is in no name of a stream: what is still encoded was encoded twice. */
function decodeFurther(name: string): string {
  return decodeUrlText(name) ?? name;
}
