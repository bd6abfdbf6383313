/**
 * Which HTTP requests are for viewers, and how they are answered. OSS shares the port: a path of two segments is an
 * object to it unless something here is live under it, and a bucket of the first name always wins.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isSubResource } from '../auth/sub-resources.ts';
import { type Endpoint, readHost } from '../endpoint.ts';
import type { Log } from '../log.ts';
import { decodePath, splitTarget } from '../rest/address.ts';
import { receiveRequest } from '../rest/receive-request.ts';
import { sendAnswer } from '../rest/send.ts';
import { type WatchAddress, type WatchDirectory, WatchRefused } from './directory.ts';
import { showFlv } from './flv.ts';
import {
  answerOffer,
  BadOffer,
  PREFLIGHT,
  readOffer,
  refuse,
  refuseOffer,
  type SignallingAnswer,
  WHEP_LOCATION,
} from './signalling.ts';
import type { Viewers } from './viewers.ts';
import { WebRtcMissing } from './web-rtc/dtls.ts';
import { OfferRefused, type WebRtc } from './web-rtc/web-rtc.ts';

/** Longer than any offer; what is longer is an upload. */
const MAX_BODY_BYTES = 64 * 1024;

/** A stream whatever its host, also where a bucket has its name. */
const LIVE_PREFIX = '/_emulator/live/';
/** A user of a room without its address. */
const ROOMS_PREFIX = '/_emulator/rooms/';

export interface WatchHttpDeps {
  readonly directory: WatchDirectory;
  readonly viewers: Viewers;
  readonly webRtc: WebRtc;
  readonly endpoint: Endpoint;
  readonly log: Log;
  readonly hasBucket: (name: string) => Promise<boolean>;
}

/** What of a request the answer depends on. */
interface WatchCall {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: ReadonlyMap<string, string>;
  readonly host: string;
  readonly remoteAddr: string;
}

/** Answers a request and resolves to true if it is a viewer's; else nothing has happened to it. */
export class WatchHttp {
  readonly #deps: WatchHttpDeps;

  constructor(deps: WatchHttpDeps) {
    this.#deps = deps;
  }

