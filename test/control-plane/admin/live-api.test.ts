import { describe, expect, it, onTestFinished } from 'vitest';
import { signAuthKey } from '../../../src/aliyun/auth/auth-key.ts';
import { type RunningEmulator, startEmulator } from '../../../src/index.ts';
import { subscribeToRooms, untilGivenUp } from '../../support/callbacks.ts';
import { controlOf } from '../../support/control.ts';
import { receiveHttp } from '../../support/http-receiver.ts';

const ALICE = { appId: 'app', channelId: 'lesson', userId: 'alice' };

async function rpc(emulator: RunningEmulator, Action: string, parameters: Readonly<Record<string, string>>) {
  const query = new URLSearchParams({ Action, Version: '2016-11-01', Format: 'JSON', ...parameters });
  const response = await fetch(`${emulator.endpoint}/?${query}`);
  if (!response.ok) throw new Error(await response.text());
}

/** Watches over HTTP-FLV until the test ends. */
async function watch(url: string): Promise<Response> {
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  return fetch(url, { signal: leaving.signal });
}

describe('streams in the control API', () => {
  it('are shown live with viewers and recording, then idle with their recording to play', async () => {
    await using emulator = await startEmulator({ liveRecordBucket: 'recordings', buckets: ['examplebucket'] });
    const control = controlOf(emulator);
    emulator.clock.freeze();
    const { body: begun } = await control('publish', '/publish', {
      url: `rtmp://127.0.0.1:${emulator.port}/app/s1`,
      durationSec: 3_600,
    });
    expect(begun).toMatchObject({ bucket: null, channel: null, state: 'running' });
    await emulator.clock.advance(13_000);
    const watching = await watch(`${emulator.endpoint}/app/s1.flv`);
    expect(watching.headers.get('content-type')).toBe('video/x-flv');

    const { body } = await control('streams', '/live/streams');
    const base = `127.0.0.1:${emulator.port}`;
    expect(body.streams).toMatchObject([
      {
        domain: '*',
        app: 'app',
        stream: 's1',
        state: 'live',
        endedMs: null,
        publishUrl: `rtmp://${base}/app/s1`,
        play: {
          rts: `artc://${base}/app/s1`,
          whep: `http://${base}/_emulator/live/app/s1`,
          flv: `http://${base}/_emulator/live/app/s1.flv`,
          hls: `http://${base}/_emulator/live/app/s1.m3u8`,
          short: {
            whep: `http://${base}/app/s1`,
            flv: `http://${base}/app/s1.flv`,
            hls: `http://${base}/app/s1.m3u8`,
          },
        },
        live: {
          publishDomain: '127.0.0.1',
          video: { codec: 'H264', width: 640 },
          audio: { codec: 'AAC' },
          viewers: 1,
          recording: { bucket: 'recordings', slices: 2 },
        },
      },
    ]);
    expect((await watch(body.streams[0].play.short.flv)).headers.get('content-type')).toBe('video/x-flv');
    expect(body.streams[0].live.totals.videoFrames).toBeGreaterThan(300);
    const growing = await control('recordings', '/live/recordings');
    expect(growing.body).toMatchObject({
      recordings: [{ bucket: 'recordings', folder: 'record/app/s1/', key: null, endedMs: null, slices: 2, url: null }],
      indexFiles: [],
    });

    await control('stopPublish', `/publish/${begun.id}`);
    expect((await control('streams', '/live/streams')).body.streams).toMatchObject([{ state: 'idle', live: null }]);
    const finished = emulator.events.waitFor('live.record-finished');
    await emulator.clock.advance(180_000);
    const { key } = await finished;
    const { body: ended } = await control('recordings', '/live/recordings?app=app&stream=s1&limit=1');
    expect(ended.recordings).toMatchObject([{ key, slices: 3 }]);
    expect(await (await fetch(ended.recordings[0].url)).text()).toContain('#EXT-X-ENDLIST');
    expect((await control('recordings', '/live/recordings?app=other')).body.recordings).toEqual([]);
  });

  it('of a domain that signs can be pushed and played as they are shown', async () => {
    const authKeys = [{ domain: 'push.example.com', key: 'a-key-of-sixteen' }];
    await using emulator = await startEmulator({ liveAuthKeys: authKeys });
    const control = controlOf(emulator);
    const url = 'rtmp://push.example.com/app/s1';
    expect((await control('publish', '/publish', { url })).status).toBe(409);
    const authKey = signAuthKey('/app/s1', Math.floor(Date.now() / 1000) + 60, '0', '0', 'a-key-of-sixteen');
    const signed = `${url}?auth_key=${authKey}`;
    await (await emulator.publish({ url: signed, speed: 'max' })).done;
    const [shown] = (await control('streams', '/live/streams')).body.streams;
    expect(shown).toMatchObject({ domain: 'push.example.com', state: 'idle' });

    await emulator.publish({ url: shown.publishUrl, durationSec: 600 });
    const [live] = (await control('streams', '/live/streams')).body.streams;
    expect(live).toMatchObject({ domain: 'push.example.com', state: 'live' });
    expect((await watch(live.play.flv)).status).toBe(200);
    expect((await watch(live.play.short.flv)).status).toBe(200);
    expect((await fetch(live.play.flv.replace(/auth_key=[^&]*/, ''))).status).toBe(403);
  });

  it('have index files, the latest first', async () => {
    await using emulator = await startEmulator({ auth: 'off', liveRecordBucket: 'recordings', buckets: ['private'] });
    const control = controlOf(emulator);
    emulator.clock.freeze();
    const push = await emulator.publish({ url: `rtmp://127.0.0.1:${emulator.port}/app/s1`, durationSec: 3_600 });
    const startMs = emulator.clock.now();
    await emulator.clock.advance(14_000);
    for (const OssObject of ['first.m3u8', 'second.m3u8']) {
      await rpc(emulator, 'CreateLiveStreamRecordIndexFiles', {
        DomainName: 'example.com',
        AppName: 'app',
        StreamName: 's1',
        OssEndpoint: 'x',
        OssBucket: 'private',
        OssObject,
        StartTime: iso(startMs - 1_000),
        EndTime: iso(startMs + 14_000),
      });
      await emulator.clock.advance(1_000);
    }
    const { indexFiles } = (await control('recordings', '/live/recordings')).body;
    expect(indexFiles).toMatchObject([
      { key: 'second.m3u8', bucket: 'private', domain: 'example.com' },
      { key: 'first.m3u8', durationMs: 12_000 },
    ]);
    expect(indexFiles[0].url).toContain('Signature=');
    expect((await fetch(indexFiles[0].url)).status).toBe(200);
    await push.stop();
  });
});

