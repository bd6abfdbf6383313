/**
 * Recognizes the HTTP requests of viewers and answers them. OSS shares the port: a path of two segments is an object of
 * OSS unless a stream is pushed to it, and a bucket has precedence.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Endpoint, readHost } from '../aliyun/endpoint.ts';
import { errorStack, errorText } from '../base/error-text.ts';
import type { Log } from '../base/log.ts';
import { readBody } from '../http/body.ts';
import { isOwnPath } from '../http/own-path.ts';
import { sendAnswer } from '../http/send.ts';
import { socketAddresses } from '../net/socket-addresses.ts';
import { type OtherNode, subjectKey, type WatchDirectory, WatchRefused } from './directory.ts';
import { claimsForwarded, FORWARDED_PREFIX } from './forwarding/forwarded-call.ts';
import type { Forwarder } from './forwarding/forwarder.ts';
import type { HlsWindows } from './hls.ts';
import { Playback } from './playback.ts';
import {
  answerOffer,
  BadOffer,
  PREFLIGHT,
  readOffer,
  refuse,
  refuseOffer,
  type SignallingAnswer,
  type WatchOffer,
} from './signalling.ts';
import type { Viewers } from './viewers.ts';
import {
  isSdp,
  MAX_OFFER_BYTES,
  mayBeViewer,
  readCall,
  readUser,
  readWatchAddress,
  readWishes,
  viewerName,
  type WatchCall,
  WHEP_PREFIX,
} from './watch-call.ts';
import { WebRtcMissing } from './web-rtc/dtls.ts';
import { OfferRefused, type WebRtc } from './web-rtc/web-rtc.ts';

export interface WatchHttpDeps {
  readonly directory: WatchDirectory;
  readonly viewers: Viewers;
  readonly webRtc: WebRtc;
  readonly hls: HlsWindows;
  readonly forwarder: Forwarder;
  /** Where nodes share a database. */
  readonly nodeId: string | undefined;
  readonly endpoint: Endpoint;
  readonly log: Log;
  readonly hasBucket: (name: string) => Promise<boolean>;
}

/**
 * Each of the two answers the requests of viewers at its addresses, and resolves to false, without an answer, for any
 * other request.
 */
export class WatchHttp {
  readonly #deps: WatchHttpDeps;
  readonly #playback: Playback;

  constructor(deps: WatchHttpDeps) {
    this.#deps = deps;
    this.#playback = new Playback({ ...deps, isOurs: (call, app) => this.#isOurs(call, app) });
  }

