/** Streams that make it difficult to write MPEG-TS and playlists to the letter; the analyser judges what comes of them. */
import { describe, expect, it } from 'vitest';
import type { MediaMessage } from '../../../src/media/flv/media-message.ts';
import { startEmulator } from '../../../src/testing/start-emulator.ts';
import { type MediaPlaylist, readMediaPlaylist } from '../../support/analyser/media-playlist.ts';
import { recordingProblems, reloadProblems } from '../../support/analyser/playlist-problems.ts';
import { clip } from '../../support/emulator.ts';
import { describeWith } from '../../support/tools.ts';
import { encodeTags, isConfig, picture, readClip, sound, type Tags, x264 } from '../flv-tags.ts';
import { SEGMENTERS } from '../recordings.ts';
import { durations, record } from './recorded-stream.ts';

const TAG_HEADER_BYTES = 5;
const [SEI, SPS, PPS, DELIMITER] = [6, 7, 8, 9];

function nalUnitsOf({ payload }: MediaMessage): Buffer[] {
  const nalUnits: Buffer[] = [];
  for (let at = TAG_HEADER_BYTES; at < payload.length; ) {
    const end = at + 4 + payload.readUInt32BE(at);
    nalUnits.push(payload.subarray(at, end));
    at = end;
  }
  return nalUnits;
}

function typeOf(nalUnit: Buffer): number {
  return nalUnit.readUInt8(4) & 0x1f;
}

/** Parameter sets, SEI and delimiters in a message of their own, before the picture that they belong to. */
function withLeadersApart(tags: Tags, frameType: number): Tags {
  return tags.flatMap((tag) => {
    if (tag.kind !== 'video' || tag.payload[1] !== 1) return [tag];
    const isLeader = (nalUnit: Buffer) => [SEI, SPS, PPS, DELIMITER].includes(typeOf(nalUnit));
    const header = tag.payload.subarray(0, TAG_HEADER_BYTES);
    const leaders = nalUnitsOf(tag).filter(isLeader);
    if (leaders.length === 0) return [tag];
    const apart = Buffer.concat([Buffer.of((frameType << 4) | 7), header.subarray(1), ...leaders]);
    const picture = Buffer.concat([header, ...nalUnitsOf(tag).filter((nalUnit) => !isLeader(nalUnit))]);
    return [
      { ...tag, payload: apart },
      { ...tag, payload: picture },
    ];
  });
}

/** The composition times of every fifth picture 80 ms less than the encoder's: below 0. */
function withNegativeComposition(tags: Tags): Tags {
  return tags.map((tag, index) => {
    if (tag.kind !== 'video' || isConfig(tag) || index % 5 !== 0) return tag;
    const payload = Buffer.from(tag.payload);
    payload.writeIntBE(-80, 2, 3);
    return { ...tag, payload };
  });
}

describeWith(['ffmpeg', 'ffprobe'], 'to the letter', () => {
  describe.each(SEGMENTERS)('with the segmenter %s', (segmenter) => {
    it.each([
      [10, 10],
      [5, 10],
      [1, 2],
    ])('%d pictures per second', async (rate, keyFrameInterval) => {
      const sources = [...picture('160x96', rate, 8), ...sound(44_100, 8)];
      const tags = await encodeTags(...sources, ...x264(keyFrameInterval), '-bf', '0', '-c:a', 'aac');
      expect((await record(tags, { segmenter })).fragments.length).toBeGreaterThan(1);
    });

    it('pictures without sound, once per second', async () => {
      const tags = await encodeTags(...picture('160x96', 1, 8), ...x264(2), '-bf', '0');
      expect((await record(tags, { segmenter })).fragments.length).toBeGreaterThan(1);
    });

    it('parameter sets, SEI and delimiters that the encoder repeats', async () => {
      const params = 'aud=1:repeat-headers=1:nal-hrd=vbr:vbv-maxrate=400:vbv-bufsize=400';
      const tags = await encodeTags(...picture('160x96', 25, 4), ...x264(50, '-x264-params', params));
      expect(durations(await record(tags, { segmenter }))).toEqual([2, 2]);
    });

    it.each([
      ['key frames', 1],
      ['inter frames', 2],
    ])('the same in messages of their own, which call themselves %s', async (_, frameType) => {
      const params = 'aud=1:repeat-headers=1:nal-hrd=vbr:vbv-maxrate=400:vbv-bufsize=400';
      const tags = await encodeTags(...picture('160x96', 25, 4), ...x264(50, '-x264-params', params));
      const apart = withLeadersApart(tags, frameType);
      expect(apart.length).toBeGreaterThan(tags.length);
      expect(durations(await record(apart, { segmenter }))).toEqual([2, 2]);
    });

    it('composition times below 0', async () => {
      const stream = await record(withNegativeComposition(readClip('h264-aac')), { segmenter });
      expect(durations(stream)).toEqual([2, 2, 2, 2, 2, 2]);
    });
  });

  it('the playlist of a live stream over six pushes', async () => {
    const emulator = await startEmulator();
    try {
      const url = `${emulator.endpoint}/app/s1.m3u8`;
      const fetchBytes = async (uri: string) => {
        const response = await fetch(new URL(uri, url));
        expect(response.status).toBe(200);
        return Buffer.from(await response.arrayBuffer());
      };
      const loads: MediaPlaylist[] = [];
      for (let round = 0; round < 6; round++) {
        const push = await emulator.publish({
          url: `rtmp://localhost:${emulator.port}/app/s1`,
          clip: clip('h264-aac.flv'),
          durationSec: 4,
        });
        const load = async () => loads.push(readMediaPlaylist(await (await fetchBytes(url)).toString()));
        await load();
        await push.done;
        await load();
      }
      expect(loads.every(({ discontinuitySequence }) => discontinuitySequence !== undefined)).toBe(true);
      expect(Math.max(...loads.map(({ discontinuitySequence = 0 }) => discontinuitySequence))).toBeGreaterThan(1);
      expect(reloadProblems(loads)).toEqual([]);
      const last = loads.at(-1);
      expect(last && (await recordingProblems(last, fetchBytes))).toEqual([]);
    } finally {
      await emulator.stop();
    }
  }, 60_000);
});
