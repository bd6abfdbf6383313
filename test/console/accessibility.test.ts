/** What axe-core finds on pages that have something to show, in both themes and at three widths; and what is cut off there. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../support/tools.ts';
import { CHROMIUM, overflowPx, resizeWindow, withConsole } from './support/browser.ts';
import { type BusyEmulator, DAY, LONG, LONG_OBJECT, startBusyEmulator } from './support/busy-emulator.ts';

const WIDTHS = [1440, 1024, 390];
/** Besides those: where the layout changes, and the width at which the WCAG ask for pages that scroll in one direction. */
const OTHER_WIDTHS = [1341, 1340, 1201, 1200, 721, 720, 320];
const THEMES = ['light', 'dark'] as const;

/** What has no such name. */
const NOBODY = 'n'.repeat(63);

/** Each page with what shows that its content has come. */
const PLACES: readonly (readonly [name: string, place: string, content: (page: Page) => Locator])[] = [
  ['a live channel with a day of recordings', DAY, (page) => page.getByRole('button', { name: 'Select all in view' })],
  ['a channel with a long name', LONG, (page) => page.getByRole('button', { name: 'Push a test picture' })],
  [
    'a channel that there is not',
    `#/channels/b/${NOBODY}`,
    (page) => page.getByText(`There is no channel b/${NOBODY}`),
  ],
  [
    'the form of a new channel',
    '#/channels?form=new',
    (page) => page.getByRole('button', { name: 'Create the channel' }),
  ],
  ['the form of a channel', `${LONG}?form=edit`, (page) => page.getByRole('button', { name: 'Save' })],
  ['a bucket', '#/buckets/examplebucket', (page) => page.getByRole('link', { name: 'door/' })],
  [
    'the settings of a bucket',
    '#/buckets/examplebucket?view=settings',
    (page) => page.getByRole('button', { name: 'Suspend versioning' }),
  ],
  [
    'lifecycle rules',
    '#/buckets/examplebucket?view=lifecycle',
    (page) => page.getByRole('button', { name: 'Remove off' }),
  ],
  ['CORS rules', '#/buckets/examplebucket?view=cors', (page) => page.getByRole('button', { name: /^Remove https/ })],
  ['an opened object with a long name', LONG_OBJECT, (page) => page.getByRole('table', { name: /Versions/ })],
  ['a bucket that there is not', `#/buckets/${NOBODY}`, (page) => page.getByText(`There is no bucket ${NOBODY}`)],
  ['a stream', '#/streams/app/s1', (page) => page.getByRole('button', { name: /^Send away/ })],
  [
    'record configurations',
    '#/streams?show=configurations',
    (page) => page.getByRole('button', { name: 'Delete', exact: true }),
  ],
  ['no room', '#/rooms', (page) => page.getByRole('button', { name: 'Make the address' })],
  ['a room', '#/rooms/app/lesson', (page) => page.getByRole('button', { name: 'Remove alice' })],
  ['the log', '#/log', (page) => page.getByRole('button', { name: 'Push refused' })],
  ['an opened refusal', '#/log/REFUSED', (page) => page.getByRole('columnheader', { name: 'Signed by the client' })],
  ['a request to make again', '#/log/REPEATABLE', (page) => page.getByRole('button', { name: 'Send again' })],
  ['callbacks', '#/callbacks', (page) => page.getByRole('table', { name: 'Callbacks, latest first' })],
  ['faults', '#/faults', (page) => page.getByRole('button', { name: 'Remove fault-1' })],
  ['data', '#/data', (page) => page.getByRole('cell', { name: 'examplebucket' })],
  ['no page', `#/${NOBODY}`, (page) => page.getByText(`There is no page ${NOBODY}`)],
];

/** The lines of a list or table are alike; of two hundred, axe-core would need minutes. */
const AXE_RUN = `axe.run(
  { exclude: ['.channel-list li:nth-child(n+12):not(:has([aria-current]))', 'tbody tr:nth-child(n+12)'] },
  { resultTypes: ['violations'] },
)`;

interface HiddenWidth {
  readonly scrollWidth: number;
  readonly clientWidth: number;
}

