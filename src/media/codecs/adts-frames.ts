/**
 * AAC frames behind ADTS headers (ISO/IEC 14496-3 clause 1.A.2.2), as some encoders put them into FLV, where frames should
 * be raw and their configuration come first.
 */
import { aacConfig } from './aac.ts';

/** The header without a checksum, and with one. */
const HEADER_SIZE_BYTES = 7;
const PROTECTED_HEADER_SIZE_BYTES = 9;
/** AOT 2 has frames of 1024 samples. ISO/IEC 14496-3 clause 4.5.2.1.1. */
export const AAC_FRAME_SAMPLES = 1024;

export interface AdtsFrames {
  /** AudioSpecificConfig of the first header. */
  readonly config: Buffer;
  /** Raw frames: views of the data. */
  readonly frames: readonly Buffer[];
}

/** `undefined` unless the data is ADTS from its first byte to its last. No raw frame begins as a header does. */
export function splitAdtsFrames(data: Buffer): AdtsFrames | undefined {
  const frames: Buffer[] = [];
  for (let at = 0; at < data.length; ) {
    const header = data.subarray(at, at + HEADER_SIZE_BYTES);
    const [sync = 0, flags = 0, , high = 0, middle = 0, low = 0, last = 0] = header;
    // The sync word, layer 0; one raw data block, because others have positions between them.
    if (header.length < HEADER_SIZE_BYTES || sync !== 0xff || (flags & 0xf6) !== 0xf0 || (last & 0x03) !== 0) {
      return undefined;
    }
    const headerSizeBytes = (flags & 0x01) === 1 ? HEADER_SIZE_BYTES : PROTECTED_HEADER_SIZE_BYTES;
    const end = at + (((high & 0x03) << 11) | (middle << 3) | (low >> 5));
    if (end < at + headerSizeBytes || end > data.length) return undefined;
    frames.push(data.subarray(at + headerSizeBytes, end));
    at = end;
  }
  return frames.length > 0 ? { config: configOf(data), frames } : undefined;
}

/** Object type, sample rate index and channel configuration. */
function configOf(header: Buffer): Buffer {
  const [, , profile = 0, channels = 0] = header;
  const objectType = (profile >> 6) + 1;
  const sampleRateIndex = (profile >> 2) & 0x0f;
  const channelConfiguration = ((profile & 0x01) << 2) | (channels >> 6);
  return aacConfig(objectType, sampleRateIndex, channelConfiguration);
}
