import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { promisify } from 'node:util';
import OSS from 'ali-oss';
import { describe, expect, it } from 'vitest';
import { type RunningEmulator, startEmulator } from '../../../src/index.ts';
import { controlOf } from '../../support/control.ts';
import { channelConfig, createClient } from '../../support/emulator.ts';
import { describeWith } from '../../support/tools.ts';

const run = promisify(execFile);

/** The latest request of an operation, or of all, as the control API says to make it again. */
async function repeatOf(emulator: RunningEmulator, operation: string) {
  const control = controlOf(emulator);
  const filter = operation === '' ? '' : `?operation=${encodeURIComponent(operation)}`;
  const [latest] = (await control('requests', `/requests${filter}`)).body.requests;
  return (await control('repeatRequest', `/requests/${latest.requestId}`)).body;
}

/** The operations that the emulator has answered, in order, each with its status. */
function answered(emulator: RunningEmulator): readonly string[] {
  return emulator.events
    .since(0)
    .flatMap((event) => (event.type === 'request.answered' ? [`${event.operation} ${event.status}`] : []));
}

function codeOf(repeat: { readonly code: readonly { readonly name: string; readonly code: string }[] }, name: string) {
  return repeat.code.find((code) => code.name === name)?.code ?? '';
}

/** With the path as it is, to a host that needs no resolution. */
async function send({ port }: RunningEmulator, host: string, path: string): Promise<void> {
  const asked = request({ port, host: '127.0.0.1', path, headers: { host: `${host}:${port}` } }).end();
  const [response] = await once(asked, 'response');
  await once(response.resume(), 'end');
}

function runNode(code: string): Promise<unknown> {
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
  return AsyncFunction('OSS', code)(OSS);
}

/** Each call of ali-oss makes one request of the operation. */
const NODE_CALLS: readonly (readonly [operation: string, call: (client: OSS) => Promise<unknown>])[] = [
  ['PutLiveChannel', (client) => client.putChannel('cam "1"', channelConfig({ FragDuration: 7 }))],
  ['ListLiveChannel', (client) => client.listChannels({ prefix: 'test' } as OSS.ListChannelsQuery)],
  ['GetLiveChannelInfo', (client) => client.getChannel('test-channel')],
  ['GetLiveChannelStat', (client) => client.getChannelStatus('test-channel')],
  ['GetLiveChannelHistory', (client) => client.getChannelHistory('test-channel')],
  ['PutLiveChannelStatus', (client) => client.putChannelStatus('test-channel', 'disabled')],
  ['DeleteLiveChannel', (client) => client.deleteChannel('test-channel')],
  ['GetObject', (client) => client.get('a/b c.txt')],
  ['HeadObject', (client) => client.head('a/b c.txt')],
  ['CopyObject', (client) => client.copy('copy', 'a/b c.txt')],
  ['PutObjectACL', (client) => client.putACL('a/b c.txt', 'private')],
  ['GetObjectACL', (client) => client.getACL('a/b c.txt')],
  ['GetBucket (ListObjects)', (client) => client.list({ prefix: 'a/', 'max-keys': 3 }, {})],
  ['ListObjectsV2', (client) => client.listV2({ prefix: 'a/' }, {})],
  ['DeleteObject', (client) => client.delete('a/b c.txt')],
  ['GetService', (client) => client.listBuckets({})],
  ['GetBucketInfo', (client) => client.getBucketInfo('examplebucket')],
];

async function startWithObject(options = {}) {
  const emulator = await startEmulator({ buckets: ['examplebucket'], ...options });
  const client = createClient(emulator.port);
  await client.put('a/b c.txt', Buffer.from('text'));
  return { emulator, client };
}

describe('a request made again with the code that is copied', () => {
  it.each(NODE_CALLS)('%s, with ali-oss', async (operation, call) => {
    const { emulator, client } = await startWithObject();
    await using _ = emulator;
    await call(client);
    const repeat = await repeatOf(emulator, operation);
    expect(repeat.missing).toEqual([]);
    const before = answered(emulator);
    await runNode(codeOf(repeat, 'Node'));
    expect(answered(emulator).slice(before.length)).toEqual([before.at(-1)]);
  });

  it('names a file where the body is not kept', async () => {
    const { emulator } = await startWithObject();
    await using _ = emulator;
    const repeat = await repeatOf(emulator, 'PutObject');
    expect(repeat).toMatchObject({ body: null, missing: ['body'] });
    expect(repeat.curl).toContain('--data-binary @BODY_FILE');
    expect(codeOf(repeat, 'Go')).toContain('bucket.PutObjectFromFile("a/b c.txt", "BODY_FILE")');
  });
});

describeWith(['curl'], 'a request made again with curl', () => {
  it.each(NODE_CALLS)('%s', async (operation, call) => {
    const { emulator, client } = await startWithObject();
    await using _ = emulator;
    await call(client);
    const { curl } = await repeatOf(emulator, operation);
    const before = answered(emulator);
    await run('sh', ['-c', `${curl} --silent --show-error`]);
    expect(answered(emulator).slice(before.length)).toEqual([before.at(-1)]);
  });

  it('whose body names a file, and is none, sends the body', async () => {
    const { emulator } = await startWithObject();
    await using _ = emulator;
    const signed = await controlOf(emulator)('presign', '/presign', {
      method: 'PUT',
      bucket: 'examplebucket',
      key: 'cam',
      query: { live: '' },
    });
    await fetch(signed.body.url, { method: 'PUT', body: new Blob(['@/etc/hostname']) });
    const { curl, body } = await repeatOf(emulator, 'PutLiveChannel');
    expect(body).toBe('@/etc/hostname');
    await run('sh', ['-c', `${curl} --silent --show-error`]);
    expect((await repeatOf(emulator, 'PutLiveChannel')).body).toBe('@/etc/hostname');
  });

  it('that was refused for its signature is signed with the key of the emulator', async () => {
    await using emulator = await startEmulator({ buckets: ['examplebucket'], accessKeySecret: 'chosen-secret' });
    await expect(createClient(emulator.port).putChannel('cam', channelConfig())).rejects.toThrow('does not match');
    const [refused] = emulator.events.since(0).flatMap((event) => (event.type === 'request.answered' ? [event] : []));
    const { body } = await controlOf(emulator)('repeatRequest', `/requests/${refused?.requestId}`);
    expect(JSON.stringify(body)).not.toContain('chosen-secret');
    expect(body.missing).toEqual(['body']);
  });
});

