import { parseAvcConfig } from '../../media/codecs/avc.ts';
import { AnnexBConverter } from '../../media/mpeg-ts/annex-b.ts';

/** Receives the video of a session of a channel with <Snapshot>. */
export interface SnapshotCamera {
  /** AVCDecoderConfigurationRecord. */
  videoConfig(record: Buffer): void;
  /** An access unit as in `Frame`; only valid during the call. */
  keyFrame(data: Buffer, dtsMs: number): void;
}

/**
 * Takes the first key frame of every interval; an interval without a key frame gives no picture (PutLiveChannel page).
 * Intervals are counted in media time, as fragments are, so that a recording that is pushed faster than real time gives
 * the same pictures.
 *
 * @param expose receives a picture as H.264 byte stream with its parameter sets; must not block
 */
export function createCamera(intervalMs: number, expose: (accessUnit: Buffer) => void): SnapshotCamera {
  let converter: AnnexBConverter | undefined;
  let originMs = Number.NaN;
  let latestMs = Number.NaN;
  let nextMs = Number.NaN;

  const isDue = (dtsMs: number): boolean => {
    // The first key frame, or a timeline that went back.
    if (!(dtsMs >= latestMs)) originMs = nextMs = dtsMs;
    latestMs = dtsMs;
    if (dtsMs < nextMs) return false;
    nextMs = originMs + (Math.floor((dtsMs - originMs) / intervalMs) + 1) * intervalMs;
    return true;
  };

  return {
    videoConfig(record) {
      const config = parseAvcConfig(record);
      if (config) converter = new AnnexBConverter(config);
    },
    keyFrame(data, dtsMs) {
      if (!converter || !isDue(dtsMs)) return;
      const sizeBytes = converter.measure(data, true);
      if (sizeBytes === 0) return;
      const accessUnit = Buffer.allocUnsafe(sizeBytes);
      converter.write(accessUnit, 0);
      expose(accessUnit);
    },
  };
}
