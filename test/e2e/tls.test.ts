/** The same ports over TLS: REST and playback as https, publishing as rtmps. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OSS from 'ali-oss';
import { expect, it, onTestFinished } from 'vitest';
import { channelConfig, clip, startTestEmulator } from '../support/emulator.ts';
import { describeWith, pushWithFfmpeg } from '../support/tools.ts';

/** A client that trusts this certificate only. */
function secureClient(port: number, certificate: string): OSS {
  return new OSS({
    accessKeyId: 'emulator-ak',
    accessKeySecret: 'emulator-secret',
    bucket: 'examplebucket',
    region: 'oss-cn-hangzhou',
    endpoint: `https://localhost:${port}`,
    sldEnable: true,
    httpsAgent: new Agent({ ca: certificate }),
  } as OSS.Options);
}

function getText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { rejectUnauthorized: false, agent: false }, async (response) => {
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk;
      resolve(text);
    });
    sent.on('error', reject).end();
  });
}

it('serves ali-oss over https, with a certificate it can be told to trust', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'emulator-tls-'));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  const { port } = await startTestEmulator({ tls: true, memory: false, dataDir });
  const client = secureClient(port, await readFile(join(dataDir, 'tls', 'cert.pem'), 'utf8'));
  const { publishUrls, playUrls } = await client.putChannel('cam', channelConfig());
  expect(publishUrls).toEqual([`rtmp://localhost:${port}/examplebucket/live/cam`]);
  expect(playUrls).toEqual([`http://localhost:${port}/examplebucket/cam/playlist.m3u8`]);
  await client.put('a.txt', Buffer.alloc(300_000, 'a'));
  expect((await client.get('a.txt')).content).toHaveLength(300_000);
});

describeWith(['ffmpeg'], 'a push with ffmpeg over rtmps', () => {
  it.each(['port', 'rtmpPort'] as const)('becomes fragments, on the %s', async (which) => {
    const { emulator, client, port } = await startTestEmulator({ tls: true, rtmpPort: 0 });
    await client.putChannel('cam', channelConfig());
    const url = client.getRtmpUrl('cam', { expires: 3600 });
    const secure = url.replace(`rtmp://localhost:${port}`, `rtmps://localhost:${emulator.addresses[which]}`);
    const ended = emulator.events.waitFor('publish.ended');
    expect(await pushWithFfmpeg(clip('h264-aac.flv'), secure).done).toEqual({ code: 0, stderr: '' });
    expect((await ended).cause).toBe('unpublished');
    const playlist = await getText(`https://localhost:${port}/examplebucket/cam/playlist.m3u8`);
    expect(playlist.match(/#EXTINF/g)).toHaveLength(3);
  });

  it('is told why when it is refused', async () => {
    const { emulator, port } = await startTestEmulator({ tls: true });
    const refused = emulator.events.waitFor('publish.refused');
    const { code } = await pushWithFfmpeg(clip('h264-aac.flv'), `rtmps://localhost:${port}/live/nothing`).done;
    expect(code).not.toBe(0);
    expect((await refused).description).toContain('NoSuchLiveChannel');
  });
});
