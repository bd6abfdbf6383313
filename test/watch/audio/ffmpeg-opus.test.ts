import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ffmpegOpusEncoder } from '../../../src/watch/audio/ffmpeg-opus.ts';
import { fakeFfmpeg } from '../../recording/segmenter/fake-ffmpeg.ts';
import { keptLog } from '../../support/kept-log.ts';
import { describeWith } from '../../support/tools.ts';
import { Listener } from './encoders.ts';

const STEREO_44K = Buffer.from('1210', 'hex');

function listen(path: string, config = STEREO_44K) {
  const { log, lines } = keptLog();
  const listener = new Listener(ffmpegOpusEncoder(path, log), config);
  onTestFinished(() => listener.encoder.close());
  return { listener, lines };
}

function readPid(folder: string): number {
  try {
    return Number(readFileSync(join(folder, 'pid'), 'utf8'));
  } catch {
    return 0; // Not written yet.
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describeWith(['sh'], 'Opus by an ffmpeg that does not do its work', () => {
  it('tells what it said when it ends, and takes no more', async () => {
    const { listener } = listen(fakeFfmpeg('echo "Unknown encoder \'libopus\'" >&2; exit 1').path);
    expect((await listener.failed).message).toBe("ffmpeg ended with 1: Unknown encoder 'libopus'");
    expect(() => listener.encoder.write(Buffer.alloc(10), 0)).not.toThrow();
  });

  it('tells that it was killed', async () => {
    const { listener } = listen(fakeFfmpeg('kill -9 $$').path);
    expect((await listener.failed).message).toBe('ffmpeg ended with SIGKILL: it said nothing');
  });

  it('tells that it cannot be started', async () => {
    const { listener } = listen('/there/is/no/ffmpeg');
    expect((await listener.failed).message).toContain('ENOENT');
  });

  it('gives up when what comes out is not Ogg', async () => {
    const { listener } = listen(fakeFfmpeg('echo "something else entirely, and long enough"; exec sleep 60').path);
    expect((await listener.failed).message).toBe('not an Ogg page');
  });

  it('leaves out sound while it does not read, and says so once', async () => {
    const { listener, lines } = listen(fakeFfmpeg('exec sleep 60').path);
    for (let index = 0; index < 200; index++) listener.encoder.write(Buffer.alloc(4000), index * 23);
    expect(lines).toEqual(['warn  sound.behind detail="sound arrives faster than it can be encoded"']);
  });

  it('ends with the encoder, which is no failure', async () => {
    const { folder, path } = fakeFfmpeg('echo $$ > "$(dirname "$0")/pid"; echo OggS; exec sleep 60');
    const { listener, lines } = listen(path);
    const pid = await expect
      .poll(() => readPid(folder))
      .toBeGreaterThan(0)
      .then(() => readPid(folder));
    listener.encoder.close();
    await expect.poll(() => isRunning(pid)).toBe(false);
    expect(await Promise.race([listener.failed, Promise.resolve('no failure')])).toBe('no failure');
    expect(lines).toEqual([]);
  });
});

it('Opus by ffmpeg says that ADTS has no room for a layout of its own', async () => {
  // Channel configuration 0: a program config element describes the channels.
  const { listener } = listen('/there/is/no/ffmpeg', Buffer.from('1200', 'hex'));
  expect(() => listener.encoder.write(Buffer.alloc(10), 0)).not.toThrow();
  expect((await listener.failed).message).toBe('ADTS cannot describe this AAC stream');
});
