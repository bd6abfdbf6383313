import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { signAuthKey } from '../../src/aliyun/auth/auth-key.ts';
import { readFlvTags } from '../../src/media/flv/file.ts';
import { parseVideoTag } from '../../src/media/flv/tags.ts';
import { clip, startTestEmulator } from '../support/emulator.ts';
import { describeWith, pushWithFfmpeg } from '../support/tools.ts';

const run = promisify(execFile);

/** An emulator to which `h264-aac.flv` is pushed repeatedly. */
async function startStream(options: Parameters<typeof startTestEmulator>[0] = {}, path = '/app/s1', query = '') {
  const started = await startTestEmulator(options);
  const published = started.emulator.events.waitFor('live.published');
  const push = pushWithFfmpeg(clip('h264-aac.flv'), `rtmp://127.0.0.1:${started.port}${path}${query}`, [
    '-re',
    '-stream_loop',
    '-1',
  ]);
  onTestFinished(async () => {
    push.kill('SIGTERM');
    await push.done;
  });
  await published;
  return { ...started, push };
}

/** What a player says that is not about itself: one that gets no processor for some time has to leave slices out. */
function complaints(stderr: string): string {
  return stderr.replace(/^.*skipping \d+ segments ahead.*\n/gm, '');
}

async function status(url: string, headers: Record<string, string> = {}): Promise<number> {
  const response = await fetch(url, { headers });
  await response.body?.cancel();
  return response.status;
}

