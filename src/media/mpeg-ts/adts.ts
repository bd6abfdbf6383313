/** ADTS: the header before each AAC frame in a transport stream. ISO/IEC 14496-3 clause 1.A.2.2. */
import { AAC_SAMPLE_RATES_HZ, type AacConfig, aacConfig } from '../codecs/aac.ts';

export const ADTS_HEADER_SIZE_BYTES = 7;
/** aac_frame_length has 13 bits and counts the header. */
export const MAX_AAC_FRAME_SIZE_BYTES = 0x1fff - ADTS_HEADER_SIZE_BYTES;

/** ADTS has two bits for the object type (Main, LC, SSR, LTP) and three for the channel configuration. */
const MAX_OBJECT_TYPE = 4;
const MAX_CHANNEL_CONFIGURATION = 7;

/**
 * The header of every frame of a stream, with a frame length of zero; `undefined` when ADTS cannot describe the stream:
 * low-delay and scalable coders, and layouts that only a program config element describes.
 */
export function adtsHeaderTemplate(config: AacConfig): Buffer | undefined {
  const { objectType, channelConfiguration } = config;
  if (objectType > MAX_OBJECT_TYPE) return undefined;
  if (channelConfiguration === 0 || channelConfiguration > MAX_CHANNEL_CONFIGURATION) return undefined;
  const sampleRateIndex = nearestSampleRateIndex(config.coreSampleRateHz);
  const mpeg4WithoutCrc = 0xf1;
  const bufferFullnessVariable = 0x7ff;
  return Buffer.from([
    0xff,
    mpeg4WithoutCrc,
    ((objectType - 1) << 6) | (sampleRateIndex << 2) | (channelConfiguration >> 2),
    (channelConfiguration & 0x3) << 6,
    0x00,
    bufferFullnessVariable >> 6,
    (bufferFullnessVariable & 0x3f) << 2,
  ]);
}

/**
 * An AudioSpecificConfig with what an ADTS header carries of `config`, and nothing else: object type, sample rate and
 * channels. Two streams with the same one are the same in a transport stream. `undefined` as for `adtsHeaderTemplate`.
 */
export function adtsAudioConfig(config: AacConfig): Buffer | undefined {
  const template = adtsHeaderTemplate(config);
  if (!template) return undefined;
  const sampleRateIndex = ((template[2] ?? 0) >> 2) & 0x0f;
  const { objectType, channelConfiguration } = config;
  return aacConfig(objectType, sampleRateIndex, channelConfiguration);
}

/** Writes the header of a frame of `frameSizeBytes` (at most MAX_AAC_FRAME_SIZE_BYTES) at `start`; returns its end. */
export function writeAdtsHeader(target: Buffer, start: number, template: Buffer, frameSizeBytes: number): number {
  const length = frameSizeBytes + ADTS_HEADER_SIZE_BYTES;
  target.set(template, start);
  target[start + 3] = (template[3] ?? 0) | (length >> 11);
  target[start + 4] = (length >> 3) & 0xff;
  target[start + 5] = ((length & 0x7) << 5) | (template[5] ?? 0);
  return start + ADTS_HEADER_SIZE_BYTES;
}

/** ADTS has rates by index only: an explicit rate is rounded to the one with the nearest ratio. */
function nearestSampleRateIndex(rateHz: number): number {
  const distance = (index: number) => Math.abs(Math.log((AAC_SAMPLE_RATES_HZ[index] ?? 0) / rateHz));
  let nearest = 0;
  for (let index = 1; index < AAC_SAMPLE_RATES_HZ.length; index++) {
    if (distance(index) < distance(nearest)) nearest = index;
  }
  return nearest;
}
