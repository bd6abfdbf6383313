/** Channels as they are made and changed on the page, also where others change them meanwhile. */
import { EventEmitter, once } from 'node:events';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { channelConfig, startTestEmulator } from '../../support/emulator.ts';
import { describeWith } from '../../support/tools.ts';
import { CHROMIUM, withConsole } from '../support/browser.ts';
import { startReplacedEmulator } from '../support/replaced-emulator.ts';

const CAM = '#/channels/examplebucket/cam';

/** The text of the button that has the focus, else the name of the element. */
function focused(page: Page): Promise<string> {
  return page.evaluate(`(({ tagName, textContent }) =>
    tagName === 'BUTTON' ? textContent : tagName.toLowerCase())(document.activeElement)`);
}

describeWith([CHROMIUM], 'channels on the page', () => {
  const openConsole = withConsole();

  it('are created with every field, and refused in the words of the service beside the field', async () => {
    const { client, endpoint } = await startTestEmulator();
    const { page, errors } = await openConsole(endpoint, '#/channels?form=new');
    const form = page.getByRole('region', { name: 'New channel' });
    expect(await form.getByLabel('Bucket').inputValue()).toBe('examplebucket');
    await form.getByLabel('ChannelName').fill('a/b');
    await form.getByLabel('FragDuration').fill('101');
    await form.getByLabel('Description').fill('The door');
    await form.getByRole('button', { name: 'Create the channel' }).click();
    await form.getByText('ChannelName must not contain a slash.').waitFor();
    expect(await form.getByLabel('ChannelName').getAttribute('aria-invalid')).toBe('true');
    const described = await form.getByLabel('ChannelName').getAttribute('aria-describedby');
    expect(await page.locator(`[id="${described}"]`).textContent()).toContain('must not contain a slash');

    await form.getByLabel('ChannelName').fill('door');
    await form.getByRole('button', { name: 'Create the channel' }).click();
    await form.getByText('FragDuration must be an integer between 1 and 100.').waitFor();
    await form.getByLabel('FragDuration').fill('7');
    await form.getByLabel('FragCount').fill('9');
    await form.getByLabel('PlaylistName').fill('door.m3u8');
    await form.getByRole('checkbox', { name: /^Snapshot/ }).check();
    await form.getByLabel('RoleName').fill('a-role');
    await form.getByLabel('DestBucket').fill('examplebucket');
    await form.getByLabel('NotifyTopic').fill('a-topic');
    await form.getByLabel('Interval').fill('11');
    await form.getByRole('button', { name: 'Create the channel' }).click();
    await page.getByRole('heading', { name: /door$/ }).waitFor();
    await expect.poll(() => page.url()).toContain('#/channels/examplebucket/door');
    expect((await client.getChannel('door')).data).toMatchObject({
      Description: 'The door',
      Status: 'enabled',
      Target: { Type: 'HLS', FragDuration: '7', FragCount: '9', PlaylistName: 'door.m3u8' },
      Snapshot: { RoleName: 'a-role', DestBucket: 'examplebucket', NotifyTopic: 'a-topic', Interval: '11' },
    });
    expect(errors).toEqual([]);
  });

  it('are changed, disabled, enabled and deleted', async () => {
    const { client, endpoint } = await startTestEmulator();
    await client.putChannel('cam', channelConfig());
    const { page, errors } = await openConsole(endpoint, CAM);
    await page.getByRole('button', { name: 'Change', exact: true }).click();
    const form = page.getByRole('region', { name: 'Change the channel' });
    await form.getByLabel('Description').fill('Changed');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.waitFor({ state: 'detached' });
    expect((await client.getChannel('cam')).data).toMatchObject({ Description: 'Changed' });

    await page.getByRole('button', { name: 'Disable' }).click();
    await page.getByRole('button', { name: 'Enable' }).waitFor();
    expect((await client.getChannel('cam')).data).toMatchObject({ Status: 'disabled' });
    await page.getByRole('button', { name: 'Enable' }).click();
    await page.getByRole('button', { name: 'Disable' }).waitFor();

    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    const question = page.getByRole('dialog', { name: 'Delete the channel cam?' });
    await question.getByText('What it recorded stays').waitFor();
    await question.getByRole('button', { name: 'Cancel' }).click();
    expect((await client.getChannel('cam')).res.status).toBe(200);
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await question.getByRole('button', { name: 'Delete the channel' }).click();
    await page.getByRole('status').getByText('The channel examplebucket/cam was deleted.').waitFor();
    await page.getByRole('heading', { name: 'test-channel' }).waitFor();
    await expect.poll(() => focused(page)).toBe('main');
    await expect(client.getChannel('cam')).rejects.toMatchObject({ status: 404 });
    expect(errors).toEqual([]);
  });

  it('keep the focus on the page: after a question, after they are created, and after the last is deleted', async () => {
    const { client, endpoint } = await startTestEmulator();
    await client.deleteChannel('test-channel');
    const { page, errors } = await openConsole(endpoint, '#/channels?form=new');
    await page.getByLabel('ChannelName').fill('cam');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'cam', exact: false }).waitFor();
    await page.getByRole('button', { name: 'Disable' }).waitFor();
    await expect.poll(() => focused(page)).toBe('main');

    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    const question = page.getByRole('dialog', { name: 'Delete the channel cam?' });
    await question.getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(() => focused(page)).toBe('Delete');
    await page.keyboard.press('Enter');
    await question.getByRole('button', { name: 'Delete the channel' }).click();
    await page.getByRole('heading', { name: 'There is no channel yet' }).waitFor();
    await expect.poll(() => focused(page)).toBe('main');
    expect(errors).toEqual([]);
  });

  it('that are live are said to be so before they are deleted', async () => {
    const { endpoint, emulator } = await startTestEmulator();
    emulator.clock.freeze();
    await emulator.control.publishes.start({ channel: 'test-channel', durationSec: 600 });
    const { page } = await openConsole(endpoint, '#/channels/examplebucket/test-channel');
    await page.getByRole('main').getByText('Live', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    const question = page.getByRole('dialog', { name: 'Delete the channel test-channel?' });
    await question.getByText('It is live:').waitFor();
    await question.getByRole('button', { name: 'Delete the channel' }).click();
    await question.getByText("couldn't be updated or deleted when channel is live").waitFor();
  });

  it.each(['.', '..'])('are handled by the name %s too', async (name) => {
    const { endpoint, emulator } = await startTestEmulator();
    const { page, errors } = await openConsole(endpoint, '#/channels?form=new');
    await page.getByLabel('ChannelName').fill(name);
    await page.getByRole('button', { name: 'Create the channel' }).click();
    await page.getByRole('button', { name: 'Disable' }).click();
    await page.getByRole('button', { name: 'Enable' }).waitFor();
    await page.getByText('Nothing has been pushed yet.').waitFor();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete the channel' }).click();
    await page.getByRole('status').getByText(`The channel examplebucket/${name} was deleted.`).waitFor();
    expect((await emulator.control.channels.list()).map((channel) => channel.name)).toEqual(['test-channel']);
    expect(errors).toEqual([]);
  });

  it('that another page deletes say so, and what was typed is not lost', async () => {
    const { client, endpoint } = await startTestEmulator();
    await client.putChannel('cam', channelConfig());
    const one = await openConsole(endpoint, `${CAM}?form=edit`);
    const other = await openConsole(endpoint, CAM);
    await one.page.getByLabel('Description').fill('Typed before it was deleted');
    await other.page.getByRole('button', { name: 'Delete', exact: true }).click();
    await other.page.getByRole('dialog').getByRole('button', { name: 'Delete the channel' }).click();

    await one.page.getByRole('heading', { name: 'There is no channel examplebucket/cam' }).waitFor();
    await one.page.getByRole('status').getByText('it was deleted').waitFor();
    expect(await one.page.getByLabel('Description').inputValue()).toBe('Typed before it was deleted');
    await one.page.getByRole('button', { name: 'Create the channel' }).click();
    await one.page.getByRole('button', { name: 'Disable' }).waitFor();
    await other.page.getByRole('button', { name: 'Disable' }).waitFor();
    expect((await client.getChannel('cam')).data).toMatchObject({ Description: 'Typed before it was deleted' });
    expect([...one.errors, ...other.errors]).toEqual([]);
  });

  it('are not changed into a channel that was deleted a moment before', async () => {
    const { client, endpoint } = await startTestEmulator();
    await client.putChannel('cam', channelConfig());
    const { page } = await openConsole(endpoint, `${CAM}?form=edit`);
    await page.getByLabel('Description').fill('too late');
    // The page hears of it only after it has tried.
    const gate = new EventEmitter();
    const opened = once(gate, 'open');
    await page.route('**/_emulator/channels', async (route) => {
      await opened;
      await route.continue();
    });
    await client.deleteChannel('cam');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').getByText('The specified live channel does not exist.').waitFor();
    gate.emit('open');
    await page.getByRole('heading', { name: 'There is no channel examplebucket/cam' }).waitFor();
    await expect(client.getChannel('cam')).rejects.toMatchObject({ status: 404 });
  });

  it('keep what is typed when the emulator is started anew under the page', async () => {
    const { endpoint, client, stop, startAnew } = await startReplacedEmulator();
    await client.putChannel('cam', channelConfig());
    const { page, errors } = await openConsole(endpoint, `${CAM}?form=edit`);
    await page.getByLabel('Description').fill('Typed before the restart');
    await stop();
    await page.getByRole('status').getByText('The emulator does not answer.').waitFor();
    const again = await startAnew();
    await page
      .getByRole('status')
      .getByText(/The emulator was started anew\. .* is gone.* What was typed into forms is still there\./)
      .waitFor();
    await page.getByRole('heading', { name: 'There is no channel examplebucket/cam' }).waitFor();
    expect(await page.getByLabel('Description').inputValue()).toBe('Typed before the restart');
    await page.getByRole('button', { name: 'Create the channel' }).click();
    await page.getByRole('button', { name: 'Disable' }).waitFor();
    expect((await again.client.getChannel('cam')).data).toMatchObject({ Description: 'Typed before the restart' });
    expect(errors).toEqual([]);
  });
});
