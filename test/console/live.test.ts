/** Streams, rooms and callbacks on the page, in a browser that plays them over WebRTC. */
import { expect, it } from 'vitest';
import { subscribeToRooms, untilGivenUp } from '../support/callbacks.ts';
import { clip, startTestEmulator, type TestEmulator } from '../support/emulator.ts';
import { receiveHttp } from '../support/http-receiver.ts';
import { describeWith } from '../support/tools.ts';
import { CHROMIUM, MEDIA, playback, withConsole } from './support/browser.ts';

interface Sized {
  readonly videoWidth: number;
}

async function startLive(options = {}): Promise<TestEmulator> {
  return startTestEmulator({ webrtcPort: 0, ...options });
}

async function pushInto({ emulator }: TestEmulator, url: string, durationSec = 600) {
  return emulator.control.publishes.start({ url, durationSec });
}

describeWith([CHROMIUM], 'the page of streams', () => {
  const openConsole = withConsole();

  it('says how to begin, follows a push from its begin to its end, and plays it', async () => {
    const live = await startLive();
    const { page, errors } = await openConsole(live.endpoint, '#/streams');
    await page.getByRole('heading', { name: 'No stream has been pushed yet' }).waitFor();
    await page.getByText(`-f flv 'rtmp://127.0.0.1:${live.port}/app/stream'`).waitFor();

    const push = await pushInto(live, `rtmp://127.0.0.1:${live.port}/app/s1`);
    await page.getByRole('link', { name: /^s1 ?[\d.]+ [kM]bit\/s ?H264 · AAC/ }).waitFor();
    const video = page.getByLabel('Live picture of s1');
    await expect.poll(async () => (await playback(video)).frames, MEDIA).toBeGreaterThan(10);
    expect(await video.evaluate((element: Sized) => element.videoWidth)).toBe(640);
    await page.getByText('H264 640 × 360, 25 fps').waitFor();
    await page.getByRole('img', { name: /^Frame rate: frames per second 2\d\.\d fps$/ }).waitFor();
    const viewers = page.getByRole('region', { name: 'Viewers' });
    await viewers.getByRole('row', { name: /WHEP s1 none/ }).waitFor();
    await page.getByRole('button', { name: 'Sound on' }).click();
    expect(await video.evaluate((element: { readonly muted: boolean }) => element.muted)).toBe(false);

    await push.stop();
    await page.getByText(/^The last push ended .* ago\.$/).waitFor();
    await page.getByRole('link', { name: /^s1 ?idle$/ }).waitFor();
    await viewers.getByText('Nobody watches.').waitFor();

    await page.getByRole('button', { name: 'Push a test picture' }).click();
    await expect.poll(async () => (await playback(video)).frames, MEDIA).toBeGreaterThan(10);
    await page.getByRole('button', { name: 'End the test picture' }).click();
    await page.getByRole('button', { name: 'Push a test picture' }).waitFor();
    expect(errors).toEqual([]);
  }, 120_000);

  it('ends the session of a viewer who goes elsewhere, and shows one who is sent away', async () => {
    const live = await startLive();
    const { emulator, endpoint, port } = live;
    await pushInto(live, `rtmp://127.0.0.1:${port}/app/s1`);
    const { page } = await openConsole(endpoint, '#/streams/app/s1');
    const video = page.getByLabel('Live picture of s1');
    await expect.poll(async () => (await playback(video)).frames, MEDIA).toBeGreaterThan(0);
    await page.getByRole('button', { name: /^Send away the viewer from/ }).click();
    await page.getByText('Nobody watches.').waitFor();
    await page.getByRole('button', { name: 'Connect again' }).click();
    await page.getByRole('button', { name: /^Send away the viewer from/ }).waitFor();
    await expect.poll(async () => (await playback(video)).frames, MEDIA).toBeGreaterThan(0);
    const left = emulator.events.waitFor('viewer.left');
    await page.getByRole('link', { name: 'Faults' }).click();
    expect(await left).toMatchObject({ cause: 'the viewer left' });
  }, 120_000);

  it('lists recordings and plays them', async () => {
    const live = await startLive({ liveRecordBucket: 'recordings' });
    const { emulator, endpoint, port } = live;
    emulator.clock.freeze();
    const push = await pushInto(live, `rtmp://127.0.0.1:${port}/app/s1`, 3_600);
    const { page, errors } = await openConsole(endpoint, '#/streams/app/s1');
    const recordings = page.getByRole('region', { name: 'Recordings' });
    await emulator.clock.advance(13_000);
    await recordings.getByText('recordings/record/app/s1/, 2 slices so far').waitFor();
    await push.stop();
    await emulator.clock.advance(180_000);
    await recordings.getByRole('button', { name: /^Play recordings\/record\/app\/s1\/.*\.m3u8$/ }).click();
    const video = page.getByLabel(/^Recording recordings\/record\/app\/s1\/.*\.m3u8$/);
    await expect.poll(async () => (await playback(video)).timeSec, MEDIA).toBeGreaterThan(0.5);
    expect(errors).toEqual([]);
  }, 120_000);

  it('shows what is unusual about a push, and why one was refused', async () => {
    const { endpoint, emulator, port } = await startLive();
    const { publishes } = emulator.control;
    const url = `rtmp://127.0.0.1:${port}/app/s1`;
    const pictures = { url, clip: clip('h264-only.flv'), speed: 'max', durationSec: 60 } as const;
    await (await publishes.start(pictures)).done;
    const { page } = await openConsole(endpoint, '#/streams/app/s1');
    const findings = page.getByRole('list', { name: 'Findings' });
    await findings.getByText('no-audio').waitFor();

    await publishes.start({ url, durationSec: 600 });
    await findings.waitFor({ state: 'detached' });
    await expect(publishes.start({ url })).rejects.toThrow('Already publishing');
    await page.getByRole('status').getByText('Already publishing').waitFor();
  });
});

