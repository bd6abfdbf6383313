import type { StreamFinding } from '../events/findings.ts';
import type { VideoLack, VideoMending } from '../media/access-unit-assembler.ts';

/** A track is missing, not late, when the other one is longer than this. */
const MISSING_TRACK_MS = 10_000;
/** A longer step between frames of a track is a gap. A camera at one frame per second has none. */
const GAP_MS = 1_000;
/** For rounding to whole milliseconds, and for a key frame that is one frame late. */
const KEY_FRAME_TOLERANCE_MS = 100;
/** Rounding moves a constant offset by a millisecond; B-frames vary it by whole frames (4 ms at 240 per second). */
const COMPOSITION_TOLERANCE_MS = 2;
/** Lag is that of the least delayed frame in this window: a stalled network delays some frames, a drift all. */
const DRIFT_WINDOW_MS = 5_000;
const MAX_DRIFT_MS = 1_000;
/** A header may come a little after the frames: ffmpeg that copies MPEG-TS sends that of AAC after the first key frame. */
const LATE_HEADER_MS = 3_000;
/** Whoever begins between two key frames has to wait for the next one. */
const LATE_KEY_FRAME_MS = 10_000;
/** Frames in that time at the usual rates, for streams whose clock stands still. */
const LATE_FRAMES_PER_MS = 0.06;

/** What was wrong with a stream and was mended. */
export type Mending = VideoMending | 'adts' | 'composition-time';

/** What was done, then what can be changed in the encoder. */
const MENDINGS: Readonly<Record<Mending, string>> = {
  adts: 'AAC frames came with ADTS headers, which were taken off; send raw frames after an AudioSpecificConfig',
  'annex-b': 'NAL units came behind start codes, which were replaced by lengths; send each NAL unit after its length',
  'composition-time':
    'a composition time was negative or over 10 s, so the picture is shown when it is decoded; send the presentation time minus the decoding time, and decoding times that are early enough for the B-frames',
  'key-frame-flag':
    'IDR pictures came as inter frames, or others as key frames, and were taken for what they are; set the frame type of IDR pictures to 1, and of others to 2',
  'length-size':
    'the lengths of NAL units have another size than the sequence header says and were read as they are; set lengthSizeMinusOne to their size',
  'sequence-header':
    'no readable sequence header of AVC came, so one was made of the SPS and PPS in the stream; send an AVCDecoderConfigurationRecord before the first picture',
  'split-picture':
    'pictures came in several messages and were put together, which adds the delay of one picture; send all slices of a picture in one message',
};

const LACKS: Readonly<
  Record<VideoLack, { readonly finding: StreamFinding; readonly detail: string; readonly afterMs: number }>
> = {
  'parameter-sets': {
    finding: 'no-parameter-sets',
    detail:
      'pictures came without SPS and PPS, neither in a sequence header nor in the stream, so no picture is recorded; send an AVCDecoderConfigurationRecord before the first picture',
    afterMs: LATE_HEADER_MS,
  },
  'key-frame': {
    finding: 'no-key-frame',
    detail:
      'no picture is an IDR picture or marked as a key frame, so no picture is recorded; turn intra refresh off, or set a key frame interval',
    afterMs: LATE_KEY_FRAME_MS,
  },
};

const NO_AUDIO_HEADER =
  'AAC frames came without an AudioSpecificConfig, so the sound is left out; send the AAC sequence header before the first frame';

export interface DiagnosisOptions {
  readonly fragDurationMs: number;
  /** Called at most once per finding. `detail` is for a person. */
  readonly report: (finding: StreamFinding, detail: string) => void;
}

/**
 * Finds what is unusual about a push, and reports each kind once. It sees every frame that is passed on, so it keeps
 * numbers only and creates no object per frame.
 *
 * All `dtsMs` are on the continuous timeline of `Timestamps`, all `arrivalMs` are readings of the clock.
 */
