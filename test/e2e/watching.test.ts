import { createRequire } from 'node:module';
import RPCClient from '@alicloud/pop-core';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { launchChromium, openViewerPage } from '../../scripts/support/chromium.ts';
import { clip, startTestEmulator } from '../support/emulator.ts';
import { describeWith, pushWithFfmpeg } from '../support/tools.ts';

const ROOM = { AppId: 'app-1', ChannelId: 'room' };
const RTS_SDK = createRequire(import.meta.url).resolve('aliyun-rts-sdk/dist/aliyun-rts-sdk.js');

async function start(options: Parameters<typeof startTestEmulator>[0] = {}) {
  const started = await startTestEmulator(options);
  const { endpoint } = started;
  const client = new RPCClient({
    accessKeyId: 'emulator-ak',
    accessKeySecret: 'emulator-secret',
    endpoint,
    apiVersion: '2016-11-01',
  });
  const call = async (action: string, parameters: object) => Object(await client.request(action, parameters, {}));
  const address = async (userId: string): Promise<string> => {
    const user = { ...ROOM, UserId: userId, DisplayName: userId };
    return (await call('CreateRoomRealTimeStreamAddress', user)).RtmpAddress;
  };
  return { ...started, call, address };
}

/** Pushes a clip repeatedly until the test ends. */
function push(url: string, name = 'h264-aac.flv') {
  const publisher = pushWithFfmpeg(clip(name), url, ['-re', '-stream_loop', '-1']);
  onTestFinished(async () => {
    publisher.kill('SIGTERM');
    await publisher.done;
  });
  return publisher;
}

describeWith(['ffmpeg', 'chromium'], 'watching in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  const openPage = async (endpoint: string) => {
    const viewer = await openViewerPage(browser, `${endpoint}/_emulator/health`);
    onTestFinished(() => viewer.page.close());
    return viewer;
  };

  it('a room, by the RTS SDK and by WHEP, is seen and heard, ends with the push, and begins with the next', async () => {
    const { emulator, endpoint, call, address } = await start();
    const url = await address('u1');
    const rts = await openPage(endpoint);
    await rts.page.addScriptTag({ path: RTS_SDK });
    const whep = await openPage(endpoint);
    for (const round of [1, 2]) {
      const joined = emulator.events.waitFor('room.joined', ({ role }) => role === 'publisher');
      const publisher = push(url);
      await joined;
      expect((await call('DescribeChannelParticipants', ROOM)).UserList, `round ${round}`).toEqual(['u1']);

      await rts.playRts(url.replace('rtmp:', 'artc:'));
      expect(await whep.playWhep(url.replace('rtmp:', 'http:'))).toMatchObject({ status: 201 });
      for (const viewer of [rts, whep]) {
        // What the browser had no time to take is sent again, and not lost then.
        const seen = await viewer.waitUntil(({ framesDecoded, audioEnergy, packetsLost }) => {
          return framesDecoded > 30 && audioEnergy > 0 && packetsLost === 0;
        });
        expect(seen).toMatchObject({ connection: 'connected', widthPx: 640, heightPx: 360 });
      }

      const left = emulator.events.waitFor('room.left', ({ role }) => role === 'publisher');
      publisher.kill('SIGTERM');
      await left;
      expect((await call('DescribeChannelParticipants', ROOM)).UserList).toEqual([]);
      for (const viewer of [rts, whep])
        await viewer.waitUntil(({ connection }) => /closed|disconnected|failed/.test(connection));
    }
  });

  it('a live stream; the session ends when it is deleted', async () => {
    const { emulator, endpoint, port } = await start();
    const published = emulator.events.waitFor('live.published');
    push(`rtmp://127.0.0.1:${port}/app/s1`);
    await published;
    const viewer = await openPage(endpoint);
    const { location = '' } = await viewer.playWhep(`${endpoint}/app/s1`);
    expect(location).toMatch(/\/_whep\/([^/]+\/)?[0-9a-f-]{36}$/);
    await viewer.waitUntil(({ framesDecoded }) => framesDecoded > 10);
    expect((await fetch(location, { method: 'PATCH' })).status).toBe(405);
    const left = emulator.events.waitFor('viewer.left');
    expect((await fetch(location, { method: 'DELETE' })).status).toBe(200);
    expect(await left).toMatchObject({ protocol: 'whep', app: 'app', stream: 's1', cause: 'the viewer left' });
    expect((await fetch(location, { method: 'DELETE' })).status).toBe(404);
  });

  it('a user of a room without the address; a viewer with a name takes part', async () => {
    const { emulator, endpoint, call, address } = await start();
    const joined = emulator.events.waitFor('room.joined');
    push(await address('u1'));
    await joined;
    const viewer = await openPage(endpoint);
    await viewer.playWhep(`${endpoint}/_emulator/rooms/app-1/room/u1?uid=v1`);
    await viewer.waitUntil(({ framesDecoded }) => framesDecoded > 0);
    expect(await call('DescribeChannelUsers', ROOM)).toMatchObject({
      InteractiveUserList: ['u1'],
      LiveUserList: ['v1'],
      LiveUserNumber: 1,
    });
    const left = emulator.events.waitFor('room.left');
    await call('RemoveTerminals', { ...ROOM, TerminalIds: ['v1'] });
    expect(await left).toMatchObject({ userId: 'v1', role: 'viewer', cause: 'The user was removed from the channel.' });
    await viewer.waitUntil(({ connection }) => /closed|disconnected|failed/.test(connection));
  });

  it('is refused where nothing is live, and where all places are taken', async () => {
    const { emulator, endpoint, port } = await start({ maxViewers: 1 });
    const viewers = [await openPage(endpoint), await openPage(endpoint)] as const;
    expect(await viewers[0].playWhep(`${endpoint}/app/s1`)).toMatchObject({
      status: 404,
      text: 'Nothing is live at /app/s1.\n',
    });
    const published = emulator.events.waitFor('live.published');
    push(`rtmp://127.0.0.1:${port}/app/s1`);
    await published;
    expect(await viewers[0].playWhep(`${endpoint}/app/s1`)).toMatchObject({ status: 201 });
    // Who has not connected yet would give way.
    await viewers[0].waitUntil(({ framesDecoded }) => framesDecoded > 0);
    expect(await viewers[1].playWhep(`${endpoint}/app/s1`)).toMatchObject({ status: 503 });
  });
});