describeWith([CHROMIUM], 'a live picture', () => {
  const openConsole = withConsole();

  it('shows the words of the server when it cannot be played', async () => {
    const live = await startLive();
    const { page } = await openConsole(live.endpoint, '#/streams');
    await page.route('**/_emulator/live/app/s1', (route) => route.fulfill({ status: 501, body: 'npm install werift' }));
    await pushInto(live, `rtmp://127.0.0.1:${live.port}/app/s1`);
    await page.getByRole('status').getByText('npm install werift').waitFor();
    await page.unroute('**/_emulator/live/app/s1');
    await page.getByRole('button', { name: 'Connect again' }).click();
    await page.getByText('WebRTC', { exact: true }).waitFor();
  });

  it('says so in a browser without H.264', async () => {
    const live = await startLive();
    const { page } = await openConsole(live.endpoint, '#/streams');
    await page.evaluate(
      `Object.defineProperty(RTCPeerConnection.prototype, 'localDescription', { get: () => ({ sdp: 'VP8/90000' }) })`,
    );
    await pushInto(live, `rtmp://127.0.0.1:${live.port}/app/s1`);
    await page.getByRole('status').getByText('This browser plays no H.264 over WebRTC.').waitFor();
  });
});

describeWith([CHROMIUM], 'the page of rooms', () => {
  const openConsole = withConsole();

  it('makes an address, plays everybody side by side, and sends one out', async () => {
    const live = await startLive();
    const { page, errors } = await openConsole(live.endpoint, '#/rooms');
    await page.getByRole('heading', { name: 'Nobody is in a room' }).waitFor();
    await page.getByLabel('ChannelId').fill('lesson');
    await page.getByLabel('UserId').fill('alice');
    await page.getByLabel('DisplayName').fill('Alice A.');
    await page.getByRole('button', { name: 'Make the address' }).click();
    await page.getByText(`rtmp://127.0.0.1:${live.port}/rtc`).first().waitFor();
    await page.getByRole('button', { name: 'Copy stream key' }).waitFor();
    await page.getByRole('tab', { name: 'URL' }).click();
    const url = await page.getByRole('tabpanel', { name: 'URL' }).locator('code').textContent();
    await page.getByRole('button', { name: 'Push a test picture' }).click();
    await page.getByRole('link', { name: 'lesson 1 user' }).click();
    const bob = live.emulator.control.live.roomAddress({ appId: 'app', channelId: 'lesson', userId: 'bob' });
    await pushInto(live, bob.rtmpAddress);

    for (const user of ['alice', 'bob']) {
      const video = page.getByLabel(`Live picture of ${user}`);
      await expect.poll(async () => (await playback(video)).frames, MEDIA).toBeGreaterThan(10);
      expect(await video.evaluate((element: Sized) => element.videoWidth)).toBe(640);
    }
    await page.getByRole('row', { name: /^alice Alice A\. publisher/ }).waitFor();

    const left = live.emulator.events.waitFor('room.left', ({ userId }) => userId === 'alice');
    await page.getByRole('button', { name: 'Remove alice' }).click();
    await left;
    await page.getByLabel('Live picture of alice').waitFor({ state: 'detached' });
    await page.getByLabel('Live picture of bob').waitFor();
    // The address is still valid.
    await pushInto(live, url ?? '');
    await page.getByLabel('Live picture of alice').waitFor();
    expect(errors).toEqual([]);
  }, 120_000);

  it('is where the address of a room leads to', async () => {
    const { endpoint } = await startLive();
    const { page } = await openConsole(endpoint, 'rooms/app/lesson');
    await page.getByRole('heading', { name: 'app / lesson' }).waitFor();
    await expect.poll(() => page.url()).toBe(`${endpoint}/_emulator/#/rooms/app/lesson`);
  });
});

