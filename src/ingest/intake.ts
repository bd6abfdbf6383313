import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { AccessUnitAssembler, type CodedPicture } from '../media/access-unit-assembler.ts';
import { parseAacConfig } from '../media/codecs/aac.ts';
import { AAC_FRAME_SAMPLES, splitAdtsFrames } from '../media/codecs/adts-frames.ts';
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
/**
 * Data of H.264 stays in the buffers of a decoder for at most ten seconds (ISO/IEC 13818-1 clause 2.4.2.6), and no picture
 * is shown before it is decoded. A longer or negative time says nothing, so it counts as 0.
 */
const MAX_COMPOSITION_MS = 10_000;
/** Limits of the sound that waits behind a picture. */
const MAX_WAITING_SOUND_MS = 1_000;
const MAX_WAITING_SOUND_COUNT = 200;
const MAX_WAITING_SOUND_BYTES = 1024 * 1024;

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
 * Takes messages as encoders send them and passes on what OSS keeps: access units of H.264 from the first key frame on and
 * frames of AAC, on a continuous timeline. Figures and findings are of what is passed on. Everything else is left out with
 * one warning per kind; nothing in it ends the push (overview page of LiveChannel).
 */
export class Intake {
  readonly stats: MediaStats;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #frames: FrameInput;
  readonly #diagnosis: Diagnosis;
  readonly #camera: SnapshotCamera | undefined;
  readonly #timestamps: Timestamps;
  readonly #warned = new Set<string>();
  readonly #assembler: AccessUnitAssembler;
  /** Sound that came while a picture was held: the order of the tracks stays. */
  #soundBehind: MediaMessage[] = [];
  #soundBehindBytes = 0;
  /** The latest AudioSpecificConfig was taken. */
  #hasAudio = false;
  /** AudioSpecificConfig of the ADTS headers of a stream that has no other one. */
  #adtsConfig: Buffer | undefined;
  #hasAudioHeader = false;
  /** What the frames answered since the message came. */
  #isReady = true;

