/**
 * All steps once, with real clients: an emulator in memory, a channel created by ali-oss, a clip pushed by ffmpeg to
 * the URL that ali-oss signed, a VOD playlist, and a check of both playlists with ffprobe. When a step deviates, it
 * names the step and exits with 1. Options are those of the emulator, e.g. `--segmenter ffmpeg`.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import OSS from 'ali-oss';
import type { Emulator } from '../../src/emulator/emulator.ts';
import { CLIP, expect, perform, pushClip, say } from './stage.ts';

/** Audio frames of the clip from before its first picture; a recording begins with a picture. */
const SOUND_BEFORE_PICTURE = 1;
const CHANNEL = 'demo';
const FRAG_DURATION_SEC = 2;
const FRAG_COUNT = 3;

/** From the first fragment in the list, without waiting for more: a LiveChannel playlist has no end tag. */
const LIVE_INPUT = ['-live_start_index', '0', '-m3u8_hold_counters', '2'];

const run = promisify(execFile);

async function liveChannel(emulator: Emulator, port: number): Promise<void> {
  const endpoint = `http://localhost:${port}`;
  const bucket = emulator.config.buckets[0]?.name ?? '';
  const { accessKeyId, accessKeySecret } = emulator.config;
  const client = new OSS({ accessKeyId, accessKeySecret, bucket, endpoint, sldEnable: true } as OSS.Options);
  say('emulator', `${endpoint}, segmenter ${emulator.config.segmenter}`);

  const target = { Type: 'HLS', FragDuration: FRAG_DURATION_SEC, FragCount: FRAG_COUNT, PlaylistName: 'live.m3u8' };
  const created = await client.putChannel(CHANNEL, { Description: 'demo', Status: 'enabled', Target: target });
  expect('publish URL', created.publishUrls, [`rtmp://localhost:${port}/${bucket}/live/${CHANNEL}`]);
  say('channel', `${CHANNEL}, cut every ${FRAG_DURATION_SEC} s, ${FRAG_COUNT} fragments listed`);

  const startTime = Math.floor(Date.now() / 1000);
  const url = client.getRtmpUrl(CHANNEL, { params: { playlistName: 'live.m3u8' }, expires: 600 });
  await push(emulator, client, url);
  // @types/ali-oss has one record where the client has a list.
  const { records } = Object(await client.getChannelHistory(CHANNEL));
  expect('pushes in the history', records.length, 1);

  await client.createVod(CHANNEL, 'vod.m3u8', { startTime, endTime: startTime + 3600 });
  const base = `${endpoint}/${bucket}/${CHANNEL}`;
  const clip = await countFrames(CLIP);
  clip.audio -= SOUND_BEFORE_PICTURE;
  const vod = await countFrames(`${base}/vod.m3u8`);
  expect('frames of the VOD playlist', vod, clip);
  say('vod', `${base}/vod.m3u8 holds all ${vod.video} pictures and ${vod.audio} audio frames`);
  const live = await countFrames(`${base}/live.m3u8`, ...LIVE_INPUT);
  expect('fragments of the live playlist', await countFragments(`${base}/live.m3u8`), FRAG_COUNT);
  expect('live playlist has pictures', live.video > 0, true);
  say('live', `${base}/live.m3u8 holds the last ${FRAG_COUNT} fragments, ${live.video} pictures`);
  for (const name of ['vod.m3u8', 'live.m3u8']) {
    const { stderr } = await run('ffmpeg', ['-v', 'error', ...LIVE_INPUT, '-i', `${base}/${name}`, '-f', 'null', '-']);
    expect(`what ffmpeg says of ${name}`, stderr, '');
  }
  say('decode', 'ffmpeg decodes both without a word');
}

/** Pushes the clip in real time, draws a progress bar, and calls GetLiveChannelStat meanwhile. */
async function push(emulator: Emulator, client: OSS, url: string): Promise<void> {
  const ended = emulator.events.waitFor('publish.ended');
  const firstFragment = emulator.events.waitFor('fragment.stored');
  let mediaSec = 0;
  let fragments = 0;
  const unsubscribe = emulator.events.subscribe((event) => {
    if (event.type !== 'fragment.stored') return;
    fragments++;
    mediaSec += event.durationMs / 1000;
    const bar = '#'.repeat(Math.round(mediaSec * 2));
    const line = `push       ${bar} ${mediaSec.toFixed(1)} s, ${fragments} fragments`;
    process.stdout.write(process.stdout.isTTY ? `\r${line}` : `${line}\n`);
  });
  const { exited } = pushClip(url);
  await Promise.race([firstFragment, exited]);
  // @types/ali-oss has the fields of `data` one level up.
  const { data } = Object(await client.getChannelStatus(CHANNEL));
  expect('exit code of ffmpeg', await exited, 0);
  await ended;
  unsubscribe();
  if (process.stdout.isTTY) process.stdout.write('\n');
  say('stat', JSON.stringify(data));
  const { Status, Video, Audio } = data;
  expect('status while live', Status, 'Live');
  expect('picture size', [Video.Width, Video.Height, Video.FrameRate, Video.Codec], ['640', '360', '25', 'H264']);
  expect('sound', [Audio.SampleRate, Audio.Codec], ['44100', 'AAC']);
}

async function countFrames(input: string, ...options: string[]): Promise<{ video: number; audio: number }> {
  const args = ['-v', 'error', ...options, '-show_entries', 'packet=codec_type', '-of', 'csv=p=0', input];
  const { stdout, stderr } = await run('ffprobe', args, { maxBuffer: 16 * 1024 * 1024 });
  expect(`what ffprobe says of ${input}`, stderr, '');
  const types = stdout.split('\n');
  return {
    video: types.filter((type) => type.startsWith('video')).length,
    audio: types.filter((type) => type.startsWith('audio')).length,
  };
}

async function countFragments(url: string): Promise<number> {
  const text = await (await fetch(url)).text();
  return text.split('\n').filter((line) => line.endsWith('.ts')).length;
}

await perform(import.meta.url, liveChannel);
