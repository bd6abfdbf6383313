import { readFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { buffer, text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import OSS from 'ali-oss';
import { describe, expect, it } from 'vitest';
import { startEmulator } from '../../../src/index.ts';
import { controlOf } from '../../support/control.ts';
import { channelConfig } from '../../support/emulator.ts';
import { POSTGRES, testPostgres } from '../../support/postgres.ts';
import { describeWith, NETWORK, networkAddress } from '../../support/tools.ts';

/** A request with headers that fetch would not send. */
function rawRequest(url: string, headers: Record<string, string>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, resolve).on('error', reject).end();
  });
}

async function rawText(url: string, headers: Record<string, string>): Promise<{ status: number; body: string }> {
  const response = await rawRequest(url, headers);
  return { status: response.statusCode ?? 0, body: await text(response) };
}

describe('the control API', () => {
  it('tells health, readiness and how it was started', async () => {
    await using emulator = await startEmulator({ buckets: ['media'] });
    const control = controlOf(emulator);
    expect((await control('health', '/health')).body).toMatchObject({ status: 'ok', liveSessions: 0 });
    const ready = await control('ready', '/ready');
    expect([ready.status, ready.body.ready]).toEqual([200, true]);
    expect(ready.body.components.map(({ name }: { name: string }) => name)).toEqual([
      'http',
      'rtmp',
      'metadata',
      'objects',
      'segmenter',
    ]);
    expect((await control('info', '/info')).body).toMatchObject({
      endpoint: emulator.endpoint,
      accessKeyId: 'emulator-ak',
      storage: 'memory',
      rtmpPort: null,
      buckets: [{ name: 'media', acl: 'private' }],
    });
  });

  it.each([
    ['gzip, deflate, br', true],
    ['gzip;q=0.5', true],
    ['gzip;q=0', false],
    ['br', false],
    ['', false],
  ])('compresses large answers for who takes it: %j', async (acceptEncoding, isCompressed) => {
    await using emulator = await startEmulator();
    const ask = async (path: string) => {
      const response = await rawRequest(`${emulator.endpoint}/_emulator${path}`, { 'accept-encoding': acceptEncoding });
      const { headers } = response;
      const body = await buffer(response);
      expect(headers['content-length']).toBe(String(body.length));
      expect(headers['content-type']).toMatch('application/json');
      return { encoding: headers['content-encoding'], vary: headers.vary, body };
    };
    const large = await ask('/openapi.json');
    expect([large.encoding, large.vary]).toEqual([isCompressed ? 'gzip' : undefined, 'accept-encoding']);
    const json = (isCompressed ? gunzipSync(large.body) : large.body).toString();
    expect(JSON.parse(json).openapi).toMatch(/^3/);
    if (isCompressed) expect(large.body.length).toBeLessThan(json.length / 4);
    const small = await ask('/health');
    expect([small.encoding, small.vary]).toEqual([undefined, undefined]);
    expect(JSON.parse(small.body.toString()).status).toBe('ok');
  });

  it('counts what is stored', async () => {
    await using emulator = await startEmulator({ buckets: ['media', 'other'], channels: ['cam'] });
    const control = controlOf(emulator);
    const objects = [{ key: 'a', text: '12345' }, { key: 'b' }];
    await control('seed', '/seed', { buckets: [{ name: 'other', objects }] });
    expect((await control('usage', '/usage')).body).toEqual({
      buckets: [
        { name: 'media', objects: 0, sizeBytes: 0, channels: 1 },
        { name: 'other', objects: 2, sizeBytes: 5, channels: 0 },
      ],
    });
  });

  it('moves the clock', async () => {
    await using emulator = await startEmulator();
    const control = controlOf(emulator);
    expect((await control('clock', '/clock')).body).toMatchObject({ frozen: false, offsetMs: 0 });
    await control('freezeClock', '/clock/freeze');
    const set = await control('setClock', '/clock/set', { to: '2030-01-01T00:00:00Z' });
    expect(set.body).toMatchObject({ now: '2030-01-01T00:00:00.000Z', frozen: true });
    const advanced = await control('advanceClock', '/clock/advance', { ms: 1_500 });
    expect(advanced.body.now).toBe('2030-01-01T00:00:01.500Z');
    expect((await control('resumeClock', '/clock/resume')).body.frozen).toBe(false);
    expect((await control('resetClock', '/clock/reset')).body.offsetMs).toBe(0);
    expect(emulator.events.since(0).map(({ type }) => type)).toEqual(Array(5).fill('clock.changed'));
    expect((await control('setClock', '/clock/set', { to: 'soon' })).body.error).toContain(
      'to must be an ISO 8601 time',
    );
  });

  it.each([
    ['advance', { ms: Number.MAX_SAFE_INTEGER }],
    ['advance', { ms: 8_640_000_000_000_000 }],
    ['set', { to: 8_640_000_000_000_001 }],
    ['set', { to: '9999-01-01T00:00:00Z' }],
    ['set', { to: '1969-12-31T23:59:59Z' }],
    ['set', { to: '-999999d' }],
  ])('refuses to %s the clock by %j', async (move, body) => {
    await using emulator = await startEmulator();
    const control = controlOf(emulator);
    const refused = await control(move === 'set' ? 'setClock' : 'advanceClock', `/clock/${move}`, body);
    expect(refused).toMatchObject({ status: 400, body: { error: expect.stringContaining('9998-12-31T23:59:59Z') } });
    expect((await control('clock', '/clock')).body).toMatchObject({ frozen: false, offsetMs: 0 });
    expect((await fetch(`${emulator.endpoint}/examplebucket/none`)).status).toBe(404);
  });

  it('sets, lists and removes faults', async () => {
    await using emulator = await startEmulator();
    const control = controlOf(emulator);
    const rule = { match: { operation: 'GetBucketInfo' }, effect: { code: 'ServiceUnavailable' }, count: 1 };
    const { body: added } = await control('addFault', '/faults', rule);
    expect(added).toMatchObject({ rule, phase: 'request', matched: 0, fired: 0 });
    expect((await fetch(`${emulator.endpoint}/examplebucket?bucketInfo`)).status).toBe(503);
    expect((await control('faults', '/faults')).body.faults).toMatchObject([{ id: added.id, fired: 1 }]);
    await control('removeFault', `/faults/${added.id}`);
    expect((await control('removeFault', `/faults/${added.id}`)).status).toBe(404);
    await control('addFault', '/faults', rule);
    await control('clearFaults', '/faults');
    expect((await control('faults', '/faults')).body).toEqual({ faults: [] });
    const misspelt = await control('addFault', '/faults', { match: { opertion: 'x' }, effect: {} });
    expect(misspelt).toEqual({
      status: 400,
      body: { error: 'The request: match unknown field "opertion" (did you mean "operation"?).' },
    });
  });

  it('names the operations that a rule can match, and the nearest one to another', async () => {
    await using emulator = await startEmulator();
    const control = controlOf(emulator);
    const { body: names } = await control('faultOperations', '/faults/operations');
    expect(names.oss).toContain('PutLiveChannel');
    expect(names.live).toContain('DescribeLiveStreamsOnlineList');
    const rule = (operation: string) => ({ match: { operation }, effect: { code: 'InternalError' } });
    const misspelt = await control('addFault', '/faults', rule('PutLiveChanel'));
    expect(misspelt).toMatchObject({ status: 400, body: { error: expect.stringContaining('"PutLiveChannel"?') } });
    const foreign = await control('addFault', '/faults', rule('PutChannel'));
    expect(foreign).toMatchObject({
      status: 400,
      body: { error: expect.stringMatching(/nearest are PutLiveChannel, /) },
    });
    for (const operation of [...names.oss, ...names.live]) {
      expect(await control('addFault', '/faults', { match: { operation }, effect: { reset: true } })).toMatchObject({
        status: 201,
      });
    }
  });

  it('publishes, shows the channel live, its fragments and history, and makes a VOD playlist', async () => {
    await using emulator = await startEmulator({ buckets: ['media'] });
    const control = controlOf(emulator);
    emulator.clock.freeze();
    const fromMs = emulator.clock.now();
    const { body: begun } = await control('publish', '/publish', { channel: 'cam', durationSec: 3_600 });
    expect(begun).toMatchObject({ bucket: 'media', channel: 'cam', state: 'running', detail: null });
    await control('advanceClock', '/clock/advance', { ms: 13_000 });

    const { body: channel } = await control('channel', '/channels/media/cam');
    expect(channel).toMatchObject({
      state: 'live',
      live: { video: { width: 640, frameRate: 25 }, audio: { codec: 'AAC' } },
    });
    expect(channel.live.totals.videoFrames).toBeGreaterThan(300);
    expect((await control('publishes', '/publish')).body.publishes).toMatchObject([{ id: begun.id, state: 'running' }]);
    const stopped = await control('stopPublish', `/publish/${begun.id}`);
    expect(stopped.body).toMatchObject({ state: 'ended' });
    expect((await control('stopPublish', '/publish/none')).status).toBe(404);

    const { body: list } = await control('fragments', '/channels/media/cam/fragments');
    expect(
      list.fragments.map(({ name, durationMs }: { name: string; durationMs: number }) => [name, durationMs]),
    ).toEqual([
      // The first picture waits for the second one.
      [`${fromMs + 40}.ts`, 6_000],
      [`${fromMs + 6_000}.ts`, 6_000],
      [`${fromMs + 12_000}.ts`, expect.any(Number)],
    ]);
    const latest = await control('fragments', `/channels/media/cam/fragments?limit=1&fromMs=${fromMs}`);
    expect(latest.body.fragments).toMatchObject([{ sequence: 2 }]);
    expect((await control('history', '/channels/media/cam/history')).body.pushes).toMatchObject([
      { startedMs: fromMs },
    ]);

    const { body: vod } = await control('vod', '/channels/media/cam/vod', { from: fromMs, to: 'now' });
    expect(vod.key).toBe('cam/vod.m3u8');
    const playlist = await (await fetch(vod.url)).text();
    expect(playlist.match(/^\d+\.ts\?Expires=\d+&OSSAccessKeyId=emulator-ak&Signature=/gm)).toHaveLength(3);
    const first = playlist.split('\n').find((line) => line.includes('.ts?')) ?? '';
    expect((await fetch(`${emulator.endpoint}/media/cam/${first}`)).status).toBe(200);
    const empty = await control('vod', '/channels/media/none/vod', { from: fromMs, to: 'now' });
    expect(empty).toEqual({
      status: 404,
      body: { error: 'There is no channel "none" in the bucket "media".' },
    });
    expect((await control('channel', '/channels/media/none')).status).toBe(404);
    expect((await control('publish', '/publish', { channel: 'cam', bucket: 'none' })).status).toBe(404);
  });

  it('signs what an encoder and a player need', async () => {
    await using emulator = await startEmulator({ buckets: ['media'] });
    const askedMs = emulator.clock.now();
    const { body } = await controlOf(emulator)('sign', '/sign', { channel: 'test-channel', expiresSec: 60 });
    expect(`${body.server}/${body.streamKey}`).toBe(body.url);
    expect(body.server).toBe(`rtmp://127.0.0.1:${emulator.port}/media/live`);
    expect(body.ffmpeg).toContain(`-f flv '${body.url}'`);
    expect(body.expiresMs).toBeGreaterThan(askedMs + 59_000);
    expect(body.expiresMs).toBeLessThanOrEqual(emulator.clock.now() + 60_000);
    await (await emulator.publish({ channel: 'test-channel', speed: 'max' })).done;
    const playlist = await fetch(body.playUrl);
    expect([playlist.status, (await playlist.text()).includes('Signature=')]).toEqual([200, true]);
    const missing = await controlOf(emulator)('sign', '/sign', { channel: 'none' });
    expect(missing).toMatchObject({
      status: 404,
      body: { error: 'There is no channel "none" in the bucket "media".' },
    });
  });

  it('shows requests with the reason of a refusal', async () => {
    await using emulator = await startEmulator();
    const client = new OSS({ ...emulator.aliOssOptions, accessKeySecret: 'emulator-ak' });
    await expect(client.putChannel('cam', channelConfig())).rejects.toThrow();
    await fetch(`${emulator.endpoint}/examplebucket/none`);
    const control = controlOf(emulator);
    const { requests } = (await control('requests', '/requests?refused=true')).body;
    expect(requests).toHaveLength(2);
    const [none, cam] = requests;
    expect(none).toMatchObject({ operation: 'GetObject', key: 'none', status: 404, refusal: { code: 'NoSuchKey' } });
    expect(cam).toMatchObject({ status: 403, refusal: { code: 'SignatureDoesNotMatch', ec: '0002-00000040' } });
    expect(cam.refusal.reason).toContain('signed with the access key id in place of the secret');
    expect(cam.refusal.expectedStringToSign).toContain('/examplebucket/cam?live');
    expect(cam.refusal.signedStringToSign).toBe(cam.refusal.expectedStringToSign);
    expect((await control('requests', '/requests?operation=GetObject&limit=5')).body.requests).toHaveLength(1);
  });

  it('resets and seeds', async () => {
    await using emulator = await startEmulator();
    const control = controlOf(emulator);
    const seeded = await control('seed', '/seed', { buckets: [{ name: 'extra', objects: [{ key: 'a' }] }] });
    expect(seeded.body).toMatchObject({ buckets: 1, objects: 1 });
    expect((await control('reset', '/reset', { bucket: 'none' })).status).toBe(404);
    expect((await control('runLifecycle', '/lifecycle/run', { bucket: 'none' })).status).toBe(404);
    await control('reset', '/reset');
    expect((await control('sign', '/sign', { channel: 'test-channel', bucket: 'extra' })).status).toBe(404);
  });

  it('counts for Prometheus', async () => {
    await using emulator = await startEmulator();
    const control = controlOf(emulator);
    await (await emulator.publish({ channel: 'cam', speed: 'max' })).done;
    await fetch(`${emulator.endpoint}/examplebucket/none`);
    const { body } = await control('metrics', '/metrics');
    for (const line of [
      'oss_livechannel_requests_total{operation="GetObject",status="404",code="NoSuchKey"} 1',
      'oss_livechannel_fragments_total{bucket="examplebucket"} 2',
      'oss_livechannel_events_total{type="publish.accepted"} 1',
      'oss_livechannel_live_sessions 0',
      'oss_livechannel_bucket_objects{bucket="examplebucket"} 3',
    ]) {
      expect(body.split('\n')).toContain(line);
    }
    // Except for what is measured at the moment.
    const counted = (text: string) => text.replace(/^oss_livechannel_(connections|wait_seconds) .*$/gm, '');
    expect(counted((await control('metrics', '/metrics')).body)).toBe(counted(body));
  });
});

