import type { Clock } from '../base/clock.ts';
import { UsageError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Config } from '../config/config.ts';
import { type FfmpegBinary, findFfmpeg } from '../recording/segmenter/ffmpeg-binary.ts';
import { ffmpegMuxer } from '../recording/segmenter/ffmpeg-muxer.ts';
import { mpegTsMuxer } from '../recording/segmenter/mpeg-ts-muxer.ts';
import type { MuxerFactory } from '../recording/segmenter/segmenter.ts';

/** The muxer that needs no other program; seeded recordings are made with it. */
export const inProcessMuxer: MuxerFactory = mpegTsMuxer;

/**
 * The muxer of the configuration.
 * @throws UsageError when it needs ffmpeg and ffmpeg cannot be run
 */
export async function chooseMuxer(config: Config, clock: Clock, log: Log, signal?: AbortSignal): Promise<MuxerFactory> {
  if (config.segmenter === 'mpeg-ts') return inProcessMuxer;
  const binary = await findConfiguredFfmpeg(config, log, signal);
  if (!binary.found) {
    throw new UsageError(`--segmenter ffmpeg needs ffmpeg, but ${binary.reason}; install it or name it with --ffmpeg.`);
  }
  return ffmpegMuxer({ path: binary.path, clock });
}

export async function findConfiguredFfmpeg({ ffmpeg }: Config, log: Log, signal?: AbortSignal): Promise<FfmpegBinary> {
  const binary = await findFfmpeg({
    environment: process.env,
    ...(ffmpeg !== undefined && { path: ffmpeg }),
    ...(signal && { signal }),
  });
  if (binary.found) log.info('ffmpeg.found', { path: binary.path, version: binary.version });
  return binary;
}
