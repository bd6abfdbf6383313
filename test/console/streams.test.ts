/** What is recorded of streams, configured and cut from the page. */
import { expect, it } from 'vitest';
import { startTestEmulator } from '../support/emulator.ts';
import { describeWith } from '../support/tools.ts';
import { CHROMIUM, withConsole } from './support/browser.ts';

describeWith([CHROMIUM], 'recordings of streams on the page', () => {
  const openConsole = withConsole();

  it('are configured, with the reason of a refusal beside its field, and no more', async () => {
    const { endpoint, emulator } = await startTestEmulator();
    const { page, errors } = await openConsole(endpoint, '#/streams');
    await page.getByRole('link', { name: 'Record configurations' }).click();
    await page.getByText('Nothing is configured').waitFor();
    const form = page.getByRole('region', { name: 'New configuration' });
    await form.getByLabel('AppName').fill('app');
    await form.getByLabel('DelayTime').fill('1');
    await form.getByRole('button', { name: 'Add the configuration' }).click();
    await form.getByText('DelayTime must be 15 to 21600 seconds').waitFor();
    expect(await form.getByLabel('DelayTime').getAttribute('aria-invalid')).toBe('true');
    await form.getByLabel('DelayTime').fill('15');
    await form.getByLabel('OssBucket').fill('nowhere');
    await form.getByRole('button', { name: 'Add the configuration' }).click();
    await form.getByText('there is no bucket nowhere').waitFor();
    await form.getByLabel('OssBucket').fill('examplebucket');
    await form.getByRole('button', { name: 'Add the configuration' }).click();
    const row = page.getByRole('row', { name: /live\.example\.com\/app\/\*/ });
    await row.getByText('m3u8, slices of 5 s, a file every 1 h').waitFor();
    expect(await emulator.control.live.recordConfigs()).toMatchObject([{ app: 'app', delayTimeSec: 15 }]);

    await row.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete the configuration' }).click();
    await page.getByText('Nothing is configured').waitFor();
    expect(await emulator.control.live.recordConfigs()).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('are of streams with the addresses that other pages can use, unless a bucket hides them', async () => {
    const { endpoint, emulator, port } = await startTestEmulator();
    emulator.clock.freeze();
    for (const app of ['app', 'examplebucket']) {
      await emulator.control.publishes.start({ url: `rtmp://127.0.0.1:${port}/${app}/s1`, durationSec: 3_600 });
    }
    const { page } = await openConsole(endpoint, '#/streams/app/s1');
    const addresses = page.getByRole('region', { name: 'Addresses' });
    for (const name of ['s1', 's1.flv', 's1.m3u8']) {
      await addresses.getByText(`${endpoint}/app/${name}`, { exact: true }).waitFor();
    }
    await page.goto(`${endpoint}/_emulator/#/streams/examplebucket/s1`);
    await addresses.getByText('The bucket examplebucket hides the addresses').waitFor();
    await addresses.getByText(`${endpoint}/_emulator/live/examplebucket/s1.flv`, { exact: true }).waitFor();
  });

  it('are cut into an index file of a range', async () => {
    const { endpoint, emulator, port } = await startTestEmulator({ liveRecordBucket: 'recordings' });
    emulator.clock.freeze();
    await emulator.control.publishes.start({ url: `rtmp://127.0.0.1:${port}/app/s1`, durationSec: 3_600 });
    await emulator.clock.advance(31_000);
    const { page, errors } = await openConsole(endpoint, '#/streams/app/s1');
    const recordings = page.getByRole('region', { name: 'Recordings' });
    await recordings.getByLabel('OssObject').fill('{Nobody}.m3u8');
    await recordings.getByRole('button', { name: 'Make an index file' }).click();
    await recordings.getByText('Specified OssObject is malformed').waitFor();
    await recordings.getByLabel('OssObject').fill('cut.m3u8');
    await recordings.getByRole('button', { name: 'Make an index file' }).click();
    await recordings.getByRole('row', { name: /Index file .* recordings\/cut\.m3u8/ }).waitFor();
    const { indexFiles } = await emulator.control.live.recordings({ limit: 10 });
    expect(await (await fetch(indexFiles[0]?.url ?? '')).text()).toContain('#EXT-X-ENDLIST');
    expect(errors).toEqual([]);
  });
});
