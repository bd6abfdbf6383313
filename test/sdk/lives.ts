/** The life cycle of a channel, as the documentation of every SDK describes it, for each way to configure a client. */
import { afterAll, afterEach, expect, it, onTestFinished } from 'vitest';
import { signRtmpUrl } from '../../src/aliyun/auth/rtmp-url.ts';
import type { Emulator } from '../../src/emulator/emulator.ts';
import { clip, startTestEmulator } from '../support/emulator.ts';
import { describeWith } from '../support/tools.ts';
import type { ClientOptions, SdkClient } from './client.ts';
import { type Addressing, type Auth, BUCKET, CNAME, lifeTitle, type SdkUnderTest } from './matrix.ts';
import { holdPush } from './push.ts';

export type StartClient = (options: ClientOptions) => Promise<SdkClient>;

const CHANNEL = 'door-cam';
const PLAYLIST = 'door.m3u8';
/** How long a push continues after its channel was disabled; 10 s by default. */
const DISABLE_DELAY_SEC = 0.1;
/** The clip has a key frame every 2 s of its 12; the last fragment stays open until the push ends. */
const FRAGMENTS = 5;

const SETTINGS = {
  // The Java library does not escape what it writes into XML; the characters of markup are left to the other tests.
  description: 'the door 门',
  status: 'enabled',
  type: 'HLS',
  fragDurationSec: 2,
  fragCount: 3,
  playlistName: PLAYLIST,
};
const SNAPSHOT = { roleName: 'role', destBucket: BUCKET, notifyTopic: 'topic', intervalSec: 5 };

/** Declares one test for each way of signing and addressing, and prints a row for each. */
export function describeLives(sdk: SdkUnderTest, tools: readonly string[], start: StartClient): void {
  describeWith(['ffmpeg', 'gcc', ...tools], `${sdk.name} ${sdk.version}`, () => {
    const rows: string[] = [];
    afterEach(({ task }) => {
      const verdict = task.result?.state === 'fail' ? 'failed' : 'passed';
      rows.push(`${task.name.replace(/: .*/, '')}: ${verdict}`);
    });
    afterAll(() => console.log(rows.join('\n')));
    for (const addressing of sdk.addressings) {
      for (const auth of sdk.auths) it(lifeTitle(sdk, auth, addressing), () => live(sdk, auth, addressing, start));
    }
  });
}

async function live(sdk: SdkUnderTest, auth: Auth, addressing: Addressing, start: StartClient): Promise<void> {
  const cnames = [{ host: CNAME, bucket: BUCKET }];
  const options = { host: 'localhost', disableDelaySec: DISABLE_DELAY_SEC, cnames, channels: [] };
  const { emulator, port } = await startTestEmulator(options);
  const client = await start({ endpoint: `http://${addressing.host}:${port}`, auth, style: addressing.style });
  onTestFinished(() => client.stop());
  expect(client.version).toBe(sdk.version);

  const base = urlBase(sdk, addressing, port);
  await createAndRead(client, sdk, base);
  await list(client);
  await changeStatus(client);
  await pushAndWatch(client, sdk, emulator);
  await bury(client);
}

/** The host of the URLs in the answers: the one that the client used. */
function urlBase(sdk: SdkUnderTest, { host, style }: Addressing, port: number): { authority: string; path: string } {
  const byItself = host === '127.0.0.1' || (host === 'localhost' && sdk.localhost === 'path') ? 'path' : 'bucket';
  const shape = style === 'default' ? byItself : style;
  if (shape === 'path') return { authority: `${host}:${port}`, path: `/${BUCKET}` };
  return { authority: shape === 'cname' ? `${host}:${port}` : `${BUCKET}.${host}:${port}`, path: '' };
}

async function createAndRead(
  client: SdkClient,
  sdk: SdkUnderTest,
  { authority, path }: ReturnType<typeof urlBase>,
): Promise<void> {
  const snapshot = sdk.lacks.includes('Snapshot') ? {} : { snapshot: SNAPSHOT };
  const before = Math.floor(Date.now() / 1000);
  const urls = {
    publishUrls: [`rtmp://${authority}${path}/live/door-cam`],
    playUrls: [`http://${authority}${path}/door-cam/${PLAYLIST}`],
  };
  expect(await client.create(CHANNEL, { ...SETTINGS, ...snapshot })).toEqual(urls);
  expect(numbered(await client.info(CHANNEL))).toEqual({ ...SETTINGS, ...snapshot });
  const { channels } = await client.list({ prefix: CHANNEL });
  const { description, status } = SETTINGS;
  expect(channels).toEqual([{ name: CHANNEL, description, status, lastModifiedSec: expect.any(Number), ...urls }]);
  expect(channels[0]?.lastModifiedSec).toBeGreaterThanOrEqual(before);
}

