/** The tasks of users, carried out in a browser against a running emulator. */
import { createHmac } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { MARK_HEADER } from '../../src/control-plane/admin/answer-mark.ts';
import { temporaryFolder } from '../e2e/command.ts';
import { channelConfig, clip, startTestEmulator, type TestEmulator } from '../support/emulator.ts';
import { describeWith, pushWithFfmpeg } from '../support/tools.ts';
import { CHROMIUM, MEDIA, playback, withConsole } from './support/browser.ts';
import { startReplacedEmulator } from './support/replaced-emulator.ts';

const CAM = '#/channels/examplebucket/cam';

/** Seeds one hour of recordings that began two hours ago, from the emulator's own clip. */
async function seedRecordings({ endpoint }: TestEmulator): Promise<void> {
  const recordings = [{ from: '-2h', to: '-1h' }];
  const body = { buckets: [{ name: 'examplebucket', channels: [{ name: 'cam', fragDurationSec: 5, recordings }] }] };
  const response = await fetch(`${endpoint}/_emulator/seed`, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
}

/** Signed with a usual mistake: "live" is taken as a part of the resource. */
function wronglySignedUrl(port: number): string {
  const expires = Math.floor(Date.now() / 1000) + 3600;
  const signed = `${expires}\n/examplebucket/live/cam`;
  const signature = createHmac('sha1', 'emulator-secret').update(signed).digest('base64');
  const query = `OSSAccessKeyId=emulator-ak&Expires=${expires}&Signature=${encodeURIComponent(signature)}`;
  return `rtmp://127.0.0.1:${port}/examplebucket/live/cam?${query}`;
}

describeWith([CHROMIUM, 'ffmpeg'], 'the page, while somebody pushes', () => {
  const openConsole = withConsole();

  it('plays the live stream and draws what comes in', async () => {
    const { client, endpoint } = await startTestEmulator();
    await client.putChannel('cam', channelConfig());
    const { page, errors } = await openConsole(endpoint, CAM);
    await page.getByText('Nothing has been pushed yet.').waitFor();

    const url = client.getRtmpUrl('cam', { params: { playlistName: 'playlist.m3u8' }, expires: 3600 });
    const push = pushWithFfmpeg(clip('h264-aac.flv'), url, ['-re', '-stream_loop', '-1']);
    onTestFinished(() => push.kill('SIGKILL'));
    const video = page.getByLabel('Live picture of cam');
    await expect.poll(async () => (await playback(video)).timeSec, MEDIA).toBeGreaterThan(0.5);
    expect((await playback(video)).frames).toBeGreaterThan(0);

    await page.getByRole('link', { name: /cam .*bit\/s/ }).waitFor();
    await page.getByRole('img', { name: /^Bit rate: video [\d.]+ [kM]bit\/s, audio \d+ kbit\/s$/ }).waitFor();
    await page.getByRole('img', { name: /^Frame rate: frames per second 2\d\.\d fps$/ }).waitFor();
    await page.getByRole('img', { name: 'Length of the latest fragments: 2 s, asked for 2 s' }).waitFor();
    await page.getByText('H264 640 × 360, 25 fps').waitFor();

    push.kill('SIGTERM');
    await push.done;
    await page.getByRole('button', { name: /^Select the push of/ }).waitFor();
    expect(errors).toEqual([]);
  });

  it('shows why a push was refused, and what was signed beside what should have been', async () => {
    const { client, endpoint, port } = await startTestEmulator();
    await client.putChannel('cam', channelConfig());
    const { page } = await openConsole(endpoint, CAM);
    await pushWithFfmpeg(clip('h264-aac.flv'), wronglySignedUrl(port)).done;

    await page.getByRole('status').getByText('the path was signed with "live/" before the channel').waitFor();
    await page.getByRole('link', { name: 'Show what was compared' }).click();
    const details = page.getByRole('complementary', { name: 'Details of the entry' });
    await details.getByRole('columnheader', { name: 'Signed by the client' }).waitFor();
    const differing = details.locator('tr.differs');
    expect(await differing.getByRole('cell').allTextContents()).toEqual([
      '/examplebucket/cam',
      '/examplebucket/live/cam',
    ]);
    expect(await differing.locator('mark').allTextContents()).toEqual(['live/']);
  });
});

describeWith([CHROMIUM], 'the page', () => {
  const openConsole = withConsole();

  it('makes a VOD playlist of a range that is dragged, and plays it', async () => {
    const emulator = await startTestEmulator();
    await seedRecordings(emulator);
    const { page, errors } = await openConsole(emulator.endpoint, CAM);
    await page.getByRole('button', { name: /^Go to the latest recording, (59 min|1 h) ago$/ }).click();
    await page.getByRole('img', { name: /^[1-9]\d* fragments, .* stored from/ }).waitFor();
    const track = page.locator('.timeline-track');
    const { width, height } = (await track.boundingBox()) ?? { width: 0, height: 0 };
    // The place of the timeline is looked up each time: what is above it may still be loading.
    const moveTo = (share: number) => track.hover({ position: { x: width * share, y: height / 2 }, force: true });
    await moveTo(0.4);
    await page.mouse.down();
    await moveTo(0.5);
    await moveTo(0.6);
    await page.mouse.up();
    // The selected fifth of five minutes has fragments of five or six seconds.
    const sum = await page.getByText(/^1\d fragments, 1:0\d$/).textContent();

    await page.getByLabel('Playlist').fill('meeting.m3u8');
    await page.getByRole('button', { name: 'Make VOD playlist' }).click();
    const video = page.getByLabel('VOD playlist meeting.m3u8');
    await expect.poll(async () => (await playback(video)).timeSec, MEDIA).toBeGreaterThan(0.5);
    const { durationSec, frames } = await playback(video);
    expect(frames).toBeGreaterThan(0);
    expect(durationSec).toBeGreaterThan(55);
    expect(durationSec).toBeLessThan(70);

    const stored = await fetch(`${emulator.endpoint}/examplebucket/cam/meeting.m3u8`);
    const playlist = await stored.text();
    expect(playlist).toContain('#EXT-X-ENDLIST');
    expect(`${playlist.match(/#EXTINF/g)?.length} fragments`).toBe(sum?.split(',')[0]);
    await page.locator('.timeline-playhead').waitFor();
    await page.getByRole('button', { name: 'Back to live' }).click();
    await page.getByText('The last push ended 1 h ago.').waitFor();
    expect(errors).toEqual([]);
  });

  it('keeps the selected range in its address', async () => {
    const emulator = await startTestEmulator();
    await seedRecordings(emulator);
    const { page, errors } = await openConsole(emulator.endpoint, CAM);
    await page.getByRole('button', { name: /^Go to the latest recording/ }).click();
    await page.getByRole('button', { name: 'Select all in view' }).click();
    await expect.poll(() => page.url()).toMatch(/\?range=\d+-\d+$/);
    const sum = await page.locator('.range-sum').textContent();
    await page.reload();
    await page
      .locator('.range-sum')
      .getByText(sum ?? '', { exact: true })
      .waitFor();
    await page.goBack();
    await page.locator('.range-sum').waitFor({ state: 'detached' });
    await expect.poll(() => page.url()).toMatch(/cam$/);
    await page.goForward();
    await page
      .locator('.range-sum')
      .getByText(sum ?? '', { exact: true })
      .waitFor();
    expect(errors).toEqual([]);
  });

  it('shows why a request was refused', async () => {
    const { client, endpoint } = await startTestEmulator({ accessKeySecret: 'another-secret' });
    const { page } = await openConsole(endpoint, '#/log');
    await expect(client.putChannel('cam', channelConfig())).rejects.toThrow('does not match');
    await page
      .getByRole('button', { name: 'PutLiveChannel' })
      .or(page.getByRole('button', { name: 'PUT' }))
      .click();
    const details = page.getByRole('complementary', { name: 'Details of the entry' });
    await details.getByText("most likely the client's secret is not that of emulator-ak").waitFor();
    await details.getByText('403 SignatureDoesNotMatch').waitFor();
    expect(await details.getByRole('region', { name: 'String to sign' }).locator('pre').textContent()).toMatch(
      /^PUT\n/,
    );
    await page.getByRole('searchbox', { name: 'Text' }).fill('no such thing');
    await page.getByText('Nothing passes the filter.').waitFor();
  });

  it('says that an entry is not in the log, above it, and gives the focus back when one is closed', async () => {
    const { client, endpoint } = await startTestEmulator();
    await client.putChannel('cam', channelConfig());
    const { page, errors } = await openConsole(endpoint, '#/log/999999');
    const said = page.getByRole('status').getByText('There is no entry 999999 in the log');
    await said.waitFor();
    const row = page.getByRole('button', { name: 'PutLiveChannel', exact: true });
    expect((await said.boundingBox())?.y).toBeLessThan((await row.boundingBox())?.y ?? 0);
    await page.getByRole('link', { name: 'Show the log only' }).click();
    await said.waitFor({ state: 'detached' });

    const id = await row.evaluate(({ id }: { readonly id: string }) => id);
    await page.goto(`${endpoint}/_emulator/#/log/${id.replace('entry-', '')}`);
    await page.reload();
    await page.getByRole('complementary', { name: 'Details of the entry' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('complementary').waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.id')).toBe(id);
    expect(errors).toEqual([]);
  });

  it('holds the clock still, moves it, and everything follows', async () => {
    const { client, endpoint } = await startTestEmulator();
    await client.putChannel('cam', channelConfig());
    const { page } = await openConsole(endpoint, CAM);
    const clockState = async () => JSON.parse(await (await fetch(`${endpoint}/_emulator/clock`)).text());
    await page.getByLabel('Valid for').selectOption({ label: '10 min' });
    await page.getByText(/^until .*, 10 min left$/).waitFor();

    await page.getByRole('button', { name: /^Clock of the emulator, running/ }).click();
    const clock = page.getByRole('dialog', { name: 'Clock' });
    await clock.getByRole('button', { name: 'Freeze' }).click();
    await page.getByRole('button', { name: /^Clock of the emulator, frozen/ }).waitFor();
    const frozen = await clockState();
    expect(frozen.frozen).toBe(true);
    await clock.getByRole('button', { name: '1 h' }).click();
    await page.getByText(/^expired .*, by the clock of the emulator$/).waitFor();
    expect((await clockState()).nowMs - frozen.nowMs).toBe(3_600_000);

    await clock.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: /^Clock of the emulator, running, (1 h|59 min) ahead/ }).waitFor();
    await clock.getByRole('button', { name: 'Real time' }).click();
    await page.getByText(/^until .*, \d+ min left$/).waitFor();
    expect(await clockState()).toMatchObject({ frozen: false, offsetMs: 0 });
  });

  it('sets a fault, counts it, and takes it away', async () => {
    const { client, endpoint } = await startTestEmulator();
    const { page } = await openConsole(endpoint, '#/faults');
    await page.getByRole('button', { name: 'One PutLiveChannel fails' }).click();
    await page.getByRole('button', { name: 'Set the rule' }).click();
    const rules = page.getByRole('region', { name: 'Rules' });
    await rules.getByText('Request, operation PutLiveChannel').waitFor();

    await expect(client.putChannel('cam', channelConfig())).rejects.toMatchObject({ status: 500 });
    await expect(client.putChannel('cam', channelConfig())).resolves.toMatchObject({ res: { status: 200 } });
    await rules.getByText('fired 1 of 1').waitFor();
    await page.getByRole('link', { name: 'Log' }).click();
    await page.getByRole('row', { name: /Fault in PutLiveChannel/ }).waitFor();
    await page.getByRole('link', { name: 'Faults' }).click();
    await rules.getByRole('button', { name: /^Remove fault-/ }).click();
    await page.getByRole('heading', { name: 'No rule is set' }).waitFor();
  });

  it('says what the emulator thinks of a rule that can never fire', async () => {
    const { endpoint } = await startTestEmulator();
    const { page } = await openConsole(endpoint, '#/faults');
    await page.getByLabel('Operation').fill('PutLiveChanel');
    await page.getByLabel('Error code').fill('InternalError');
    await page.getByRole('button', { name: 'Set the rule' }).click();
    await page.getByRole('status').getByText('(did you mean "PutLiveChannel"?)').waitFor();
  });

  it('pushes a test picture for those who have no encoder', async () => {
    const { client, endpoint } = await startTestEmulator();
    await client.putChannel('cam', channelConfig());
    const { page } = await openConsole(endpoint, CAM);
    await page.getByRole('button', { name: 'Push a test picture' }).click();
    const video = page.getByLabel('Live picture of cam');
    await expect.poll(async () => (await playback(video)).timeSec, MEDIA).toBeGreaterThan(0.5);
    await page.getByRole('button', { name: 'End the test picture' }).click();
    await page.getByRole('button', { name: 'Push a test picture' }).waitFor();
  });

  it('shows the nodes and their leases where there is more than one', async () => {
    const { endpoint } = await startTestEmulator();
    const { page } = await openConsole(endpoint);
    await page.getByRole('heading', { name: /test-channel$/ }).waitFor();
    expect(await page.getByRole('button', { name: /node/ }).count()).toBe(0);
    const lease = {
      source: 'examplebucket/cam',
      sessionId: 's',
      number: 3,
      leftMs: 7_000,
      startedMs: 0,
      remoteAddr: '127.0.0.1:5',
    };
    const nodes = [
      { name: 'first', id: 'first#1', isThis: true, ageMs: 1_000, leases: [] },
      { name: 'second', id: 'second#1', isThis: false, ageMs: 2_000, leases: [lease] },
    ];
    await page.route('**/_emulator/nodes', (route) =>
      route.fulfill({ json: { nodes }, headers: { [MARK_HEADER]: 'oss-livechannel' } }),
    );
    await page.reload();
    await page.getByRole('button', { name: '2 nodes' }).click();
    const menu = page.getByRole('dialog', { name: 'Nodes' });
    await menu.getByRole('row', { name: 'first (this one) 1 s ago 0' }).waitFor();
    await menu.getByRole('row', { name: 'examplebucket/cam second 7 s' }).waitFor();
  });

  it('says how much of a push could not be stored', async () => {
    const { endpoint, emulator } = await startTestEmulator();
    const { page, errors } = await openConsole(endpoint, '#/data');
    await page.getByRole('heading', { name: 'Data' }).waitFor();
    emulator.faults.add({ match: { phase: 'object.write', key: 'test-channel/1*' }, effect: { diskFull: true } });
    const ended = emulator.events.waitFor('publish.ended');
    const push = await emulator.control.publishes.start({ channel: 'test-channel', durationSec: 600, speed: 'max' });
    await expect(push.done).rejects.toThrow('the recorder failed');
    const { lostFragments, lostMs = 0 } = await ended;
    const fragments = lostFragments === 1 ? '1 fragment' : `${lostFragments} fragments`;
    const lost = `Lost, because it could not be stored: ${fragments}, ${(lostMs / 1000).toFixed(1)} s of media.`;
    const banner = page.getByRole('status').filter({ hasText: 'Not all of a push to examplebucket/test-channel was' });
    await banner.getByText(lost).waitFor();
    await banner.getByRole('link', { name: 'Show it in the log' }).click();
    await page.getByRole('complementary', { name: 'Details of the entry' }).getByText(lost).waitFor();
    expect(errors).toEqual([]);
  });

  it('tells of the latest of many pushes that lost something, and of what was dismissed no more', async () => {
    const { endpoint, emulator } = await startTestEmulator();
    const { page, errors } = await openConsole(endpoint, '#/data');
    await page.getByRole('heading', { name: 'Data' }).waitFor();
    const end = (name: string) =>
      emulator.events.emit({
        type: 'publish.ended',
        bucket: 'examplebucket',
        channel: name,
        sessionId: name,
        cause: 'disconnected',
        lostFragments: 1,
        lostMs: 5_000,
      });
    for (let count = 0; count < 20; count++) end(`cam${count}`);
    const banner = page.getByRole('status').filter({ hasText: 'Not all of a push to' });
    await banner.getByText('Not all of a push to examplebucket/cam19, and of 19 others, was recorded:').waitFor();
    await banner.getByRole('button', { name: 'Dismiss' }).click();
    await banner.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Log' }).click();
    await page.getByRole('row', { name: /cam19/ }).waitFor();
    await page.getByRole('link', { name: 'Data' }).click();
    await page.getByRole('heading', { name: 'Data' }).waitFor();
    expect(await banner.count()).toBe(0);
    end('cam20');
    await banner.getByText('Not all of a push to examplebucket/cam20 was recorded:').waitFor();
    expect(errors).toEqual([]);
  });

  it('says when the emulator is gone', async () => {
    const { endpoint, stop } = await startReplacedEmulator();
    const { page } = await openConsole(endpoint);
    await page.getByRole('heading', { name: /test-channel$/ }).waitFor();
    await stop();
    await page.getByRole('status').getByText('The emulator does not answer.').waitFor();
  });

  it('says that what is on disk is still there when the emulator was started anew', async () => {
    const dataDir = await temporaryFolder();
    const { endpoint, client, stop, startAnew } = await startReplacedEmulator({ memory: false, dataDir });
    await client.putChannel('cam', channelConfig());
    const { page, errors } = await openConsole(endpoint, CAM);
    await page.getByRole('heading', { name: /cam$/ }).waitFor();
    await stop();
    await page.getByRole('status').getByText('The emulator does not answer.').waitFor();
    await page
      .getByRole('status')
      .getByText(/It has ended, or the network is away/)
      .waitFor();
    await startAnew();
    const notice = page.getByRole('status').getByText('The emulator was started anew.');
    await notice.waitFor();
    expect(await notice.textContent()).toMatch(/(are|is) as (they were|it was)/);
    expect(await notice.textContent()).not.toMatch(/gone|forgotten/);
    await page.getByRole('heading', { name: /cam$/ }).waitFor();
    expect(errors).toEqual([]);
  });

  it('finds its way when the emulator was started anew', async () => {
    const { endpoint, client, stop, startAnew } = await startReplacedEmulator();
    await client.putChannel('cam', channelConfig());
    const { page } = await openConsole(endpoint, '#/log');
    await page.getByRole('row', { name: /PutLiveChannel/ }).waitFor();
    await stop();
    await page.getByRole('status').getByText('The emulator does not answer.').waitFor();
    const again = await startAnew();
    await again.client.deleteChannel('test-channel');
    await page.getByRole('row', { name: /DeleteLiveChannel/ }).waitFor();
    // The header and the row of that request.
    expect(await page.getByRole('row').count()).toBe(2);
  });
});
