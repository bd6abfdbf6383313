/** One object on the page: played, with its addresses, ACL and versions. */
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { clip, startTestEmulator, type TestEmulator } from '../../support/emulator.ts';
import { describeWith } from '../../support/tools.ts';
import { CHROMIUM, MEDIA, playback, withConsole } from '../support/browser.ts';
import { putConfiguration, putText, seed, signedRequest } from './support.ts';

const VERSIONING = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>';

function objectAddress(bucket: string, key: string): string {
  return `#/buckets/${bucket}?object=${encodeURIComponent(key)}`;
}

/** Recordings of one minute with a VOD playlist of them. Returns the key of a fragment. */
async function seedPrivateRecordings({ endpoint }: TestEmulator): Promise<string> {
  const recordings = [{ from: '-3m', to: '-2m' }];
  await seed(endpoint, [{ name: 'closed', acl: 'private', channels: [{ name: 'cam', recordings }] }]);
  const range = { from: '-4m', to: '-1m' };
  const vod = await fetch(`${endpoint}/_emulator/channels/closed/cam/vod`, {
    method: 'POST',
    body: JSON.stringify(range),
  });
  if (!vod.ok) throw new Error(await vod.text());
  const { text } = await signedRequest(endpoint, { bucket: 'closed', query: { prefix: 'cam/1' } });
  const [, key = ''] = /<Key>(cam\/\d+\.ts)<\/Key>/.exec(text) ?? [];
  return key;
}

