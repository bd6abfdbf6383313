/** What a push has recorded, as a player and a decoder see it. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import type { EmulatorDeps } from '../../src/emulator/emulator.ts';
import { RtmpPublisher } from '../../src/rtmp/client.ts';
import { readMediaPlaylist } from '../support/analyser/media-playlist.ts';
import { recordingProblems } from '../support/analyser/playlist-problems.ts';
import { channelConfig, startTestEmulator, type TestEmulator } from '../support/emulator.ts';
import { type Packet, probePackets } from '../support/tools.ts';
import type { Tags } from './flv-tags.ts';
import { fetchPlaylist, type ListedFragment, type Playlist } from './playlists.ts';

const run = promisify(execFile);

export const SEGMENTERS = ['mpeg-ts', 'ffmpeg'] as const;

/** The result of `GetLiveChannelStat` in ali-oss: everything is text. */
export interface Stat {
  readonly Status: string;
  readonly ConnectedTime?: string;
  readonly RemoteAddr?: string;
  readonly Video?: Readonly<Record<'Width' | 'Height' | 'FrameRate' | 'Bandwidth' | 'Codec', string>>;
  readonly Audio?: Readonly<Record<'Bandwidth' | 'SampleRate' | 'Codec', string>>;
}

/** An emulator with one channel, `cam`, in a bucket that is public-read-write. */
export interface Studio extends TestEmulator {
  /** Where to publish without a signature. */
  readonly publishUrl: string;
  /** Of the folder of the channel. */
  readonly folderUrl: string;
  stat(): Promise<Stat>;
  history(): Promise<readonly unknown[]>;
  live(): Promise<Playlist>;
  /** Stores a VOD playlist of everything so far, and reads it. */
  vod(): Promise<Playlist>;
  readonly vodUrl: string;
}

export async function openStudio(
  target: Parameters<typeof channelConfig>[0] = {},
  options: Partial<Config> = {},
  deps: EmulatorDeps = {},
): Promise<Studio> {
  const buckets = [{ name: 'examplebucket', acl: 'public-read-write' }] as const;
  const running = await startTestEmulator({ buckets, channels: [], ...options }, deps);
  const { client, endpoint, port } = running;
  await client.putChannel('cam', channelConfig(target));
  const folderUrl = `${endpoint}/examplebucket/cam`;
  const vodUrl = `${folderUrl}/all.m3u8`;
  const startSec = Math.floor((deps.clock?.now() ?? Date.now()) / 1000);
  return {
    ...running,
    folderUrl,
    vodUrl,
    publishUrl: `rtmp://127.0.0.1:${port}/examplebucket/live/cam`,
    // @types/ali-oss has the fields of `data` one level up.
    stat: async () => Object(await client.getChannelStatus('cam')).data,
    history: async () => Object(await client.getChannelHistory('cam')).records,
    live: () => fetchPlaylist(`${folderUrl}/playlist.m3u8`),
    vod: async () => {
      await client.createVod('cam', 'all.m3u8', { startTime: startSec, endTime: startSec + 86_400 });
      return fetchPlaylist(vodUrl);
    },
  };
}

/** Publishes and sends everything, as fast as it is taken. The caller ends the push. */
async function sendTags(url: string, tags: Tags): Promise<RtmpPublisher> {
  const publisher = await RtmpPublisher.publish(url);
  onTestFinished(() => publisher.destroy());
  for (const tag of tags) if (!publisher.send(tag)) await publisher.drained();
  return publisher;
}

/** A whole push, from connecting until everything of it is stored and listed. */
export async function pushTags(studio: Studio, tags: Tags): Promise<void> {
  const ended = studio.emulator.events.waitFor('publish.ended');
  const publisher = await sendTags(studio.publishUrl, tags);
  await publisher.unpublish();
  await ended;
}

export async function fetchFragment(studio: Studio, { name }: ListedFragment): Promise<Buffer> {
  const response = await fetch(`${studio.folderUrl}/${name}`);
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

/** For each part between two discontinuities, the bytes, which are one transport stream. */
export async function fetchPrograms(
  studio: Studio,
  { fragments }: Pick<Playlist, 'fragments'>,
): Promise<readonly Buffer[]> {
  const programs: Buffer[][] = [];
  for (const fragment of fragments) {
    if (fragment.discontinuity || programs.length === 0) programs.push([]);
    programs.at(-1)?.push(await fetchFragment(studio, fragment));
  }
  return programs.map((program) => Buffer.concat(program));
}

/**
 * The messages of ffmpeg while it decodes a whole playlist. With the time base of the input: by default it is the frame
 * rate, in which several of RTMP's milliseconds (33, 67, 100) can become equal.
 */
export async function decodeComplaints(url: string, ...inputOptions: readonly string[]): Promise<string> {
  const output = ['-enc_time_base', '-1', '-f', 'null', '-'];
  const { stderr } = await run('ffmpeg', ['-v', 'error', ...inputOptions, '-i', url, ...output]);
  return stderr;
}

/** Everything recorded decodes without a message, and the analyser finds no problem in it. */
export async function expectSound(studio: Studio): Promise<Playlist> {
  const vod = await studio.vod();
  expect(await decodeComplaints(studio.vodUrl)).toBe('');
  expect(await playlistProblems(studio.vodUrl)).toEqual([]);
  return vod;
}

/** What the analyser finds in a playlist and in the fragments that it lists. */
async function playlistProblems(url: string): Promise<string[]> {
  return recordingProblems(readMediaPlaylist(await (await fetch(url)).text()), async (uri) => {
    const response = await fetch(new URL(uri, url));
    expect(response.status).toBe(200);
    return Buffer.from(await response.arrayBuffer());
  });
}

/** ffprobe's packets of a file in a format that it recognizes. */
export async function probeBytes(bytes: Buffer): Promise<readonly Packet[]> {
  const folder = await mkdtemp(join(tmpdir(), 'probed-'));
  try {
    await writeFile(join(folder, 'stream'), bytes);
    return await probePackets(join(folder, 'stream'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The times of one track, in order, as text, so that a failed comparison shows the frame. */
export function timesOf(
  frames: readonly Pick<Packet, 'track' | 'ptsSec' | 'dtsSec'>[],
  track: Packet['track'],
): readonly string[] {
  return frames.flatMap((frame) =>
    frame.track === track ? [`${frame.ptsSec.toFixed(3)} ${frame.dtsSec.toFixed(3)}`] : [],
  );
}
