import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { FakeChannels } from './fake-channels.ts';
import { element, NOW_MS, refusal, signedQuery, startRestServer } from './rest-server.ts';

const LIVE = '/examplebucket/cam?live';

describe('every answer', () => {
  it('has the common headers and an id of 24 digits that begins with the time', async () => {
    const { send } = await startRestServer();
    const reply = await send('GET', '/examplebucket/?location');
    expect(reply.headers).toMatchObject({
      server: 'AliyunOSS',
      date: new Date(NOW_MS).toUTCString(),
      connection: 'close',
      'x-oss-server-time': '0',
      'content-length': String(reply.bytes.length),
    });
    const id = reply.headers['x-oss-request-id'];
    expect(id).toMatch(/^[0-9A-F]{24}$/);
    expect(Number.parseInt(String(id).slice(0, 8), 16)).toBe(NOW_MS / 1000);
  });

  it('tells how long it took', async () => {
    const clock = new ManualClock(NOW_MS);
    const channels = new FakeChannels();
    channels.stat = async () => {
      clock.advance(250);
      return { status: 'Idle' };
    };
    const { send, lines } = await startRestServer({ clock, channels });
    const reply = await send('GET', '/examplebucket/cam?live&comp=stat');
    expect(reply.headers['x-oss-server-time']).toBe('250');
    expect(lines[0]).toContain(' ms=250');
  });
});

describe('a refusal', () => {
  it('is a document in the service’s order of elements', async () => {
    const { send, port } = await startRestServer();
    const reply = await send('GET', '/examplebucket/missing');
    const id = reply.headers['x-oss-request-id'];
    expect(reply.text).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<Error>\n' +
        '  <Code>NoSuchKey</Code>\n  <Message>The specified key does not exist.</Message>\n' +
        `  <RequestId>${id}</RequestId>\n  <HostId>127.0.0.1:${port}</HostId>\n  <Key>missing</Key>\n` +
        '  <EC>0026-00000001</EC>\n' +
        '  <RecommendDoc>https://api.aliyun.com/troubleshoot?q=0026-00000001</RecommendDoc>\n</Error>\n',
    );
    expect(reply.headers).toMatchObject({ 'content-type': 'application/xml', 'x-oss-ec': '0026-00000001' });
  });

  it('of HEAD carries the document in a header', async () => {
    const { send } = await startRestServer();
    const reply = await send('HEAD', '/examplebucket/missing');
    expect([reply.status, reply.text]).toEqual([404, '']);
    const document = Buffer.from(String(reply.headers['x-oss-err']), 'base64').toString();
    expect(document).toContain('<Code>NoSuchKey</Code>');
    expect(document).toContain(`<RequestId>${reply.headers['x-oss-request-id']}</RequestId>`);
  });

  it('of a bug is InternalError, and the log has the stack', async () => {
    const channels = new FakeChannels();
    channels.info = async () => {
      throw new TypeError('a bug');
    };
    const { send, lines } = await startRestServer({ channels });
    const reply = await send('GET', LIVE);
    expect(refusal(reply)).toMatchObject({ status: 500, code: 'InternalError' });
    expect(reply.text).not.toContain('a bug');
    expect(lines[0]).toMatch(/ error bug id=[0-9A-F]{24} stack=.*TypeError: a bug/);
  });

  it('of a method names those that are allowed', async () => {
    const { send } = await startRestServer();
    const patch = await send('PATCH', '/examplebucket/key');
    expect(refusal(patch)).toEqual({ status: 405, code: 'MethodNotAllowed', ec: '0017-00000001' });
    expect([element(patch, 'Method'), element(patch, 'ResourceType')]).toEqual(['PATCH', 'object']);
    expect(patch.headers.allow).toBe('PUT, GET, HEAD, DELETE');
  });
});

