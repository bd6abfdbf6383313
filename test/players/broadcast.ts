/** What the players play: an emulator, and pushes to it in real time. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import OSS from 'ali-oss';
import type { EmulatorOptions } from '../../src/testing/emulator-options.ts';
import { startEmulator } from '../../src/testing/start-emulator.ts';
import { encodeTags, picture, shifted, sound, type Tags, withoutEnd, writeFlv, x264 } from '../e2e/flv-tags.ts';
import { channelConfig } from '../support/emulator.ts';
import type { PlaylistKind } from './matrix.ts';

export const FRAMES_PER_SECOND = 25;
export const SMALL_PX = 320;
export const LARGE_PX = 640;
const SIZES = { [SMALL_PX]: '320x180', [LARGE_PX]: '640x360' } as const;

/** A test picture with a tone and a key frame every second. */
function clip(widthPx: keyof typeof SIZES, durationSec: number): Promise<Tags> {
  const sources = [...picture(SIZES[widthPx], FRAMES_PER_SECOND, durationSec), ...sound(44_100, durationSec)];
  return encodeTags(...sources, ...x264(FRAMES_PER_SECOND), '-bf', '0', '-c:a', 'aac', '-ac', '2');
}

/** Paths of FLV files to push. */
export interface Clips {
  /** 8 s with a small picture. */
  readonly small: string;
  /** 2 s. */
  readonly session: string;
  /** 8 s with a small picture, then 20 s with a large one. */
  readonly resized: string;
}

export const SMALL_SEC = 8;
export const SESSION_SEC = 2;
const LARGE_SEC = 20;

export async function makeClips(folder: string): Promise<Clips> {
  const small = await clip(SMALL_PX, SMALL_SEC);
  const large = (await clip(LARGE_PX, LARGE_SEC)).filter(({ kind }) => kind !== 'data');
  const write = async (name: string, tags: Tags) => {
    await writeFile(join(folder, name), writeFlv(withoutEnd(tags)));
    return join(folder, name);
  };
  return {
    small: await write('small.flv', small),
    session: await write('session.flv', await clip(SMALL_PX, SESSION_SEC)),
    resized: await write('resized.flv', [...small, ...shifted(large, SMALL_SEC * 1000)]),
  };
}

/**
 * Shaka gives up a place that is further back than three target durations, or than the playlist it began with, and does not
 * recover when a push comes back after that: with fragments of a second a pause is too long for it.
 */
const FRAGMENTS = { FragDuration: 2, FragCount: 20 };

export interface Push {
  /** Resolves when all of it is sent, stored and listed. */
  readonly done: Promise<void>;
}

export interface Broadcast {
  readonly endpoint: string;
  /** The live playlist. */
  readonly url: string;
  /** Resolves when there is something to play. @param durationSec longer than the clip: it is repeated */
  push(clip: string, durationSec?: number): Promise<Push>;
  /** Pushes each clip as fast as possible; resolves to the URL of a VOD playlist of all. */
  record(clips: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

export async function openBroadcast(kind: PlaylistKind, options: EmulatorOptions = {}): Promise<Broadcast> {
  const emulator = await startEmulator({ buckets: ['media:public-read'], ...options });
  const { endpoint, port, events } = emulator;
  // @types/ali-oss has no sldEnable.
  const client = new OSS(emulator.aliOssOptions as OSS.Options);
  await client.putChannel('cam', channelConfig(FRAGMENTS));
  const target = kind === 'channel' ? { channel: 'cam' } : { url: `rtmp://127.0.0.1:${port}/app/s1` };
  return {
    endpoint,
    url: kind === 'channel' ? `${endpoint}/media/cam/playlist.m3u8` : `${endpoint}/app/s1.m3u8`,
    async push(clipPath, durationSec) {
      // The playlist of a channel is there with its first fragment; that of a stream waits for it.
      const listed = kind === 'channel' ? events.waitFor('playlist.written') : undefined;
      const length = durationSec === undefined ? {} : { durationSec };
      const push = await emulator.publish({ ...target, ...length, clip: clipPath });
      await listed;
      return push;
    },
    async record(clips) {
      const startTime = Math.floor(Date.now() / 1000);
      for (const clipPath of clips) await (await emulator.publish({ ...target, clip: clipPath, speed: 'max' })).done;
      await client.createVod('cam', 'vod.m3u8', { startTime, endTime: startTime + 3600 });
      return `${endpoint}/media/cam/vod.m3u8`;
    },
    stop: () => emulator.stop(),
  };
}
