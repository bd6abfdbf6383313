/** AudioSpecificConfig: the configuration of an AAC stream, sent before its frames. ISO/IEC 14496-3 clause 1.6.2.1. */
import { BitReader } from './bit-reader.ts';

export interface AacConfig {
  /** Audio object type of the frames themselves: 2 is AAC LC, also inside HE-AAC. ISO/IEC 14496-3 table 1.17. */
  readonly objectType: number;
  /** Sample rate of the core coder; HE-AAC plays at twice that. */
  readonly coreSampleRateHz: number;
  /** Position of `coreSampleRateHz` in table 1.18; 15 when the rate is given explicitly. */
  readonly sampleRateIndex: number;
  /** ISO/IEC 14496-3 table 1.19; 0 means that the layout is in a program config element. */
  readonly channelConfiguration: number;
  /** Spectral band replication is signaled explicitly: HE-AAC. */
  readonly sbr: boolean;
  /** Parametric stereo is signaled explicitly: HE-AAC v2. */
  readonly ps: boolean;
  /** Sample rate of the decoded audio. */
  readonly sampleRateHz: number;
  /** Channels of the decoded audio; 0 when a program config element describes them. */
  readonly channels: number;
}

/** ISO/IEC 14496-3 table 1.18. */
export const AAC_SAMPLE_RATES_HZ: readonly number[] = [
  96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350,
];

/** Channels by channelConfiguration, ISO/IEC 14496-3 table 1.19; the undefined ones are reserved. */
const CHANNELS: readonly (number | undefined)[] = [
  0,
  1,
  2,
  3,
  4,
  5,
  6,
  8,
  undefined,
  undefined,
  undefined,
  7,
  8,
  24,
  8,
];

const EXPLICIT_SAMPLE_RATE_INDEX = 15;
const OBJECT_TYPE_SBR = 5;
const OBJECT_TYPE_PS = 29;
/** Object types whose configuration continues with GASpecificConfig. ISO/IEC 14496-3 table 1.15. */
const GENERAL_AUDIO_TYPES: ReadonlySet<number> = new Set([1, 2, 3, 4, 6, 7, 17, 19, 20, 21, 22, 23]);
/** GASpecificConfig with a program_config_element without channels. ISO/IEC 14496-3 clauses 4.4.1 and 4.4.1.1. */
const MIN_PROGRAM_CONFIG_BITS = 3 + 34;
const SYNC_EXTENSION_SBR = 0x2b7;
const SYNC_EXTENSION_PS = 0x548;

/** An AudioSpecificConfig that says this and nothing else: what the header of a frame in ADTS says. */
export function aacConfig(objectType: number, sampleRateIndex: number, channelConfiguration: number): Buffer {
  return Buffer.from([
    (objectType << 3) | (sampleRateIndex >> 1),
    ((sampleRateIndex & 0x1) << 7) | (channelConfiguration << 3),
  ]);
}

/** Parses the body of an AAC sequence header. `undefined` when it is not one, is truncated or uses reserved values. */
export function parseAacConfig(config: Uint8Array): AacConfig | undefined {
  const reader = new BitReader(config);
  const firstType = readObjectType(reader);
  const core = readSampleRate(reader);
  const channelConfiguration = reader.bits(4);
  const ps = firstType === OBJECT_TYPE_PS;
  const sbr = ps || firstType === OBJECT_TYPE_SBR;
  const extensionRateHz = sbr ? readSampleRate(reader).hz : undefined;
  const objectType = sbr ? readObjectType(reader) : firstType;
  const coreChannels = CHANNELS[channelConfiguration];
  if (reader.overrun || objectType === 0 || !core.hz || coreChannels === undefined) return undefined;
  const isCut = channelConfiguration === 0 && reader.remainingBits < MIN_PROGRAM_CONFIG_BITS;
  if (isCut && GENERAL_AUDIO_TYPES.has(objectType)) return undefined;

  const signaled = sbr
    ? { sbr, ps, rateHz: extensionRateHz }
    : readSyncExtension(reader, objectType, channelConfiguration);
  return {
    objectType,
    coreSampleRateHz: core.hz,
    sampleRateIndex: core.index,
    channelConfiguration,
    sbr: signaled.sbr,
    ps: signaled.ps,
    sampleRateHz: signaled.rateHz || core.hz,
    channels: signaled.ps && coreChannels === 1 ? 2 : coreChannels,
  };
}

function readObjectType(reader: BitReader): number {
  const type = reader.bits(5);
  return type === 31 ? 32 + reader.bits(6) : type;
}

/** A reserved index gives 0. */
function readSampleRate(reader: BitReader): { index: number; hz: number } {
  const index = reader.bits(4);
  const hz = index === EXPLICIT_SAMPLE_RATE_INDEX ? reader.bits(24) : (AAC_SAMPLE_RATES_HZ[index] ?? 0);
  return { index, hz };
}

/** The backward compatible signaling of SBR and PS: a sync word after the configuration of the core coder. */
function readSyncExtension(
  reader: BitReader,
  objectType: number,
  channelConfiguration: number,
): { sbr: boolean; ps: boolean; rateHz?: number } {
  const plain = { sbr: false, ps: false };
  // What follows a program config element could only be found by parsing it; no encoder uses one together with SBR.
  if (!GENERAL_AUDIO_TYPES.has(objectType) || channelConfiguration === 0) return plain;
  skipGeneralAudioConfig(reader, objectType);
  if (reader.remainingBits < 16 || reader.bits(11) !== SYNC_EXTENSION_SBR) return plain;
  if (readObjectType(reader) !== OBJECT_TYPE_SBR || !reader.flag()) return plain;
  const rateHz = readSampleRate(reader).hz;
  if (reader.overrun) return plain;
  const ps = reader.remainingBits >= 12 && reader.bits(11) === SYNC_EXTENSION_PS && reader.flag();
  return { sbr: true, ps, rateHz };
}

/** GASpecificConfig, ISO/IEC 14496-3 clause 4.4.1. */
function skipGeneralAudioConfig(reader: BitReader, objectType: number): void {
  reader.skip(1); // frameLengthFlag
  if (reader.flag()) reader.skip(14); // coreCoderDelay
  const extensionFlag = reader.flag();
  if (objectType === 6 || objectType === 20) reader.skip(3); // layerNr
  if (!extensionFlag) return;
  if (objectType === 22) reader.skip(16); // numOfSubFrame, layer_length
  if (objectType === 17 || (objectType >= 19 && objectType <= 21) || objectType === 23) reader.skip(3); // resilience flags
  reader.skip(1); // extensionFlag3
}
