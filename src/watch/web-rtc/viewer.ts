/** The connection of one browser: ICE until its address is known, DTLS until there are keys, then media until it ends. */
import type { Clock } from '../../base/clock.ts';
import { OPUS_TICKS_PER_MS as AUDIO_TICKS_PER_MS } from '../audio/opus-encoder.ts';
import { type Broadcast, type BroadcastViewer, VIDEO_TICKS_PER_MS } from '../broadcast.ts';
import type { ConnectionStage } from '../viewers.ts';
import type { Dtls, DtlsConnection, SrtpKeys } from './dtls.ts';
import { parseMissedPackets, writeGoodbye, writeSenderReport } from './rtcp.ts';
import type { Fingerprint, SentTrack } from './sdp.ts';
import { type Allocate, createProtection, createRtcpUnprotect, type Protection, type RtcpUnprotect } from './srtp.ts';
import type { BindingRequest, IcePeer } from './stun.ts';
import { TrackSender } from './track-sender.ts';

/** Limit per request; the browser requests the rest again. */
const MAX_RESENT_PACKETS = 64;

/** First byte of a DTLS datagram: several protocols share the port. RFC 7983 clause 7. */
const DTLS_FIRST_BYTE = { min: 20, max: 63 } as const;
const RTP_FIRST_BYTE = { min: 128, max: 191 } as const;

export interface ViewerStart {
  /** User fragment of our side of ICE. */
  readonly ufrag: string;
  readonly password: string;
  readonly cname: string;
  /** Fingerprint of the certificate of the browser. */
  readonly fingerprint: Fingerprint;
  readonly video: SentTrack | undefined;
  readonly audio: SentTrack | undefined;
  readonly broadcast: Broadcast;
  readonly dtls: Dtls;
  readonly clock: Clock;
  /** Memory for a datagram that is sent at once. */
  readonly allocate: Allocate;
  /** Whether a client at the address may connect. */
  isFor(peer: IcePeer): boolean;
  send(datagram: Buffer, peer: IcePeer): void;
  /** The address of the browser is known, or has changed. */
  onFound(peer: IcePeer): void;
  onPlaying(): void;
  onEnded(reason: string): void;
}

interface Media {
  readonly protection: Protection;
  readonly unprotect: RtcpUnprotect;
  readonly video: TrackSender | undefined;
  readonly audio: TrackSender | undefined;
}

export class ViewerConnection implements BroadcastViewer {
  readonly #start: ViewerStart;
  #peer: IcePeer | undefined;
  #dtls: DtlsConnection | undefined;
  #media: Media | undefined;
  #waitsForKeyFrame = true;
  #reports = 0;
  #lastReceivedMs: number;
  #over = false;

  constructor(start: ViewerStart) {
    this.#start = start;
    this.#lastReceivedMs = start.clock.now();
  }

  /** When the browser last sent a valid datagram; until the media starts, the time of its request. */
  get lastReceivedMs(): number {
    return this.#lastReceivedMs;
  }

