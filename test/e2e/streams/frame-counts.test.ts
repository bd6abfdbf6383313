/** As many pictures and audio frames arrive as ffprobe counts in what was sent, whatever the encoder does. */
import { describe, expect, it } from 'vitest';
import { describeWith } from '../../support/tools.ts';
import type { Tags } from '../flv-tags.ts';
import { SEGMENTERS } from '../recordings.ts';
import { countFlv, countRecording, probeTags, receiveWebRtc, type TagCounts } from './received-frames.ts';
import { discontinuities, record } from './recorded-stream.ts';
import { SOURCES } from './sources.ts';

/** Two Opus packets. */
const SOUND_TOLERANCE_SEC = 0.04;

const probed = new Map<Tags, Promise<TagCounts>>();

/** Most sources have the same stream in usual form: it is counted once. */
function countsOf(tags: Tags): Promise<TagCounts> {
  const counts = probed.get(tags) ?? probeTags(tags);
  probed.set(tags, counts);
  return counts;
}

describeWith(['ffmpeg', 'ffprobe'], 'frames', () => {
  for (const { name, sent, plain, recorded, discontinuities: breaks, findings } of SOURCES) {
    describe(`of ${name}`, () => {
      it.each(SEGMENTERS)('are recorded by the segmenter %s', async (segmenter) => {
        const { pictures, audioFrames } = await countsOf(recorded);
        const stream = await record(sent, { segmenter });
        expect(await countRecording(stream.studio, stream)).toEqual({ pictures, audioFrames });
        expect(discontinuities(stream).filter(Boolean)).toHaveLength(breaks);
        expect(stream.findings).toEqual(findings);
      });

      it('arrive over HTTP-FLV', async () => {
        const { pictures, audioFrames } = await countsOf(plain);
        expect(await countFlv(sent)).toEqual({ pictures, audioFrames });
      });

      it('arrive over WebRTC', async () => {
        const { pictures, soundSec } = await countsOf(plain);
        const received = await receiveWebRtc(sent, soundSec - SOUND_TOLERANCE_SEC);
        expect(received.pictures).toBe(pictures);
        expect(received.soundSec).toBeLessThanOrEqual(soundSec + SOUND_TOLERANCE_SEC);
      });
    });
  }
});
