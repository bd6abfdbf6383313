/** Chooses an Opus encoder that is installed. Both are optional: without one there is no audio over WebRTC. */
import { errorText } from '../base/error-text.ts';
import type { Log } from '../base/log.ts';
import type { FfmpegBinary } from '../recording/segmenter/ffmpeg-binary.ts';
import { ffmpegOpusEncoder } from '../watch/audio/ffmpeg-opus.ts';
import { libavOpusEncoder, loadLibav } from '../watch/audio/libav-opus.ts';
import type { OpusEncoderFactory } from '../watch/audio/opus-encoder.ts';

export interface OpusEncoderSearch {
  readonly findFfmpeg: () => Promise<FfmpegBinary>;
  readonly log: Log;
  /** Imports a package by name; rejects when it is not installed. */
  readonly importPackage?: (name: string) => Promise<unknown>;
}

/** libav.js if it is installed, else ffmpeg. Without both: `undefined`, and a line in the log that says what to install. */
export async function findOpusEncoder(search: OpusEncoderSearch): Promise<OpusEncoderFactory | undefined> {
  const { log, findFfmpeg, importPackage = (name) => import(name) } = search;
  const libav = await loadLibav(importPackage).catch((error: unknown) => {
    log.debug('sound.no-libav', { reason: errorText(error) });
    return undefined;
  });
  if (libav) return libavOpusEncoder(libav, log);
  const ffmpeg = await findFfmpeg();
  if (ffmpeg.found) return ffmpegOpusEncoder(ffmpeg.path, log);
  const advice = 'npm install @libav.js/variant-mediarecorder-transcoder@4';
  log.warn('watch.no-sound', { detail: `no libav.js, and ${ffmpeg.reason}`, advice });
  return undefined;
}
