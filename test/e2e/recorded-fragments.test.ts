import { describe, expect, it } from 'vitest';
import { continuityBreaks } from '../support/analyser/transport-stream.ts';
import { describeWith, type Packet, probePackets } from '../support/tools.ts';
import { readClip, recordable } from './flv-tags.ts';
import {
  decodeComplaints,
  expectSound,
  fetchFragment,
  openStudio,
  probeBytes,
  pushTags,
  SEGMENTERS,
  type Studio,
  timesOf,
} from './recordings.ts';

/** Several difficulties in one clip: B-frames, several slices, a fractional frame step. */
const CLIP = 'h264-aac-b-frames-slices';
const FRAME_SEC = 1 / 30;

describeWith(['ffmpeg', 'ffprobe'], 'what a push recorded', () => {
  describe.each(SEGMENTERS)('with the segmenter %s', (segmenter) => {
    it('decodes without a word: every fragment alone, the live playlist and the VOD playlist', async () => {
      const studio = await record(segmenter);
      const { fragments } = await expectSound(studio);
      expect(fragments).toHaveLength(4);
      for (const { name } of fragments) {
        expect(await decodeComplaints(`${studio.folderUrl}/${name}`)).toBe('');
      }
      // From the first fragment in the list, without waiting for more: the live playlist has no end tag.
      const liveInput = ['-live_start_index', '0', '-m3u8_hold_counters', '2'];
      expect(await decodeComplaints(`${studio.folderUrl}/playlist.m3u8`, ...liveInput)).toBe('');
    });

    it('counts packets on over its fragments, and holds every frame once with its own times', async () => {
      const studio = await record(segmenter);
      const { fragments } = await studio.vod();
      const bytes = await Promise.all(fragments.map((fragment) => fetchFragment(studio, fragment)));
      expect(continuityBreaks(Buffer.concat(bytes))).toEqual([]);
      const stored = await probePackets(studio.vodUrl);
      const sent = recordable(readClip(CLIP));
      for (const track of ['video', 'audio'] as const) expect(timesOf(stored, track)).toEqual(timesOf(sent, track));
    });

    it('states the duration of each fragment to within one frame', async () => {
      const studio = await record(segmenter);
      for (const fragment of (await studio.vod()).fragments) {
        const pictures = (await probeBytes(await fetchFragment(studio, fragment))).filter(isPicture);
        const [first, last] = [pictures[0]?.dtsSec ?? Number.NaN, pictures.at(-1)?.dtsSec ?? Number.NaN];
        expect(Math.abs(fragment.durationSec - (last + FRAME_SEC - first))).toBeLessThan(FRAME_SEC);
        expect(pictures[0]?.keyFrame).toBe(true);
      }
    });

    it('lists the last FragCount fragments, numbered from the first of the channel', async () => {
      const studio = await record(segmenter);
      const [vod, live] = [await studio.vod(), await studio.live()];
      expect(live).toEqual({ mediaSequence: 1, targetDurationSec: 2, ended: false, fragments: vod.fragments.slice(1) });
    });
  });

  it.each([CLIP, 'h264-aac', 'h264-aac-320x180-inband-parameter-sets', 'h264-aac-open-gop'])(
    'is the same from both segmenters: the frames of %s, fragment by fragment',
    async (name) => {
      const recordings = await Promise.all(
        SEGMENTERS.map(async (segmenter) => {
          const studio = await record(segmenter, name);
          const { fragments } = await studio.vod();
          const packets = fragments.map(async (fragment) =>
            byTrack(await probeBytes(await fetchFragment(studio, fragment))),
          );
          return { durations: fragments.map(({ durationSec }) => durationSec), packets: await Promise.all(packets) };
        }),
      );
      expect(recordings[0]?.packets.length).toBeGreaterThan(1);
      expect(recordings[0]).toEqual(recordings[1]);
    },
  );
});

async function record(segmenter: (typeof SEGMENTERS)[number], name = CLIP): Promise<Studio> {
  const studio = await openStudio({ FragDuration: 2, FragCount: 3 }, { segmenter });
  await pushTags(studio, readClip(name));
  return studio;
}

function isPicture({ track }: Packet): boolean {
  return track === 'video';
}

/** The muxers may interleave the tracks differently. */
function byTrack(packets: readonly Packet[]) {
  return { video: packets.filter(isPicture), audio: packets.filter((packet) => !isPicture(packet)) };
}
