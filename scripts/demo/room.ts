import RPCClient from '@alicloud/pop-core';
import type { Emulator } from '../../src/emulator/emulator.ts';
import { isChromiumThere, launchChromium, openViewerPage, type Watched } from '../support/chromium.ts';
import { expect, pushClip, say } from './stage.ts';

const ROOM = { AppId: 'demo-app', ChannelId: 'demo-room' };
const USER = { UserId: 'camera-1', DisplayName: 'Camera 1' };

/** A room: an address for a user, a push to it, and a browser without a window that watches. */
export async function room(emulator: Emulator, port: number): Promise<void> {
  const { accessKeyId, accessKeySecret } = emulator.config;
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new RPCClient({ accessKeyId, accessKeySecret, endpoint, apiVersion: '2016-11-01' });
  const call = async (action: string, parameters: object) => Object(await client.request(action, parameters, {}));
  const users = async () => (await call('DescribeChannelParticipants', ROOM)).UserList;

  const { RtmpAddress } = await call('CreateRoomRealTimeStreamAddress', { ...ROOM, ...USER, ExpireTime: 3600 });
  say('address', RtmpAddress);
  expect('users before the push', await users(), []);

  const joined = emulator.events.waitFor('room.joined');
  const left = emulator.events.waitFor('room.left');
  const push = pushClip(RtmpAddress, { forever: true });
  await Promise.race([joined, push.exited]);
  expect('users during the push', await users(), [USER.UserId]);
  say('room', `${ROOM.AppId}/${ROOM.ChannelId}: ${USER.UserId} publishes`);

  const whep = `${endpoint}/_emulator/rooms/${ROOM.AppId}/${ROOM.ChannelId}/${USER.UserId}`;
  if (isChromiumThere()) report(await watch(endpoint, whep));
  else say('watch', 'skipped: there is no Chromium at /usr/bin/chromium');

  push.stop();
  await push.exited;
  await left;
  expect('users after the push', await users(), []);
  say('end', 'the room is empty again; the address is good for another hour');
}

/** Watches a few seconds of it in a browser. */
async function watch(endpoint: string, whep: string): Promise<Watched> {
  const browser = await launchChromium();
  try {
    const viewer = await openViewerPage(browser, `${endpoint}/_emulator/health`);
    const { status, text } = await viewer.playWhep(whep);
    expect(`answer to the offer (${text ?? ''})`, status, 201);
    return await viewer.waitUntil(({ framesDecoded, audioEnergy }) => framesDecoded > 75 && audioEnergy > 0);
  } finally {
    await browser.close();
  }
}

function report({ framesDecoded, widthPx, heightPx, packetsLost }: Watched): void {
  say(
    'watch',
    `Chromium decoded ${framesDecoded} pictures of ${widthPx}x${heightPx}, heard sound, lost ${packetsLost} packets`,
  );
  expect('picture', [widthPx, heightPx], [640, 360]);
}
