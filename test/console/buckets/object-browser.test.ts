/** What users do with objects on the page, in a browser against a running emulator. */
import { EventEmitter, once } from 'node:events';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { startTestEmulator } from '../../support/emulator.ts';
import { describeWith } from '../../support/tools.ts';
import { CHROMIUM, withConsole } from '../support/browser.ts';
import { startReplacedEmulator } from '../support/replaced-emulator.ts';
import { dragIn, folderOf, putText, seed, signedRequest } from './support.ts';

const BUCKET = '#/buckets/examplebucket';

function namesIn(page: Page): Promise<readonly string[]> {
  return page.locator('.object-name a').allTextContents();
}

function upload(page: Page) {
  return page.getByRole('region', { name: 'Work' });
}

describeWith([CHROMIUM], 'the objects of a bucket', () => {
  const openConsole = withConsole();

  it('are listed by folders, some at a time, and filtered by the emulator', async () => {
    const { endpoint } = await startTestEmulator();
    const many = Array.from({ length: 1450 }, (_, i) => ({ key: `many/${String(i).padStart(4, '0')}`, text: 'x' }));
    await seed(endpoint, [{ name: 'examplebucket', objects: [...many, { key: 'top.txt', text: 'x' }] }]);
    const { page, errors } = await openConsole(endpoint, BUCKET);
    await page.getByRole('link', { name: 'many/' }).click();
    await page.getByText('The first 200 names are shown.').waitFor();
    expect(await namesIn(page)).toEqual(many.slice(0, 200).map(({ key }) => key.slice(5)));
    await page.getByRole('button', { name: 'Show 200 more' }).click();
    await page.getByText('The first 400 names are shown.').waitFor();

    await page.getByRole('searchbox', { name: 'Names that begin with' }).pressSequentially('144');
    await expect.poll(() => namesIn(page)).toEqual(many.slice(1440).map(({ key }) => key.slice(5)));
    await expect.poll(() => page.url()).toContain('folder=many%2F&filter=144');
    await page.reload();
    await expect.poll(() => namesIn(page)).toEqual(many.slice(1440).map(({ key }) => key.slice(5)));
    await page.getByRole('searchbox').fill('nothing');
    await page.getByText('Nothing here begins with nothing.').waitFor();

    await page.getByRole('navigation', { name: 'Folder' }).getByRole('link', { name: 'examplebucket' }).click();
    await expect.poll(() => namesIn(page)).toEqual(['many/', 'top.txt']);
    await page.getByRole('searchbox').pressSequentially('many/000');
    await expect.poll(() => namesIn(page)).toEqual(many.slice(0, 10).map(({ key }) => key.slice(5)));
    await expect.poll(() => page.url()).toContain('?filter=many%2F000');
    expect(errors).toEqual([]);
  });

  it('have names of every kind: uploaded, shown, downloaded and deleted', async () => {
    const { endpoint } = await startTestEmulator();
    const keys = [
      '100% #1?&+=.txt',
      '日本語 😀.txt',
      '  two blanks',
      `"quotes" & 'more' <b>.html`,
      'q?acl',
      'ä'.repeat(127),
    ];
    const { page, errors } = await openConsole(endpoint, BUCKET);
    const files = keys.map((name) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(`content of ${name}`) }));
    await page.getByLabel('Upload files').last().setInputFiles(files);
    await upload(page).getByText(`${keys.length} of ${keys.length} files done`).waitFor();
    await expect.poll(async () => [...(await namesIn(page))].sort()).toEqual([...keys].sort());

    for (const key of keys) {
      const link = page.locator('.object-name a').filter({ has: page.getByText(key, { exact: true }) });
      await link.click();
      const details = page.getByRole('complementary', { name: 'The object' });
      await expect.poll(() => details.getByRole('heading', { level: 2 }).textContent()).toBe(key);
      await details.getByText('text/plain').waitFor();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        details.getByRole('button', { name: 'Download' }).click(),
      ]);
      expect(await textOfDownload(await download.createReadStream())).toBe(`content of ${key}`);
      expect(await page.evaluate('location.hash')).toContain('object=');
    }
    await page.getByLabel('Select all that are shown').click();
    await page.getByRole('button', { name: `Delete ${keys.length} selected …` }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete from examplebucket' });
    await dialog.getByText('and 1 other').waitFor();
    await dialog.getByText('They cannot be brought back.').waitFor();
    await dialog.getByRole('button', { name: `Delete ${keys.length} objects` }).click();
    await upload(page).getByText(`${keys.length} of ${keys.length} objects done`).waitFor();
    await page.getByText('There is nothing in this bucket.').waitFor();
    await page.getByText('There is no such object any more').waitFor();
    expect(errors).toEqual([]);
  });

  it.each([
    ['without entries', 'drop.items[0].webkitGetAsEntry = () => null'],
    ['of a browser that has no entries', 'DataTransferItem.prototype.webkitGetAsEntry = undefined'],
  ])('come from a drop %s, as from a script or another program', async (_name, prepare) => {
    const { endpoint } = await startTestEmulator();
    const { page, errors } = await openConsole(endpoint, BUCKET);
    await page.getByText('There is nothing in this bucket.').waitFor();
    await page.evaluate(`{
      const drop = new DataTransfer();
      drop.items.add(new File(['bytes'], 'a.txt'));
      drop.items.add('a text', 'text/plain');
      const items = [...drop.items];
      Object.defineProperty(drop, 'items', { value: items });
      ${prepare};
      document.dispatchEvent(new DragEvent('drop', { dataTransfer: drop, bubbles: true, cancelable: true }));
    }`);
    await upload(page).getByText('1 of 1 file done').waitFor();
    const { text } = await signedRequest(endpoint, { bucket: 'examplebucket', key: 'a.txt' });
    expect(text).toBe('bytes');
    expect(errors).toEqual([]);
  });

  it('come from a folder that is dropped, with those in its folders', async () => {
    const { endpoint } = await startTestEmulator();
    await putText(endpoint, 'examplebucket', 'in/clips/old.txt', 'as it was');
    const many = Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`clips/deep/${i}.ts`, `${i}`]));
    const folder = await folderOf({ ...many, 'clips/old.txt': 'another', 'clips/a.m3u8': '#EXTM3U' });
    const { page, errors } = await openConsole(endpoint, `${BUCKET}?folder=in%2F`);
    await page.getByRole('link', { name: 'clips/' }).waitFor();
    const drop = await dragIn(page, [join(folder, 'clips')]);
    await page.getByText('Drop files and folders to upload them to examplebucket/in/').waitFor();
    await drop();
    await upload(page).getByText('121 of 122 files done, 1 failed').waitFor();
    const reason = await upload(page).locator('.batch-reasons li').textContent();
    expect(reason).toMatch(/^1 time, first clips\/old\.txt: FileAlreadyExists: /);
    const { text } = await signedRequest(endpoint, { bucket: 'examplebucket', key: 'in/clips/old.txt' });
    expect(text).toBe('as it was');
    const made = await signedRequest(endpoint, { bucket: 'examplebucket', key: 'in/clips/a.m3u8' });
    expect([made.text, made.headers.get('content-type')]).toEqual(['#EXTM3U', expect.stringMatching(/mpegurl/i)]);
    const { headers } = await signedRequest(endpoint, { bucket: 'examplebucket', key: 'in/clips/deep/119.ts' });
    expect(headers.get('content-type')).toMatch(/^video\//);

    await page.getByRole('searchbox').pressSequentially('made/here/');
    await page.getByText('There is nothing in this folder.').waitFor();
    await (await dragIn(page, [join(folder, 'clips/a.m3u8')]))();
    await expect.poll(() => namesIn(page)).toEqual(['a.m3u8']);
    const inMade = await signedRequest(endpoint, { bucket: 'examplebucket', key: 'in/made/here/a.m3u8' });
    expect(inMade.text).toBe('#EXTM3U');

    await page.getByRole('searchbox').fill('');
    await page.getByLabel('Replace existing').check();
    await (await dragIn(page, [join(folder, 'clips/old.txt')]))();
    await upload(page).getByText('1 of 1 file done').nth(1).waitFor();
    const replaced = await signedRequest(endpoint, { bucket: 'examplebucket', key: 'in/old.txt' });
    expect(replaced.text).toBe('another');
    expect(errors).toEqual([]);
  }, 120_000);

  it('are refused above 5 GiB before anything is sent', async () => {
    const { endpoint } = await startTestEmulator();
    const folder = await folderOf({ 'small.txt': 'small' });
    const large = await open(join(folder, 'large.bin'), 'w');
    await large.truncate(5 * 1024 ** 3 + 1);
    await large.close();
    const { page, requested } = await openConsole(endpoint, BUCKET);
    await page.getByText('There is nothing in this bucket.').waitFor();
    await (await dragIn(page, [join(folder, 'large.bin'), join(folder, 'small.txt')]))();
    await upload(page).getByText('1 of 2 files done, 1 failed').waitFor();
    const reason = 'It is larger than 5 GiB, the most that PutObject takes; upload it in parts, with an SDK.';
    await upload(page).getByText(`first large.bin: ${reason}`).waitFor();
    expect(requested.filter((url) => url.includes('/large.bin'))).toEqual([]);
    expect(requested.some((url) => url.includes('/small.txt'))).toBe(true);
  });

  it('that are not yet sent stay away when the upload is cancelled, and another page can be looked at meanwhile', async () => {
    const { endpoint, emulator } = await startTestEmulator();
    const files = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`f/${String(i).padStart(2, '0')}`, 'x']));
    const folder = await folderOf(files);
    emulator.faults.add({ match: { operation: 'PutObject' }, effect: { delayMs: 3_600_000 }, skip: 6 });
    const { page, errors } = await openConsole(endpoint, BUCKET);
    await page.getByText('There is nothing in this bucket.').waitFor();
    await (await dragIn(page, [join(folder, 'f')]))();
    await upload(page).getByText('6 of 40 files done').waitFor();
    await page.getByRole('link', { name: 'Faults' }).click();
    await page.getByText(/^fired [1-4] of/).waitFor();
    await upload(page).getByText('6 of 40 files done').waitFor();
    await page.getByRole('link', { name: 'Log' }).click();
    await upload(page).getByRole('button', { name: 'Cancel' }).click();
    await upload(page).waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Buckets' }).click();
    await upload(page).getByText('6 of 40 files done, then cancelled').waitFor();
    emulator.faults.clear();
    await upload(page)
      .getByRole('button', { name: /^Dismiss/ })
      .click();
    await page.getByRole('link', { name: 'f/' }).click();
    await expect.poll(() => namesIn(page)).toHaveLength(6);
    expect(errors).toEqual([]);
  });

  it('tell of every kind of failure once, with a count', async () => {
    const { endpoint } = await startTestEmulator();
    const folder = await folderOf(Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`f/${i}`, 'x'])));
    const { page } = await openConsole(endpoint, `${BUCKET}?folder=${'x'.repeat(1022)}%2F`);
    await page.getByText('There is nothing in this folder.').waitFor();
    await (await dragIn(page, [join(folder, 'f')]))();
    await upload(page).getByText('0 of 20 files done, 20 failed').waitFor();
    const reasons = await upload(page).locator('.batch-reasons li').allTextContents();
    expect(reasons).toEqual([
      expect.stringMatching(/^20 times, first f\/\d+: InvalidObjectName: The Length of Object/),
    ]);
    await page.goto(`${endpoint}/_emulator/${BUCKET}?folder=%2Fleading%2F`);
    await (await dragIn(page, [join(folder, 'f/1')]))();
    await upload(page)
      .getByText(/first 1: InvalidObjectName: The specified object is not valid\./)
      .waitFor();
  });

  it('stay on the page while the emulator does not answer, and what is uploaded meanwhile is counted as failed', async () => {
    const { endpoint, stop, startAnew } = await startReplacedEmulator();
    await putText(endpoint, 'examplebucket', 'a.txt', 'x');
    const folder = await folderOf({ 'f/1': 'x', 'f/2': 'x' });
    const { page, errors } = await openConsole(endpoint, BUCKET);
    await page.getByRole('link', { name: 'a.txt' }).waitFor();
    await stop();
    await page.getByRole('status').getByText('The emulator does not answer.').waitFor();
    await (await dragIn(page, [join(folder, 'f')]))();
    await upload(page).getByText('0 of 2 files done, 2 failed').waitFor();
    await upload(page)
      .getByText(/2 times, first f.[12]: The emulator does not answer/)
      .waitFor();
    expect(await namesIn(page)).toEqual(['a.txt']);

    const again = await startAnew();
    await page.getByText('There is nothing in this bucket.').waitFor();
    await putText(again.endpoint, 'examplebucket', 'b.txt', 'x');
    await expect.poll(() => namesIn(page)).toEqual(['b.txt']);
    expect(errors).toEqual([]);
  });

  it('are not uploaded by what a proxy answers, also with status 200', async () => {
    const { endpoint } = await startTestEmulator();
    const folder = await folderOf({ 'f/1': 'x', 'f/2': 'x' });
    const { page, errors } = await openConsole(endpoint, BUCKET);
    await page.getByText('There is nothing in this bucket.').waitFor();
    await page.route(/^[^#]*\/examplebucket/, (route) =>
      route.fulfill({ contentType: 'text/html', body: '<p>Log in</p>' }),
    );
    await (await dragIn(page, [join(folder, 'f')]))();
    await upload(page).getByText('0 of 2 files done, 2 failed').waitFor();
    await upload(page)
      .getByText(/2 times, first f.[12]: Not the emulator has answered, but something between, as a proxy: HTTP 200/)
      .waitFor();
    await page.unrouteAll();
    expect((await signedRequest(endpoint, { bucket: 'examplebucket', key: 'f/1' })).status).toBe(404);
    expect(errors).toEqual([]);
  });

  it('go with their folder, by the number that the page has told', async () => {
    const { endpoint } = await startTestEmulator();
    const objects = (folder: string, number: number) =>
      Array.from({ length: number }, (_, i) => ({ key: `${folder}/${i}`, text: 'x' }));
    const day = objects('day', 1100);
    const hour = objects('hour', 60);
    await seed(endpoint, [{ name: 'examplebucket', objects: [...day, ...hour, { key: 'kept', text: 'x' }] }]);
    const { page } = await openConsole(endpoint, BUCKET);
    await page.getByLabel('Select hour/').check();
    await page.getByLabel('Select day/').check();
    await page.getByRole('button', { name: 'Delete 2 selected …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete from examplebucket' });
    await dialog.getByRole('button', { name: 'Delete 1,160 objects' }).waitFor();
    await dialog.getByText('These go: 1,160 objects, with all that is in 2 folders.').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await page.getByLabel('Select day/').uncheck();
    await page.getByRole('button', { name: 'Delete 1 selected …' }).click();
    await dialog.getByRole('button', { name: 'Delete 60 objects' }).click();
    await upload(page).getByText('60 of 60 objects done').waitFor();
    await expect.poll(() => namesIn(page)).toEqual(['day/', 'kept']);
  });

  it('are not selected because others of their names, or of their folder, were', async () => {
    const { endpoint } = await startTestEmulator();
    for (const key of ['a.txt', 'b.txt', 'f/1']) await putText(endpoint, 'examplebucket', key, 'x');
    const { page, errors } = await openConsole(endpoint, BUCKET);
    // Of the deletion the list hears only after the new objects are there.
    const lists = { areHeld: false, held: new EventEmitter() };
    await page.route(/list-type=2/, async (route) => {
      if (lists.areHeld) await once(lists.held, 'release');
      await route.continue();
    });
    await page.getByLabel('Select a.txt').check();
    await page.getByLabel('Select f/').check();
    await page.getByRole('button', { name: 'Delete 2 selected …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete from examplebucket' });
    const confirm = dialog.getByRole('button', { name: 'Delete 2 objects' });
    await expect.poll(() => confirm.isEnabled()).toBe(true);
    lists.areHeld = true;
    await confirm.click();
    await upload(page).getByText('2 of 2 objects done').waitFor();
    for (const key of ['a.txt', 'f/1']) await putText(endpoint, 'examplebucket', key, 'another');
    await expect.poll(() => page.getByLabel('Select a.txt').isChecked()).toBe(false);
    expect(await page.getByLabel('Select f/').isChecked()).toBe(false);
    lists.areHeld = false;
    lists.held.emit('release');

    await page.getByLabel('Select b.txt').check();
    await signedRequest(endpoint, { method: 'DELETE', bucket: 'examplebucket', key: 'b.txt' });
    await expect.poll(() => namesIn(page)).toEqual(['f/', 'a.txt']);
    await putText(endpoint, 'examplebucket', 'b.txt', 'another');
    await page.getByLabel('Select b.txt').waitFor();
    expect(await page.getByLabel('Select b.txt').isChecked()).toBe(false);
    expect(errors).toEqual([]);
  });

  it('that another page deletes are gone on this one too, and so is their bucket', async () => {
    const { endpoint } = await startTestEmulator();
    await seed(endpoint, [{ name: 'shared', objects: [{ key: 'a.txt', text: 'x' }] }]);
    const first = await openConsole(endpoint, '#/buckets/shared?object=a.txt');
    const second = await openConsole(endpoint, '#/buckets/shared?object=a.txt');
    await first.page.getByRole('button', { name: 'Download' }).waitFor();
    await second.page.getByRole('button', { name: 'Delete …', exact: true }).click();
    await second.page.getByRole('button', { name: 'Delete 1 object' }).click();
    for (const { page } of [first, second]) {
      await page.getByText('There is no such object any more').waitFor();
      await page.getByText('There is nothing in this bucket.').waitFor();
    }
    await second.page.getByRole('link', { name: 'Settings' }).click();
    await second.page.getByRole('button', { name: 'Delete the bucket …' }).click();
    await second.page.getByRole('button', { name: 'Delete the bucket', exact: true }).click();
    await second.page.getByRole('heading', { name: 'examplebucket' }).waitFor();
    await first.page.getByRole('heading', { name: 'There is no bucket shared' }).waitFor();
    expect([...first.errors, ...second.errors]).toEqual([]);
  });
});

async function textOfDownload(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
