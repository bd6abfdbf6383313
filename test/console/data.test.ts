/** Seeds, resets, exports and imports from the page. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { channelConfig, startTestEmulator } from '../support/emulator.ts';
import { describeWith } from '../support/tools.ts';
import { CHROMIUM, WATCH_PROGRESS, withConsole } from './support/browser.ts';

describeWith([CHROMIUM], 'data on the page', () => {
  const openConsole = withConsole();

  it('is made of an example, of what is typed, and of a file', async () => {
    const { endpoint, client } = await startTestEmulator();
    const { page, errors } = await openConsole(endpoint, '#/data');
    const panel = page.getByRole('region', { name: 'Seed' });
    await panel.getByRole('button', { name: 'Many channels' }).click();
    await panel.getByRole('button', { name: 'Seed', exact: true }).click();
    await panel.getByText(/^Made 1 bucket, 0 objects, 20 channels and 0 fragments in/).waitFor();
    await page.getByRole('row', { name: /cameras 0 0 B 20/ }).waitFor();

    await panel.getByLabel('Seed document').fill('{"buckets": [{"nam": "x"}]}');
    await panel.getByRole('button', { name: 'Seed', exact: true }).click();
    await panel.getByRole('alert').getByText('did you mean "name"?').waitFor();
    await panel.getByLabel('Seed document').fill('{"buckets": [');
    await panel.getByRole('button', { name: 'Seed', exact: true }).click();
    await panel.getByRole('alert').getByText('The request is not JSON').waitFor();
    await page.reload();
    expect(await panel.getByLabel('Seed document').inputValue()).toBe('{"buckets": [');

    const seed = { buckets: [{ name: 'examplebucket', objects: [{ key: 'big', text: 'x'.repeat(300_000) }] }] };
    await panel.getByLabel('Choose a file').setInputFiles({
      name: 'seed.json',
      mimeType: 'application/json',
      buffer: Buffer.from(JSON.stringify(seed)),
    });
    await panel.getByText('seed.json is too long to be shown here.').waitFor();
    await panel.getByRole('button', { name: 'Seed', exact: true }).click();
    await panel.getByText(/^Made 1 bucket, 1 object, /).waitFor();
    expect((await client.head('big')).res.headers).toMatchObject({ 'content-length': '300000' });
    expect(errors).toEqual([]);
  });

  it('goes with a reset, after a question that says what goes', async () => {
    const { endpoint, client, emulator } = await startTestEmulator();
    await client.put('a.txt', Buffer.from('12345'));
    await client.putChannel('cam', channelConfig());
    // Nothing is recorded while time stands still.
    emulator.clock.freeze();
    await emulator.control.publishes.start({ channel: 'cam', durationSec: 600 });
    emulator.faults.add({ match: { operation: 'GetBucketInfo' }, effect: { code: 'InternalError' } });
    const { page, errors } = await openConsole(endpoint, '#/data');
    const panel = page.getByRole('region', { name: 'Reset' });
    await panel.getByRole('button', { name: 'Reset …' }).click();
    const question = page.getByRole('dialog', { name: 'Reset everything?' });
    await question.getByText('1 push to channels that go on now end').waitFor();
    await question
      .getByText(/^1 object \(5 B\) and 2 channels with their recordings and history go, in 1 bucket\.$/)
      .waitFor();
    await question.getByText('1 fault rule').waitFor();
    await question.getByText('The clock is moved now').waitFor();
    await question.getByRole('button', { name: 'Cancel' }).click();
    expect((await client.head('a.txt')).status).toBe(200);

    await panel.getByRole('button', { name: 'Reset …' }).click();
    await question.getByRole('button', { name: 'Reset everything' }).click();
    await panel.getByText('It is as it was started.').waitFor();
    await expect(client.head('a.txt')).rejects.toMatchObject({ status: 404 });
    expect((await client.getChannel('test-channel')).res.status).toBe(200);
    expect(errors).toEqual([]);
  });

  it('of one bucket goes alone', async () => {
    const { endpoint, client } = await startTestEmulator({
      buckets: [
        { name: 'examplebucket', acl: 'public-read' },
        { name: 'other', acl: 'private' },
      ],
    });
    await client.put('a.txt', Buffer.from('1'));
    client.useBucket('other');
    await client.put('b.txt', Buffer.from('1'));
    const { page } = await openConsole(endpoint, '#/data');
    const panel = page.getByRole('region', { name: 'Reset' });
    await panel.getByLabel('What').selectOption('The bucket other');
    await panel.getByRole('button', { name: 'Reset …' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Reset the bucket' }).click();
    await panel.getByText('It is as it was started.').waitFor();
    await expect(client.head('b.txt')).rejects.toMatchObject({ status: 404 });
    client.useBucket('examplebucket');
    expect((await client.head('a.txt')).status).toBe(200);
  });

  it('is carried to another emulator in one file, and a file that is none changes nothing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'export-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const from = await startTestEmulator();
    await from.client.put('a.txt', Buffer.from('carried'));
    const { page: source } = await openConsole(from.endpoint, '#/data');
    const downloading = source.waitForEvent('download');
    await source.getByRole('button', { name: 'Export', exact: true }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toMatch(/^oss-livechannel-\d{4}-\d\d-\d\d-\d{6}\.tar$/);
    const file = join(folder, 'export.tar');
    await download.saveAs(file);

    const to = await startTestEmulator();
    await to.client.put('b.txt', Buffer.from('stays at first'));
    const { page, errors } = await openConsole(to.endpoint, '#/data');
    const panel = page.getByRole('region', { name: 'Export and import' });
    const bytes = await readFile(file);
    const cut = join(folder, 'cut.tar');
    await writeFile(cut, bytes.subarray(0, bytes.length / 2));
    const send = async (path: string) => {
      await panel.getByLabel('File to import').setInputFiles(path);
      await panel.getByRole('button', { name: 'Import …' }).click();
      await page.getByRole('dialog').getByText('1 object (').waitFor();
      await page.getByRole('dialog').getByRole('button', { name: 'Replace everything' }).click();
    };
    await send(cut);
    await panel.getByRole('alert').getByText(/\S/).waitFor();
    expect((await to.client.head('b.txt')).status).toBe(200);
    await panel.getByText(/it has no access keys, but the secrets in what is configured/).waitFor();
    await send(file);
    await panel.getByText(/^Imported 1 bucket, 1 object and 1 channel\.$/).waitFor();
    expect((await to.client.get('a.txt')).content.toString()).toBe('carried');
    await expect(to.client.head('b.txt')).rejects.toMatchObject({ status: 404 });
    expect(errors).toEqual([]);
  });

  it('is not saved from what a proxy answers, and the page says so', async () => {
    const { endpoint } = await startTestEmulator();
    const { page, errors } = await openConsole(endpoint, '#/data');
    const saved: unknown[] = [];
    page.on('download', (download) => saved.push(download));
    await page.route('**/_emulator/export', (route) => route.fulfill({ contentType: 'text/html', body: '<html>' }));
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await page
      .getByRole('status')
      .getByText('Not the emulator has answered, but something between, as a proxy: HTTP 200.')
      .waitFor();
    expect(saved).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('shows how far a seed is', async () => {
    const { endpoint } = await startTestEmulator();
    const { page } = await openConsole(endpoint, '#/data');
    const recordings = [{ from: '-48h', to: '-1m' }];
    const seed = { buckets: [{ name: 'examplebucket', channels: [{ name: 'cam', fragDurationSec: 2, recordings }] }] };
    await page.getByLabel('Seed document').fill(JSON.stringify(seed));
    // The emulator runs in the process of the test, and keeps it busy meanwhile.
    await page.evaluate(WATCH_PROGRESS);
    await page.getByRole('button', { name: 'Seed', exact: true }).click();
    await page.getByText(/^Made 1 bucket, 0 objects, 1 channel and [\d,]+ fragments in/).waitFor();
    const seen = await page.evaluate<string[]>('window.seen');
    expect(seen).toContainEqual(expect.stringMatching(/^Seeding\d+ % \d of 3 parts$/));
    expect(await page.getByRole('progressbar').count()).toBe(0);
  });

  it('goes on while another page is shown', async () => {
    const { endpoint } = await startTestEmulator();
    const { page, errors } = await openConsole(endpoint, '#/data');
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route('**/_emulator/seed', async (route) => {
      await released;
      await route.continue();
    });
    await page.getByLabel('Seed document').fill('{"buckets": [{"nam": "x"}]}');
    await page.getByRole('button', { name: 'Seed', exact: true }).click();
    await page.getByRole('progressbar', { name: 'Seeding' }).waitFor();
    await page.getByRole('link', { name: 'Faults' }).click();
    await page.getByRole('heading', { name: 'No rule is set' }).waitFor();
    await page.getByRole('link', { name: 'Data' }).click();
    await page.getByRole('progressbar', { name: 'Seeding' }).waitFor();
    expect(await page.getByRole('button', { name: 'Seed', exact: true }).isDisabled()).toBe(true);
    release();
    // The form that was sent is not shown any more.
    await page.getByRole('status').getByText('did you mean "name"?').waitFor();
    await page.getByRole('progressbar', { name: 'Seeding' }).waitFor({ state: 'detached' });
    expect(errors).toEqual([]);
  });
});
