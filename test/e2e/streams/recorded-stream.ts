import { expect } from 'vitest';
import type { StreamFinding } from '../../../src/events/findings.ts';
import { probePackets } from '../../support/tools.ts';
import { type SentFrame, type SentMessages, withoutEnd } from '../flv-tags.ts';
import { publishAsPeer } from '../peers.ts';
import type { ListedFragment } from '../playlists.ts';
import { expectSound, openStudio, type Stat, type Studio, timesOf } from '../recordings.ts';

/** The results of one push. */
export interface RecordedStream {
  readonly studio: Studio;
  /** After the last message, while it was live. */
  readonly stat: Stat;
  readonly findings: readonly StreamFinding[];
  /** Of the VOD playlist; empty when nothing was recorded. */
  readonly fragments: readonly ListedFragment[];
}

export interface RecordOptions {
  readonly segmenter?: 'mpeg-ts' | 'ffmpeg';
  readonly fragDurationSec?: number;
}

/**
 * Pushes a stream and ends it. The recording decodes without a message, its continuity counters have no gap, and its
 * live playlist is the end of the VOD playlist.
 */
export async function record(
  messages: SentMessages,
  { segmenter = 'mpeg-ts', fragDurationSec = 2 }: RecordOptions = {},
): Promise<RecordedStream> {
  const studio = await openStudio({ FragDuration: fragDurationSec, FragCount: 3 }, { segmenter });
  const findings: StreamFinding[] = [];
  studio.emulator.events.subscribe((event) => {
    // A stream that is pushed faster than real time is ahead of the clock.
    if (event.type === 'stream.finding' && event.finding !== 'clock-drift') findings.push(event.finding);
  });
  let fragmentCount = 0;
  studio.emulator.events.subscribe(({ type }) => {
    if (type === 'fragment.stored') fragmentCount++;
  });
  const peer = await publishAsPeer(studio.publishUrl);
  await peer.send(withoutEnd(messages));
  const stat = await studio.stat();
  const ended = studio.emulator.events.waitFor('publish.ended');
  await peer.publisher.unpublish();
  await ended;
  if (fragmentCount === 0) return { studio, stat, findings, fragments: [] };

  const { fragments } = await expectSound(studio);
  const live = await studio.live();
  expect(live.fragments).toEqual(fragments.slice(-3));
  expect(live.mediaSequence).toBe(Math.max(0, fragments.length - 3));
  const longestSec = Math.max(fragDurationSec, ...live.fragments.map(({ durationSec }) => Math.round(durationSec)));
  expect(live.targetDurationSec).toBe(longestSec);
  return { studio, stat, findings, fragments };
}

/** Every frame is recorded once, with the times with which it was sent. */
export async function expectFrames({ studio }: RecordedStream, sent: readonly SentFrame[]): Promise<void> {
  const stored = await probePackets(studio.vodUrl);
  for (const track of ['video', 'audio'] as const) {
    expect(timesOf(stored, track), track).toEqual(timesOf(sent, track));
  }
}

export function durations({ fragments }: RecordedStream): readonly number[] {
  return fragments.map(({ durationSec }) => durationSec);
}

export function discontinuities({ fragments }: RecordedStream): readonly boolean[] {
  return fragments.map(({ discontinuity }) => discontinuity);
}
