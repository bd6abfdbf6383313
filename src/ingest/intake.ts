import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { parseAudioTag, parseVideoTag, type UnusableTag } from '../rtmp/flv-tags.ts';
import { DEFAULT_RTMP_LIMITS } from '../rtmp/limits.ts';
import { parseMetadata } from '../rtmp/metadata.ts';
import type { MediaMessage } from '../rtmp/publish.ts';
import type { Frame } from '../segmenter/segmenter.ts';
import type { FrameOutput } from './fanout.ts';
import { MediaStats } from './media-stats.ts';
import { Timestamps } from './timestamps.ts';

/**
 * Takes a stream as encoders send it and passes on what OSS keeps: H.264 and AAC on a continuous timeline. Everything
 * else is left out with one warning per kind; nothing in it ends the push (overview page of LiveChannel).
 */
export class Intake {
  readonly stats: MediaStats;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #segmenter: FrameOutput;
  readonly #timestamps = new Timestamps();
  readonly #warned = new Set<string>();

  constructor(clock: Clock, log: Log, segmenter: FrameOutput) {
    this.#clock = clock;
    this.#log = log;
    this.#segmenter = segmenter;
    this.stats = new MediaStats(clock.now());
  }

  /** `false` asks for a pause: the segmenter has taken as much as it can for now. */
  take(message: MediaMessage): boolean {
    switch (message.kind) {
      case 'video':
        return this.#video(message);
      case 'audio':
        return this.#audio(message);
      case 'data':
        this.#data(message);
        return true;
    }
  }

  #video({ payload, timestampMs }: MediaMessage): boolean {
    const tag = parseVideoTag(payload);
    if (tag.kind === 'malformed' || tag.kind === 'unsupported') return this.#skip('video', tag);
    if (tag.codec !== 'h264') return this.#skipCodec('video', tag.codec, 'OSS records H.264 video only');
    this.stats.videoFrame(payload.length, this.#clock.now());
    if (tag.kind === 'config') {
      this.stats.videoConfig(tag.config);
      this.#segmenter.videoConfig(tag.config);
      return true;
    }
    if (tag.kind === 'end-of-sequence') return true;
    const { keyFrame, compositionMs, data } = tag;
    return this.#write({ kind: 'video', dtsMs: this.#stamp('video', timestampMs), keyFrame, compositionMs, data });
  }

  #audio({ payload, timestampMs }: MediaMessage): boolean {
    const tag = parseAudioTag(payload);
    if (tag.kind === 'malformed' || tag.kind === 'unsupported') return this.#skip('audio', tag);
    if (tag.codec !== 'aac') return this.#skipCodec('audio', tag.codec, 'OSS records AAC audio only');
    this.stats.audioFrame(payload.length, this.#clock.now());
    if (tag.kind === 'config') {
      this.stats.audioConfig(tag.config);
      this.#segmenter.audioConfig(tag.config);
      return true;
    }
    if (tag.kind === 'end-of-sequence') return true;
    return this.#write({ kind: 'audio', dtsMs: this.#stamp('audio', timestampMs), data: tag.data });
  }

  #data({ payload }: MediaMessage): void {
    const metadata = parseMetadata(payload, DEFAULT_RTMP_LIMITS.amf0);
    if (metadata) this.stats.metadata(metadata);
  }

  #write(frame: Frame): boolean {
    return frame.data.length === 0 || this.#segmenter.write(frame);
  }

  #stamp(track: 'audio' | 'video', timestampMs: number): number {
    const { dtsMs, jumpMs } = this.#timestamps.next(track, timestampMs);
    if (jumpMs !== undefined) {
      this.#log.warn('stream.time-jump', { track, jumpMs });
      this.#segmenter.discontinuity();
    }
    return dtsMs;
  }

  #skip(track: 'audio' | 'video', tag: UnusableTag): true {
    this.#warnOnce(`${track} ${tag.kind} ${tag.detail}`, { track, kind: tag.kind, detail: tag.detail });
    return true;
  }

  #skipCodec(track: 'audio' | 'video', codec: string, detail: string): true {
    this.#warnOnce(`${track} ${codec}`, { track, kind: 'unsupported', codec, detail });
    return true;
  }

  #warnOnce(what: string, fields: Readonly<Record<string, string>>): void {
    if (this.#warned.has(what)) return;
    this.#warned.add(what);
    this.#log.warn('stream.skipped', fields);
  }
}
