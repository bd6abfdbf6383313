import { expect, it } from 'vitest';
import { readClip } from '../../scripts/load/clip.ts';
import { createReplay } from '../../scripts/load/replay.ts';
import type { MediaMessage } from '../../src/media/flv/media-message.ts';
import { ChunkReader, encodeChunks } from '../../src/rtmp/chunks.ts';
import { DEFAULT_RTMP_LIMITS } from '../../src/rtmp/limits.ts';
import { MESSAGE_TYPE } from '../../src/rtmp/messages.ts';
import { readMessages } from '../rtmp/support.ts';
import { clip } from '../support/emulator.ts';

const CHUNK_SIZE_BYTES = 4096;
const CHUNK_STREAM_IDS = { audio: 4, video: 6 };

const tags = await readClip(clip('h264-aac.flv'));
const frames = tags.filter(({ kind, payload }) => kind !== 'data' && payload[1] !== 0);
const firstMs = Math.min(...frames.map(({ timestampMs }) => timestampMs));
const replay = createReplay(tags, { tickMs: 20, chunkSizeBytes: CHUNK_SIZE_BYTES, chunkStreamIds: CHUNK_STREAM_IDS });

/** The tags that a server reads from the opening and from `rounds` repetitions of the clip. */
function received(rounds: number): readonly (readonly number[])[] {
  const opening = replay.opening.map(({ kind, timestampMs, payload }) => {
    const chunkStreamId = kind === 'data' ? 5 : CHUNK_STREAM_IDS[kind];
    const message = { chunkStreamId, typeId: typeOf(kind), messageStreamId: 1, timestampMs, payload };
    return encodeChunks(message, CHUNK_SIZE_BYTES);
  });
  const reader = new ChunkReader(DEFAULT_RTMP_LIMITS);
  reader.setChunkSize(CHUNK_SIZE_BYTES);
  const ticks = Array.from({ length: rounds }, () => replay.ticks).flat();
  const messages = readMessages(reader, [...opening, ...ticks]);
  return messages.map(({ typeId, timestampMs, payload }) => [typeId, timestampMs, payload.length]);
}

function typeOf(kind: MediaMessage['kind']): number {
  return kind === 'data' ? MESSAGE_TYPE.dataAmf0 : MESSAGE_TYPE[kind];
}

it('sends every frame of every round, its time moved by a whole clip', () => {
  const rounds = 3;
  const media = received(rounds).slice(replay.opening.length);
  const expected = Array.from({ length: rounds }, (_, round) =>
    frames.map(({ kind, timestampMs, payload }) => {
      const movedMs = timestampMs - firstMs + (round + 1) * replay.durationMs;
      return [typeOf(kind), movedMs, payload.length];
    }),
  ).flat();
  for (const track of [MESSAGE_TYPE.audio, MESSAGE_TYPE.video]) {
    const of = (messages: readonly (readonly number[])[]) => messages.filter(([typeId]) => typeId === track);
    expect(of(media)).toEqual(of(expected));
  }
});

it('sends a frame in the tick it is due in', () => {
  expect(replay.ticks.length * replay.tickMs).toBe(replay.durationMs);
  const firstPicture = frames.find(({ kind }) => kind === 'video');
  const tick = Math.floor(((firstPicture?.timestampMs ?? 0) - firstMs) / replay.tickMs);
  expect(replay.ticks[tick]?.length).toBeGreaterThan(firstPicture?.payload.length ?? 0);
  expect(replay.ticks.filter(({ length }) => length === 0).length).toBeGreaterThan(0);
});

it('refuses a clip without pictures', () => {
  const options = { tickMs: 20, chunkSizeBytes: CHUNK_SIZE_BYTES, chunkStreamIds: CHUNK_STREAM_IDS };
  expect(() => createReplay([], options)).toThrow(RangeError);
});
