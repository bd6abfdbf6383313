import { describe, expect, it } from 'vitest';
import type { MediaMessage } from '../../../src/media/flv/media-message.ts';
import { describeWith } from '../../support/tools.ts';
import { encodeTags, isConfig, ofKind, picture, readClip, recordable, sound, type Tags, x264 } from '../flv-tags.ts';
import { SEGMENTERS } from '../recordings.ts';
import { durations, expectFrames, record } from './recorded-stream.ts';

/** 12 s, a key frame every 2 s. */
const CLIP = readClip('h264-aac');

/** The same message as Enhanced RTMP frames it: the codec by its FourCC. */
function byFourCc({ kind, timestampMs, payload }: MediaMessage, fourCc: string): MediaMessage {
  const packetType = payload.readUInt8(1);
  if (kind === 'audio') {
    const body = [Buffer.of(0x90 | packetType), Buffer.from(fourCc), payload.subarray(2)];
    return { kind, timestampMs, payload: Buffer.concat(body) };
  }
  const frameType = payload.readUInt8(0) & 0x70;
  // Only coded frames have a composition time.
  const rest = payload.subarray(packetType === 1 ? 2 : 5);
  const body = [Buffer.of(0x80 | frameType | packetType), Buffer.from(fourCc), rest];
  return { kind, timestampMs, payload: Buffer.concat(body) };
}

function withFourCc(tags: Tags, kind: 'audio' | 'video', fourCc: string): Tags {
  return tags.map((tag) => (tag.kind === kind ? byFourCc(tag, fourCc) : tag));
}

/** HEVC in the format of AVC, as encoders sent it before it had a FourCC. */
function asLegacyHevc(tags: Tags): Tags {
  return tags.map((tag) => {
    if (tag.kind !== 'video') return tag;
    const payload = Buffer.from(tag.payload);
    payload[0] = (payload.readUInt8(0) & 0xf0) | 12;
    return { ...tag, payload };
  });
}

describeWith(['ffmpeg', 'ffprobe'], 'codecs', () => {
  it.each([
    ['MP3', 44_100, ['-c:a', 'libmp3lame']],
    ['Speex', 16_000, ['-c:a', 'libspeex']],
    ['G.711 A-law', 8_000, ['-c:a', 'pcm_alaw']],
    ['ADPCM', 44_100, ['-c:a', 'adpcm_swf']],
    ['Nellymoser', 44_100, ['-c:a', 'nellymoser']],
  ] as const)('%s is left out with one warning, and the pictures are recorded', async (_, sampleRateHz, encoder) => {
    const tags = await encodeTags(
      ...picture('160x90', 25, 4),
      ...sound(sampleRateHz, 4),
      ...x264(50),
      '-ac',
      '1',
      ...encoder,
    );
    const stream = await record(tags);
    expect(stream.findings).toEqual(['audio-codec']);
    expect(stream.stat).toMatchObject({ Video: { Codec: 'H264' } });
    expect(stream.stat.Audio).toBeUndefined();
    expect(durations(stream)).toEqual([2, 2]);
    await expectFrames(stream, recordable(ofKind(tags, 'video')));
  });

  it.each(['Opus', 'ac-3', 'fLaC', '.mp3'])('%s by its FourCC is left out with one warning', async (fourCc) => {
    const stream = await record(withFourCc(CLIP, 'audio', fourCc));
    expect(stream.findings).toEqual(['audio-codec']);
    expect(stream.stat.Audio).toBeUndefined();
    await expectFrames(stream, recordable(ofKind(CLIP, 'video')));
  });

  it.each<[string, (tags: Tags) => Tags | Promise<Tags>]>([
    ['HEVC', (tags) => withFourCc(tags, 'video', 'hvc1')],
    ['HEVC without FourCC', asLegacyHevc],
    ['AV1', (tags) => withFourCc(tags, 'video', 'av01')],
    ['VP9', (tags) => withFourCc(tags, 'video', 'vp09')],
    ['H.263', () => encodeTags(...picture('160x90', 25, 4), ...sound(44_100, 4), '-c:v', 'flv1', '-c:a', 'aac')],
  ])('%s leaves nothing but a warning; the push stays live', async (_, change) => {
    const stream = await record(await change(CLIP));
    expect(stream.findings).toEqual(['video-codec']);
    expect(stream.stat).toMatchObject({ Status: 'Live', Audio: { SampleRate: '44100' } });
    expect(stream.stat.Video).toBeUndefined();
    expect(stream.fragments).toEqual([]);
  });

  it.each(SEGMENTERS)('H.264 and AAC by their FourCCs are recorded like any (%s)', async (segmenter) => {
    const stream = await record(withFourCc(withFourCc(CLIP, 'video', 'avc1'), 'audio', 'mp4a'), { segmenter });
    expect(stream.findings).toEqual([]);
    expect(stream.stat).toMatchObject({ Video: { Codec: 'H264' }, Audio: { Codec: 'AAC' } });
    await expectFrames(stream, recordable(CLIP));
  });

  describe('messages that make no sense', () => {
    const at = (kind: 'audio' | 'video', hex: string) => ({
      kind,
      timestampMs: 4000,
      payload: Buffer.from(hex, 'hex'),
    });
    const nonsense: Tags = [
      ...['', '17', '1701', '17010000', '1709000000', '57', '0f01000000', 'f0', '9012'].map((hex) => at('video', hex)),
      ...['', 'af', 'af02', 'df00', '95', 'af01'].map((hex) => at('audio', hex)),
      // One byte more than ADTS can express: 13 bits of length, minus the header.
      at('audio', `af01${'00'.repeat(8185)}`),
      { kind: 'data', timestampMs: 4000, payload: Buffer.from('0200', 'hex') },
    ];
    const sent = CLIP.flatMap((tag) => (tag.timestampMs === 4023 && tag.kind === 'video' ? [...nonsense, tag] : [tag]));

    it.each(SEGMENTERS)('are skipped, and everything else is recorded (%s)', async (segmenter) => {
      expect(sent.length).toBe(CLIP.length + nonsense.length);
      const stream = await record(sent, { segmenter });
      expect(durations(stream)).toEqual([2, 2, 2, 2, 2, 2]);
      await expectFrames(stream, recordable(CLIP));
    });
  });

  it('pictures and sound without their headers leave nothing', async () => {
    const stream = await record(CLIP.filter((tag) => !isConfig(tag)));
    expect(stream.stat.Status).toBe('Live');
    expect([stream.stat.Video, stream.stat.Audio]).toEqual([undefined, undefined]);
    expect(stream.fragments).toEqual([]);
  });
});
