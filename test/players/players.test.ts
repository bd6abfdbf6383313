/**
 * What a viewer sees in the players that people use. All players of a scenario play the same stream at the same time, in
 * real time.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../../scripts/support/chromium.ts';
import { systemClock } from '../../src/base/clock.ts';
import { wait } from '../../src/base/wait.ts';
import { describeWith, type Tool } from '../support/tools.ts';
import {
  type Broadcast,
  type Clips,
  FRAMES_PER_SECOND,
  LARGE_PX,
  makeClips,
  openBroadcast,
  SESSION_SEC,
  SMALL_PX,
  SMALL_SEC,
} from './broadcast.ts';
import { END, LIVE, NEW_SIZE, NEXT_PUSH, PLAYERS, type PlayerName, playTitle, SCENARIOS, VOD } from './matrix.ts';
import { type Player, type Seen, type Viewer, watchUntil } from './player.ts';
import { playersUnderTest } from './players-under-test.ts';

const GST_ELEMENTS = ['playbin', 'hlsdemux', 'tsdemux', 'avdec_h264', 'avdec_aac', 'souphttpsrc'];
const TOOLS: readonly Tool[] = [
  'ffmpeg',
  'chromium',
  'mpv',
  'vlc',
  'setpriv',
  'gst-launch-1.0',
  ...GST_ELEMENTS.map((element): Tool => ({ name: element, probe: ['gst-inspect-1.0', '--exists', element] })),
];
const SESSIONS = 7;
/** Between two pushes: long enough for every player to come to the end of what there is. */
const PAUSE_MS = 1500;
/** How long the playlist of a stream stays open: the next push comes in it, and the end after it. */
const GRACE_SEC = 4;
/** A machine that is busy shows fewer pictures than there are. */
const SHOWN_SHARE = 0.8;
/** Of what all sessions of a recording have: without one of them it would be less. */
const COUNTED_SHARE = 0.9;
/** Of a push that the test ends. */
const AS_LONG_AS_NEEDED_SEC = 600;
/** Longer than a player waits for what it has to see next, so that the failure says what it has seen. */
const TEST_LIMIT_MS = 180_000;

/** What happens, and what everybody has to see of it. */
type Script = (broadcast: Broadcast, clips: Clips, everybody: (viewing: Viewing) => void) => Promise<void>;
type Viewing = (viewer: Viewer, player: Player) => Promise<unknown>;

const pictures = (seconds: number) => seconds * FRAMES_PER_SECOND;

async function begun(viewer: Viewer): Promise<Seen> {
  return watchUntil(viewer, (seen) => seen.pictures > 0 && seen.positionSec >= 0);
}

const SCRIPTS: Readonly<Record<string, Script>> = {
  async [LIVE](broadcast, clips, everybody) {
    await broadcast.push(clips.small, AS_LONG_AS_NEEDED_SEC);
    everybody(async (viewer) => {
      await viewer.play(broadcast.url);
      const first = await begun(viewer);
      await watchUntil(viewer, (seen) => {
        return seen.pictures >= first.pictures + pictures(4) * SHOWN_SHARE && seen.positionSec > first.positionSec + 3;
      });
    });
  },

  async [NEXT_PUSH](broadcast, clips, everybody) {
    const first = await broadcast.push(clips.small);
    const second = first.done.then(async () => {
      await wait(systemClock, PAUSE_MS);
      return broadcast.push(clips.small, AS_LONG_AS_NEEDED_SEC);
    });
    everybody(async (viewer) => {
      await viewer.play(broadcast.url);
      await begun(viewer);
      await second;
      // More than the first push had.
      await watchUntil(viewer, (seen) => seen.pictures > pictures(SMALL_SEC + 1));
    });
  },

  async [NEW_SIZE](broadcast, clips, everybody) {
    // Repeated, for those that begin to play after the first change.
    await broadcast.push(clips.resized, AS_LONG_AS_NEEDED_SEC);
    everybody(async (viewer) => {
      await viewer.play(broadcast.url);
      await watchUntil(viewer, ({ widthPx }) => widthPx === SMALL_PX);
      const large = await watchUntil(viewer, ({ widthPx }) => widthPx === LARGE_PX);
      await watchUntil(viewer, (seen) => seen.pictures > large.pictures + pictures(2) * SHOWN_SHARE);
    });
  },

  async [VOD](broadcast, clips, everybody) {
    const url = await broadcast.record(Array.from({ length: SESSIONS }, () => clips.session));
    everybody(async (viewer, { lostAtDiscontinuitySec = 0 }) => {
      await viewer.play(url);
      const seen = await watchUntil(viewer, ({ ended }) => ended);
      const shownSec = SESSIONS * SESSION_SEC - (SESSIONS - 1) * lostAtDiscontinuitySec;
      expect(seen.pictures).toBeGreaterThan(pictures(shownSec) * COUNTED_SHARE);
    });
  },

  async [END](broadcast, clips, everybody) {
    const push = await broadcast.push(clips.small);
    everybody(async (viewer, { missesLateEnd = false }) => {
      await viewer.play(broadcast.url);
      await begun(viewer);
      await push.done;
      // By its place: one that has begun late has not shown all pictures.
      const endSec = SMALL_SEC * SHOWN_SHARE;
      const seen = await watchUntil(viewer, (now) => now.ended || (missesLateEnd && now.positionSec > endSec));
      expect(seen.pictures).toBeGreaterThan(pictures(SMALL_SEC / 2));
    });
  },
};

describeWith(TOOLS, 'players', () => {
  let folder: string;
  let clips: Clips;
  let browser: Browser;
  const players = playersUnderTest(() => browser);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'players-'));
    [clips, browser] = await Promise.all([makeClips(folder), launchChromium()]);
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true });
  });

  describe.each(SCENARIOS)('$name ($kind)', (scenario) => {
    let broadcast: Broadcast;
    const viewers = new Map<PlayerName, Viewer>();
    const outcomes = new Map<PlayerName, Promise<string>>();

    beforeAll(async () => {
      broadcast = await openBroadcast(scenario.kind, { hlsGraceSec: GRACE_SEC });
      const open = async (name: PlayerName) => viewers.set(name, await players[name].open(broadcast.endpoint));
      await Promise.all(PLAYERS.map(open));
      await SCRIPTS[scenario.name]?.(broadcast, clips, (viewing) => {
        for (const [name, viewer] of viewers) {
          const outcome = viewing(viewer, players[name]).then(() => 'played', String);
          outcomes.set(name, outcome);
        }
      });
    });
    afterAll(async () => {
      await Promise.all([...viewers.values()].map((viewer) => viewer.close()));
      await broadcast?.stop();
    });

    it.each(PLAYERS.map((name) => [playTitle(name, scenario), name] as const))(
      '%s',
      async (_, name) => expect(await outcomes.get(name)).toBe('played'),
      TEST_LIMIT_MS,
    );
  });
});