  /** At the addresses of the service. */
  readonly take = async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    if (this.#deps.nodeId !== undefined && claimsForwarded(request)) return this.#answerForwarded(request, response);
    if (!mayBeViewer(request)) return false;
    const call = readCall(request);
    if (!call || isOwnPath(call.path)) return false;
    if (call.path.startsWith(WHEP_PREFIX) && !(await this.#isOurs(call))) return false;
    return this.#answer(call, request, response);
  };

  /** Below the path of the emulator. */
  readonly takeOwn = async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    const call = mayBeViewer(request) ? readCall(request) : undefined;
    return call !== undefined && isOwnPath(call.path) && this.#answer(call, request, response);
  };

  /** What another node has forwarded; it has decided that it is for viewers. */
  async #answerForwarded(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    try {
      const call = this.#deps.forwarder.receive(request, response);
      if (!(await this.#answer(call, request, response))) throw nothingLive(call);
    } catch (error) {
      if (!(error instanceof WatchRefused)) throw error;
      const { status, message, reason } = error;
      const remote = socketAddresses(request.socket).remoteAddr;
      this.#deps.log.info('viewer.refused', { path: FORWARDED_PREFIX, remote, status, reason });
      await sendAnswer(refuse(status, message), response);
    }
    return true;
  }

  async #answer(call: WatchCall, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    switch (call.method) {
      case 'GET':
      case 'HEAD':
        return this.#playback.take(call, response);
      case 'OPTIONS':
        return this.#preflight(call, response);
      case 'POST':
        return this.#signal(call, request, response);
      default:
        return this.#end(call, response);
    }
  }

  async #preflight(call: WatchCall, response: ServerResponse): Promise<boolean> {
    const asked = call.headers.get('access-control-request-method');
    if (asked === 'GET') return this.#playback.preflight(call, response);
    const address = readWatchAddress(call);
    const isOurs =
      call.path.startsWith(WHEP_PREFIX) ||
      readUser(call) !== undefined ||
      (asked === 'POST' && address !== undefined && (await this.#isOurs(call, address.app)));
    if (isOurs) await sendAnswer(PREFLIGHT, response);
    return isOurs;
  }

  /** Answers an offer. Other requests with such a path and method are for OSS, which does not read their body. */
  async #signal(call: WatchCall, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    // The body must not be read if the request is for OSS.
    if (!readUser(call) && !readWatchAddress(call)) return false;
    const body = await readBody(request, MAX_OFFER_BYTES);
    if (!body && !this.#isWatched(call)) return false;
    const contentType = call.headers.get('content-type') ?? '';
    // When the offer cannot be read, the content type decides the protocol of the refusal.
    const spoken = isSdp(contentType) ? 'whep' : 'rts';
    try {
      if (!body) throw new OfferRefused(`the offer has more than ${MAX_OFFER_BYTES} bytes`);
      const offer = readOffer(contentType, body);
      if (!offer) return false;
      const node = this.#elsewhere(call);
      if (node) await this.#deps.forwarder.forward(call, node, response, body);
      else await sendAnswer(await this.#watch(call, offer), response);
    } catch (error) {
      await sendAnswer(this.#refusal(call, spoken, error), response);
    }
    return true;
  }

  /** Whether what is posted there, too long to be read, is meant as an offer: it would be an upload otherwise. */
  #isWatched(asked: WatchCall): boolean {
    const address = readWatchAddress(readWishes(asked).call);
    const isPublishing = address !== undefined && this.#deps.directory.isPublishing(address);
    return isOwnPath(asked.path) || isPublishing || this.#elsewhere(asked) !== undefined;
  }

  async #watch(asked: WatchCall, { protocol, sdp: offer }: WatchOffer): Promise<SignallingAnswer> {
    const { directory, viewers, webRtc } = this.#deps;
    const { call, video, audio } = readWishes(asked);
    const user = readUser(call);
    const address = readWatchAddress(call);
    const watched = user ? directory.findSubject(user) : address && directory.find(address);
    if (!watched) throw nothingLive(call);
    const viewer = { watched, name: viewerName(call), remoteAddr: call.remoteAddr, protocol };
    const { stream } = watched;
    const { id, answer } = await viewers.admit(viewer, async (viewerId) => {
      const { answer: sdp, viewer: showing } = await webRtc.watch({ id: viewerId, stream, offer, video, audio });
      return { id: viewerId, answer: sdp, showing };
    });
    return answerOffer(protocol, answer, this.#sessionOf(id));
  }

  /** The other node that has what is asked for; nothing of it is here. */
  #elsewhere(asked: WatchCall): OtherNode | undefined {
    const { directory } = this.#deps;
    const { call } = readWishes(asked);
    const user = readUser(call);
    if (user) {
      if (directory.findSubject(user)) return undefined;
      return directory.elsewhere((subject) => subjectKey(subject) === subjectKey(user));
    }
    const address = readWatchAddress(call);
    if (!address || directory.isPublishing(address)) return undefined;
    return directory.elsewhere((subject) => directory.isAddressOf(address, subject));
  }

  /** With the node, because its end may be asked of any. */
  #sessionOf(viewerId: string): string {
    const { nodeId } = this.#deps;
    return nodeId === undefined ? viewerId : `${encodeURIComponent(nodeId)}/${viewerId}`;
  }

  #refusal({ path }: WatchCall, protocol: WatchOffer['protocol'], error: unknown): SignallingAnswer {
    const { log } = this.#deps;
    const status = statusOf(error);
    const message = errorText(error);
    if (status === 500) log.error('bug', { stack: errorStack(error) });
    log.info('viewer.refused', { path, status, reason: error instanceof WatchRefused ? error.reason : message });
    return refuseOffer(protocol, status, message);
  }

  /** Ends a WHEP session. Paths with this prefix are never for OSS. */
  async #end(call: WatchCall, response: ServerResponse): Promise<boolean> {
    const { directory, forwarder, log } = this.#deps;
    const { method, path } = call;
    const [viewerId = '', ...nodeId] = path.slice(WHEP_PREFIX.length).split('/').reverse();
    const node = directory.otherNode(nodeId.reverse().join('/'));
    if (!node) {
      await sendAnswer(this.#endAnswer(method, viewerId), response);
      return true;
    }
    try {
      await forwarder.forward(call, node, response);
    } catch (error) {
      if (!(error instanceof WatchRefused)) throw error;
      log.info('viewer.refused', { path, status: error.status, reason: error.reason });
      await sendAnswer(refuse(error.status, error.message), response);
    }
    return true;
  }

  #endAnswer(method: string, viewerId: string): SignallingAnswer {
    if (method !== 'DELETE') {
      const { headers, ...answer } = refuse(405, 'A session can only be deleted.');
      return { ...answer, headers: { ...headers, allow: 'DELETE, OPTIONS' } };
    }
    if (this.#deps.viewers.remove(viewerId, 'the viewer left')) return refuse(200, 'Ended.');
    return refuse(404, 'There is no such viewer.');
  }

  /** A bucket has precedence: the one in the host, else the one that would be the first segment of the path. */
  async #isOurs(call: WatchCall, app = ''): Promise<boolean> {
    const { directory, endpoint, hasBucket } = this.#deps;
    const host = readHost(call.host, endpoint);
    const isLiveDomain = directory.isLiveDomain(call.host);
    if (host.style === 'bucket') return isLiveDomain && !(await hasBucket(host.bucket));
    return isOwnPath(call.path) || isLiveDomain || !(await hasBucket(app));
  }
}

function nothingLive({ path }: WatchCall): WatchRefused {
  return new WatchRefused(404, `Nothing is live at ${path}.`);
}

function statusOf(error: unknown): number {
  if (error instanceof WatchRefused) return error.status;
  if (error instanceof BadOffer) return 400;
  if (error instanceof OfferRefused) return 406;
  return error instanceof WebRtcMissing ? 501 : 500;
}
