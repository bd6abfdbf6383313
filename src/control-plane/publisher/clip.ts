import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { isError } from '../../base/error-code.ts';
import { UsageError } from '../../base/errors.ts';
import { unreadable } from '../../base/named-file.ts';
import { packageFile } from '../../base/package-root.ts';
import { readFlvTags } from '../../media/flv/file.ts';
import type { MediaMessage } from '../../media/flv/media-message.ts';
import { parseAudioTag, parseVideoTag } from '../../media/flv/tags.ts';

/** Test picture and tone, twelve seconds with a key frame every two. */
const BARS = packageFile('fixtures/clips/h264-aac.flv');

/** It is kept in memory as a whole. */
export const MAX_CLIP_MIB = 256;

/** H.264 and AAC from a file, ready to be sent repeatedly. */
export interface Clip {
  readonly name: string;
  /** In order; times begin at 0. */
  readonly messages: readonly MediaMessage[];
  /** After this time the first picture may follow again. */
  readonly durationMs: number;
}

/**
 * The clip at a path, or the one that comes with the emulator.
 * @throws UsageError when it is no regular file, is too large, cannot be read or cannot be pushed
 */
export async function loadClip(path: string | undefined): Promise<Clip> {
  try {
    return readClip(await readRegularFile(path ?? BARS), path ?? 'bars');
  } catch (error) {
    if (isError(error) && 'code' in error) throw unreadable(path ?? BARS, 'the clip', error);
    throw error;
  }
}

/** A device may have no end. A FIFO without a writer would block a thread of Node's pool, if it were opened to wait for one. */
async function readRegularFile(path: string): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new UsageError(`The clip ${path} is no regular file.`);
    if (stats.size > MAX_CLIP_MIB * 1024 * 1024) {
      throw new UsageError(`The clip ${path} has ${stats.size} bytes, more than ${MAX_CLIP_MIB} MiB.`);
    }
    const bytes = Buffer.alloc(stats.size);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** @throws UsageError when it is not FLV with H.264 that begins with a key frame */
export function readClip(file: Buffer, name: string): Clip {
  if (file.toString('latin1', 4, 8) === 'ftyp') {
    throw new UsageError(`The clip ${name} is MP4; make it FLV: ffmpeg -i ${name} -c copy clip.flv`);
  }
  const messages = readMessages(file, name);
  const pictures = messages.filter(isPicture);
  const [first] = pictures;
  const last = pictures.at(-1);
  if (!first || !last) throw new UsageError(`The clip ${name} has no H.264 video; LiveChannel needs it.`);
  const startMs = first.timestampMs;
  const durationMs = Math.round(last.timestampMs - startMs + intervalMs(pictures));
  const sounds = messages.filter(isSound);
  const soundMs = intervalMs(sounds);
  // Sound that reaches into the next repetition is left out: its times would go back there.
  const fits = ({ kind, timestampMs }: MediaMessage): boolean =>
    timestampMs >= startMs && (kind !== 'audio' || timestampMs - startMs + soundMs <= durationMs + soundMs / 2);
  const shifted = messages
    .filter((message) => message.kind === 'data' || isSetup(message) || fits(message))
    .map((message) => ({ ...message, timestampMs: Math.max(0, message.timestampMs - startMs) }));
  return { name, messages: shifted, durationMs };
}

/** The clip repeated on one timeline, up to `durationMs`; once when that is left out. */
export function* repeatClip(clip: Clip, durationMs = clip.durationMs): Generator<MediaMessage, undefined> {
  for (let startMs = 0; startMs < durationMs; startMs += clip.durationMs) {
    for (const message of clip.messages) {
      if (startMs > 0 && message.kind === 'data') continue;
      const timestampMs = startMs + message.timestampMs;
      if (timestampMs >= durationMs) return undefined;
      yield { ...message, timestampMs };
    }
  }
}

function readMessages(file: Buffer, name: string): readonly MediaMessage[] {
  try {
    const messages = [...readFlvTags(file)];
    const foreign = messages.find((message) => message.kind === 'video' && !isH264(message));
    if (foreign) throw new UsageError(`The clip ${name} has video that is not H.264; LiveChannel records no other.`);
    return messages;
  } catch (error) {
    if (!isError(error, 'RangeError')) throw error;
    throw new UsageError(
      `The clip ${name} is not FLV (${error.message}); make it so: ffmpeg -i ${name} -c copy clip.flv`,
    );
  }
}

function isH264({ payload }: MediaMessage): boolean {
  const tag = parseVideoTag(payload);
  return 'codec' in tag && tag.codec === 'h264';
}

/** A configuration record. Everything that follows needs it, so it is kept even if it comes before the first picture. */
function isSetup({ kind, payload }: MediaMessage): boolean {
  if (kind === 'data') return false;
  return (kind === 'video' ? parseVideoTag(payload) : parseAudioTag(payload)).kind === 'config';
}

function isPicture(message: MediaMessage): boolean {
  return message.kind === 'video' && parseVideoTag(message.payload).kind === 'frame';
}

function isSound(message: MediaMessage): boolean {
  return message.kind === 'audio' && parseAudioTag(message.payload).kind === 'frame';
}

function intervalMs(messages: readonly MediaMessage[]): number {
  const [first] = messages;
  const last = messages.at(-1);
  if (!first || !last || messages.length < 2) return 0;
  return (last.timestampMs - first.timestampMs) / (messages.length - 1);
}
