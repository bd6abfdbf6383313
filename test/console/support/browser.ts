/** The page in a browser: Debian's Chromium, driven by Playwright. */
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { buildConsole } from '../../../scripts/build-console.ts';
import { launchChromium } from '../../../scripts/support/chromium.ts';

export const CHROMIUM = 'chromium';

/** Longer than anything takes on a busy machine, and below the limit of a test, so that a failure says what has not come. */
const PATIENCE_MS = 45_000;

export interface ConsoleView {
  readonly page: Page;
  /** The URLs of all requests of the page. */
  readonly requested: readonly string[];
  /** The errors that the page did not catch. */
  readonly errors: readonly string[];
}

export interface OpenOptions {
  /** The test can move the time of the page, by `page.clock`; it goes on as usual otherwise. */
  readonly hasOwnTime?: boolean;
}

/** Builds the page and starts one browser for a suite. Returns a function that opens the page in a new profile. */
export function withConsole(): (endpoint: string, hash?: string, options?: OpenOptions) => Promise<ConsoleView> {
  let browser: Browser | undefined;
  beforeAll(async () => {
    await buildConsole();
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());
  return async (endpoint, hash = '', { hasOwnTime = false } = {}) => {
    if (!browser) throw new Error('no browser yet');
    const context = await browser.newContext({ viewport: { width: 1360, height: 900 }, timezoneId: 'UTC' });
    onTestFinished(() => context.close());
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    if (hasOwnTime) await page.clock.install();
    const requested: string[] = [];
    const errors: string[] = [];
    page.on('request', (request) => requested.push(request.url()));
    page.on('pageerror', ({ message }) => errors.push(message));
    await page.goto(`${endpoint}/_emulator/${hash}`);
    return { page, requested, errors };
  };
}

/** Keeps every text that the progress has, for as short as it is there. */
export const WATCH_PROGRESS = `window.seen = [];
  new MutationObserver(() => {
    const text = document.querySelector('.progress')?.textContent;
    if (text) window.seen.push(text);
  }).observe(document.body, { subtree: true, childList: true, characterData: true })`;

/** For a page before it is loaded: notes that it has said so, for however short a time. */
export const WATCH_LOADING = `window.sawLoading = false;
  new MutationObserver(() => {
    window.sawLoading ||= document.body?.textContent.includes('Loading…') === true;
  }).observe(document, { subtree: true, childList: true, characterData: true })`;

/** Playing takes as long as the media: a fragment has to end before it can be played. */
export const MEDIA = { timeout: PATIENCE_MS };

/** Gives the window another size, and resolves when the page is laid out for it: the browser tells the page of it later. */
export async function resizeWindow(page: Page, width: number, height = 800): Promise<void> {
  await page.setViewportSize({ width, height });
  await expect.poll(() => page.evaluate('[innerWidth, innerHeight]')).toEqual([width, height]);
  await page.evaluate(NEXT_FRAME);
}

/** What listens to the size, or was told of it, has been drawn. */
const NEXT_FRAME = 'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())))';

/** What one would have to scroll sideways for, in px. */
export function overflowPx(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}

/** The properties of a `<video>` that show whether it plays. */
interface VideoState {
  readonly currentTime: number;
  readonly duration: number;
  getVideoPlaybackQuality(): { readonly totalVideoFrames: number };
}

export function playback(video: Locator): Promise<{ timeSec: number; durationSec: number; frames: number }> {
  return video.evaluate((element: VideoState) => ({
    timeSec: element.currentTime,
    durationSec: element.duration,
    frames: element.getVideoPlaybackQuality().totalVideoFrames,
  }));
}
