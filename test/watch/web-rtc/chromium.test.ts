/** Watching in Debian's Chromium, with clips that represent the output of common encoders. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { openWhepPage } from '../../../scripts/bench/whep-browser.ts';
import { launchChromium } from '../../../scripts/support/chromium.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { findOpusEncoder } from '../../../src/emulator/find-opus-encoder.ts';
import { WebRtc } from '../../../src/watch/web-rtc/web-rtc.ts';
import { CHROMIUM } from '../../console/support/browser.ts';
import { clip } from '../../support/emulator.ts';
import { describeWith } from '../../support/tools.ts';
import { type PushedStream, pushClip } from '../support/pushed-stream.ts';
import { serveWhep, type WhepServer } from '../support/whep-server.ts';

const AHEAD_MS = 1_000;

interface Received {
  readonly framesDecoded: number;
  readonly frameWidth: number;
  readonly packetsLost: number;
}

interface Watching {
  readonly page: Page;
  readonly pushed: PushedStream;
  readonly whep: WhepServer;
}

describeWith([CHROMIUM], 'Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  async function openPage(): Promise<Page> {
    const page = await openWhepPage(browser);
    onTestFinished(() => page.close());
    return page;
  }

  async function watch(name: string): Promise<Watching> {
    const webRtc = new WebRtc({
      clock: systemClock,
      log: silentLog,
      host: '127.0.0.1',
      udpPort: 0,
      hosts: [],
      loadOpus: () => findOpusEncoder({ log: silentLog, findFfmpeg: async () => ({ found: false, reason: 'unused' }) }),
    });
    onTestFinished(() => webRtc.close());
    const pushed = await pushClip(clip(name), AHEAD_MS);
    onTestFinished(() => pushed.end());
    const whep = await serveWhep(webRtc, () => pushed.session);
    onTestFinished(() => whep.close());
    const page = await openPage();
    await page.evaluate(`watch('${whep.url}')`);
    return { page, pushed, whep };
  }

  /** Resolves when nothing is lost either: what the browser had no time to take is sent again. */
  async function decoded(page: Page, frames: number): Promise<Received> {
    const { video } = await page.evaluate<{ video: Received }>(
      `receivedOnce(({ video }) => video?.framesDecoded >= ${frames} && video.packetsLost === 0)`,
    );
    return video;
  }

  it.each([
    ['a stream of the high profile', 'h264-aac.flv', 640],
    ['parameter sets in the stream itself', 'h264-aac-320x180-inband-parameter-sets.flv', 320],
    ['a key frame every ten seconds', 'h264-aac-key-frame-every-10s.flv', 160],
    ['no sound', 'h264-only.flv', 320],
  ])('plays %s', async (_what, name, widthPx) => {
    const { page } = await watch(name);
    expect((await decoded(page, 30)).frameWidth).toBe(widthPx);
  });

  it('plays on where B frames were left out', async () => {
    const { page } = await watch('h264-aac-b-frames-slices.flv');
    const first = await decoded(page, 10);
    // Of thirty pictures per second, ten are left. A browser that freezes shows two per group of pictures.
    await decoded(page, first.framesDecoded + 20);
  });

  it('hears the sound', async () => {
    const { page } = await watch('h264-aac.flv');
    await page.evaluate('receivedOnce(({ audio }) => audio?.totalAudioEnergy > 0.001)');
  });

  it('hears and sees what belongs together', async () => {
    const { page } = await watch('h264-aac.flv');
    const apart = '(video?.estimatedPlayoutTimestamp ?? 0) - (audio?.estimatedPlayoutTimestamp ?? Infinity)';
    await page.evaluate(`receivedOnce(({ audio, video }) => Math.abs(${apart}) < 100)`);
  });

  it('hears when the stream ends', async () => {
    const { page, pushed, whep } = await watch('h264-aac.flv');
    pushed.end();
    await page.evaluate('closedByServer()');
    expect(await whep.viewers[0]?.ended).toBe('the stream ended');
  });

  it('is noticed when it leaves', async () => {
    const { page, whep } = await watch('h264-aac.flv');
    await page.evaluate('connection.close()');
    expect(await whep.viewers[0]?.ended).toBe('closed by the viewer');
  });

  // How long a tab waits for its first picture is a row of `npm run bench:watch`.
  it('comes back ten times', { timeout: 120_000 }, async () => {
    const { whep } = await watch('h264-aac.flv');
    for (let viewer = 1; viewer <= 10; viewer++) {
      const page = await openPage();
      await page.evaluate(`watch('${whep.url}')`);
      await decoded(page, 5);
      await page.evaluate('connection.close()');
      expect(await whep.viewers[viewer]?.ended).toBe('closed by the viewer');
    }
  });
});