  get stage(): ConnectionStage {
    if (this.#media) return 'connected';
    return this.#peer ? 'reached' : 'offered';
  }

  /** Answers an ICE check; the first one that nominates a candidate pair begins the handshake. */
  check(request: BindingRequest, peer: IcePeer): void {
    const { clock, dtls, fingerprint, isFor, password, send, onFound } = this.#start;
    if (this.#over || !request.isFrom(password) || !isFor(peer)) return;
    if (this.#media) this.#lastReceivedMs = clock.now();
    send(request.answer(peer, password), peer);
    if (!this.#peer || request.nominates) {
      this.#peer = peer;
      onFound(peer);
    }
    if (!request.nominates || this.#dtls) return;
    this.#dtls = dtls.connect(fingerprint, {
      send: (datagram) => this.#send(datagram),
      onKeys: (keys) => this.#play(keys),
      onClosed: (reason) => this.end(reason),
    });
  }

  /** Handles a datagram from the address of the browser that is not STUN. */
  receive(datagram: Buffer): void {
    const [first = 0] = datagram;
    if (first >= DTLS_FIRST_BYTE.min && first <= DTLS_FIRST_BYTE.max) this.#dtls?.receive(datagram);
    else if (first >= RTP_FIRST_BYTE.min && first <= RTP_FIRST_BYTE.max) this.#receiveRtcp(datagram);
  }

  pump(limit: number): boolean {
    if (!this.#media) return false;
    const { audio, video } = this.#media;
    const moreAudio = audio?.pump(limit) === true;
    if (!video || !this.#canSend(video)) return moreAudio;
    return video.pump(limit) || moreAudio;
  }

  streamEnded(): void {
    this.end('the stream ended');
  }

  /** Sends sender reports, by which the browser synchronizes the tracks. */
  report(): void {
    const wallMs = this.#start.clock.now();
    const mediaMs = this.#start.broadcast.timeline.mediaMsAt(wallMs);
    if (mediaMs === undefined) return;
    this.#reportTrack(this.#media?.video, wallMs, mediaMs * VIDEO_TICKS_PER_MS);
    this.#reportTrack(this.#media?.audio, wallMs, mediaMs * AUDIO_TICKS_PER_MS);
  }

  /** Ends the connection and ignores later datagrams. */
  end(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    for (const track of [this.#media?.video, this.#media?.audio]) {
      if (track) this.#sendRtcp(writeGoodbye(track.ssrc));
    }
    this.#media = undefined;
    this.#dtls?.close();
    this.#start.broadcast.remove(this);
    this.#start.onEnded(reason);
  }

  #play({ local, remote }: SrtpKeys): void {
    const { audio, broadcast, clock, onPlaying, video } = this.#start;
    this.#lastReceivedMs = clock.now();
    const protection = createProtection(local, this.#start.allocate);
    const send = (datagram: Buffer) => this.#send(datagram);
    const { keyFrame } = broadcast;
    this.#waitsForKeyFrame = keyFrame === undefined;
    this.#media = {
      protection,
      unprotect: createRtcpUnprotect(remote),
      video:
        video &&
        new TrackSender({
          history: broadcast.video,
          from: keyFrame ?? broadcast.video.end,
          track: video,
          seal: protection.rtp(video.ssrc),
          send,
        }),
      audio:
        audio &&
        new TrackSender({
          history: broadcast.audio,
          from: broadcast.audio.end,
          track: audio,
          seal: protection.rtp(audio.ssrc),
          send,
        }),
    };
    this.report();
    broadcast.pump();
    onPlaying();
  }

  /** Whether it can send video: at first, and after the history has overwritten its next packet, it needs a key frame. */
  #canSend(video: TrackSender): boolean {
    const { broadcast } = this.#start;
    if (video.next < broadcast.video.start) this.#waitsForKeyFrame = true;
    if (!this.#waitsForKeyFrame) return true;
    const { keyFrame } = broadcast;
    if (keyFrame === undefined || keyFrame < video.next) return false;
    video.skipTo(keyFrame);
    this.#waitsForKeyFrame = false;
    return true;
  }

  #receiveRtcp(datagram: Buffer): void {
    const compound = this.#media?.unprotect(datagram);
    if (!compound) return;
    this.#lastReceivedMs = this.#start.clock.now();
    for (const { ssrc, sequenceNumbers } of parseMissedPackets(compound)) {
      for (const track of [this.#media?.video, this.#media?.audio]) {
        if (track?.ssrc === ssrc) track.resend(sequenceNumbers.slice(0, MAX_RESENT_PACKETS));
      }
    }
  }

  #reportTrack(track: TrackSender | undefined, wallMs: number, ticks: number): void {
    if (track) this.#sendRtcp(writeSenderReport({ ...track.sent, wallMs, ticks }, this.#start.cname));
  }

  #sendRtcp(packet: Buffer): void {
    if (this.#media) this.#send(this.#media.protection.rtcp(packet, this.#reports++));
  }

  #send(datagram: Buffer): void {
    if (this.#peer) this.#start.send(datagram, this.#peer);
  }
}
