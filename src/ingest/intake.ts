import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { MediaMessage } from '../media/flv/media-message.ts';
import { parseAudioTag, parseVideoTag, type UnusableTag } from '../media/flv/tags.ts';
import type { Frame } from '../media/frame.ts';
import type { SnapshotCamera } from '../notify/snapshot/camera.ts';
import type { Segmenter } from '../recording/segmenter/segmenter.ts';
import { DEFAULT_RTMP_LIMITS } from '../rtmp/limits.ts';
import { parseMetadata } from '../rtmp/metadata.ts';
import type { Diagnosis } from './diagnosis.ts';
import { MediaStats } from './media-stats.ts';
import { Timestamps } from './timestamps.ts';

/** Kinds of unusable messages that are logged per push; the peer decides how many there are. */
const MAX_WARNINGS = 20;

/** What takes the frames: a segmenter, or the fanout. */
export type FrameInput = Pick<Segmenter, 'videoConfig' | 'audioConfig' | 'write' | 'discontinuity'>;

/** Where the frames go, and what observes them before. */
export interface IntakeDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly frames: FrameInput;
  readonly diagnosis: Diagnosis;
  /** Absent on channels without <Snapshot>. */
  readonly camera?: SnapshotCamera | undefined;
}

/**
 * Takes messages as encoders send them and passes on what OSS keeps: H.264 and AAC on a continuous timeline. Everything
 * else is left out with one warning per kind; nothing in it ends the push (overview page of LiveChannel).
 */
export class Intake {
  readonly stats: MediaStats;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #frames: FrameInput;
  readonly #diagnosis: Diagnosis;
  readonly #camera: SnapshotCamera | undefined;
  readonly #timestamps = new Timestamps();
  readonly #warned = new Set<string>();

  constructor({ clock, log, frames, diagnosis, camera }: IntakeDeps) {
    this.#clock = clock;
    this.#log = log;
    this.#frames = frames;
    this.#diagnosis = diagnosis;
    this.#camera = camera;
    this.stats = new MediaStats(clock.now());
  }

  /** `false`: the publisher must pause, because the frames cannot be taken fast enough. */
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
    if (tag.codec !== 'h264') return this.#dropCodec('video', tag.codec);
    const arrivalMs = this.#clock.now();
    this.stats.videoFrame(payload.length, arrivalMs);
    if (tag.kind === 'config') return this.#videoConfig(tag.config);
    if (tag.kind === 'end-of-sequence') return true;
    const { keyFrame, compositionMs, data } = tag;
    const dtsMs = this.#stamp('video', timestampMs, arrivalMs);
    this.#diagnosis.videoFrame(dtsMs, arrivalMs, keyFrame, compositionMs);
    if (keyFrame) this.#camera?.keyFrame(data, dtsMs);
    return this.#write({ kind: 'video', dtsMs, keyFrame, compositionMs, data });
  }

  #audio({ payload, timestampMs }: MediaMessage): boolean {
    const tag = parseAudioTag(payload);
    if (tag.kind === 'malformed' || tag.kind === 'unsupported') return this.#skip('audio', tag);
    if (tag.codec !== 'aac') return this.#dropCodec('audio', tag.codec);
    const arrivalMs = this.#clock.now();
    this.stats.audioFrame(payload.length, arrivalMs);
    if (tag.kind === 'config') return this.#audioConfig(tag.config);
    if (tag.kind === 'end-of-sequence') return true;
    const dtsMs = this.#stamp('audio', timestampMs, arrivalMs);
    this.#diagnosis.audioFrame(dtsMs, arrivalMs);
    return this.#write({ kind: 'audio', dtsMs, data: tag.data });
  }

  #videoConfig(record: Buffer): true {
    if (this.#frames.videoConfig(record) === 'unreadable') {
      return this.#skip('video', { kind: 'malformed', detail: 'AVCDecoderConfigurationRecord' });
    }
    this.stats.videoConfig(record);
    this.#camera?.videoConfig(record);
    return true;
  }

  #audioConfig(config: Buffer): true {
    switch (this.#frames.audioConfig(config)) {
      case 'unreadable':
        return this.#skip('audio', { kind: 'malformed', detail: 'AudioSpecificConfig' });
      case 'unsupported':
        return this.#dropCodec('audio', 'AAC of a kind that MPEG-TS has no form for');
      case 'taken':
        this.stats.audioConfig(config);
        return true;
    }
  }

  #data({ payload }: MediaMessage): void {
    const metadata = parseMetadata(payload, DEFAULT_RTMP_LIMITS.amf0);
    if (metadata) this.stats.metadata(metadata);
  }

  #write(frame: Frame): boolean {
    return frame.data.length === 0 || this.#frames.write(frame);
  }

  #stamp(track: 'audio' | 'video', timestampMs: number, arrivalMs: number): number {
    const { dtsMs, jumpMs } = this.#timestamps.next(track, timestampMs, arrivalMs);
    if (jumpMs !== undefined) {
      this.#log.debug('stream.time-jump', { track, jumpMs });
      this.#diagnosis.timeJump(jumpMs);
      this.#frames.discontinuity();
    }
    return dtsMs;
  }

  #dropCodec(track: 'audio' | 'video', codec: string): true {
    this.#diagnosis.droppedCodec(track, codec);
    return true;
  }

  #skip(track: 'audio' | 'video', { kind, detail }: UnusableTag): true {
    const what = `${track} ${kind} ${detail}`;
    if (this.#warned.has(what) || this.#warned.size >= MAX_WARNINGS) return true;
    this.#warned.add(what);
    this.#log.warn('stream.skipped', { track, kind, detail });
    return true;
  }
}
