import { expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { describeWith } from '../support/tools.ts';
import { before, from, readClip } from './flv-tags.ts';
import { publishAsPeer } from './peers.ts';
import { expectSound, openStudio, SEGMENTERS } from './recordings.ts';

const CLIP = readClip('h264-aac');

describeWith(['ffmpeg'], 'two emulators in one process', () => {
  it.each(SEGMENTERS)('do not notice each other (%s)', async (segmenter) => {
    const clock = new ManualClock(Date.now());
    const first = await openStudio({ FragDuration: 2 }, { segmenter }, { clock });
    const second = await openStudio({ FragDuration: 4 }, { segmenter });
    const secondsEvents: string[] = [];
    second.emulator.events.subscribe(({ type }) => secondsEvents.push(type));
    const [one, other] = [await publishAsPeer(first.publishUrl), await publishAsPeer(second.publishUrl)];
    await one.send(before(CLIP, 7000));
    await other.send(before(CLIP, 7000));

    // The publisher of the first exceeds its idle limit, and the first stops; the same channel of the second is still
    // live.
    const idle = first.emulator.events.waitFor('publish.ended');
    clock.advance(60_000);
    expect(await idle).toMatchObject({ cause: 'idle' });
    expect((await expectSound(first)).fragments.map(({ durationSec }) => durationSec)).toEqual([2, 2, 2, 1]);
    await first.emulator.stop();
    expect(await second.stat()).toMatchObject({ Status: 'Live', RemoteAddr: other.address });
    expect(secondsEvents).not.toContain('publish.ended');

    await other.send(from(CLIP, 7000));
    const ended = second.emulator.events.waitFor('publish.ended');
    await other.publisher.unpublish();
    await ended;
    expect((await expectSound(second)).fragments.map(({ durationSec }) => durationSec)).toEqual([4, 4, 4]);
    expect(await second.history()).toHaveLength(1);
  });
});