describe('authentication', () => {
  it('reports a wrong secret with the string to sign', async () => {
    const { send, lines } = await startRestServer();
    const reply = await send('GET', LIVE, { key: { accessKeyId: 'emulator-ak', accessKeySecret: 'wrong' } });
    expect(refusal(reply)).toEqual({ status: 403, code: 'SignatureDoesNotMatch', ec: '0002-00000040' });
    expect(element(reply, 'StringToSign')).toContain('/examplebucket/cam?live');
    expect(lines[0]).toContain(' status=403 code=SignatureDoesNotMatch');
    expect(lines[0]).toContain(' reason=');
  });

  it('refuses unknown keys, skewed clocks, expired URLs, and credentials given twice', async () => {
    const { send } = await startRestServer();
    const unknown = await send('GET', LIVE, { key: { accessKeyId: 'nobody', accessKeySecret: 'x' } });
    expect(refusal(unknown)).toEqual({ status: 403, code: 'InvalidAccessKeyId', ec: '0002-00000902' });
    const target = '/examplebucket/key';
    const expired = await send('GET', `${target}?${signedQuery(target, NOW_MS / 1000 - 1)}`, { key: null });
    expect(refusal(expired)).toEqual({ status: 403, code: 'AccessDenied', ec: '0002-00000069' });
    const twice = await send('GET', `${target}?${signedQuery(target, NOW_MS / 1000 + 60)}`);
    expect(refusal(twice)).toMatchObject({ status: 400, code: 'InvalidArgument' });
  });

  it('comes before everything else', async () => {
    const { send } = await startRestServer();
    const reply = await send('GET', '/missing-bucket/cam?live', {
      key: { accessKeyId: 'nobody', accessKeySecret: 'x' },
    });
    expect(refusal(reply).code).toBe('InvalidAccessKeyId');
  });

  describe('takes the reading of an address whose signature fits; else the path of ali-oss on an IP endpoint', () => {
    const host = 'examplebucket.oss-cn-hangzhou.aliyuncs.com';
    const target = '/examplebucket/key';
    const ofPath = `${target}?${signedQuery(target, NOW_MS / 1000 + 60)}`;
    const ofHost = `${target}?${signedQuery(`/examplebucket${target}`, NOW_MS / 1000 + 60)}`;
    const ofNobody = `${target}?${signedQuery(target, NOW_MS / 1000 + 60, { accessKeyId: 'nobody', accessKeySecret: 'x' })}`;
    const late = `${target}?${signedQuery(target, NOW_MS / 1000 - 1)}`;

    it.each([
      ['strict', 'a signature of the path', ofPath, 'in the path'],
      ['strict', 'a signature of the host', ofHost, 'in the host'],
      ['strict', 'no signature', target, 'in the host'],
      ['loose', 'a signature of the path', ofPath, 'in the path'],
      ['loose', 'a signature of the host', ofHost, 'in the host'],
      ['loose', 'no signature', target, 'in the host'],
      ['loose', 'an unknown key', ofNobody, 'in the path'],
      ['loose', 'a signature that has expired', late, 'in the path'],
      ['off', 'a signature of the path', ofPath, 'in the path'],
      ['off', 'a signature of the host', ofHost, 'in the host'],
      ['off', 'no signature', target, 'in the host'],
      ['off', 'an unknown key', ofNobody, 'in the path'],
      ['off', 'a signature that has expired', late, 'in the path'],
    ] as const)('auth %s, %s', async (authMode, _name, asked, content) => {
      const { send, objects } = await startRestServer({ authMode, buckets: { examplebucket: 'public-read' } });
      await objects.put('examplebucket', 'key', Buffer.from('in the path'));
      await objects.put('examplebucket', 'examplebucket/key', Buffer.from('in the host'));
      expect((await send('GET', asked, { key: null, host })).text).toBe(content);
    });
  });
});

describe('the request log', () => {
  it('has one line per request, which the id of the answer finds', async () => {
    const { send, lines } = await startRestServer();
    const reply = await send('PUT', '/examplebucket/a%20b', { body: 'hello' });
    expect(lines).toEqual([
      `2025-01-01T00:00:00.000Z info  request id=${reply.headers['x-oss-request-id']} op=PutObject ` +
        'bucket=examplebucket key="a b" status=200 ms=0',
    ]);
  });

  it('never has a signature in it', async () => {
    const { send, lines } = await startRestServer();
    const target = '/examplebucket/key';
    const query = signedQuery(target, NOW_MS / 1000 + 60);
    await send('GET', `${target}?${query}x`, { key: null });
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain(new URLSearchParams(query).get('Signature'));
  });
});

it('answers a CNAME by the bucket it stands for', async () => {
  const { send, objects } = await startRestServer({ buckets: { examplebucket: 'public-read' } });
  await objects.put('examplebucket', 'key', Buffer.from('hello'));
  expect((await send('GET', '/key', { key: null, host: 'live.test:9000' })).text).toBe('hello');
});