  readonly take = async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    // Of most requests the first look must be enough: they are for objects.
    if (!mayBeViewer(request)) return false;
    const call = readCall(request);
    if (!call) return false;
    switch (call.method) {
      case 'GET':
      case 'HEAD':
        return this.#play(call, response);
      case 'OPTIONS':
        return this.#preflight(call, response);
      case 'POST':
        return this.#signal(call, request, response);
      default:
        return this.#end(call, response);
    }
  };

  /** HTTP-FLV. */
  async #play(call: WatchCall, response: ServerResponse): Promise<boolean> {
    const { log, viewers } = this.#deps;
    const address = readAddress(call, '.flv');
    if (!address || !(await this.#isOurs(call, address))) return false;
    try {
      const watched = this.#deps.directory.find(address);
      if (!watched) {
        if (!this.#isOnlyOurs(call)) return false;
        throw new WatchRefused(404, `Nothing is live at ${call.path}.`);
      }
      if (call.method === 'HEAD') {
        response.writeHead(200, FLV_HEADERS).end();
        return true;
      }
      await viewers.admit({ ...viewerOf(call), watched, protocol: 'flv' }, async () => {
        response.writeHead(200, FLV_HEADERS);
        return { showing: showFlv(watched.stream, response) };
      });
    } catch (error) {
      if (!(error instanceof WatchRefused)) throw error;
      log.info('viewer.refused', { path: call.path, status: error.status, reason: error.reason });
      await sendAnswer(refuse(error.status, error.message), response);
    }
    return true;
  }

  async #preflight(call: WatchCall, response: ServerResponse): Promise<boolean> {
    const asked = call.headers.get('access-control-request-method');
    const address = readAddress(call, '');
    const isOurs =
      call.path.startsWith(WHEP_LOCATION) ||
      call.path.startsWith(ROOMS_PREFIX) ||
      (asked === 'POST' && address !== undefined && (await this.#isOurs(call, address)));
    if (isOurs) await sendAnswer(PREFLIGHT, response);
    return isOurs;
  }

  /** An offer. Whatever else is posted to such a path is for OSS, which wants nothing of its body. */
  async #signal(call: WatchCall, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const isSdp = call.headers.get('content-type')?.startsWith('application/sdp') === true;
    const body = await readBody(request);
    if (!body) return false;
    let protocol: 'rts' | 'whep' = isSdp ? 'whep' : 'rts';
    const answer = async (): Promise<SignallingAnswer | undefined> => {
      const offer = readOffer(call.headers.get('content-type') ?? '', body);
      if (!offer) return undefined;
      protocol = offer.protocol;
      return this.#watch(call, offer.protocol, offer.sdp);
    };
    const given = await answer().catch((error: unknown) => this.#refusal(call, protocol, error));
    if (given) await sendAnswer(given, response);
    return given !== undefined;
  }

  async #watch(call: WatchCall, protocol: 'rts' | 'whep', offer: string): Promise<SignallingAnswer> {
    const { directory, viewers, webRtc } = this.#deps;
    const wishes = readWishes(call.path);
    const user = readUser(wishes.path);
    const address = readAddress({ ...call, path: wishes.path }, '');
    const watched = user ? directory.findUser(user) : address && directory.find(address);
    if (!watched) throw new WatchRefused(404, `Nothing is live at ${wishes.path}.`);
    const { video, audio } = wishes;
    const { id, sdp } = await viewers.admit({ ...viewerOf(call), watched, protocol }, async (viewerId) => {
      const { answer, viewer } = await webRtc.watch({ stream: watched.stream, offer, video, audio });
      const showing = { ended: viewer.ended.then(() => 'ended'), close: () => viewer.close() };
      return { id: viewerId, sdp: answer, showing };
    });
    return answerOffer(protocol, sdp, id);
  }

  #refusal(call: WatchCall, protocol: 'rts' | 'whep', error: unknown): SignallingAnswer {
    const status = statusOf(error);
    const message = error instanceof Error ? error.message : String(error);
    if (status === 500) this.#deps.log.error('bug', { stack: error instanceof Error ? error.stack : message });
    const reason = error instanceof WatchRefused ? error.reason : message;
    this.#deps.log.info('viewer.refused', { path: call.path, status, reason });
    return refuseOffer(protocol, status, message);
  }

  /** The end of a WHEP session. */
  async #end({ method, path }: WatchCall, response: ServerResponse): Promise<boolean> {
    if (!path.startsWith(WHEP_LOCATION)) return false;
    const isDelete = method === 'DELETE';
    const isDone = isDelete && this.#deps.viewers.remove(path.slice(WHEP_LOCATION.length), 'the viewer left');
    const status = !isDelete ? 405 : isDone ? 200 : 404;
    await sendAnswer(
      refuse(status, isDone ? 'Ended.' : isDelete ? 'There is no such viewer.' : 'Only DELETE.'),
      response,
    );
    return true;
  }

  /** No bucket has the first name, or the host has none. */
  async #isOurs(call: WatchCall, { app }: WatchAddress): Promise<boolean> {
    if (this.#isOnlyOurs(call)) return true;
    if (readHost(call.host, this.#deps.endpoint).style === 'bucket') return false;
    return !(await this.#deps.hasBucket(app));
  }

  #isOnlyOurs({ path, host }: WatchCall): boolean {
    return path.startsWith('/_emulator/') || this.#deps.directory.isLiveDomain(host);
  }
}

const FLV_HEADERS = {
  'Content-Type': 'video/x-flv',
  'Cache-Control': 'no-store',
  'Access-Control-Allow-Origin': '*',
};

function mayBeViewer({ method, url = '/', headers }: IncomingMessage): boolean {
  switch (method) {
    case 'GET':
    case 'HEAD':
      return /\.flv(\?|$)/.test(url);
    case 'OPTIONS':
      return headers['access-control-request-method'] !== undefined;
    case 'POST':
      return mayBeOffer(url, headers);
    default:
      return url.startsWith(WHEP_LOCATION);
  }
}

/** OSS has no operation that takes such a body without credentials and without a sub-resource. */
function mayBeOffer(url: string, headers: IncomingMessage['headers']): boolean {
  const type = headers['content-type'] ?? '';
  const isTyped = /^(application\/(sdp|json|x-www-form-urlencoded)|text\/plain)\b/.test(type);
  if (!isTyped || headers.authorization !== undefined) return false;
  if (Number(headers['content-length'] ?? Number.POSITIVE_INFINITY) > MAX_BODY_BYTES) return false;
  const { rawQuery } = splitTarget(url);
  const names = [...new URLSearchParams(rawQuery).keys()];
  return !names.some((name) => isSubResource(name) || /^(x-oss-|OSSAccessKeyId$|Signature$)/.test(name));
}

function readCall(request: IncomingMessage): WatchCall | undefined {
  const { method, rawPath, rawQuery, headers } = receiveRequest(request);
  const path = decodePath(rawPath);
  if (path === undefined) return undefined;
  const { remoteAddress, remotePort } = request.socket;
  const host = (headers.get('host') ?? '').replace(/:\d+$/, '').toLowerCase();
  const query = new URLSearchParams(rawQuery);
  return { method, path, query, headers, host, remoteAddr: `${remoteAddress}:${remotePort}` };
}

/** Undefined when the path has not two segments, or not the extension. */
function readAddress({ path, host, query }: WatchCall, extension: '' | '.flv'): WatchAddress | undefined {
  const rest = path.startsWith(LIVE_PREFIX) ? path.slice(LIVE_PREFIX.length) : path.slice(1);
  const [app = '', file = '', ...more] = rest.split('/');
  if (app === '' || more.length > 0 || !file.endsWith(extension) || file.length === extension.length) return undefined;
  const name = file.slice(0, file.length - extension.length);
  return {
    host: query.get('vhost')?.toLowerCase() ?? host,
    app,
    name,
    extension,
    authKey: query.get('auth_key') ?? undefined,
  };
}

/** Suffixes of the stream name that leave a track out. */
function readWishes(path: string): { readonly path: string; readonly video: boolean; readonly audio: boolean } {
  const [bare = '', ...suffixes] = path.split('@');
  return { path: bare, video: !suffixes.includes('subvideo=no'), audio: !suffixes.includes('subaudio=no') };
}

function readUser(path: string) {
  if (!path.startsWith(ROOMS_PREFIX)) return undefined;
  const [appId = '', channelId = '', userId = '', ...more] = path.slice(ROOMS_PREFIX.length).split('/');
  return userId === '' || more.length > 0 ? undefined : { appId, channelId, userId };
}

function viewerOf({ query, remoteAddr }: WatchCall) {
  return { name: query.get('uid') || undefined, remoteAddr };
}

function statusOf(error: unknown): number {
  if (error instanceof WatchRefused) return error.status;
  if (error instanceof BadOffer) return 400;
  if (error instanceof OfferRefused) return 406;
  return error instanceof WebRtcMissing ? 501 : 500;
}

/** Undefined when it is too long for an offer; what was read of it is lost then. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, sizeBytes);
}
