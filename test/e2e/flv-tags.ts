/** FLV tags for tests: made by ffmpeg during the test, or changed into streams that no installed encoder sends. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { readFlvTags } from '../../src/media/flv/file.ts';
import type { MediaMessage } from '../../src/media/flv/media-message.ts';
import { clip } from '../support/emulator.ts';

const run = promisify(execFile);

export type Tags = readonly MediaMessage[];

/** A message on the control stream of the connection, between the media. */
export interface ControlMessage {
  readonly kind: 'control';
  readonly typeId: number;
  readonly payload: Buffer;
}

/** The messages of a push in their order. */
export type SentMessages = readonly (MediaMessage | ControlMessage)[];

/** The tags of a clip of fixtures/clips. */
export function readClip(name: string): Tags {
  return [...readFlvTags(readFileSync(clip(`${name}.flv`)))];
}

/** The tags that ffmpeg makes of lavfi sources and encoder options. */
export async function encodeTags(...args: readonly string[]): Promise<Tags> {
  const options = { encoding: 'buffer', maxBuffer: 256 * 1024 * 1024 } as const;
  const { stdout } = await run('ffmpeg', ['-v', 'error', '-nostdin', ...args, '-f', 'flv', 'pipe:1'], options);
  return [...readFlvTags(stdout)];
}

/** lavfi inputs that need little time to encode. */
export function picture(size: string, rate: number, durationSec: number): string[] {
  return ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${rate}:duration=${durationSec}`];
}

export function sound(sampleRateHz: number, durationSec: number): string[] {
  return ['-f', 'lavfi', '-i', `sine=440:sample_rate=${sampleRateHz}:duration=${durationSec}`];
}

/** libx264 as live encoders run it, with a key frame every `keyFrameInterval` pictures and nowhere else. */
export function x264(keyFrameInterval: number, ...options: readonly string[]): string[] {
  const cadence = ['-g', String(keyFrameInterval), '-keyint_min', String(keyFrameInterval), '-sc_threshold', '0'];
  return ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', ...cadence, ...options];
}

/** ffmpeg ends a file with an end-of-sequence tag; in the middle of a stream there is none. */
export function withoutEnd<Message extends SentMessages[number]>(messages: readonly Message[]): readonly Message[] {
  return messages.filter(({ kind, payload }) => !(kind === 'video' && payload[1] === 2));
}

export function isConfig({ kind, payload }: MediaMessage): boolean {
  return kind !== 'data' && payload[1] === 0;
}

export function isVideoFrame({ kind, payload }: MediaMessage): boolean {
  return kind === 'video' && payload[1] === 1;
}

export function isAudioFrame({ kind, payload }: MediaMessage): boolean {
  return kind === 'audio' && payload[1] === 1;
}

export function isKeyFrame({ kind, payload }: MediaMessage): boolean {
  return kind === 'video' && payload[1] === 1 && payload.readUInt8(0) >> 4 === 1;
}

/** The bytes before the NAL units of a video frame: frame and codec, packet type, composition time. */
export const VIDEO_HEADER_BYTES = 5;

/** The NAL units of a video frame, each of which has a length of four bytes before it. */
export function nalUnitsOf({ payload }: MediaMessage): readonly Buffer[] {
  const nalUnits: Buffer[] = [];
  for (let at = VIDEO_HEADER_BYTES; at < payload.length; ) {
    const end = at + 4 + payload.readUInt32BE(at);
    nalUnits.push(payload.subarray(at + 4, end));
    at = end;
  }
  return nalUnits;
}

/** The same video frame with other NAL units. */
export function withNalUnits(tag: MediaMessage, nalUnits: readonly Buffer[], lengthSize = 4): MediaMessage {
  const pieces = nalUnits.flatMap((nalUnit) => {
    const length = Buffer.alloc(lengthSize);
    length.writeUIntBE(nalUnit.length, 0, lengthSize);
    return [length, nalUnit];
  });
  return { ...tag, payload: Buffer.concat([tag.payload.subarray(0, VIDEO_HEADER_BYTES), ...pieces]) };
}

/** Later, or earlier; modulo 2^32 as on the wire. */
export function shifted(tags: Tags, byMs: number): Tags {
  return tags.map((tag) => ({ ...tag, timestampMs: (tag.timestampMs + byMs) % 2 ** 32 }));
}

/** The tags before the time `ms`, or those from it on. */
export function before(tags: Tags, ms: number): Tags {
  return tags.filter(({ timestampMs }) => timestampMs < ms);
}

export function from(tags: Tags, ms: number): Tags {
  return tags.filter((tag) => isConfig(tag) || tag.timestampMs >= ms);
}

export function ofKind(tags: Tags, ...kinds: readonly MediaMessage['kind'][]): Tags {
  return tags.filter(({ kind }) => kinds.includes(kind));
}

/** One picture or one audio frame, as a player must receive it. */
export interface SentFrame {
  readonly track: 'video' | 'audio';
  readonly ptsSec: number;
  readonly dtsSec: number;
}

/** The frames of H.264 and AAC tags from the first key frame on, which is where a recording begins. */
export function recordable(tags: Tags): readonly SentFrame[] {
  const start = tags.findIndex(isKeyFrame);
  const startMs = tags[start]?.timestampMs ?? Number.POSITIVE_INFINITY;
  return tags.slice(start).flatMap(({ kind, timestampMs, payload }) => {
    if (kind === 'data' || payload[1] !== 1 || timestampMs < startMs) return [];
    const compositionMs = kind === 'video' ? payload.readIntBE(2, 3) : 0;
    return [{ track: kind, ptsSec: (timestampMs + compositionMs) / 1000, dtsSec: timestampMs / 1000 }];
  });
}

/** The tags as a file. FLV 10.1, annex E.2 to E.4.1. */
export function writeFlv(tags: Tags): Buffer {
  return Buffer.concat([Buffer.from('464c5601050000000900000000', 'hex'), ...tags.map(writeFlvTag)]);
}

/** A tag and its size. */
function writeFlvTag({ kind, timestampMs, payload }: MediaMessage): Buffer {
  const header = Buffer.alloc(11);
  header.writeUInt8({ audio: 8, video: 9, data: 18 }[kind], 0);
  header.writeUIntBE(payload.length, 1, 3);
  header.writeUIntBE(timestampMs % 2 ** 24, 4, 3);
  header.writeUInt8(Math.floor(timestampMs / 2 ** 24), 7);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(header.length + payload.length);
  return Buffer.concat([header, payload, size]);
}
