/** Requests of the log that are copied and sent again, and what the address of the log keeps. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import OSS from 'ali-oss';
import { expect, it } from 'vitest';
import { channelConfig, startTestEmulator } from '../../support/emulator.ts';
import { describeWith } from '../../support/tools.ts';
import { CHROMIUM, withConsole } from '../support/browser.ts';

const run = promisify(execFile);

describeWith([CHROMIUM], 'a request of the log', () => {
  const openConsole = withConsole();

  it('is sent again with a signature of the emulator', async () => {
    const { client, endpoint } = await startTestEmulator();
    const { page, errors } = await openConsole(endpoint, '#/log');
    await client.putChannel('cam', channelConfig({ FragCount: 9 }));
    await client.deleteChannel('cam');
    await page.getByRole('button', { name: 'PutLiveChannel' }).click();
    const details = page.getByRole('complementary', { name: 'Details of the entry' });
    await details.getByRole('button', { name: 'Send again' }).click();
    await details.getByRole('status').getByText('200').waitFor();
    await details.getByRole('status').getByText('<CreateLiveChannelResult').waitFor();
    expect((await client.getChannel('cam')).data).toMatchObject({ Target: { FragCount: '9' } });

    const before = page.url();
    await details.getByRole('link', { name: 'Show it in the log' }).click();
    await expect.poll(() => page.url()).not.toBe(before);
    await page.goBack();
    await expect.poll(() => page.url()).toBe(before);
    expect(errors).toEqual([]);
  });

  it('that was refused for its signature is answered when it is sent again', async () => {
    const { client, endpoint, port } = await startTestEmulator();
    await client.put('a b.txt', Buffer.from('what it says'));
    await client.putACL('a b.txt', 'private');
    const stranger = new OSS({
      endpoint: `http://localhost:${port}`,
      bucket: 'examplebucket',
      accessKeyId: 'emulator-ak',
      accessKeySecret: 'wrong',
      sldEnable: true,
    } as OSS.Options);
    await expect(stranger.get('a b.txt')).rejects.toMatchObject({ status: 403 });
    const { page } = await openConsole(endpoint, '#/log?refused=yes');
    await page.getByRole('button', { name: 'GET' }).click();
    const details = page.getByRole('complementary', { name: 'Details of the entry' });
    await details.getByRole('button', { name: 'Send again' }).click();
    await details.getByRole('status').getByText('what it says').waitFor();
  });

  it('has no button where its body is not kept', async () => {
    const { client, endpoint } = await startTestEmulator();
    const { page } = await openConsole(endpoint, '#/log');
    await client.put('a.txt', Buffer.from('bytes'));
    await page.getByRole('button', { name: 'PutObject' }).click();
    const details = page.getByRole('complementary', { name: 'Details of the entry' });
    await details.getByText('the log does not keep its body').waitFor();
    expect(await details.getByRole('button', { name: 'Send again' }).count()).toBe(0);
    await details.getByText('--data-binary @BODY_FILE').waitFor();
    await details.getByRole('tab', { name: 'Go' }).click();
    await details.getByText('bucket.PutObjectFromFile("a.txt", "BODY_FILE")').waitFor();
  });

  it('is not offered as another one where its path cannot be read', async () => {
    const { endpoint } = await startTestEmulator();
    const { page } = await openConsole(endpoint, '#/log');
    await fetch(`${endpoint}/examplebucket/%zz`, { method: 'DELETE' });
    await page.getByRole('button', { name: 'DELETE' }).click();
    const details = page.getByRole('complementary', { name: 'Details of the entry' });
    await details.getByText('the log does not keep its path').waitFor();
    expect(await details.getByRole('button', { name: 'Send again' }).count()).toBe(0);
    expect(await details.getByRole('tab').count()).toBe(0);
  });

  it('is in the address with the filter: it can be loaded again, and gone back from', async () => {
    const { client, endpoint } = await startTestEmulator();
    await client.putChannel('cam', channelConfig());
    await client.getChannel('cam');
    const { page, errors } = await openConsole(endpoint, '#/log');
    await page.getByRole('searchbox', { name: 'Text' }).fill('cam');
    await page.getByRole('button', { name: 'API', exact: true }).click();
    await page.getByRole('button', { name: 'PutLiveChannel' }).click();
    const details = page.getByRole('complementary', { name: 'Details of the entry' });
    await details.getByRole('heading', { name: 'PutLiveChannel' }).waitFor();
    await expect.poll(() => page.url()).toMatch(/#\/log\/\d+\?filter=cam&kind=api$/);

    await page.reload();
    await details.getByRole('heading', { name: 'PutLiveChannel' }).waitFor();
    expect(await page.getByRole('searchbox', { name: 'Text' }).inputValue()).toBe('cam');
    expect(await page.getByRole('button', { name: 'API', exact: true }).getAttribute('aria-pressed')).toBe('true');

    await page.getByRole('button', { name: 'GetLiveChannelInfo' }).click();
    await details.getByRole('heading', { name: 'GetLiveChannelInfo' }).waitFor();
    await page.goBack();
    await details.getByRole('heading', { name: 'PutLiveChannel' }).waitFor();
    await page.goBack();
    await details.waitFor({ state: 'detached' });
    await expect.poll(() => page.url()).toMatch(/#\/log\?filter=cam&kind=api$/);
    expect(errors).toEqual([]);
  });

  it('that is forgotten says so', async () => {
    const { client, endpoint } = await startTestEmulator();
    await client.getChannel('test-channel');
    const { page } = await openConsole(endpoint, '#/log/999999');
    await page.getByText('There is no entry 999999 in the log, or not any more').waitFor();
  });
});

describeWith([CHROMIUM, 'curl'], 'a curl line of the log', () => {
  const openConsole = withConsole();

  it('works in a shell as it is shown', async () => {
    const { client, endpoint } = await startTestEmulator();
    await client.putChannel('cam', channelConfig({ FragDuration: 13 }));
    await client.deleteChannel('cam');
    const { page } = await openConsole(endpoint, '#/log');
    await page.getByRole('button', { name: 'PutLiveChannel' }).click();
    const line = await page.getByRole('tabpanel', { name: 'curl' }).locator('code').textContent();
    await run('sh', ['-c', line ?? '']);
    expect((await client.getChannel('cam')).data).toMatchObject({ Target: { FragDuration: '13' } });
  });
});