describe('rooms in the control API', () => {
  it('give addresses, show who is there, and send users out', async () => {
    await using emulator = await startEmulator();
    const control = controlOf(emulator);
    expect((await control('rooms', '/rooms')).body).toEqual({ rooms: [] });
    const askedMs = emulator.clock.now();
    const { body: address } = await control('roomAddress', '/rooms/address', { ...ALICE, displayName: 'Alice A.' });
    expect(address.rtmpAddress).toBe(`${address.server}/${address.streamKey}`);
    expect(address.rts).toBe(address.rtmpAddress.replace('rtmp:', 'artc:'));
    expect(address.ffmpeg).toContain(`-f flv '${address.rtmpAddress}'`);
    // Ten hours, in whole seconds.
    expect(address.expiresMs).toBeGreaterThan(askedMs + 35_999_000);
    expect(address.expiresMs).toBeLessThanOrEqual(emulator.clock.now() + 36_000_000);

    await emulator.publish({ url: address.rtmpAddress, durationSec: 600 });
    const { body } = await control('rooms', '/rooms');
    const watchUrl = `${emulator.endpoint}/_emulator/rooms/app/lesson/alice`;
    expect(address.whep).toBe(watchUrl);
    expect(body.rooms).toMatchObject([
      {
        appId: 'app',
        channelId: 'lesson',
        participants: [{ userId: 'alice', displayName: 'Alice A.', role: 'publisher', viewers: 0, watchUrl }],
      },
    ]);

    const left = emulator.events.waitFor('room.left');
    await control('removeParticipant', '/rooms/app/lesson/alice');
    expect(await left).toMatchObject({ userId: 'alice' });
    expect((await control('rooms', '/rooms')).body).toEqual({ rooms: [] });
    expect(await control('removeParticipant', '/rooms/app/lesson/alice')).toEqual({
      status: 404,
      body: { error: 'There is no user "alice" in the room app/lesson.' },
    });
  });

  it('refuse what no address can be for', async () => {
    const liveApps = [{ appId: 'app', accessKeyId: undefined }];
    await using emulator = await startEmulator({ liveApps });
    const control = controlOf(emulator);
    const refusalOf = async (body: object) => (await control('roomAddress', '/rooms/address', body)).body.error;
    expect(await refusalOf({ ...ALICE, userId: 'al ice' })).toBe(
      'The request: userId must be 1 to 64 of A-Z, a-z, 0-9, _ and -.',
    );
    expect(await refusalOf({ ...ALICE, displayName: 'a\n' })).toContain('displayName must be 1 to 40 characters');
    expect(await refusalOf({ ...ALICE, appId: 'other' })).toBe(
      'The request: other is none of the configured applications (app).',
    );
    expect(await refusalOf({ ...ALICE, expiresSec: 0 })).toContain('expiresSec must be a whole number from 1');
    expect(await refusalOf({ appId: 'app' })).toContain('needs the field');
  });
});

