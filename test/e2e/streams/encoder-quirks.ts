/** What encoders do to a stream, each as a function over the messages of a plain one. */
import type { MediaMessage } from '../../../src/media/flv/media-message.ts';
import {
  type ControlMessage,
  isAudioFrame,
  isConfig,
  isKeyFrame,
  isVideoFrame,
  nalUnitsOf,
  ofKind,
  type SentMessages,
  type Tags,
  VIDEO_HEADER_BYTES,
  withNalUnits,
} from '../flv-tags.ts';

/** First byte of a video message: key frame or inter frame, of AVC. */
const FRAME_TYPE = { key: 0x17, inter: 0x27 } as const;
const RTMP_COMMAND = 20;
const RTMP_COMMAND_AMF3 = 17;
const RTMP_SET_PEER_BANDWIDTH = 6;
/** Of AAC in an audio message: sequence header and frame. */
const AUDIO_HEADER_BYTES = 2;

const DELIMITER = Buffer.of(0x09, 0xf0);
/** user_data_unregistered of four bytes is too short to mean something; decoders skip it. */
const SEI = Buffer.from('0605046162636480', 'hex');

/** A configuration with an empty body before the first key frame: ffmpeg 5.1, `-i in.ts -c copy`, knows no better yet. */
export function emptyAudioHeaderFirst(tags: Tags): Tags {
  const empty: MediaMessage = { kind: 'audio', timestampMs: 0, payload: Buffer.of(0xaf, 0) };
  const start = tags.findIndex(isKeyFrame);
  return [...tags.slice(0, start), empty, ...tags.slice(start)];
}

/** The AAC header comes with the first frame at or after a time: ffmpeg with `-c copy`, relays that attach late. */
export function audioHeaderAt(tags: Tags, timestampMs: number): Tags {
  return headerAt(tags, 'audio', timestampMs);
}

/** The AVC header comes after the first key frame: relays that attach in the middle of a group of pictures. */
export function videoHeaderAt(tags: Tags, timestampMs: number): Tags {
  return headerAt(tags, 'video', timestampMs);
}

/** No audio frame before a time: a microphone that needs longer than the camera. */
export function soundFrom(tags: Tags, timestampMs: number): Tags {
  return tags.filter((tag) => !isAudioFrame(tag) || tag.timestampMs >= timestampMs);
}

/** Both headers before each key frame: OBS with some outputs, Larix, and hardware encoders. */
export function headersRepeated(tags: Tags): Tags {
  return tags.flatMap((tag) =>
    isKeyFrame(tag) ? [...tags.filter(isConfig).map((config) => at(config, tag.timestampMs)), tag] : [tag],
  );
}

/** The sound becomes that of another stream at a time, with its header: an input of another sample rate is chosen. */
export function soundChanged(tags: Tags, timestampMs: number, other: Tags): Tags {
  const old = tags.filter((tag) => tag.kind !== 'audio' || tag.timestampMs < timestampMs);
  const header = ofKind(other, 'audio').filter(isConfig);
  const lastMs = Math.max(...tags.map((tag) => tag.timestampMs));
  const frames = other.filter(
    (tag) => isAudioFrame(tag) && tag.timestampMs >= timestampMs && tag.timestampMs <= lastMs,
  );
  const sound = [...header.map((tag) => at(tag, timestampMs)), ...frames];
  return [...sound, ...old].sort((a, b) => a.timestampMs - b.timestampMs);
}

/** No header at all: encoders that take it to be optional. */
export function withoutHeader(tags: Tags, kind: 'audio' | 'video'): Tags {
  return tags.filter((tag) => tag.kind !== kind || !isConfig(tag));
}

/** SPS and PPS as messages of their own before each key frame: phones, and cameras with Android's MediaCodec. */
export function parameterSetMessages(tags: Tags, type: keyof typeof FRAME_TYPE): Tags {
  const sets = parameterSets(tags);
  return insertBefore(tags, isKeyFrame, ({ timestampMs }) => sets.map((set) => nalUnitMessage(set, timestampMs, type)));
}

