import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { describeWith } from '../../support/tools.ts';
import { encodeTags, isConfig, ofKind, readClip, recordable, type Tags } from '../flv-tags.ts';
import { SEGMENTERS } from '../recordings.ts';
import { discontinuities, expectFrames, type RecordedStream, record } from './recorded-stream.ts';

const run = promisify(execFile);

/** 6 s, a key frame every 2 s. */
const PICTURES = readClip('h264-only');
/** AAC LC at 22.05 kHz as the core of HE-AAC, signaled explicitly and in the compatible way. ISO/IEC 14496-3, 1.6.5. */
const HE_AAC = { explicit: '2b920800', compatible: '139056e5a0' } as const;

/** The pictures of one stream with the sound of another, in the order of their times. */
function joined(pictures: Tags, audio: Tags): Tags {
  const all = [...pictures, ...ofKind(audio, 'audio')];
  const frames = all.filter((tag) => !isConfig(tag)).sort((a, b) => a.timestampMs - b.timestampMs);
  return [...all.filter(isConfig), ...frames];
}

function sine(sampleRateHz: number, ...layout: readonly string[]): Promise<Tags> {
  const source = `sine=440:sample_rate=${sampleRateHz}:duration=6`;
  return encodeTags('-f', 'lavfi', '-i', source, '-c:a', 'aac', ...layout);
}

function withConfig(tags: Tags, config: string): Tags {
  return tags.map((tag) => (isConfig(tag) ? { ...tag, payload: Buffer.from(`af00${config}`, 'hex') } : tag));
}

async function probeSound({ studio, fragments }: RecordedStream): Promise<string> {
  const entries = ['-select_streams', 'a', '-show_entries', 'stream=codec_name,sample_rate,channels', '-of', 'csv=p=0'];
  const { stdout } = await run('ffprobe', ['-v', 'error', ...entries, `${studio.folderUrl}/${fragments[0]?.name}`]);
  // ffprobe lists it twice: as a stream of the program, and as a stream.
  return stdout.trim().split(/\s+/)[0] ?? '';
}

describeWith(['ffmpeg', 'ffprobe'], 'AAC', () => {
  it.each([8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 64_000, 88_200, 96_000])(
    'at %d Hz, mono, is recorded',
    async (sampleRateHz) => {
      const tags = joined(PICTURES, await sine(sampleRateHz, '-ac', '1'));
      const stream = await record(tags);
      expect(stream.stat).toMatchObject({ Audio: { SampleRate: String(sampleRateHz), Codec: 'AAC' } });
      expect(await probeSound(stream)).toBe(`aac,${sampleRateHz},1`);
      await expectFrames(stream, recordable(tags));
    },
  );

  it.each([
    ['stereo', 2],
    ['3.0', 3],
    ['4.0', 4],
    ['5.0', 5],
    ['5.1', 6],
  ] as const)('in %s is recorded', async (layout, channels) => {
    const tags = joined(PICTURES, await sine(48_000, '-af', `aformat=channel_layouts=${layout}`));
    const stream = await record(tags);
    expect(stream.stat).toMatchObject({ Audio: { SampleRate: '48000' } });
    expect(await probeSound(stream)).toBe(`aac,48000,${channels}`);
    await expectFrames(stream, recordable(tags));
  });

  it.each(SEGMENTERS.flatMap((segmenter) => [[segmenter, 'explicit'] as const, [segmenter, 'compatible'] as const]))(
    'of high efficiency plays at twice the rate of its core (%s, %s)',
    async (segmenter, signaling) => {
      const tags = joined(PICTURES, withConfig(await sine(22_050, '-ac', '2'), HE_AAC[signaling]));
      const stream = await record(tags, { segmenter });
      expect(stream.stat).toMatchObject({ Audio: { SampleRate: '44100', Codec: 'AAC' } });
      expect(discontinuities(stream)).toEqual([false, false, false]);
      await expectFrames(stream, recordable(tags));
    },
  );

  it('that ADTS has no words for is left out with a warning', async () => {
    // ER AAC LD (object type 23), 48 kHz stereo.
    const stream = await record(joined(PICTURES, withConfig(await sine(48_000, '-ac', '2'), 'b98900')));
    expect(stream.findings).toEqual(['audio-codec']);
    expect(stream.stat.Audio).toBeUndefined();
    await expectFrames(stream, recordable(PICTURES));
  });
});
