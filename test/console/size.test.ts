/** The page with two hundred channels, over a slow link, and for somebody who looks at another page. */
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { RtmpPublisher } from '../../src/rtmp/client.ts';
import { startTestEmulator } from '../support/emulator.ts';
import { describeWith } from '../support/tools.ts';
import { CHROMIUM, resizeWindow, WATCH_LOADING, WATCH_PROGRESS, withConsole } from './support/browser.ts';
import { type BusyEmulator, DAY, LONG_NAME, startBusyEmulator } from './support/busy-emulator.ts';

const DOCUMENT_HEIGHT = 'document.documentElement.scrollHeight';

/** The part of an element of the page that is read here. */
interface Placed {
  readonly ownerDocument: {
    readonly activeElement: unknown;
    elementFromPoint(x: number, y: number): unknown;
  };
  contains(other: unknown): boolean;
  getBoundingClientRect(): {
    readonly left: number;
    readonly top: number;
    readonly width: number;
    readonly height: number;
  };
}

/** Whether one sees the middle of the element. */
function isInView(element: Locator): Promise<boolean> {
  return element.evaluate((placed: Placed) => {
    const { left, top, width, height } = placed.getBoundingClientRect();
    return placed.contains(placed.ownerDocument.elementFromPoint(left + width / 2, top + height / 2));
  });
}

function hasFocus(element: Locator): Promise<boolean> {
  return element.evaluate((placed: Placed) => placed.contains(placed.ownerDocument.activeElement));
}

/** Holds the requests of these paths, until the function that it resolves to is called. */
async function hold(page: Page, paths: RegExp): Promise<() => void> {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(paths, async (route) => {
    await released;
    await route.continue();
  });
  return release;
}

describeWith([CHROMIUM], 'the page of two hundred channels', () => {
  const openConsole = withConsole();
  let busy: BusyEmulator;

  beforeAll(async () => {
    busy = await startBusyEmulator();
  }, 60_000);
  afterAll(() => busy?.emulator.stop());

  it.each([1440, 1024, 390])('shows the chosen one in a list that scrolls by itself, %i px wide', async (width) => {
    const { page } = await openConsole(busy.endpoint);
    await resizeWindow(page, width);
    await page.goto(`${busy.endpoint}/_emulator/${DAY}`);
    const list = page.getByRole('navigation', { name: 'Channels' });
    const chosen = list.getByRole('link', { name: /^door/ });
    await expect.poll(() => isInView(chosen)).toBe(true);
    expect(await list.getByRole('link').count()).toBeGreaterThan(200);
    // Two hundred lines would be 6,000 px.
    expect(await page.evaluate<number>(DOCUMENT_HEIGHT)).toBeLessThan(4_000);
    // Rotated, or another window: the list has another height.
    await resizeWindow(page, width, 600);
    await expect.poll(() => isInView(chosen)).toBe(true);
  });

  it('narrows the list by a text that the address keeps', async () => {
    const { page } = await openConsole(busy.endpoint, DAY);
    const list = page.getByRole('navigation', { name: 'Channels' });
    const filter = list.getByRole('searchbox', { name: 'Filter the channels' });
    const passing = list.getByRole('link').filter({ hasNotText: 'New channel' });
    await filter.pressSequentially('CAM-19');
    await list.getByText(/^10 of 20\d$/).waitFor();
    expect(await passing.count()).toBe(10);
    await list.getByRole('link', { name: /^cam-197/ }).click();
    await page.getByRole('heading', { level: 1, name: /cam-197$/ }).waitFor();
    await expect
      .poll(() => page.url())
      .toBe(`${busy.endpoint}/_emulator/#/channels/examplebucket/cam-197?filter=CAM-19`);
    await page.reload();
    await list.getByText(/^10 of 20\d$/).waitFor();
    expect(await filter.inputValue()).toBe('CAM-19');
    await filter.fill('exampleb live');
    await list.getByRole('link', { name: /^door/ }).waitFor();
    expect(await passing.count()).toBe(1);
    await filter.fill('no such');
    await list.getByText('Nothing passes the filter.').waitFor();
    await filter.fill('');
    await expect.poll(() => isInView(list.getByRole('link', { name: /^cam-197/ }))).toBe(true);
    await expect.poll(() => page.url()).toBe(`${busy.endpoint}/_emulator/#/channels/examplebucket/cam-197`);
  });

  it('leads those who use the keyboard past the list', async () => {
    const { page } = await openConsole(busy.endpoint, DAY);
    await page.getByRole('button', { name: 'Select all in view' }).waitFor();
    await page.keyboard.press('Tab');
    const skip = page.getByRole('button', { name: 'Skip to the content' });
    expect(await isInView(skip)).toBe(true);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await hasFocus(page.getByRole('main'))).toBe(true);
    await expect.poll(() => page.url()).toBe(`${busy.endpoint}/_emulator/${DAY}`);
  });

  it('draws a day of recordings', async () => {
    const { page, errors } = await openConsole(busy.endpoint, DAY);
    await page.getByRole('button', { name: '24 h', exact: true }).click();
    const timeline = page.getByRole('img', { name: /^1[45],\d{3} fragments, 24 h, stored from/ });
    await timeline.waitFor();
    // Pieces that nobody could tell from each other are drawn as one.
    expect(await timeline.locator('span').count()).toBeLessThan(10);
    expect(errors).toEqual([]);
  });

  it('shows how far a playlist of a day is', async () => {
    const { page, errors } = await openConsole(busy.endpoint, DAY);
    await page.getByRole('button', { name: '24 h', exact: true }).click();
    await page.getByRole('img', { name: /^1[45],\d{3} fragments, 24 h, stored from/ }).waitFor();
    await page.getByRole('button', { name: 'Select all in view' }).click();
    await page.evaluate(WATCH_PROGRESS);
    await page.getByRole('button', { name: 'Make VOD playlist' }).click();
    await page.getByRole('region', { name: 'Player' }).getByText('vod.m3u8').first().waitFor();
    expect(await page.evaluate<string[]>('window.seen')).toContainEqual(
      expect.stringMatching(/^Making a playlist of examplebucket\/door\d+ % [\d,]+ of 1[45],\d{3} fragments$/),
    );
    expect(await page.getByRole('progressbar').count()).toBe(0);
    expect(errors).toEqual([]);
  });

  it('offers the names that exist to a rule', async () => {
    const { page } = await openConsole(busy.endpoint, '#/faults');
    const offered = async (label: string) => {
      const options = page.locator(`datalist[id="${await page.getByLabel(label).getAttribute('list')}"] option`);
      return options.evaluateAll((all: { readonly value: string }[]) => all.map(({ value }) => value));
    };
    await expect.poll(() => offered('Operation')).toContain('DescribeLiveStreamsOnlineList');
    expect(await offered('Operation')).toContain('PutLiveChannel');
    await expect.poll(() => offered('Channel')).toContain(LONG_NAME);
    await expect.poll(() => offered('Bucket')).toContain('examplebucket');
  });
});

