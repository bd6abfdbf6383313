import { expect, it } from 'vitest';
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

const ELEMENTS = ['rtmp2sink', 'voaacenc', 'x264enc', 'flvmux', 'videotestsrc'];
const TOOLS: readonly Tool[] = [
  'gst-launch-1.0',
  ...ELEMENTS.map((element): Tool => ({ name: element, probe: ['gst-inspect-1.0', '--exists', element] })),
  'ffmpeg',
];

/** `-e` turns Ctrl-C into the end of the stream, so that the sink ends the push by commands. */
function startGStreamer(url: string): EncoderProcess {
  const pipeline = [
    'videotestsrc is-live=true ! video/x-raw,width=320,height=180,framerate=25/1',
    '! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25 ! h264parse ! mux.',
    'audiotestsrc is-live=true ! audio/x-raw,rate=44100,channels=2 ! voaacenc ! aacparse ! mux.',
    'flvmux name=mux streamable=true ! rtmp2sink name=sink',
  ];
  // The URL is a separate argument: in the text of a pipeline a `!` in it would separate two elements.
  return startEncoder('gst-launch-1.0', ['-e', ...pipeline.join(' ').split(' '), `location=${url}`]);
}

describeWith(TOOLS, 'GStreamer (rtmp2sink)', () => {
  it('pushes, is live, plays, and ends up in the history', async () => {
    const expected = {
      Video: { Width: '320', Height: '180', FrameRate: '25', Codec: 'H264' },
      Audio: { SampleRate: '44100', Codec: 'AAC' },
    };
    await expectPush({ start: startGStreamer, stopSignal: 'SIGINT', expected });
  });

  it.each(REFUSALS.map((refusal) => [refusal.name, refusal] as const))(
    'refused for %s says why and ends',
    async (_, { arrange, description }) => {
      const studio = await openEncoderStudio();
      const refusals = watchRefusals(studio);
      const { code, said } = await startGStreamer(await arrange(studio)).done;
      expect(code).not.toBe(0);
      expect(said).toMatch(description);
      expect((await refusals.first).description).toMatch(description);
      expect(refusals.count()).toBe(1);
    },
  );

  it('takes its leave when it is told to end', async () => {
    const studio = await openEncoderStudio();
    const { events } = studio.emulator;
    const first = events.waitFor('fragment.stored');
    const { child, done } = startGStreamer(signedUrl(studio));
    await first;
    const ended = events.waitFor('publish.ended');
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ cause: 'unpublished' });
    expect((await done).code).toBe(0);
  });
});
