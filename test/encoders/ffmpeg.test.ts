import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { expectSound, openStudio } from '../e2e/recordings.ts';
import { clip } from '../support/emulator.ts';
import { describeWith } from '../support/tools.ts';
import {
  type EncoderProcess,
  expectPush,
  openEncoderStudio,
  REFUSALS,
  signedUrl,
  startEncoder,
  watchRefusals,
} from './encoder.ts';

const LIVE = [
  '-re',
  '-f',
  'lavfi',
  '-i',
  'testsrc2=size=320x180:rate=25',
  '-re',
  '-f',
  'lavfi',
  '-i',
  'sine=440:sample_rate=48000',
  '-c:v',
  'libx264',
  '-preset',
  'ultrafast',
  '-tune',
  'zerolatency',
  '-pix_fmt',
  'yuv420p',
  '-g',
  '25',
  '-c:a',
  'aac',
  '-f',
  'flv',
];

function startFfmpeg(url: string, input: readonly string[] = LIVE): EncoderProcess {
  return startEncoder('ffmpeg', ['-hide_banner', '-nostdin', '-v', 'error', ...input, url]);
}

/** The arguments that push a clip in real time without end. */
function loop(name: string): string[] {
  return ['-re', '-stream_loop', '-1', '-i', clip(name), '-c', 'copy', '-f', 'flv'];
}

describeWith(['ffmpeg', 'ffprobe'], 'ffmpeg', () => {
  it('pushes, is live, plays, and ends up in the history', async () => {
    const expected = {
      Video: { Width: '320', Height: '180', FrameRate: '25', Codec: 'H264' },
      Audio: { SampleRate: '48000', Codec: 'AAC' },
    };
    await expectPush({ start: startFfmpeg, stopSignal: 'SIGINT', expected });
  });

  it('that is killed leaves at once an idle channel, its history and its last fragment', async () => {
    // The clock stands still: no limit of time ends the push.
    const studio = await openEncoderStudio({ clock: new ManualClock(Date.now()) });
    const { events } = studio.emulator;
    const second = events.waitFor('fragment.stored', ({ sequence }) => sequence === 1);
    const { child, done } = startFfmpeg(signedUrl(studio));
    await second;
    const ended = events.waitFor('publish.ended');
    child.kill('SIGKILL');
    expect(await ended).toMatchObject({ cause: 'disconnected' });
    await done;
    expect(await studio.stat()).toEqual({ Status: 'Idle' });
    expect(await studio.history()).toHaveLength(1);
    const vod = await expectSound(studio);
    expect((await studio.live()).fragments).toEqual(vod.fragments.slice(-3));
  });

  it('that is stopped without being ended is given up', async () => {
    const clock = new ManualClock(Date.now());
    const studio = await openStudio({ FragDuration: 1 }, {}, { clock });
    const { events } = studio.emulator;
    const first = events.waitFor('fragment.stored');
    const { child } = startFfmpeg(studio.publishUrl, loop('h264-aac.flv'));
    await first;
    child.kill('SIGSTOP');
    const ended = events.waitFor('publish.ended');
    const isOver = ended.then(() => true);
    // Bytes that are still on the network arrive between two steps.
    const nextTurn = () => new Promise<false>((resolve) => setImmediate(resolve, false));
    while (!(await Promise.race([isOver, nextTurn()]))) clock.advance(100);
    expect(await ended).toMatchObject({ cause: 'idle' });
    expect(await studio.history()).toHaveLength(1);
    await expectSound(studio);
  });

  it.each(REFUSALS.map((refusal) => [refusal.name, refusal] as const))(
    'refused for %s says why and ends',
    async (_, { arrange, description }) => {
      const studio = await openEncoderStudio();
      const url = await arrange(studio);
      const refusals = watchRefusals(studio);
      const { code, said } = await startFfmpeg(url).done;
      expect(code).not.toBe(0);
      expect(said).toMatch(description);
      expect((await refusals.first).description).toMatch(description);
      expect(refusals.count()).toBe(1);
    },
  );

  describe('with a URL in the form of', () => {
    it.each<[string, (query: string) => string, string?]>([
      ['Go, Python and C#', (query) => `/examplebucket/live/cam?${query}`],
      ['Node, PHP and Java', (query) => `/live/cam?${query}`],
      ['C++', (query) => `/live/examplebucket/cam?${query}`],
      ['C', (query) => `/examplebucket%2Flive%2Fcam?${query}`],
      ['a virtual host', (query) => `/live/cam?${query}`, 'rtmp://examplebucket.localhost/live'],
    ])('%s is accepted', async (_, pathOf, tcUrl) => {
      const studio = await openEncoderStudio();
      const accepted = studio.emulator.events.waitFor('publish.accepted');
      const [, query = ''] = signedUrl(studio).split('?');
      // The encoder sends the host name; here it need not resolve.
      const host = tcUrl === undefined ? [] : ['-rtmp_tcurl', tcUrl];
      const input = ['-i', clip('h264-only.flv'), '-c', 'copy', '-f', 'flv', ...host];
      const { code, said } = await startFfmpeg(`rtmp://127.0.0.1:${studio.port}${pathOf(query)}`, input).done;
      expect([code, said]).toEqual([0, '']);
      expect(await accepted).toMatchObject({ bucket: 'examplebucket', channel: 'cam' });
    });
  });
});
