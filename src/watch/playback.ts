/** Plays streams over HTTP-FLV and HLS. */
import type { ServerResponse } from 'node:http';
import type { Log } from '../base/log.ts';
import { sendAnswer } from '../http/send.ts';
import { type WatchAddress, type WatchDirectory, type Watched, WatchRefused } from './directory.ts';
import { showFlv } from './flv.ts';
import type { HlsWindows } from './hls.ts';
import { PREFLIGHT, refuse } from './signalling.ts';
import type { Viewers } from './viewers.ts';
import { hasOwnPath, readWatchAddress, viewerName, type WatchCall } from './watch-call.ts';

const OPEN = { 'Cache-Control': 'no-store', 'Access-Control-Allow-Origin': '*' };
const FLV = { ...OPEN, 'Content-Type': 'video/x-flv' };
const PLAYLIST = { ...OPEN, 'Content-Type': 'application/x-mpegURL' };
const FRAGMENT = { ...OPEN, 'Content-Type': 'video/MP2T' };

export interface PlaybackDeps {
  readonly directory: WatchDirectory;
  readonly viewers: Viewers;
  readonly hls: HlsWindows;
  readonly log: Log;
  /** Whether the path cannot be an object of a bucket. */
  readonly isOurs: (call: WatchCall, app: string) => Promise<boolean>;
}

/** What a GET requests. */
type Wanted =
  | { readonly kind: 'flv' | 'playlist'; readonly address: WatchAddress }
  | { readonly kind: 'fragment'; readonly address: WatchAddress; readonly sequence: number };

export class Playback {
  readonly #deps: PlaybackDeps;

  constructor(deps: PlaybackDeps) {
    this.#deps = deps;
  }

  /** Answers a GET or HEAD of a stream; resolves to false, without an answer, if it is for something else. */
  async take(call: WatchCall, response: ServerResponse): Promise<boolean> {
    const { directory, log } = this.#deps;
    const wanted = readWanted(call);
    if (!wanted || !(await this.#isOurs(call, wanted))) return false;
    const { address } = wanted;
    try {
      const watched = directory.find(address);
      if (!watched) throw new WatchRefused(404, `Nothing is live at ${call.path}.`);
      await this.#answer(call, wanted, watched, response);
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

  async #isOurs(call: WatchCall, { address }: Wanted): Promise<boolean> {
    const { directory, isOurs } = this.#deps;
    const isForViewers = hasOwnPath(call) || directory.isLiveDomain(call.host);
    // Enough for most requests: those for objects need no database query.
    if (!isForViewers && !directory.isPublishing(address)) return false;
    return isOurs(call, address.app);
  }

  async #answer(call: WatchCall, wanted: Wanted, watched: Watched, response: ServerResponse): Promise<void> {
    const { viewers, hls } = this.#deps;
    const { stream } = watched;
    switch (wanted.kind) {
      case 'flv': {
        if (call.method === 'HEAD') {
          response.writeHead(200, FLV).end();
          return;
        }
        const viewer = { watched, name: viewerName(call), remoteAddr: call.remoteAddr, protocol: 'flv' } as const;
        await viewers.admit(viewer, async () => {
          response.writeHead(200, FLV);
          // It can take a while until the first frame.
          response.flushHeaders();
          return { showing: showFlv(stream, response) };
        });
        return;
      }
      case 'playlist': {
        // The signature of the playlist address is needed for its fragments too.
        const query = call.query.size > 0 ? `?${call.query}` : '';
        const name = encodeURIComponent(wanted.address.name);
        const body = await hls.playlist(stream, (sequence) => `${name}.${sequence}.ts${query}`);
        if (body === undefined) throw new WatchRefused(404, 'The stream has no picture yet.');
        await sendAnswer({ status: 200, headers: PLAYLIST, body }, response);
        return;
      }
      case 'fragment': {
        const body = hls.fragment(stream, wanted.sequence);
        if (!body) throw new WatchRefused(404, 'The fragment is not there any more.');
        await sendAnswer({ status: 200, headers: FRAGMENT, body }, response);
      }
    }
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