/** What one would have to scroll sideways for. */
function hiddenPx({ scrollWidth, clientWidth }: HiddenWidth): number {
  return scrollWidth - clientWidth;
}

/** The part of the results of `axe.run` that is read here. */
interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly help: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
  readonly passes: readonly object[];
}

describeWith([CHROMIUM], 'with much to show,', () => {
  const openConsole = withConsole();
  let busy: BusyEmulator;
  let axe: string;

  beforeAll(async () => {
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    busy = await startBusyEmulator();
  }, 60_000);
  afterAll(() => busy?.emulator.stop());

  async function open(place: string) {
    const { endpoint, refusedPushId, repeatableId } = busy;
    const hash = place.replace('REFUSED', `${refusedPushId}`).replace('REPEATABLE', `${repeatableId}`);
    const view = await openConsole(endpoint, hash);
    // axe computes the contrast of the colors of that moment.
    await view.page.emulateMedia({ reducedMotion: 'reduce' });
    return view;
  }

  async function violationsOf(page: Page): Promise<readonly string[]> {
    await page.evaluate(axe);
    const { violations, passes } = await page.evaluate<AxeResults>(AXE_RUN);
    // A page that was not read has no violations either.
    expect(passes.length).toBeGreaterThan(10);
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
  }

  it.each(PLACES)(
    '%s is accessible in both themes, and fits windows of all widths',
    async (_name, place, content) => {
      const { page, errors } = await open(place);
      await content(page).waitFor();
      for (const width of WIDTHS) {
        await resizeWindow(page, width);
        expect(await overflowPx(page), `${width} px`).toBe(0);
        for (const colorScheme of THEMES) {
          await page.emulateMedia({ colorScheme });
          expect(await violationsOf(page), `${width} px, ${colorScheme}`).toEqual([]);
        }
      }
      for (const width of OTHER_WIDTHS) {
        await resizeWindow(page, width);
        expect(await overflowPx(page), `${width} px`).toBe(0);
      }
      expect(await page.locator('body').innerText()).not.toContain('OssError');
      expect(errors).toEqual([]);
    },
    180_000,
  );

  it.each(THEMES)('what opens over a page is accessible, %s', async (colorScheme) => {
    const { page } = await open('#/faults');
    await page.emulateMedia({ colorScheme });
    await page.getByRole('button', { name: /^Clock of the emulator/ }).click();
    await page.getByRole('dialog', { name: 'Clock' }).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByLabel('Operation').fill('PutLiveChanel');
    await page.getByLabel('Error code').fill('InternalError');
    await page.getByRole('button', { name: 'Set the rule' }).click();
    await page.getByRole('status').getByText('did you mean "PutLiveChannel"?').waitFor();
    expect(await violationsOf(page)).toEqual([]);
  });

  const DIALOGS = [
    ['#/data', 'Reset …', 'Reset everything?'],
    ['#/buckets/examplebucket', 'New bucket', 'New bucket'],
    ['#/buckets/examplebucket?view=settings', 'Delete the bucket …', 'Delete examplebucket'],
    ['#/buckets/examplebucket?view=lifecycle', 'Add a rule', 'New rule'],
    ['#/buckets/examplebucket?view=cors', 'Add a rule', 'New rule'],
    [LONG_OBJECT, 'Delete …', 'Delete from examplebucket'],
  ] as const;

  it.each(DIALOGS)('the dialog at %s behind "%s" is accessible and fits', async (place, button, name) => {
    const { page, errors } = await open(place);
    await page.getByRole('button', { name: button, exact: true }).click();
    const dialog = page.getByRole('dialog', { name });
    await dialog.waitFor();
    for (const width of WIDTHS) {
      await resizeWindow(page, width);
      expect(await dialog.evaluate<number, HiddenWidth>(hiddenPx), `${width} px`).toBe(0);
      for (const colorScheme of THEMES) {
        await page.emulateMedia({ colorScheme });
        expect(await violationsOf(page), `${width} px, ${colorScheme}`).toEqual([]);
      }
    }
    expect(errors).toEqual([]);
  });
});
