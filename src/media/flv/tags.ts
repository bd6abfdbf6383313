/**
 * Bodies of audio and video messages, which are FLV tag bodies: Adobe Flash Video File Format 10.1, annex E.4.2 and
 * E.4.3, and Enhanced RTMP v2 (veovera.org) for codecs named by FourCC. Malformed bodies are values, not
 * exceptions, because a bad message is skipped and the push continues.
 */

/** A body that cannot be used. `detail` is for the log. */
export type UnusableTag =
  | { readonly kind: 'unsupported'; readonly detail: string }
  | { readonly kind: 'malformed'; readonly detail: string };

export type VideoTag =
  /** A configuration record; for `h264` the AVCDecoderConfigurationRecord. */
  | { readonly kind: 'config'; readonly codec: string; readonly config: Buffer }
  /** One access unit; for `h264` NAL units, each after its length. `data` is a view of the body. */
  | {
      readonly kind: 'frame';
      readonly codec: string;
      readonly keyFrame: boolean;
      /** Presentation minus decoding time, signed; 0 for codecs that have none. */
      readonly compositionMs: number;
      readonly data: Buffer;
    }
  | { readonly kind: 'end-of-sequence'; readonly codec: string }
  | UnusableTag;

export type AudioTag =
  /** A configuration record; for `aac` the AudioSpecificConfig. */
  | { readonly kind: 'config'; readonly codec: string; readonly config: Buffer }
  /** One frame; for `aac` raw, without ADTS header. `data` is a view of the body. */
  | { readonly kind: 'frame'; readonly codec: string; readonly data: Buffer }
  | { readonly kind: 'end-of-sequence'; readonly codec: string }
  | UnusableTag;

const KEY_FRAME = 1;
const COMMAND_FRAME = 5;
const AVC = 7;
/** Not in the standard: HEVC in the format of AVC, as Chinese encoders sent it before Enhanced RTMP. */
const LEGACY_HEVC = 12;
const AAC = 10;
const AUDIO_EX_HEADER = 9;

/** CodecID, E.4.3.1. */
const VIDEO_CODECS: Readonly<Record<number, string>> = {
  2: 'sorenson-h263',
  3: 'screen-video',
  4: 'vp6',
  5: 'vp6-alpha',
  6: 'screen-video-2',
  [AVC]: 'h264',
  [LEGACY_HEVC]: 'hevc',
};

/** SoundFormat, E.4.2.1. */
const AUDIO_CODECS: Readonly<Record<number, string>> = {
  0: 'pcm',
  1: 'adpcm',
  2: 'mp3',
  3: 'pcm-le',
  4: 'nellymoser-16khz',
  5: 'nellymoser-8khz',
  6: 'nellymoser',
  7: 'g711-alaw',
  8: 'g711-mulaw',
  [AAC]: 'aac',
  11: 'speex',
  14: 'mp3-8khz',
};

const VIDEO_FOURCCS: Readonly<Record<string, string>> = {
  avc1: 'h264',
  hvc1: 'hevc',
  vvc1: 'vvc',
  av01: 'av1',
  vp08: 'vp8',
  vp09: 'vp9',
};

const AUDIO_FOURCCS: Readonly<Record<string, string>> = {
  mp4a: 'aac',
  Opus: 'opus',
  'ac-3': 'ac3',
  'ec-3': 'eac3',
  '.mp3': 'mp3',
  fLaC: 'flac',
};

/** The FourCCs that are supported here. */
export const KNOWN_FOURCCS: readonly string[] = [...Object.keys(VIDEO_FOURCCS), ...Object.keys(AUDIO_FOURCCS)];

/** VideoPacketType of Enhanced RTMP. */
const VIDEO_PACKET = { sequenceStart: 0, codedFrames: 1, sequenceEnd: 2, codedFramesX: 3 } as const;
const OTHER_VIDEO_PACKETS: Readonly<Record<number, string>> = {
  4: 'metadata',
  5: 'MPEG-2 TS sequence start',
  6: 'multitrack',
  7: 'ModEx',
};
/** AudioPacketType of Enhanced RTMP. */
const AUDIO_PACKET = { sequenceStart: 0, codedFrames: 1, sequenceEnd: 2 } as const;
const OTHER_AUDIO_PACKETS: Readonly<Record<number, string>> = { 4: 'multichannel config', 5: 'multitrack', 7: 'ModEx' };

