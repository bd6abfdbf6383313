/** What is reported about a push, by event and in the log. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createLog } from '../../src/base/log.ts';
import { channelConfig, clip, startTestEmulator } from '../support/emulator.ts';
import { describeWith, pushWithFfmpeg } from '../support/tools.ts';

/** The findings of one push, as events; each must be in the log once. */
async function findingsOf(path: string): Promise<readonly string[]> {
  const logged: string[] = [];
  const log = createLog('info', (line) => logged.push(line), Date.now);
  const { emulator, client } = await startTestEmulator({}, { log });
  await client.putChannel('cam', channelConfig());
  const found: string[] = [];
  emulator.events.subscribe((event) => {
    if (event.type === 'stream.finding' && event.channel === 'cam') found.push(event.finding);
  });
  const ended = emulator.events.waitFor('publish.ended');
  await pushWithFfmpeg(path, client.getRtmpUrl('cam', { expires: 3600 })).done;
  await ended;
  for (const finding of found) {
    expect(
      logged.filter((line) => line.includes(`stream.finding`) && line.includes(`finding=${finding} `)),
    ).toHaveLength(1);
  }
  return found.sort();
}

/** A clip without sound and with one key frame. */
async function oneKeyFrame(durationSec: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'findings-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'clip.flv');
  const input = ['-f', 'lavfi', '-i', 'testsrc2=size=160x90:rate=5', '-t', String(durationSec)];
  const codec = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-pix_fmt',
    'yuv420p',
    '-g',
    '100000',
    '-sc_threshold',
    '0',
  ];
  const { status } = spawnSync('ffmpeg', ['-v', 'error', ...input, ...codec, path]);
  expect(status).toBe(0);
  return path;
}

describeWith(['ffmpeg'], 'a push', () => {
  it.each([
    ['that is in order, but for coming all at once', 'h264-aac', ['clock-drift']],
    ['with long GOPs', 'h264-aac-key-frame-every-10s', ['clock-drift', 'key-frame-interval']],
    ['with B-frames', 'h264-aac-b-frames-slices', ['b-frames']],
    ['too short to miss its sound', 'h264-only', []],
  ])('%s', async (_, name, expected) => {
    expect(await findingsOf(clip(`${name}.flv`))).toEqual(expected);
  });

  it('without key frames and sound', async () => {
    const expected = ['clock-drift', 'forced-cut', 'key-frame-interval', 'no-audio'];
    expect(await findingsOf(await oneKeyFrame(65))).toEqual(expected);
  });
});
