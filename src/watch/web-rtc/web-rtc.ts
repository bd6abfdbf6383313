/**
 * Watching over WebRTC: the offer of a browser is answered at once, with all candidates.
 *
 * All viewers share one UDP port. They are distinguished by the user fragment of their ICE checks, later by their
 * address. We are the lite side of ICE: the browser sends the checks, so its candidates do not matter.
 */

import { getHashes, randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { Clock, Timer } from '../../base/clock.ts';
import { errorText } from '../../base/error-text.ts';
import type { Log } from '../../base/log.ts';
import type { OpusEncoderFactory } from '../audio/opus-encoder.ts';
import { type BroadcastShare, Broadcasts } from '../broadcasts.ts';
import type { ConnectionStage } from '../viewers.ts';
import type { WatchableStream } from '../watchable.ts';
import { type Dtls, loadDtls } from './dtls.ts';
import { type MediaKind, type Offer, parseOffer, type SentTrack, writeAnswer } from './sdp.ts';
import { type IcePeer, parseBindingRequest } from './stun.ts';
import { UdpPort } from './udp-port.ts';
import { ViewerConnection } from './viewer.ts';

/** A browser sends a check every few seconds; without one for this time it has left. RFC 7675 clause 5.1. */
const MAX_SILENCE_MS = 30_000;
/** The longest time between two checks of a browser that is there: 5 s and a fifth. RFC 7675 clause 5.1. */
const MAX_CHECK_INTERVAL_MS = 6_000;
const REPORT_INTERVAL_MS = 1_000;
/** RFC 8445 clause 5.3: at least 24 bits in a user fragment and 128 in a password. In base64 these need no padding. */
const UFRAG_SIZE_BYTES = 6;
const PASSWORD_SIZE_BYTES = 18;

export interface WebRtcDeps {
  /** Real time: the playback of viewers does not follow the clock of the emulator. */
  readonly clock: Clock;
  readonly log: Log;
  /** Finds an Opus encoder, and logs it if there is none. Called once, for the first viewer with audio. */
  readonly loadOpus: () => Promise<OpusEncoderFactory | undefined>;
  /** Where to listen; `localhost` and `0.0.0.0` are every address, the first one only for clients on this machine. */
  readonly host: string;
  /** The operating system chooses another one for 0 and for one that is taken. */
  readonly udpPort: number;
  /** Further addresses at which browsers reach the port, besides those of the machine. */
  readonly hosts: readonly string[];
}

export interface WatchRequest {
  readonly stream: WatchableStream;
  /** SDP. */
  readonly offer: string;
  readonly video: boolean;
  readonly audio: boolean;
  /** Name of the viewer in the log; by default a random one. */
  readonly id?: string;
}

export interface WebRtcViewing {
  readonly id: string;
  /** Resolves to the reason, on whichever side it ended. */
  readonly ended: Promise<string>;
  /** Whether the browser has missed a check, so that it may have left. */
  isSilent(): boolean;
  stage(): ConnectionStage;
  close(reason: string): void;
}

/** The offer cannot be answered. */
export class OfferRefused extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'OfferRefused';
  }
}

/** The parts that all viewers share, opened for the first one. */
interface Ground {
  readonly dtls: Dtls;
  readonly port: UdpPort;
}

interface Admission {
  readonly id: string;
  readonly offer: Offer;
  /** The track of each section of the offer. */
  readonly tracks: readonly (SentTrack | undefined)[];
  readonly share: BroadcastShare;
}

/** All viewers of one emulator. */
export class WebRtc {
  readonly #deps: WebRtcDeps;
  readonly #broadcasts: Broadcasts;
  /** By their user fragment. */
  readonly #viewers = new Map<string, ViewerConnection>();
  /** By their current address. */
  readonly #byPeer = new Map<string, ViewerConnection>();
  #ground: Promise<Ground> | undefined;
  #opus: Promise<OpusEncoderFactory | undefined> | undefined;
  #timer: Timer | undefined;
  #closing: Promise<void> | undefined;

  constructor(deps: WebRtcDeps) {
    this.#deps = deps;
    this.#broadcasts = new Broadcasts(deps);
  }

