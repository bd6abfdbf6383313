/**
 * The URL that a user gave to an encoder, put together again. Encoders divide it at different slashes into `app`,
 * `tcUrl` and the publish name: ffmpeg and OBS at the last one, joy4 and yasea at the first one. Some send everything
 * in one of the three, and some send the whole URL as the name.
 */
import { decodeUrlText, type RtmpParameter, readRtmpQuery } from '../aliyun/auth/rtmp-query.ts';
import { hostName } from '../aliyun/endpoint.ts';
import type { PublishCommand } from '../rtmp/publish.ts';
import { readChannelPath } from './channel-path.ts';

export interface PushedUrl {
  /** Lower case, without port and user; empty when it is not known. */
  readonly host: string;
  /** The segments of the path, decoded, none empty. Undefined when they are not percent-encoded UTF-8. */
  readonly segments: readonly string[] | undefined;
  /** Whether a publish name was sent, and not only a query in its place. */
  readonly hasName: boolean;
  /** Of the publish name, then of `app` and `tcUrl`. */
  readonly parameters: readonly RtmpParameter[];
}

/** A URL or a part of one. Nothing in it is decoded. */
interface UrlPart {
  /** Empty when the part does not begin with a scheme. */
  readonly host: string;
  readonly path: string;
  readonly query: string;
}

const NO_PART: UrlPart = { host: '', path: '', query: '' };
const KNOWN_PARAMETER = '(?:OSSAccessKeyId|Expires|Signature|playlistName|security-token|auth_key|vhost)=';
const BEGINS_WITH_PARAMETER = new RegExp(`^${KNOWN_PARAMETER}`);
const CONTAINS_PARAMETER = new RegExp(`&${KNOWN_PARAMETER}`);
const QUERY_IN_PATH = new RegExp(`[?&]${KNOWN_PARAMETER}`);
/** Base64 of an HMAC-SHA1, without its `=`. */
const SIGNATURE_CHARS = 27;
/** How often a path is decoded in which a slash is still escaped. */
const MAX_DECODINGS = 3;

/** The publish name is empty at `connect`. */
export function joinPushedUrl(command: Pick<PublishCommand, 'app' | 'tcUrl' | 'streamName'>): PushedUrl {
  const tcUrl = splitUrl(command.tcUrl);
  const [app, name] = divideQuery(splitUrl(command.app), splitUrl(command.streamName));
  const parameters = readRtmpQuery(name.query, app.query, tcUrl.query);
  const segments = name.host === '' ? joinPath(app.path, tcUrl.path, name.path) : joinPath('', '', name.path);
  const hasName = splitPath(name.path).length > 0;
  return { host: hostName(name.host || tcUrl.host || app.host), segments, hasName, parameters };
}

function splitUrl(text: string): UrlPart {
  const [, authority = '', rest = ''] = /^rtmp[a-z]*:\/\/([^/?]*)(.*)$/is.exec(text) ?? [text, '', text];
  const mark = rest.indexOf('?');
  return {
    host: authority.slice(authority.lastIndexOf('@') + 1),
    path: mark < 0 ? rest : rest.slice(0, mark),
    query: mark < 0 ? '' : rest.slice(mark + 1),
  };
}

/**
 * Finds the query in a name without `?`: the URL was divided at its `?`, or at a slash that is in a signature because
 * it was not percent-encoded (as ffmpeg does with `live/<channel>?Signature=a/b`).
 */
function divideQuery(app: UrlPart, name: UrlPart): readonly [app: UrlPart, name: UrlPart] {
  const { path } = name;
  if (name.host !== '' || name.query !== '') return [app, name];
  if (BEGINS_WITH_PARAMETER.test(path)) return [app, { host: '', path: '', query: path }];
  const isWithinQuery = app.query !== '' && (endsInSignature(app.query) || CONTAINS_PARAMETER.test(path));
  if (!isWithinQuery || !readChannelPath(splitPath(decodeUrlText(app.path) ?? ''))) return [app, name];
  return [{ host: app.host, path: app.path, query: path === '' ? app.query : `${app.query}/${path}` }, NO_PART];
}

/** Whether a query ends within a signature. */
function endsInSignature(query: string): boolean {
  const signature = /(?:^|&)Signature=([^&]*)$/.exec(query)?.[1];
  return signature !== undefined && (decodeUrlText(signature)?.length ?? SIGNATURE_CHARS) < SIGNATURE_CHARS;
}

/**
 * One path out of three parts. It is decoded again as long as it is not complete and has an escaped slash: no name of
 * a channel, a stream or a bucket has a slash.
 */
function joinPath(app: string, tcUrl: string, name: string): readonly string[] | undefined {
  let parts = [app, tcUrl, name];
  for (let decodings = 1; ; decodings++) {
    const [decodedApp, decodedTcUrl, decodedName] = parts.map(decodeUrlText);
    if (decodedApp === undefined || decodedName === undefined) return undefined;
    parts = [decodedApp, decodedTcUrl ?? '', decodedName];
    const readings = readingsOf(splitPath(decodedApp), splitPath(decodedTcUrl ?? ''), splitPath(decodedName));
    const complete = readings.find(isComplete);
    if (complete || decodings === MAX_DECODINGS || !parts.some(hasEscapedSlash)) return complete ?? readings.at(-1);
  }
}

/**
 * The paths that the parts can mean, likeliest first; the last one counts when none is complete. The path of `tcUrl`
 * repeats `app` with most clients, and is looked at only when it has more.
 */
function readingsOf(
  app: readonly string[],
  tcUrl: readonly string[],
  name: readonly string[],
): readonly (readonly string[])[] {
  const joined = [...(app.length > 0 ? app : tcUrl), ...name];
  if (tcUrl.length <= app.length || !(beginsWith(tcUrl, app) || endsWith(tcUrl, app))) return [joined];
  const readings: (readonly string[])[] = [];
  if (endsWith(tcUrl, name)) readings.push(tcUrl);
  if (beginsWith(name, tcUrl)) readings.push(name);
  readings.push([...tcUrl, ...name], joined);
  return readings;
}

/** Whether it is the path of a channel, or application and name of a stream or of a user in a room. */
function isComplete(segments: readonly string[]): boolean {
  return readChannelPath(segments) !== undefined || (segments.length === 2 && !segments.some(hasEscapedSlash));
}

function hasEscapedSlash(text: string): boolean {
  return /%(?:25)*2f/i.test(text);
}

/** The query of a URL whose `?` was lost or escaped stays in one segment: a signature has slashes. */
function splitPath(path: string): readonly string[] {
  const end = QUERY_IN_PATH.exec(path)?.index ?? path.length;
  const segments = path.slice(0, end).split('/');
  const last = segments.pop() ?? '';
  return [...segments, last + path.slice(end)].filter((segment) => segment !== '');
}

function beginsWith(path: readonly string[], part: readonly string[]): boolean {
  return part.every((segment, i) => segment === path[i]);
}

function endsWith(path: readonly string[], part: readonly string[]): boolean {
  return part.length <= path.length && beginsWith(path.slice(path.length - part.length), part);
}