describeWith(['ffmpeg'], 'a live stream as HTTP-FLV', () => {
  it('is played by ffmpeg, which has nothing to complain of', async () => {
    const { endpoint, emulator } = await startStream();
    const joined = emulator.events.waitFor('viewer.joined');
    const left = emulator.events.waitFor('viewer.left');
    const { stdout, stderr } = await run('ffmpeg', [
      '-v',
      'warning',
      '-i',
      `${endpoint}/app/s1.flv`,
      '-t',
      '4',
      '-f',
      'framehash',
      '-hash',
      'crc32',
      '-',
    ]);
    expect(stderr).toBe('');
    const frames = stdout.split('\n').filter((line) => /^[01],/.test(line));
    expect(frames.filter((line) => line.startsWith('0,')).length).toBeGreaterThanOrEqual(99);
    expect(frames.filter((line) => line.startsWith('1,')).length).toBeGreaterThanOrEqual(165);
    expect(await joined).toMatchObject({ protocol: 'flv', domain: '*', app: 'app', stream: 's1' });
    expect(await left).toMatchObject({ cause: 'the viewer left' });
  });

  it('begins with metadata, the configurations and a key frame, at time 0', async () => {
    const { endpoint } = await startStream();
    const response = await fetch(`${endpoint}/_emulator/live/app/s1.flv`);
    expect(response.headers.get('content-type')).toBe('video/x-flv');
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    const chunks: Buffer[] = [];
    for await (const chunk of response.body ?? []) {
      chunks.push(Buffer.from(chunk));
      if (Buffer.concat(chunks).length > 20_000) break;
    }
    const [metadata, video, audio, first] = [...readFlvTags(Buffer.concat(chunks))];
    expect(metadata?.kind).toBe('data');
    expect(metadata?.payload.toString('latin1')).toContain('onMetaData');
    expect(parseVideoTag(video?.payload ?? Buffer.alloc(0))).toMatchObject({ kind: 'config', codec: 'h264' });
    expect(audio?.kind).toBe('audio');
    expect(first?.timestampMs).toBe(0);
    expect(parseVideoTag(first?.payload ?? Buffer.alloc(0))).toMatchObject({ kind: 'frame', keyFrame: true });
  });

  it('ends when the stream does', async () => {
    const { endpoint, emulator, push } = await startStream();
    const player = spawn('ffmpeg', ['-v', 'error', '-i', `${endpoint}/app/s1.flv`, '-f', 'null', '-']);
    const exit = once(player, 'exit');
    await emulator.events.waitFor('viewer.joined');
    push.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    expect(await emulator.events.waitFor('viewer.left', undefined, { after: 0 })).toMatchObject({
      cause: 'the stream ended',
    });
  });

  it('is found by its domain, and by that only', async () => {
    const { port } = await startStream({}, '/app/s1', '?vhost=play.live.localhost');
    const url = `http://127.0.0.1:${port}/app/s1.flv`;
    expect(await statusAs(url, 'play.live.localhost')).toBe(200);
    expect(await statusAs(url, 'other.live.localhost')).toBe(404);
    expect(await status(url)).toBe(200);
  });

  it('yields to a bucket of the same name, but not below the path of its own', async () => {
    const { endpoint } = await startStream({ buckets: [{ name: 'app', acl: 'public-read' }] });
    const object = await fetch(`${endpoint}/app/s1.flv`);
    expect(object.status).toBe(404);
    expect(await object.text()).toContain('<Code>NoSuchKey</Code>');
    expect(await status(`${endpoint}/_emulator/live/app/s1.flv`)).toBe(200);
  });

  it('yields to that bucket even where its domain asks for an auth_key', async () => {
    const key = 'MainKey123456789';
    const authKey = signAuthKey('/app/s1', Math.floor(Date.now() / 1000) + 60, '0', '0', key);
    const options = { buckets: [{ name: 'app', acl: 'public-read' }], liveAuthKeys: [{ domain: '*', key }] } as const;
    const { endpoint } = await startStream(options, '/app/s1', `?auth_key=${authKey}`);
    expect(await (await fetch(`${endpoint}/app/s1.flv`)).text()).toContain('<Code>NoSuchKey</Code>');
    expect(await status(`${endpoint}/_emulator/live/app/s1.flv`)).toBe(403);
  });

  it('does not take the place of us, whatever its domain is called', async () => {
    const { port, endpoint } = await startStream({}, '/app/s1', '?vhost=127.0.0.1');
    expect(await textAs(`http://127.0.0.1:${port}/examplebucket/s1.m3u8`, '127.0.0.1')).toContain(
      '<Code>NoSuchKey</Code>',
    );
    expect(await status(`${endpoint}/app/s1.flv`)).toBe(200);
  });

  it('that nobody pushes is an object to OSS, and nothing below the path of its own', async () => {
    const { endpoint } = await startTestEmulator();
    expect(await (await fetch(`${endpoint}/app/s1.flv`)).text()).toContain('<Code>NoSuchBucket</Code>');
    expect(await status(`${endpoint}/_emulator/live/app/s1.flv`)).toBe(404);
  });

  it('needs the auth_key of its domain, if that has one', async () => {
    const key = 'MainKey123456789';
    const sign = (path: string) => `?auth_key=${signAuthKey(path, Math.floor(Date.now() / 1000) + 60, '0', '0', key)}`;
    const options = { liveAuthKeys: [{ domain: '*', key }] };
    const { endpoint } = await startStream(options, '/app/s1', sign('/app/s1'));
    expect(await status(`${endpoint}/app/s1.flv`)).toBe(403);
    expect(await status(`${endpoint}/app/s1.flv${sign('/app/s1')}`)).toBe(403);
    expect(await status(`${endpoint}/app/s1.flv${sign('/app/s1.flv')}`)).toBe(200);
  });

  it('is shown to so many viewers and no more', async () => {
    const { endpoint, emulator } = await startStream({ maxViewers: 1 });
    const first = await fetch(`${endpoint}/app/s1.flv`);
    const full = await fetch(`${endpoint}/app/s1.flv`);
    expect({ status: full.status, text: await full.text() }).toEqual({
      status: 503,
      text: 'At most 1 may watch at once.\n',
    });
    const left = emulator.events.waitFor('viewer.left');
    await first.body?.cancel();
    await left;
    expect(await status(`${endpoint}/app/s1.flv`)).toBe(200);
  });
});

