import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { parameterSetInserter } from '../../../src/media/access-units.ts';
import { parseAvcConfig } from '../../../src/media/codecs/avc.ts';
import type { Frame } from '../../../src/media/frame.ts';
import { ffmpegMuxer } from '../../../src/recording/segmenter/ffmpeg-muxer.ts';
import { parseFlv, readClip } from './clips.ts';
import { fakeFfmpeg } from './fake-ffmpeg.ts';

const { videoConfig = Buffer.alloc(0), frames } = readClip('h264-only');
const BIG_PICTURE: Frame = {
  kind: 'video',
  dtsMs: 0,
  compositionMs: 0,
  keyFrame: true,
  data: Buffer.concat([Buffer.from('0001869f65', 'hex'), Buffer.alloc(99_998)]),
};

function startMuxer(path: string) {
  const clock = new ManualClock(0);
  let fail: (error: Error) => void = () => {};
  let drain = () => {};
  const failed = new Promise<Error>((resolve) => {
    fail = resolve;
  });
  const drained = new Promise<void>((resolve) => {
    drain = resolve;
  });
  const output = { tables: () => {}, unit: () => {} };
  const events = { onDrain: () => drain(), onFailure: (error: Error) => fail(error) };
  const muxer = ffmpegMuxer({ path, clock })({ videoConfig, startDtsMs: 0 }, output, events);
  onTestFinished(() => muxer.destroy());
  return { muxer, clock, failed, drained };
}

/** Writes until the muxer returns false, up to a number of frames far above its limit. */
function writeUntilFull(muxer: ReturnType<typeof startMuxer>['muxer']): number {
  let sizeBytes = 0;
  do sizeBytes += BIG_PICTURE.data.length;
  while (muxer.write(BIG_PICTURE) && sizeBytes < 100_000_000);
  return sizeBytes;
}

describe('ffmpeg as a muxer', () => {
  it('fails with the last words of the process', async () => {
    const { path } = fakeFfmpeg('head -c 1 > /dev/null; echo "Unknown something" >&2; exit 69');
    const { muxer, clock, failed } = startMuxer(path);
    clock.advance(200); // The script ends at the first byte, which the muxer has buffered until now.
    expect((await failed).message).toBe('ffmpeg ended with 69: Unknown something');
    await expect(muxer.end()).rejects.toThrow('ffmpeg ended with 69');
    expect(frames.slice(0, 3).map((frame) => muxer.write(frame))).toEqual([true, true, true]);
  });

  it('fails when the process ends well before its input does', async () => {
    const { failed } = startMuxer(fakeFfmpeg('exit 0').path);
    expect((await failed).message).toBe('ffmpeg ended with 0: it said nothing');
  });

  it('fails when there is no such program', async () => {
    const { failed } = startMuxer('/nowhere/ffmpeg');
    expect((await failed).message).toContain('ENOENT');
  });

  it('rejects the end, and reports nothing more, when the process fails while it ends', async () => {
    const { muxer } = startMuxer(fakeFfmpeg('cat > /dev/null; echo "cannot write" >&2; exit 1').path);
    await expect(muxer.end()).rejects.toThrow('ffmpeg ended with 1: cannot write');
  });

  it('hands over what it gathered when it ends', async () => {
    const { folder, path } = fakeFfmpeg('cat > "$(dirname "$0")/input.flv"');
    const { muxer } = startMuxer(path);
    for (const frame of frames) muxer.write(frame);
    await muxer.end();
    const avcConfig = parseAvcConfig(videoConfig);
    const complete = avcConfig ? parameterSetInserter(avcConfig) : expect.fail('no configuration');
    const isKeyFrame = (frame: Frame) => frame.kind === 'video' && frame.keyFrame;
    const completed = frames.map((frame) => (isKeyFrame(frame) ? { ...frame, data: complete(frame.data) } : frame));
    expect(parseFlv(readFileSync(join(folder, 'input.flv')))).toEqual({ videoConfig, frames: completed });
  });

  it('asks to stop when the process does not read, and to go on when it does', async () => {
    const { folder, path } = fakeFfmpeg('read line < "$(dirname "$0")/go"; cat > /dev/null');
    execFileSync('mkfifo', [join(folder, 'go')]);
    const { muxer, drained } = startMuxer(path);
    expect(writeUntilFull(muxer)).toBeLessThan(2_000_000);
    await writeFile(join(folder, 'go'), 'go\n');
    await drained;
    expect(muxer.write(BIG_PICTURE)).toBe(true);
    await muxer.end();
  });

  it('is gone when it was destroyed', async () => {
    const { muxer } = startMuxer(fakeFfmpeg('exec tail -f /dev/null').path);
    const ended = muxer.end();
    muxer.destroy();
    await expect(ended).rejects.toThrow('SIGKILL');
  });
});