/** An access unit delimiter as a message of its own before each picture: cameras that send one message per NAL unit. */
export function delimiterMessages(tags: Tags): Tags {
  return insertBefore(tags, isVideoFrame, ({ timestampMs }) => [nalUnitMessage(DELIMITER, timestampMs, 'inter')]);
}

/** SEI as a message of its own, some milliseconds before the picture it is for: encoders with captions or time codes. */
export function seiMessages(tags: Tags, earlierMs: number): Tags {
  return insertBefore(
    tags,
    (tag) => isVideoFrame(tag) && tag.timestampMs > earlierMs,
    ({ timestampMs }) => [nalUnitMessage(SEI, timestampMs - earlierMs, 'inter')],
  );
}

/** Each slice as a message: encoders that send NAL units as they come out. Only that of the key frame has its flag. */
export function sliceMessages(tags: Tags): Tags {
  return tags.flatMap((tag) =>
    isVideoFrame(tag) ? nalUnitsOf(tag).map((nalUnit) => withNalUnits(tag, [nalUnit])) : [tag],
  );
}

/** SPS and PPS in each key frame, after a delimiter in each picture: hardware encoders, x264 with repeat-headers. */
export function parameterSetsInBand(tags: Tags): Tags {
  const sets = parameterSets(tags);
  return tags.map((tag) => {
    if (!isVideoFrame(tag)) return tag;
    return withNalUnits(tag, [DELIMITER, ...(isKeyFrame(tag) ? sets : []), ...nalUnitsOf(tag)]);
  });
}

/** Start codes where the lengths belong, of four bytes and of three: encoders that pass on what the chip gives. */
export function annexB(tags: Tags): Tags {
  return tags.map((tag) => {
    if (!isVideoFrame(tag)) return tag;
    const nalUnits = nalUnitsOf(tag).flatMap((nalUnit, index) => [
      index === 0 ? Buffer.of(0, 0, 0, 1) : Buffer.of(0, 0, 1),
      nalUnit,
    ]);
    return { ...tag, payload: Buffer.concat([tag.payload.subarray(0, VIDEO_HEADER_BYTES), ...nalUnits]) };
  });
}

/** All pictures are sent as inter frames: encoders that never set the flag. */
export function withoutKeyFrameFlag(tags: Tags): Tags {
  return tags.map((tag) => (isVideoFrame(tag) ? withFrameType(tag, 'inter') : tag));
}

/** AAC frames with the ADTS header of the chip: cameras. 44.1 kHz stereo LC. */
export function adtsFrames(tags: Tags): Tags {
  return tags.map((tag) => {
    if (!isAudioFrame(tag)) return tag;
    const frame = tag.payload.subarray(AUDIO_HEADER_BYTES);
    const sizeBytes = frame.length + 7;
    const header = Buffer.of(0xff, 0xf1, 0x50, 0x80 | (sizeBytes >> 11), (sizeBytes >> 3) & 0xff, 0, 0xfc);
    header[5] = ((sizeBytes & 7) << 5) | 0x1f;
    return { ...tag, payload: Buffer.concat([tag.payload.subarray(0, AUDIO_HEADER_BYTES), header, frame]) };
  });
}

/** Every second picture is shown before it is decoded: encoders that write presentation times into the wrong field. */
export function compositionOf(tags: Tags, compositionMs: number): Tags {
  let count = 0;
  return tags.map((tag) => {
    if (!isVideoFrame(tag) || count++ % 2 === 0) return tag;
    const payload = Buffer.from(tag.payload);
    payload.writeIntBE(compositionMs, 2, 3);
    return { ...tag, payload };
  });
}

/** From a time on, the clock is another one: an encoder that restarts it, or a computer that was asleep. */
export function clockJump(tags: Tags, fromMs: number, byMs: number): Tags {
  return tags.map((tag) => (tag.timestampMs >= fromMs ? at(tag, tag.timestampMs + byMs) : tag));
}

/** Times of 24 bits: encoders that leave the extended timestamp out. */
export function clockOf24Bits(tags: Tags): Tags {
  return tags.map((tag) => at(tag, tag.timestampMs % 2 ** 24));
}