describeWith(['ffmpeg'], 'a live stream as HLS', () => {
  it('is played by ffmpeg, which has nothing to complain of', async () => {
    const { endpoint } = await startStream();
    const { stdout, stderr } = await run('ffmpeg', [
      '-v',
      'warning',
      '-i',
      `${endpoint}/app/s1.m3u8`,
      // By their number: a player that leaves slices out has fewer in a time.
      '-frames:v',
      '75',
      '-shortest',
      '-f',
      'framehash',
      '-hash',
      'crc32',
      '-',
    ]);
    expect(complaints(stderr)).toBe('');
    expect(stdout.split('\n').filter((line) => line.startsWith('0,')).length).toBe(75);
  });

  it('goes on from playlist to playlist; its fragments are there a while longer', async () => {
    const { endpoint } = await startStream();
    const first = await (await fetch(`${endpoint}/app/s1.m3u8`)).text();
    expect(first).toMatch(/^#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-MEDIA-SEQUENCE:\d+\n#EXT-X-DISCONTINUITY-SEQUENCE:\d+\n/);
    expect(first).toContain('\n#EXT-X-TARGETDURATION:2\n');
    const [uri = ''] = first.split('\n').filter((line) => line.endsWith('.ts'));
    expect(uri).toBe(`s1.${/SEQUENCE:(\d+)/.exec(first)?.[1]}.ts`);
    const fragment = await fetch(`${endpoint}/app/${uri}`);
    expect(fragment.headers.get('content-type')).toBe('video/MP2T');
    expect(
      Buffer.from(await fragment.arrayBuffer())
        .subarray(0, 1)
        .toString('hex'),
    ).toBe('47');
    expect(await status(`${endpoint}/app/s1.99.ts`)).toBe(404);
  });

  it('needs the auth_key of its domain, which its fragments repeat', async () => {
    const key = 'MainKey123456789';
    const sign = (path: string) => `?auth_key=${signAuthKey(path, Math.floor(Date.now() / 1000) + 60, '0', '0', key)}`;
    const options = { liveAuthKeys: [{ domain: '*', key }] };
    const { endpoint } = await startStream(options, '/app/s1', sign('/app/s1'));
    expect(await status(`${endpoint}/app/s1.m3u8`)).toBe(403);
    const playlist = await (await fetch(`${endpoint}/app/s1.m3u8${sign('/app/s1.m3u8')}`)).text();
    const uri = playlist.split('\n').find((line) => line.startsWith('s1.'));
    expect(uri).toContain('?auth_key=');
    expect(await status(`${endpoint}/app/${uri}`)).toBe(200);
    expect(await status(`${endpoint}/app/${uri?.replace(/\?.*/, '')}`)).toBe(403);
  });

  it('may be asked for with headers of the page, which a preflight allows', async () => {
    const { endpoint } = await startStream();
    const headers = {
      origin: 'http://elsewhere.test',
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'x-player',
    };
    const preflight = await fetch(`${endpoint}/app/s1.m3u8`, { method: 'OPTIONS', headers });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    expect(preflight.headers.get('access-control-allow-headers')).toContain('*');
    const ofObject = await fetch(`${endpoint}/examplebucket/s1.m3u8`, { method: 'OPTIONS', headers });
    expect(ofObject.headers.get('access-control-allow-methods')).not.toContain('DELETE');
  });

  /** Ends the push of a stream whose playlist was read; resolves when nothing is pushed any more. */
  async function endWatched({ endpoint, emulator, push }: Awaited<ReturnType<typeof startStream>>, query = '') {
    const before = await (await fetch(`${endpoint}/app/s1.m3u8${query}`)).text();
    const ended = emulator.events.waitFor('live.ended');
    push.kill('SIGTERM');
    await ended;
    return before;
  }

  it('stays open when the push ends, with all that was listed, and is continued by the next push', async () => {
    const started = await startStream();
    const { endpoint, emulator, port } = started;
    const before = await endWatched(started);
    const after = await (await fetch(`${endpoint}/app/s1.m3u8`)).text();
    expect(after).not.toContain('#EXT-X-ENDLIST');
    expect(urisIn(after).slice(0, urisIn(before).length)).toEqual(urisIn(before));
    for (const uri of urisIn(after)) expect(await status(`${endpoint}/app/${uri}`)).toBe(200);
    // The last slice is cut by the end of the push, which ffmpeg does not wait for.
    const ended = emulator.events.waitFor('live.ended');
    await pushWithFfmpeg(clip('h264-aac.flv'), `rtmp://127.0.0.1:${port}/app/s1`).done;
    await ended;
    const continued = await (await fetch(`${endpoint}/app/s1.m3u8`)).text();
    expect(urisIn(continued).slice(0, urisIn(after).length)).toEqual(urisIn(after));
    expect(urisIn(continued).length).toBe(urisIn(after).length + 6);
    expect(continued.match(/#EXT-X-DISCONTINUITY\n/g)).toHaveLength(2);
    expect(continued).not.toContain('#EXT-X-ENDLIST');
  });

  it('ends with the push, if it is to wait for no other, and stays', async () => {
    const started = await startStream({ hlsGraceSec: 0 });
    await endWatched(started);
    const ended = await (await fetch(`${started.endpoint}/_emulator/live/app/s1.m3u8`)).text();
    expect(ended).toMatch(/\n#EXT-X-ENDLIST\n$/);
    const entries = 'stream=nb_read_packets';
    const options = ['-v', 'warning', '-count_packets', '-select_streams', 'v', '-show_entries', entries];
    const url = `${started.endpoint}/app/s1.m3u8`;
    const { stdout, stderr } = await run('ffprobe', options.concat('-of', 'csv=p=0', url));
    expect(complaints(stderr)).toBe('');
    expect(Number.parseInt(stdout, 10)).toBeGreaterThanOrEqual(50);
  });

  it('ends at once when the emulator ends the push', async () => {
    const { endpoint, emulator } = await startStream({ auth: 'off' });
    await fetch(`${endpoint}/app/s1.m3u8`);
    const ended = emulator.events.waitFor('live.ended');
    const query = 'Action=ForbidLiveStream&DomainName=d&AppName=app&StreamName=s1&LiveStreamType=publisher';
    const answer = await fetch(`${endpoint}/?${query}&Version=2016-11-01&Format=JSON`, { method: 'POST' });
    expect(answer.status).toBe(200);
    await ended;
    expect(await (await fetch(`${endpoint}/app/s1.m3u8`)).text()).toContain('#EXT-X-ENDLIST');
  });

  it('needs its auth_key when the push has ended, too', async () => {
    const key = 'MainKey123456789';
    const sign = (path: string) => `?auth_key=${signAuthKey(path, Math.floor(Date.now() / 1000) + 60, '0', '0', key)}`;
    const started = await startStream({ liveAuthKeys: [{ domain: '*', key }] }, '/app/s1', sign('/app/s1'));
    const query = sign('/app/s1.m3u8');
    const [uri = ''] = urisIn(await endWatched(started, query));
    const { endpoint } = started;
    expect(await status(`${endpoint}/app/s1.m3u8`)).toBe(403);
    expect(await status(`${endpoint}/app/s1.m3u8${query}`)).toBe(200);
    expect(await status(`${endpoint}/app/${uri}`)).toBe(200);
    expect(await status(`${endpoint}/app/${uri.replace(/\?.*/, '')}`)).toBe(403);
  });

  it('that has ended yields to a bucket of the same name, and is no HTTP-FLV any more', async () => {
    const started = await startStream();
    await endWatched(started);
    const { endpoint, client, emulator } = started;
    expect(await (await fetch(`${endpoint}/app/s1.flv`)).text()).toContain('<Code>NoSuchBucket</Code>');
    expect(await status(`${endpoint}/_emulator/live/app/s1.flv`)).toBe(404);
    expect(await status(`${endpoint}/app/s2.m3u8`)).toBe(404);
    await client.putBucket('app');
    expect(await (await fetch(`${endpoint}/app/s1.m3u8`)).text()).toContain('<Code>AccessDenied</Code>');
    await emulator.control.reset();
    expect(await (await fetch(`${endpoint}/app/s1.m3u8`)).text()).toContain('<Code>NoSuchBucket</Code>');
  });

  it('that nobody pushes is an object to OSS, and nothing below the path of its own', async () => {
    const { endpoint } = await startTestEmulator();
    expect(await (await fetch(`${endpoint}/app/s1.m3u8`)).text()).toContain('<Code>NoSuchBucket</Code>');
    expect(await status(`${endpoint}/_emulator/live/app/s1.m3u8`)).toBe(404);
  });
});

it('a bucket that the host names has its keys for itself, also those that look like our paths', async () => {
  const { port } = await startTestEmulator({ buckets: [{ name: 'live', acl: 'public-read' }] });
  const textOf = (path: string, host: string, method?: string) =>
    textAs(`http://127.0.0.1:${port}${path}`, host, method);
  expect(await textOf('/channel/playlist.m3u8', 'live.localhost')).toContain('<Code>NoSuchKey</Code>');
  expect(await textOf('/_emulator/live/app/s1.flv', 'live.localhost')).toContain('<Code>NoSuchKey</Code>');
  expect(await textOf('/_whep/key', 'live.oss.localhost', 'PUT')).toContain('<Code>AccessDenied</Code>');
  expect(await textOf('/channel/playlist.m3u8', 'play.live.localhost')).toContain('Nothing is live');
});

function urisIn(playlist: string): readonly string[] {
  return playlist.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

/** `fetch` does not allow to set the Host. */
async function ask(url: string, host: string, method = 'GET'): Promise<IncomingMessage> {
  const asking = request(url, { method, headers: { host } }).end();
  const [response] = await once(asking, 'response');
  return response;
}

async function statusAs(url: string, host: string): Promise<number | undefined> {
  const response = await ask(url, host);
  response.destroy();
  return response.statusCode;
}

async function textAs(url: string, host: string, method?: string): Promise<string> {
  return text(await ask(url, host, method));
}