  constructor({ clock, log, frames, diagnosis, camera }: IntakeDeps) {
    this.#clock = clock;
    this.#log = log;
    this.#frames = frames;
    this.#diagnosis = diagnosis;
    this.#camera = camera;
    this.stats = new MediaStats(clock.elapsed());
    this.#timestamps = new Timestamps((track, jumpMs) => {
      log.debug('stream.time-jump', { track, jumpMs });
      diagnosis.timeJump(jumpMs);
      frames.discontinuity();
    });
    this.#assembler = new AccessUnitAssembler({
      videoConfig: (record) => this.#videoConfig(record),
      picture: (picture, timestampMs) => this.#picture(picture, timestampMs),
      dropped: (lack, timestampMs) => {
        diagnosis.droppedPicture(lack, timestampMs);
        this.#releaseSound();
      },
      mended: (what) => diagnosis.mended(what),
    });
  }

  /** `false`: the publisher must pause, because the frames cannot be taken fast enough. */
  take(message: MediaMessage): boolean {
    this.#isReady = true;
    switch (message.kind) {
      case 'video':
        this.#video(message);
        break;
      case 'audio':
        if (this.#assembler.heldTimestampMs === undefined) this.#audio(message);
        else this.#keepSound(message, this.#assembler.heldTimestampMs);
        break;
      case 'data':
        this.#data(message);
    }
    return this.#isReady;
  }

  /** Nothing more arrives: passes on what was held. */
  end(): void {
    this.#assembler.end();
    this.#diagnosis.end();
  }

  #video({ payload, timestampMs }: MediaMessage): void {
    const tag = parseVideoTag(payload);
    if (tag.kind === 'malformed' || tag.kind === 'unsupported') this.#skip('video', tag);
    else if (tag.codec !== 'h264') this.#dropCodec('video', tag.codec);
    else if (tag.kind === 'frame') this.#assembler.take(tag, timestampMs);
    else if (tag.kind === 'end-of-sequence') this.#assembler.release();
    else if (!this.#assembler.configure(tag.config)) {
      this.#skip('video', { kind: 'malformed', detail: 'AVCDecoderConfigurationRecord' });
    }
  }

  #videoConfig(record: Buffer): void {
    this.#frames.videoConfig(record);
    this.stats.videoConfig(record);
    this.#camera?.videoConfig(record);
  }

  #picture({ keyFrame, compositionMs: sentCompositionMs, data }: CodedPicture, timestampMs: number): void {
    const arrivalMs = this.#clock.elapsed();
    const compositionMs = this.#composition(sentCompositionMs);
    this.stats.videoFrame(data.length, arrivalMs);
    const dtsMs = this.#timestamps.next('video', timestampMs, arrivalMs);
    this.#diagnosis.videoFrame(dtsMs, arrivalMs, keyFrame, compositionMs);
    if (keyFrame) this.#camera?.keyFrame(data, dtsMs);
    this.#write({ kind: 'video', dtsMs, keyFrame, compositionMs, data });
    this.#releaseSound();
  }

  #composition(sentMs: number): number {
    if (sentMs >= 0 && sentMs <= MAX_COMPOSITION_MS) return sentMs;
    this.#diagnosis.mended('composition-time');
    return 0;
  }

  #keepSound({ kind, payload, timestampMs }: MediaMessage, heldTimestampMs: number): void {
    this.#soundBehind.push({ kind, timestampMs, payload: Buffer.from(payload) });
    this.#soundBehindBytes += payload.length;
    const aheadMs = (timestampMs - heldTimestampMs) | 0;
    const isTooMuch =
      aheadMs > MAX_WAITING_SOUND_MS ||
      this.#soundBehind.length > MAX_WAITING_SOUND_COUNT ||
      this.#soundBehindBytes > MAX_WAITING_SOUND_BYTES;
    if (isTooMuch) this.#assembler.release();
  }

  /** The picture before it was passed on, or dropped. */
  #releaseSound(): void {
    if (this.#soundBehind.length === 0) return;
    const messages = this.#soundBehind;
    this.#soundBehind = [];
    this.#soundBehindBytes = 0;
    for (const message of messages) this.#audio(message);
  }

  #audio({ payload, timestampMs }: MediaMessage): void {
    const tag = parseAudioTag(payload);
    if (tag.kind === 'malformed' || tag.kind === 'unsupported') this.#skip('audio', tag);
    else if (tag.codec !== 'aac') this.#dropCodec('audio', tag.codec);
    else if (tag.kind === 'config') this.#audioHeader(tag.config, timestampMs);
    else if (tag.kind === 'frame' && !this.#adts(tag.data, timestampMs)) this.#sound(tag.data, timestampMs);
  }

  #audioHeader(body: Buffer, timestampMs: number): void {
    // ffmpeg copies AAC out of MPEG-TS with an empty header, and sends the real one before the first frame.
    if (body.length === 0 || this.#adts(body, timestampMs)) return;
    this.#hasAudioHeader = this.#audioConfig(body) || this.#hasAudioHeader;
  }

  /** Takes a body that has ADTS headers; returns whether it has. */
  #adts(body: Buffer, timestampMs: number): boolean {
    if (body[0] !== 0xff) return false;
    const adts = splitAdtsFrames(body);
    if (!adts) return false;
    this.#diagnosis.mended('adts');
    if (!this.#hasAudioHeader && !this.#adtsConfig?.equals(adts.config)) {
      this.#adtsConfig = adts.config;
      this.#audioConfig(adts.config);
    }
    const frameMs = (AAC_FRAME_SAMPLES * 1000) / (parseAacConfig(adts.config)?.coreSampleRateHz ?? AAC_FRAME_SAMPLES);
    adts.frames.forEach((frame, index) => {
      this.#sound(frame, (timestampMs + Math.round(index * frameMs)) % 2 ** 32);
    });
    return true;
  }

  #sound(data: Buffer, timestampMs: number): void {
    if (data.length === 0) return;
    if (!this.#hasAudio) {
      this.#diagnosis.droppedAudioFrame(timestampMs);
      return;
    }
    const arrivalMs = this.#clock.elapsed();
    this.stats.audioFrame(data.length, arrivalMs);
    const dtsMs = this.#timestamps.next('audio', timestampMs, arrivalMs);
    this.#diagnosis.audioFrame(dtsMs, arrivalMs);
    this.#write({ kind: 'audio', dtsMs, data });
  }

  /** Returns whether it can be read. */
  #audioConfig(config: Buffer): boolean {
    switch (this.#frames.audioConfig(config)) {
      case 'unreadable':
        this.#skip('audio', { kind: 'malformed', detail: 'AudioSpecificConfig' });
        return false;
      case 'unsupported':
        this.#hasAudio = false;
        this.#dropCodec('audio', 'AAC of a kind that MPEG-TS has no form for');
        return true;
      case 'taken':
        this.#hasAudio = true;
        this.stats.audioConfig(config);
        return true;
    }
  }

  #data({ payload }: MediaMessage): void {
    const metadata = parseMetadata(payload, DEFAULT_RTMP_LIMITS.amf0);
    if (metadata) this.stats.metadata(metadata);
  }

  #write(frame: Frame): void {
    if (!this.#frames.write(frame)) this.#isReady = false;
  }

  #dropCodec(track: 'audio' | 'video', codec: string): void {
    this.#diagnosis.droppedCodec(track, codec);
  }

  #skip(track: 'audio' | 'video', { kind, detail }: UnusableTag): void {
    const what = `${track} ${kind} ${detail}`;
    if (this.#warned.has(what) || this.#warned.size >= MAX_WARNINGS) return;
    this.#warned.add(what);
    this.#log.warn('stream.skipped', { track, kind, detail });
  }
}