  /**
   * @throws WebRtcMissing when werift is not installed
   * @throws OfferRefused when the offer cannot be answered
   */
  async watch(request: WatchRequest): Promise<{ readonly answer: string; readonly viewer: WebRtcViewing }> {
    const offer = readOffer(request.offer);
    const tracks = chooseTracks(offer, request);
    // Before the first await: the stream may end during it.
    const share = this.#broadcasts.join(request.stream);
    try {
      this.#ground ??= this.#open();
      const ground = await this.#ground;
      if (this.#closing) throw new OfferRefused('the emulator is shutting down');
      return this.#admit({ id: request.id ?? randomUUID(), offer, tracks, share }, ground);
    } catch (error) {
      share.leave();
      throw error;
    }
  }

  /** Ends every viewer and frees the port. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const viewer of [...this.#viewers.values()]) viewer.end('the emulator is shutting down');
    const ground = await this.#ground?.catch(() => undefined);
    this.#timer?.cancel();
    await ground?.port.close();
  }

  async #open(): Promise<Ground> {
    try {
      const dtls = await loadDtls();
      const { host, log, udpPort } = this.#deps;
      const port = await UdpPort.open(host, udpPort, (datagram, peer) => this.#receive(datagram, peer));
      if (udpPort !== 0 && port.port !== udpPort) log.warn('watch.port-taken', { wanted: udpPort, udpPort: port.port });
      else log.info('watch.listening', { udpPort: port.port });
      this.#tick();
      return { dtls, port };
    } catch (error) {
      // Try again for the next viewer: a missing package may be installed, or a taken port free, by then.
      this.#ground = undefined;
      throw error;
    }
  }

  #admit({ id, offer, tracks, share }: Admission, { dtls, port }: Ground): { answer: string; viewer: WebRtcViewing } {
    const log = this.#deps.log.with({ viewer: id });
    const ufrag = randomBytes(UFRAG_SIZE_BYTES).toString('base64');
    const password = randomBytes(PASSWORD_SIZE_BYTES).toString('base64');
    const audio = tracks.find((track) => track?.kind === 'audio');
    let isHeard = false;
    let resolveEnded: (reason: string) => void = () => {};
    const ended = new Promise<string>((resolve) => {
      resolveEnded = resolve;
    });
    const connection = new ViewerConnection({
      ufrag,
      password,
      cname: id,
      fingerprint: offer.fingerprint,
      audio,
      dtls,
      clock: this.#deps.clock,
      video: tracks.find((track) => track?.kind === 'video'),
      broadcast: share.broadcast,
      allocate: (sizeBytes) => port.allocate(sizeBytes),
      isFor: (peer) => port.isFor(peer),
      send: (datagram, peer) => port.send(datagram, peer),
      onFound: (peer) => {
        this.#byPeer.set(peerKey(peer), connection);
        // Not for the offer alone: an encoder is a process, and an offer costs its sender nothing.
        if (audio && !isHeard) void this.#listen(share);
        isHeard = true;
      },
      onPlaying: () => log.info('watch.playing'),
      onEnded: (reason) => {
        this.#forget(ufrag, connection);
        share.leave();
        log.info('watch.ended', { reason });
        resolveEnded(reason);
      },
    });
    this.#viewers.set(ufrag, connection);
    share.broadcast.add(connection);
    const addresses = [...new Set([...port.addresses, ...this.#deps.hosts])];
    const answer = writeAnswer(offer, {
      sessionId: String(randomInt(2 ** 47)),
      ufrag,
      password,
      cname: id,
      addresses,
      port: port.port,
      tracks,
      sha256Fingerprint: dtls.sha256Fingerprint,
    });
    const isSilent = () => this.#silenceMs(connection) > MAX_CHECK_INTERVAL_MS;
    const stage = () => connection.stage;
    return { answer, viewer: { id, ended, isSilent, stage, close: (reason) => connection.end(reason) } };
  }

  /** Does not reject. */
  async #listen({ broadcast }: BroadcastShare): Promise<void> {
    this.#opus ??= this.#deps.loadOpus().catch((error) => {
      this.#deps.log.error('watch.sound-failed', { error: errorText(error) });
      return undefined;
    });
    const factory = await this.#opus;
    if (factory) broadcast.listen(factory);
  }

  #forget(ufrag: string, connection: ViewerConnection): void {
    this.#viewers.delete(ufrag);
    for (const [key, each] of this.#byPeer) if (each === connection) this.#byPeer.delete(key);
  }

  #receive(datagram: Buffer, peer: IcePeer): void {
    const request = parseBindingRequest(datagram);
    if (request) this.#viewers.get(request.username)?.check(request, peer);
    else this.#byPeer.get(peerKey(peer))?.receive(datagram);
  }

  #silenceMs({ lastReceivedMs }: ViewerConnection): number {
    return this.#deps.clock.now() - lastReceivedMs;
  }

  #tick(): void {
    this.#timer = this.#deps.clock.setTimeout(() => {
      for (const viewer of [...this.#viewers.values()]) {
        if (this.#silenceMs(viewer) > MAX_SILENCE_MS) viewer.end('not heard of anymore');
        else viewer.report();
      }
      this.#tick();
    }, REPORT_INTERVAL_MS);
  }
}

/** @throws OfferRefused when it has no ICE and DTLS, or not in a form that we support */
function readOffer(text: string): Offer {
  const offer = parseOffer(text);
  if (!offer) throw new OfferRefused('this is not an SDP offer with ICE and DTLS');
  if (offer.setup === 'active') throw new OfferRefused('the offer must have a=setup:actpass');
  if (!getHashes().includes(offer.fingerprint.algorithm)) {
    throw new OfferRefused(`the fingerprint algorithm ${offer.fingerprint.algorithm} is not known`);
  }
  return offer;
}

/** @throws OfferRefused when it has no section for a wanted track, or the sections have several transports */
function chooseTracks(offer: Offer, { video, audio }: WatchRequest): readonly (SentTrack | undefined)[] {
  const wanted: Record<MediaKind, boolean> = { video, audio };
  const taken = new Set<MediaKind>();
  const tracks = offer.sections.map(({ kind, codec }): SentTrack | undefined => {
    if ((kind !== 'video' && kind !== 'audio') || !codec || !wanted[kind] || taken.has(kind)) return undefined;
    taken.add(kind);
    return { kind, payloadType: codec.payloadType, ssrc: randomInt(1, 2 ** 32) };
  });
  if (video && !taken.has('video')) {
    throw new OfferRefused('the offer has no section that takes H.264 with packetization-mode=1');
  }
  if (taken.size === 0) throw new OfferRefused('the offer has no section that takes Opus');
  if (taken.size > 1 && !offer.bundled) throw new OfferRefused('the sections of the offer must share one transport');
  return tracks;
}

function peerKey({ address, port }: IcePeer): string {
  return `${address} ${port}`;
}
