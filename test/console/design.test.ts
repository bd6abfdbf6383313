/** Properties of the whole page: size, colors, keyboard, names, width, and no requests to other hosts. */
import type { Locator, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { startTestEmulator } from '../support/emulator.ts';
import { describeWith } from '../support/tools.ts';
import { CHROMIUM, overflowPx, resizeWindow, withConsole } from './support/browser.ts';

/** Each place with a text that is there when its content has come. */
const PLACES: readonly (readonly [place: string, content: string])[] = [
  ['#/channels', 'Nothing has been pushed yet.'],
  ['#/buckets', 'There is nothing in this bucket.'],
  ['#/buckets/examplebucket?view=settings', 'Delete the bucket …'],
  ['#/buckets/examplebucket?view=lifecycle', 'Add a rule'],
  ['#/buckets/nowhere', 'There is no bucket nowhere'],
  ['#/streams', 'No stream has been pushed yet'],
  ['#/rooms', 'Nobody is in a room'],
  ['#/rooms/app/lesson', 'app / lesson'],
  ['#/log', 'Nothing has happened yet.'],
  ['#/callbacks', 'Nothing was called back yet'],
  ['#/faults', 'No rule is set'],
  ['#/data', 'examplebucket'],
  ['#/channels?form=new', 'Create the channel'],
  ['#/streams?show=configurations', 'Nothing is configured'],
];

function contentOf(page: Page, text: string): Locator {
  return page.getByRole('main').getByText(text).first();
}

/** Limit for all files that are loaded before a picture is played. The player alone is five times as large. */
const FIRST_PAINT_BYTES = 100 * 1024;

/** All that the page has loaded, including itself. Source: Resource Timing, W3C. */
const RESOURCES = `['navigation', 'resource'].flatMap((type) =>
  performance.getEntriesByType(type).map(({ name, transferSize }) => ({ name, transferSize })))`;
const BACKGROUND = 'getComputedStyle(document.documentElement).backgroundColor';

interface Resource {
  readonly name: string;
  readonly transferSize: number;
}

describeWith([CHROMIUM], 'the page as a whole', () => {
  const openConsole = withConsole();

  it('weighs little until something is played', async () => {
    const { endpoint } = await startTestEmulator();
    const { page } = await openConsole(endpoint);
    await page.getByRole('heading', { name: /test-channel$/ }).waitFor();
    const files = (await page.evaluate<Resource[]>(RESOURCES)).filter(({ name }) =>
      /\/_emulator\/$|\.(js|css)$/.test(name),
    );
    expect(files.map(({ name }) => name.replace(/^.*\/|-[A-Z0-9]{8}/g, '')).sort()).toEqual([
      '',
      'main.css',
      'main.js',
    ]);
    const sizeBytes = files.reduce((sum, { transferSize }) => sum + transferSize, 0);
    expect(sizeBytes).toBeLessThan(FIRST_PAINT_BYTES);
    // A much smaller size would mean that nothing was measured.
    expect(sizeBytes).toBeGreaterThan(10_000);
  });

  it('asks nobody else for anything', async () => {
    const { endpoint } = await startTestEmulator();
    const { page, requested, errors } = await openConsole(endpoint);
    await page.getByRole('button', { name: 'Push a test picture' }).click();
    await page.getByLabel('Live picture of test-channel').waitFor();
    await expect.poll(() => requested.some((url) => url.includes('hls'))).toBe(true);
    for (const [place] of PLACES) {
      await page.goto(`${endpoint}/_emulator/${place}`);
      await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' });
    }
    const elsewhere = requested.filter((url) => !url.startsWith(endpoint) && !/^(data|blob):/.test(url));
    expect(elsewhere).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('is dark or light as the system is, until one chooses', async () => {
    const { endpoint } = await startTestEmulator();
    const { page } = await openConsole(endpoint);
    await page.emulateMedia({ colorScheme: 'light' });
    const light = await page.evaluate<string>(BACKGROUND);
    await page.emulateMedia({ colorScheme: 'dark' });
    const dark = await page.evaluate<string>(BACKGROUND);
    expect(dark).not.toBe(light);
    await page.getByRole('button', { name: 'Colors: as the system; change to light' }).click();
    await page.getByRole('button', { name: 'Colors: light; change to dark' }).waitFor();
    expect(await page.evaluate<string>(BACKGROUND)).toBe(light);
    await page.reload();
    await page.getByRole('button', { name: 'Colors: light; change to dark' }).click();
    await page.getByRole('button', { name: /^Colors: dark/ }).waitFor();
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await page.evaluate<string>(BACKGROUND)).toBe(dark);
  });

  it('can be used without a mouse', async () => {
    const emulator = await startTestEmulator();
    const recordings = [{ from: '-4m', to: '-1m' }];
    const body = { buckets: [{ name: 'examplebucket', channels: [{ name: 'cam', recordings }] }] };
    await fetch(`${emulator.endpoint}/_emulator/seed`, { method: 'POST', body: JSON.stringify(body) });
    const { page } = await openConsole(emulator.endpoint, '#/channels/examplebucket/cam');
    const all = page.getByRole('button', { name: 'Select all in view' });
    await all.focus();
    await page.keyboard.press('Enter');
    const begin = page.getByRole('slider', { name: 'Begin of the range' });
    const before = Number(await begin.getAttribute('aria-valuenow'));
    await begin.focus();
    for (const key of ['ArrowRight', 'ArrowUp', 'ArrowLeft']) await page.keyboard.press(key);
    expect(Number(await begin.getAttribute('aria-valuenow')) - before).toBe(10_000);

    await page.getByRole('tab', { name: 'OBS' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('tabpanel', { name: 'ffmpeg' }).waitFor();
    await page.getByRole('button', { name: /^Clock of the emulator/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Clock' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog', { name: 'Clock' }).waitFor({ state: 'hidden' });
  });

  it.each(PLACES)('has a name for every control and one heading of the first level at %s', async (place, content) => {
    const { endpoint } = await startTestEmulator();
    const { page } = await openConsole(endpoint, place);
    await contentOf(page, content).waitFor();
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
    expect(await page.getByRole('main').count()).toBe(1);
    for (const role of ['button', 'link', 'textbox', 'searchbox', 'checkbox', 'combobox', 'tab'] as const) {
      const nameless = async () => {
        const all = await page.getByRole(role, { includeHidden: true }).count();
        // Any text is accepted; the browser computes the name.
        return all - (await page.getByRole(role, { includeHidden: true, name: /\S/ }).count());
      };
      // Polls, because the page may still be adding controls after an answer.
      await expect.poll(nameless, { message: role }).toBe(0);
    }
  });

  it.each(PLACES)('fits a narrow window at %s', async (place, content) => {
    const { endpoint } = await startTestEmulator();
    const { page } = await openConsole(endpoint, place);
    await contentOf(page, content).waitFor();
    await resizeWindow(page, 360, 740);
    expect(await overflowPx(page)).toBe(0);
  });
});