describe('the metrics', () => {
  it('count RPC requests and slices of live recordings apart from REST requests and fragments', async () => {
    await using emulator = await startEmulator({ auth: 'off', liveRecordBucket: 'recordings' });
    const control = controlOf(emulator);
    const ended = emulator.events.waitFor('live.ended');
    await (await emulator.publish({ url: `rtmp://127.0.0.1:${emulator.port}/app/s1`, speed: 'max' })).done;
    await ended;
    await fetch(`${emulator.endpoint}/?Action=DescribeLiveRecordConfig&Version=2016-11-01&Format=JSON`);
    for (const action of ['NoSuchAction', 'Other'.repeat(1_000)]) {
      await fetch(`${emulator.endpoint}/?Action=${action}&Version=2016-11-01&Format=JSON`);
    }
    await fetch(`${emulator.endpoint}/examplebucket/none`);
    const lines: string[] = (await control('metrics', '/metrics')).body.split('\n');
    const valuesOf = (name: string) =>
      lines.filter((line) => line.startsWith(`oss_livechannel_${name}`)).map((line) => line.replace(/^[^{]*/, ''));
    expect(valuesOf('requests_total')).toEqual(['{operation="GetObject",status="404",code="NoSuchKey"} 1']);
    expect(valuesOf('rpc_requests_total')).toEqual([
      expect.stringMatching(/^\{operation="DescribeLiveRecordConfig",status="400",code="\w+"\} 1$/),
      '{operation="unknown",status="404",code="InvalidAction.NotFound"} 2',
    ]);
    expect(valuesOf('rpc_request_seconds_total')).toHaveLength(2);
    expect(valuesOf('fragments_total')).toEqual([]);
    const slices = emulator.events.since(0).flatMap((event) => (event.type === 'live.slice-stored' ? [event] : []));
    const bytes = slices.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const durationMs = slices.reduce((sum, slice) => sum + slice.durationMs, 0);
    expect(slices.length).toBeGreaterThan(1);
    expect(valuesOf('slices_total')).toEqual([`{bucket="recordings"} ${slices.length}`]);
    expect(valuesOf('slice_bytes_total')).toEqual([`{bucket="recordings"} ${bytes}`]);
    const [seconds = ''] = valuesOf('slice_media_seconds_total');
    expect(Number(seconds.replace('{bucket="recordings"} ', ''))).toBeCloseTo(durationMs / 1000);
  });

  it('count what exceeds a thousand sets of label values together', async () => {
    await using emulator = await startEmulator();
    for (let n = 0; n < 1_500; n++) {
      const place = { bucket: `b${n}`, channel: 'cam', sessionId: 's', key: 'cam/1.ts', sequence: 0 };
      emulator.events.emit({ type: 'fragment.stored', ...place, durationMs: 1_000, sizeBytes: 1 });
    }
    const lines: string[] = (await controlOf(emulator)('metrics', '/metrics')).body.split('\n');
    const counted = lines.filter((line) => line.startsWith('oss_livechannel_fragments_total'));
    expect(counted).toHaveLength(1_001);
    expect(counted.at(-1)).toBe('oss_livechannel_fragments_total{bucket="other"} 500');
  });

  it('are all in docs/metrics.md', async () => {
    await using emulator = await startEmulator();
    const { body } = await controlOf(emulator)('metrics', '/metrics');
    const page = await readFile(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
    const documented = [...page.matchAll(/^\| `(oss_livechannel_\w+)`/gm)].map(([, name]) => name);
    const given = [...String(body).matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name);
    expect(documented).toEqual(given);
  });
});

describe('callers', () => {
  it('of other origins and other names are refused', async () => {
    await using emulator = await startEmulator();
    const url = `${emulator.endpoint}/_emulator/health`;
    const host = `127.0.0.1:${emulator.port}`;
    const statusWith = async (headers: Record<string, string>) => (await rawText(url, headers)).status;
    expect(await statusWith({ host, origin: `http://${host}` })).toBe(200);
    expect(await statusWith({ host: `localhost:${emulator.port}` })).toBe(200);
    expect(await statusWith({ host, origin: 'http://evil.example' })).toBe(403);
    expect(await statusWith({ host, origin: 'null' })).toBe(403);
    expect(await statusWith({ host, 'sec-fetch-site': 'cross-site' })).toBe(403);
    const followedLink = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    expect(await statusWith({ host, ...followedLink })).toBe(200);
    expect(await statusWith({ host, ...followedLink, 'sec-fetch-dest': 'iframe' })).toBe(403);
    expect(await statusWith({ host, ...followedLink, origin: 'http://evil.example' })).toBe(403);
    // A foreign host name that resolves to this machine.
    expect(await statusWith({ host: 'evil.example', origin: 'http://evil.example' })).toBe(403);
  });

  it('find nothing when it is off, and help when they are lost', async () => {
    await using off = await startEmulator({ noAdmin: true });
    expect((await fetch(`${off.endpoint}/_emulator/health`)).status).toBe(400);
    await using on = await startEmulator();
    const lost = await fetch(`${on.endpoint}/_emulator/helth`);
    expect([lost.status, await lost.json()]).toEqual([404, { error: expect.stringContaining('openapi.json') }]);
    const wrong = await fetch(`${on.endpoint}/_emulator/faults`, { method: 'PUT' });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST, DELETE']);
    expect(await wrong.json()).toEqual({
      error: '/_emulator/faults takes GET, HEAD, POST, DELETE, not PUT; see /_emulator/openapi.json.',
    });
    const ofPage = await fetch(`${on.endpoint}/_emulator/`, { method: 'POST' });
    expect([ofPage.status, ofPage.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    const broken = await fetch(`${on.endpoint}/_emulator/reset`, { method: 'POST', body: '{' });
    expect([broken.status, await broken.text()]).toEqual([400, expect.stringContaining('is not JSON')]);
  });
});

describe('a person who opens an address in a browser', () => {
  const NAVIGATION = {
    accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'sec-fetch-site': 'none',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
  };

  it.each([
    ['where there is nothing', '/nonsense', NAVIGATION, 403, 'In a browser only the page'],
    [
      'with an old browser',
      '/nonsense',
      { accept: NAVIGATION.accept },
      404,
      'There is nothing at /_emulator/nonsense;',
    ],
    ['of a call', '/channels', NAVIGATION, 403, 'In a browser only the page'],
    ['with a foreign name', '/', { ...NAVIGATION, host: '<b>.example' }, 403, 'the name "&lt;b&gt;.example"'],
  ])('reads a text that leads to the page: %s', async (_name, path, headers, status, text) => {
    await using emulator = await startEmulator();
    const response = await rawRequest(`${emulator.endpoint}/_emulator${path}`, headers);
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(response.headers['content-security-policy']).toContain("default-src 'none'");
    const html = await buffer(response).then(String);
    expect(html).toContain(text);
    expect(html).toContain('<a href="/_emulator/">');
  });
});

describeWith([NETWORK], 'callers on other machines', () => {
  it('are refused, unless they are let in, and may always ask whether it is there', async () => {
    await using closed = await startEmulator({ host: '0.0.0.0' });
    const refused = await fetch(`http://${networkAddress}:${closed.port}/_emulator/info`);
    expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining('--admin-anywhere')]);
    expect((await fetch(`http://${networkAddress}:${closed.port}/_emulator/health`)).status).toBe(200);
    await using open = await startEmulator({ host: '0.0.0.0', adminAnywhere: true });
    expect((await fetch(`http://${networkAddress}:${open.port}/_emulator/info`)).status).toBe(200);
  });
});

describeWith([POSTGRES], 'the control API of an emulator with a shared database', () => {
  it('tells that database as its storage', async () => {
    const metadata = await (await testPostgres()).createDatabase();
    await using emulator = await startEmulator({ metadata });
    const { storage } = (await controlOf(emulator)('info', '/info')).body;
    const { host, pathname } = new URL(metadata);
    expect(storage).toMatch(/^postgres/);
    expect(storage).toContain(`${host}${pathname}`);
  });
});
