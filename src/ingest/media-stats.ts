import { parseAacConfig } from '../media/codecs/aac.ts';
import { parseAvcConfig } from '../media/codecs/avc.ts';
import type { AudioStat, MediaStat, MediaTotals, VideoStat } from '../media/stat.ts';
import type { AmfObject } from '../rtmp/amf0.ts';
import { RateMeter } from './rate-meter.ts';

/**
 * The figures of GetLiveChannelStat, of the frames that are passed on: from the configuration records; what these do not
 * say from onMetaData; what that does not say from measuring.
 */
export class MediaStats {
  /** Since the push began. */
  readonly totals: { -readonly [Name in keyof MediaTotals]: number } = {
    videoFrames: 0,
    videoBytes: 0,
    audioFrames: 0,
    audioBytes: 0,
  };
  readonly #videoRate: RateMeter;
  readonly #audioRate: RateMeter;
  #video: { width: number; height: number; frameRate: number | undefined } | undefined;
  #audio: { sampleRate: number } | undefined;
  #announced: { width: number; height: number; frameRate: number; sampleRate: number } = {
    width: 0,
    height: 0,
    frameRate: 0,
    sampleRate: 0,
  };

  constructor(nowMs: number) {
    this.#videoRate = new RateMeter(nowMs);
    this.#audioRate = new RateMeter(nowMs);
  }

  /** What the encoder announced in onMetaData. */
  metadata(properties: AmfObject): void {
    const number = (name: string) => {
      const value = properties[name];
      return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
    };
    this.#announced = {
      width: number('width'),
      height: number('height'),
      frameRate: number('framerate'),
      sampleRate: number('audiosamplerate'),
    };
  }

  videoConfig(record: Buffer): void {
    const picture = parseAvcConfig(record)?.picture;
    this.#video = {
      width: picture?.widthPx ?? 0,
      height: picture?.heightPx ?? 0,
      frameRate: picture?.frameRate,
    };
  }

  audioConfig(config: Buffer): void {
    this.#audio = { sampleRate: parseAacConfig(config)?.sampleRateHz ?? 0 };
  }

  videoFrame(sizeBytes: number, nowMs: number): void {
    this.totals.videoFrames++;
    this.totals.videoBytes += sizeBytes;
    this.#videoRate.add(sizeBytes, nowMs);
  }

  audioFrame(sizeBytes: number, nowMs: number): void {
    this.totals.audioFrames++;
    this.totals.audioBytes += sizeBytes;
    this.#audioRate.add(sizeBytes, nowMs);
  }

  /** A track is included after its first frame. All figures are whole numbers; SDKs refuse others. */
  stat(nowMs: number): MediaStat {
    const video = this.#videoStat(nowMs);
    const audio = this.#audioStat(nowMs);
    return { ...(video ? { video } : {}), ...(audio ? { audio } : {}) };
  }

  #videoStat(nowMs: number): VideoStat | undefined {
    if (!this.#video || this.totals.videoFrames === 0) return undefined;
    const { width, height, frameRate } = this.#video;
    return {
      width: Math.round(width || this.#announced.width),
      height: Math.round(height || this.#announced.height),
      frameRate: Math.round(this.#announced.frameRate || frameRate || this.#videoRate.countPerSecond(nowMs)),
      bandwidth: this.#videoRate.bytesPerSecond(nowMs),
      codec: 'H264',
    };
  }

  #audioStat(nowMs: number): AudioStat | undefined {
    if (!this.#audio || this.totals.audioFrames === 0) return undefined;
    return {
      bandwidth: this.#audioRate.bytesPerSecond(nowMs),
      sampleRate: this.#audio.sampleRate || this.#announced.sampleRate,
      codec: 'AAC',
    };
  }
}
