import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import RPCClient from '@alicloud/pop-core';
import { expect, it, onTestFinished } from 'vitest';
import { clip, startTestEmulator } from '../support/emulator.ts';
import { describeWith, pushWithFfmpeg } from '../support/tools.ts';

const ROOM = { AppId: 'app-1', ChannelId: 'room' };

async function start(options: Parameters<typeof startTestEmulator>[0] = {}) {
  const { emulator, port, endpoint } = await startTestEmulator(options);
  const client = new RPCClient({
    accessKeyId: 'emulator-ak',
    accessKeySecret: 'emulator-secret',
    endpoint,
    apiVersion: '2016-11-01',
  });
  const call = async (action: string, parameters: object) => Object(await client.request(action, parameters, {}));
  const address = async (userId: string, parameters: object = {}): Promise<string> => {
    const user = { ...ROOM, UserId: userId, DisplayName: userId, ...parameters };
    return (await call('CreateRoomRealTimeStreamAddress', user)).RtmpAddress;
  };
  const users = async (): Promise<readonly string[]> => (await call('DescribeChannelParticipants', ROOM)).UserList;
  return { emulator, port, call, address, users };
}

/** Pushes a clip repeatedly until the test ends. */
function push(url: string) {
  const publisher = pushWithFfmpeg(clip('h264-aac.flv'), url, ['-re', '-stream_loop', '-1']);
  onTestFinished(async () => {
    publisher.kill('SIGTERM');
    await publisher.done;
  });
  return publisher;
}

describeWith(['ffmpeg'], 'a room', () => {
  it('shows who pushes to its addresses; the same address is good again', async () => {
    const { emulator, address, users, call } = await start();
    const url = await address('u1');
    for (const round of [1, 2]) {
      const joined = emulator.events.waitFor('room.joined', ({ userId }) => userId === 'u1');
      const publisher = push(url);
      expect(await joined, `round ${round}`).toMatchObject({ appId: 'app-1', channelId: 'room', role: 'publisher' });
      expect(await users()).toEqual(['u1']);
      expect(await call('DescribeChannelUsers', ROOM)).toMatchObject({ InteractiveUserList: ['u1'] });
      const left = emulator.events.waitFor('room.left');
      publisher.kill('SIGTERM');
      await left;
      expect(await users()).toEqual([]);
    }
  });

  it('has many users, each once: a second push of the same user is refused, the first goes on', async () => {
    const { emulator, address, users } = await start();
    const bothThere = emulator.events.waitFor('room.joined', ({ userId }) => userId === 'u2');
    push(await address('u1'));
    await emulator.events.waitFor('room.joined', undefined, { after: 0 });
    push(await address('u2'));
    await bothThere;
    const refused = emulator.events.waitFor('publish.refused');
    const second = await pushWithFfmpeg(clip('h264-aac.flv'), await address('u1')).done;
    expect(second.code).not.toBe(0);
    expect(await refused).toMatchObject({ code: 'NetStream.Publish.BadName', description: 'Already publishing' });
    expect((await users()).toSorted()).toEqual(['u1', 'u2']);
  });

  it('refuses an address that expired, before Publish.Start; a push that began goes on', async () => {
    // The clock will jump by more than the idle limit of publishers.
    const { emulator, address, users, call } = await start({ idleTimeoutSec: 1000 });
    const url = await address('u1', { ExpireTime: 60 });
    const joined = emulator.events.waitFor('room.joined');
    push(url);
    await joined;
    await emulator.clock.advance(61_000);
    expect(await users()).toEqual(['u1']);
    const left = emulator.events.waitFor('room.left');
    await call('RemoveTerminals', { ...ROOM, TerminalIds: ['u1'] });
    expect(await left).toMatchObject({ cause: 'closed-by-server' });
    const refused = emulator.events.waitFor('publish.refused');
    const { code, stderr } = await pushWithFfmpeg(clip('h264-aac.flv'), url).done;
    expect(code).not.toBe(0);
    expect(stderr).toContain('The address is not valid.');
    expect(await refused).toMatchObject({
      code: 'NetStream.Publish.Unauthorized',
      reason: expect.stringContaining('auth_key expired at'),
    });
  });

  it.each([
    ['a gzip bomb', gzipSync(Buffer.alloc(1_000_000)).toString('base64url'), 'no token'],
    ['no token', 'H4sIAAAAAAAAA', 'no token'],
  ])('refuses %s, and tells the publisher nothing more', async (_, name, reason) => {
    const { emulator, port, address } = await start();
    const [, app = ''] = new URL((await address('u1')).replace('rtmp:', 'http:')).pathname.split('/');
    const refused = emulator.events.waitFor('publish.refused');
    const { code, stderr } = await pushWithFfmpeg(clip('h264-aac.flv'), `rtmp://127.0.0.1:${port}/${app}/${name}`).done;
    expect(code).not.toBe(0);
    expect(stderr).toContain('The address is not valid.');
    expect(await refused).toMatchObject({
      code: 'NetStream.Publish.Unauthorized',
      reason: expect.stringContaining(reason),
    });
  });

  it('outlives a restart with its addresses, not with its people', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rooms-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const options = { memory: false, dataDir: folder };
    const before = await start(options);
    const path = new URL((await before.address('u1')).replace('rtmp:', 'http:'));
    await before.emulator.stop();
    const after = await start(options);
    expect(await after.users()).toEqual([]);
    const joined = after.emulator.events.waitFor('room.joined');
    push(`rtmp://127.0.0.1:${after.port}${path.pathname}${path.search}`);
    expect(await joined).toMatchObject({ userId: 'u1' });
  });

  it('of another emulator is not seen, and its addresses are not good here', async () => {
    const [one, other] = [await start(), await start()];
    const url = await one.address('u1');
    const refused = other.emulator.events.waitFor('publish.refused');
    await pushWithFfmpeg(clip('h264-aac.flv'), url.replace(`:${one.port}/`, `:${other.port}/`)).done;
    expect(await refused).toMatchObject({ code: 'NetStream.Publish.Unauthorized' });
    const joined = one.emulator.events.waitFor('room.joined');
    push(url);
    await joined;
    expect([await one.users(), await other.users()]).toEqual([['u1'], []]);
  });
});