describeWith([CHROMIUM], 'over a slow link, the page', () => {
  const openConsole = withConsole();

  it('says that it loads, and takes nothing that it does not know for nothing', async () => {
    const { endpoint } = await startTestEmulator();
    const { page } = await openConsole(endpoint);
    const release = await hold(page, /_emulator\/(channels|faults|callbacks|events)/);
    await page.reload();
    await page.getByText('Loading…').waitFor();
    expect(await page.getByText('There is no channel yet').count()).toBe(0);
    await page.getByRole('link', { name: 'Faults' }).click();
    await page.getByRole('region', { name: 'Rules' }).getByText('Loading…').waitFor();
    await page.getByRole('link', { name: 'Callbacks' }).click();
    await page.getByRole('region', { name: 'Results' }).getByText('Loading…').waitFor();
    await page.getByRole('link', { name: 'Log' }).click();
    await page.getByText('Loading…').waitFor();
    release();
    await page.getByText('Nothing has happened yet.').waitFor();
    await page.getByRole('link', { name: 'Callbacks' }).click();
    await page.getByRole('heading', { name: 'Nothing was called back yet' }).waitFor();
    await page.getByRole('link', { name: 'Faults' }).click();
    await page.getByRole('heading', { name: 'No rule is set' }).waitFor();
    await page.getByRole('link', { name: 'Channels' }).click();
    await page.getByRole('heading', { name: /test-channel$/ }).waitFor();
  });

  it('does not say of a channel that nothing was pushed before it knows', async () => {
    const { endpoint } = await startTestEmulator();
    const { page } = await openConsole(endpoint);
    const release = await hold(page, /\/fragments/);
    await page.reload();
    const player = page.getByRole('region', { name: 'Player' });
    await player.getByText('Loading…').waitFor();
    const recordings = page.getByRole('region', { name: 'Recordings' });
    await recordings.getByText('Loading…').waitFor();
    release();
    await player.getByText('Nothing has been pushed yet.').waitFor();
    await recordings.getByText('Nothing stored here.').waitFor();
  });

  it('does once what is pressed twice', async () => {
    const { endpoint, emulator } = await startTestEmulator();
    const { page, requested } = await openConsole(endpoint, '#/faults');
    emulator.faults.add({ match: {}, effect: { delayMs: 0 } });
    const remove = page.getByRole('button', { name: 'Remove fault-1' });
    const release = await hold(page, /\/faults\/fault-1/);
    await remove.click();
    expect(await remove.getAttribute('aria-busy')).toBe('true');
    await remove.click();
    release();
    await page.getByRole('heading', { name: 'No rule is set' }).waitFor();
    expect(requested.filter((url) => url.endsWith('/faults/fault-1'))).toHaveLength(1);
  });

  it('loads at 50 kB/s, and says so meanwhile', async () => {
    const { endpoint } = await startTestEmulator();
    const { page } = await openConsole(endpoint, '#/faults');
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    await session.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 300,
      downloadThroughput: 50_000,
      uploadThroughput: 50_000,
    });
    await page.addInitScript(WATCH_LOADING);
    await page.reload({ waitUntil: 'commit' });
    await page.getByRole('heading', { name: 'No rule is set' }).waitFor();
    expect(await page.evaluate<boolean>('window.sawLoading')).toBe(true);
    await page.getByRole('link', { name: 'Channels' }).click();
    await page.getByRole('heading', { name: /test-channel$/ }).waitFor();
    await page.getByText('Nothing has been pushed yet.').waitFor();
  });
});

