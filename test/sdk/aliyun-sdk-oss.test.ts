import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { startTestEmulator } from '../support/emulator.ts';
import { describeWith } from '../support/tools.ts';
import type { SdkClient } from './client.ts';
import { describeLives } from './lives.ts';
import { JAVA_SDK, ownTestsTitle } from './matrix.ts';
import { type Program, startProgram } from './program-client.ts';
import { buildJava, INSTALL_TIMEOUT_MS } from './programs.ts';

const TOOLS = ['java', 'javac', 'mvn', 'gcc'];
const DEFAULTS = {
  description: '',
  status: 'enabled',
  type: 'HLS',
  fragDurationSec: 5,
  fragCount: 3,
  playlistName: 'playlist.m3u8',
};

let java: Program;
beforeAll(async () => {
  java = await buildJava();
}, INSTALL_TIMEOUT_MS);

describeLives(JAVA_SDK, TOOLS, (options) => startProgram(java, options));

/** A client with its own new bucket, as the test case of the library makes one. */
async function start(acl = 'private'): Promise<SdkClient> {
  const { port } = await startTestEmulator({ buckets: [] });
  const client = await startProgram(java, { endpoint: `http://127.0.0.1:${port}`, auth: 'V1', style: 'default' });
  onTestFinished(() => client.stop());
  await client.putBucket(acl);
  return client;
}

describeWith(TOOLS, ownTestsTitle(JAVA_SDK, 'RtmpTest.java'), () => {
  it('creates a channel with the defaults, with one URL each', async () => {
    const client = await start('public-read-write');
    const { publishUrls, playUrls } = await client.create('defaults', {});
    expect(publishUrls).toEqual([expect.stringMatching(/^rtmp:\/\/.*live\/defaults$/)]);
    expect(playUrls).toEqual([expect.stringMatching(/^http:\/\/.*defaults\/playlist\.m3u8$/)]);
    expect(await client.info('defaults')).toEqual(DEFAULTS);
  });

  it('creates a channel with everything at its largest', async () => {
    const client = await start();
    const largest = { ...DEFAULTS, description: 'my test', status: 'disabled', fragDurationSec: 100, fragCount: 99 };
    await client.create('largest', largest);
    expect(await client.info('largest')).toEqual(largest);
  });

  it.each([
    ['Type RTMP', { type: 'RTMP' }],
    ['FragDuration 200', { fragDurationSec: 200 }],
    ['FragCount 0', { fragCount: 0 }],
    ['FragCount 199', { fragCount: 199 }],
  ])('is refused %s', async (_name, settings) => {
    const client = await start();
    await expect(client.create('refused', { ...DEFAULTS, ...settings })).rejects.toMatchObject({
      code: 'InvalidArgument',
      requestId: expect.stringMatching(/^.{24}$/),
    });
  });

  it('sets a status, also the one there is', async () => {
    const client = await start();
    await client.create('status', DEFAULTS);
    for (const status of ['enabled', 'disabled', 'disabled', 'enabled']) {
      await client.setStatus('status', status);
      expect((await client.info('status')).status).toBe(status);
    }
    await expect(client.setStatus('missing', 'enabled')).rejects.toMatchObject({ code: 'NoSuchLiveChannel' });
  });

  it('finds nothing but the status in the stat of an idle and of a disabled channel', async () => {
    const client = await start();
    await client.create('stat', DEFAULTS);
    expect(await client.stat('stat')).toEqual({ status: 'Idle' });
    await client.setStatus('stat', 'disabled');
    expect(await client.stat('stat')).toEqual({ status: 'Disabled' });
    await expect(client.stat('missing')).rejects.toMatchObject({ code: 'NoSuchLiveChannel' });
  });

  it('finds no history of a new channel', async () => {
    const client = await start();
    await client.create('history', DEFAULTS);
    expect(await client.history('history')).toEqual([]);
  });

  it('lists 102 channels by pages', async () => {
    const client = await start();
    const names = Array.from({ length: 102 }, (_, at) => `list-${String(at).padStart(3, '0')}`);
    for (const name of names) await client.create(name, DEFAULTS);
    const first = await client.list({});
    expect(first).toMatchObject({ isTruncated: true, maxKeys: 100, nextMarker: names[99] });
    const last = await client.list({ marker: first.nextMarker ?? '' });
    expect(last.isTruncated).toBe(false);
    expect(last.nextMarker ?? '').toBe('');
    expect([...first.channels, ...last.channels].map(({ name }) => name)).toEqual(names);
    expect(await client.names('list-', 7)).toEqual(names);
  });

  it('is told that there is no ts file when it asks for a VOD playlist', async () => {
    const client = await start();
    await client.create('vod', DEFAULTS);
    const nowSec = Math.floor(Date.now() / 1000);
    const refusal = { code: 'InvalidArgument', message: 'No ts file found in specified time span.' };
    await expect(client.postVod('vod', 'vod.m3u8', nowSec - 3600, nowSec)).rejects.toMatchObject(refusal);
    await expect(client.getVod('vod', nowSec - 3600, nowSec)).rejects.toMatchObject(refusal);
  });

  it('deletes a channel', async () => {
    const client = await start();
    await client.create('deleted', DEFAULTS);
    await client.delete('deleted');
    await expect(client.info('deleted')).rejects.toMatchObject({ code: 'NoSuchLiveChannel' });
    await client.deleteBucket();
  });
});