describeWith([CHROMIUM], 'the page of callbacks', () => {
  const openConsole = withConsole();

  it('shows what was called back, and sends it again', async () => {
    const { endpoint, emulator } = await startLive({ auth: 'off' });
    const { page, errors } = await openConsole(endpoint, '#/callbacks');
    await page.getByRole('heading', { name: 'Nothing was called back yet' }).waitFor();
    let status = 500;
    const target = await receiveHttp((response) => response.writeHead(status).end('noted'));
    await subscribeToRooms(endpoint, target.url);
    emulator.clock.freeze();
    const bob = emulator.control.live.roomAddress({ appId: 'app', channelId: 'lesson', userId: 'bob' });
    await emulator.control.publishes.start({ url: bob.rtmpAddress, durationSec: 600 });
    await untilGivenUp('Join', emulator);
    const failed = page.getByRole('row', { name: /Join app\/lesson\/bob failed 5 attempts/ });
    await failed.getByText('500 noted').click();
    await failed.getByText('"EventTag":"Join"').waitFor();

    status = 200;
    await failed.getByRole('button', { name: /^Send again: Join of/ }).click();
    await page.getByRole('row', { name: /Join app\/lesson\/bob delivered 1 attempt/ }).waitFor();
    await page.getByLabel('Failed only').check();
    await page.getByRole('row', { name: /delivered/ }).waitFor({ state: 'detached' });
    expect(errors).toEqual([]);
  });

  it('shows messages of MNS that nobody took, and sends them again', async () => {
    const { endpoint, emulator } = await startLive({ auth: 'off' });
    const { page } = await openConsole(endpoint, '#/callbacks');
    const mns = async (method: string, path: string, body: string) => {
      const headers = { 'x-mns-version': '2015-06-06', 'content-type': 'text/xml' };
      const response = await fetch(`${endpoint}${path}`, { method, headers, body });
      if (!response.ok) throw new Error(await response.text());
    };
    await mns('PUT', '/topics/t', '<Topic/>');
    const queue = 'acs:mns:cn-hangzhou:1234567890123456:queues/q';
    await mns('PUT', '/topics/t/subscriptions/s', `<Subscription><Endpoint>${queue}</Endpoint></Subscription>`);
    await mns('POST', '/topics/t/messages', '<Message><MessageBody>hi</MessageBody></Message>');
    const letters = page.getByRole('region', { name: 'Dead letters' });
    await letters.getByRole('row', { name: /t\/s .*there is no queue behind/ }).waitFor();
    await mns('PUT', '/queues/q', '<Queue/>');
    const delivered = emulator.events.waitFor('notification.delivered');
    await letters.getByRole('button', { name: /^Send again: message of/ }).click();
    expect(await delivered).toMatchObject({ topic: 't', subscription: 's' });
  });
});