/** Commands and control messages that nobody can decode, one each half second: what broke pushes of known encoders. */
export function oddMessagesBetween(tags: Tags): SentMessages {
  const odd = oddMessages();
  let nextMs = 500;
  return tags.flatMap((tag) => {
    if (tag.timestampMs < nextMs) return [tag];
    nextMs += 500;
    const message = odd.shift();
    return message ? [message, tag] : [tag];
  });
}

function oddMessages(): ControlMessage[] {
  const setInfo = Buffer.concat([amfString('setInfo'), amfZero(), Buffer.of(0x05)]);
  return [
    // An unknown command without a transaction id; with an argument in AMF 3; with a reference of AMF 0.
    control(RTMP_COMMAND, amfString('onFI'), Buffer.from('030002736402000131000009', 'hex')),
    control(RTMP_COMMAND_AMF3, Buffer.of(0), setInfo, Buffer.from('110a0b0101', 'hex')),
    control(RTMP_COMMAND, setInfo, Buffer.from('070000', 'hex')),
    // A known command with zero bytes after it; one without anything.
    control(RTMP_COMMAND, amfString('FCPublish'), amfZero(), Buffer.of(0x05), amfString('x'), Buffer.of(0, 0)),
    control(RTMP_COMMAND),
    // Set Peer Bandwidth of three bytes instead of five.
    control(RTMP_SET_PEER_BANDWIDTH, Buffer.of(0, 0, 0)),
  ];
}

function control(typeId: number, ...pieces: readonly Buffer[]): ControlMessage {
  return { kind: 'control', typeId, payload: Buffer.concat(pieces) };
}

function amfString(text: string): Buffer {
  return Buffer.concat([Buffer.of(0x02, 0, text.length), Buffer.from(text)]);
}

function amfZero(): Buffer {
  return Buffer.alloc(9);
}

function headerAt(tags: Tags, kind: 'audio' | 'video', timestampMs: number): Tags {
  const isHeader = (tag: MediaMessage) => tag.kind === kind && isConfig(tag);
  const later = tags.filter((tag) => !isHeader(tag));
  const index = later.findIndex((tag) => tag.kind === kind && tag.timestampMs >= timestampMs);
  const headers = tags.filter(isHeader).map((tag) => at(tag, timestampMs));
  return [...later.slice(0, index), ...headers, ...later.slice(index)];
}

function insertBefore(
  tags: Tags,
  isPlace: (tag: MediaMessage) => boolean,
  inserted: (tag: MediaMessage) => Tags,
): Tags {
  return tags.flatMap((tag) => (isPlace(tag) ? [...inserted(tag), tag] : [tag]));
}

function nalUnitMessage(nalUnit: Buffer, timestampMs: number, type: keyof typeof FRAME_TYPE): MediaMessage {
  const payload = Buffer.of(FRAME_TYPE[type], 1, 0, 0, 0);
  return withNalUnits({ kind: 'video', timestampMs, payload }, [nalUnit]);
}

function withFrameType(tag: MediaMessage, type: keyof typeof FRAME_TYPE): MediaMessage {
  const payload = Buffer.from(tag.payload);
  payload[0] = FRAME_TYPE[type];
  return { ...tag, payload };
}

function at(tag: MediaMessage, timestampMs: number): MediaMessage {
  return { kind: tag.kind, timestampMs: timestampMs >>> 0, payload: tag.payload };
}

/** The SPS and the PPS of the AVC header: one each. ISO/IEC 14496-15 clause 5.2.4.1. */
function parameterSets(tags: Tags): readonly Buffer[] {
  const header = tags.find((tag) => tag.kind === 'video' && isConfig(tag));
  if (!header) throw new Error('the stream has no AVC header');
  const record = header.payload.subarray(VIDEO_HEADER_BYTES);
  const spsEnd = 8 + record.readUInt16BE(6);
  const ppsStart = spsEnd + 3;
  return [record.subarray(8, spsEnd), record.subarray(ppsStart, ppsStart + record.readUInt16BE(spsEnd + 1))];
}