describe('a request whose address is not kept', () => {
  it.each([
    ['DELETE', '/examplebucket/%00', 'path'],
    ['DELETE', '/examplebucket/%zz', 'path'],
    ['GET', '/examplebucket?prefix=a&prefix=b', 'repeated parameter prefix'],
    ['GET', '/examplebucket/a;password=hunter2hunter2', 'key'],
    ['GET', '/examplebucket/a?callback=eyJhIjoiYiJ9', 'parameter callback'],
  ])('has no command and no code: %s %s', async (method, target, missing) => {
    await using emulator = await startEmulator({ buckets: ['examplebucket'] });
    const response = await fetch(emulator.endpoint + target, { method });
    const requestId = response.headers.get('x-oss-request-id');
    const { status, body } = await controlOf(emulator)('repeatRequest', `/requests/${requestId}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ missing: [missing], curl: null, code: [] });
  });

  it('is told at the host of a bucket too', async () => {
    await using emulator = await startEmulator({ buckets: ['examplebucket'] });
    await send(emulator, 'examplebucket.localhost', '/a%zz');
    expect(await repeatOf(emulator, '')).toMatchObject({ missing: ['path'], curl: null, code: [] });
  });
});

describe('a copy of a source that cannot be read', () => {
  it('can be asked for, and has no code', async () => {
    await using emulator = await startEmulator({ buckets: ['examplebucket'] });
    const response = await fetch(`${emulator.endpoint}/examplebucket/copy`, {
      method: 'PUT',
      headers: { 'x-oss-copy-source': '/examplebucket/%zz' },
    });
    const requestId = response.headers.get('x-oss-request-id');
    const { status, body } = await controlOf(emulator)('repeatRequest', `/requests/${requestId}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ request: { headers: { 'x-oss-copy-source': '/examplebucket/%zz' } }, code: [] });
  });
});

describe('what is kept of a request', () => {
  it('is without signatures, and says what is left out', async () => {
    const { emulator } = await startWithObject();
    await using _ = emulator;
    const url = `${emulator.endpoint}/examplebucket/a/b%20c.txt`;
    const query = 'callback=eyJhIjoiYiJ9&Signature=c2VjcmV0LXNpZ25hdHVyZQ%3D%3D&OSSAccessKeyId=emulator-ak&Expires=1';
    const response = await fetch(`${url}?${query}`, { headers: { 'x-oss-meta-a': 'b', range: 'bytes=0-1' } });
    const requestId = response.headers.get('x-oss-request-id');
    const { body } = await controlOf(emulator)('repeatRequest', `/requests/${requestId}`);
    expect(body.request).toEqual({
      method: 'GET',
      bucket: 'examplebucket',
      key: 'a/b c.txt',
      query: {},
      headers: { range: 'bytes=0-1' },
    });
    expect(body.missing).toEqual(['header x-oss-meta-a', 'parameter callback']);
    expect(body.code).toEqual([]);
    expect(JSON.stringify(body)).not.toMatch(/c2VjcmV0|eyJhIjoiYiJ9/);
  });

  it('can be signed as it is, also of a request without a key or a bucket', async () => {
    const { emulator, client } = await startWithObject();
    await using _ = emulator;
    await client.listBuckets({});
    await client.getBucketInfo('examplebucket');
    for (const operation of ['GetService', 'GetBucketInfo']) {
      const { request } = await repeatOf(emulator, operation);
      const { body } = await controlOf(emulator)('presign', '/presign', request);
      expect((await fetch(body.url)).status, operation).toBe(200);
    }
  });

  it('is no document with what may be a secret', async () => {
    const { emulator, client } = await startWithObject();
    await using _ = emulator;
    const config = { ...channelConfig(), Description: 'secret=Zm9vYmFyYmF6cXV4' };
    await client.putChannel('cam', config);
    expect(await repeatOf(emulator, 'PutLiveChannel')).toMatchObject({ body: null, missing: ['body'] });
  });

  it('is forgotten by a reset, and never known of another request', async () => {
    const { emulator, client } = await startWithObject();
    await using _ = emulator;
    const control = controlOf(emulator);
    await client.getChannel('test-channel');
    const [latest] = (await control('requests', '/requests')).body.requests;
    await emulator.reset();
    for (const requestId of [latest.requestId, 'none']) {
      expect((await control('repeatRequest', `/requests/${requestId}`)).status).toBe(404);
    }
  });

  it('has the secret of the documented key only', async () => {
    const secretOf = async (accessKeySecret: string) => {
      await using emulator = await startEmulator({ buckets: ['examplebucket'], accessKeySecret });
      const client = new OSS(emulator.aliOssOptions);
      await client.getBucketInfo('examplebucket');
      return codeOf(await repeatOf(emulator, 'GetBucketInfo'), 'Python');
    };
    expect(await secretOf('emulator-secret')).toContain('oss2.Auth("emulator-ak", "emulator-secret")');
    expect(await secretOf('chosen-secret')).toContain('oss2.Auth("emulator-ak", "<secret of emulator-ak>")');
  });
});
