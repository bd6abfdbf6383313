/** Plays streams over HTTP-FLV and HLS. */

import type { ServerResponse } from 'node:http';
import { percentEncode } from '../aliyun/auth/canonical.ts';
import type { Log } from '../base/log.ts';
import { isOwnPath } from '../http/own-path.ts';
import { sendAnswer } from '../http/send.ts';
import {
  type OtherNode,
  type WatchAddress,
  type WatchDirectory,
  type Watched,
  WatchRefused,
  type WatchSubject,
} from './directory.ts';
import { showFlv } from './flv.ts';
import type { Forwarder } from './forwarding/forwarder.ts';
import type { HlsWindows } from './hls.ts';
import { PREFLIGHT, refuse } from './signalling.ts';
import type { Viewers } from './viewers.ts';
import { readWatchAddress, viewerName, type WatchCall } from './watch-call.ts';
import type { WatchableStream } from './watchable.ts';

const OPEN = { 'Cache-Control': 'no-store', 'Access-Control-Allow-Origin': '*' };
const FLV = { ...OPEN, 'Content-Type': 'video/x-flv' };
const PLAYLIST = { ...OPEN, 'Content-Type': 'application/x-mpegURL' };
const FRAGMENT = { ...OPEN, 'Content-Type': 'video/MP2T' };

export interface PlaybackDeps {
  readonly directory: WatchDirectory;
  readonly viewers: Viewers;
  readonly hls: HlsWindows;
  readonly forwarder: Forwarder;
  readonly log: Log;
  /** Whether the path cannot be an object of a bucket. */
  readonly isOurs: (call: WatchCall, app: string) => Promise<boolean>;
}

/** What a GET requests. */
type Wanted = { readonly kind: 'flv'; readonly address: WatchAddress } | WantedHls;

type WantedHls =
  | { readonly kind: 'playlist'; readonly address: WatchAddress }
  | { readonly kind: 'fragment'; readonly address: WatchAddress; readonly sequence: number };

export class Playback {
  readonly #deps: PlaybackDeps;

  constructor(deps: PlaybackDeps) {
    this.#deps = deps;
  }

  /** Answers a GET or HEAD of a stream; resolves to false, without an answer, if it is for something else. */
  async take(call: WatchCall, response: ServerResponse): Promise<boolean> {
    const { directory, forwarder, log } = this.#deps;
    const wanted = readWanted(call);
    if (!wanted || !(await this.#isOurs(call, wanted))) return false;
    const { address } = wanted;
    try {
      const watched = directory.find(address);
      const ended = watched ? undefined : this.#findEnded(wanted);
      const node = watched ? undefined : this.#elsewhere(wanted, ended);
      if (node) {
        await forwarder.forward(call, node, response);
        return true;
      }
      const subject = watched?.subject ?? ended;
      if (!subject) throw new WatchRefused(404, `Nothing is live at ${call.path}.`);
      if (!watched) directory.check(address, subject);
      if (wanted.kind === 'flv') {
        if (watched) await this.#answerFlv(call, watched, response);
      } else {
        await sendAnswer(await this.#hlsAnswer(call, wanted, subject, watched?.stream), response);
      }
    } catch (error) {
      if (!(error instanceof WatchRefused)) throw error;
      log.info('viewer.refused', { path: call.path, status: error.status, reason: error.reason });
      await sendAnswer(refuse(error.status, error.message), response);
    }
    return true;
  }

  /** Answers a CORS preflight, so that a page of another origin can send its own headers. */
  async preflight(call: WatchCall, response: ServerResponse): Promise<boolean> {
    const wanted = readWanted(call);
    if (!wanted || !(await this.#isOurs(call, wanted))) return false;
    await sendAnswer(PREFLIGHT, response);
    return true;
  }

  async #isOurs(call: WatchCall, wanted: Wanted): Promise<boolean> {
    const { directory, isOurs } = this.#deps;
    const { address } = wanted;
    if (call.isForwarded) return true;
    const isForViewers = isOwnPath(call.path) || directory.isLiveDomain(call.host);
    // Enough for most requests: those for objects need no database query.
    if (!isForViewers && !this.#isKnown(wanted)) return false;
    return isOurs(call, address.app);
  }

  #isKnown(wanted: Wanted): boolean {
    if (this.#deps.directory.isPublishing(wanted.address)) return true;
    return this.#findEnded(wanted) !== undefined || this.#elsewhere(wanted, undefined) !== undefined;
  }

  /** @param ended what can still be played here, after its push */
  #elsewhere({ kind, address }: Wanted, ended: WatchSubject | undefined): OtherNode | undefined {
    const { directory } = this.#deps;
    const isMeant = (subject: WatchSubject) => directory.isAddressOf(address, subject);
    const node = directory.elsewhere(isMeant);
    return node ?? (kind === 'flv' || ended ? undefined : directory.endedElsewhere(isMeant));
  }

  /** HLS outlasts the push. */
  #findEnded({ kind, address }: Wanted): WatchSubject | undefined {
    const { directory, hls } = this.#deps;
    return kind === 'flv' ? undefined : hls.find((subject) => directory.isAddressOf(address, subject));
  }

  async #answerFlv(call: WatchCall, watched: Watched, response: ServerResponse): Promise<void> {
    if (call.method === 'HEAD') {
      response.writeHead(200, FLV).end();
      return;
    }
    const viewer = { watched, name: viewerName(call), remoteAddr: call.remoteAddr, protocol: 'flv' } as const;
    await this.#deps.viewers.admit(viewer, async () => {
      response.writeHead(200, FLV);
      // It can take a while until the first frame.
      response.flushHeaders();
      return { showing: showFlv(watched.stream, response) };
    });
  }

  /** @throws WatchRefused when there is no such playlist or fragment */
  async #hlsAnswer(
    call: WatchCall,
    wanted: WantedHls,
    subject: WatchSubject,
    stream: WatchableStream | undefined,
  ): Promise<{ readonly status: number; readonly headers: Record<string, string>; readonly body: string | Buffer }> {
    const { hls } = this.#deps;
    if (wanted.kind === 'fragment') {
      const body = hls.fragment(subject, wanted.sequence);
      if (!body) throw new WatchRefused(404, 'The fragment is not there any more.');
      return { status: 200, headers: FRAGMENT, body };
    }
    // The signature of the playlist address is needed for its fragments too.
    const query = call.query.size > 0 ? `?${call.query}` : '';
    const name = percentEncode(wanted.address.name);
    const body = await hls.playlist(subject, stream, (sequence) => `${name}.${sequence}.ts${query}`);
    if (body === undefined) throw new WatchRefused(404, 'The stream has no picture yet, or none any more.');
    return { status: 200, headers: PLAYLIST, body };
  }
}

function readWanted(call: WatchCall): Wanted | undefined {
  const flv = readWatchAddress(call, '.flv');
  if (flv) return { kind: 'flv', address: flv };
  const playlist = readWatchAddress(call, '.m3u8');
  if (playlist) return { kind: 'playlist', address: playlist };
  const match = /^(.+)\.(\d{1,10})\.ts$/.exec(call.path);
  const fragment = match && readWatchAddress({ ...call, path: `${match[1]}.m3u8` }, '.m3u8');
  return fragment ? { kind: 'fragment', address: fragment, sequence: Number(match[2]) } : undefined;
}
