/** As many pictures and audio frames arrive as ffprobe counts in what was sent, whatever the encoder does. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { clip } from '../../support/emulator.ts';
import { describeWith, probePackets, pushWithFfmpeg } from '../../support/tools.ts';
import type { Tags } from '../flv-tags.ts';
import { expectSound, openStudio, SEGMENTERS } from '../recordings.ts';
import {
  countPackets,
  countRecording,
  countTags,
  type FrameCounts,
  SOUND_TOLERANCE_SEC,
  soundLengths,
  WatchedEmulator,
} from './received-frames.ts';
import { discontinuities, record } from './recorded-stream.ts';
import { SOURCES } from './sources.ts';

const run = promisify(execFile);

const probed = new Map<Tags, Promise<FrameCounts>>();

/** Most sources have the same stream in usual form: it is counted once. */
function countsOf(tags: Tags): Promise<FrameCounts> {
  const counts = probed.get(tags) ?? countTags(tags);
  probed.set(tags, counts);
  return counts;
}

describeWith(['ffmpeg', 'ffprobe'], 'frames', () => {
  let watched: WatchedEmulator;
  beforeAll(async () => {
    watched = await WatchedEmulator.start();
  });
  afterAll(() => watched.stop());

  for (const { name, sent, plain, discontinuities: breaks, findings } of SOURCES) {
    describe(`of ${name}`, () => {
      it.each(SEGMENTERS)('are recorded by the segmenter %s', async (segmenter) => {
        const stream = await record(sent, { segmenter });
        expect(await countRecording(stream.studio, stream)).toEqual(await countsOf(plain));
        expect(discontinuities(stream).filter(Boolean)).toHaveLength(breaks);
        expect([...stream.findings].sort()).toEqual([...findings].sort());
      });

      it('arrive over HTTP-FLV', async () => {
        const received = await watched.receiveFlv(sent);
        expect(received).toMatchObject(await countsOf(plain));
        // A pause of the encoder is one for viewers too.
        expect(received.irregularSteps).toHaveLength(findings.includes('video-gap') ? 2 : 0);
      });

      it('arrive over WebRTC', async () => {
        const { pictures, soundSec } = await watched.receiveWebRtc(sent);
        expect(pictures).toBe((await countsOf(plain)).pictures);
        expect(soundSec).toBeLessThanOrEqual((soundLengths(sent).at(-1) ?? 0) + SOUND_TOLERANCE_SEC);
      });
    });
  }

  describe('of an MPEG transport stream that ffmpeg copies', () => {
    it.each(SEGMENTERS)('are recorded by the segmenter %s', async (segmenter) => {
      const folder = await mkdtemp(join(tmpdir(), 'mpeg-ts-'));
      onTestFinished(() => rm(folder, { recursive: true }));
      const file = join(folder, 'late-sound.ts');
      // The sound begins some milliseconds after the picture, so ffmpeg knows its configuration too late.
      const flv = clip('h264-aac-160x90-slices.flv');
      const inputs = ['-i', flv, '-itsoffset', '0.06', '-i', flv, '-map', '0:v', '-map', '1:a'];
      await run('ffmpeg', ['-v', 'error', '-nostdin', ...inputs, '-c', 'copy', file]);

      const studio = await openStudio({ FragDuration: 2, FragCount: 3 }, { segmenter });
      const ended = studio.emulator.events.waitFor('publish.ended');
      expect(await pushWithFfmpeg(file, studio.publishUrl).done).toMatchObject({ code: 0 });
      await ended;
      const playlist = await expectSound(studio);
      expect(await countRecording(studio, playlist)).toEqual(countPackets(await probePackets(file)));
      expect(playlist.fragments.some(({ discontinuity }) => discontinuity)).toBe(false);
    });
  });
});