describeWith([CHROMIUM], 'an object on the page', () => {
  const openConsole = withConsole();

  it('is played, a playlist and a fragment of a private bucket too', async () => {
    const emulator = await startTestEmulator();
    const fragment = await seedPrivateRecordings(emulator);
    for (const key of ['cam/vod.m3u8', fragment]) {
      const { page, errors } = await openConsole(emulator.endpoint, objectAddress('closed', key));
      await page.getByRole('button', { name: 'Play' }).click();
      const video = page.getByLabel(key, { exact: true });
      await expect.poll(async () => (await playback(video)).timeSec, MEDIA).toBeGreaterThan(0.5);
      expect((await playback(video)).frames).toBeGreaterThan(0);
      expect(errors).toEqual([]);
    }
  }, 120_000);

  it('says of FLV that browsers do not play it, and shows a picture', async () => {
    const { endpoint } = await startTestEmulator();
    const put = async (key: string, body: Buffer, type: string) => {
      const headers = { 'content-type': type };
      await signedRequest(endpoint, { method: 'PUT', bucket: 'examplebucket', key, headers }, body);
    };
    await put('clip.flv', await readFile(clip('h264-aac.flv')), 'video/x-flv');
    const pixel = 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';
    await put('pixel', Buffer.from(pixel, 'base64'), 'image/gif');
    const { page } = await openConsole(endpoint, objectAddress('examplebucket', 'clip.flv'));
    await page.getByText('Browsers play no FLV files; download it, and play it with ffplay or VLC.').waitFor();
    await page.getByRole('link', { name: 'pixel' }).click();
    await page.getByRole('button', { name: 'Show' }).click();
    const picture = page.getByRole('img', { name: 'pixel' });
    await expect.poll(() => picture.evaluate((element: { naturalWidth: number }) => element.naturalWidth)).toBe(1);
  });

  it('has addresses to copy, for everybody and signed', async () => {
    const { endpoint, client } = await startTestEmulator();
    await client.putBucketACL('examplebucket', 'private');
    const key = 'a b/100%#?.txt';
    const content = 'content'.repeat(1000);
    await putText(endpoint, 'examplebucket', key, content);
    const { page } = await openConsole(endpoint, objectAddress('examplebucket', key));
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const copied = async (what: string) => {
      await page.getByRole('button', { name: `Copy ${what}` }).click();
      await page.getByText('Copied').waitFor();
      return page.evaluate<string>('navigator.clipboard.readText()');
    };
    const plain = await copied('plain address');
    expect(plain).toBe(`${endpoint}/examplebucket/a%20b/100%25%23%3F.txt`);
    await page.getByLabel('Valid for').selectOption({ label: '7 d' });
    await expect.poll(() => copied('signed address')).toContain('x-oss-expires=604800');
    expect(await (await fetch(await copied('signed address'))).text()).toBe(content);
    expect((await fetch(plain)).status).toBe(403);
    const headers = page.locator('.entry-facts');
    expect(await headers.textContent()).toMatch(/content-length7000.*etag"[0-9A-F]{32}"/);

    await page.getByLabel('ACL').selectOption('public-read');
    await expect.poll(async () => (await fetch(plain)).status).toBe(200);
    await page.getByText('x-oss-object-type').waitFor();
  });

  it('is found, with its versions, after it was deleted', async () => {
    const { endpoint } = await startTestEmulator();
    await putText(endpoint, 'examplebucket', 'a.txt', 'x');
    const { page, errors } = await openConsole(endpoint, '#/buckets/examplebucket');
    const rows = () => page.locator('.object-name').allTextContents();
    await expect.poll(rows).toEqual(['a.txt']);
    expect(await page.getByLabel('Show deleted').count()).toBe(0);
    await putConfiguration(endpoint, 'examplebucket', 'versioning', VERSIONING);
    // More versions than one answer has.
    await page.route('**/_emulator/presign', (route) =>
      route.continue({ postData: (route.request().postData() ?? '').replace('"max-keys":"1000"', '"max-keys":"3"') }),
    );
    for (const key of ['gone/1', 'b.txt', 'b.txt', 'b.txt', 'b.txt', 'c.txt', 'd.txt'])
      await putText(endpoint, 'examplebucket', key, 'x');
    for (const key of ['gone/1', 'a.txt', 'c.txt']) {
      await signedRequest(endpoint, { method: 'DELETE', bucket: 'examplebucket', key });
    }
    await expect.poll(rows).toEqual(['b.txt', 'd.txt']);
    await page.getByLabel('Show deleted').check();
    await expect.poll(rows).toEqual(['gone/', 'a.txtdeleted', 'b.txt', 'c.txtdeleted', 'd.txt']);
    await page.getByLabel('Select all that are shown').check();
    await page.getByRole('button', { name: 'Delete 3 selected …' }).waitFor();

    await page.getByRole('link', { name: 'c.txt' }).click();
    const versions = page.getByRole('table', { name: 'Versions of c.txt' });
    await versions.getByText('delete marker').waitFor();
    await versions
      .getByRole('row', { name: /delete marker/ })
      .getByRole('button', { name: /^Delete version/ })
      .click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
    await expect.poll(rows).toEqual(['gone/', 'a.txtdeleted', 'b.txt', 'c.txt', 'd.txt']);
    await page.getByLabel('Show deleted').uncheck();
    await expect.poll(rows).toEqual(['b.txt', 'c.txt', 'd.txt']);
    expect(errors).toEqual([]);
  }, 120_000);

  it('has its versions, which can be downloaded and deleted', async () => {
    const { endpoint } = await startTestEmulator();
    await putConfiguration(endpoint, 'examplebucket', 'versioning', VERSIONING);
    for (const text of ['first', 'second']) await putText(endpoint, 'examplebucket', 'a.txt', text);
    await putText(endpoint, 'examplebucket', 'a.txt.other', 'x');
    const { page, errors } = await openConsole(endpoint, objectAddress('examplebucket', 'a.txt'));
    const versions = page.getByRole('table', { name: 'Versions of a.txt' });
    await expect.poll(() => versions.getByRole('row').count()).toBe(3);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      versions
        .getByRole('button', { name: /^Download version/ })
        .last()
        .click(),
    ]);
    expect(await readFile(await download.path(), 'utf8')).toBe('first');

    await page.getByRole('button', { name: 'Delete …', exact: true }).first().click();
    await page.getByText('each gets a delete marker, and its versions stay').waitFor();
    await page.getByRole('button', { name: 'Delete 1 object' }).click();
    await page.getByText('There is no such object any more').waitFor();
    await versions.getByText('delete marker').waitFor();
    expect(await versions.getByRole('row').count()).toBe(4);
    await versions
      .getByRole('row', { name: /delete marker/ })
      .getByRole('button')
      .click();
    const dialog = page.getByRole('dialog', { name: 'Delete a delete marker' });
    await dialog.getByText('The version before it becomes the object again.').waitFor();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Download', exact: true }).first().waitFor();
    expect((await signedRequest(endpoint, { bucket: 'examplebucket', key: 'a.txt' })).text).toBe('second');
    expect(errors).toEqual([]);
  });
});