async function list(client: SdkClient): Promise<void> {
  const names = ['list-1', 'list-2', 'list-3', 'list-4', 'list-5'];
  for (const name of names) await client.create(name, SETTINGS);
  const page = await client.list({ prefix: 'list-', marker: 'list-1', maxKeys: 3 });
  expect(page).toMatchObject({ isTruncated: true, nextMarker: 'list-4' });
  expect(page.channels.map(({ name }) => name)).toEqual(['list-2', 'list-3', 'list-4']);
  expect(await client.names('list-', 2)).toEqual(names);
  for (const name of names) await client.delete(name);
  expect(await client.names('', 100)).toEqual([CHANNEL]);
}

async function changeStatus(client: SdkClient): Promise<void> {
  expect(await client.stat(CHANNEL)).toEqual({ status: 'Idle' });
  await client.setStatus(CHANNEL, 'disabled');
  expect(await client.stat(CHANNEL)).toEqual({ status: 'Disabled' });
  expect((await client.info(CHANNEL)).status).toBe('disabled');
  await client.setStatus(CHANNEL, 'enabled');
  expect(await client.history(CHANNEL)).toEqual([]);
}

async function pushAndWatch(client: SdkClient, sdk: SdkUnderTest, emulator: Emulator): Promise<void> {
  const before = Math.floor(Date.now() / 1000);
  const stored = fragmentsStored(emulator, FRAGMENTS);
  const ended = emulator.events.waitFor('publish.ended');
  const push = await holdPush(clip('h264-aac.flv'), await publishUrl(client, sdk, emulator));
  await Promise.race([stored, push.failed]);

  const { connectedSec, remoteAddr, video, audio, status } = await client.stat(CHANNEL);
  expect(status).toBe('Live');
  expect(connectedSec).toBeGreaterThanOrEqual(before);
  expect(remoteAddr).toMatch(/^127\.0\.0\.1:\d+$/);
  expect(numbered({ codec: 'H264', ...video })).toMatchObject({
    width: 640,
    height: 360,
    frameRate: 25,
    codec: 'H264',
  });
  expect(numbered({ ...audio })).toMatchObject({ sampleRate: 44_100, codec: 'AAC' });
  await vod(client, sdk, emulator, before);

  const refused = client.delete(CHANNEL);
  await expect(refused).rejects.toMatchObject({ code: 'ChannelStillLive', ec: '0044-00000201' });
  await expect(refused).rejects.toHaveProperty('requestId', expect.stringMatching(/^[0-9A-F]{24}$/));
  expect(await client.history(CHANNEL)).toEqual([]);
  await client.setStatus(CHANNEL, 'disabled');
  await ended;
  const [record, ...more] = await client.history(CHANNEL);
  expect(more).toEqual([]);
  expect(record).toEqual({ startSec: connectedSec, endSec: expect.any(Number), remoteAddr });
  expect(record?.endSec).toBeGreaterThanOrEqual(record?.startSec ?? Number.NaN);
  await push.end();
}

/** As the client signs it; the second generation cannot. */
async function publishUrl(client: SdkClient, sdk: SdkUnderTest, { addresses }: Emulator): Promise<string> {
  if (!sdk.lacks.includes('SignRtmpUrl')) return client.signRtmpUrl(CHANNEL, PLAYLIST, 3600);
  const key = { accessKeyId: 'emulator-ak', accessKeySecret: 'emulator-secret' };
  const expiresSec = Math.floor(Date.now() / 1000) + 3600;
  const query = signRtmpUrl({ bucket: BUCKET, channel: CHANNEL }, key, expiresSec, { playlistName: PLAYLIST });
  return `rtmp://localhost:${addresses.port}/${BUCKET}/live/${CHANNEL}?${query}`;
}

/** Resolves when so many fragments are stored. */
function fragmentsStored({ events }: Emulator, count: number): Promise<void> {
  return new Promise((resolve) => {
    let stored = 0;
    const unsubscribe = events.subscribe(({ type }) => {
      if (type === 'fragment.stored') stored++;
      if (stored < count) return;
      unsubscribe();
      resolve();
    });
  });
}

async function vod(client: SdkClient, sdk: SdkUnderTest, emulator: Emulator, startSec: number): Promise<void> {
  const range = [startSec, startSec + 3600] as const;
  await client.postVod(CHANNEL, 'day.m3u8', ...range);
  const { port } = emulator.addresses;
  const posted = await (await fetch(`http://127.0.0.1:${port}/${BUCKET}/${CHANNEL}/day.m3u8`)).text();
  expect(posted.match(/#EXTINF/g)).toHaveLength(FRAGMENTS);
  if (!sdk.lacks.includes('GetVodPlaylist')) expect(await client.getVod(CHANNEL, ...range)).toBe(posted);
}

async function bury(client: SdkClient): Promise<void> {
  await client.delete(CHANNEL);
  const missing = { code: 'NoSuchLiveChannel', ec: '0026-00000021' };
  await expect(client.info(CHANNEL)).rejects.toMatchObject(missing);
  await expect(client.stat(CHANNEL)).rejects.toMatchObject(missing);
}

/** With every text that is a number converted to a number. */
function numbered(fields: object): unknown {
  return JSON.parse(JSON.stringify(fields), (_key, value) => (/^\d+$/.test(value) ? Number(value) : value));
}