describeWith([CHROMIUM], 'a refused push', () => {
  const openConsole = withConsole();

  async function pushTo(url: string) {
    const publisher = await RtmpPublisher.publish(url);
    onTestFinished(() => publisher.destroy());
  }

  it('is told on every page at once, with its reason, until it is mended', async () => {
    const { endpoint, emulator } = await startTestEmulator();
    const { url } = await emulator.control.urls.sign({ bucket: 'examplebucket', channel: 'test-channel' });
    const { page } = await openConsole(endpoint, '#/rooms');
    await page.getByRole('button', { name: 'Make the address' }).waitFor();
    await expect(pushTo(url.replace('/test-channel?', '/tset-channel?'))).rejects.toThrow('signed for');
    const banner = page.getByRole('status').filter({ hasText: 'A push to examplebucket/tset-channel was refused' });
    await banner.getByText('The URL was signed for the channel "test-channel", not for "tset-channel".').waitFor();
    await page.getByRole('link', { name: 'Faults' }).click();
    await page.getByRole('heading', { name: 'No rule is set' }).waitFor();
    await banner.getByRole('link', { name: 'Show it in the log' }).click();
    await page.getByRole('complementary', { name: 'Details of the entry' }).getByText('tset-channel').first().waitFor();
    await banner.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Faults' }).click();
    await banner.getByRole('button', { name: 'Dismiss' }).click();
    await banner.waitFor({ state: 'detached' });

    await expect(pushTo(url.replace('Signature=', 'Signature=x'))).rejects.toThrow('SignatureDoesNotMatch');
    const other = page.getByRole('status').filter({ hasText: 'A push to examplebucket/test-channel was refused' });
    await other.waitFor();
    // Its own page explains it, so the frame does not.
    await page.getByRole('link', { name: 'Channels' }).click();
    await page.getByText(/^A push was refused at/).waitFor();
    await other.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Faults' }).click();
    await other.waitFor();
    await pushTo(url);
    await other.waitFor({ state: 'detached' });
  });
});

describeWith([CHROMIUM], 'the log, without a mouse,', () => {
  const openConsole = withConsole();

  it('leads from an entry to its details, and back', async () => {
    const { endpoint } = await startTestEmulator();
    await fetch(`${endpoint}/examplebucket?bucketInfo`);
    const { page } = await openConsole(endpoint, '#/log');
    const entry = page.getByRole('button', { name: 'GetBucketInfo' });
    await entry.focus();
    await page.keyboard.press('Enter');
    const details = page.getByRole('complementary', { name: 'Details of the entry' });
    await details.waitFor();
    await page.keyboard.press('Tab');
    expect(await hasFocus(details.getByRole('button', { name: 'Copy details' }))).toBe(true);
    await page.keyboard.press('Escape');
    await details.waitFor({ state: 'detached' });
    expect(await hasFocus(entry)).toBe(true);
  });
});