export function parseVideoTag(body: Buffer): VideoTag {
  const firstByte = body[0];
  if (firstByte === undefined) return malformed('empty video message');
  const frameType = (firstByte >> 4) & 0x07;
  if (firstByte & 0x80) return parseExVideo(body, frameType, firstByte & 0x0f);
  if (frameType === COMMAND_FRAME) return unsupported('video command frame');
  const codecId = firstByte & 0x0f;
  const codec = VIDEO_CODECS[codecId];
  if (codec === undefined) return unsupported(`video codec id ${codecId}`);
  const keyFrame = frameType === KEY_FRAME;
  if (codecId !== AVC && codecId !== LEGACY_HEVC) {
    return { kind: 'frame', codec, keyFrame, compositionMs: 0, data: body.subarray(1) };
  }
  if (body.length < 5) return malformed(`${codec} message of ${body.length} bytes`);
  switch (body[1]) {
    case 0:
      return { kind: 'config', codec, config: body.subarray(5) };
    case 1:
      return { kind: 'frame', codec, keyFrame, compositionMs: body.readIntBE(2, 3), data: body.subarray(5) };
    case 2:
      return { kind: 'end-of-sequence', codec };
    default:
      return malformed(`${codec} packet type ${body[1]}`);
  }
}

export function parseAudioTag(body: Buffer): AudioTag {
  const firstByte = body[0];
  if (firstByte === undefined) return malformed('empty audio message');
  const format = firstByte >> 4;
  if (format === AUDIO_EX_HEADER) return parseExAudio(body, firstByte & 0x0f);
  const codec = AUDIO_CODECS[format];
  if (codec === undefined) return unsupported(`sound format ${format}`);
  if (format !== AAC) return { kind: 'frame', codec, data: body.subarray(1) };
  if (body.length < 2) return malformed('aac message of 1 byte');
  const data = body.subarray(2);
  if (body[1] === 0) return { kind: 'config', codec, config: data };
  if (body[1] === 1) return { kind: 'frame', codec, data };
  return malformed(`aac packet type ${body[1]}`);
}

function parseExVideo(body: Buffer, frameType: number, packetType: number): VideoTag {
  const other = OTHER_VIDEO_PACKETS[packetType];
  if (other !== undefined) return unsupported(`enhanced video packet: ${other}`);
  if (frameType === COMMAND_FRAME) return unsupported('video command frame');
  if (body.length < 5) return malformed(`enhanced video message of ${body.length} bytes`);
  const fourCc = body.toString('latin1', 1, 5);
  const codec = VIDEO_FOURCCS[fourCc];
  if (codec === undefined) return unsupported(`video FourCC ${JSON.stringify(fourCc)}`);
  const keyFrame = frameType === KEY_FRAME;
  switch (packetType) {
    case VIDEO_PACKET.sequenceStart:
      return { kind: 'config', codec, config: body.subarray(5) };
    case VIDEO_PACKET.sequenceEnd:
      return { kind: 'end-of-sequence', codec };
    case VIDEO_PACKET.codedFramesX:
      return { kind: 'frame', codec, keyFrame, compositionMs: 0, data: body.subarray(5) };
    case VIDEO_PACKET.codedFrames:
      if (!hasCompositionTime(codec)) {
        return { kind: 'frame', codec, keyFrame, compositionMs: 0, data: body.subarray(5) };
      }
      if (body.length < 8) return malformed(`${codec} message of ${body.length} bytes`);
      return { kind: 'frame', codec, keyFrame, compositionMs: body.readIntBE(5, 3), data: body.subarray(8) };
    default:
      return malformed(`enhanced video packet type ${packetType}`);
  }
}

function hasCompositionTime(codec: string): boolean {
  return codec === 'h264' || codec === 'hevc' || codec === 'vvc';
}

function parseExAudio(body: Buffer, packetType: number): AudioTag {
  const other = OTHER_AUDIO_PACKETS[packetType];
  if (other !== undefined) return unsupported(`enhanced audio packet: ${other}`);
  if (body.length < 5) return malformed(`enhanced audio message of ${body.length} bytes`);
  const fourCc = body.toString('latin1', 1, 5);
  const codec = AUDIO_FOURCCS[fourCc];
  if (codec === undefined) return unsupported(`audio FourCC ${JSON.stringify(fourCc)}`);
  switch (packetType) {
    case AUDIO_PACKET.sequenceStart:
      return { kind: 'config', codec, config: body.subarray(5) };
    case AUDIO_PACKET.codedFrames:
      return { kind: 'frame', codec, data: body.subarray(5) };
    case AUDIO_PACKET.sequenceEnd:
      return { kind: 'end-of-sequence', codec };
    default:
      return malformed(`enhanced audio packet type ${packetType}`);
  }
}

function malformed(detail: string): UnusableTag {
  return { kind: 'malformed', detail };
}

function unsupported(detail: string): UnusableTag {
  return { kind: 'unsupported', detail };
}