export class Diagnosis {
  readonly #options: DiagnosisOptions;
  readonly #found = new Set<StreamFinding>();
  readonly #video = new TrackTimes();
  readonly #audio = new TrackTimes();
  readonly #dropped: Readonly<Record<VideoLack, DroppedFrames>> = {
    'parameter-sets': new DroppedFrames(),
    'key-frame': new DroppedFrames(),
  };
  readonly #droppedAudio = new DroppedFrames();
  #lastKeyFrameMs = Number.NaN;
  #firstCompositionMs = Number.NaN;
  /** Lag is arrival minus media time; NaN until the first frame. */
  #windowLagMs = Number.NaN;
  #windowArrivalMs = 0;
  #windowDtsMs = 0;
  #usualLagMs = Number.NaN;

  constructor(options: DiagnosisOptions) {
    this.#options = options;
  }

  videoFrame(dtsMs: number, arrivalMs: number, keyFrame: boolean, compositionMs: number): void {
    const stepMs = this.#video.next(dtsMs);
    if (stepMs > GAP_MS) this.#report('video-gap', `no picture for ${seconds(stepMs)} of media time`);
    this.#checkKeyFrames(dtsMs, keyFrame);
    this.#checkComposition(compositionMs);
    if (this.#audio.isEmpty && this.#video.lengthMs > MISSING_TRACK_MS) this.#missAudio();
    this.#checkDrift(dtsMs, arrivalMs);
  }

  audioFrame(dtsMs: number, arrivalMs: number): void {
    const stepMs = this.#audio.next(dtsMs);
    if (stepMs > GAP_MS) this.#report('audio-gap', `no sound for ${seconds(stepMs)} of media time`);
    if (this.#video.isEmpty && this.#audio.lengthMs > MISSING_TRACK_MS) this.#missVideo();
    this.#checkDrift(dtsMs, arrivalMs);
  }

  droppedCodec(track: 'audio' | 'video', codec: string): void {
    const recorded = track === 'video' ? 'H.264 video' : 'AAC audio';
    this.#report(`${track}-codec`, `the ${track} is ${codec} and is left out; OSS records ${recorded} only`);
  }

  mended(what: Mending): void {
    this.#report(what, MENDINGS[what]);
  }

  /** `timestampMs` is as received. */
  droppedPicture(lack: VideoLack, timestampMs: number): void {
    if (this.#dropped[lack].add(timestampMs, LACKS[lack].afterMs)) this.#lackPictures(lack);
  }

  /** An AAC frame whose header did not come. `timestampMs` is as received. */
  droppedAudioFrame(timestampMs: number): void {
    if (this.#droppedAudio.add(timestampMs, LATE_HEADER_MS)) this.#lackAudioHeader();
  }

  /** The push is over. */
  end(): void {
    if (this.#video.isEmpty) {
      if (this.#dropped['key-frame'].count > 0) this.#lackPictures('key-frame');
      else if (this.#dropped['parameter-sets'].count > 0) this.#lackPictures('parameter-sets');
      else if (!this.#audio.isEmpty) this.#missVideo();
    }
    if (this.#audio.isEmpty && this.#droppedAudio.count > 0) this.#lackAudioHeader();
  }

  /** Must be called before the frame that comes after the jump. */
  timeJump(jumpMs: number): void {
    const direction = jumpMs < 0 ? 'back' : 'forward';
    this.#report('time-jump', `timestamps jumped ${direction} by ${seconds(Math.abs(jumpMs))}`);
    this.#video.jump();
    this.#audio.jump();
    this.#lastKeyFrameMs = Number.NaN;
  }

  forcedCut(durationMs: number): void {
    this.#report(
      'forced-cut',
      `a fragment was cut after ${seconds(durationMs)} without a key frame; players may stutter there`,
    );
  }

  #checkKeyFrames(dtsMs: number, keyFrame: boolean): void {
    const { fragDurationMs } = this.#options;
    if (dtsMs - this.#lastKeyFrameMs > fragDurationMs + KEY_FRAME_TOLERANCE_MS) {
      this.#report(
        'key-frame-interval',
        `no key frame for more than ${seconds(fragDurationMs)} (FragDuration), so fragments are longer than asked for`,
      );
    }
    if (keyFrame) this.#lastKeyFrameMs = dtsMs;
  }

  #checkComposition(compositionMs: number): void {
    if (Number.isNaN(this.#firstCompositionMs)) this.#firstCompositionMs = compositionMs;
    if (Math.abs(compositionMs - this.#firstCompositionMs) > COMPOSITION_TOLERANCE_MS) {
      this.#report('b-frames', 'pictures are decoded in another order than shown, which adds delay');
    }
  }

  #lackPictures(lack: VideoLack): void {
    this.#report(LACKS[lack].finding, LACKS[lack].detail);
  }

  #hasDroppedPictures(): boolean {
    return this.#dropped['parameter-sets'].count > 0 || this.#dropped['key-frame'].count > 0;
  }

  #lackAudioHeader(): void {
    // The finding that the codec is left out says why.
    if (!this.#found.has('audio-codec')) this.#report('no-audio-header', NO_AUDIO_HEADER);
  }

  #missAudio(): void {
    // Another finding says why, or will.
    if (this.#found.has('audio-codec') || this.#droppedAudio.count > 0) return;
    this.#report('no-audio', `pictures for ${seconds(MISSING_TRACK_MS)} and no sound`);
  }

  #missVideo(): void {
    if (this.#found.has('video-codec') || this.#hasDroppedPictures()) return;
    this.#report('no-video', `sound for ${seconds(this.#audio.lengthMs)} and no picture, so nothing is recorded`);
  }

  /**
   * The first window gives the usual lag, because a relay begins with the frames it has kept. A window of media that
   * arrived at once comes from a network that had stalled, so it cannot show that media time is behind.
   */
  #checkDrift(dtsMs: number, arrivalMs: number): void {
    const lagMs = arrivalMs - dtsMs;
    if (Number.isNaN(this.#windowLagMs)) this.#beginWindow(lagMs, dtsMs, arrivalMs);
    else if (lagMs < this.#windowLagMs) this.#windowLagMs = lagMs;
    const tookLong = arrivalMs - this.#windowArrivalMs >= DRIFT_WINDOW_MS;
    if (!tookLong && dtsMs - this.#windowDtsMs < DRIFT_WINDOW_MS) return;
    if (Number.isNaN(this.#usualLagMs)) this.#usualLagMs = this.#windowLagMs;
    const driftMs = this.#windowLagMs - this.#usualLagMs;
    if (driftMs < -MAX_DRIFT_MS) this.#reportDrift(driftMs, 'ahead of');
    else if (driftMs > MAX_DRIFT_MS && tookLong) this.#reportDrift(driftMs, 'behind');
    this.#beginWindow(lagMs, dtsMs, arrivalMs);
  }

  #reportDrift(driftMs: number, direction: string): void {
    this.#report(
      'clock-drift',
      `media time is ${seconds(Math.abs(driftMs))} ${direction} the clock, and was not before`,
    );
  }

  #beginWindow(lagMs: number, dtsMs: number, arrivalMs: number): void {
    this.#windowLagMs = lagMs;
    this.#windowDtsMs = dtsMs;
    this.#windowArrivalMs = arrivalMs;
  }

  #report(finding: StreamFinding, detail: string): void {
    if (this.#found.has(finding)) return;
    this.#found.add(finding);
    this.#options.report(finding, detail);
  }
}

/** The times of one track. */
class TrackTimes {
  #lastMs = Number.NaN;
  /** Media time so far, without jumps. */
  lengthMs = 0;
  isEmpty = true;

  /** Takes the next frame and returns the step from the one before it, NaN where there is none. */
  next(dtsMs: number): number {
    const stepMs = dtsMs - this.#lastMs;
    this.#lastMs = dtsMs;
    this.isEmpty = false;
    if (stepMs > 0) this.lengthMs += stepMs;
    return stepMs;
  }

  jump(): void {
    this.#lastMs = Number.NaN;
  }
}

/** Frames of a track that could not be passed on. */
class DroppedFrames {
  count = 0;
  #lengthMs = 0;
  #lastMs: number | undefined;

  /** Returns whether they last longer than `limitMs`, or are more than a stream has in that time. */
  add(timestampMs: number, limitMs: number): boolean {
    this.count++;
    // Modulo 2^32, and without jumps.
    const stepMs = this.#lastMs === undefined ? 0 : (timestampMs - this.#lastMs) | 0;
    this.#lastMs = timestampMs;
    if (stepMs > 0 && stepMs <= limitMs) this.#lengthMs += stepMs;
    return this.#lengthMs > limitMs || this.count > limitMs * LATE_FRAMES_PER_MS;
  }
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(1))} s`;
}
