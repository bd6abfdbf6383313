import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { picture, sound, x264 } from '../e2e/flv-tags.ts';
import { describeWith, type Tool } from '../support/tools.ts';
import {
  type EncoderProcess,
  expectPush,
  openEncoderStudio,
  REFUSALS,
  signedUrl,
  startEncoder,
  watchRefusals,
} from './encoder.ts';

const LIBRTMP: Tool = { name: 'librtmp-dev', probe: ['pkg-config', '--exists', 'librtmp'] };
const SOURCE = join(import.meta.dirname, 'librtmp-push.c');

const run = promisify(execFile);

/** The library of rtmpdump, which many encoders and cameras use; the program rtmpdump can only play. */
describeWith(['gcc', 'pkg-config', LIBRTMP, 'ffmpeg'], 'librtmp', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'librtmp-'));
    await run('gcc', ['-Wall', '-o', join(folder, 'push'), SOURCE, '-lrtmp']);
    const encoders = [...x264(25), '-c:a', 'aac', '-f', 'flv', join(folder, 'clip.flv')];
    await run('ffmpeg', ['-v', 'error', ...picture('320x180', 25, 3), ...sound(44_100, 3), ...encoders]);
  });

  afterAll(() => rm(folder, { recursive: true }));

  function startLibrtmp(url: string, ...more: readonly string[]): EncoderProcess {
    return startEncoder(join(folder, 'push'), [url, join(folder, 'clip.flv'), ...more]);
  }

  it('pushes, is live, plays, and ends up in the history', async () => {
    const expected = {
      Video: { Width: '320', Height: '180', FrameRate: '25', Codec: 'H264' },
      Audio: { SampleRate: '44100', Codec: 'AAC' },
    };
    await expectPush({ start: startLibrtmp, stopSignal: 'SIGINT', expected });
  });

  it('takes its leave at the end of a file', async () => {
    const studio = await openEncoderStudio();
    const ended = studio.emulator.events.waitFor('publish.ended');
    expect(await startLibrtmp(signedUrl(studio), '1').done).toEqual({ code: 0, said: '' });
    expect(await ended).toMatchObject({ cause: 'unpublished' });
  });

  it.each(REFUSALS.map((refusal) => [refusal.name, refusal] as const))(
    'refused for %s says so and ends',
    async (_, { arrange, description }) => {
      const studio = await openEncoderStudio();
      const refusals = watchRefusals(studio);
      const { code } = await startLibrtmp(await arrange(studio)).done;
      expect(code).not.toBe(0);
      expect((await refusals.first).description).toMatch(description);
      expect(refusals.count()).toBe(1);
    },
  );
});
