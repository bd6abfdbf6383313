/** The page of an emulator whose process is stopped for a while. Only the page's own time is moved. */
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { startServing } from '../e2e/command.ts';
import { describeWith } from '../support/tools.ts';
import { CHROMIUM, withConsole } from './support/browser.ts';

const LIMIT_MS = 15_000;

/** A heartbeat that was on its way may have come since the last step. */
async function passUntilToldOf(page: Page, text: string): Promise<void> {
  await expect
    .poll(async () => {
      await page.clock.fastForward(LIMIT_MS);
      return page.getByRole('status').getByText(text).isVisible();
    })
    .toBe(true);
}

describeWith([CHROMIUM], 'an emulator that hangs', () => {
  const openConsole = withConsole();

  async function openHanging(hash: string) {
    const command = await startServing('--memory', '--rtmp-port', 'off');
    const endpoint = `http://127.0.0.1:${command.port}`;
    const view = await openConsole(endpoint, hash, { hasOwnTime: true });
    return { ...view, ...command, endpoint };
  }

  it('is told of, with the time, and nothing typed is lost until it goes on', async () => {
    const { page, errors, child } = await openHanging('#/channels/examplebucket/test-channel?form=edit');
    await page.getByLabel('Description').fill('Typed before it hung');
    child.kill('SIGSTOP');
    await passUntilToldOf(page, 'The emulator does not answer.');
    const banner = page.getByRole('status');
    await banner
      .getByText(/It was last heard of at \d\d:\d\d:\d\d\. It takes connections, but it is stopped/)
      .waitFor();
    await page.getByLabel('Description').fill('Typed while it hung');

    child.kill('SIGCONT');
    await banner.getByText('The emulator does not answer.').waitFor({ state: 'detached' });
    expect(await page.getByLabel('Description').inputValue()).toBe('Typed while it hung');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Typed while it hung').waitFor();
    expect(errors).toEqual([]);
  });

  it('costs no change that was sent: the form says that it may still be done, and keeps what is in it', async () => {
    const { page, errors, child } = await openHanging('#/channels?form=new');
    await page.getByLabel('ChannelName').fill('late');
    child.kill('SIGSTOP');
    await page.getByRole('button', { name: 'Create the channel' }).click();
    await page.clock.fastForward(60_000);
    await page
      .getByRole('alert')
      .getByText('has not answered for 60 s. What was asked for may still be done')
      .waitFor();
    expect(await page.getByLabel('ChannelName').inputValue()).toBe('late');
    child.kill('SIGCONT');
    await page.getByRole('status').getByText('The emulator does not answer.').waitFor({ state: 'detached' });
    expect(errors).toEqual([]);
  });

  it('is waited for when all of an upload is sent, longer than for a change', async () => {
    const { page, errors, child } = await openHanging('#/buckets/examplebucket');
    await page.getByText('There is nothing in this bucket.').waitFor();
    let sent = () => {};
    const isSent = new Promise<void>((resolve) => {
      sent = resolve;
    });
    await page.route('**/examplebucket/a.txt?*', async (route) => {
      child.kill('SIGSTOP');
      await route.continue();
      sent();
    });
    await page
      .getByLabel('Upload files')
      .last()
      .setInputFiles([{ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('x') }]);
    await isSent;
    await page.clock.fastForward(60_000);
    child.kill('SIGCONT');
    await page.getByText('1 of 1 file done').waitFor();
    await page.getByRole('link', { name: 'a.txt' }).waitFor();
    expect(await page.getByText('has not answered').count()).toBe(0);
    expect(errors).toEqual([]);
  });

  it('leaves a change undecided, which is said until it is dismissed, on every page', async () => {
    const { page, errors, child } = await openHanging('#/channels/examplebucket/test-channel');
    await page.getByRole('button', { name: 'Disable' }).waitFor();
    child.kill('SIGSTOP');
    await page.getByRole('button', { name: 'Disable' }).click();
    await passUntilToldOf(page, 'The emulator does not answer.');
    const status = page.getByRole('status');
    const notice = status.getByText('has not answered for 60 s. What was asked for may still be done');
    await passUntilToldOf(page, 'has not answered for 60 s.');
    await page.clock.fastForward(60_000);
    child.kill('SIGCONT');
    await status.getByText('The emulator does not answer.').waitFor({ state: 'detached' });
    await page.clock.fastForward(60_000);
    await page.getByRole('link', { name: 'Log' }).click();
    await notice.waitFor();
    await notice.getByRole('button', { name: 'Dismiss' }).click();
    await notice.waitFor({ state: 'detached' });
    expect(errors).toEqual([]);
  });

  it('is asked again for what is in a bucket', async () => {
    const { page, errors, child, endpoint } = await openHanging('#/buckets/examplebucket');
    await page.getByText('There is nothing in this bucket.').waitFor();
    const put = await fetch(`${endpoint}/examplebucket/a.txt`, { method: 'PUT', body: 'x' });
    expect(put.status).toBe(200);
    await page.getByRole('link', { name: 'a.txt' }).waitFor();
    child.kill('SIGSTOP');
    await passUntilToldOf(page, 'The emulator does not answer.');
    await page.getByRole('link', { name: 'a.txt' }).click();
    await page.clock.fastForward(60_000);
    child.kill('SIGCONT');
    await page.getByRole('complementary').getByText('a.txt').first().waitFor();
    await page.getByText('text/plain').first().waitFor();
    expect(errors).toEqual([]);
  });
});