describe('viewers in the control API', () => {
  it('are listed by what they watch, and sent away', async () => {
    await using emulator = await startEmulator();
    const control = controlOf(emulator);
    const { rtmpAddress } = emulator.roomAddress(ALICE);
    await emulator.publish({ url: rtmpAddress, durationSec: 600 });
    const { pathname, search } = new URL(rtmpAddress.replace('rtmp:', 'http:'));
    emulator.clock.freeze();
    await emulator.clock.advance(5_000);
    const watching = await watch(`${emulator.endpoint}${pathname}.flv${search}&uid=bob`);
    const { viewers } = (await control('viewers', '/viewers')).body;
    expect(viewers).toMatchObject([{ protocol: 'flv', watches: ALICE, name: 'bob', joinedMs: emulator.clock.now() }]);
    const [room] = emulator.rooms();
    expect(room?.participants).toMatchObject([
      { userId: 'alice', viewers: 1 },
      { userId: 'bob', role: 'viewer', video: null, watchUrl: null },
    ]);

    await control('removeViewer', `/viewers/${viewers[0].id}`);
    await watching.arrayBuffer().catch(() => {}); // It ends normally or with an error; both are fine.
    expect((await control('viewers', '/viewers')).body).toEqual({ viewers: [] });
    expect((await control('removeViewer', `/viewers/${viewers[0].id}`)).status).toBe(404);
  });
});

describe('callbacks in the control API', () => {
  it('are listed, and delivered again', async () => {
    await using emulator = await startEmulator({ auth: 'off' });
    const control = controlOf(emulator);
    let status = 500;
    const target = await receiveHttp((response) => response.writeHead(status).end('noted'));
    await subscribeToRooms(emulator.endpoint, `${target.url}/hook`);
    emulator.clock.freeze();
    const { rtmpAddress } = emulator.roomAddress(ALICE);
    await emulator.publish({ url: rtmpAddress, durationSec: 600 });
    await untilGivenUp('Join', emulator);
    const { callbacks } = (await control('callbacks', '/callbacks')).body;
    const join = callbacks.find(({ action }: { action: string }) => action === 'Join');
    expect(join).toMatchObject({
      about: ALICE,
      method: 'POST',
      url: `${target.url}/hook`,
      delivered: false,
      attempts: 5,
      response: '500 noted',
      body: expect.stringContaining('"EventTag":"Join"'),
    });

    status = 200;
    const delivered = emulator.events.waitFor('live.callback-delivered', ({ action }) => action === 'Join');
    await control('retryCallback', `/callbacks/${join.id}/retry`);
    await delivered;
    const [again] = emulator.callbacks().callbacks;
    expect(again).toMatchObject({ action: 'Join', delivered: true, attempts: 1, body: join.body });
    expect(again?.id).not.toBe(join.id);
    expect((await control('retryCallback', '/callbacks/none/retry')).status).toBe(404);

    await emulator.reset();
    expect(emulator.callbacks()).toEqual({ callbacks: [], deadLetters: [] });
  });
});

describe('an address that is watched', () => {
  it.each([
    ['/live/app/s%201', '#/streams/app/s%201'],
    ['/rooms/app/lesson', '#/rooms/app/lesson'],
    ['/rooms/app/lesson/alice', '#/rooms/app/lesson'],
  ])('%s leads a browser to %s', async (path, place) => {
    await using emulator = await startEmulator();
    const response = await fetch(`${emulator.endpoint}/_emulator${path}`, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([302, `/_emulator/${place}`]);
  });
});

describe('a push to an address', () => {
  it('is refused with a sentence when it cannot be', async () => {
    await using emulator = await startEmulator();
    const control = controlOf(emulator);
    const refusalOf = async (body: object) => (await control('publish', '/publish', body)).body.error;
    const url = 'rtmp://127.0.0.1/app/s1';
    expect(await refusalOf({})).toBe('The publish request: needs the field channel, or url.');
    expect(await refusalOf({ url, channel: 'cam' })).toBe('The publish request: give channel or url, not both.');
    expect(await refusalOf({ url, bucket: 'b' })).toBe(
      'The publish request: bucket and playlistName are for a channel.',
    );
    expect(await refusalOf({ url: 'http://127.0.0.1/' })).toContain('an RTMP URL reads rtmp://host[:port]/app/stream');
    expect(await refusalOf({ url: 'rtmp://127.0.0.1/rtc1/H4sIAAA' })).toContain('NetStream.Publish.Unauthorized');
  });
});

function iso(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
