/** Writing FLV. Adobe Flash Video File Format Specification 10.1, annex E. */
import type { Frame } from '../frame.ts';

const TAG_AUDIO = 8;
const TAG_VIDEO = 9;
const TAG_SCRIPT_DATA = 18;
const TAG_HEADER_SIZE_BYTES = 11;
const PREVIOUS_TAG_SIZE_BYTES = 4;

const KEY_FRAME_AVC = 0x17;
const INTER_FRAME_AVC = 0x27;
/** Sound format 10; rate, size and type are fixed at 44 kHz 16 bit stereo for AAC and carry no information. */
const AAC_AUDIO = 0xaf;
const SEQUENCE_HEADER = 0;
const CODED_FRAMES = 1;

/** The configurations of the tracks; a track that is absent has none. */
export interface FlvTracks {
  readonly videoConfig?: Buffer | undefined;
  readonly audioConfig?: Buffer | undefined;
  /** Values of a data message, such as `onMetaData` and its properties, as AMF0. */
  readonly metadata?: Buffer;
}

/** File header, metadata and sequence headers: all that comes before the frames. */
export function flvHeader({ videoConfig, audioConfig, metadata }: FlvTracks): Buffer {
  const tracks = (videoConfig ? 0x01 : 0) | (audioConfig ? 0x04 : 0);
  const tags: Buffer[] = [Buffer.from([0x46, 0x4c, 0x56, 0x01, tracks, 0, 0, 0, 9, 0, 0, 0, 0])];
  if (metadata) tags.push(flvTag(TAG_SCRIPT_DATA, 0, [], metadata));
  if (videoConfig) tags.push(flvConfigTag('video', videoConfig, 0));
  if (audioConfig) tags.push(flvConfigTag('audio', audioConfig, 0));
  return Buffer.concat(tags);
}

/** A sequence header: AVCDecoderConfigurationRecord or AudioSpecificConfig. */
export function flvConfigTag(kind: 'video' | 'audio', config: Buffer, timestampMs: number): Buffer {
  return kind === 'video'
    ? flvTag(TAG_VIDEO, timestampMs, [KEY_FRAME_AVC, SEQUENCE_HEADER, 0, 0, 0], config)
    : flvTag(TAG_AUDIO, timestampMs, [AAC_AUDIO, SEQUENCE_HEADER], config);
}

/**
 * One frame as a tag. The data is copied.
 *
 * @param originMs the time that is 0 in the file: FLV has 32 bits for milliseconds, a session can need more.
 */
export function flvFrameTag(frame: Frame, originMs: number): Buffer {
  const timestampMs = Math.round(frame.dtsMs - originMs);
  if (frame.kind === 'audio') return flvTag(TAG_AUDIO, timestampMs, [AAC_AUDIO, CODED_FRAMES], frame.data);
  const composition = Math.round(frame.compositionMs);
  const frameType = frame.keyFrame ? KEY_FRAME_AVC : INTER_FRAME_AVC;
  const header = [frameType, CODED_FRAMES, (composition >> 16) & 0xff, (composition >> 8) & 0xff, composition & 0xff];
  return flvTag(TAG_VIDEO, timestampMs, header, frame.data);
}

function flvTag(type: number, timestampMs: number, mediaHeader: readonly number[], data: Buffer): Buffer {
  const bodySizeBytes = mediaHeader.length + data.length;
  const tag = Buffer.allocUnsafe(TAG_HEADER_SIZE_BYTES + bodySizeBytes + PREVIOUS_TAG_SIZE_BYTES);
  const timestamp = timestampMs >>> 0;
  tag[0] = type;
  tag.writeUIntBE(bodySizeBytes, 1, 3);
  tag.writeUIntBE(timestamp & 0xffffff, 4, 3);
  tag[7] = timestamp >>> 24;
  tag.writeUIntBE(0, 8, 3); // stream id
  tag.set(mediaHeader, TAG_HEADER_SIZE_BYTES);
  tag.set(data, TAG_HEADER_SIZE_BYTES + mediaHeader.length);
  tag.writeUInt32BE(TAG_HEADER_SIZE_BYTES + bodySizeBytes, tag.length - PREVIOUS_TAG_SIZE_BYTES);
  return tag;
}
