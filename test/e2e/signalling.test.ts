import { expect, it, onTestFinished } from 'vitest';
import { signAuthKey } from '../../src/aliyun/auth/auth-key.ts';
import { createLog } from '../../src/base/log.ts';
import type { Config } from '../../src/config/config.ts';
import type { EmulatorDeps } from '../../src/emulator/emulator.ts';
import { writeRoomToken } from '../../src/live/rooms/token.ts';
import { clip, startTestEmulator } from '../support/emulator.ts';
import { offerOf } from '../support/offer.ts';
import { describeWith, pushWithFfmpeg } from '../support/tools.ts';

const WHEP = { 'content-type': 'application/sdp' };
/** The content type that the RTS SDK sends with its JSON. */
const RTS = { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' };

async function startStream(options: Partial<Config> = {}, query = '', deps: EmulatorDeps = {}) {
  const started = await startTestEmulator(options, deps);
  const published = started.emulator.events.waitFor('live.published');
  const url = `rtmp://127.0.0.1:${started.port}/app/s1${query}`;
  const push = pushWithFfmpeg(clip('h264-aac.flv'), url, ['-re', '-stream_loop', '-1']);
  onTestFinished(async () => {
    push.kill('SIGTERM');
    await push.done;
  });
  await published;
  return { ...started, url: `${started.endpoint}/app/s1` };
}

async function post(url: string, headers: Record<string, string>, body: string) {
  const response = await fetch(url, { method: 'POST', headers, body });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

function rtsBody(fields: object = {}, sdp: unknown = offerOf('h264', 'opus')): string {
  const pull = { url: 'artc://127.0.0.1/app/s1', amsid: ['rts audio'], vmsid: ['rts video'] };
  return JSON.stringify({ version: 2, mode: 'live', pull_streams: [pull], jsep: { type: 'offer', sdp }, ...fields });
}

describeWith(['ffmpeg'], 'an offer', () => {
  it('by WHEP is answered with 201, the answer and where to end it', async () => {
    const { url } = await startStream();
    const { status, headers, text } = await post(url, WHEP, offerOf('h264', 'opus'));
    expect(status).toBe(201);
    expect(headers.get('content-type')).toBe('application/sdp');
    expect(headers.get('location')).toMatch(/^\/_whep\/([^/]+\/)?[0-9a-f-]{36}$/);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-expose-headers')).toBe('location');
    expect(text).toMatch(/^v=0\r\n/);
    expect(text).toContain('a=sendonly');
  });

  it('gives its viewer one name, in the log and at the end of its session', async () => {
    const logged: string[] = [];
    const log = createLog('info', (line) => logged.push(line), Date.now);
    const { url, endpoint, emulator } = await startStream({}, '', { log });
    const location = (await post(url, WHEP, offerOf('h264'))).headers.get('location') ?? '';
    const left = emulator.events.waitFor('viewer.left');
    expect((await fetch(`${endpoint}${location}`, { method: 'DELETE' })).status).toBe(200);
    await left;
    const id = location.split('/').at(-1);
    expect(logged.filter((line) => line.includes(`${id}`)).map((line) => line.split(/\s+/)[2])).toEqual([
      'viewer.joined',
      'watch.ended',
      'viewer.left',
    ]);
  });

  it('by RTS is answered with JSON, in one simple request', async () => {
    const { url } = await startStream();
    const { status, headers, text } = await post(url, RTS, rtsBody());
    expect(status).toBe(200);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(JSON.parse(text)).toEqual({
      code: 200,
      message: 'success',
      trace_id: expect.any(String),
      jsep: { type: 'answer', sdp: expect.stringMatching(/^v=0\r\n/) },
    });
  });

  it('may leave a track out by the name of the stream', async () => {
    const { url } = await startStream();
    const { text } = await post(`${url}@subaudio=no`, WHEP, offerOf('h264', 'opus'));
    expect(text).toMatch(/m=audio 0 |a=inactive/);
    const soundOnly = await post(`${url}@subvideo=no`, WHEP, offerOf('opus'));
    expect(soundOnly.status).toBe(201);
  });

  it.each([
    ['nothing that is live', '/app/s2', offerOf('h264'), 404, 404],
    ['no room', '/_emulator/rooms/app-1/room/u1', offerOf('h264'), 404, 404],
    ['no H.264', '/app/s1', offerOf('vp8', 'opus'), 406, 400],
    ['no video', '/app/s1', offerOf('opus'), 406, 400],
    ['no SDP', '/app/s1', 'hello', 406, 400],
    ['no body', '/app/s1', '', 406, 400],
  ])('for %s is refused, each client in its words', async (_, path, sdp, whepStatus, rtsStatus) => {
    const { endpoint } = await startStream();
    const whep = await post(endpoint + path, WHEP, sdp);
    expect(whep.status).toBe(whepStatus);
    expect(whep.headers.get('access-control-allow-origin')).toBe('*');
    const rts = await post(endpoint + path, RTS, rtsBody({}, sdp));
    expect(rts.status).toBe(rtsStatus);
    expect(JSON.parse(rts.text)).toEqual({ code: rtsStatus, message: expect.stringMatching(/\w/) });
    expect(rts.headers.get('access-control-allow-origin')).toBe('*');
  });

  it('that is too long is told so, at every address of the stream and in both protocols', async () => {
    const { url, endpoint } = await startStream();
    const error = 'the offer has more than 65536 bytes';
    const long = offerOf('h264') + 'a=x\r\n'.repeat(14_000);
    const targets = [
      url,
      `${url}@subaudio=no`,
      `${endpoint}/_emulator/live/app/s1`,
      `${endpoint}/_emulator/rooms/a/b/c`,
    ];
    for (const target of targets) {
      expect(await post(target, WHEP, long)).toMatchObject({ status: 406, text: `${error}\n` });
      const rts = await post(target, RTS, rtsBody({}, long));
      expect([rts.status, JSON.parse(rts.text)]).toEqual([400, { code: 400, message: error }]);
    }
    const chunks = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from(long));
        controller.close();
      },
    });
    const chunked = await fetch(url, { method: 'POST', headers: WHEP, body: chunks, duplex: 'half' });
    expect(chunked.status).toBe(406);
  });

  it.each([
    ['that publishes', rtsBody({ mode: 'rtc', push_stream: {} }), 'publishing over WebRTC is not supported'],
    ['without sdp', rtsBody({ jsep: { type: 'offer' } }), 'jsep has no sdp'],
    ['of null', rtsBody({ jsep: null }), 'jsep has no sdp'],
  ])('by RTS %s is refused', async (_, body, message) => {
    const { url } = await startStream();
    const { status, text } = await post(url, RTS, body);
    expect({ status, json: JSON.parse(text) }).toEqual({ status: 400, json: { code: 400, message } });
  });

  it('needs the auth_key of its domain, if that has one, by every address and in both protocols', async () => {
    const key = 'MainKey123456789';
    const authKey = signAuthKey('/app/s1', Math.floor(Date.now() / 1000) + 60, '0', '0', key);
    const { url, endpoint } = await startStream({ liveAuthKeys: [{ domain: '*', key }] }, `?auth_key=${authKey}`);
    const statuses = async (query: string) => [
      (await post(`${url}${query}`, WHEP, offerOf('h264'))).status,
      (await post(`${endpoint}/_emulator/live/app/s1${query}`, WHEP, offerOf('h264'))).status,
      (await post(`${url}${query}`, RTS, rtsBody())).status,
    ];
    expect(await statuses(`?auth_key=${authKey}`)).toEqual([201, 201, 200]);
    for (const query of [
      '',
      '?auth_key=1-2-3-4',
      '?vhost=',
      '?vhost=other.test',
      `?auth_key=&auth_key=${authKey}`,
      `?AUTH_KEY=${authKey}`,
      `?auth_key=${signAuthKey('/app/s1.flv', Math.floor(Date.now() / 1000) + 60, '0', '0', key)}`,
    ]) {
      expect(await statuses(query), query).toEqual([403, 403, 403]);
    }
  });

  it('needs the auth_key of a room, whose address anybody can write who knows the names in it', async () => {
    const { emulator, endpoint } = await startTestEmulator();
    const user = { appId: 'app-1', channelId: 'room', userId: 'u1' };
    const { rtmpAddress } = emulator.control.live.roomAddress(user);
    const joined = emulator.events.waitFor('room.joined');
    const push = pushWithFfmpeg(clip('h264-aac.flv'), rtmpAddress, ['-re', '-stream_loop', '-1']);
    onTestFinished(async () => {
      push.kill('SIGTERM');
      await push.done;
    });
    await joined;
    const { pathname, search } = new URL(rtmpAddress.replace('rtmp:', 'http:'));
    const [, app] = pathname.split('/');
    const forged = `/${app}/${writeRoomToken({ ...user, displayName: 'u1' }, '0'.repeat(32))}`;
    const statuses = async (address: string, query: string) => [
      (await post(`${endpoint}${address}${query}`, WHEP, offerOf('h264'))).status,
      (await post(`${endpoint}${address}${query}`, RTS, rtsBody())).status,
      (await fetch(`${endpoint}${address}.flv${query}`, { method: 'HEAD' })).status,
    ];
    expect(await statuses(pathname, search)).toEqual([201, 200, 200]);
    expect(await statuses(pathname, '')).toEqual([403, 403, 403]);
    expect(await statuses(forged, '')).toEqual([403, 403, 403]);
    expect(await statuses(forged, search)).toEqual([403, 403, 403]);
    expect((await fetch(`${endpoint}${forged}.m3u8`)).status).toBe(403);
  });

  it('of another page is preceded by a preflight', async () => {
    const { url, endpoint } = await startStream();
    const asked = { origin: 'http://elsewhere.test', 'access-control-request-method': 'POST' };
    for (const target of [url, `${endpoint}/_whep/x`]) {
      const preflight = await fetch(target, { method: 'OPTIONS', headers: asked });
      expect(preflight.status).toBe(204);
      expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
      expect(preflight.headers.get('access-control-allow-headers')).toContain('content-type');
    }
  });
});

