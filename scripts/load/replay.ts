import type { MediaMessage } from '../../src/media/flv/media-message.ts';
import { MESSAGE_TYPE } from '../../src/rtmp/messages.ts';

/**
 * A clip as the chunks an encoder would send, made once and sent repeatedly by every connection. It can be the same
 * bytes for all of them, because after its first message a chunk stream carries timestamp deltas (chunk type 1, RTMP
 * 1.0, clause 5.3.1.2.2): sending a clip costs a publisher no more than the system calls.
 */
export interface Replay {
  /**
   * Metadata and configuration records; to be sent once, as whole messages, because they set the absolute timestamps.
   */
  readonly opening: readonly MediaMessage[];
  /** The chunks of each tick of the clip; after the last comes the first again. */
  readonly ticks: readonly Buffer[];
  readonly tickMs: number;
  readonly durationMs: number;
  readonly sizeBytes: number;
}

export interface ReplayOptions {
  readonly tickMs: number;
  readonly chunkSizeBytes: number;
  /** The chunk streams that the opening is sent on. */
  readonly chunkStreamIds: { readonly audio: number; readonly video: number };
}

interface Track {
  readonly typeId: number;
  readonly chunkStreamId: number;
  readonly frames: readonly MediaMessage[];
}

const DELTA_HEADER_BYTES = 8;
const TYPE_1 = 0x40;
const TYPE_3 = 0xc0;

/** @throws RangeError when the clip is not H.264 or AAC with its configuration records, or too short to be repeated */
export function createReplay(tags: readonly MediaMessage[], options: ReplayOptions): Replay {
  const tracks = (['video', 'audio'] as const).map((kind) => toTrack(kind, tags, options.chunkStreamIds[kind]));
  const frames = tracks.flatMap((track) => track.frames);
  const firstMs = Math.min(...frames.map((frame) => frame.timestampMs));
  const lastMs = Math.max(...frames.map((frame) => frame.timestampMs));
  const video = tracks[0]?.frames ?? [];
  if (video.length < 2) throw new RangeError('the clip has no pictures');
  const frameStepMs = Math.round((lastOf(video) - (video[0]?.timestampMs ?? 0)) / (video.length - 1));
  const tickCount = Math.ceil((lastMs - firstMs + frameStepMs) / options.tickMs);
  const durationMs = tickCount * options.tickMs;

  const chunks = tracks.flatMap((track) => deltaChunks(track, firstMs, durationMs, options.chunkSizeBytes));
  const ticks = Array.from({ length: tickCount }, (): { atMs: number; bytes: Buffer }[] => []);
  for (const chunk of chunks) ticks[Math.floor(chunk.atMs / options.tickMs)]?.push(chunk);
  const packed = ticks.map((tick) => Buffer.concat(tick.sort((a, b) => a.atMs - b.atMs).map(({ bytes }) => bytes)));
  return {
    opening: tags.filter(isOpening).map((tag) => ({ ...tag, timestampMs: openingMs(tag, tracks, firstMs) })),
    ticks: packed,
    tickMs: options.tickMs,
    durationMs,
    sizeBytes: packed.reduce((sum, { length }) => sum + length, 0),
  };
}

function toTrack(kind: 'audio' | 'video', tags: readonly MediaMessage[], chunkStreamId: number): Track {
  const frames = tags.filter((tag) => tag.kind === kind && !isOpening(tag));
  return { typeId: MESSAGE_TYPE[kind], chunkStreamId, frames };
}

/** Metadata, or a configuration record: the second byte of an H.264 or AAC tag body is its packet type. */
function isOpening({ kind, payload }: MediaMessage): boolean {
  return kind === 'data' || payload[1] === 0;
}

function lastOf(frames: readonly MediaMessage[]): number {
  return frames.at(-1)?.timestampMs ?? 0;
}

/** The timestamp of the last frame of its track in an earlier repetition that began at 0. */
function openingMs({ kind }: MediaMessage, tracks: readonly Track[], firstMs: number): number {
  const track = tracks.find(({ typeId }) => kind !== 'data' && typeId === MESSAGE_TYPE[kind]);
  return track ? lastOf(track.frames) - firstMs : 0;
}

/** Every frame as chunks; the delta of the first one is from the end of the clip to its beginning. */
function deltaChunks(
  { typeId, chunkStreamId, frames }: Track,
  firstMs: number,
  durationMs: number,
  chunkSizeBytes: number,
): { atMs: number; bytes: Buffer }[] {
  let previousMs = lastOf(frames) - durationMs;
  return frames.map(({ timestampMs, payload }) => {
    const header = Buffer.alloc(DELTA_HEADER_BYTES);
    header.writeUInt8(TYPE_1 | chunkStreamId, 0);
    header.writeUIntBE(Math.max(0, timestampMs - previousMs), 1, 3);
    header.writeUIntBE(payload.length, 4, 3);
    header.writeUInt8(typeId, 7);
    previousMs = timestampMs;
    const pieces: Buffer[] = [header, payload.subarray(0, chunkSizeBytes)];
    for (let at = chunkSizeBytes; at < payload.length; at += chunkSizeBytes) {
      pieces.push(Buffer.of(TYPE_3 | chunkStreamId), payload.subarray(at, at + chunkSizeBytes));
    }
    return { atMs: timestampMs - firstMs, bytes: Buffer.concat(pieces) };
  });
}
