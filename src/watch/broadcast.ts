/** A stream that is watched over WebRTC: its frames are packetized once for all viewers. */

import type { Clock, Timer } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { parseAvcConfig } from '../media/codecs/avc.ts';
import type { Frame } from '../media/frame.ts';
import type { OpusEncoderFactory } from './audio/opus-encoder.ts';
import { AudioTrack } from './audio-track.ts';
import { MediaTimeline } from './media-timeline.ts';
import { PacketHistory } from './packet-history.ts';
import { type AccessUnitPayloads, h264Packetizer, hasIdrPicture, MAX_PAYLOAD_SIZE_BYTES } from './rtp-h264.ts';
import type { StreamOutput, WatchableStream } from './watchable.ts';

export const VIDEO_TICKS_PER_MS = 90;

/** 4.7 MiB: twenty seconds at 2 Mbit/s. A viewer cannot start with a longer group of pictures. */
const VIDEO_HISTORY_PACKETS = 4096;

/**
 * How many packets a viewer gets at once, and the pause until the next ones. The receive buffer of a browser holds a few
 * dozen packets; when more arrive at once (a key frame, a group of pictures) the last ones are lost.
 */
const BURST_PACKETS = 32;
const PAUSE_MS = 5;

export interface BroadcastViewer {
  /** Sends at most `limit` packets of each track. @returns whether there are more */
  pump(limit: number): boolean;
  /** The stream ended: there will be no more packets. */
  streamEnded(): void;
}

export interface BroadcastDeps {
  /** Real time: the playback of viewers does not follow the clock of the emulator. */
  readonly clock: Clock;
  readonly log: Log;
}

export class Broadcast implements StreamOutput {
  readonly video = new PacketHistory(VIDEO_HISTORY_PACKETS, MAX_PAYLOAD_SIZE_BYTES);
  readonly timeline = new MediaTimeline();
  readonly #audio: AudioTrack;
  readonly #deps: BroadcastDeps;
  readonly #viewers = new Set<BroadcastViewer>();
  readonly #unwatch: () => void;
  #packetize: ((accessUnit: Buffer, keyFrame: boolean) => AccessUnitPayloads) | undefined;
  #keyFrame: number | undefined;
  #pause: Timer | undefined;
  readonly #warned = new Set<string>();
  #over = false;

  /** Takes the frames of the stream from now on, and those since its latest key frame. */
  constructor(stream: WatchableStream, deps: BroadcastDeps) {
    this.#deps = deps;
    this.#audio = new AudioTrack({
      onPacket: () => this.pump(),
      onFailure: (error) => deps.log.error('watch.sound-failed', { error: error.message }),
    });
    this.#unwatch = stream.watch(this);
    for (const frame of stream.recent()) if (frame.kind === 'video') this.write(frame);
  }

  get audio(): PacketHistory {
    return this.#audio.history;
  }

  /** Number of the first packet of the latest key frame; absent when there was none or it has been overwritten. */
  get keyFrame(): number | undefined {
    return this.#keyFrame !== undefined && this.#keyFrame >= this.video.start ? this.#keyFrame : undefined;
  }

  /** `pump` of the viewer is called from now on when there are packets. */
  add(viewer: BroadcastViewer): void {
    if (this.#over) viewer.streamEnded();
    else this.#viewers.add(viewer);
  }

  remove(viewer: BroadcastViewer): void {
    this.#viewers.delete(viewer);
  }

  /** Encodes audio from now on, because a viewer requested it. */
  listen(factory: OpusEncoderFactory): void {
    this.#audio.listen(factory);
  }

  /** Lets every viewer send, and again after a pause while some have more. */
  pump(): void {
    let more = false;
    for (const viewer of this.#viewers) more = viewer.pump(BURST_PACKETS) || more;
    if (!more || this.#pause) return;
    this.#pause = this.#deps.clock.setTimeout(() => {
      this.#pause = undefined;
      this.pump();
    }, PAUSE_MS);
  }

  close(): void {
    this.#unwatch();
    this.#audio.close();
    this.#pause?.cancel();
  }

  videoConfig(record: Buffer): void {
    const config = parseAvcConfig(Buffer.from(record));
    if (config) this.#packetize = h264Packetizer(config);
  }

  audioConfig(config: Buffer): void {
    this.#audio.configure(config);
  }

  write(frame: Frame): boolean {
    this.timeline.reached(frame.dtsMs, this.#deps.clock.now());
    if (frame.kind === 'audio') {
      this.#audio.write(frame.data, frame.dtsMs);
    } else {
      this.#writeVideo(frame.data, frame.keyFrame, frame.dtsMs + frame.compositionMs);
    }
    return true;
  }

  discontinuity(): void {
    // Nothing to do: the times go on over it.
  }

  ended(): void {
    this.#over = true;
    for (const viewer of [...this.#viewers]) viewer.streamEnded();
  }

  #writeVideo(accessUnit: Buffer, keyFrame: boolean, presentationMs: number): void {
    const payloads = this.#packetize?.(accessUnit, keyFrame) ?? [];
    if (payloads === 'b-frame') {
      this.#warn('watch.b-frames', {
        detail: 'browsers cannot play B frames by WebRTC; they are left out',
        advice: 'set B-frames to 0, or tune zerolatency',
      });
      return;
    }
    if (payloads.length === 0) return;
    if (keyFrame && !hasIdrPicture(payloads)) {
      this.#warn('watch.open-gop', {
        detail: 'browsers begin with IDR pictures alone; who comes after the last one sees nothing',
        advice: 'turn open GOP and intra refresh off',
      });
    }
    if (keyFrame) this.#keyFrame = this.video.end;
    this.video.add(payloads, Math.round(presentationMs * VIDEO_TICKS_PER_MS));
    this.pump();
  }

  /** Each warning is logged once per stream. */
  #warn(name: 'watch.b-frames' | 'watch.open-gop', fields: { readonly detail: string; readonly advice: string }): void {
    if (!this.#warned.has(name)) this.#deps.log.warn(name, fields);
    this.#warned.add(name);
  }
}