it('a session can be deleted, and nothing else', async () => {
  const { endpoint } = await startTestEmulator();
  const patch = await fetch(`${endpoint}/_whep/x`, { method: 'PATCH', body: 'a=candidate' });
  expect({ status: patch.status, allow: patch.headers.get('allow') }).toEqual({
    status: 405,
    allow: 'DELETE, OPTIONS',
  });
  expect((await fetch(`${endpoint}/_whep/x`, { method: 'DELETE' })).status).toBe(404);
});

it('what is posted to a path like that of a stream, and is no offer, is for OSS', async () => {
  const { endpoint } = await startTestEmulator();
  const form = await post(`${endpoint}/examplebucket/key`, RTS, 'a=b');
  expect(form.text).toContain('<Code>');
  const json = await post(`${endpoint}/examplebucket/key`, { 'content-type': 'application/json' }, '{"a":1}');
  expect(json.text).toContain('<Code>');
  const long = await post(`${endpoint}/examplebucket/key`, WHEP, 'v'.repeat(70_000));
  expect(long.text).toContain('<Code>');
  const preflight = await fetch(`${endpoint}/examplebucket/key`, {
    method: 'OPTIONS',
    headers: { origin: 'http://elsewhere.test', 'access-control-request-method': 'POST' },
  });
  expect(preflight.status).toBe(403);
});
